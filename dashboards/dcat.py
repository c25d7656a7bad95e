"""The catalogue of the open API in DCAT 3, as JSON-LD that a portal can harvest.

Its context is inside it, so that no harvester has to fetch one. Every series is a dataset of its
own, like every table, every layer and the alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from dashboards import api_openapi, api_series
from dashboards.api_contract import (
    ATOM,
    BASE,
    CSV,
    GEOJSON,
    JSON,
    Ask,
    Endpoint,
    Table,
)
from dashboards.api_meta import SIMULATED
from dashboards.site import Site
from data.boards import cut_of
from data.feeds import Feed
from data.series import Series

Node = dict[str, Any]

PUBLISHER = "Pusat Komando Jakarta"
OWN_TERMS = "Bebas digunakan dengan menyebut Pusat Komando Jakarta."
EU = "http://publications.europa.eu/resource/authority"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
}
FILE_TYPES = {JSON: "JSON", CSV: "CSV", GEOJSON: "GEOJSON", ATOM: "ATOM"}
# Around all of Jakarta with Kepulauan Seribu: west, south, east, north in degrees.
BOUNDS = (106.37, -6.38, 106.98, -5.18)
# Lists of the API itself are no data, nor are addresses that only others lead to.
NO_DATA = frozenset({"series", "series-places", "series-values", "layers"})


def catalogue(site: Site, ask: Ask, endpoints: Sequence[Endpoint]) -> Node:
    """Return the catalogue of the endpoints that hold data.

    Args:
        ask: Has the address of the site and the present moment.
    """
    base = f"{ask.root.rstrip('/')}{BASE}"
    known = site.versions.at(ask.as_of)
    datasets = [
        _table(base, endpoint, [known[name] for name in endpoint.feeds if name in known])
        for endpoint in endpoints
        if endpoint.id not in NO_DATA and "{" not in endpoint.path
    ] + [
        _series(
            base,
            one,
            [known[name] for name in api_series.feeds_of(site, ask, one.tables)],
            cut_of(ask.as_of),
        )
        for one in api_series.registry().values()
    ]
    return {
        "@context": CONTEXT,
        "@id": f"{base}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _said("Data terbuka Pusat Komando Jakarta"),
        "dct:description": _said(api_openapi.ABOUT),
        "dct:publisher": _publisher(ask.root),
        "dct:language": _language(),
        "dct:license": _terms(OWN_TERMS),
        "dct:modified": _day(ask.as_of.event_time.date()),
        "dct:spatial": _jakarta(),
        "foaf:homepage": {"@id": f"{ask.root}data"},
        "dcat:themeTaxonomy": {"@id": f"{EU}/data-theme"},
        "dcat:service": {
            "@id": f"{base}/",
            "@type": "dcat:DataService",
            "dct:title": _said(api_openapi.TITLE),
            "dcat:endpointURL": {"@id": f"{base}/"},
            "dcat:endpointDescription": {"@id": f"{base}/openapi.json"},
            "dcat:servesDataset": [{"@id": one["@id"]} for one in datasets],
        },
        "dcat:dataset": datasets,
    }


def _table(base: str, endpoint: Endpoint, feeds: Sequence[Feed]) -> Node:
    every = [feed.declared["every_s"] for feed in feeds if feed.declared["every_s"]]
    return _dataset(
        base,
        endpoint.id,
        endpoint.title,
        endpoint.about,
        base + endpoint.path,
        endpoint.media,
        endpoint.theme,
        feeds,
        keywords=(endpoint.group, "Jakarta"),
        frequency="UPDATE_CONT" if every else "IRREG",
        units=[field.told for field in endpoint.fields] if isinstance(endpoint, Table) else (),
    )


def _series(base: str, one: Series, feeds: Sequence[Feed], cut: date) -> Node:
    return _dataset(
        base,
        f"series-{one.id}",
        f"{one.name} ({one.unit})",
        f"{one.definition} Menurut waktu: {one.over_time}; menurut tempat: {one.over_places}.",
        f"{base}/series/{one.id}",
        (JSON, CSV),
        api_series.theme(one),
        feeds,
        keywords=(one.domain, one.name, "seri waktu", "Jakarta"),
        frequency="DAILY",
        period=(date(one.first_year, 1, 1), cut - timedelta(days=1)),
    )


def _dataset(
    base: str,
    name: str,
    title: str,
    about: str,
    address: str,
    media: Sequence[str],
    theme: str,
    feeds: Sequence[Feed],
    *,
    keywords: Sequence[str],
    frequency: str,
    units: Iterable[str] = (),
    period: tuple[date, date] | None = None,
) -> Node:
    simulated = any(feed.simulated for feed in feeds)
    told = f"{SIMULATED} {about}" if simulated else about
    columns = f" Kolom: {'; '.join(units)}." if units else ""
    terms = _licence(feeds)
    node = {
        "@id": f"{base}/catalog.jsonld#{name}",
        "@type": "dcat:Dataset",
        "dct:identifier": name,
        "dct:title": _said(title),
        "dct:description": _said(told + columns),
        "dct:publisher": _publisher(base.removesuffix(BASE) + "/"),
        "dct:creator": [
            {"@type": "foaf:Agent", "foaf:name": source}
            for source in dict.fromkeys(feed.declared["source"] for feed in feeds)
        ],
        "dct:language": _language(),
        "dct:license": _terms(terms),
        "dct:accessRights": {"@id": f"{EU}/access-right/PUBLIC"},
        "dct:accrualPeriodicity": {"@id": f"{EU}/frequency/{frequency}"},
        "dct:spatial": _jakarta(),
        "dcat:theme": {"@id": f"{EU}/data-theme/{theme}"},
        "dcat:keyword": [
            _said(word) for word in (*keywords, *(["DATA SIMULASI"] if simulated else []))
        ],
        "dcat:landingPage": {"@id": f"{base.removesuffix(BASE)}/data"},
        "dcat:distribution": [_distribution(base, name, address, one, terms) for one in media],
    }
    if period is not None:
        node["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _day(period[0]),
            "dcat:endDate": _day(period[1]),
        }
    return node


def _distribution(base: str, name: str, address: str, media: str, terms: str) -> Node:
    kind = FILE_TYPES[media]
    url = f"{address}?format=csv" if media == CSV else address
    return {
        "@id": f"{base}/catalog.jsonld#{name}-{kind.lower()}",
        "@type": "dcat:Distribution",
        "dct:title": _said(kind),
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media}"},
        "dct:format": {"@id": f"{EU}/file-type/{kind}"},
        "dct:license": _terms(terms),
    }


def _licence(feeds: Sequence[Feed]) -> str:
    """Return the terms of some feeds: those of their publishers; without feeds, our own."""
    found = dict.fromkeys(
        f"{feed.declared['source']}: {feed.declared['licence']}"
        for feed in feeds
        if feed.declared["licence"]
    )
    return " | ".join(found) or OWN_TERMS


def _said(text: str) -> Node:
    return {"@value": text, "@language": "id"}


def _day(day: date) -> Node:
    return {"@value": day.isoformat(), "@type": "xsd:date"}


def _language() -> Node:
    return {"@id": f"{EU}/language/IND"}


def _publisher(root: str) -> Node:
    return {
        "@id": f"{root}data#penerbit",
        "@type": "foaf:Organization",
        "foaf:name": PUBLISHER,
        "foaf:homepage": {"@id": f"{root}data"},
    }


def _terms(text: str) -> Node:
    return {"@type": "dct:LicenseDocument", "rdfs:label": _said(text)}


def _jakarta() -> Node:
    west, south, east, north = BOUNDS
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    outline = ", ".join(f"{lon} {lat}" for lon, lat in corners)
    return {
        "@type": "dct:Location",
        "rdfs:label": _said("DKI Jakarta"),
        "dcat:bbox": {"@value": f"POLYGON(({outline}))", "@type": "geosparql:wktLiteral"},
    }
