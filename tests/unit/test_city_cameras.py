import io
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import numpy as np
import pytest
from PIL import Image
from werkzeug.exceptions import NotFound, ServiceUnavailable

from data.liveness import follow, sight
from etl.city import cameras, water
from etl.city.world import World
from etl.feed import Context
from etl.feeds.cameras import FEED, look

NOON = datetime(2026, 2, 18, 5, tzinfo=UTC)
WORLD = World(anchor=datetime(2026, 2, 18, 12, tzinfo=UTC))
ALL = cameras.cameras(WORLD.seed)
TICK = timedelta(seconds=10)


def state(camera, now=NOON):
    return cameras.sight(WORLD, camera, int(now.timestamp()))[0]


def picture(camera, now=NOON, world=WORLD):
    return cameras.snapshot(world, now, {"id": camera.camera_id}).body


def pixels(body):
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)


def live(wanted, now=NOON):
    return next(c for c in ALL if wanted(c) and state(c, now) == "live")


def failing(how):
    return next(c for c in ALL if c.proxied and state(c) == how)


def test_5000_cameras_are_listed_of_which_those_at_gates_watch_water():
    listed = json.loads(cameras.camera_list(WORLD, NOON, {}).body)["cameras"]
    assert len({camera["id"] for camera in listed}) == len(listed) == 5000
    assert sum(camera["flood"] for camera in listed) == 78
    assert Counter(camera["kind"] for camera in listed) == {
        "road": 4500, "gate": 78, "pump": 191, "other": 231
    }  # fmt: skip


def test_what_may_not_be_fetched_is_only_embedded():
    for camera in json.loads(cameras.camera_list(WORLD, NOON, {}).body)["cameras"]:
        assert (camera["snapshotUrl"] is not None) == camera["proxied"]
        assert camera["embedUrl"]
        assert camera["proxied"] or not camera["flood"]


def test_the_feed_reads_the_list_whole():
    url = "http://city.test/cameras"
    body = cameras.camera_list(WORLD, NOON, {}).body
    found = [row for _, row in FEED.parse(body, Context(fetched_at=NOON, url=url))]
    assert len(found) == 5000
    assert found[0]["snapshot_url"] == urljoin(url, "/cameras/dsda-katulampa-hulu/snapshot.jpg")
    assert all(-6.9 < row["lat"] < -5 and 106.3 < row["lon"] < 107.2 for row in found)


def test_pictures_are_the_same_bytes_for_ten_seconds_and_then_others():
    for camera in (live(lambda c: c.watches), live(lambda c: c.corridor is not None)):
        first, same, other = (picture(camera, NOON + timedelta(seconds=s)) for s in (0, 9, 10))
        assert first == same
        assert look(first).hash != look(other).hash
        assert Image.open(io.BytesIO(first)).size == (320, 180)


def test_the_water_stands_at_the_level_of_the_gauge():
    night = World(scenario="malam-banjir", anchor=WORLD.anchor)
    now = WORLD.anchor + timedelta(hours=5)
    camera = live(lambda c: c.watches == "manggarai", now)
    times = np.array([now.replace(tzinfo=None)], "datetime64[s]")
    levels, rows = [], []
    for world in (WORLD, night):
        levels.append(float(water.level_cm(world, "manggarai", times)[0]))
        staff = pixels(picture(camera, now, world))[44:176, 152:158]
        # The marks of the staff end where the water begins.
        bright = np.flatnonzero((staff.min(axis=2) > 170).all(axis=1))
        rows.append(44 + bright.max())
    assert levels[1] > levels[0] + 50
    assert rows[0] - rows[1] == pytest.approx((levels[1] - levels[0]) * 0.22, abs=4)


def test_a_full_road_shows_more_vehicles():
    jam = World(scenario="jam-sibuk", anchor=WORLD.anchor)
    at = datetime(2026, 2, 18, 20, tzinfo=UTC)
    camera = live(lambda c: c.corridor is not None, at)
    calm, busy = (pixels(picture(camera, at, world))[62:170] for world in (WORLD, jam))
    lamps = [int(((p[..., 0] > 190) & (p[..., 2] < 235)).sum()) for p in (calm, busy)]
    assert lamps[1] > 1.5 * lamps[0]


def test_some_cameras_fail_and_most_work():
    states = Counter(state(camera) for camera in ALL)
    assert set(states) == {"live", "frozen", "black", "unreachable", "looped", "delayed"}
    assert 4700 < states["live"] < 4950


def test_an_outage_ends():
    later = NOON + timedelta(hours=12)
    broken = [camera for camera in ALL if state(camera) != "live"]
    assert sum(state(camera, later) == "live" for camera in broken) > 0.9 * len(broken)


def test_a_frozen_camera_repeats_its_picture():
    camera = failing("frozen")
    first, later = (picture(camera, NOON + timedelta(seconds=s)) for s in (0, 40))
    assert first == later


def test_a_black_camera_is_seen_as_black():
    assert sight(look(picture(failing("black"))), None, NOON) == "black"


def test_pictures_of_the_night_are_not_taken_for_black():
    midnight = datetime(2026, 2, 18, 17, tzinfo=UTC)
    for camera in (live(lambda c: c.watches, midnight), live(lambda c: not c.watches, midnight)):
        assert sight(look(picture(camera, midnight)), None, midnight) == "live"


WRONG = {"frozen": "frozen", "black": "black", "looped": "shifted", "delayed": "shifted"}


def judged(camera, moments):
    """Ask a camera at each moment; return what liveness makes of each answer."""
    trail, found = None, []
    for at in moments:
        try:
            answer = cameras.snapshot(WORLD, at, {"id": camera.camera_id})
            seen = replace(look(answer.body), stamp=answer.modified)
        except ServiceUnavailable:
            seen = None
        found.append(sight(seen, trail, at))
        trail = trail if seen is None else follow(trail, seen, at)
    return found


def begins(how, at=NOON):
    """Return the cameras that fail in this way at a moment, with when each began to."""
    for camera in ALL:
        sort, since = cameras.sight(WORLD, camera, int(at.timestamp()))
        if sort == how and camera.proxied:
            yield camera, datetime.fromtimestamp(since, UTC)


@pytest.mark.parametrize("how", [*WRONG, "unreachable"])
def test_what_goes_wrong_is_told_by_the_third_snapshot(how):
    for camera, since in list(begins(how))[:4]:
        # A minute before, in which it is live, then five snapshots of what is wrong.
        found = judged(camera, [since + TICK * n for n in range(-7, 5)])
        assert found[:7] == ["live"] * 7
        assert found[9:] == [WRONG.get(how, how)] * 3


def test_a_working_camera_is_never_accused():
    moments = [NOON + timedelta(seconds=10 * n + (n * 7) % 4 - 2) for n in range(60)]
    shown = [live(lambda c: c.watches), live(lambda c: c.corridor is not None)]
    shown = [c for c in shown if state(c, moments[-1]) == "live"]
    assert shown
    assert {one for camera in shown for one in judged(camera, moments)} == {"live"}


def test_an_unreachable_camera_does_not_answer():
    with pytest.raises(ServiceUnavailable):
        picture(failing("unreachable"))


def test_an_embedded_camera_has_a_page():
    page = cameras.embed(WORLD, NOON, {"id": ALL[-1].camera_id})
    assert page.content_type.startswith("text/html")
    assert b'src="snapshot.jpg"' in page.body


@pytest.mark.parametrize("handler", [cameras.snapshot, cameras.embed])
def test_there_is_no_unknown_camera(handler):
    with pytest.raises(NotFound):
        handler(WORLD, NOON, {"id": "nowhere"})
