import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from data.frames import Frames
from data.liveness import Trail
from etl.errors import Malformed, Unreachable
from etl.feed import Context, Reject, Request, Response, State
from etl.feeds.cameras import FEED, Probe, look, shrink

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/cameras.json").read_bytes()
SHARED = ROOT.parent / "shared/samples/cctv/jakarta_toll_cctv_cameras.scraped.json"
URL = "http://127.0.0.1:8060/cameras"
NOON = datetime(2026, 2, 18, 12, tzinfo=UTC)
TICK = timedelta(seconds=10)


def picture(shade=120, spot=0, kind="JPEG", size=(240, 180)):
    image = Image.new("RGB", size, (shade, shade, shade))
    image.paste((255, 255, 255), (spot, 100, spot + 20, 120))
    body = io.BytesIO()
    image.save(body, kind)
    return body.getvalue()


def items(body, **context):
    return list(FEED.parse(body, Context(**{"fetched_at": NOON, "url": URL} | context)))


def listed(**changed):
    return json.dumps({"cameras": [{"id": "1", "name": "Satu"} | changed]}).encode()


class Street:
    """The lake, a clock and the cameras, as the runner would join them."""

    def __init__(self, cameras, pictures, speed=1.0, frames=None, modified=lambda now: None):
        self.cameras = cameras
        self.frames = frames
        self.modified = modified
        self.pictures = pictures
        self.now = NOON
        self.speed = speed
        self.memory = {}
        self.checks = []
        self.list_requests = 0
        self.asked = Counter()

    def query(self, sql, **params):
        if "camera_checks" not in sql:
            return self.cameras
        newest = {row["camera_id"]: row for row in self.checks}
        return [
            {**row, "checked_at": row["event_time"]}
            for row in newest.values()
            if row["event_time"] >= params["since"]
        ]

    def run(self, watched=frozenset()):
        state = State(
            URL,
            self.now,
            query=self.query,
            watched=watched,
            frames=self.frames,
            speed=self.speed,
            memory=self.memory,
        )
        exchange = FEED.requests(state)
        asked = next(exchange, None)
        while asked is not None:
            if isinstance(asked, Request):
                self.list_requests += 1
                answer = Response(asked, b"", self.now)
            else:
                answer = [self.answer(request) for request in asked]
                self.load(answer)
            try:
                asked = exchange.send(answer)
            except StopIteration:
                break

    def answer(self, request):
        assert request.tolerate
        assert request.guarded
        assert not request.keep
        self.asked[request.about.camera_id] += 1
        body = self.pictures(request.about.camera_id, self.now)
        error = None if body else Unreachable("no answer")
        return Response(
            request,
            body or b"",
            self.now,
            latency_ms=40.0,
            modified=self.modified(self.now),
            error=error,
        )

    def load(self, responses):
        for response in responses:
            context = Context(
                self.now,
                latency_ms=response.latency_ms,
                error=response.error,
                modified=response.modified,
                about=response.request.about,
            )
            self.checks += [row for _, row in FEED.parse(response.body, context)]

    def pass_time(self, ticks, every=TICK, watched=frozenset()):
        for _ in range(ticks):
            self.run(watched)
            self.now += every * self.speed

    def states(self, camera="a"):
        return [row["state"] for row in self.checks if row["camera_id"] == camera]


def flood(*names):
    return [{"camera_id": name, "snapshot_url": f"{URL}/{name}", "flood": True} for name in names]


def road(*names):
    return [camera | {"flood": False} for camera in flood(*names)]


def ticks_since(now):
    return int((now - NOON) / TICK)


def test_the_citys_list_is_read_with_absolute_urls():
    manggarai, sudirman, kampung, toll = [row for _, row in items(SAMPLE)]
    assert manggarai == {
        "camera_id": "manggarai-1",
        "event_time": NOON,
        "name": "P.A. Manggarai",
        "owner": "Dinas SDA",
        "kind": "gate",
        "snapshot_url": "http://127.0.0.1:8060/cameras/manggarai-1/snapshot.jpg",
        "stream_url": None,
        "embed_url": None,
        "proxied": True,
        "flood": True,
        "lon": 106.8485,
        "lat": -6.2078,
    }
    assert sudirman["snapshot_url"] == "https://kamera.example.org/sudirman-4.jpg"
    assert kampung["flood"]
    assert toll["kind"] == "road"
    assert toll["owner"] == "Penyedia Contoh"


def test_a_camera_that_may_not_be_proxied_has_no_picture_to_fetch_but_a_page_to_embed():
    _, _, kampung, toll = [row for _, row in items(SAMPLE)]
    assert (kampung["proxied"], kampung["snapshot_url"]) == (False, None)
    assert kampung["embed_url"] == "https://mitra.example.org/2/embed.html"
    assert (toll["proxied"], toll["snapshot_url"]) == (False, None)
    assert toll["embed_url"] == "https://tol.example.org/ruas"


