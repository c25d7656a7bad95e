"""The open API through the program: what it promises, what it tells and what it never tells."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import jsonschema
import openapi_spec_validator
import pytest
from defusedxml import ElementTree as xml
from structlog.testing import capture_logs

from dashboards import api, api_openapi, api_series
from dashboards.api_contract import BASE, CSV, Document, Table
from dashboards.data_terbuka import EXAMPLES
from data import queries, rollups
from data.tables import TABLES
from tests import lakes

SECRET = "RAHASIA"
# Of a site that is not told its public address.
ADDRESS = "http://127.0.0.1:8050"
PADA = "pada=2026-03-12T03:05"
ROLLUPS = ("complaint_days", "complaint_stints", "level_days", "rain_days")
# Facts of the last forty days, made of one row each by moving these columns.
HISTORY = {
    "rainfall": ("event_time", "known_time"),
    "water_levels": ("event_time", "known_time"),
    "ispu_daily": ("event_time", "known_time", "day"),
    "complaint_versions": ("event_time", "known_time", "created_at"),
    "complaint_log": ("event_time", "known_time"),
}
# Text of tables that is about persons, or that only offices may know.
PRIVATE = {
    "complaint_versions": (
        "complaint_id",
        "text_redacted",
        "reporter_key",
        "address_public",
        "photo_before",
        "photo_after",
    ),
    "complaint_log": ("complaint_id",),
    "flood_reports": ("report_id", "text_redacted"),
    "officer_positions": ("officer_id",),
    "duty_roster": ("officer_id", "task_id"),
    "camera_checks": ("camera_id", "frame_hash"),
}


def alarm(cursor, alarm_id, state, minutes, **changes):
    rule, _, subject = alarm_id.partition(":")
    values = lakes.row(TABLES["alarms"].columns, lakes.NOW) | lakes.common(lakes.NOW)
    said = lakes.NOW - timedelta(minutes=minutes)
    told = {
        "alarm_id": alarm_id,
        "rule": rule,
        "subject_id": subject,
        "subject": subject,
        "state": state,
        "level": 1,
        "raised_at": lakes.NOW - timedelta(minutes=30),
        "event_time": said,
        "known_time": said,
        "feed": "alarms",
    }
    lakes.insert(cursor, "alarms", values | told | changes)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A lake with a row of every table, secrets where persons may be, and alarms."""
    home = tmp_path_factory.mktemp("api")
    lake = lakes.empty_lake(home)
    with lake.write() as cursor:
        lakes.fill(cursor)
        cursor.execute("delete from alarms")
        cursor.execute(
            "insert into feeds by name select * replace ('traccar' as feed, 'Petugas' as title,"
            " 'officer_positions' as tables) from feeds where feed = 'waze_ccp'"
        )
        for table, columns in PRIVATE.items():
            told = ", ".join(f"{column} = '{SECRET} {column}'" for column in columns)
            cursor.execute(f"update {table} set {told}")
        cursor.execute(
            "update complaint_versions set status = 'Menunggu', kelurahan_code = '31.71.01.1001'"
        )
        cursor.execute("update rainfall set feed = 'pantau_rain'")
        cursor.execute("update water_levels set feed = 'dsda_levels', level_cm = 780")
        for state, minutes in (("raised", 30), ("changed", 20), ("cleared", 4)):
            alarm(cursor, "gate_level:manggarai", state, minutes, level=2)
        alarm(cursor, "gate_level:depok", "raised", 10, kelurahan_code=None, simulated=False)
        alarm(cursor, "feed_expired:crm_requests", "raised", 10)
        alarm(cursor, "complaint_burst:31.71.01.1001", "raised", 10, title=SECRET)
        alarm(cursor, "pumps_down:manggarai", "raised", 10, title=SECRET)
        for table, moved in HISTORY.items():
            shifted = ", ".join(f"{column} - to_days(n) as {column}" for column in moved)
            cursor.execute(
                f"insert into {table} by name select * exclude (n) replace ({shifted})"
                f" from {table} cross join (select unnest(range(1, 40))::integer as n)"
            )
        for table in ("complaint_versions", "complaint_log"):
            cursor.execute(f"update {table} set complaint_id = '{SECRET}' || event_time")
        for rollup in rollups.all_rollups():
            if rollup.name in ROLLUPS:
                rollups.make(cursor, rollup)
    lake.close()
    return home


@pytest.fixture(scope="module")
def module_server(make, home):
    return make(home)


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    return module_server.test_client()


def get(client, path, **options):
    return client.get(f"{BASE}{path}", **options)


