"""What screens tell the ETL: the cameras that they show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.store import Store

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)


def test_a_camera_is_watched_until_its_time_is_over(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.watch(["a", "b"], NOW + timedelta(minutes=1))
    store.watch(["b"], NOW + timedelta(minutes=2))
    assert store.watched(NOW) == {"a", "b"}
    assert store.watched(NOW + timedelta(seconds=90)) == {"b"}
    store.watch(["c"], NOW + timedelta(days=2))
    assert store.watched(NOW) == {"c"}
