"""The simulated city over HTTP, and the seam between its past and its live feeds."""

from __future__ import annotations

import gzip
import importlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from data.tables import TABLES
from etl.city import bulk
from etl.city.faults import Faults
from etl.city.server import ROUTES, create_city, serve
from etl.city.world import World
from etl.feed import Context

ANCHOR = datetime(2026, 2, 18, 12, tzinfo=UTC)
WORLD = World(scenario="malam-banjir", anchor=ANCHOR)


@dataclass
class StoppedClock:
    """A clock that the test sets."""

    time: datetime = ANCHOR
    anchor: datetime = ANCHOR
    speed: float = 1.0

    def now(self) -> datetime:
        return self.time


@dataclass
class City:
    """A city without a socket, and its clock."""

    client: FlaskClient
    clock: StoppedClock

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)


@pytest.fixture
def city() -> City:
    clock = StoppedClock()
    app = create_city(WORLD, clock, Faults({}), timeout_s=0)
    return City(app.test_client(), clock)


def parsed(city: City, feed: str, path: str) -> list[dict[str, Any]]:
    """Return the rows that a feed reads from the live answer."""
    context = Context(fetched_at=city.clock.time, url=f"http://localhost{path}")
    parse = importlib.import_module(f"etl.feeds.{feed}").FEED.parse
    items = list(parse(city.get(path).data, context))
    return [item[1] for item in items if isinstance(item, tuple)]


