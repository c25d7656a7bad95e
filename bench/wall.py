"""What a wall costs the server, and how soon it shows what happened."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from statistics import quantiles

import psutil
from playwright.sync_api import Page

from bench import programs
from data.asof import WIB
from data.lake import Lake
from data.settings import Settings
from etl.archive import Archive
from etl.feed import discover
from etl.fetch import Fetcher
from etl.runner import Runner

SETTLES_SECONDS = 15.0
QUIET_SECONDS = 60.0
EVENTS = 20
# A panel is drawn at most every five seconds; the source itself speaks once a minute.
BETWEEN_SECONDS = 6.5
GATE = "Katulampa"
# Large enough at two metres for every gate to be on the screen.
WALL = "/dinding?nama=ukur&jarak=2"
SIZE = (3840, 2160)
LEVEL = """<?xml version="1.0" encoding="utf-8"?>
<DocumentElement><SP_GET_LAST_STATUS_PINTU_AIR>
<ID_PINTU_AIR>116</ID_PINTU_AIR><NAMA_PINTU_AIR>Bendung Katulampa</NAMA_PINTU_AIR>
<LOKASI>Ciliwung</LOKASI><SIAGA1>2000</SIAGA1><SIAGA2>1500</SIAGA2><SIAGA3>800</SIAGA3>
<SIAGA4>0</SIAGA4><TANGGAL>{moment:%Y-%m-%dT%H:%M:%S}</TANGGAL><TINGGI_AIR>{millimetres}</TINGGI_AIR>
<STATUS_SIAGA>Status : Normal</STATUS_SIAGA><TMA_UNALTERED></TMA_UNALTERED><CCTV_URL></CCTV_URL>
</SP_GET_LAST_STATUS_PINTU_AIR></DocumentElement>
"""
# Two frames later what was written has been painted.
WATCH = """([gate, wanted]) => {
    window.seen = new Promise((done) => {
        const look = () => {
            const row = Array.from(document.querySelectorAll(".zone-pintu .gate"))
                .find((node) => node.textContent.includes(gate));
            const value = row && row.querySelector(".value");
            if (value && value.textContent === wanted && value.checkVisibility())
                requestAnimationFrame(() => requestAnimationFrame(() => done(Date.now())));
            else setTimeout(look, 20);
        };
        look();
    });
}"""


def quiet_cost(settings: Settings) -> float:
    """Return the share of one core that the web uses for one wall while nothing happens."""
    with programs.web(settings) as (address, process), programs.chromium() as browser:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(address + WALL)
        page.wait_for_timeout(SETTLES_SECONDS * 1000)
        before, began = cpu_seconds(process), time.monotonic()
        page.wait_for_timeout(QUIET_SECONDS * 1000)
        return (cpu_seconds(process) - before) / (time.monotonic() - began)


def event_to_pixel(settings: Settings, raw: Path) -> list[float]:
    """Load one reading after the other; return the seconds until each is painted on the wall.

    A payload arrives as if it had been fetched, and goes the way of all: parsed, checked, appended,
    noticed by the web, drawn. What the source's own interval adds to it is not in it.

    Args:
        raw: A scratch folder for the payloads.
    """
    lake, clock = Lake(settings), settings.clock()
    taken = []
    try:
        with (
            programs.web(settings) as (address, _process),
            programs.chromium() as browser,
            Fetcher(clock) as fetcher,
        ):
            runner = Runner(
                lake, clock, discover(), {}, fetcher, Archive(raw, 1), reporter_key=b"v1:bench"
            )
            page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
            page.goto(address + WALL)
            page.wait_for_timeout(SETTLES_SECONDS * 1000)
            for number in range(EVENTS):
                taken.append(one_event(page, runner, clock.now(), 21 + number))
                page.wait_for_timeout(BETWEEN_SECONDS * 1000)
    finally:
        lake.close()
    return taken


def one_event(page: Page, runner: Runner, moment: datetime, level_cm: int) -> float:
    """Load one reading of the gate and wait until the wall shows it; return the seconds."""
    body = LEVEL.format(moment=moment.astimezone(WIB), millimetres=level_cm * 10).encode()
    page.evaluate(WATCH, [GATE, str(level_cm)])
    began = time.time()
    runner.run_file("dsda_levels", body, "dsda_levels.xml", history=False)
    seen: float = page.evaluate("() => window.seen") / 1000
    return seen - began


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1]


def cpu_seconds(process: int) -> float:
    """Return the processor time of a program and those that it started."""
    whole = psutil.Process(process)
    times = [one.cpu_times() for one in (whole, *whole.children(recursive=True))]
    return sum(one.user + one.system for one in times)
