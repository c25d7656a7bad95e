"""The trend page through the program: views, what it refuses, exports and annotations."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import orjson
import pyarrow.parquet as pq
import pytest

from dashboards import tren, tren_charts
from dashboards.tren_charts import Beside
from data import rollups, series
from data.series import Line, Point, Question
from data.tables import TABLES
from tests import lakes

START = date(2023, 1, 1)
QUESTION = "seri=hujan-jumlah&dari=2023-01-01&sampai=2026-03-11"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A lake with three years of rain, simulated until 2025, and a gap; and days of the index."""
    home = tmp_path_factory.mktemp("tren")
    lake = lakes.empty_lake(home)
    nothing = {column.name: None for column in TABLES["rainfall"].columns}
    with lake.write() as cursor:
        lakes.declare_feeds(cursor)
        lakes.insert(cursor, "rainfall", nothing | lakes.common(lakes.NOW) | {"station_id": "1"})
        cursor.execute(
            """
            create temp table template as from rainfall;
            delete from rainfall;
            insert into rainfall by name
            select template.* replace (
                moment as event_time,
                moment + interval 1 minute as known_time,
                5 + (day(moment) % 5) as rain_mm,
                60 as interval_minutes,
                moment < timestamptz '2025-01-01 00:00:00+07' as simulated
            )
            from template
            cross join (
                select unnest(
                    range(
                        timestamptz '2023-01-01 12:00:00+07',
                        timestamptz '2026-03-11 12:00:00+07',
                        interval 1 day
                    )
                ) as moment
            )
            where moment not between timestamptz '2024-04-01 00:00:00+07'
                and timestamptz '2024-05-31 23:00:00+07'
            """
        )
        for rollup in rollups.all_rollups():
            if rollup.name == "rain_days":
                rollups.make(cursor, rollup)
        cursor.execute("drop table template")
    lake.close()
    return home


@pytest.fixture(scope="module")
def module_server(make, home):
    return make(home)


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    return module_server.test_client()


def text_of(node):
    """Return the words of a tree of components, in order."""
    if isinstance(node, dict):
        return text_of(node.get("props", {}).get("children"))
    if isinstance(node, list):
        return " ".join(filter(None, map(text_of, node)))
    return "" if node is None else str(node)


def shown(client, query):
    answer = client.get(f"/panel/tren?{query}")
    assert answer.status_code == 200
    body = answer.get_data()
    return text_of(orjson.loads(body)) if body[:1] != b"<" else body.decode()


def figure(client, query):
    def find(node):
        if isinstance(node, list):
            return next(filter(None, map(find, node)), None)
        if not isinstance(node, dict):
            return None
        props = node.get("props", {})
        return props.get("figure") or find(props.get("children"))

    return find(orjson.loads(client.get(f"/panel/tren?{query}").get_data()))


def test_a_series_names_its_place_span_origin_gaps_and_definition(client):
    text = shown(client, QUESTION)
    assert "Curah hujan  –  Seluruh Jakarta" in text
    assert "1 Januari 2023 sampai 11 Maret 2026, per bulan, satuan mm" in text
    assert "DATA SIMULASI" in text
    assert "1 April 2024  sampai 31 Mei 2024" in text
    assert series.registry()["hujan-jumlah"].definition in text


def test_gaps_are_gaps_and_simulated_spans_are_hatched_and_named(client):
    drawn = figure(client, QUESTION)
    line = next(trace for trace in drawn["data"] if trace.get("mode", "").startswith("lines"))
    assert not line["connectgaps"]
    assert dict(zip(line["x"], line["y"], strict=True))["2024-04-01"] is None
    hatched = [trace for trace in drawn["data"] if trace.get("fillpattern")]
    assert [(trace["x"][0], trace["x"][1]) for trace in hatched] == [
        ("2023-01-01", "2024-04-01"),
        ("2024-06-01", "2025-01-01"),
    ]
    assert "DATA SIMULASI" in [note["text"] for note in drawn["layout"]["annotations"]]