@pytest.mark.parametrize("proxied", [None, "true", 1, False])
def test_only_a_plain_true_lets_our_server_fetch(proxied):
    [(_, row)] = items(listed(proxied=proxied, snapshotUrl="https://x.example/1.jpg"))
    assert row["snapshot_url"] is None


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example/1", "//", "http://[::1"]
)
def test_a_url_that_is_not_a_web_address_is_rejected(url):
    [reject] = items(listed(embedUrl=url), url="")
    assert isinstance(reject, Reject)
    assert reject.field == "embedUrl"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"cameras": 1}', b"<html>", SAMPLE[:-20], b'{"a":' * 5000]
)
def test_what_is_no_list_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


def test_a_picture_is_known_by_its_pixels_whatever_the_file_says():
    image = Image.new("L", (64, 48), 90)
    bodies = []
    for comment in (b"12:00:00", b"12:00:10"):
        body = io.BytesIO()
        image.save(body, "JPEG", comment=comment)
        bodies.append(body.getvalue())
    assert bodies[0] != bodies[1]
    assert look(bodies[0]) == look(bodies[1])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_moved_spot_is_a_new_picture(kind):
    assert look(picture(spot=0, kind=kind)).hash != look(picture(spot=60, kind=kind)).hash


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>offline</html>",
        b"\xff\xd8\xff",
        picture()[:200],
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_whole_picture_is_no_picture(body):
    assert look(body) is None


def test_a_picture_too_large_to_decode_is_refused_unread():
    body = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(body, "PNG")
    assert look(body.getvalue()) is None


def test_a_live_camera_leaves_one_row_an_hour():
    street = Street(flood("a"), lambda _name, now: picture(spot=ticks_since(now) % 200))
    street.pass_time(2 * 360)
    assert street.states() == ["live", "live"]
    assert [row["event_time"] for row in street.checks] == [NOON, NOON + timedelta(hours=1)]
    assert street.checks[0]["latency_ms"] == 40.0


def test_a_camera_that_freezes_is_told_at_the_third_same_picture_and_its_return_at_once():
    def freezes(_name, now):
        ticks = ticks_since(now)
        return picture(spot=20 if 20 <= ticks < 40 else ticks)

    street = Street(flood("a"), freezes)
    street.pass_time(60)
    assert [(row["state"], ticks_since(row["event_time"])) for row in street.checks] == [
        ("live", 0),
        ("frozen", 22),
        ("live", 40),
    ]


@pytest.mark.parametrize("phase", range(0, 10, 3))
def test_a_source_that_renews_its_picture_as_often_as_we_ask_never_flaps(phase):
    def every_ten_seconds(_name, now):
        return picture(spot=int((now - NOON).total_seconds() + phase + 2) // 10)

    street = Street(flood("a"), every_ten_seconds)
    for tick in range(200):
        street.now = NOON + tick * TICK + timedelta(seconds=(tick * 7) % 4 - 2)
        street.run()
    assert "frozen" not in street.states()


def test_each_change_of_state_is_a_row_and_nothing_between():
    shows = {3: None, 4: None, 6: picture(shade=0, spot=-100), 7: picture(shade=0, spot=-100)}
    street = Street(
        flood("a"), lambda _name, now: shows.get(ticks_since(now), picture(spot=ticks_since(now)))
    )
    street.pass_time(10)
    assert street.states() == ["live", "unreachable", "live", "black", "live"]
    unreachable = street.checks[1]
    assert (unreachable["latency_ms"], unreachable["frame_hash"]) == (None, None)


def test_after_a_restart_the_last_row_tells_what_was_seen():
    street = Street(flood("a"), lambda _name, _now: picture())
    street.pass_time(6)
    street.memory.clear()
    street.pass_time(6)
    assert street.states() == ["live", "frozen"]


def test_all_cameras_have_their_turn_in_fifteen_minutes_and_no_run_has_many():
    names = [f"kamera-{number}" for number in range(900)]
    street = Street(road(*names), lambda name, _now: picture(spot=len(name)))
    most = 0
    for _ in range(90):
        before = street.asked.total()
        street.pass_time(1)
        most = max(most, street.asked.total() - before)
    assert set(street.asked.values()) == {1}
    assert len(street.asked) == 900
    assert most < 30


def test_watched_and_flood_cameras_are_asked_every_run():
    street = Street(flood("a") + road("b", "c"), lambda _name, now: picture(spot=ticks_since(now)))
    street.pass_time(9, watched=frozenset({"b"}))
    assert street.asked["a"] == street.asked["b"] == 9
    assert street.asked["c"] <= 1


def test_a_camera_without_a_picture_url_is_never_asked():
    cameras = [{"camera_id": "a", "snapshot_url": None, "flood": True}]
    street = Street(cameras, lambda _name, _now: picture())
    street.pass_time(3, watched=frozenset({"a"}))
    assert street.asked.total() == 0


def test_a_fast_clock_asks_cameras_no_more_often_in_real_time():
    street = Street(flood("a"), lambda _name, now: picture(spot=ticks_since(now) % 200), speed=60)
    street.pass_time(100, every=timedelta(seconds=1))
    assert 10 <= street.asked["a"] <= 13


def test_a_run_that_comes_late_makes_up_for_three_turns_at_most():
    names = [f"kamera-{number}" for number in range(900)]
    street = Street(road(*names), lambda _name, _now: picture())
    street.pass_time(1)
    street.now += timedelta(hours=5)
    street.asked.clear()
    street.pass_time(1)
    assert 15 < street.asked.total() < 60


def test_the_list_is_asked_for_at_first_every_fifteen_minutes_and_while_there_are_no_cameras():
    street = Street(flood("a"), lambda _name, now: picture(spot=ticks_since(now) % 200))
    street.pass_time(91)
    assert street.list_requests == 2
    empty = Street([], lambda _name, _now: None)
    empty.pass_time(5)
    assert empty.list_requests == 5


def test_a_probe_is_judged_by_what_was_known_when_it_was_asked():
    body = picture()
    probe = Probe("a", Trail(look(body).hash, NOON - timedelta(minutes=1)), "live")
    [(table, row)] = items(body, about=probe, latency_ms=12.5)
    assert (table, row["state"], row["latency_ms"]) == ("camera_checks", "frozen", 12.5)
    assert items(body, about=Probe("a", probe.trail, "frozen")) == []


@pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
def test_the_real_toll_list_has_ninety_four_cameras_to_embed():
    found = items(SHARED.read_bytes())
    assert len(found) == 94
    assert {table for table, _ in found} == {"cameras"}
    assert {row["owner"] for _, row in found} == {"Direktorat Jenderal Bina Marga"}
    assert not any(row["proxied"] or row["snapshot_url"] for _, row in found)
    assert found[0][1] == {
        "camera_id": "binamarga-jakarta-bogor-ciawi-15",
        "event_time": NOON,
        "name": "JAGORAWI KM 16+400",
        "owner": "Direktorat Jenderal Bina Marga",
        "kind": "road",
        "snapshot_url": None,
        "stream_url": "https://jmlive.jasamarga.com/hls/1/a331bd2a-0af7-401e-926e-a7f73846084e"
        "/index.m3u8",
        "embed_url": "https://binamarga.pu.go.id/contents/cctv_tol/?id_ruas=jakarta-bogor-ciawi",
        "proxied": False,
        "flood": False,
        "lon": None,
        "lat": None,
    }


def dated(body, written, offset=None):
    """Return a picture with the EXIF of a camera whose clock says so."""
    image = Image.open(io.BytesIO(body))
    exif = image.getexif()
    exif[306] = written
    if offset:
        exif.get_ifd(0x8769)[0x9011] = offset
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"lobby")
    return out.getvalue()


