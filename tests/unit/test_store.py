"""The operational store: the cameras that screens show, and how it is brought up to date."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from data.store import METADATA, Store

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)


def test_a_camera_is_watched_until_its_time_is_over(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.watch(["a", "b"], NOW + timedelta(minutes=1))
    store.watch(["b"], NOW + timedelta(minutes=2))
    assert store.watched(NOW) == {"a", "b"}
    assert store.watched(NOW + timedelta(seconds=90)) == {"b"}
    store.watch(["c"], NOW + timedelta(days=2))
    assert store.watched(NOW) == {"c"}


def test_a_new_store_has_what_the_code_declares(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    Store(url)
    with create_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_store_of_the_first_release_is_brought_up_to_date_and_keeps_its_rows(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    engine = create_engine(url)
    METADATA.tables["watched_cameras"].create(engine)
    with engine.begin() as connection:
        connection.execute(text("insert into watched_cameras values ('a', '2026-02-18 04:00:00')"))
    store = Store(url)
    assert store.watched(NOW) == {"a"}
    assert store.alarm_revision(NOW) == 0


def test_a_ledger_from_before_the_chain_gets_its_links(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    Store(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop index ix_alarm_actions_previous"))
        for name in ("previous", "sha256"):
            connection.execute(text(f"alter table alarm_actions drop column {name}"))
        connection.execute(
            text(
                "insert into alarm_actions (alarm_id, raised_at, severity, action, role, to_owner,"
                " reason, at) select 'a', '2026-02-18 03:00:00', 'siaga2', 'note',"
                " 'operator', '', 'dicek ' || value, '2026-02-18 03:00:00'"
                " from json_each('[1, 2, 3]')"
            )
        )
        connection.execute(text("update alembic_version set version_num = '0011'"))
    proof = Store(url).prove_alarm_actions()
    assert (proof.entries, proof.broken) == (3, None)


def test_programs_that_start_together_upgrade_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store, [url] * 4))
    assert [store.alarm_revision(NOW) for store in stores] == [0] * 4
