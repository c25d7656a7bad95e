"""Killing each feed in turn changes the look of its own panels, within a second of its budget."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

# The page judges once a second; a little more for a slow machine's timers.
TICK = timedelta(seconds=2)
# The first feed dies so long after the page has heard of it, the others one by one.
NOTICE = timedelta(seconds=4)
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
# Whether all feeds are dead and no panel has yet to show it.
ALL_DEAD = """([last, dying]) => {
  const isStale = ([state]) => state === "late" || state === "disconnected";
  const dies = (slot) => slot.dataset.feeds.split(" ").some((feed) => dying.includes(feed));
  return komando.present() > last && [...document.querySelectorAll(".panel")].filter(dies)
    .every((slot) => (window.noted[slot.dataset.panel] || []).some(isStale));
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
    heard_of = page.evaluate("komando.versions().feeds")
    budgeted = [name for name, feed in heard_of.items() if feed["late_s"] is not None]
    first = city_now(page) + NOTICE
    deaths.update({name: first + APART * number for number, name in enumerate(budgeted)})
    page.evaluate("komando.poll()")
    page.wait_for_function(ALL_DEAD, arg=[max(deaths.values()).timestamp() * 1000, budgeted])

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
    """Answer with the feeds as if each fell silent so long ago that it turns late at its death.

    A feed whose death is not known was heard of just now.
    """
    answer = route.fetch()
    if answer.status != 200:
        route.fulfill(response=answer)
        return
    document: dict[str, Any] = answer.json()
    now = datetime.fromisoformat(document["now"])
    for name, feed in document["feeds"].items():
        if feed["late_s"] is not None:
            budget = timedelta(seconds=feed["late_s"])
            heard = deaths.get(name, now + budget) - budget
            feed.update(moment=heard.isoformat(), state="fresh", scheduled=True, failing=False)
    tag = '"silent"' if deaths else '"alive"'
    route.fulfill(status=200, headers={**answer.headers, "etag": tag}, body=json.dumps(document))


def city_now(page: Page) -> datetime:
    """Return the time that the page shows."""
    return datetime.fromisoformat(page.evaluate("new Date(komando.present()).toISOString()"))