def past(table: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    return [row for batch in bulk.rows(WORLD, table, start, end) for row in batch.to_pylist()]


def test_the_clock_tells_the_citys_time_and_speed(city: City) -> None:
    city.clock.time = ANCHOR + timedelta(hours=1)
    assert city.get("/clock").json == {
        "now": "2026-02-18T13:00:00+00:00",
        "anchor": "2026-02-18T12:00:00+00:00",
        "speed": 1.0,
    }


def test_the_scenario_is_told(city: City) -> None:
    told = city.get("/scenario").json
    assert (told["scenario"], told["seed"]) == ("malam-banjir", 31)
    assert told["scenarios"] == ["tenang", "malam-banjir", "jam-sibuk", "kabut-asap"]


def test_every_source_answers_and_none_twice(city: City) -> None:
    assert len(ROUTES) >= 25
    for path in ROUTES:
        if "<" not in path and not path.startswith(("/tomtom", "/crm", "/bmkg/prakiraan")):
            assert city.get(path).status_code == 200, path


def test_what_did_not_change_is_not_sent_again(city: City) -> None:
    first = city.get("/dsda/xmldata.xml")
    again = city.get("/dsda/xmldata.xml", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    city.clock.time += timedelta(minutes=11)
    later = city.get("/dsda/xmldata.xml", **{"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.data != first.data


def test_answers_are_packed_only_where_asked(city: City) -> None:
    plain = city.get("/pantau/pumps")
    packed = city.get("/pantau/pumps", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 4
    assert gzip.decompress(packed.data) == plain.data


def test_unknown_things_are_404_and_unreadable_ones_400(city: City) -> None:
    assert city.get("/nowhere").status_code == 404
    assert city.get("/udara/spku/nobody").status_code == 404
    assert city.get("/bmkg/prakiraan-cuaca?adm4=9").status_code == 404
    assert city.get("/petabencana/reports?timeperiod=long").status_code == 400


def test_faults_are_given_and_taken_while_it_runs(city: City) -> None:
    sound = city.get("/dsda/xmldata.xml")
    assert city.client.post("/faults", json={"dsda": "html"}).json == {"dsda": "html"}
    page = city.get("/dsda/xmldata.xml")
    assert (page.status_code, page.content_type) == (200, "text/html")
    assert city.get("/pantau/gates").status_code == 200
    city.client.post("/faults", json={"dsda": "500"})
    assert city.get("/dsda/xmldata.xml").status_code == 500
    assert city.client.post("/faults", json={"dsda": "none"}).json == {}
    assert city.get("/dsda/xmldata.xml").data == sound.data
    refused = city.client.post("/faults", json={"dsda": "fire"})
    assert refused.status_code == 400
    assert city.get("/faults").json == {}


def test_a_frozen_source_repeats_what_was_true_when_it_froze(city: City) -> None:
    before = city.get("/dsda/xmldata.xml").data
    city.client.post("/faults", json={"dsda": "freeze"})
    city.clock.time += timedelta(hours=2)
    assert city.get("/dsda/xmldata.xml").data == before
    city.client.post("/faults", json={"dsda": "none"})
    assert city.get("/dsda/xmldata.xml").data != before


def test_a_shuffled_source_says_the_same_in_another_order(city: City) -> None:
    sound = parsed(city, "pantau_pumps", "/pantau/pumps")
    city.client.post("/faults", json={"pantau": "shuffle"})
    shuffled = parsed(city, "pantau_pumps", "/pantau/pumps")
    assert shuffled != sound
    assert sorted(shuffled, key=str) == sorted(sound, key=str)


def test_a_timeout_keeps_the_client_waiting_and_no_longer(city: City) -> None:
    city.client.post("/faults", json={"waze": "timeout"})
    assert city.get("/waze").status_code == 200


def test_the_past_is_streamed_as_parquet(city: City, tmp_path: Any) -> None:
    start, end = ANCHOR - timedelta(days=400), ANCHOR
    span = f"start={start.isoformat()}&end={end.isoformat().replace('+', '%2B')}"
    answer = city.get(f"/bulk/rainfall.parquet?{span}")
    table = pq.read_table(io.BytesIO(answer.data))
    assert table.num_rows == (310 * 24 + 90 * 144) * 8
    path = tmp_path / "rainfall.parquet"
    bulk.write(WORLD, "rainfall", start, end, path)
    assert pq.read_table(path).equals(table)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("rainfall.parquet", 400),
        ("rainfall.parquet?start=2026-01-01&end=2026-01-02", 400),
        ("rainfall.parquet?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", 400),
        ("nothing.parquet?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z", 404),
    ],
)
def test_a_past_that_cannot_be_is_refused(city: City, query: str, status: int) -> None:
    assert city.get(f"/bulk/{query}").status_code == status


@pytest.mark.parametrize("table", sorted(bulk.TABLES))
def test_bulk_rows_fit_the_tables_of_the_lake(table: str) -> None:
    day = timedelta(days=1)
    batch = next(bulk.rows(WORLD, table, ANCHOR - day, ANCHOR + day))
    columns = {column.name: column for column in TABLES[table].all_columns}
    assert set(batch.column_names) <= columns.keys()
    assert "event_time" in batch.column_names
    assert batch.num_rows > 0
    for name in batch.column_names:
        column, values = columns[name], batch[name].drop_null()
        if column.required:
            assert len(values) == batch.num_rows, name
        if column.low is not None and len(values):
            assert column.low <= pa.compute.min(values).as_py(), name
        if column.high is not None and len(values):
            assert pa.compute.max(values).as_py() <= column.high, name
        if column.one_of:
            assert set(values.unique().to_pylist()) <= set(column.one_of), name
        if column.type == "TIMESTAMPTZ":
            assert values.type == pa.timestamp("us", "UTC"), name


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is null or found from a drawn shape."""
    return {k: v for k, v in row.items() if v is not None and k not in ("lon", "lat")}


@pytest.mark.parametrize(
    ("table", "feed", "path", "key"),
    [
        ("water_levels", "dsda_levels", "/dsda/xmldata.xml", ("station_id", "event_time")),
        ("rainfall", "pantau_rain", "/pantau/rain", ("station_id", "event_time")),
        (
            "air_measurements",
            "udara_jakarta",
            "/udara/",
            ("station_id", "parameter", "event_time"),
        ),
        ("inundations", "petabencana_floods", "/petabencana/floods", ("area_code", "event_time")),
    ],
)
def test_the_past_joins_the_live_feed_without_a_seam(
    city: City, table: str, feed: str, path: str, key: tuple[str, ...]
) -> None:
    known = {
        tuple(row[name] for name in key): rounded(row)
        for row in past(table, ANCHOR - timedelta(hours=30), ANCHOR + timedelta(hours=4))
    }
    met = 0
    for minutes in (-55, 15, 100, 200):
        city.clock.time = ANCHOR + timedelta(minutes=minutes)
        for row in parsed(city, feed, path):
            own = known.get(tuple(row[name] for name in key))
            if own is not None:
                assert rounded(row) == own
                met += 1
    assert met > 25


@pytest.mark.parametrize(
    ("feed", "path", "rows"),
    [
        ("dsda_levels", "/dsda/xmldata.xml", 39),
        ("pantau_gates", "/pantau/gates", 18),
        ("pantau_pumps", "/pantau/pumps", 180),
        ("pantau_rain", "/pantau/rain", 8),
        ("petabencana_floods", "/petabencana/floods", 20),
        ("petabencana_floods", "/petabencana/floods?geoformat=geojson", 20),
        ("petabencana_reports", "/petabencana/reports?timeperiod=604800", 10),
        ("udara_jakarta", "/udara/", 105),
        ("bmkg_forecast", "/bmkg/prakiraan-cuaca?adm4=31.71.01.1001", 24),
        ("bmkg_alerts", "/bmkg/nowcast/CJK20260218012_alert.xml", 1),
        ("openaq", "/openaq/v3/locations/8647/sensors", 1),
    ],
)
def test_the_feeds_read_what_the_city_says(city: City, feed: str, path: str, rows: int) -> None:
    city.clock.time = ANCHOR + timedelta(hours=1)
    found = parsed(city, feed, path)
    assert len(found) >= rows
    for row in found:
        assert row["event_time"] <= city.clock.time


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="'badai' is none of tenang"):
        serve(StoppedClock(), port=0, scenario="badai")
