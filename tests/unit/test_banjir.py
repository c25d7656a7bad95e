"""The page /banjir, without a lake: the board, the pumps, the chart and what else it draws."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboards import floods, gauge_chart, rivers, stations
from dashboards.banjir import chosen
from dashboards.markup import html_text
from dashboards.panels import View
from data.asof import AsOf
from data.flood_depths import depth_class
from data.waves import Window
from tests.lakes import NOW

HOUR = timedelta(hours=1)
INSIDE = frozenset({"manggarai", "karet", "istiqlal"})


def gate(station="manggarai", **values):
    return {
        "station_id": station,
        "name": station.title(),
        "river": "Ciliwung",
        "lon": 106.85,
        "lat": -6.2,
        "event_time": NOW - timedelta(minutes=5),
        "level_cm": 700.0,
        "siaga": 4,
        "siaga3_cm": 750.0,
        "siaga2_cm": 850.0,
        "siaga1_cm": 950.0,
        "rise_cm_h": 0.0,
        "late_s": 3600.0,
        "expired_s": 10800.0,
        "feed": "dsda_levels",
        "simulated": True,
    } | values


def day(station, levels):
    """Return the hourly readings of a station that end now, as `levels_day` tells them."""
    start = NOW - HOUR * (len(levels) - 1)
    return {
        "station_id": station,
        "feed": "dsda_levels",
        "simulated": True,
        "event_s": [int((start + HOUR * hour).timestamp()) for hour in range(len(levels))],
        "levels_cm": levels,
    }


def flood_night(levels=(80, 80, 150, 260, 250, 200), told=()):
    rows = [
        gate("depok", siaga=2, level_cm=levels[-1], siaga3_cm=200, siaga2_cm=270, siaga1_cm=350),
        gate("manggarai"),
    ]
    return rivers.board(rows, [day("depok", list(levels))], told, INSIDE, NOW)


def house(**values):
    return {
        "name": "Pluit",
        "lon": 106.85,
        "lat": -6.2,
        "pumps": 5,
        "running": 2,
        "idle": 1,
        "off": None,
        "broken": None,
        "event_time": NOW,
        "simulated": True,
    } | values


def test_a_river_runs_from_upstream_to_the_sea():
    ciliwung = next(chain for chain in rivers.chains() if chain.name == "Ciliwung")
    assert ciliwung.steps[:3] == (("cibalok-gadog",), ("katulampa",), ("depok",))
    assert set(ciliwung.steps[3]) == {"manggarai", "manggarai-kcl"}


def test_a_way_to_another_river_is_a_chain_of_its_own():
    named = {chain.name: chain.steps for chain in rivers.chains()}
    assert named["Krukut → Banjir Kanal Barat"] == (("krukut-hulu",), ("karet",))
    assert named["Cipinang → Sunter"][-1] == ("pulo-gadung",)
    assert "Cipinang" not in named
    assert all(len(steps) > 1 for steps in named.values())


def test_the_board_tells_the_window_of_a_crest_as_an_interval():
    state = flood_night()
    assert state.windows["manggarai"].origin == "depok"
    told = html_text(rivers.draw(state))
    # The crest at Depok stood at 01.10; six to eight hours later.
    assert "Puncak lewat 01.10 WIB, 250\N{NO-BREAK SPACE}cm" in told
    assert "Puncak tiba 07.10–09.10 WIB" in told
    assert "6–8 jam" in told
    assert "belum dari riwayat" in told


def test_a_window_that_was_learned_says_from_how_many_crests_and_how_well_such_windows_did():
    def seen(year, simulated):
        return {
            "upstream_id": "depok",
            "downstream_id": "manggarai",
            "siaga": 3,
            "year": year,
            "simulated": simulated,
            "lags_s": [3600 * (5 + step / 18) for step in range(19)],
        }

    told = html_text(rivers.draw(flood_night(told=[seen(2024, True), seen(2025, True)])))
    # The crest at Depok stood at 01.10; five to six hours later.
    assert "Puncak tiba 06.10–07.10 WIB" in told
    assert "Rentang 90 % dari 38 puncak di arsip" in told
    assert "dipelajari dari 38 puncak, semua data simulasi" in told
    assert "Dari 19 puncak pada tahun sesudah tahun yang dipelajari, 100 % tiba" in told
    assert "6 ruas belum punya 10 puncak" in told


def test_a_window_is_as_old_as_the_reading_upstream():
    told = html_text(rivers.draw(flood_night()))
    window = told[told.index('class="river-window"') :]
    assert f'data-fresh="{(NOW - timedelta(minutes=5)).isoformat()}"' in window[:400]
    assert "tidak dapat dinilai" in window[:600]


def test_while_the_water_upstream_rises_the_window_has_no_end():
    told = html_text(rivers.draw(flood_night((80, 80, 150, 210, 260))))
    assert "Puncak tiba paling cepat 09.10 WIB, hulu masih naik" in told


def test_a_window_over_midnight_names_the_day():
    late = Window("depok", NOW + 20 * HOUR, NOW + 22 * HOUR)
    assert rivers.window_text(late, NOW) == "Puncak tiba 23.10 – 13 Mar 01.10 WIB"


def test_stations_beyond_the_border_say_so():
    told = html_text(rivers.draw(flood_night()))
    assert told.count("di luar kewenangan DKI") == 1


def test_the_board_of_an_area_shows_its_chains_whole():
    state = flood_night()
    assert "Depok" in html_text(rivers.draw(state, {"manggarai"}))
    assert "Tidak ada pos di wilayah ini" in html_text(rivers.draw(state, {"elsewhere"}))


def test_the_board_says_who_decides():
    told = html_text(rivers.draw(flood_night()))
    for owner in rivers.owners().values():
        assert owner in told


def test_a_station_without_data_is_no_zero():
    rows = [gate("depok", level_cm=None, siaga=None, event_time=None), gate()]
    told = html_text(rivers.draw(rivers.board(rows, [], [], INSIDE, NOW)))
    assert "Belum ada data" in told
    assert ">0<" not in told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"siaga": 4, "level_cm": 700.0}, "50\N{NO-BREAK SPACE}cm ke Siaga 3"),
        ({"siaga": 2, "level_cm": 900.0}, "50\N{NO-BREAK SPACE}cm ke Siaga 1"),
        ({"siaga": 1, "level_cm": 960.0}, "10\N{NO-BREAK SPACE}cm di atas ambang Siaga 1"),
        ({"siaga": 2, "siaga1_cm": None}, "ambang Siaga 1 belum ada"),
        ({"siaga": None}, "–"),
        ({"level_cm": None}, "–"),
    ],
)
def test_the_way_to_the_next_bound_is_told(values, told):
    assert stations.to_next(gate(**values)) == told


def test_a_negative_level_is_a_level():
    pluit = gate(level_cm=-195.0, siaga3_cm=-50.0)
    assert "−195" in html_text(stations.station_table([pluit], {}))
    assert stations.to_next(pluit) == "145\N{NO-BREAK SPACE}cm ke Siaga 3"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"running": None, "idle": None},
        {"off": 1, "broken": 1},
        {"pumps": None},
        {"running": 9},
    ],
)
def test_the_pumps_of_a_house_add_up(values):
    pumps = floods.pump_parts(house(**values))
    assert sum(pumps[name] for name in floods.PUMP_WORDS) == pumps["installed"]
    assert min(pumps.values()) >= 0


def test_what_no_source_tells_of_pumps_is_not_a_zero():
    told = html_text(floods.pumps(floods.with_gauge([house()], [])))
    assert "Sumber data tidak menyatakan yang nonaktif dan rusak" in told
    assert "Jumlahnya 5 pompa terpasang di 1 rumah pompa" in told
    assert "Rusak" in html_text(floods.pumps(floods.with_gauge([house(broken=1)], [])))


def test_reports_of_pumps_tell_their_own_age():
    later, latest = NOW + timedelta(minutes=30), NOW + timedelta(minutes=40)
    silent = house(running=None, idle=None, event_time=None)
    houses = [house(), silent, house(event_time=latest), house(event_time=later)]
    oldest, median = [part.dateTime for part in floods.report_ages(houses)[1::2]]
    assert (oldest, median) == (NOW.isoformat(), later.isoformat())
    assert "laporan tertua" in html_text(floods.pumps(floods.with_gauge(houses, [])))
    assert "laporan" not in html_text(floods.pumps(floods.with_gauge([silent], [])))
    assert floods.pump_rest(floods.pump_sums(houses)) == "3 siap (idle) · 11 tanpa data"


def test_pump_houses_in_a_threatened_basin_come_first():
    near, far = gate("a", siaga=1), gate("b", lon=106.95)
    houses = [house(name="Aman", lon=106.95), house(name="Jalan"), house(name="Mati", running=0)]
    placed = floods.with_gauge(houses, [near, far])
    assert [row["name"] for row in placed] == ["Mati", "Jalan", "Aman"]
    assert floods.with_gauge([house(lon=106.0)], [near])[0]["gauge"] is None


def test_an_old_inundation_is_marked_by_its_own_age():
    row = {
        "area_code": "1",
        "area_name": "RW 09",
        "area_level": "rw",
        "state": "3",
        "kelurahan_code": "31.71.01.1001",
        "kelurahan": "Gambir",
        "event_time": NOW,
    }
    told = html_text(floods.inundations([row]))
    assert 'data-late="10800"' in told
    assert "belum dikonfirmasi" in told
    assert "71–150 cm" in told


def test_reports_fade_after_one_hour_and_leave_after_three():
    row = {"depth_cm": 30.0, "kelurahan": None, "kelurahan_code": None, "event_time": NOW}
    told = html_text(floods.reports([row]))
    assert 'data-late="3600"' in told
    assert 'data-expired="10800"' in told


def test_warnings_are_always_of_bmkg_and_leave_when_they_expire():
    row = {
        "headline": "Hujan Lebat",
        "event": "Hujan",
        "description": None,
        "effective_at": NOW,
        "expires_at": NOW + 2 * HOUR,
        "event_time": NOW,
    }
    told = html_text(floods.warnings([row]))
    assert "BMKG: Hujan Lebat" in told
    assert 'data-expired="7200"' in told
    assert "BMKG: tidak ada" in html_text(floods.warnings([]))


@pytest.mark.parametrize(
    ("depth", "name"), [(None, "1"), (3, "2"), (10, "2"), (71, "3"), (150, "4"), (200, "4")]
)
def test_a_reported_depth_has_a_class(depth, name):
    assert depth_class(depth) == name


def test_the_axis_reaches_the_bound_next_above():
    low, high = gauge_chart.axis_range([600, 700], [750, 850])
    assert low < 600
    assert 750 < high < 850


def test_bands_meet_and_end_at_the_axis():
    assert gauge_chart.bands({3: 750, 2: 850, 1: 950}, 900) == [(3, 750, 850), (2, 850, 900)]
    assert gauge_chart.bands({}, 900) == []


def test_a_reading_is_late_by_the_budget_of_its_station():
    row = {"event_time": NOW, "known_time": NOW + HOUR, "known_assumed": False}
    assert gauge_chart.was_late(row, 1800)
    assert not gauge_chart.was_late(row, 7200)
    assert not gauge_chart.was_late(row | {"known_assumed": True}, 1800)


def reading(minutes, level, lag=1):
    at = NOW - timedelta(minutes=minutes)
    return {
        "event_time": at,
        "known_time": at + timedelta(minutes=lag),
        "known_assumed": False,
        "level_cm": level,
    }


def test_the_chart_breaks_at_gaps_and_rings_what_came_late():
    levels = [reading(minutes, 700.0) for minutes in (200, 190, 180, 170, 20, 10)]
    levels.append(reading(0, 710.0, lag=90))
    drawn = gauge_chart.gauge_chart(gate(), levels, since=NOW - 48 * HOUR, until=NOW)
    line, rings = drawn.children.figure.data
    assert None in line.y
    assert list(rings.y) == [710.0]
    assert drawn.children.figure.layout.shapes
    assert "terakhir 710" in getattr(drawn, "aria-label")


@pytest.mark.parametrize(
    ("params", "name"),
    [({"pos": "karet"}, "karet"), ({"pos": "<script>"}, "manggarai"), ({}, "manggarai")],
)
def test_the_station_of_the_address_is_looked_into_else_the_gravest(params, name):
    view = View(AsOf.now(NOW), "31", None, params)
    rows = [gate(level_cm=None), gate("manggarai"), gate("karet")]
    assert chosen(rows[1:], view)["station_id"] == name
    assert chosen(rows[:1], View(AsOf.now(NOW), "31", None, {})) is None