def address(endpoint):
    """Return an address of an endpoint that answers on this lake."""
    path = endpoint.path.replace("{seri}", "hujan-jumlah")
    return path.replace("{pesan}", "gate_level.manggarai.20260312T030600")


def data(client, path):
    answer = get(client, path)
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


def detail(client, path, status):
    answer = get(client, path)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.json["detail"]


ANSWERED = [one for one in api.endpoints() if one.id != "layer-city"]


@pytest.fixture(scope="module")
def spec():
    return api_openapi.document(api.endpoints())


def test_the_openapi_document_is_valid_and_names_every_address(client, spec):
    openapi_spec_validator.validate(spec)
    assert get(client, "/openapi.json").json == spec
    rules = {
        rule.rule.removeprefix(BASE).replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith(f"{BASE}/") and ":" not in rule.rule
    }
    assert rules == set(spec["paths"])
    assert {one["url"] for one in get(client, "/").json["endpoints"]} == {
        f"{ADDRESS}{BASE}{path}" for path in rules
    }


@pytest.mark.parametrize("endpoint", ANSWERED, ids=lambda one: one.id)
@pytest.mark.parametrize("moment", ["", PADA])
def test_every_answer_is_as_its_schema_says(client, spec, endpoint, moment):
    takes = {param.name for param in endpoint.asks}
    query = f"?{moment}" if "pada" in takes else ""
    answer = get(client, address(endpoint) + query)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == endpoint.media[0]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    if answer.mimetype.endswith("json"):
        name = api_openapi.schema_name(endpoint)
        root = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
        jsonschema.Draft202012Validator(root).validate(answer.json)
    else:
        xml.fromstring(answer.data)


@pytest.mark.parametrize("endpoint", ANSWERED, ids=lambda one: one.id)
def test_the_example_of_a_field_is_of_its_kind(spec, endpoint):
    schema = spec["components"]["schemas"][api_openapi.schema_name(endpoint)]
    if isinstance(endpoint, Table):
        for field in schema["properties"]["data"]["items"]["properties"].values():
            assert is_valid(field["examples"][0], field)
    assert all(is_valid(param.example, param.schema) for param in endpoint.asks)


def is_valid(value, schema):
    return jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("path", [path for path, _ in EXAMPLES])
def test_what_the_page_gives_as_an_example_answers(client, path):
    assert get(client, path).status_code == 200


def test_an_answer_says_as_of_when_from_where_and_how_fresh(client):
    answer = get(client, "/water-levels").json
    assert answer["as_of"] == {
        "event_time": "2026-03-12T03:10:00+07:00",
        "known_time": "2026-03-12T03:10:00+07:00",
        "live": True,
    }
    meta = answer["meta"]
    assert meta["simulated"] is True
    assert any("DATA SIMULASI" in notice for notice in meta["notices"])
    assert (meta["state"], meta["stale"]) == ("fresh", False)
    assert meta["event_time"] == "2026-03-12T03:08:00+07:00"
    assert meta["units"]["level_cm"] == "cm"
    source = meta["sources"][0]
    assert source["publisher"] == "Instansi Tinggi muka air"
    assert source["licence"] == "CC BY 4.0"
    told = next(row for row in answer["data"] if row["station_id"] == "manggarai")
    assert (told["level_cm"], told["siaga"], told["siaga_word"]) == (780.0, 3, "Waspada")
    assert (told["state"], told["event_time"]) == ("fresh", "2026-03-12T03:08:00+07:00")


def test_what_is_stale_says_so_and_is_not_judged(client, hands):
    hands.move(hours=6)
    answer = get(client, "/water-levels").json
    assert (answer["meta"]["state"], answer["meta"]["stale"]) == ("expired", True)
    assert any("kedaluwarsa" in notice for notice in answer["meta"]["notices"])
    told = next(row for row in answer["data"] if row["station_id"] == "manggarai")
    assert (told["level_cm"], told["state"]) == (780.0, "expired")
    assert (told["siaga"], told["siaga_word"]) == (None, None)


def test_a_feed_that_fails_is_told_as_disconnected(client):
    meta = get(client, "/jams").json["meta"]
    assert (meta["state"], meta["stale"]) == ("disconnected", True)


def test_a_past_moment_is_told_as_it_was_known_then(client):
    known = get(client, f"/water-levels?{PADA}").json
    assert known["as_of"]["live"] is False
    told = {row["station_id"]: row["event_time"] for row in known["data"]}
    assert told["manggarai"] == "2026-03-11T03:08:00+07:00"
    later = data(client, "/water-levels?pada=2026-03-12T03:09:30")
    assert later[0]["event_time"] == "2026-03-12T03:08:00+07:00"


