"""Victims and evacuees: what stands, what is unknown, and what is not accepted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.store import Store
from data.victims import KINDS, Victims, VictimsError, kelurahan

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GAMBIR, CIDENG = "31.71.01.1001", "31.71.01.1002"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite")


@pytest.fixture
def register(shared: Store) -> Victims:
    with shared._engine.begin() as connection:
        connection.exec_driver_sql("delete from victim_counts")
    return Victims(shared)


def enter(
    register: Victims,
    code: str = GAMBIR,
    *,
    counted_at: str = "2026-11-22T07:30",
    source: str = "Posko BPBD Gambir",
    at: datetime = NOW,
    **counts: str,
) -> int:
    return register.enter(
        code, counted_at=counted_at, source=source, counts=counts, role="operator", at=at
    )


def test_without_a_count_nothing_is_known(register):
    assert register.at(NOW) is None


def test_counts_of_kelurahan_add_up_and_what_nobody_says_stays_unknown(register):
    enter(register, evacuated="1.250", injured="0")
    enter(register, CIDENG, evacuated="30", dead="1", counted_at="2026-11-22T06:00")
    told = register.at(NOW)
    assert told is not None
    assert (told.evacuated, told.injured, told.dead, told.missing) == (1_280, 0, 1, None)
    assert [one.kelurahan_code for one in told.counts] == [GAMBIR, CIDENG]
    assert told.newest - told.oldest == timedelta(minutes=90)


def test_a_newer_count_takes_the_place_of_an_older_whenever_that_is_entered(register):
    enter(register, evacuated="50", counted_at="2026-11-22T07:30")
    enter(register, evacuated="80", counted_at="2026-11-22T06:30", at=NOW + HOUR)
    told = register.at(NOW + HOUR)
    assert told is not None
    assert told.evacuated == 50
    assert [one.state for one in register.all(NOW + HOUR)] == ["berlaku", "diganti"]


def test_a_withdrawn_count_stays_on_the_list_and_the_one_before_it_stands_again(register):
    enter(register, evacuated="50", counted_at="2026-11-22T06:30")
    wrong = enter(register, evacuated="5000")
    register.withdraw(wrong, reason="Salah ketik satu nol.", role="pimpinan", at=NOW + HOUR)
    before, after = register.at(NOW), register.at(NOW + HOUR)
    assert before is not None
    assert after is not None
    assert (before.evacuated, after.evacuated) == (5_000, 50)
    gone = register.all(NOW + HOUR)[0]
    assert (gone.state, gone.withdrawn_by, gone.withdrawn_for) == (
        "ditarik",
        "pimpinan",
        "Salah ketik satu nol.",
    )
    assert register.all(NOW)[0].withdrawn_by == "", "nobody had withdrawn it by then"
    with pytest.raises(VictimsError, match="sudah ditarik"):
        register.withdraw(wrong, reason="Sekali lagi saja.", role="pimpinan", at=NOW + HOUR)


def test_a_count_older_than_a_day_is_no_longer_known(register):
    enter(register, evacuated="50")
    last = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert register.at(last) is not None
    assert register.at(last + timedelta(seconds=1)) is None
    assert register.all(last + timedelta(seconds=1))[0].state == "lewat"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": "31.71.01"}, "Pilih kelurahannya"),
        ({"code": "99.99.99.9999"}, "Pilih kelurahannya"),
        ({}, "sedikitnya satu angka"),
        ({"dead": "-1"}, "Meninggal: isi bilangan bulat"),
        ({"dead": "1,5"}, "Meninggal: isi bilangan bulat"),
        ({"dead": "²"}, "Meninggal: isi bilangan bulat"),
        ({"evacuated": "1.2.3"}, "Mengungsi: isi bilangan bulat"),
        ({"evacuated": "9" * 30}, "terlalu besar"),
        ({"dead": "1", "counted_at": ""}, "isi tanggal dan pukulnya"),
        ({"dead": "1", "counted_at": "2026-11-22T09:00"}, "belum terjadi"),
        ({"dead": "1", "counted_at": "2026-11-01T09:00"}, "paling lama 7 hari"),
        ({"dead": "1", "source": ""}, "Sumber: tuliskan"),
        ({"dead": "1", "source": "Ibu Siti Fulanah, RT 4"}, "memuat nama orang"),
        ({"dead": "1", "source": "NIK 3171010101900001"}, "memuat NIK"),
    ],
)
def test_what_will_not_do_is_refused_and_says_why(register, changes, says):
    with pytest.raises(VictimsError, match=says):
        enter(register, **changes)
    assert register.all(NOW) == []


def test_every_kelurahan_of_the_city_may_be_chosen():
    assert len(kelurahan()) == 267
    assert list(KINDS) == ["dead", "missing", "injured", "evacuated"]
