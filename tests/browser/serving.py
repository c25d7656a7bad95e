"""The program under gunicorn, as in production, for a test to open, to end and to start again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from types import TracebackType

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


class Server:
    """Serves the lake under `home` at `address` between `start` and `stop`, or within a `with`."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        log = self._home / "gunicorn.log"
        with log.open("a") as output:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "app:serve()", "-k", "gthread"),
                    *("-w", "1", "--threads", "8", "-b", f"127.0.0.1:{self.port}"),
                ],
                cwd=ROOT,
                env={**os.environ, "KOMANDO_HOME": str(self._home)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        pause = threading.Event()
        for _ in range(START_SECONDS * 5):
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=2):
                    return
            except OSError:
                pause.wait(0.2)
        self.stop()
        pytest.fail(f"gunicorn does not answer:\n{log.read_text()}")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None
