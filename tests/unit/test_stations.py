from __future__ import annotations

import pytest

from data import reference
from etl.stations import named, numbered


@pytest.mark.parametrize(
    ("name", "station_id"),
    [
        ("PA. Manggarai", "manggarai"),
        ("P.A. Manggarai 2", "manggarai"),
        ("Manggarai BKB", "manggarai"),
        ("Manggarai KCL", "manggarai-kcl"),
        ("P.A. Ancol Flusing", "ancol-flushing"),
        ("p.s. PESANGGRAHAN 1", "pesanggrahan"),
        ("Pos Sawangan", "sawangan"),
        ("Pos Contoh", None),
        ("", None),
    ],
)
def test_stations_are_found_by_any_spelling_of_their_names(name, station_id):
    assert named(name) == station_id


def test_stations_are_found_by_the_number_of_the_telemetry():
    assert numbered("122") == "manggarai"
    assert numbered("999") is None
    assert numbered("") is None


def test_every_alias_leads_to_a_station_that_exists():
    known = {row["station_id"] for row in reference.rows("water_stations")}
    assert set(reference.aliases("water_station").values()) <= known


def test_no_two_stations_share_a_name_or_a_number():
    rows = reference.rows("water_stations")
    names = [reference.plain(row["name"]) for row in rows]
    numbers = [row["dsda_id"] for row in rows if row["dsda_id"]]
    assert len(set(names)) == len(names)
    assert len(set(numbers)) == len(numbers)


def test_no_alias_is_the_name_of_another_station():
    aliases = reference.aliases("water_station")
    for row in reference.rows("water_stations"):
        plain = reference.plain(row["name"])
        assert aliases.get(plain, row["station_id"]) == row["station_id"]
