"""The programs of a measurement: the city, the web, the whole demo, each until its block ends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from data.settings import Settings

ROOT = Path(__file__).parents[1]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--enable-precise-memory-info",
)
LOOK_EVERY = 0.2
STARTS_WITHIN = 240.0


@contextmanager
def city() -> Iterator[str]:
    """Serve the simulated city on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "etl", "city", "--port", str(port)]
    with program(command, f"http://127.0.0.1:{port}/clock", os.environ.copy()):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def gunicorn(target: str, port: int, environment: dict[str, str]) -> Iterator[int]:
    """Serve a WSGI app as in production; the block gets the id of the process."""
    command = [
        sys.executable, "-m", "gunicorn", target, "--worker-class", "gthread", "--workers", "2",
        "--threads", "8", "--bind", f"127.0.0.1:{port}", "--log-level", "error",
    ]  # fmt: skip
    with program(command, f"http://127.0.0.1:{port}/", environment) as process:
        yield process


@contextmanager
def web(settings: Settings) -> Iterator[tuple[str, int]]:
    """Serve the program on a lake; the block gets its address and the id of the process."""
    port = free_port()
    environment = {**os.environ, "KOMANDO_HOME": str(settings.home)}
    with gunicorn("app:serve()", port, environment) as process:
        yield f"http://127.0.0.1:{port}", process


@contextmanager
def demo(
    home: Path, *, speed: float, anchor: datetime, scenario: str, years: float
) -> Iterator[str]:
    """Run the whole demo in a folder of its own; the block gets its address.

    Args:
        anchor: Instant at which city time equals real time (aware).
    """
    port, city_port = free_port(), free_port()
    home.mkdir(parents=True, exist_ok=True)
    # The demo goes on from the clock that its home was last used with.
    (home / "clock.json").write_text(
        json.dumps({"speed": speed, "anchor": anchor.isoformat()}), encoding="utf-8"
    )
    command = [
        sys.executable, "deploy/demo.py", "--port", str(port), "--city-port", str(city_port),
        "--speed", f"{speed:g}", "--scenario", scenario, "--years", f"{years:g}",
    ]  # fmt: skip
    environment = {**os.environ, "KOMANDO_HOME": str(home)}
    with program(command, f"http://127.0.0.1:{port}/readyz", environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open Debian's Chromium without a window.

    Raises:
        RuntimeError: It is not installed.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@contextmanager
def program(command: list[str], url: str, environment: dict[str, str]) -> Iterator[int]:
    """Run a server until the block ends; wait until it answers, hand over its process id.

    Raises:
        RuntimeError: It ended, or did not answer in time.
    """
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + STARTS_WITHIN
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command[:4])} does not answer at {url}")
            time.sleep(LOOK_EVERY)
        yield process.pid
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
        for child in children:
            if child.is_running():
                child.terminate()
        psutil.wait_procs(children, timeout=10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            answer.read()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