def test_nothing_known_is_not_told_as_nothing_happening(client):
    answer = get(client, "/inundations?pada=2019-01-01T00:00").json
    assert answer["data"] == []
    assert answer["meta"]["known"] is False
    assert any("bukan berarti nol" in notice for notice in answer["meta"]["notices"])


def test_a_source_that_never_spoke_is_told_from_one_that_has_nothing_to_tell(client, empty_client):
    quiet = get(client, "/inundations?wilayah=31.75").json["meta"]
    assert (quiet["count"], quiet["known"], quiet["state"]) == (0, True, "empty")
    silent = get(empty_client, "/inundations").json["meta"]
    assert (silent["count"], silent["known"], silent["state"]) == (0, False, None)


def test_an_area_narrows_the_answer(client):
    everywhere = {row["code"] for row in data(client, "/areas")}
    assert len(everywhere) == 317
    inside = {row["code"] for row in data(client, "/areas?wilayah=31.71&tingkat=kecamatan")}
    assert inside == {code for code in everywhere if code.startswith("31.71.") and len(code) == 8}


def test_csv_has_the_rows_of_json(client):
    for path in ("/water-levels", "/areas?limit=5", "/series", "/inundations?wilayah=31.01"):
        rows = data(client, path)
        sign = "&" if "?" in path else "?"
        answer = get(client, f"{path}{sign}format=csv")
        assert answer.mimetype == CSV
        assert answer.data == get(client, path, headers={"Accept": CSV}).data
        told = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(told) == len(rows)
        for row, other in zip(rows, told, strict=True):
            assert list(row) == list(other)
            for name, value in row.items():
                shown = "|".join(value) if isinstance(value, list) else value
                if isinstance(value, bool):
                    shown = str(value).lower()
                assert other[name].removeprefix("'") == ("" if shown is None else str(shown))


def test_a_walk_through_pages_meets_every_row_once(client):
    whole = [row["code"] for row in data(client, "/areas")]
    walked, cursor = [], ""
    while cursor is not None:
        answer = get(client, f"/areas?limit=100{f'&cursor={cursor}' if cursor else ''}").json
        walked += [row["code"] for row in answer["data"]]
        assert answer["meta"]["count"] == len(whole)
        cursor = answer["meta"]["next"]
    assert walked == whole
    told, url = [], f"{BASE}/areas?limit=150&format=csv"
    while url:
        page = client.get(url)
        told += [row["code"] for row in csv.DictReader(io.StringIO(page.text))]
        url = page.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert told == whole
    assert "cursor" in detail(client, "/areas?cursor=100-0123456789abcdef", 410)


