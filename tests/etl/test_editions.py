"""The schedule of the brief: when an edition is made, that it is made once, where it goes."""

from __future__ import annotations

import email
import socketserver
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from email.policy import default

import pytest
from typer.testing import CliRunner

from data import queries
from data.asof import WIB, AsOf
from data.brief.editions import EditionError, Editions, freeze
from data.brief.model import Content
from data.lake import Lake
from data.store import Store
from etl import editions
from etl.__main__ import app
from etl.delivery import Drop, Mail, file_name, ways
from etl.editions import Press
from etl.errors import Misconfigured
from tests import brief_lakes, briefs, lakes

MORNING = datetime(2026, 3, 12, 6, 15, tzinfo=WIB)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def told(cut, kind="pagi") -> Content:
    return replace(briefs.FULL, cut=cut, kind=kind)


def compose(_lake, _registers, as_of, kind) -> Content:
    return told(as_of.event_time.astimezone(WIB), kind)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    lake = lakes.empty_lake(tmp_path_factory.mktemp("editions"))
    with lake.write() as cursor:
        lakes.declare_feeds(cursor, MORNING - DAY)
        lakes.add_run(cursor, "dsda_levels", MORNING - DAY)
    yield lake
    lake.close()


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path}/store.sqlite")


@pytest.fixture
def press(lake, store):
    return Press(lake, lake, store, compose=compose)


def made(press, now):
    return [edition.id for edition in press.look(now)]


def test_the_morning_edition_is_made_once_a_minute_after_its_cut(press, store, lake):
    press.look(MORNING - MINUTE)
    assert made(press, MORNING + 30 * MINUTE / 60) == []
    assert made(press, MORNING + MINUTE) == ["2026-03-12-pagi"]
    assert made(press, MORNING + 2 * MINUTE) == []
    again = Press(lake, lake, store, compose=compose)
    assert made(again, MORNING + 3 * MINUTE) == []
    edition = Editions(store).one("2026-03-12-pagi")
    assert edition.state == "draf"
    assert edition.state_role == "jadwal"
    assert edition.content.cut == MORNING
    assert not edition.late


def test_of_what_was_missed_the_newest_is_made_and_marked_as_late(press, store):
    assert made(press, MORNING + 10 * HOUR + 30 * MINUTE) == ["2026-03-12-sore"]
    edition = Editions(store).one("2026-03-12-sore")
    assert edition.late
    assert edition.content.cut == MORNING + 10 * HOUR


def test_nothing_was_missed_before_the_first_load(press, lake):
    assert made(press, MORNING - DAY + 30 * MINUTE / 60) == []


def test_while_the_city_is_at_tinggi_there_is_an_edition_each_hour(lake, store):
    press = Press(lake, lake, store, compose=compose)
    hour = MORNING.replace(minute=0) + 3 * HOUR
    Editions(store).make(told(MORNING), "jadwal", MORNING)
    row = brief_lakes.fact(
        "alarms", hour - 20 * MINUTE, area_code="31", level=3, since=hour, reasons="[]", lowers="[]"
    )
    with lake.write() as cursor:
        brief_lakes.add(cursor, "city_status", [row])
    try:
        assert made(press, hour + MINUTE) == ["2026-03-12-situasi-0900"]
        assert made(press, hour + 2 * MINUTE) == []
        assert made(press, hour + HOUR + MINUTE) == ["2026-03-12-situasi-1000"]
    finally:
        with lake.write() as cursor:
            cursor.execute("delete from city_status")
    assert made(press, hour + 2 * HOUR + MINUTE) == []


def test_an_edition_that_cannot_be_made_raises_an_alarm_five_minutes_after_its_cut(tmp_path):
    lake = lakes.empty_lake(tmp_path / "lake")
    with lake.write() as cursor:
        lakes.add_run(cursor, "dsda_levels", MORNING - DAY)
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    Editions(store).make(told(MORNING - 14 * HOUR, "sore"), "jadwal", MORNING - 14 * HOUR)
    broken = True

    def sometimes(*args) -> Content:
        if broken:
            raise RuntimeError("a font is missing")
        return compose(*args)

    press = Press(lake, lake, store, compose=sometimes)
    for minutes in range(-3, 6):
        press.look(MORNING + minutes * MINUTE)
    assert alarms(lake, MORNING + 4 * MINUTE) == []
    [alarm] = alarms(lake, MORNING + 5 * MINUTE)
    assert alarm["title"] == "Data Edisi Ringkasan Gubernur kedaluwarsa"
    error = lake.value("select error from feed_runs where feed = 'brief' and outcome = 'failed'")
    assert "a font is missing" in error
    broken = False
    assert made(press, MORNING + 6 * MINUTE) == ["2026-03-12-pagi"]
    editions.alarms.evaluate(lake, MORNING + 70 * MINUTE, ("feed_expired",))
    press.look(MORNING + 70 * MINUTE)
    editions.alarms.evaluate(lake, MORNING + 71 * MINUTE, ("feed_expired",))
    assert alarms(lake, MORNING + 71 * MINUTE) == []
    lake.close()


