"""Killing each feed in turn changes the look of its own panels, within a second of its budget."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

# The page judges once a second; a little more for a slow machine's timers.
TICK = timedelta(seconds=2)
APART = timedelta(seconds=0.7)

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


@pytest.mark.parametrize("path", ["/", "/banjir", "/lalu-lintas", "/udara", "/dinding"])
def test_each_panel_turns_stale_with_the_first_of_its_feeds_that_dies(open_page, path):
    deaths: dict[str, datetime] = {}

    def prepare(page: Page) -> None:
        page.route("**/versi", lambda route: silenced(route, deaths))

    page = open_page(path, prepare=prepare)
    expect(page.locator(".panel[data-state]").first).to_be_attached()
    expect(page.locator(".panel[aria-busy=true]")).to_have_count(0)
    page.evaluate(RECORD)
    page.wait_for_timeout((max(deaths.values()) - city_now(page) + TICK) / timedelta(seconds=0.001))

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


def silenced(route: Route, deaths: dict[str, datetime]) -> None:
    """Answer with the feeds as if each fell silent so long ago that they turn late one by one."""
    answer = route.fetch()
    if answer.status != 200:
        route.fulfill(response=answer)
        return
    document: dict[str, Any] = answer.json()
    now = datetime.fromisoformat(document["now"])
    budgeted = [feed for feed in document["feeds"].items() if feed[1]["late_s"] is not None]
    for number, (name, feed) in enumerate(budgeted):
        deaths.setdefault(name, now + timedelta(seconds=8) + APART * number)
        silent_since = deaths[name] - timedelta(seconds=feed["late_s"])
        feed.update(moment=silent_since.isoformat(), state="fresh", scheduled=True, failing=False)
    route.fulfill(
        status=200, headers={**answer.headers, "etag": '"senyap"'}, body=json.dumps(document)
    )


def city_now(page: Page) -> datetime:
    """Return the time that the page shows."""
    return datetime.fromisoformat(page.evaluate("new Date(komando.present()).toISOString()"))
