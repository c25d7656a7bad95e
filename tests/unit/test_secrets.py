"""The key of the reporter hash is made once, kept whole, and never empty."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.settings import Settings, masked
from etl.errors import Misconfigured
from etl.secrets import reporter_key


def test_all_who_come_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: reporter_key(Settings(home=tmp_path)), range(16)))
    assert len(keys) == 1
    assert keys.pop().startswith(b"v1:")
    assert [path.name for path in tmp_path.iterdir()] == ["reporter.key"]
    assert (tmp_path / "reporter.key").stat().st_mode & 0o777 == 0o600


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reporter.key").touch()
    with pytest.raises(Misconfigured, match="is empty: bring it back"):
        reporter_key(Settings(home=tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "host=db password=geheim dbname=lake",
        "password='ge heim' host=db",
        "postgresql://user:geheim@db/store",
        "redis://:geheim@cache:6379/0",
    ],
)
def test_passwords_are_masked_and_hosts_are_not(text: str) -> None:
    assert "heim" not in masked(text)
    assert "db" in masked(text) or "cache" in masked(text)
