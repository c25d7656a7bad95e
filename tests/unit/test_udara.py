"""What the air page makes of its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dashboards import air, layers, udara
from dashboards.markup import html_text

NOW = datetime(2024, 6, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reading(**changes: Any) -> dict[str, Any]:
    return {
        "station_id": "DKI1",
        "name": "Bundaran HI",
        "district": "Kota Adm. Jakarta Pusat",
        "kind": "reference",
        "lon": 106.82,
        "lat": -6.19,
        "parameter": "pm25",
        "value_ug_m3": 40.0,
        "ispu": 105,
        "mean_ug_m3": 30.0,
        "hours": 24,
        "event_time": NOW - HOUR,
        "feed": "udara_jakarta",
        "simulated": True,
    } | changes


def hour(at: datetime, value: float) -> dict[str, Any]:
    return {"event_time": at, "value_ug_m3": value, "simulated": True}


def table(*rows: dict[str, Any]) -> dict[str, dict[str, air.Index]]:
    return air.stations(rows)


def test_the_index_is_the_sources_own_and_else_that_of_the_mean_of_a_day():
    assert air.index_of(reading()).value == 105
    computed = air.index_of(reading(ispu=None))
    assert (computed.value, computed.category) == (68, "Sedang")
    assert air.index_of(reading(ispu=None, mean_ug_m3=None)).value is None


def test_a_station_is_as_bad_as_its_worst_pollutant():
    found = table(reading(ispu=60), reading(parameter="pm10", ispu=120))
    worst = air.greatest(found["DKI1"])
    assert (worst.value, worst.row["parameter"], worst.category) == (120, "pm10", "Tidak Sehat")


def test_a_pollutant_that_is_told_twice_a_day_keeps_the_night():
    late, expired = air.budgets()["pm25"]
    assert (late, expired) == (90 * 60, 4 * 3600)
    for name in ("pm10", "so2", "co", "o3", "no2"):
        late, expired = air.budgets()[name]
        assert late > 18 * 3600
        assert expired == 26 * 3600


def test_simulated_stations_leave_when_real_ones_speak():
    found = table(reading(), reading(station_id="DKI2", simulated=False))
    assert list(air.one_origin(found)) == ["DKI2"]
    assert list(air.one_origin(table(reading()))) == ["DKI1"]


@pytest.mark.parametrize("name", layers.ISPU_WORDS)
def test_every_category_has_the_regulations_advice(name):
    told = air.advice(name)
    assert told["umum"]
    assert ("sensitif" in told) is (name != "Baik")
    assert "P.14" in told["source"]


def test_the_summary_counts_stations_by_category():
    silent = {
        "station_id": "DKI3",
        "parameter": None,
        "ispu": None,
        "mean_ug_m3": None,
        "event_time": None,
        "simulated": None,
    }
    told = html_text(
        udara.summary(table(reading(), reading(station_id="DKI2", ispu=40), reading(**silent)), NOW)
    )
    assert "Bundaran HI" in told
    assert "2 stasiun melaporkan; 1 tanpa data" in told
    assert "Belum ada data kualitas udara" in html_text(
        udara.summary(table(reading(**silent)), NOW)
    )


def test_a_sensor_that_stopped_is_not_the_worst_while_others_report():
    stopped = reading(station_id="DKI2", name="Kelapa Gading", ispu=180, event_time=NOW - 24 * HOUR)
    told = html_text(udara.summary(table(reading(), stopped), NOW))
    assert "Bundaran HI" in told
    assert "Kelapa Gading" not in told
    assert "Kelapa Gading" in html_text(udara.summary(table(stopped), NOW))


def test_what_is_not_measured_says_so():
    told = html_text(udara.reference_table(table(reading()), [], "DKI1"))
    assert told.count("tidak ada data") == 5
    assert "belum terbit" in told
    assert 'class="is-chosen"' in told


def test_the_official_day_stands_beside_the_present_one():
    day = {
        "station_id": "DKI1",
        "day": date(2024, 6, 12),
        "index_max": 88.0,
        "critical": "PM2,5",
        "category": "SEDANG",
        "simulated": False,
    }
    told = html_text(udara.reference_table(table(reading()), [day], ""))
    assert "12 Juni 2024 · kritis PM2,5" in told
    assert '<span class="udara-indeks">88</span><span>Sedang</span>' in told


def test_sensors_stand_by_area_worst_first():
    rows = [
        reading(station_id="a", name="A", kind="sensor", ispu=60),
        reading(station_id="b", name="B", kind="sensor", ispu=80),
        reading(station_id="c", name="C", kind="sensor", district="Kota Adm. Jakarta Barat"),
        reading(),
    ]
    told = html_text(udara.sensor_list(table(*rows), "b"))
    assert told.index("Jakarta Barat") < told.index("Jakarta Pusat")
    assert told.index(">B<") < told.index(">A<")
    assert "Bundaran HI" not in told


def test_days_are_those_of_wib():
    evening = datetime(2024, 6, 12, 16, 30, tzinfo=UTC)
    days = udara.daily([hour(evening, 10.0), hour(evening + HOUR, 30.0), hour(NOW, 50.0)])
    assert [(noon.day, peak, mean, count) for noon, peak, mean, count in days] == [
        (12, 10, 10, 1),
        (13, 50, 40, 2),
    ]


def test_charts_show_categories_behind_the_hours():
    station = {"station_id": "DKI1", "name": "Bundaran HI", "kind": "reference"}
    hours = [hour(NOW - step * HOUR, 40.0 + step) for step in reversed(range(60))]
    drawn = udara.station_charts(hours, station, [station], NOW)
    recent = next(one for one in drawn if getattr(one, "className", "") == "chart").children.figure
    assert len(recent.data[0].x) == 48
    names = {note.text for note in recent.layout.annotations}
    assert names == {"Baik", "Sedang", "Tidak Sehat"}


def test_a_station_without_data_or_name_says_so():
    station = {"station_id": "DKI1", "name": "Bundaran HI", "kind": "reference"}
    assert "Belum ada data PM2,5" in html_text(udara.station_charts([], station, [station], NOW))
    assert "tidak dikenal" in html_text(udara.station_charts([], None, [], NOW))
