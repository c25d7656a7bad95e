"""Pages in headless Chromium, served by gunicorn as in production, on a small lake."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import boards
from tests.browser.serving import Server

PATIENCE_MS = 30_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's Chromium; without it, tests fail in CI and are skipped elsewhere.

    Its shell for headless use opens a page at half the cost: it draws no window around it.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed (apt-get install chromium)")
    return path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small lake as of the real present: the served program's clock runs."""
    folder = tmp_path_factory.mktemp("home")
    boards.ranked_lake(folder, datetime.now(UTC))
    return folder


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Where gunicorn serves the program."""
    with Server(home) as server:
        yield server.address


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(
    browser: Browser, address: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Open an address of the site in a browser of its own; whatever it complains of is a failure.

    `open_page(path, width=…, height=…)`; with `complaints_are="ignored"` the page may complain;
    `prepare(page)` is called before it goes anywhere.
    """
    complaints: list[str] = []
    pages: list[Page] = []

    def visit(
        path: str,
        *,
        width: int = 1920,
        height: int = 1080,
        complaints_are: str = "",
        prepare: Callable[[Page], object] = lambda _page: None,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="id-ID")
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if complaints_are != "ignored":
            page.on(
                "console",
                lambda told: (
                    complaints.append(f"{told.type}: {told.text}")
                    if told.type in ("error", "warning")
                    else None
                ),
            )
            page.on("pageerror", lambda error: complaints.append(f"thrown: {error.stack}"))
        pages.append(page)
        prepare(page)
        page.goto(address + path)
        return page

    failed_before = request.session.testsfailed
    yield visit
    for number, page in enumerate(pages):
        if request.session.testsfailed > failed_before:
            page.screenshot(path=tmp_path / f"page-{number}.png")
        # An answer on its way through a test's own route would fail in the middle of the next test.
        page.unroute_all(behavior="ignoreErrors")
        page.context.close()
    assert not complaints, "\n".join(complaints)
