"""The catalogue as a portal harvests it: read as RDF, with all that DCAT-AP and CKAN ask for."""

from __future__ import annotations

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, Graph, URIRef

from dashboards import api, api_series
from dashboards.access import ROLES
from dashboards.api_contract import BASE

# rdflib's own reader of JSON-LD uses a class that rdflib will give up.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")

CATALOG = f"{BASE}/catalog.jsonld"
# Of a site that is not told its public address.
ADDRESS = "http://127.0.0.1:8050"
# Mandatory and recommended properties of DCAT-AP, all of which ckanext-dcat reads.
OF_DATASET = (
    DCTERMS.title,
    DCTERMS.description,
    DCTERMS.identifier,
    DCTERMS.publisher,
    DCTERMS.language,
    DCTERMS.license,
    DCTERMS.accessRights,
    DCTERMS.accrualPeriodicity,
    DCTERMS.spatial,
    DCAT.theme,
    DCAT.keyword,
    DCAT.landingPage,
    DCAT.distribution,
)
OF_DISTRIBUTION = (
    DCTERMS.title,
    DCTERMS.format,
    DCTERMS.license,
    DCAT.accessURL,
    DCAT.downloadURL,
    DCAT.mediaType,
)


@pytest.fixture
def graph(client):
    answer = client.get(CATALOG)
    assert answer.mimetype == "application/ld+json"
    return Graph().parse(data=answer.text, format="json-ld")


def datasets(graph):
    return list(graph.subjects(RDF.type, DCAT.Dataset))


def test_the_catalogue_says_whose_it_is_and_holds_every_dataset(graph):
    catalog = next(graph.subjects(RDF.type, DCAT.Catalog))
    for name in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.language):
        assert graph.value(catalog, name) is not None
    assert set(graph.objects(catalog, DCAT.dataset)) == set(datasets(graph))
    service = graph.value(catalog, DCAT.service)
    assert graph.value(service, DCAT.endpointDescription) == URIRef(f"{ADDRESS}{BASE}/openapi.json")
    assert set(graph.objects(service, DCAT.servesDataset)) == set(datasets(graph))


def test_every_dataset_and_distribution_has_what_a_harvester_asks_for(graph):
    for dataset in datasets(graph):
        for name in OF_DATASET:
            assert graph.value(dataset, name) is not None, (dataset, name)
        publisher = graph.value(dataset, DCTERMS.publisher)
        assert graph.value(publisher, FOAF.name) is not None
        for one in graph.objects(dataset, DCAT.distribution):
            assert (one, RDF.type, DCAT.Distribution) in graph
            for name in OF_DISTRIBUTION:
                assert graph.value(one, name) is not None, (one, name)


def test_every_series_is_a_dataset_with_its_period(graph):
    found = {str(graph.value(one, DCTERMS.identifier)): one for one in datasets(graph)}
    for name, series in api_series.registry().items():
        period = graph.value(found[f"series-{name}"], DCTERMS.temporal)
        assert str(graph.value(period, DCAT.startDate)) == f"{series.first_year}-01-01"
        assert str(graph.value(period, DCAT.endDate)) == "2026-03-11"


def test_every_download_answers_in_the_format_that_it_names(client, graph):
    for one in graph.subjects(RDF.type, DCAT.Distribution):
        url = str(graph.value(one, DCAT.downloadURL)).removeprefix(ADDRESS)
        if "/series/" in url and "hujan" not in url:
            continue
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert str(graph.value(one, DCAT.mediaType)).endswith(f"/{answer.mimetype}")


def test_the_terms_are_those_of_the_publishers_and_simulation_is_told(graph):
    found = {str(graph.value(one, DCTERMS.identifier)): one for one in datasets(graph)}
    gates = found["water-levels"]
    terms = graph.value(graph.value(gates, DCTERMS.license), RDFS.label)
    assert "Instansi Tinggi muka air: CC BY 4.0" in str(terms)
    assert "DATA SIMULASI" in str(graph.value(gates, DCTERMS.description))
    areas = graph.value(graph.value(found["areas"], DCTERMS.license), RDFS.label)
    assert "Pusat Komando Jakarta" in str(areas)


def test_the_catalogue_is_for_everyone_and_names_no_address_of_persons(client, graph):
    site = client.application.extensions["komando"]
    for endpoint in api.endpoints():
        rule = BASE + endpoint.path.replace("{", "<").replace("}", ">")
        assert all(site.access.may(role, f"route:{rule}") for role in ROLES.values())
    told = " ".join(str(url) for url in graph.objects(None, DCAT.accessURL))
    assert not any(word in told for word in ("camera", "officer", "kamera"))