def test_where_the_city_runs_fast_the_alarm_gives_the_machine_its_time(tmp_path):
    lake = lakes.empty_lake(tmp_path / "lake")
    with lake.write() as cursor:
        lakes.add_run(cursor, "dsda_levels", MORNING - DAY)
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    Editions(store).make(told(MORNING - 14 * HOUR, "sore"), "jadwal", MORNING - 14 * HOUR)

    def fail(*_args) -> Content:
        raise RuntimeError("not yet")

    press = Press(lake, lake, store, compose=fail, alarm_after=30 * MINUTE)
    for minutes in (-1, 5, 29):
        press.look(MORNING + minutes * MINUTE)
    assert alarms(lake, MORNING + 29 * MINUTE) == []
    press.look(MORNING + 30 * MINUTE)
    assert len(alarms(lake, MORNING + 30 * MINUTE)) == 1
    lake.close()


def alarms(lake: Lake, moment):
    return [
        row
        for row in queries.alarms_now(lake, AsOf(moment, moment, live=False), "31")
        if row["subject_id"] == editions.FEED
    ]


class Collector:
    """A way that keeps what it is given, and fails as often as it is told."""

    name = "collector"

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.sent: list[tuple[str, str]] = []

    def send(self, edition) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the server does not answer")
        self.sent.append((edition.id, edition.state))


def test_what_was_not_delivered_is_tried_again_and_never_sent_twice(lake, store):
    way = Collector(failures=2)
    press = Press(lake, lake, store, [way], compose)
    kept = Editions(store)
    kept.make(told(MORNING), "jadwal", MORNING)
    for minutes in range(1, 6):
        press.look(MORNING + minutes * MINUTE)
    assert way.sent == [("2026-03-12-pagi", "draf")]
    kept.advance("2026-03-12-pagi", "diperiksa", "operator", MORNING + 6 * MINUTE)
    kept.advance("2026-03-12-pagi", "terbit", "pimpinan", MORNING + 7 * MINUTE)
    Press(lake, lake, store, [way], compose).look(MORNING + 8 * MINUTE)
    press.look(MORNING + 9 * MINUTE)
    assert way.sent == [("2026-03-12-pagi", "draf"), ("2026-03-12-pagi", "terbit")]


def test_a_new_way_gets_no_archive_and_a_withdrawn_edition_goes_nowhere(lake, store):
    kept = Editions(store)
    kept.make(told(MORNING - 3 * DAY), "jadwal", MORNING - 3 * DAY)
    edition = kept.make(told(MORNING), "jadwal", MORNING)
    kept.withdraw(edition.id, "Angka pompa keliru", "operator", MORNING)
    way = Collector()
    Press(lake, lake, store, [way], compose).look(MORNING + MINUTE)
    assert way.sent == []


def test_the_folder_gets_whole_files_and_the_json_is_what_was_kept(store, tmp_path):
    edition = Editions(store).make(told(MORNING), "jadwal", MORNING)
    folder = tmp_path / "drop"
    Drop(folder, "https://komando.example").send(edition)
    name = file_name(edition)
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{name}.json",
        f"{name}.pdf",
        f"{name}.png",
    ]
    assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / f"{name}.json").read_bytes() == freeze(edition.content)


class Postbox(socketserver.StreamRequestHandler):
    """Enough of SMTP to take one message, but not for who is called "salah"."""

    def handle(self) -> None:
        self.wfile.write(b"220 postbox\r\n")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                message = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    message += part.removeprefix(b".") if part.startswith(b"..") else part
                self.server.messages.append(message)
            known = b"250 ok\r\n" if b"salah" not in line else b"550 who\r\n"
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else known)
            if word == b"QUIT":
                return


