from datetime import UTC, datetime, timedelta

import pytest

from data.frames import KEPT_FOR, Frames

NOON = datetime(2026, 2, 18, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.fixture
def frames(tmp_path):
    return Frames(tmp_path / "frames")


def test_a_camera_has_one_picture_the_last(frames, tmp_path):
    frames.keep("a", b"first", NOON)
    frames.keep("a", b"second", NOON + timedelta(seconds=10))
    kept = frames.last("a")
    assert (kept.body, kept.taken_at) == (b"second", NOON + timedelta(seconds=10))
    assert frames.taken_at("a") == kept.taken_at
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_camera_without_a_picture_has_none(frames):
    assert frames.last("a") is None
    assert frames.taken_at("a") is None
    assert frames.forget(NOON) == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "\0", "é" * 150, "con"])
def test_no_id_leads_out_of_the_folder(frames, tmp_path, name):
    frames.keep(name, b"picture", NOON)
    assert frames.last(name).body == b"picture"
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert path.is_relative_to(tmp_path / "frames")


def test_old_pictures_are_forgotten(frames):
    frames.keep("old", b"x", NOON - KEPT_FOR - timedelta(seconds=1))
    frames.keep("new", b"y", NOON - KEPT_FOR)
    assert frames.forget(NOON) == 1
    assert frames.last("old") is None
    assert frames.last("new") is not None
