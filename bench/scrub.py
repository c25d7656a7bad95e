"""Scrubbing through a flood day: what one step of the replay costs, as a browser asks for it.

python -m bench.scrub ADDRESS DAY    prints the slowest parts of a step beside the whole of it
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

from bench.programs import web
from dashboards.layers import LAYERS
from data import queries
from data.asof import WIB
from data.lake import Lake
from data.settings import Settings

DAY = timedelta(days=1)
STEP = timedelta(minutes=10)
# Whose browser scrubs.
ROLE = "operator"
# As many as a browser opens to one server.
CONNECTIONS = 6
PAGE = "beranda-"
# The first steps find a program that has just begun.
WARM = 6


class Reader:
    """A browser's connections to one server, kept open.

    Args:
        address: Of the server.
    """

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address).netloc
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(CONNECTIONS)

    def step(self, urls: list[str]) -> tuple[float, list[tuple[str, float]]]:
        """Return the seconds until all are answered, and those of each, by its path."""
        began = time.perf_counter()
        each = list(self._pool.map(self._get, urls))
        return time.perf_counter() - began, each

    def _get(self, url: str) -> tuple[str, float]:
        began = time.perf_counter()
        try:
            status = self._ask(url)
        except http.client.RemoteDisconnected:
            # The server closes what was idle for long; a browser then asks again.
            self._own.connection = None
            status = self._ask(url)
        if status != 200:
            raise RuntimeError(f"{url} answered {status}")
        return url.split("?")[0], time.perf_counter() - began

    def _ask(self, url: str) -> int:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(self._place)
        connection.request("GET", url)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def day_of_flood(settings: Settings) -> datetime:
    """Return midnight (WIB) of the day on which most areas were flooded."""
    lake = Lake(settings, read_only=True)
    try:
        found = queries.replay_days(lake, known_time=settings.clock().now(), most=1)
    finally:
        lake.close()
    worst: datetime = found[0]["event_time"]
    return worst.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)


def steps(day: datetime, panels: list[str]) -> Iterator[list[str]]:
    """Yield what Beranda asks for at each step of a day: feeds, panels and layers."""
    paths = [
        "/versi",
        *(f"/panel/{name}" for name in panels),
        *(f"/geo/{layer.id}.geojson" for layer in LAYERS if layer.shown and ROLE in layer.roles),
    ]
    moment = day
    while moment < day + DAY:
        moment += STEP
        query = urlencode({"pada": f"{moment:%Y-%m-%dT%H:%M}", "seperti": "saat-itu"})
        yield [f"{path}?{query}" for path in paths]


def scrub(
    address: str, day: datetime, panels: list[str]
) -> tuple[list[float], dict[str, list[float]]]:
    """Return the seconds of each step of the day, and those of each part by its path."""
    reader = Reader(address)
    whole: list[float] = []
    parts: dict[str, list[float]] = defaultdict(list)
    for urls in steps(day - WARM * STEP, panels):
        seconds, each = reader.step(urls)
        whole.append(seconds)
        for path, one in each:
            parts[path].append(one)
    return whole[WARM:], parts


def p95(values: list[float]) -> float:
    """Return what 95 of 100 stay below."""
    return quantiles(values, n=20)[-1]


def p95_step(settings: Settings) -> float:
    """Return the seconds within which 95 of 100 steps through a flood day are drawn."""
    day = day_of_flood(settings)
    with web(settings) as (address, _):
        whole, _ = scrub(address, day, panels_of(address))
    return p95(whole)


def panels_of(address: str) -> list[str]:
    """Return the panels of Beranda that a running server shows."""
    known = "siaga genangan pompa hari-ini tunggakan lalu-lintas udara bmkg kamera petugas terbaru"
    names = [f"{PAGE}{name}" for name in known.split()]
    place = urlsplit(address).netloc
    found = []
    for name in names:
        connection = http.client.HTTPConnection(place)
        connection.request("GET", f"/panel/{name}")
        if connection.getresponse().status == 200:
            found.append(name)
        connection.close()
    return found


def main(address: str, day: str) -> None:
    """Scrub through a day (2020-01-01) on a running server and print where the time goes."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=WIB)
    whole, parts = scrub(address, midnight, panels_of(address))
    for path, values in sorted(parts.items(), key=lambda part: -median(part[1])):
        print(f"{path:40} median {1000 * median(values):6.0f} ms  p95 {1000 * p95(values):6.0f} ms")
    print(
        f"{len(whole)} steps: median {1000 * median(whole):.0f} ms, p95 {1000 * p95(whole):.0f} ms"
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