def test_a_camera_tells_its_time_in_exif_local_if_it_does_not_say():
    assert look(dated(picture(), "2026:02:18 19:00:00")).stamp == NOON
    assert look(dated(picture(), "2026:02:18 12:00:00", "+00:00")).stamp == NOON


@pytest.mark.parametrize("written", ["", "0000:00:00 00:00:00", "kemarin", "2026:02:18"])
def test_an_exif_that_cannot_be_read_is_none(written):
    assert look(dated(picture(), written)).stamp is None


def test_a_picture_that_says_it_is_old_is_shifted_whoever_says_so():
    late = Street(
        flood("a"),
        lambda _name, now: picture(spot=ticks_since(now) % 200),
        modified=lambda now: now - timedelta(minutes=30),
    )
    late.pass_time(3)
    assert late.states() == ["shifted"]
    stale = dated(picture(), "2026:02:18 18:30:00")
    [(_, row)] = items(stale, about=Probe("a", None, None))
    assert row["state"] == "shifted"


def test_the_last_live_picture_is_kept_and_nothing_but_its_pixels(tmp_path):
    frames = Frames(tmp_path)

    def shows(_name, now):
        ticks = ticks_since(now)
        return picture(shade=0, spot=-100) if ticks >= 3 else dated(picture(spot=ticks), "x")

    street = Street(flood("a"), shows, frames=frames)
    street.pass_time(6)
    kept = frames.last("a")
    assert kept.taken_at == NOON + 2 * TICK
    image = Image.open(io.BytesIO(kept.body))
    assert dict(image.getexif()) == {}
    assert "comment" not in image.info
    assert len(list(tmp_path.rglob("*.jpg"))) == 1


def test_a_frozen_camera_keeps_the_time_at_which_its_picture_was_new(tmp_path):
    frames = Frames(tmp_path)
    street = Street(
        flood("a"), lambda _n, now: picture(spot=min(ticks_since(now), 5)), frames=frames
    )
    street.pass_time(30)
    assert frames.taken_at("a") == NOON + 5 * TICK


def test_pictures_that_no_camera_renews_are_forgotten_with_time(tmp_path):
    frames = Frames(tmp_path)
    frames.keep("gone", shrink(picture()), NOON - timedelta(days=8))
    frames.keep("quiet", shrink(picture()), NOON - timedelta(days=6))
    Street(flood("a"), lambda _name, _now: picture(), frames=frames).run()
    assert frames.last("gone") is None
    assert frames.last("quiet") is not None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_kept_picture_is_a_small_jpeg(kind):
    small = Image.open(io.BytesIO(shrink(picture(kind=kind, size=(1920, 1080)))))
    assert (small.format, small.size, small.mode) == ("JPEG", (640, 360), "RGB")
