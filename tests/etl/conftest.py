"""A lake of one test, a clock that stands still, and a source on loopback that obeys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.clock import Clock
from data.lake import Lake
from data.settings import Settings
from etl.backup import backup, restore
from tests import lakes

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)


@dataclass
class Answer:
    """What the source answers: a status, headers, a body, and whether it breaks off."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class Source:
    """A web server on 127.0.0.1; `answers` are given in turn, the last one for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def will(self, *answers: Answer | bytes) -> None:
        self.asked.clear()
        self.answers[:] = [a if isinstance(a, Answer) else Answer(a) for a in answers]

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def source() -> Iterator[Source]:
    told = Source()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.asked.append((self.path, dict(self.headers)))
            answer = told.next()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.length or len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a lake without facts, from which each test's lake is restored."""
    home = tmp_path_factory.mktemp("empty")
    lake = lakes.empty_lake(home)
    folder = tmp_path_factory.mktemp("backup")
    backup(lake, lakes.settings(home), folder)
    lake.close()
    return folder


@pytest.fixture
def lake(settings: Settings, empty_lake: Path) -> Iterator[Lake]:
    restore(settings, empty_lake)
    opened = Lake(settings)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(real=lambda: NOW)


@pytest.fixture
def reader(settings: Settings) -> Iterator[Callable[..., list[dict[str, object]]]]:
    """Ask the lake over a connection of its own, as another process would."""
    opened: list[Lake] = []

    def rows(sql: str, **params: object) -> list[dict[str, object]]:
        if not opened:
            opened.append(Lake(settings, read_only=True))
        return opened[0].rows(sql, **params)

    yield rows
    for one in opened:
        one.close()
