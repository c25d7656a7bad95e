"""Measure speed as ratios and write `bench/results.json`: `make bench`.

Each row is measured beside its yardstick in the same run, so that it means the same on any machine.
Scratch data lie under `bench/scratch` and are made anew.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import http.client
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from app import create_app
from bench import georeport, scrub, wall
from bench.programs import city, free_port, gunicorn
from dashboards.access import ROLES
from dashboards.panels import Panel, View, to_bytes
from dashboards.site import Site
from data import series
from data.asof import AsOf
from data.lake import Lake
from data.settings import Settings
from etl.archive import Archive
from etl.feed import discover
from etl.fetch import Fetcher
from etl.runner import Runner, open_file

ROOT = Path(__file__).parents[1]
SCRATCH = ROOT / "bench" / "scratch"
RESULTS = ROOT / "bench" / "results.json"
COMPLAINTS = 200_000
YEARS = 10
HISTORY_SECONDS = 90.0
HISTORY_GIB = 3.0
REQUESTS = 1_500
CLIENTS = 8
REPEATS = 9
QUIET_PERCENT = 2.0
PIXEL_SECONDS = 3.0
STEP_SECONDS = 0.3
TREND_BEGINS = "2010-01-01"
TREND_FRESH_MS = 300.0
KEPT_MS = 50.0
BOARD_MS = 1000.0
PAGE_MS = 150.0
PAGES = 60


# The yardstick of the ETL: DuckDB reads the same bytes and inserts the same two tables, without
# redaction, hashes, checks, or a look at what is known already.
READ_JSON = """
create or replace temp table read as from read_json('$path', format = 'array',
    maximum_object_size = 67108864, columns = {
    service_request_id: 'VARCHAR', service_name: 'VARCHAR', description: 'VARCHAR',
    agency_responsible: 'VARCHAR', requested_datetime: 'TIMESTAMPTZ',
    updated_datetime: 'TIMESTAMPTZ', expected_datetime: 'TIMESTAMPTZ', address: 'VARCHAR',
    lat: 'DOUBLE', long: 'DOUBLE', media_url: 'VARCHAR', extended_attributes:
    'STRUCT(channel VARCHAR, kelurahan_code VARCHAR, geotagged BOOLEAN,
    first_response_datetime TIMESTAMPTZ, resolved_datetime TIMESTAMPTZ, reopened INTEGER,
    status_label VARCHAR, follow_up_media_url VARCHAR,
    log STRUCT(datetime TIMESTAMPTZ, status_label VARCHAR, agency VARCHAR)[])'})
"""
INSERTS = (
    """
    insert into complaint_versions by name
    select service_request_id as complaint_id, requested_datetime as created_at,
        updated_datetime as event_time, extended_attributes.channel, service_name as category,
        extended_attributes.status_label as status, agency_responsible as agency,
        extended_attributes.kelurahan_code, long as lon, lat, extended_attributes.geotagged,
        expected_datetime as due_at,
        extended_attributes.first_response_datetime as first_response_at,
        extended_attributes.resolved_datetime as resolved_at,
        extended_attributes.reopened as reopened_count, media_url as photo_before,
        extended_attributes.follow_up_media_url as photo_after, address as address_public,
        description as text_redacted
    from read
    """,
    """
    insert into complaint_log by name
    select service_request_id as complaint_id, entry.datetime as event_time,
        entry.status_label as status, entry.agency
    from (select service_request_id, unnest(extended_attributes.log) as entry from read)
    """,
)


@dataclass(frozen=True)
class Result:
    """One row.

    Args:
        better: "higher" or "lower": which way the ratio should go.
        target: The ratio that DESIGN asks for.
    """

    name: str
    value: float
    unit: str
    yardstick: str
    yardstick_value: float
    ratio: float
    better: str
    target: float


def main() -> None:
    """Run all benchmarks and write the results."""
    argparse.ArgumentParser(prog="python -m bench", description=__doc__).parse_args()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    results: list[Result] = []

    def keep(*rows: Result) -> None:
        for row in rows:
            results.append(row)
            good = row.ratio >= row.target if row.better == "higher" else row.ratio <= row.target
            target = f"{'≥' if row.better == 'higher' else '≤'} {row.target:<4}"
            print(
                f"{row.name:50} {row.value:12.2f} {row.unit:7} {row.yardstick:26}"
                f" {row.yardstick_value:12.2f}  ratio {row.ratio:5.2f}  {target}"
                f" {'ok' if good else 'MISSED'}",
                flush=True,
            )

    with city() as url:
        long, short = home("ten-years"), home("one-year")
        keep(*history(url, long))
        fill(url, short, 1)
        for folder in (long, short):
            live(url, folder)
    keep(*fresh_panels(long))
    keep(growth(long, short))
    keep(*trend_rows(long, short))
    keep(*board_rows(long))
    keep(cached_panel(long))
    keep(*wall_rows(long))
    keep(scrub_row(long))
    # Last, for its rows are taken for real ones, beside which simulated ones do not count.
    keep(etl_rows(long))
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "results": [asdict(row) for row in results],
    }
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(SCRATCH, ignore_errors=True)


def history(url: str, settings: Settings) -> list[Result]:
    """Time the loading of ten years of demo history, and its peak of memory."""
    began = time.perf_counter()
    peak = fill(url, settings, YEARS)
    seconds = time.perf_counter() - began
    return [
        Result(
            f"history of {YEARS} years", seconds, "s", "limit", HISTORY_SECONDS,
            seconds / HISTORY_SECONDS, "lower", 1.0,
        ),
        Result(
            "memory of loading it", peak, "GiB", "limit", HISTORY_GIB,
            peak / HISTORY_GIB, "lower", 1.0,
        ),
    ]  # fmt: skip


def etl_rows(settings: Settings) -> Result:
    """Load 200,000 complaints as GeoReport JSON beside DuckDB's own read_json and insert."""
    path = SCRATCH / "georeport.json"
    georeport.write(path, COMPLAINTS)
    lake = Lake(settings)
    clock = settings.clock()

    def ours() -> None:
        with Fetcher(clock) as fetcher, open_file(path) as body:
            archive = Archive(SCRATCH / "raw", 1)
            runner = Runner(lake, clock, discover(), {}, fetcher, archive, reporter_key=b"v1:bench")
            tally = runner.run_file("crm_requests", body, path.name)
            assert tally.quarantined == 0, tally.summary()

    def yardstick() -> None:
        with lake.write() as cursor:
            cursor.execute(READ_JSON.replace("$path", str(path)))
            for statement in INSERTS:
                cursor.execute(statement)
            cursor.execute("drop table read")
            raise Undone

    def undone() -> None:
        with contextlib.suppress(Undone):
            yardstick()

    plain = median(seconds(undone) for _ in range(3))
    own = seconds(ours)
    lake.close()
    return Result(
        "ETL of GeoReport JSON", COMPLAINTS / own, "rows/s", "read_json + insert",
        COMPLAINTS / plain, plain / own, "higher", 1.0,
    )  # fmt: skip


class Undone(Exception):
    """Rolls the yardstick's rows back."""


def fresh_panels(settings: Settings) -> list[Result]:
    """Render each panel of Beranda anew beside the SQL that it runs."""
    rows = []
    for name, whole, sql in panel_times(settings):
        allowed = max(1.5 * sql, sql + 0.015)
        rows.append((whole / allowed, name, whole, allowed))
    ratio, name, whole, allowed = max(rows)
    return [
        Result(
            f"slowest fresh panel ({name})", whole * 1000, "ms", "max(1.5 SQL, SQL + 15 ms)",
            allowed * 1000, ratio, "lower", 1.0,
        )
    ]  # fmt: skip


def growth(long: Settings, short: Settings) -> Result:
    """Render all of Beranda on ten years of history and on one."""
    ten = sum(whole for _, whole, _ in panel_times(long))
    one = sum(whole for _, whole, _ in panel_times(short))
    return Result(
        "Beranda at 10 years of history", ten * 1000, "ms", "at 1 year", one * 1000,
        ten / one, "lower", 1.2,
    )  # fmt: skip


def trend_rows(long: Settings, short: Settings) -> list[Result]:
    """Ask for every series of the city over sixteen years, of ten years of history and of one."""
    paths = {name: f"/panel/tren?seri={name}&dari={TREND_BEGINS}" for name in series.registry()}
    ten, one = page_times(long, paths), page_times(short, paths)
    name, (fresh, cached) = max(ten.items(), key=lambda pair: pair[1])
    return [
        Result(
            f"slowest fresh trend ({name})", fresh * 1000, "ms", "limit", TREND_FRESH_MS,
            fresh * 1000 / TREND_FRESH_MS, "lower", 1.0,
        ),
        Result(
            f"the same again ({name})", cached * 1000, "ms", "limit", KEPT_MS,
            cached * 1000 / KEPT_MS, "lower", 1.0,
        ),
        Result(
            f"it at 10 years of history ({name})", fresh * 1000, "ms", "at 1 year",
            one[name][0] * 1000, fresh / one[name][0], "lower", 3.0,
        ),
    ]  # fmt: skip


def board_rows(settings: Settings) -> list[Result]:
    """Ask for the ranking of a year, a lurah's work list and page after page of complaints."""
    paths = {
        "ranking of 267 kelurahan": "/panel/ranking-board",
        "work list of a kelurahan": "/panel/wilayah-kerja?wilayah=31.71.01.1001",
    }
    rows = []
    for name, (fresh, kept) in page_times(settings, paths).items():
        rows += [
            Result(
                f"{name}, fresh", fresh * 1000, "ms", "limit", BOARD_MS,
                fresh * 1000 / BOARD_MS, "lower", 1.0,
            ),
            Result(
                f"{name}, again", kept * 1000, "ms", "limit", KEPT_MS,
                kept * 1000 / KEPT_MS, "lower", 1.0,
            ),
        ]  # fmt: skip
    [(_, whole, sql)] = panel_times(settings, "ranking-board")
    slowest = scrub.p95(list(turned_pages(settings)))
    return [
        *rows,
        Result(
            "SQL of the ranking, fresh", sql * 1000, "ms", "the whole", whole * 1000, sql / whole,
            "lower", 2.0,
        ),
        Result(
            "next page of complaints, p95", slowest * 1000, "ms", "limit", PAGE_MS,
            slowest * 1000 / PAGE_MS, "lower", 1.0,
        ),
    ]  # fmt: skip


def turned_pages(settings: Settings) -> Iterator[float]:
    """Yield the seconds of each page of the complaints after the first, newest first."""
    app = create_app(settings)
    client = app.server.test_client()
    client.set_cookie("peran", "admin")
    path = "/panel/pengaduan-daftar"
    following: str | None = ""
    for _ in range(PAGES):
        began = time.perf_counter()
        answer = client.get(path, query_string={"mulai": following} if following else None)
        if following:
            yield time.perf_counter() - began
        turn = re.search(r'<button[^>]*data-act="halaman"[^>]*>', answer.text)
        found = re.search('data-value="([^"]+)"', turn[0]) if turn else None
        if found is None:
            break
        following = html.unescape(found[1])
    app.server.extensions["komando"].lake.close()


def page_times(settings: Settings, paths: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """Return by name the seconds of a panel when it is new and when it is kept."""
    app = create_app(settings)
    site: Site = app.server.extensions["komando"]
    client = app.server.test_client()
    client.set_cookie("peran", "admin")
    caches = app.server.extensions["cache"]
    found = {}
    for name, path in paths.items():
        fresh, kept = list[float](), list[float]()
        for _ in range(3):
            next(iter(caches)).clear()
            for times in (fresh, kept):
                began = time.perf_counter()
                assert client.get(path).status_code == 200
                times.append(time.perf_counter() - began)
        found[name] = (median(fresh), median(kept))
    site.lake.close()
    return found


def cached_panel(settings: Settings) -> Result:
    """Ask gunicorn for a rendered panel, and for a trivial Dash callback with the same JSON."""
    port = free_port()
    environment = {**os.environ, "KOMANDO_HOME": str(settings.home)}
    with gunicorn("app:serve()", port, environment):
        name, body = largest_panel(port)
        ours = requests_per_second(port, f"/panel/{name}", None)
    trivial = {**os.environ, "BENCH_BODY": json.dumps(body.decode())}
    port = free_port()
    with gunicorn("bench.trivial:serve()", port, trivial):
        payload = json.dumps(
            {
                "output": "out.children",
                "outputs": {"id": "out", "property": "children"},
                "inputs": [{"id": "in", "property": "value", "value": 1}],
                "changedPropIds": ["in.value"],
            }
        ).encode()
        plain = requests_per_second(port, "/_dash-update-component", payload)
    return Result(
        f"cached panel ({name}, {len(body)} bytes)", ours, "req/s", "trivial Dash callback",
        plain, ours / plain, "higher", 0.6,
    )  # fmt: skip


def wall_rows(settings: Settings) -> list[Result]:
    """Measure what a quiet wall costs, and how soon a wall shows what was fetched."""
    cost = wall.quiet_cost(settings) * 100
    delay = wall.p95(wall.event_to_pixel(settings, SCRATCH / "raw"))
    return [
        Result(
            "quiet wall cost", cost, "% core", "limit", QUIET_PERCENT,
            cost / QUIET_PERCENT, "lower", 1.0,
        ),
        Result(
            "event to pixel after the poll, p95", delay, "s", "limit", PIXEL_SECONDS,
            delay / PIXEL_SECONDS, "lower", 1.0,
        ),
    ]  # fmt: skip


def scrub_row(settings: Settings) -> Result:
    """Scrub through 24 hours of a flood, in steps of ten minutes, at ten years of history."""
    step = scrub.p95_step(settings)
    return Result(
        "step of the replay, p95", step, "s", "limit", STEP_SECONDS,
        step / STEP_SECONDS, "lower", 1.0,
    )  # fmt: skip


def panel_times(settings: Settings, page: str = "beranda") -> list[tuple[str, float, float]]:
    """Return (id, seconds to render anew, seconds of SQL in it) of each panel of a page.

    Questions that are asked side by side are added up.
    """
    app = create_app(settings)
    site: Site = app.server.extensions["komando"]
    caches = app.server.extensions["cache"]
    spent = 0.0
    original = {name: getattr(Lake, name) for name in ("rows", "frame")}

    def timed(name: str) -> Callable[..., Any]:
        def ask(lake: Lake, sql: str, **params: Any) -> Any:
            nonlocal spent
            began = time.perf_counter()
            try:
                return original[name](lake, sql, **params)
            finally:
                spent += time.perf_counter() - began

        return ask

    role = ROLES["admin"]
    found = []
    for name in original:
        setattr(Lake, name, timed(name))
    try:
        for panel in site.shown.values():
            if not panel.id.startswith(page):
                continue
            times = []
            for _ in range(REPEATS):
                view = View(AsOf.now(site.clock.now()), "31", role)
                next(iter(caches)).clear()
                spent = 0.0
                whole = seconds(partial(render, panel, site.lake, view))
                times.append((whole, spent))
            found.append((panel.id, *median_pair(times)))
    finally:
        for name, method in original.items():
            setattr(Lake, name, method)
        site.lake.close()
    return found


def render(panel: Panel, lake: Lake, view: View) -> bytes:
    """Render a panel as a request does."""
    return to_bytes(panel.render(lake, view))


def median_pair(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the pair whose first is the median."""
    return sorted(times)[len(times) // 2]


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def home(name: str) -> Settings:
    """Return settings of a scratch lake."""
    return Settings(home=SCRATCH / name)


def fill(url: str, settings: Settings, years: float) -> float:
    """Load demo history with the command line; return the peak of its memory in GiB."""
    environment = {**os.environ, "KOMANDO_HOME": str(settings.home), "KOMANDO_CITY": url}
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    subprocess.run(
        [sys.executable, "-m", "etl", "history", "--years", str(years)],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(before, after) / 2**20


def live(url: str, settings: Settings) -> None:
    """Run each feed of the demo once, so that the pages have something to show."""
    environment = {**os.environ, "KOMANDO_HOME": str(settings.home), "KOMANDO_CITY": url}
    names = [
        "crm_requests", "dsda_levels", "pantau_pumps", "petabencana_floods", "waze_ccp",
        "udara_jakarta", "bmkg_alerts", "traccar", "duty_roster", "cameras",
    ]  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "etl", "run", *names],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run(
        [sys.executable, "-m", "etl", "maintain"],
        cwd=ROOT,
        env=environment,
        check=True,
        stderr=subprocess.DEVNULL,
    )


def largest_panel(port: int) -> tuple[str, bytes]:
    """Return id and body of the largest panel of Beranda, rendered."""
    app = create_app(Settings(home=SCRATCH / "ten-years"))
    site: Site = app.server.extensions["komando"]
    names = [name for name in site.shown if name.startswith("beranda")]
    site.lake.close()
    bodies = {name: fetch(port, f"/panel/{name}", None) for name in names}
    name = max(bodies, key=lambda key: len(bodies[key]))
    return name, bodies[name]


def fetch(port: int, path: str, body: bytes | None) -> bytes:
    """Return what a GET, or a POST of JSON, answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        data: bytes = answer.read()
        return data


def requests_per_second(port: int, path: str, body: bytes | None) -> float:
    """Return the rate at which `CLIENTS` connections get answers."""

    def ask(count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json"}
        for _ in range(count):
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        connection.close()

    ask(50)
    threads = [threading.Thread(target=ask, args=(REQUESTS // CLIENTS,)) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return REQUESTS // CLIENTS * CLIENTS / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
