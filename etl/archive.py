"""The raw archive: payloads as they came, compressed, named by content, kept for some days."""

from __future__ import annotations

import gzip
import os
import tempfile
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

SECONDS_A_DAY = 86_400


class Archive:
    """Payloads under `folder/<feed>/<hash>.gz`.

    Args:
        folder: Where they lie.
        days: How long they are kept after they were last seen.
    """

    def __init__(self, folder: Path, days: int) -> None:
        self._folder = folder
        self.days = days

    def keep(self, feed: str, body: bytes) -> str:
        """Store `body` once and return its path below the folder.

        Raises:
            OSError: The disk is full or cannot be written.
        """
        name = f"{feed}/{content_hash(body)}.gz"
        path = self._folder / name
        if path.exists():
            path.touch()
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(gzip.compress(body, compresslevel=1, mtime=0))
            Path(scratch).replace(path)
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise
        return name

    def read(self, name: str) -> bytes:
        """Return a payload by the path that `keep` gave."""
        return gzip.decompress((self._folder / name).read_bytes())

    def prune(self, now: float | None = None) -> int:
        """Remove what is older than the retention, by file time; return how many files went."""
        oldest = (time.time() if now is None else now) - self.days * SECONDS_A_DAY
        gone = 0
        for path in self._folder.glob("*/*"):
            # A payload that is being written is renamed meanwhile.
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    gone += 1
        return gone


def content_hash(body: bytes) -> str:
    """Return the name of a payload in the archive: BLAKE2b, 128 bits, as hex."""
    return blake2b(body, digest_size=16).hexdigest()
