"""What the citizens' page makes of its rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards import air, publik
from dashboards.markup import html_text
from data import reference

NOW = datetime(2024, 6, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
GAMBIR = publik.place_of("31.71.01.1001")
CITY = publik.place_of("31")


def gate(**changes: Any) -> dict[str, Any]:
    return {
        "station_id": "manggarai",
        "name": "P.A. Manggarai",
        "river": "Ciliwung",
        "lon": 106.8484,
        "lat": -6.2077,
        "event_time": NOW,
        "level_cm": 780.0,
        "siaga": 3,
        "rise_cm_h": 12.0,
        "late_s": 1800.0,
        "expired_s": 5400.0,
        "simulated": True,
    } | changes


def inundation(**changes: Any) -> dict[str, Any]:
    return {
        "area_code": "rw",
        "area_name": "RW 09",
        "area_level": "rw",
        "state": "2",
        "kelurahan": "Gambir",
        "simulated": True,
    } | changes


def step(**changes: Any) -> dict[str, Any]:
    return {
        "valid_time": NOW,
        "coolest_c": 25.0,
        "warmest_c": 27.0,
        "weather": "Berawan",
        "wettest": "Berawan",
        "wettest_code": 3,
        "wet": 0,
        "places": 1,
        "event_time": NOW - 6 * HOUR,
        "simulated": True,
    } | changes


def station(**changes: Any) -> dict[str, Any]:
    return {
        "station_id": "DKI1",
        "name": "Bundaran HI",
        "kind": "reference",
        "lon": 106.8227,
        "lat": -6.1955,
        "parameter": "pm25",
        "ispu": 40,
        "mean_ug_m3": 12.0,
        "event_time": NOW,
        "simulated": True,
    } | changes


def report(**changes: Any) -> dict[str, Any]:
    return {"type": "WEATHERHAZARD", "street": "Jl. Panjang", "reliability": 8.0} | changes


def jam(**changes: Any) -> dict[str, Any]:
    return {"level": 4, "street": "Jl. Veteran", "feed": "waze_ccp"} | changes


def texts(found: list[publik.Advice]) -> list[str]:
    return [one.text for one in found]


def test_a_place_is_named_with_the_areas_around_it():
    assert GAMBIR.label == "Kel. Gambir, Kec. Gambir, Jakarta Pusat"
    assert publik.place_of("31.01").label == "Kepulauan Seribu"
    assert (CITY.label, CITY.lon) == ("Seluruh Jakarta", None)


@pytest.mark.parametrize("code", ["31.99", "31.71.01.9999", "", "<script>"])
def test_a_place_that_is_not_known_is_the_whole_city(code):
    assert publik.place_of(code) == CITY


def test_distances_are_those_on_the_ground():
    there = {"lon": GAMBIR.lon, "lat": (GAMBIR.lat or 0) + 0.1}
    assert publik.distance_km(GAMBIR, there) == pytest.approx(11.1, abs=0.05)
    assert publik.distance_km(CITY, there) == 0


def test_a_place_looks_at_its_nearest_gates_and_the_city_at_the_gravest():
    far = gate(name="Bendung Katulampa", lat=-6.63, lon=106.84, siaga=1)
    silent = gate(name="Pos Senyap", lat=GAMBIR.lat, lon=GAMBIR.lon, level_cm=None)
    rows = [far, gate(), gate(name="P.A. Istiqlal", lat=-6.17, lon=106.83), silent]
    assert [row["name"] for row in publik.near_gates(rows, GAMBIR)] == [
        "P.A. Istiqlal",
        "P.A. Manggarai",
        "Bendung Katulampa",
    ]
    assert publik.near_gates(rows, CITY)[0] is far


def test_the_nearest_station_that_tells_something_counts():
    rows = [
        station(station_id="a", ispu=None, mean_ug_m3=None, lon=GAMBIR.lon, lat=GAMBIR.lat),
        station(station_id="b", ispu=120, lat=-6.3),
        station(station_id="c"),
    ]
    found, worst = publik.near_air(rows, GAMBIR, NOW), publik.near_air(rows, CITY, NOW)
    assert found is not None
    assert worst is not None
    assert (found.row["station_id"], worst.row["station_id"]) == ("c", "b")
    assert publik.near_air(rows[:1], CITY, NOW) is None
    later = NOW + 24 * HOUR
    rows.append(station(station_id="d", ispu=80, event_time=later))
    worst = publik.near_air(rows, CITY, later)
    assert worst is not None
    assert worst.row["station_id"] == "d"


def test_advice_is_that_of_the_gravest_level_that_is_reached():
    assert "mengungsi" in texts(publik.advise("siaga", 1, ""))[0]
    assert "Pindahkan" in texts(publik.advise("siaga", 2, ""))[0]
    assert publik.advise("siaga", 4, "") == []
    assert publik.advise("genangan", None, "") == []
    assert "petir" in texts(publik.advise("hujan", 95, ""))[0]
    assert "payung" in texts(publik.advise("hujan", 63, ""))[0]
    assert publik.advise("ispu", 100, "") == []


def test_every_advice_has_a_source():
    rows = reference.rows("public_advice")
    assert all(row["text"].endswith(".") and row["source"] for row in rows)
    assert len({(row["topic"], row["from_level"]) for row in rows}) == len(rows)


def test_a_deep_flood_asks_for_more_than_an_unknown_one():
    unknown = publik.flood_advice([], [inundation(state="1")], GAMBIR)
    deep = publik.flood_advice([], [inundation(state="1"), inundation(state="4")], GAMBIR)
    assert "belum diketahui" in unknown[0].text
    assert "112" in deep[0].text
    assert "2 RT/RW tergenang di Kel. Gambir, terdalam di atas 150 cm" in deep[0].reason


def test_a_gates_advice_is_as_old_as_its_reading():
    (found,) = publik.flood_advice([gate(siaga=None, level_cm=1.0), gate()], [], GAMBIR)
    assert found.reason.startswith("P.A. Manggarai (Ciliwung) Siaga 3 – Waspada, ")
    assert found.fresh == {"moment": NOW, "late_s": 1800, "expired_s": 5400}


def test_rain_after_six_hours_is_no_reason_for_advice():
    rain = {"wettest": "Hujan Petir", "wettest_code": 95}
    later = [step(), step(valid_time=NOW + 9 * HOUR, **rain)]
    assert publik.weather_advice([], later) == []
    soon = [step(), step(valid_time=NOW + 6 * HOUR, **rain)]
    (found,) = publik.weather_advice([], soon)
    assert found.reason == "prakiraan BMKG: hujan petir sekitar pukul 18.00 WIB"


def test_warnings_that_say_the_same_are_one():
    first = {"headline": "Hujan Lebat", "event": "x", "expires_at": NOW}
    assert publik.in_force([first, first | {"expires_at": NOW + HOUR}]) == [
        first | {"expires_at": NOW + HOUR}
    ]


def test_roads_to_avoid_are_named_and_doubtful_reports_are_not():
    doubtful = report(street="Jl. Ragu", reliability=2.0)
    found = publik.road_advice([jam(level=5)], [report(), report(), doubtful], GAMBIR)
    assert [one.reason for one in found] == ["dilaporkan: Jl. Panjang", "ditutup: Jl. Veteran"]


def test_jams_are_no_news_for_a_whole_city():
    many = [jam()] * 8
    assert publik.road_advice(many, [], CITY) == []
    (found,) = publik.road_advice(many, [], GAMBIR)
    assert found.reason == "8 titik macet di Kel. Gambir"


def test_advice_stands_gravest_first():
    weather = publik.weather_advice([], [step(wettest="Hujan Ringan", wettest_code=61)])
    flood = publik.flood_advice([gate(siaga=1)], [inundation(state="4")], GAMBIR)
    told = html_text(publik.to_do([*weather, *reversed(flood)]))
    order = [told.index(word) for word in ("segera mengungsi", "bantaran", "payung")]
    assert order == sorted(order)


def test_no_advice_is_no_comfort_where_nothing_is_known():
    told = html_text(publik.to_do([], {"genangan"}))
    assert "Tidak ada anjuran khusus" in told
    assert "genangan: tidak dapat dinilai, belum ada data" in told
    assert 'data-of="bmkg_forecast"' in told


def test_water_is_told_in_words():
    told = html_text(publik.flood([gate()], [inundation()], [], GAMBIR))
    assert "Siaga 3 – Waspada" in told
    assert "1 sedalam 10–70 cm" in told
    assert "RW 09, Kel. Gambir" in told
    assert "BMKG: tidak ada peringatan" in told
    calm = html_text(publik.flood([], [], [], GAMBIR))
    assert "Tidak ada genangan yang dilaporkan di Kel. Gambir." in calm
    assert "Belum ada data tinggi muka air" in calm


def test_a_forecast_for_many_places_says_where_it_differs():
    told = html_text(
        publik.weather([step(wettest="Hujan Ringan", wettest_code=61, wet=3, places=8)])
    )
    assert "hujan ringan di 3 dari 8 kelurahan" in told
    assert "25–27\N{NO-BREAK SPACE}°C" in told
    assert "Sumber: BMKG" in told


def test_the_air_is_told_with_the_official_advice():
    index = air.index_of(station(ispu=150))
    told = html_text(publik.air_now(index, GAMBIR))
    assert "Tidak Sehat" in told
    assert "mengambil rehat lebih sering" in told
    (found,) = publik.air_advice(index)
    assert found.reason == "ISPU 150 – Tidak Sehat di Bundaran HI"
    assert publik.air_advice(air.index_of(station())) == []
