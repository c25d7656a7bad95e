"""Photos of finished complaints are hashed, stripped and kept a while; bad ones leave a reason."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina
from PIL import ExifTags, Image, ImageDraw

from data.clock import Clock
from data.lake import Lake
from data.photos import SPARED_SECONDS, Photos
from etl import photos as collector
from etl.config import Source as Configured
from etl.fetch import Fetcher
from etl.own import declare
from tests import lakes
from tests.etl.conftest import NOW, Answer, Source

WEEK = timedelta(days=7)
PLACE = (106.82, -6.18)


def scene(seed: int = 0, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Draw a picture that differs from seed to seed."""
    image = Image.effect_mandelbrot(size, (-2.0 + seed / 4, -1.5, 1.0, 1.5), 60).convert("RGB")
    ImageDraw.Draw(image).ellipse((40 + 60 * seed, 50, 140 + 60 * seed, 150), fill=(200, 30, 30))
    return image


def with_exif(image: Image.Image, lon: float, lat: float) -> bytes:
    """Return a JPEG that says when, where and with what it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Kamera Contoh"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:02:17 09:30:00"
    where = exif.get_ifd(ExifTags.IFD.GPSInfo)
    where[ExifTags.GPS.GPSLatitudeRef], where[ExifTags.GPS.GPSLatitude] = "S", dms(-lat)
    where[ExifTags.GPS.GPSLongitudeRef], where[ExifTags.GPS.GPSLongitude] = "E", dms(lon)
    body = io.BytesIO()
    image.save(body, "JPEG", exif=exif, comment=b"Warga Contoh, 0812-0000-0000")
    return body.getvalue()


def dms(degrees: float) -> tuple[float, float, float]:
    return (float(int(degrees)), 0.0, (degrees - int(degrees)) * 3600)


def jpeg(image: Image.Image) -> bytes:
    body = io.BytesIO()
    image.save(body, "JPEG")
    return body.getvalue()


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    with stamina.set_testing(True, attempts=1), Fetcher(clock) as made:
        yield made


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    return Photos(tmp_path / "photos")


@pytest.fixture
def sources(source: Source) -> dict[str, Configured]:
    host = source.url.split("//")[1].split("/")[0]
    return {"crm_requests": Configured(f"{source.url}/crm/requests.json", allowed_hosts=(host,))}


def finish(lake: Lake, complaint_id: str, at: datetime, **changes: Any) -> None:
    """Store a complaint that was finished then, with an after-photo."""
    row: dict[str, Any] = {
        "complaint_id": complaint_id,
        "created_at": at - timedelta(days=1),
        "status": "Selesai",
        "resolved_at": at,
        "lon": PLACE[0],
        "lat": PLACE[1],
        "photo_after": f"/photos/{complaint_id}.jpg",
    }
    common = lakes.common(at) | {"event_time": at, "feed": "crm_requests", "known_time": at}
    with lake.write() as cursor:
        lakes.insert(cursor, "complaint_versions", row | common | changes)


def collect(
    lake: Lake, photos: Photos, fetcher: Fetcher, sources: dict[str, Configured], **how: Any
) -> Any:
    return collector.collect(lake, photos, fetcher, sources, NOW, **{"within": WEEK} | how)


def told(lake: Lake) -> list[tuple[str, str, str]]:
    rows = lake.rows("select complaint_id, which, state from complaint_photos order by all")
    return [tuple(row.values()) for row in rows]


def test_a_photo_keeps_its_pixels_and_loses_all_that_it_said_of_itself(
    lake, photos, fetcher, sources, source
):
    source.will(with_exif(scene(), 106.82, -6.181))
    finish(lake, "JK2602170001", NOW - timedelta(hours=20))

    collect(lake, photos, fetcher, sources)

    path = photos.path("JK2602170001", "sesudah")
    with Image.open(path) as kept:
        assert kept.size == (480, 640)
        assert dict(kept.getexif()) == {}
        assert "comment" not in kept.info
    assert b"Contoh" not in path.read_bytes()
    [row] = lake.rows("from complaint_photos")
    assert row["state"] == "stored"
    assert row["taken_at"] == datetime(2026, 2, 17, 2, 30, tzinfo=UTC)
    assert row["has_gps"]
    assert row["distance_m"] == pytest.approx(110.6, abs=1)
    assert len(row["phash"]) == 16
    assert not any("-6.18" in str(value) for value in row.values())


def test_the_address_of_a_photo_is_relative_to_its_feed(lake, photos, fetcher, sources, source):
    source.will(jpeg(scene()))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))

    collect(lake, photos, fetcher, sources)

    assert source.asked[0][0] == "/photos/JK2602170001.jpg"


def test_a_photo_is_asked_for_once(lake, photos, fetcher, sources, source):
    source.will(jpeg(scene()))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))

    assert collect(lake, photos, fetcher, sources).loaded == 1
    source.will(jpeg(scene()))
    assert collect(lake, photos, fetcher, sources).outcome == "empty"
    assert source.asked == []


def test_a_complaint_that_was_opened_and_finished_again_is_photographed_again(
    lake, photos, fetcher, sources, source
):
    source.will(jpeg(scene(1)))
    finish(lake, "JK2602170001", NOW - timedelta(hours=9))
    collect(lake, photos, fetcher, sources)
    source.will(jpeg(scene(2)))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))

    collect(lake, photos, fetcher, sources)

    assert lake.value("select count(distinct phash) from complaint_photos") == 2


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(status=404), "refused"),
        (Answer(status=503), "unreachable"),
        (Answer(b"<html>tidak ada</html>"), "unreadable"),
        (Answer(b""), "unreadable"),
        (Answer(jpeg(scene())[:2_000]), "unreadable"),
        (Answer(b"\xff\xd8" + b"0" * (10 * 2**20)), "too_large"),
    ],
    ids=["missing", "silent", "page", "nothing", "cut off", "huge"],
)
def test_a_photo_that_cannot_be_had_leaves_its_reason_and_no_file(
    lake, photos, fetcher, sources, source, answer, state
):
    source.will(answer)
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))

    collect(lake, photos, fetcher, sources)

    assert told(lake) == [("JK2602170001", "sesudah", state)]
    assert photos.path("JK2602170001", "sesudah") is None


def test_a_decompression_bomb_is_never_decoded(lake, photos, fetcher, sources, source):
    body = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(body, "PNG")
    assert len(body.getvalue()) < 100_000
    source.will(body.getvalue())
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))

    collect(lake, photos, fetcher, sources)

    assert told(lake) == [("JK2602170001", "sesudah", "too_large")]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://127.0.0.1:1/x"]
)
def test_an_address_on_a_private_network_is_not_asked(lake, photos, fetcher, sources, source, url):
    source.will(jpeg(scene()))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1), photo_after=url)

    collect(lake, photos, fetcher, sources)

    assert told(lake) == [("JK2602170001", "sesudah", "refused")]
    assert source.asked == []


def test_a_silent_source_is_asked_again_later_and_no_more_than_eight_times_in_a_run(
    lake, photos, fetcher, sources, source
):
    for number in range(20):
        finish(lake, f"JK260217{number:04d}", NOW - timedelta(hours=1, minutes=number))
    source.will(Answer(status=503))
    tally = collect(lake, photos, fetcher, sources)
    assert (tally.outcome, len(source.asked)) == ("failed", collector.PARALLEL)

    source.will(jpeg(scene()))
    collect(lake, photos, fetcher, sources)

    stored = lake.value("select count(*) from complaint_photos where state = 'stored'")
    assert stored == 20


def test_what_is_open_or_was_finished_long_ago_is_left_alone(
    lake, photos, fetcher, sources, source
):
    source.will(jpeg(scene()))
    finish(lake, "JK2602010001", NOW - timedelta(days=8))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1), status="Proses", resolved_at=None)

    assert collect(lake, photos, fetcher, sources).fetched == 0


def test_a_run_takes_no_more_than_it_may_and_after_photos_first(
    lake, photos, fetcher, sources, source
):
    source.will(jpeg(scene()))
    for number in range(3):
        finish(
            lake,
            f"JK260217{number:04d}",
            NOW - timedelta(hours=number + 1),
            photo_before="/photos/before.jpg",
        )

    collect(lake, photos, fetcher, sources, most=3)

    assert {which for _, which, _ in told(lake)} == {"sesudah"}


def test_photos_have_a_version_and_an_age_like_a_feed(lake, photos, fetcher, sources, source):
    source.will(jpeg(scene()))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))
    for _ in range(2):
        declare(lake, collector.OWN, NOW)
        collect(lake, photos, fetcher, sources)

    assert lake.value("select count(*) from feeds where feed = 'photos'") == 1
    runs = lake.rows("select outcome, version, known_time from feed_runs order by finished_at")
    assert {row["version"] for row in runs} == {1}
    assert {row["known_time"] for row in runs} == {NOW}


def test_photos_go_when_they_are_old_or_when_their_row_goes(lake, photos, fetcher, sources, source):
    source.will(jpeg(scene()))
    finish(lake, "JK2602170001", NOW - timedelta(hours=1))
    collect(lake, photos, fetcher, sources)
    photos.keep("JK2602170001", "sebelum", b"left over", NOW)

    # What came just now may have its row in a moment.
    assert collector.tidy(lake, photos, NOW - timedelta(days=90)) == 0
    later = time.time() + 2 * SPARED_SECONDS
    assert collector.tidy(lake, photos, NOW - timedelta(days=90), later) == 1
    assert photos.path("JK2602170001", "sesudah") is not None
    assert collector.tidy(lake, photos, NOW + timedelta(seconds=1)) == 1
    assert photos.path("JK2602170001", "sesudah") is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "\x00"])
def test_a_report_number_of_any_kind_stays_inside_the_folder(tmp_path, name):
    photos = Photos(tmp_path / "photos")
    photos.keep(name, "sesudah", b"x", NOW)

    assert photos.path(name, "sesudah").is_relative_to(tmp_path / "photos")
    assert photos.path(name, "lain") is None
