"""One answer with the pictures of a whole screen."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from dashboards import spots
from dashboards.snapshots import MOST, asked, to_bytes
from data.frames import Frames

NOON = datetime(2026, 2, 18, 12, tzinfo=UTC)
NOON_MS = 1_771_416_000_000


def read(body):
    """Read an answer as assets/cctv.js does: the index, and the picture of each camera."""
    length = int.from_bytes(body[:4], "big")
    index = orjson.loads(body[4 : 4 + length])
    at, bodies = 4 + length, {}
    for frame in index["frames"]:
        bodies[frame["id"]] = body[at : at + frame["size"]]
        at += frame["size"]
    assert at == len(body)
    return index, bodies


@pytest.fixture
def frames(tmp_path):
    frames = Frames(tmp_path)
    frames.keep("a", b"picture of a", NOON)
    frames.keep("b", b"picture of b", NOON - timedelta(minutes=5))
    return frames


def test_a_browser_that_has_nothing_gets_all_pictures(frames):
    index, bodies = read(to_bytes(frames, ["a", "b", "c"], {}, NOON))
    assert bodies == {"a": b"picture of a", "b": b"picture of b", "c": b""}
    assert index["now"] == NOON_MS
    assert [frame["t"] for frame in index["frames"]] == [NOON_MS, NOON_MS - 300_000, None]


def test_what_the_browser_has_does_not_come_again(frames):
    held = {"a": NOON_MS, "b": NOON_MS}
    index, bodies = read(to_bytes(frames, ["a", "b"], held, NOON))
    assert bodies == {"a": b"", "b": b"picture of b"}
    assert index["frames"][0]["t"] == NOON_MS


def test_the_two_lists_of_a_request_belong_together():
    assert asked("a,b,c", "5,0,7") == (["a", "b", "c"], {"a": 5, "b": 0, "c": 7})


@pytest.mark.parametrize("since", ["", "x", "-1,²", "1.5", ",,,"])
def test_a_time_that_is_none_means_no_picture(since):
    names, held = asked("a,b", since)
    assert names == ["a", "b"]
    assert set(held.values()) <= {0}


def test_a_request_asks_for_no_more_than_a_screen_holds():
    names, _ = asked(",".join(f"kamera-{n}" for n in range(1000)) + ",,kamera-1", "")
    assert len(names) == MOST == len(set(names))


def test_a_place_is_read_with_its_longitude_first():
    spot = spots.point("106.848458,-6.207825")
    assert spot.at == (106.848458, -6.207825)
    assert spot.name == "6,2078° LS, 106,8485° BT"


@pytest.mark.parametrize(
    "text", ["", "x", "106.8", "106.8,-6.2,1", "-6.2,106.8", "nan,nan", "inf,0", "0,0", "1e999,1"]
)
def test_what_is_no_place_in_the_region_is_none(text):
    assert spots.point(text) is None


@pytest.mark.parametrize(
    ("metres", "text"), [(0, "0 m"), (318, "320 m"), (994, "990 m"), (1449, "1,4 km")]
)
def test_a_distance_is_no_more_exact_than_it_is_known(metres, text):
    assert spots.distance(metres).replace("\N{NO-BREAK SPACE}", " ") == text
