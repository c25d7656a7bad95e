"""The wall: the size of its type, how its address is read, and what its zones say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import dinding, wall_zones
from dashboards.markup import html_text
from data import alarms, city_status
from data.ledger import Held

AT = datetime(2026, 3, 11, 20, 10, tzinfo=UTC)
RULES = alarms.rules(AT.date())


# PRODUCT 3.2: px of 16, 20 and 30 minutes of arc, by distance and pitch.
@pytest.mark.parametrize(
    ("distance", "pitch", "sizes"),
    [
        (3, 0.63, (31, 39, 59)),
        (4, 0.63, (42, 52, 78)),
        (5, 0.63, (52, 65, 98)),
        (6, 0.63, (62, 78, 117)),
        (8, 0.63, (83, 104, 156)),
        (5, 0.43, (76, 95, 143)),
        (5, 0.56, (58, 73, 109)),
        (4, 0.315, (83, 104, 156)),
        (5, 1.5, (22, 27, 41)),
    ],
)
def test_type_is_as_large_as_the_table_for_distance_and_pitch_says(distance, pitch, sizes):
    unit = dinding.unit_px(distance, pitch)
    assert [unit, 1.25 * unit, 1.875 * unit] == pytest.approx(sizes, abs=0.8)


def test_on_a_wall_of_leds_capitals_keep_14_pixels():
    assert dinding.unit_px(3, 2.5) * dinding.CAPITAL == pytest.approx(14)


def screen(**args):
    return dinding.read_screen(args, {})


def test_an_empty_address_has_its_defaults_and_no_note():
    found = screen()
    assert found.unit_px == pytest.approx(52, abs=0.1)
    assert (found.seams, found.scene, found.name, found.notes) == ("", "", "utama", ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jarak", "-3"),
        ("jarak", "dekat"),
        ("jarak", "nan"),
        ("jarak", "1e99"),
        ("mm_px", "-7"),
        ("sambungan", "1920;3840"),
        ("adegan", "pesta"),
        ("peta", "99.99"),
        ("nama", "../utama"),
    ],
)
def test_nonsense_in_one_parameter_gives_its_default_and_a_note(name, text):
    found = screen(**{name: text})
    assert len(found.notes) == 1
    assert found.notes[0].startswith(name)
    assert text not in found.notes[0]
    blank = screen()
    assert (found.unit_px, found.extent, found.name) == (blank.unit_px, blank.extent, blank.name)


@given(st.dictionaries(st.sampled_from(["jarak", "mm_px", "sambungan", "adegan"]), st.text()))
def test_reading_an_address_never_fails(args):
    assert dinding.read_screen(args, {}).unit_px >= dinding.LEAST_PX


@pytest.mark.parametrize("text", ["1920", "1920,3840x1080", "x1080", "tanpa"])
def test_seams_are_taken_as_they_are_written(text):
    assert (screen(sambungan=text).seams, screen(sambungan=text).notes) == (text, ())


def alarm(**changes):
    return {
        "alarm_id": "gate_level:manggarai",
        "rule": "gate_level",
        "subject_kind": "gate",
        "subject_id": "manggarai",
        "subject": "P.A. Manggarai",
        "severity": "siaga1",
        "state": "active",
        "value": 968.0,
        "unit": "cm",
        "bound": 950.0,
        "title": "Tinggi muka air P.A. Manggarai mencapai Siaga 1 – Bahaya",
    } | changes


def exceptions(*rows, held=None):
    return html_text(wall_zones.exceptions(rows, held or {}, RULES))


def test_a_single_alarm_tells_its_subject_and_its_value():
    html = exceptions(alarm())
    assert "P.A. Manggarai" in html
    assert "968\N{NO-BREAK SPACE}cm" in html
    assert 'data-scene="banjir"' in html


def test_posts_at_siaga_1_are_told_by_name_the_farthest_above_its_bound_first():
    posts = [
        alarm(alarm_id=f"gate_level:{name}", subject=name, value=value, bound=bound)
        for name, value, bound in (("Depok", 360.0, 350.0), ("Sawangan", 281.0, 250.0))
    ]
    html = exceptions(alarm(), *posts, alarm(alarm_id="gate_level:karet", severity="siaga2"))
    places = [html.index(f">{name}<") for name in ("Sawangan", "P.A. Manggarai", "Depok")]
    assert places == sorted(places)
    assert "281\N{NO-BREAK SPACE}cm" in html
    assert html.count('data-rest="pos lain"') == 1
    assert 'data-all="2"' in html


def test_other_alarms_of_one_kind_share_a_row_and_five_kinds_are_the_most():
    many = [
        alarm(alarm_id=f"gate_level:{number}", subject=f"P.A. {number}", severity="siaga2")
        for number in range(9)
    ]
    others = [
        alarm(alarm_id=rule, rule=rule, severity="notice")
        for rule in ("gate_rise", "pumps_down", "complaint_burst", "ispu", "corridor_collapse")
    ]
    html = exceptions(*many, *others)
    assert html.count("<li") == 5
    assert "Siaga 2 – Siaga" in html
    assert "9 pos" in html
    assert all(f"P.A. {number}</span>" in html for number in range(9))
    assert 'data-all="6"' in html


def test_names_in_the_row_of_a_lesser_kind_leave_first():
    lesser = [alarm(alarm_id=name, subject=name, severity="siaga3") for name in "ab"]
    greater = [alarm(alarm_id=name, subject=name, severity="siaga2") for name in "cd"]
    html = exceptions(*greater, *lesser)
    ranks = [float(rank) for rank in re.findall(r'data-leave="([\d.]+)"', html)]
    assert ranks == sorted(ranks)


def test_an_alarm_on_stale_input_cannot_be_judged():
    html = exceptions(alarm(state="unassessable"))
    assert "968" not in html
    assert html.count("tidak dapat dinilai") == 2


@pytest.mark.parametrize(("known_at", "waits"), [(None, "yes"), (AT, "no")])
def test_a_row_waits_until_somebody_knows_of_it(known_at, waits):
    held = {"gate_level:manggarai": Held(acknowledged_at=known_at)}
    assert f'data-waits="{waits}"' in exceptions(alarm(), held=held)


def test_no_alarm_is_said_in_words():
    assert "Tidak ada yang perlu perhatian" in exceptions()


@pytest.mark.parametrize(("level", "word"), list(city_status.WORDS.items()))
def test_the_status_is_a_word_and_never_a_number(level, word):
    row = {"level": level, "asks": ["Dinas SDA: Jalankan semua pompa"], "reasons": None}
    html = html_text(wall_zones.status(row))
    assert f">{word}<" in html
    assert html.count("is-on") == level
    assert f">{level}<" not in html


def test_the_status_is_not_made_on_alarms_that_nobody_judges_any_more():
    row = {"level": 1, "asks": None, "reasons": None}
    for html in (html_text(wall_zones.status(row)), exceptions()):
        assert 'data-of="alarms"' in html
        assert "tidak dapat dinilai" in html


def test_before_the_first_judgement_the_status_says_so():
    assert "Belum dinilai" in html_text(wall_zones.status(None))


def gate(station, siaga, name="P.A. X"):
    return {
        "station_id": station,
        "name": name,
        "event_time": AT,
        "level_cm": 100.0,
        "siaga": siaga,
        "rise_cm_h": 0.0,
        "late_s": 900.0,
        "expired_s": 2700.0,
    }


def test_the_thirteen_gates_stand_from_the_mountains_to_the_sea_and_others_only_at_siaga_1():
    rows = [
        gate("sawangan", 1),
        gate("mookevart", 2),
        gate("manggarai", 3),
        gate("katulampa", 4, "Bendung Katulampa"),
    ]
    html = html_text(wall_zones.gates(rows))
    places = [html.index(f'data-key="{key}"') for key in ("katulampa", "manggarai", "sawangan")]
    assert places == sorted(places)
    assert "mookevart" not in html
    assert "Bd. Katulampa" in html


def test_a_gate_without_a_reading_has_no_siaga_and_no_zero():
    html = html_text(wall_zones.gates([gate("manggarai", 4) | {"level_cm": None}]))
    assert "shape-siaga-none" in html
    assert "Belum ada data" in html


def jam(street, level, delay):
    return {"street": street, "level": level, "delay_s": delay, "length_m": 500.0}


def test_the_worst_streets_are_closed_ones_and_then_those_that_hold_up_longest():
    rows = [jam("A", 4, 60.0), jam("B", 4, 50.0), jam("A", 4, 30.0), jam("C", 5, None)]
    found = wall_zones.worst_streets([*rows, jam("D", 3, 900.0), jam(None, 4, 900.0)])
    assert [(row["street"], row["delay_s"]) for row in found] == [
        ("C", None),
        ("A", 90.0),
        ("B", 50.0),
    ]


def test_a_warning_of_bmkg_always_carries_its_name():
    row = {"alert_id": "a", "headline": "Hujan lebat", "event": "Hujan", "expires_at": AT}
    assert "BMKG: Hujan lebat" in html_text(wall_zones.weather([row]))
    assert "BMKG: tidak ada" in html_text(wall_zones.weather([]))


def test_zero_flooded_places_is_a_number_and_no_pump_report_is_not():
    assert ">0<" in html_text(wall_zones.inundations([]))
    silent = dict.fromkeys(("pumps", "running", "idle", "off", "broken"))
    assert "Belum ada data rumah pompa" in html_text(wall_zones.pumps([silent]))


def test_pumps_add_up_and_what_none_of_them_does_is_not_told():
    house = {"pumps": 9, "running": 4, "idle": 2, "off": 0, "broken": None}
    told = html_text(wall_zones.pumps([house]))
    assert "pompa aktif dari 9" in told
    assert "2 siap (idle)" in told
    assert "3 tanpa data" in told
    assert "nonaktif" not in told
