"""Run the whole demo: simulated city, its history, ETL and web; Ctrl-C ends all of it.

Production runs the same three programs as services of their own (`deploy/systemd`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]
LEAST_FREE_BYTES = 3 * 2**30
LOOK_EVERY = 0.2
START_SECONDS = 120.0
STOP_SECONDS = 20.0
RESTART_SECONDS = 5.0
CONFIGURATION = 3


class Demo:
    """The programs of the demo, watched together."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._running: dict[str, tuple[list[str], subprocess.Popen[bytes]]] = {}
        self._leaving = False
        self._city = f"http://127.0.0.1:{options.city_port}"
        self._environment = {
            **os.environ,
            "KOMANDO_HOME": str(options.home),
            "KOMANDO_CITY": self._city,
            "KOMANDO_HOST": "127.0.0.1",
            "KOMANDO_ADDRESS": f"http://127.0.0.1:{options.port}",
            "KOMANDO_CLOCK_SPEED": str(options.speed),
            "KOMANDO_CLOCK_ANCHOR": options.anchor,
            "PYTHONUNBUFFERED": "1",
        }
        if options.feeds:
            self._environment["KOMANDO_FEEDS"] = str(Path(options.feeds).resolve())
        self._logs = options.home / "logs"

    def run(self) -> int:
        """Start everything, say when it is ready, wait for Ctrl-C."""
        # A closed terminal says SIGHUP; what it leaves running would hold the ports.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._leave)
        began = time.monotonic()
        try:
            self._start_all()
            if not self._leaving:
                seconds = time.monotonic() - began
                say(f"\nReady after {seconds:.0f} s: http://127.0.0.1:{self._options.port}/")
                say("Everything shown is simulated (DATA SIMULASI). Ctrl-C ends the demo.")
            while not self._leaving:
                self._restart_what_ended()
                time.sleep(LOOK_EVERY)
        except DemoError as error:
            if not self._leaving:
                say(f"\n{error}")
                return 1
        finally:
            self._stop_all()
        return 0

    def _start_all(self) -> None:
        options = self._options
        say("1/4 simulated city")
        city = ["city", "--port", str(options.city_port), "--scenario", options.scenario]
        self._start("city", [sys.executable, "-m", "etl", *city])
        self._wait_for(f"{self._city}/clock", "city")
        say(f"2/4 history of {options.years:g} years (only the first time)")
        self._finish(
            "history", [sys.executable, "-m", "etl", "history", "--years", str(options.years)]
        )
        say("3/4 ETL on its schedule")
        self._start("etl", [sys.executable, "-m", "etl", "schedule"])
        say("4/4 web")
        gunicorn = ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
        address = ["--bind", f"127.0.0.1:{options.port}"]
        self._start("web", [sys.executable, "-m", "gunicorn", "app:serve()", *gunicorn, *address])
        self._wait_for(f"http://127.0.0.1:{options.port}/readyz", "web")

    def _start(self, name: str, command: list[str]) -> None:
        log = (self._logs / f"{name}.log").open("ab")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A Ctrl-C goes to the terminal's whole group; here each program is stopped in its turn.
            start_new_session=True,
        )
        log.close()
        self._running[name] = (command, process)

    def _finish(self, name: str, command: list[str]) -> None:
        process = subprocess.Popen(command, cwd=ROOT, env=self._environment, start_new_session=True)
        self._running[name] = (command, process)
        while process.poll() is None and not self._leaving:
            time.sleep(LOOK_EVERY)
        if self._leaving:
            return
        del self._running[name]
        if process.returncode != 0:
            raise DemoError(f"{name} ended with code {process.returncode}; see above")

    def _wait_for(self, url: str, name: str) -> None:
        process = self._running[name][1]
        deadline = time.monotonic() + START_SECONDS
        while not self._leaving:
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own loopback
                    return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise DemoError(f"{name} did not start:\n{self._tail(name)}")
            time.sleep(LOOK_EVERY)

    def _restart_what_ended(self) -> None:
        for name, (command, process) in list(self._running.items()):
            if process.poll() is not None:
                say(f"{name} ended with code {process.returncode}; starting it again")
                say(self._tail(name))
                time.sleep(RESTART_SECONDS)
                self._start(name, command)

    def _tail(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-8:])

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        self._leaving = True

    def _stop_all(self) -> None:
        processes = [process for _, process in reversed(self._running.values())]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def check(options: argparse.Namespace) -> str | None:
    """Return what stands in the way of a start, or None."""
    for number, variable in ((options.port, "PORT"), (options.city_port, "CITY_PORT")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                return (
                    f"port {number} is taken: choose another one, make run {variable}={number + 1}"
                )
    home: Path = options.home
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        (home / "logs" / "city.log").touch()
    except OSError as error:
        return f"{error.filename}: {error.strerror}; set KOMANDO_HOME to a folder of your own"
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE_BYTES:
        return f"{free // 2**20} MB free at {home}: the demo needs {LEAST_FREE_BYTES // 2**20} MB"
    return None


def keep_clock(options: argparse.Namespace) -> str | None:
    """Set the clock's anchor; a city that ran faster goes on from where it was.

    Returns:
        What stands in the way: its lake was filled by a clock of another speed.
    """
    options.anchor = datetime.now(UTC).isoformat()
    path: Path = options.home / "clock.json"
    kept = json.loads(path.read_text()) if path.exists() else {"speed": options.speed}
    if kept["speed"] != options.speed:
        return (
            f"this demo ran at SPEED={kept['speed']:g}, and its lake may lie ahead of time:"
            f" make run SPEED={kept['speed']:g}, or make clean first"
        )
    if options.speed != 1:
        options.anchor = kept.setdefault("anchor", options.anchor)
    path.write_text(json.dumps(kept))
    return None


def port(text: str) -> int:
    """Read a port number."""
    number = int(text)
    if not 0 < number < 65_536:
        raise argparse.ArgumentTypeError(f"{text} is no port: choose one from 1 to 65535")
    return number


def positive(text: str) -> float:
    """Read a number above zero."""
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text} must be more than zero")
    return number


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=port, default=8050)
    parser.add_argument("--city-port", type=port, default=8060)
    parser.add_argument("--speed", type=positive, default=1.0)
    parser.add_argument("--scenario", default="tenang")
    parser.add_argument("--years", type=positive, default=10.0)
    parser.add_argument("--feeds", default="")
    options = parser.parse_args()
    options.home = Path(os.environ.get("KOMANDO_HOME", ROOT / "var")).resolve()
    obstacle = check(options) or keep_clock(options)
    if obstacle:
        say(obstacle)
        return CONFIGURATION
    return Demo(options).run()


if __name__ == "__main__":
    sys.exit(main())