def test_the_mail_carries_the_pdf_its_marks_and_the_way_to_the_page(lake, store):
    edition = Editions(store).make(told(MORNING), "jadwal", MORNING)
    with socketserver.TCPServer(("127.0.0.1", 0), Postbox) as server:
        server.messages = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        host, port = server.server_address
        mail = Mail(
            host,
            port,
            "komando@example.id",
            ("satu@example.id", "salah@example.id"),
            "https://komando.example",
            tls=False,
        )
        # Who is not known there keeps nobody else waiting, and nobody gets it twice.
        press = Press(lake, lake, store, [mail], compose)
        assert [press.deliver(MORNING + MINUTE) for _ in range(2)] == [[], []]
        server.shutdown()
    [raw] = server.messages
    message = email.message_from_bytes(raw, policy=default)
    assert message["Subject"] == (
        "DATA SIMULASI · DRAF · Ringkasan Gubernur, Edisi Pagi,"
        " Kamis, 12 Maret 2026 pukul 06.15 WIB"
    )
    assert message["To"] == "satu@example.id, salah@example.id"
    assert edition.id in message["Message-ID"]
    text = message.get_body().get_content()
    assert "https://komando.example/ringkasan/2026-03-12-pagi" in text
    assert "DATA SIMULASI" in text
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == "ringkasan-gubernur-2026-03-12-pagi.pdf"
    assert attachment.get_content().startswith(b"%PDF")


def test_a_server_that_is_not_there_is_an_error_that_is_tried_again(lake, store):
    Editions(store).make(told(MORNING), "jadwal", MORNING)
    gone = Mail("127.0.0.1", 9, "a@example.id", ("b@example.id",), "https://k.example", tls=False)
    [failure] = Press(lake, lake, store, [gone], compose).deliver(MORNING + MINUTE)
    assert failure.startswith("2026-03-12-pagi mail: ConnectionRefusedError")
    assert store.claim_delivery("2026-03-12-pagi", "draf", "mail", MORNING)


def test_an_edition_goes_out_once_more_when_it_is_published_days_later(lake, store, tmp_path):
    editions = Editions(store)
    edition = editions.make(told(MORNING), "jadwal", MORNING)
    folder = tmp_path / "drop"
    press = Press(lake, lake, store, [Drop(folder, "https://k.example")], compose)
    later = MORNING + timedelta(days=3)
    press.deliver(later)
    assert not folder.exists()
    for state in ("diperiksa", "terbit"):
        editions.advance(edition.id, state, "operator", later)
    assert press.deliver(later) == []
    assert len(list(folder.iterdir())) == 3


def test_the_settings_name_the_ways(tmp_path):
    assert ways(lakes.settings(tmp_path)) == []
    both = ways(
        lakes.settings(
            tmp_path,
            brief_drop=tmp_path / "drop",
            brief_mail_host="mail.example:2525",
            brief_mail_from="a@example.id",
            brief_mail_to="b@example.id, c@example.id",
        )
    )
    assert [way.name for way in both] == ["drop", "mail"]
    assert (both[1].host, both[1].port) == ("mail.example", 2525)
    assert both[1].receivers == ("b@example.id", "c@example.id")
    with pytest.raises(Misconfigured, match="KOMANDO_BRIEF_MAIL_FROM"):
        ways(lakes.settings(tmp_path, brief_mail_host="mail.example"))


def test_an_edition_is_made_by_hand_for_any_moment_that_is_over(tmp_path):
    lakes.empty_lake(tmp_path).close()
    asked = ["brief", "--pada", "2026-03-11T06:15", "--jenis", "pagi", "--lake", str(tmp_path)]
    first = CliRunner().invoke(app, asked)
    assert first.exit_code == 0, first.output
    assert "edition=2026-03-11-pagi  state=draf" in first.output
    ahead = CliRunner().invoke(app, ["brief", "--pada", "2999-01-01", "--lake", str(tmp_path)])
    assert ahead.exit_code == 2
    kept = Editions(Store(lakes.settings(tmp_path).store_url)).one("2026-03-11-pagi")
    assert kept.late
    assert kept.content.opening == ()


def test_only_a_known_state_can_follow(store):
    kept = Editions(store)
    edition = kept.make(told(MORNING), "jadwal", MORNING)
    with pytest.raises(EditionError, match="tidak dapat menjadi terbit"):
        kept.advance(edition.id, "terbit", "pimpinan", MORNING)
