"""What the traffic page makes of its rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards import lalu_lintas
from dashboards.markup import html_text

NOW = datetime(2024, 6, 13, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINE = "LINESTRING (106.8229 -6.1824, 106.8230 -6.1950)"


def corridor(**changes: Any) -> dict[str, Any]:
    return {
        "corridor_id": "K001",
        "name": "Jl. M.H. Thamrin",
        "free_kmh": 50.0,
        "length_m": 3600.0,
        "line": LINE,
        "event_time": NOW - MINUTE,
        "speed_kmh": 18.0,
        "level": 3,
        "delay_s": 300.0,
        "earlier_kmh": 36.0,
        "half_kmh": 24.0,
        "usual_kmh": 36.0,
        "usual_low_kmh": 32.0,
        "usual_high_kmh": 40.0,
        "usual_hour_kmh": 36.0,
        "weeks": 8,
        "feed": "tomtom_flow",
        "simulated": True,
    } | changes


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "alert_id": "a1",
        "type": "ACCIDENT",
        "subtype": "ACCIDENT_MAJOR",
        "street": "Jl. M.H. Thamrin",
        "reliability": 7.0,
        "kelurahan_code": "31.71.01.1001",
        "kelurahan": "Gambir",
        "lon": 106.8230,
        "lat": -6.1900,
        "event_time": NOW - 12 * MINUTE,
        "feed": "waze_ccp",
        "simulated": True,
    } | changes


def jam(**changes: Any) -> dict[str, Any]:
    return {
        "jam_id": "j1",
        "street": "Jl. Gatot Subroto",
        "level": 4,
        "speed_kmh": 8.0,
        "length_m": 500.0,
        "delay_s": 120.0,
        "event_time": NOW - MINUTE,
        "feed": "waze_ccp",
        "simulated": True,
    } | changes


def ways(*rows: dict[str, Any]) -> list[lalu_lintas.Way]:
    return lalu_lintas.ways(rows)


def test_a_way_takes_its_length_over_its_speed():
    (way,) = ways(corridor())
    assert (way.now_s, way.usual_s, way.half_s) == (720, 360, 540)
    assert way.over_s == 360
    assert way.slower == pytest.approx(-0.5)


def test_the_city_is_as_slow_as_its_roads_together():
    short = corridor(corridor_id="K002", length_m=400.0, speed_kmh=40.0, usual_kmh=40.0)
    speed, usual, over = lalu_lintas.travel_time(ways(corridor(), short))
    assert speed == pytest.approx(4000 / (720 + 36) * 3.6)
    assert usual == pytest.approx(4000 / (360 + 36) * 3.6)
    assert over == pytest.approx((720 + 36) / (360 + 36) - 1)


def test_without_a_usual_the_speed_alone_is_told():
    assert lalu_lintas.travel_time(ways(corridor(usual_kmh=None))) == (18, None, None)
    assert lalu_lintas.travel_time([]) == (None, None, None)
    told = html_text(lalu_lintas.numbers([], ways(corridor(usual_kmh=None)), NOW))
    assert "Pembanding belum ada" in told
    assert "Belum ada data" in told


def test_what_usually_grows_at_this_hour_is_no_candidate():
    # From six to nine minutes; usually from six to nine as well.
    usual = corridor(speed_kmh=24.0, usual_kmh=24.0)
    assert lalu_lintas.worsening(ways(usual)) == []
    more = corridor(corridor_id="K002")
    assert [way.row["corridor_id"] for way in lalu_lintas.worsening(ways(usual, more))] == ["K002"]


def test_a_road_that_usually_empties_now_needs_a_growth_of_its_own():
    still = corridor(speed_kmh=36.0, earlier_kmh=36.0, usual_kmh=48.0, usual_hour_kmh=36.0)
    assert lalu_lintas.worsening(ways(still)) == []


def test_candidates_stand_in_the_order_of_the_growth_that_they_print():
    slow = corridor(corridor_id="K002", name="Jl. Panjang", speed_kmh=30.0)
    told = html_text(lalu_lintas.candidates(ways(slow, corridor()), [], NOW))
    assert told.index("+100 %") < told.index("+20 %")
    assert "6,0\N{NO-BREAK SPACE}mnt → 12,0\N{NO-BREAK SPACE}mnt" in told
    assert "Belum ada laporan" in told


def test_a_corridor_without_an_hour_before_cannot_be_judged():
    row = corridor(earlier_kmh=None)
    assert "Belum dapat dinilai" in html_text(lalu_lintas.candidates(ways(row), [], NOW))


def test_reports_belong_to_a_corridor_that_they_stand_at():
    far = alert(alert_id="far", lon=106.8300)
    hazard = alert(alert_id="hazard", type="HAZARD", event_time=NOW)
    found = lalu_lintas.near([corridor()], [hazard, far, alert()])
    assert [row["alert_id"] for row in found["K001"]] == ["a1", "hazard"]
    told = html_text(lalu_lintas.candidates(ways(corridor()), [alert()], NOW))
    assert "kecelakaan (berat) 12 mnt lalu" in told


def test_corridors_are_ranked_by_the_usual_or_by_delay():
    late = corridor(corridor_id="K002", speed_kmh=35.0, delay_s=900.0)
    new = corridor(corridor_id="K003", usual_kmh=None, delay_s=None)
    through = ways(new, late, corridor())
    by_usual = [way.row["corridor_id"] for way in lalu_lintas.ranking(through, "")]
    by_delay = [way.row["corridor_id"] for way in lalu_lintas.ranking(through, "tundaan")]
    assert by_usual == ["K001", "K002", "K003"]
    assert by_delay == ["K002", "K001", "K003"]


def test_the_table_says_how_a_corridor_differs_from_the_usual():
    told = html_text(lalu_lintas.worst(ways(corridor()), {}, "K001", ""))
    assert "50 %" in told
    assert "lebih lambat" in told
    assert 'class="is-chosen"' in told
    same = html_text(lalu_lintas.worst(ways(corridor(speed_kmh=36.0)), {}, "", ""))
    assert "sama" in same
    closed = html_text(lalu_lintas.worst(ways(corridor(level=5, delay_s=None)), {}, "", ""))
    assert "ditutup" in closed


def test_a_corridor_that_stands_still_has_no_travel_time():
    (way,) = ways(corridor(speed_kmh=0.0))
    assert (way.now_s, way.growth_s) == (None, None)
    assert "100 %" in html_text(lalu_lintas.worst([way], {}, "", ""))
    assert lalu_lintas.travel_time([way]) == (None, None, None)


def test_a_small_trend_keeps_its_gaps():
    hours = [
        {
            "event_time": NOW - (12 - step) * timedelta(hours=1),
            "speed_kmh": None if step == 6 else 30.0,
            "usual_kmh": 36.0,
            "usual_low_kmh": 32.0,
            "usual_high_kmh": 40.0,
        }
        for step in range(12)
    ]
    told = html_text(lalu_lintas.spark(hours, corridor()))
    line = told.split('class="spark-line"')[1].split('d="')[1].split('"')[0]
    assert line.count("M") == 2
    assert "spark-band" in told
    assert "Belum ada riwayat" in html_text(lalu_lintas.spark([], corridor()))


def test_closed_stretches_are_told_by_street():
    closed = [jam(level=5), jam(jam_id="j2", level=5), jam(jam_id="j3", level=5, street=None)]
    assert {
        street: len(rows) for street, rows in lalu_lintas.closed_streets([*closed, jam()]).items()
    } == {"Jl. Gatot Subroto": 2, "jalan tanpa nama": 1}


def test_accidents_stand_above_closed_streets_and_floods():
    flood = alert(alert_id="f", type="WEATHERHAZARD", subtype="HAZARD_WEATHER_FLOOD")
    told = html_text(lalu_lintas.reports([flood, alert()], [jam(level=5)]))
    order = [told.index(word) for word in ("Kecelakaan, berat", "(1 ruas", "jalan, banjir")]
    assert order == sorted(order)
    assert "7 dari 10" in told


def test_more_reports_than_fit_are_counted():
    many = [alert(alert_id=str(number), type="HAZARD", subtype=None) for number in range(35)]
    assert "5 laporan lagi" in html_text(lalu_lintas.reports(many, []))


def test_no_report_is_a_finding():
    assert "Tidak ada penutupan" in html_text(lalu_lintas.reports([], []))


def test_the_week_outlines_the_present_hour_in_wib():
    chosen = {"corridor_id": "K001", "name": "Jl. M.H. Thamrin", "free_flow_kmh": "50"}
    rows = [{"weekday": 4, "hour": 12, "speed_kmh": 20.0, "delay_s": 5.0, "weeks": 8}]
    told = html_text(lalu_lintas.week(rows, ways(corridor()), chosen, NOW))
    assert told.count("is-now") == 1
    assert 'class="pekan-2 is-now"' in told
    assert told.count("pekan-none") == 167


def test_an_unknown_corridor_is_said_to_be_unknown():
    assert "tidak dikenal" in html_text(lalu_lintas.week([], [], None, NOW))


@pytest.mark.parametrize("simulated", [True, False])
def test_the_licences_of_the_sources_are_printed(simulated):
    feed = {
        "feed": "waze_ccp",
        "source": "Waze for Cities Data",
        "licence": "Perjanjian kemitraan",
        "scheduled": True,
        "simulated": simulated,
    }
    told = html_text(lalu_lintas.sources([feed, feed | {"feed": "cameras", "source": "CCTV"}]))
    assert "Perjanjian kemitraan" in told
    assert "CCTV" not in told
    assert ("DATA SIMULASI" in told) is simulated