def test_a_moment_of_knowing_that_is_assumed_is_hatched_along_the_axis_and_hides_no_value():
    months = [date(2024, month, 1) for month in (1, 2, 3)]
    values = zip(months, (3.0, None, 4.0), strict=True)
    line = Line("31", "value", tuple(Point(at, value, 20, assumed=True) for at, value in values))
    asked = Question(
        series.registry()["ispu-indeks"], ("31",), months[0], date(2024, 4, 1), "month"
    )
    told = tren_charts.spans([line], asked)
    assert told == [
        (months[0], months[1], tren_charts.ASSUMED),
        (months[2], date(2024, 4, 1), tren_charts.ASSUMED),
    ]
    drawn = tren_charts.over_time(asked, [line], {"31": "Jakarta"}, Beside(assumed=told))
    (graph,) = (node for node in drawn._traverse() if hasattr(node, "figure"))
    hatched = [trace for trace in graph.figure.data if trace.fillpattern.shape]
    assert [max(trace.y) for trace in hatched] == [tren_charts.FOOT] * 2
    assert {trace.fillpattern.bgcolor for trace in hatched} == {"rgba(0,0,0,0)"}


def test_a_gap_of_several_places_is_told_once():
    def line(place, *values):
        return Line(place, "value", tuple(map(Point, months, values)))

    months = [date(2024, month, 1) for month in (1, 2, 3)]
    lines = [line("A", 1.0, None, 2.0), line("B", 3.0, None, None), line("C", 1.0, None, 3.0)]
    asked = Question(
        series.registry()["ispu-indeks"], ("A", "B", "C"), months[0], date(2024, 4, 1), "month"
    )
    names = {"A": "DKI1", "B": "DKI2", "C": "DKI3"}
    told = [item for item in tren._gap_list(asked, lines, names)._traverse() if item != ""]
    assert told[told.index(" sampai 29 Februari 2024") + 1] == ", DKI1, DKI3"
    assert told[told.index(" sampai 31 Maret 2024") + 1] == ", DKI2"


def test_a_span_that_is_not_over_is_hollow_and_no_part_of_the_line(client):
    drawn = figure(client, QUESTION)
    hollow = next(trace for trace in drawn["data"] if trace.get("mode") == "markers")
    assert hollow["marker"]["symbol"] == "circle-open"
    assert hollow["x"] == ["2026-03-01"]


@pytest.mark.parametrize(("view", "kind"), [("tahun", "scatter"), ("musim", "heatmap")])
def test_the_year_is_seen_over_others_and_month_by_year(client, view, kind):
    drawn = figure(client, f"{QUESTION}&tampil={view}")
    assert drawn["data"][0]["type"] == kind


def test_a_series_without_hours_says_so(client):
    assert "tidak tersedia per jam" in shown(client, f"{QUESTION}&tampil=jam")


def test_the_same_is_seen_of_a_past_moment_only_as_far_as_it_was_known(client):
    text = shown(client, f"{QUESTION}&pada=2024-03-10T12:00")
    assert "sampai 9 Maret 2024" in text
    assert "Data per 9 Maret 2024 pukul 24.00 WIB" in text


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("seri=cuaca", "tidak dikenal"),
        ("tempat=31.99", "tidak memiliki tempat"),
        ("dari=2025-01-01&sampai=2024-01-01", "setelah tanggal akhir"),
        ("dari=satu", "tidak dapat dibaca"),
        ("sampai=9999-12-31", "antara 1997 dan 2100"),
        ("dari=2030-01-01&sampai=2031-01-01", "belum terjadi"),
        ("tampil=pai", "tidak dikenal"),
    ],
)
def test_what_cannot_be_shown_says_why_and_how_to_go_on(client, query, reason):
    text = shown(client, query)
    assert reason in text
    assert "Mulai dari awal" in text
    assert client.get(f"/panel/tren-pilihan?{query}").status_code == 200


@pytest.mark.parametrize("name", list(series.registry()))
def test_every_series_of_an_empty_past_says_that_there_is_nothing(client, name):
    text = shown(client, f"seri={name}&dari=2012-01-01&sampai=2012-12-31")
    assert "Belum ada data untuk seri, tempat dan rentang ini" in text


