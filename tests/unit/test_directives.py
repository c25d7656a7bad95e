"""Directives: how they stand at any moment, and what is not accepted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.directives import (
    FINISH,
    LONGEST_TEXT,
    PROGRESS,
    REOPEN,
    Directive,
    DirectiveError,
    Directives,
    count,
)
from data.store import Store

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TEXT = "Keruk Kali Krukut ruas Kemang sebelum puncak musim hujan."


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite")


@pytest.fixture
def register(shared: Store) -> Directives:
    with shared._engine.begin() as connection:
        connection.exec_driver_sql("delete from directive_steps")
    return Directives(shared)


def give(register: Directives, at: datetime = NOW, **changes: str) -> int:
    given = {"text": TEXT, "giver": "Gubernur", "owner": "Dinas SDA", "due": "2026-12-01"}
    given |= changes
    return register.give(given.pop("text"), **given, role="operator", at=at)  # type: ignore[arg-type]


def standing(register: Directives, number: int, at: datetime) -> Directive:
    found = register.one(number, at)
    assert found is not None
    return found


def test_a_directive_runs_until_it_is_finished_and_may_be_opened_again(register):
    number = give(register)
    who = {"role": "operator"}
    register.act(number, PROGRESS, text="Alat berat tiba di lokasi.", at=NOW + DAY, **who)
    register.act(
        number,
        FINISH,
        text="Ruas 1,2 km selesai dikeruk.",
        evidence="BA 12/2026",
        at=NOW + 2 * DAY,
        **who,
    )
    register.act(
        number, REOPEN, text="Sedimen menutup lagi.", due="2026-12-20", at=NOW + 3 * DAY, **who
    )
    seen = [standing(register, number, NOW + n * DAY) for n in range(4)]
    assert [one.state for one in seen] == ["berjalan", "berjalan", "selesai", "berjalan"]
    assert seen[2].evidence == "BA 12/2026"
    assert seen[3].due.isoformat() == "2026-12-20"
    assert [row["action"] for row in seen[3].steps] == ["give", "progress", "finish", "reopen"]
    assert seen[0].told == ""
    assert seen[1].told == "Alat berat tiba di lokasi."


def test_it_is_late_only_when_its_last_day_is_over_in_jakarta(register):
    number = give(register, due="2026-11-24")
    still = datetime(2026, 11, 24, 16, 59, tzinfo=UTC)
    assert standing(register, number, still).state == "berjalan"
    assert standing(register, number, still + timedelta(minutes=1)).state == "terlambat"


def test_one_of_which_nothing_was_heard_for_a_week_has_no_data(register):
    number = give(register, due="2026-12-31")
    assert standing(register, number, NOW + 7 * DAY).state == "berjalan"
    assert standing(register, number, NOW + 7 * DAY + timedelta(seconds=1)).state == "tanpa data"
    register.act(number, PROGRESS, text="Masih dikerjakan.", role="operator", at=NOW + 8 * DAY)
    assert standing(register, number, NOW + 8 * DAY).state == "berjalan"


def test_open_ones_come_first_and_the_latest_of_all_at_the_top(register):
    finished, calm, late = (
        give(register, due=f"2026-{day}") for day in ("11-30", "12-15", "11-23")
    )
    register.act(finished, FINISH, text="Sudah rampung.", evidence="BA 1", role="admin", at=NOW)
    seen = register.at(NOW + 3 * DAY)
    assert [one.number for one in seen] == [late, calm, finished]
    assert count(seen) == {"terlambat": 1, "tanpa data": 0, "berjalan": 1, "selesai": 1}


def test_a_past_moment_knows_only_what_was_noted_by_then(register):
    number = give(register)
    register.act(number, PROGRESS, text="Alat berat tiba.", role="operator", at=NOW + DAY)
    assert register.at(NOW - timedelta(seconds=1)) == []
    assert len(standing(register, number, NOW).steps) == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("text", "pendek", "sedikitnya 10 huruf"),
        ("text", "x" * (LONGEST_TEXT + 1), "paling panjang 300 huruf"),
        ("text", "Hubungi Bapak Fulan bin Fulan untuk alat berat.", "memuat nama orang"),
        ("text", "Telepon 0812 0000 0000 bila pompa mati.", "memuat nomor telepon"),
        ("owner", "", "Penanggung jawab"),
        ("due", "", "pilih tanggalnya"),
        ("due", "31/12/2026", "pilih tanggalnya"),
        ("due", "2026-11-21", "sudah lewat"),
        ("due", "2031-01-01", "tiga tahun"),
        ("evidence", "surel contoh@example.org", "memuat alamat surel"),
    ],
)
def test_what_will_not_do_is_refused_and_says_why(register, field, value, says):
    with pytest.raises(DirectiveError, match=says):
        give(register, **{field: value})
    assert register.at(NOW) == []


def test_an_office_and_a_link_are_no_persons(register):
    number = give(
        register,
        text="Bapak Gubernur meminta Dinas SDA menambah pompa di Jl. Ibu Kartini.",
        evidence="https://example.org/nd/0812345678901",
    )
    assert standing(register, number, NOW).evidence.startswith("https://")


def test_steps_that_do_not_fit_the_state_are_refused(register):
    number = give(register)
    with pytest.raises(DirectiveError, match="belum selesai"):
        register.act(number, REOPEN, text="Dibuka kembali.", due="2026-12-01", role="a", at=NOW)
    with pytest.raises(DirectiveError, match="Bukti"):
        register.act(number, FINISH, text="Sudah rampung.", role="a", at=NOW)
    with pytest.raises(DirectiveError, match="tidak dikenal"):
        register.act(number, "hapus", text="Hapus saja ini.", role="a", at=NOW)
    with pytest.raises(DirectiveError, match="tidak ditemukan"):
        register.act(number + 1, PROGRESS, text="Kemajuan ruas.", role="a", at=NOW)
    register.act(number, FINISH, text="Sudah rampung.", evidence="BA 1", role="a", at=NOW)
    with pytest.raises(DirectiveError, match="sudah selesai"):
        register.act(number, PROGRESS, text="Kemajuan ruas.", role="a", at=NOW)


def test_two_people_cannot_take_the_same_step(shared, register):
    number = give(register)
    row = {"directive": number, "step": 1, "action": "give", "role": "a", "at": NOW, "text": "x"}
    blank = {"giver": "", "owner": "", "due": "", "evidence": ""}
    assert not shared.note_directive_step(row | blank)
