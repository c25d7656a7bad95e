"""Raw payloads are kept once, by content, for as long as they are seen."""

from __future__ import annotations

import os
from pathlib import Path

from etl.archive import Archive


def test_a_payload_is_kept_once_under_its_content(tmp_path: Path) -> None:
    archive = Archive(tmp_path, days=1)
    name = archive.keep("feed", b"body")
    assert archive.keep("feed", b"body") == name
    assert archive.keep("feed", b"other") != name
    assert archive.read(name) == b"body"
    assert len(list(tmp_path.rglob("*.gz"))) == 2


def test_what_is_older_than_the_retention_goes(tmp_path: Path) -> None:
    archive = Archive(tmp_path, days=2)
    old, new = archive.keep("feed", b"old"), archive.keep("feed", b"new")
    os.utime(tmp_path / old, (0, 0))
    os.utime(tmp_path / new, (5 * 86_400, 5 * 86_400))
    assert archive.prune(now=6 * 86_400) == 1
    assert [path.name for path in tmp_path.rglob("*.gz")] == [Path(new).name]