def test_csv_tells_what_it_is_and_leaves_gaps_empty(client):
    body = client.get(f"/tren/data.csv?{QUESTION}").get_data(as_text=True).lstrip("\ufeff")
    head = [line for line in body.splitlines() if line.startswith("#")]
    rows = list(csv.DictReader(line for line in body.splitlines() if not line.startswith("#")))
    assert any(series.registry()["hujan-jumlah"].definition in line for line in head)
    assert any("DATA SIMULASI" in line for line in head)
    assert len(rows) == 39
    value = {row["mulai"]: row["nilai (mm)"] for row in rows}
    assert value["2024-04-01"] == ""
    assert value["2024-01-01"] != ""


def test_parquet_has_the_same_rows_and_says_its_unit(client):
    answer = client.get(f"/tren/data.parquet?{QUESTION}")
    table = pq.read_table(io.BytesIO(answer.get_data()))
    assert table.num_rows == 39
    assert table.schema.metadata[b"unit"] == b"mm"
    assert table["value"].null_count == 2
    assert answer.headers["Content-Disposition"].endswith('.parquet"')


def test_an_export_of_what_cannot_be_answered_is_refused_in_words(client):
    answer = client.get("/tren/data.csv?seri=cuaca")
    assert answer.status_code == 400
    assert "tidak dikenal" in answer.get_data(as_text=True)
    assert client.get("/tren/data.exe").status_code == 404


def test_an_annotation_says_who_when_and_from_where_until_it_is_withdrawn(client, hands):
    note = {"series": "hujan-jumlah", "day": "2025-02-01", "text": "Alat ukur diganti"}
    kept = client.post("/tren/catatan/tulis", json=note | {"source": "Berita acara 12/2025"})
    text = shown(client, QUESTION)
    assert "Alat ukur diganti" in text
    assert "Sumber: Berita acara 12/2025 · Operator, 12 Mar 2026 03.10 WIB" in text
    hands.move(minutes=5)
    number = kept.get_json()["id"]
    assert client.post("/tren/catatan/tarik", json={"id": number}).status_code == 200
    assert "Alat ukur" not in shown(client, f"{QUESTION}&catatan=2")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"source": ""},
        {"day": "kemarin"},
        {"series": "cuaca"},
        {"text": "x" * 300},
        {"text": 7},
    ],
)
def test_an_annotation_without_its_parts_is_refused(client, wrong):
    note = {"series": "hujan-jumlah", "day": "2025-02-01", "text": "Alat", "source": "Berita acara"}
    answer = client.post("/tren/catatan/tulis", json=note | wrong)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


def test_who_may_not_write_reads_the_notes_without_a_form(client):
    client.set_cookie("peran", "lurah")
    answer = client.get("/tren/catatan?seri=hujan-jumlah")
    assert "Simpan" not in answer.get_data(as_text=True)
    assert client.post("/tren/catatan/tulis", json={}).status_code == 403
    client.set_cookie("peran", "publik")
    assert client.get("/panel/tren").status_code == 403


def test_how_a_series_is_computed_is_one_click_away(client):
    text = client.get("/tren/cara?seri=hujan-jumlah").get_data(as_text=True)
    assert "series_rain.sql" in text
    assert "rata-rata pos" in text


def test_rows_of_the_source_that_contradict_themselves_stand_with_the_definition(client):
    text = client.get("/tren/cara?seri=ispu-indeks").get_data(as_text=True)
    assert "Baris sumber yang bertentangan dengan dirinya: 0" in text


@pytest.mark.parametrize("view", ["tahun", "musim"])
def test_a_series_of_years_has_no_months(client, view):
    assert "hanya diterbitkan per tahun" in shown(client, f"seri=penduduk&tampil={view}")


def test_where_a_value_comes_from_is_told_span_by_span(client):
    text = shown(client, QUESTION)
    assert "1 Januari 2023  sampai 31 Maret 2024 : data simulasi" in text


def test_the_rain_of_a_year_adds_up(client):
    answer = client.get("/tren/data.parquet?seri=hujan-jumlah&dari=2025-01-01&sampai=2025-12-31")
    table = pq.read_table(io.BytesIO(answer.get_data()))
    days = [START.replace(year=2025) + timedelta(days=day) for day in range(365)]
    assert sum(table["value"].to_pylist()) == pytest.approx(sum(5 + day.day % 5 for day in days))
