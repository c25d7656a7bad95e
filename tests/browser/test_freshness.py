"""Killing each feed in turn changes the look of its own panels, within a second of its budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

# The page judges once a second, and the test looks between its judgements.
TICK = timedelta(seconds=1.1)
# The first feed dies so long after the page has heard of it, the others one by one.
NOTICE = timedelta(seconds=4)
APART = timedelta(seconds=0.7)
# More than a page takes to hear where its time shall stop.
HEAD_START = timedelta(seconds=20)

# Notes each change of a panel's state with the city time (ms) at which it was seen.
RECORD = """() => {
  window.noted = {};
  const look = () => document.querySelectorAll(".panel").forEach((slot) => {
    const notes = (window.noted[slot.dataset.panel] ||= []);
    const last = notes[notes.length - 1];
    const state = slot.dataset.state;
    if (!last || last[0] !== state) notes.push([state, komando.present()]);
  });
  look();
  setInterval(look, 50);
}"""


@pytest.mark.parametrize(
    "path", ["/", "/banjir", "/lalu-lintas", "/udara", "/pengaduan", "/dinding"]
)
def test_each_panel_turns_stale_with_the_first_of_its_feeds_that_dies(open_page, path):
    deaths: dict[str, datetime] = {}

    def prepare(page: Page) -> None:
        page.clock.install()
        page.route("**/versi", alive)

    page = open_page(path, prepare=prepare)
    expect(page.locator(".panel[data-state]").first).to_be_attached()
    expect(page.locator(".panel[aria-busy=true]")).to_have_count(0)
    # From here on the page's time moves only where the test says so, however slow the machine.
    page.clock.pause_at(city_now(page) + HEAD_START)
    page.evaluate(RECORD)
    page.route("**/versi", lambda route: falling_silent(route, deaths))
    page.evaluate("komando.poll()")
    expect(page.locator(".panel[aria-busy=true]")).to_have_count(0)
    span = max(deaths.values()) + 2 * TICK - city_now(page)
    page.clock.run_for(span / timedelta(milliseconds=1))

    noted = page.evaluate("window.noted")
    feeds = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.panel')]"
        ".map((slot) => [slot.dataset.panel, slot.dataset.feeds.split(' ')]))"
    )
    judged = 0
    for panel, notes in noted.items():
        dying = [deaths[feed] for feed in feeds[panel] if feed in deaths]
        if dying:
            stale = next(at for state, at in notes if state in ("late", "disconnected"))
            late_by = datetime.fromtimestamp(stale / 1000, min(dying).tzinfo) - min(dying)
            assert timedelta(0) <= late_by < TICK, panel
            judged += 1
        else:
            assert {state for state, _ in notes} <= {"fresh", "empty", "never"}, (
                panel,
                feeds[panel],
            )
    assert judged


def alive(route: Route) -> None:
    """Answer with feeds that were all heard of just now."""
    document = asked(route)
    now = datetime.fromisoformat(document["now"])
    answer(route, document, dict.fromkeys(budgets(document), now), '"alive"')


def falling_silent(route: Route, deaths: dict[str, datetime]) -> None:
    """Answer once with feeds that fell silent so long ago that each turns late at its death.

    Fills `deaths`. Whoever asks again gets no answer: the page judges by itself.
    """
    if deaths:
        return
    document = asked(route)
    first = datetime.fromisoformat(document["now"]) + NOTICE
    silent = budgets(document)
    deaths.update({name: first + APART * number for number, name in enumerate(silent)})
    answer(route, document, {name: deaths[name] - silent[name] for name in silent}, '"dying"')


def budgets(document: dict[str, Any]) -> dict[str, timedelta]:
    """Return how long each feed may be silent before it is late."""
    return {
        name: timedelta(seconds=feed["late_s"])
        for name, feed in document["feeds"].items()
        if feed["late_s"] is not None
    }


def asked(route: Route) -> dict[str, Any]:
    """Return what the server says of the feeds, also where the page knows it already."""
    told = route.request.headers
    headers = {name: told[name] for name in told if name != "if-none-match"}
    document: dict[str, Any] = route.fetch(headers=headers).json()
    return document


def answer(route: Route, document: dict[str, Any], heard: dict[str, datetime], tag: str) -> None:
    for name, moment in heard.items():
        document["feeds"][name].update(
            moment=moment.isoformat(), state="fresh", scheduled=True, failing=False
        )
    route.fulfill(json=document, headers={"etag": tag})


def city_now(page: Page) -> datetime:
    """Return the time that the page shows."""
    return datetime.fromisoformat(page.evaluate("new Date(komando.present()).toISOString()"))
