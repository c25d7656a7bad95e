"""Forecasts and warnings of the simulated city, as BMKG writes them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from werkzeug.exceptions import NotFound

from etl.city import weather
from etl.city.world import World, reference

WORLD = World()
FLOOD = World(scenario="malam-banjir")
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def steps(world: World, now: datetime, adm4: str = "31.71.01.1001") -> list[dict[str, object]]:
    place = json.loads(weather.forecast(world, now, {"adm4": adm4}).body)
    assert place["lokasi"]["adm4"] == adm4
    return [step for day in place["data"][0]["cuaca"] for step in day]


def warnings(world: World, now: datetime) -> list[str]:
    rss = weather.nowcast(world, now, {}).body.decode()
    ElementTree.fromstring(rss)
    return re.findall(r"id/(\w+)_alert\.xml", rss)


def test_a_forecast_has_24_steps_of_three_hours_grouped_by_day_of_jakarta() -> None:
    days = json.loads(weather.forecast(WORLD, WORLD.anchor, {"adm4": "31.71.01.1001"}).body)
    for day in days["data"][0]["cuaca"]:
        assert len({step["local_datetime"][:10] for step in day}) == 1
    found = steps(WORLD, WORLD.anchor)
    times = [datetime.fromisoformat(str(step["datetime"])) for step in found]
    assert len(found) == 24
    assert {b - a for a, b in pairwise(times)} == {timedelta(hours=3)}
    assert all(15 < int(str(step["t"])) < 40 and 0 <= step["hu"] <= 100 for step in found)


@pytest.mark.parametrize("hour", [2, 3, 14, 15, 23])
def test_a_run_is_published_three_hours_after_its_analysis(hour: int) -> None:
    now = datetime(2026, 2, 18, hour, tzinfo=UTC)
    issued = datetime.fromisoformat(f"{steps(WORLD, now)[0]['analysis_date']}Z")
    assert issued.hour in (0, 12)
    assert timedelta(hours=3) <= now - issued < timedelta(hours=15)


def test_a_run_does_not_change_until_the_next() -> None:
    morning = datetime(2026, 2, 18, 4, tzinfo=UTC)
    assert steps(WORLD, morning) == steps(WORLD, morning + timedelta(hours=9))
    assert steps(WORLD, morning) != steps(WORLD, morning + timedelta(hours=12))


def test_every_kelurahan_has_a_forecast_and_others_are_not_known() -> None:
    codes = [row["code"] for row in reference("areas") if row["level"] == "kelurahan"]
    assert len(codes) == 267
    for code in codes[::20]:
        assert steps(WORLD, WORLD.anchor, code)
    for unknown in ({"adm4": "31.71.01"}, {"adm4": "99.99.99.9999"}, {}):
        with pytest.raises(NotFound):
            weather.forecast(WORLD, WORLD.anchor, unknown)


def test_a_forecast_knows_of_the_flood_night() -> None:
    now = FLOOD.anchor - timedelta(hours=3)
    most = max(float(str(step["tp"])) for step in steps(FLOOD, now)[:6])
    assert most > 20


def test_a_warning_is_given_before_the_rain_and_ends() -> None:
    assert "CJK20260218010" in warnings(FLOOD, FLOOD.anchor - timedelta(hours=2))
    assert len(warnings(FLOOD, FLOOD.anchor + timedelta(hours=1))) >= 2
    dry = datetime(2025, 8, 12, 3, tzinfo=UTC)
    assert warnings(WORLD, dry) == []


def test_a_warning_is_cap_with_polygons_about_its_kecamatan() -> None:
    now = FLOOD.anchor + timedelta(hours=1)
    (code, *_) = warnings(FLOOD, now)
    root = ElementTree.fromstring(weather.alert(FLOOD, now, {"code": code}).body)
    info = root.find(f"{CAP}info")
    assert info is not None
    assert root.findtext(f"{CAP}identifier") == "2.49.0.1.360.0.2026.02.18.13.31.001"
    assert info.findtext(f"{CAP}expires") == "2026-02-18T22:00:00+07:00"
    polygons = info.findall(f"{CAP}area/{CAP}polygon")
    assert 5 < len(polygons) <= 150
    for polygon in polygons:
        ring = [tuple(map(float, pair.split(","))) for pair in (polygon.text or "").split()]
        assert ring[0] == ring[-1]
        assert all(-6.5 < lat < -6 and 106.6 < lon < 107.1 for lat, lon in ring)


def test_upstream_warnings_belong_to_west_java() -> None:
    now = FLOOD.anchor - timedelta(hours=3)
    assert {code[:3] for code in warnings(FLOOD, now)} == {"CJB"}


def test_a_warning_of_the_future_or_of_another_kind_is_not_known() -> None:
    for code in ("CJK20260218015", "CJK2026", "QQQ20260218013", "CJK20250812003"):
        with pytest.raises(NotFound):
            weather.alert(FLOOD, FLOOD.anchor, {"code": code})
