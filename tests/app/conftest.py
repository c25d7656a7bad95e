"""The web program on a small lake whose clock stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dash
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic_settings import SettingsConfigDict

import app as program
from data.clock import Clock
from data.settings import Settings
from tests import lakes


class Hands:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = lakes.NOW

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)

    def clock(self) -> Clock:
        return Clock(anchor=lakes.NOW, real=self.read)

    def read(self) -> datetime:
        return self.now


class HandSettings(Settings):
    """Settings whose clock is in the test's hands."""

    model_config = SettingsConfigDict(arbitrary_types_allowed=True)

    hands: Hands

    def clock(self) -> Clock:
        return self.hands.clock()


@pytest.fixture(scope="session")
def session_hands() -> Hands:
    return Hands()


@pytest.fixture
def hands(session_hands: Hands) -> Hands:
    """The clock of every program of this session, back at its beginning for each test."""
    session_hands.now = lakes.NOW
    return session_hands


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small lake, made once; tests that write make their own."""
    home = tmp_path_factory.mktemp("lake")
    lakes.small_lake(home).close()
    return home


@pytest.fixture(scope="session")
def make(session_hands: Hands) -> Iterator[Callable[[Path], Flask]]:
    """Build and warm the program on the lake of a folder."""
    built: list[Flask] = []

    def build(home: Path) -> Flask:
        app = program.create_app(HandSettings(home=home, hands=session_hands, memory_limit="500MB"))
        program.warm(app)
        built.append(app.server)
        return app.server

    yield build
    for server in built:
        server.extensions["komando"].lake.close()


@pytest.fixture(scope="session")
def session_server(make: Callable[[Path], Flask], lake_folder: Path) -> tuple[Flask, dict]:
    return make(lake_folder), dict(dash.page_registry)


@pytest.fixture
def server(session_server: tuple[Flask, dict], hands: Hands) -> Flask:
    """The program on the small lake, with an empty cache and with its own pages."""
    server, pages = session_server
    register(pages)
    next(iter(server.extensions["cache"])).clear()
    return server


def register(pages: dict) -> None:
    """Let Dash know the pages of one program, of all that were made in this process."""
    dash.page_registry.clear()
    dash.page_registry.update(pages)


@pytest.fixture(scope="session")
def session_empty_server(
    make: Callable[[Path], Flask], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Flask, dict]:
    home = tmp_path_factory.mktemp("empty")
    lakes.empty_lake(home).close()
    return make(home), dict(dash.page_registry)


@pytest.fixture
def empty_client(session_empty_server: tuple[Flask, dict], hands: Hands) -> FlaskClient:
    """The program on a lake without a row, with its own pages."""
    server, pages = session_empty_server
    register(pages)
    return server.test_client()


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()
