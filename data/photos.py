"""Photos of complaints: one stripped copy each, kept for as long as an inspection may need it.

Photos may show people and homes, so that only staff may see them and none is kept for ever. The
ETL writes (etl/photos.py), the web reads; where they run on several machines, the folder is shared.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

BEFORE, AFTER = "sebelum", "sesudah"
WHICH = (BEFORE, AFTER)
SPARED_SECONDS = 3_600
_SUFFIX = ".jpg"


class Photos:
    """The photos in one folder, which need not exist.

    Args:
        folder: Holds nothing else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, complaint_id: str, which: str, body: bytes, stored_at: datetime) -> None:
        """Keep a JPEG, in the place of an older one of the same complaint.

        Args:
            which: One of `WHICH`.
            stored_at: From when on its retention counts, aware.
        """
        path = self._path(complaint_id, which)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(f".{os.getpid()}")
        written.write_bytes(body)
        os.utime(written, (stored_at.timestamp(), stored_at.timestamp()))
        written.replace(path)

    def path(self, complaint_id: str, which: str) -> Path | None:
        """Return the file of a photo; None where there is none (any more)."""
        path = self._path(complaint_id, which)
        return path if which in WHICH and path.is_file() else None

    def forget(self, before: datetime) -> int:
        """Delete what was stored before a moment (aware); return how many there were."""
        limit = before.timestamp()
        return _delete(path for path in self._all() if path.stat().st_mtime < limit)

    def keep_only(self, kept: Collection[tuple[str, str]], now: float | None = None) -> int:
        """Delete all but the photos of these complaints (id, which); return how many there were.

        A photo is kept before its row is: one that came within the last hour stays too.

        Args:
            now: Seconds since the epoch, by the clock of the files; None: by this machine's.
        """
        paths = {self._path(complaint_id, which) for complaint_id, which in kept}
        fresh = (time.time() if now is None else now) - SPARED_SECONDS
        return _delete(
            path for path in self._all() if path not in paths and path.stat().st_ctime < fresh
        )

    def _path(self, complaint_id: str, which: str) -> Path:
        # An id comes from a payload and may hold anything, a path included.
        name = blake2b(f"{complaint_id}/{which}".encode(), digest_size=12).hexdigest()
        return self._folder / name[:2] / f"{name}{_SUFFIX}"

    def _all(self) -> list[Path]:
        return list(self._folder.glob(f"*/*{_SUFFIX}"))


def _delete(paths: Iterable[Path]) -> int:
    gone = list(paths)
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