def test_what_did_not_change_is_not_sent_again(client, hands):
    first = get(client, "/areas")
    again = get(client, "/areas", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    state = get(client, "/water-levels")
    tag = {"If-None-Match": state.headers["ETag"]}
    hands.move(seconds=90)
    assert get(client, "/water-levels", headers=tag).status_code == 304
    hands.move(hours=6)
    assert get(client, "/water-levels", headers=tag).status_code == 200


def test_series_are_those_of_the_trend_page_to_the_digit(client):
    query = "dari=2026-01-01&sampai=2026-03-11&per=hari"
    for name in ("hujan-jumlah", "pengaduan-masuk", "siaga-jam", "ispu-kategori"):
        body = client.get(f"/tren/data.csv?seri={name}&{query}").get_data(as_text=True)
        lines = [line for line in body.lstrip("\ufeff").splitlines() if not line.startswith("#")]
        page = list(csv.reader(lines))[1:]
        ours = data(client, f"/series/{name}?{query}")
        assert [[row["place"], row["part"] or "", row["begins"], row["value"]] for row in ours] == [
            [cells[1], cells[3], cells[4], float(cells[5]) if cells[5] else None] for cells in page
        ]
    meta = get(client, f"/series/hujan-jumlah?{query}").json["meta"]
    assert meta["cut"] == meta["known_time"] == "2026-03-12T00:00:00+07:00"
    assert meta["event_time"] == meta["cut"]
    assert meta["definition"]


def test_every_series_but_those_of_cameras_is_told(client):
    told = {row["id"] for row in data(client, "/series")}
    assert told == set(api_series.registry())
    assert "kamera-hidup" not in told
    detail(client, "/series/kamera-hidup", 404)
    places = data(client, "/series/pengaduan-masuk/places")
    assert places[0] == {"id": "31", "name": "Seluruh Jakarta"}


def test_complaints_are_told_in_counts_alone(client):
    told = data(client, "/complaints?tingkat=kelurahan")
    assert told == [
        {
            "area": "31.71.01.1001",
            "name": "Gambir",
            "received": 30,
            "finished": 0,
            "since": "2026-02-10",
            "until": "2026-03-11",
            "simulated": True,
        }
    ]
    by_category = data(client, "/complaint-categories")
    assert [(row["category"], row["here"]) for row in by_category] == [("Jalan", 30)]
    assert data(client, "/complaint-categories?wilayah=31.75")[0]["here"] == 0


def test_nothing_about_a_person_leaves_by_any_address(client):
    for endpoint in api.endpoints():
        path = address(endpoint)
        for form in ("", "format=csv"):
            if form and isinstance(endpoint, Document):
                continue
            for role in ("publik", "admin"):
                client.set_cookie("peran", role)
                answer = get(client, f"{path}?{form}")
                assert SECRET not in answer.text, path
    places = {row["id"] for row in data(client, "/series/sumber-berjalan/places")}
    assert "waze_ccp" in places
    assert "traccar" not in places
    assert "traccar" not in get(client, "/feeds").text
    listed = get(client, "/").text
    for word in ("officer", "camera", "photo", "reporter", "flood-reports"):
        assert word not in listed


def test_every_role_is_answered_the_same(client):
    bodies = set()
    for role in ("publik", "lurah", "admin"):
        client.set_cookie("peran", role)
        bodies.add(get(client, "/water-levels").data)
    assert len(bodies) == 1


def test_the_alarms_of_the_public_are_messages_that_refer_to_each_other(client):
    index = get(client, "/cap/")
    titles = [
        entry.findtext("{*}title")
        for entry in xml.fromstring(index.data).iter()
        if entry.tag.endswith("entry")
    ]
    assert len(titles) == 2
    assert SECRET not in index.text
    cancel = get(client, "/cap/gate_level.manggarai.20260312T030600.xml")
    assert cancel.mimetype == "application/cap+xml"
    told = xml.fromstring(cancel.data)
    assert told.findtext("{*}msgType") == "Cancel"
    assert told.findtext("{*}status") == "Exercise"
    reference = told.findtext("{*}references").split(",")
    name = reference[1].removeprefix("komando-jakarta.")
    update = xml.fromstring(get(client, f"/cap/{name}.xml").data)
    assert update.findtext("{*}msgType") == "Update"
    assert update.findtext("{*}sent") == reference[2]
    assert told.findtext(".//{*}polygon")
    real = xml.fromstring(get(client, "/cap/gate_level.depok.20260312T030000.xml").data)
    assert (real.findtext("{*}status"), real.findtext("{*}msgType")) == ("Actual", "Alert")
    assert real.findtext(".//{*}circle")


@pytest.mark.parametrize(
    "name",
    [
        "feed_expired.crm_requests.20260312T030000",
        "complaint_burst.x.20260312T030000",
        "gate_level.manggarai.20260312T030601",
        "gate_level.manggarai.20269912T030600",
        "..%2F..%2Fetc",
        "a" * 10_000,
    ],
)
def test_a_message_that_is_not_for_the_public_is_not_there(client, name):
    assert detail(client, f"/cap/{name}.xml", 404)


def test_layers_are_geojson_with_the_columns_of_their_table(client):
    names = {row["path"] for row in data(client, "/layers")}
    assert "/layers/water-levels.geojson" in names
    for path in names:
        answer = get(client, path)
        assert answer.mimetype == "application/geo+json"
        assert answer.json["type"] == "FeatureCollection"
    gates = get(client, "/layers/water-levels.geojson").json
    rows = {row["station_id"]: row for row in data(client, "/water-levels")}
    for feature in gates["features"]:
        row = rows[feature["properties"]["station_id"]]
        assert feature["geometry"]["coordinates"] == [row["lon"], row["lat"]]
        assert feature["properties"] == {
            name: value for name, value in row.items() if name not in ("lon", "lat")
        }


def test_outer_rings_run_against_the_clock(client):
    outlines = get(client, "/layers/boundaries.geojson?tingkat=kelurahan").json["features"]
    assert outlines[0]["properties"]["code"] == "31.71.01.1001"
    ring = outlines[0]["geometry"]["coordinates"][0]
    area = sum(x * other_y - other_x * y for (x, y), (other_x, other_y) in pairwise(ring))
    assert area > 0


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/tidak-ada", 404, "tidak ada"),
        ("/series/cuaca", 404, "/api/v1/series"),
        ("/series/null", 404, "/api/v1/series"),
        ("/series/hujan-jumlah?tempat=31.71", 422, "tidak memiliki tempat"),
        ("/series/hujan-jumlah?dari=2025-01-01&sampai=2024-01-01", 422, "setelah tanggal akhir"),
        ("/series/hujan-jumlah?dari=2025-02-30", 422, "tidak dapat dibaca"),
        ("/series/hujan-jumlah?dari=9999-12-31", 400, "dari"),
        ("/series/hujan-jumlah?dari=1901-01-01&per=hari", 422, "1997"),
        ("/series/hujan-jumlah?dari=2016-01-01&per=hari", 422, "paling panjang"),
        ("/series/hujan-jumlah?per=jam", 400, "salah satu dari"),
        ("/series/pengaduan-masuk?tempat=31|31.71|31.72|31.73|31.74", 422, "Paling banyak"),
        ("/water-levels?wilayah=31.99", 404, "/api/v1/areas"),
        ("/water-levels?wilayah=Gambir", 400, "seperti 31.71.01"),
        ("/water-levels?wilayah=", 400, "wilayah"),
        ("/water-levels?wilayh=31.71", 400, "Yang dikenal"),
        ("/water-levels?pada=2026-02-30T00:00", 400, "WIB"),
        ("/water-levels?pada=2027-01-01T00:00", 400, "belum terjadi"),
        ("/water-levels?pada=0000-00-00T00:00", 400, "WIB"),
        ("/water-levels?pada=kemarin", 400, "2026-02-18T03:10"),
        ("/water-levels?pada=2026-03-01T00:00&seperti=besok", 400, "saat-itu"),
        ("/water-levels?format=xml", 400, "json, csv"),
        ("/water-levels?limit=0", 400, "1 sampai"),
        ("/water-levels?limit=99999999999999999999", 400, "1 sampai"),
        ("/water-levels?limit=1e3", 400, "1 sampai"),
        ("/water-levels?limit=%D9%A1", 400, "1 sampai"),
        ("/water-levels?cursor=-1", 400, "cursor"),
        ("/water-levels?wilayah=31.71&wilayah=31.72", 400, "dua kali"),
        ("/water-levels?wilayah=31.71%00", 400, "wilayah"),
        ("/water-levels?wilayah=31.71%0A", 400, "wilayah"),
        (f"/water-levels?wilayah={'1' * 10_000}", 400, "terlalu panjang"),
        (f"/water-levels?{'x' * 3_000}=1", 400, "tidak dikenal"),
        (f"/series/{'x' * 10_000}", 404, "seri"),
        ("/series/hujan-jumlah?seri=pengaduan-masuk", 400, "dua kali"),
        ("/layers/complaints.geojson", 404, "lapisan"),
        ("/layers/kota-halte.geojson", 404, "/api/v1/layers"),
        ("/layers/..%2F..%2Fetc.geojson", 404, ""),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(client, path, status, told):
    assert told in detail(client, path, status)


def test_nobody_writes(client):
    for method in (client.post, client.put, client.delete, client.patch):
        answer = method(f"{BASE}/water-levels", json={})
        assert answer.status_code == 405
        assert answer.mimetype == "application/problem+json"


def test_a_failure_of_ours_is_a_problem_with_a_reference(client, monkeypatch):
    monkeypatch.setattr(queries, "rain_now", lambda *_: 1 / 0)
    with capture_logs() as logs:
        told = detail(client, "/rain", 500)
    assert told == f"Jawaban gagal dibuat. Kode kesalahan: {logs[0]['reference']}."
    assert logs[0]["endpoint"] == "rain"


def test_an_empty_lake_answers_every_address(empty_client):
    for endpoint in ANSWERED:
        answer = get(empty_client, address(endpoint))
        assert answer.status_code == (404 if endpoint.id == "cap-message" else 200), endpoint.id


def test_the_document_lists_every_address():
    told = (Path(__file__).parents[2] / ".github/docs/api.md").read_text(encoding="utf-8")
    for endpoint in api.endpoints():
        assert f"`{endpoint.path}`" in told or "/layers/" in endpoint.path


def test_the_page_lists_every_address_series_and_source(client):
    shown = client.get("/panel/data-alamat").text
    for endpoint in api.endpoints():
        assert f"{BASE}{endpoint.path}" in shown
    assert all(name in client.get("/panel/data-seri").text for name in api_series.registry())
    assert "Instansi Tinggi muka air" in client.get("/panel/data-sumber").text
    assert quote(SECRET) not in shown
