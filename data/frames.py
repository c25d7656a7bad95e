"""The last good picture of each camera: one file a camera, and no picture before it.

Pictures may show people, so that there is no archive of them: a new one takes the place of the old
one, and what no camera renewed for a while is deleted. The prober writes, the web reads; where they
run on several machines, the folder is shared.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

KEPT_FOR = timedelta(days=7)
_SUFFIX = ".jpg"


@dataclass(frozen=True)
class Frame:
    """A picture.

    Args:
        taken_at: When it was first seen, aware UTC, to the millisecond.
        body: JPEG.
    """

    taken_at: datetime
    body: bytes


class Frames:
    """The pictures in one folder, which need not exist.

    Args:
        folder: Holds nothing else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, camera_id: str, body: bytes, taken_at: datetime) -> None:
        """Put a picture in the place of the camera's last one."""
        path = self._path(camera_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(f".{os.getpid()}")
        written.write_bytes(body)
        # The file's own time is that of the picture, so that the two cannot differ.
        stamp = round(taken_at.timestamp() * 1000) * 1_000_000
        os.utime(written, ns=(stamp, stamp))
        written.replace(path)

    def taken_at(self, camera_id: str) -> datetime | None:
        """Return when the camera's last good picture was taken; None where there is none."""
        try:
            return _moment(self._path(camera_id).stat())
        except FileNotFoundError:
            return None

    def last(self, camera_id: str) -> Frame | None:
        """Return the camera's last good picture; None where there is none."""
        try:
            with self._path(camera_id).open("rb") as file:
                return Frame(_moment(os.fstat(file.fileno())), file.read())
        except FileNotFoundError:
            return None

    def forget(self, now: datetime) -> int:
        """Delete what is older than `KEPT_FOR`; return how many there were."""
        gone = [path for path, taken_at in self._all() if now - taken_at > KEPT_FOR]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _path(self, camera_id: str) -> Path:
        # An id comes from a payload and may hold anything, a path included.
        name = blake2b(camera_id.encode(), digest_size=12).hexdigest()
        return self._folder / name[:2] / f"{name}{_SUFFIX}"

    def _all(self) -> Iterator[tuple[Path, datetime]]:
        for path in self._folder.glob(f"*/*{_SUFFIX}"):
            yield path, _moment(path.stat())


def _moment(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime_ns // 1_000_000 / 1000, UTC)
