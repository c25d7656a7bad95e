"""The command line: what it prints, and the code with which it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from data.settings import Settings
from data.store import Store
from data.uploads import Uploads
from etl import __main__ as program
from etl.__main__ import app
from etl.backup import restore
from etl.question import ask

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
HISTORY = ROOT.parent / "shared" / "history"


@pytest.fixture
def home(tmp_path: Path, empty_lake: Path) -> Path:
    folder = tmp_path / "home"
    restore(Settings(home=folder), empty_lake)
    return folder


def etl(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command within this process: one of its own takes seconds to begin."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"KOMANDO_HOME": str(home), **environment}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["etl", *arguments])
        patch.setattr(program, "console", Console(stderr=True, width=200))
        # Loggers keep the stream that they were first used with.
        patch.setattr(program, "configure", lambda **_: None)
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
            program.main()
    code = end.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def sql(home: Path, query: str) -> Result:
    return CliRunner().invoke(app, ["sql", query, "--lake", str(home)])


def test_a_file_is_loaded_counted_and_can_be_asked_for(home: Path) -> None:
    loaded = subprocess.run(
        [sys.executable, "-m", "etl", "run", "dsda_levels", "--from", SAMPLES / "dsda_levels.xml"],
        cwd=ROOT,
        env={**os.environ, "KOMANDO_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert "outcome=ok" in loaded.stdout
    query = "select outcome, fetched = loaded + unchanged + quarantined as adds_up from feed_runs"
    asked = etl(home, "sql", query, "--format", "json")
    assert json.loads(asked.stdout) == [{"outcome": "ok", "adds_up": True}]


def test_a_file_of_another_format_ends_with_2_and_names_the_formats(home: Path) -> None:
    wrong = etl(home, "run", "dsda_levels", "--from", str(SAMPLES / "waze_ccp.json"))
    assert wrong.returncode == 2
    assert "ispu_csv:" in wrong.stderr


def test_a_file_that_is_not_there_ends_with_3(home: Path) -> None:
    missing = etl(home, "run", "dsda_levels", "--from", "/nowhere/file.xml")
    assert missing.returncode == 3
    assert "/nowhere/file.xml" in missing.stderr


def test_an_unknown_feed_and_a_wrong_setting_end_with_3(home: Path) -> None:
    assert etl(home, "run", "rivers").returncode == 3
    wrong = etl(home, "status", KOMANDO_CLOCK_SPEED="fast")
    assert wrong.returncode == 3
    assert "KOMANDO_CLOCK_SPEED" in wrong.stderr


def test_a_source_that_does_not_answer_ends_with_1(home: Path) -> None:
    failed = etl(home, "run", "bmkg_alerts", KOMANDO_CITY="http://127.0.0.1:9")
    assert failed.returncode == 1
    assert "outcome=failed" in failed.stdout


def test_asking_cannot_write_or_read_elsewhere(home: Path) -> None:
    for query in ("delete from areas", "select * from read_csv('/etc/hosts')", "selec"):
        assert sql(home, query).exit_code == 2


@pytest.mark.parametrize(
    "query",
    [
        "attach '{lake}/catalog.sqlite' as mine (type sqlite)",
        "copy (select 1) to '{lake}/data/mine.parquet'",
        "export database '{lake}/mine'",
        "call ducklake_merge_adjacent_files('lake')",
        "select * from ducklake_cleanup_old_files('lake', cleanup_all => true)",
        "select * from \"sqlite_scan\"('{home}/store.sqlite', 'watched_cameras')",
        "select (select count(*) from query('select 1'))",
        "select 1; copy (select 1) to '{lake}/mine.csv'",
    ],
)
def test_asking_is_one_select_and_opens_no_door_past_the_lock(home: Path, query: str) -> None:
    with pytest.raises((ValueError, duckdb.Error)):
        ask(Settings(home=home), query.format(home=home, lake=home / "lake"))


def test_a_redacted_text_is_printed_as_it_is(home: Path) -> None:
    asked = sql(home, "select 'hubungi [telepon] [/nama]' as isi")
    assert "hubungi [telepon] [/nama]" in asked.stdout


def test_a_store_that_does_not_open_ends_with_3_and_without_its_password(home: Path) -> None:
    found = etl(home, "status", KOMANDO_STORE="nothing://user:geheim@host/store")
    assert found.returncode == 3
    assert "KOMANDO_STORE" in found.stderr
    assert "geheim" not in found.stderr


def test_staff_of_offices_are_kept_with_their_source_and_day_or_refused_whole(
    tmp_path: Path,
) -> None:
    asked = ["--source", "BKD DKI Jakarta, rekap pegawai", "--dated", "2025-12-31"]
    asked += ["--lake", str(tmp_path / "home")]
    good, bad = tmp_path / "petugas.csv", tmp_path / "salah.csv"
    good.write_text("kode,petugas\n31.71.01.1001,42\n", encoding="utf-8")
    bad.write_text("kode,nama,petugas\n31.71.01.1001,Contoh,42\n", encoding="utf-8")

    refused = CliRunner().invoke(app, ["upload", "petugas", str(bad), *asked])
    assert refused.exit_code == 2
    assert "tampak memuat data orang" in " ".join(refused.stderr.split())
    assert CliRunner().invoke(app, ["upload", "lain", str(good), *asked]).exit_code == 2
    assert CliRunner().invoke(app, ["upload", "petugas", str(good), *asked]).exit_code == 0

    store = Store(Settings(home=tmp_path / "home").store_url)
    kept = Uploads(store).chosen("petugas", datetime.now(UTC))
    assert kept is not None
    assert kept.values == {"31.71.01.1001": {"petugas": 42}}
    assert (kept.source, kept.dated) == ("BKD DKI Jakarta, rekap pegawai", date(2025, 12, 31))


def test_the_doctor_masks_secrets_and_finds_the_lake(home: Path) -> None:
    cache = "redis://:geheim@127.0.0.1/0"
    found = etl(home, "doctor", KOMANDO_SECRET_KEY="geheim", KOMANDO_CACHE=cache)
    assert found.returncode == 0, found.stderr
    assert "geheim" not in found.stdout + found.stderr
    assert "ok lake" in found.stderr


@pytest.mark.skipif(not HISTORY.exists(), reason="../shared/history is not here")
def test_real_ispu_files_are_loaded_to_the_last_row(home: Path) -> None:
    files = sorted((HISTORY / "ispu").glob("*.csv"))
    loaded = etl(home, "backfill", "ispu_csv", *map(str, files))
    assert loaded.returncode == 0, loaded.stderr
    counts = [
        {key: int(value) for key, value in (part.split("=") for part in line.split("  ")[3:])}
        for line in loaded.stdout.splitlines()
        if line.startswith("file=")
    ]
    assert len(counts) == len(files)
    assert "baris 302: lokasi_spku: bukan stasiun DKI1 sampai DKI5" in loaded.stderr
    for path, count in zip(files, counts, strict=True):
        rows = len(path.read_text(encoding="utf-8-sig").strip().splitlines()) - 1
        assert count["fetched"] == rows, path.name
        assert count["fetched"] == count["loaded"] + count["unchanged"] + count["quarantined"]
