"""Appeals: who may say what, how long there is to decide, and what counts afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data import appeals
from data.appeals import Appeal, AppealError, Appeals
from data.asof import WIB
from data.store import Store

# Tuesday, 10 March 2026, 10.00 WIB.
NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COMPLAINT, OFFICE, DINAS = "JK2603010001", "KELURAHAN GAMBIR", "DINAS BINA MARGA"
TEXT = "Laporan ini sudah diserahkan hari itu juga."
DECISION = "Catatan status mendukungnya."


@pytest.fixture
def desk(tmp_path: Path) -> Appeals:
    return Appeals(Store(f"sqlite:///{tmp_path / 'store.sqlite'}"))


def file(desk: Appeals, unit: str = OFFICE, *, at: datetime = NOW, **changes: Any) -> None:
    content = {
        "item": {"unit": unit, "on_time": False, "started_at": NOW},
        "role": "lurah",
        "reason": "record",
        "text": TEXT,
        "evidence": "",
    }
    desk.file(COMPLAINT, unit, at=at, **(content | changes))  # type: ignore[arg-type]


def one(desk: Appeals, at: datetime) -> Appeal:
    (found,) = desk.of(COMPLAINT, at)
    return found


def test_an_appeal_waits_until_it_is_decided_and_every_step_is_kept(desk: Appeals) -> None:
    file(desk)
    desk.act(COMPLAINT, OFFICE, "examine", role="inspektur", at=NOW + HOUR)
    desk.act(COMPLAINT, OFFICE, "accept", role="admin", at=NOW + DAY, text=DECISION)
    states = [one(desk, NOW + after).state for after in (0 * HOUR, HOUR, DAY)]
    assert states == ["filed", "examined", "accepted"]
    found = one(desk, NOW + DAY)
    assert (found.decided_by, found.decision, found.decided_at) == ("admin", DECISION, NOW + DAY)
    assert [row["action"] for row in found.actions] == ["file", "examine", "accept"]


def test_what_comes_later_does_not_leak_into_the_past(desk: Appeals) -> None:
    file(desk)
    desk.act(COMPLAINT, OFFICE, "accept", role="admin", at=NOW + DAY, text=DECISION)
    assert desk.all(NOW - HOUR) == []
    assert one(desk, NOW + HOUR).state == "filed"
    assert desk.excluded(NOW + HOUR) == frozenset()


def test_only_an_accepted_appeal_takes_the_stint_of_its_unit_out(desk: Appeals) -> None:
    file(desk)
    file(desk, DINAS)
    desk.act(COMPLAINT, OFFICE, "accept", role="admin", at=NOW + HOUR, text=DECISION)
    desk.act(COMPLAINT, DINAS, "reject", role="admin", at=NOW + HOUR, text=DECISION)
    assert desk.excluded(NOW + HOUR) == {f"{COMPLAINT} {OFFICE}"}
    assert desk.counted(NOW + HOUR) == {OFFICE: 1}


def test_the_item_stays_as_it_was_when_the_appeal_was_filed(desk: Appeals) -> None:
    file(desk)
    assert one(desk, NOW + DAY).item == {
        "unit": OFFICE,
        "on_time": False,
        "started_at": NOW.isoformat(),
    }


def test_one_complaint_and_unit_have_one_open_appeal(desk: Appeals) -> None:
    file(desk)
    with pytest.raises(AppealError, match="sudah diajukan"):
        file(desk, at=NOW + HOUR)
    file(desk, DINAS)
    assert len(desk.all(NOW)) == 2


def test_what_was_decided_is_not_asked_again(desk: Appeals) -> None:
    file(desk)
    desk.act(COMPLAINT, OFFICE, "reject", role="admin", at=NOW + HOUR, text=DECISION)
    with pytest.raises(AppealError, match="sudah diputuskan"):
        file(desk, at=NOW + DAY)


def test_a_filing_can_be_taken_back_by_its_own_role_while_it_waits(desk: Appeals) -> None:
    file(desk)
    with pytest.raises(AppealError, match="Hanya yang mengajukan"):
        desk.act(COMPLAINT, OFFICE, "withdraw", role="camat", at=NOW + HOUR)
    desk.act(COMPLAINT, OFFICE, "withdraw", role="lurah", at=NOW + HOUR)
    with pytest.raises(AppealError, match="Tidak ada sanggahan"):
        desk.act(COMPLAINT, OFFICE, "accept", role="admin", at=NOW + DAY, text=DECISION)
    file(desk, at=NOW + DAY)
    assert [found.state for found in desk.of(COMPLAINT, NOW + DAY)] == ["filed", "withdrawn"]


def test_a_decision_needs_its_reason(desk: Appeals) -> None:
    file(desk)
    with pytest.raises(AppealError, match="Alasan keputusan"):
        desk.act(COMPLAINT, OFFICE, "reject", role="admin", at=NOW + HOUR, text="tidak")
    assert one(desk, NOW + DAY).state == "filed"


def test_it_is_examined_once(desk: Appeals) -> None:
    file(desk)
    desk.act(COMPLAINT, OFFICE, "examine", role="admin", at=NOW + HOUR)
    with pytest.raises(AppealError, match="sudah diperiksa"):
        desk.act(COMPLAINT, OFFICE, "examine", role="inspektur", at=NOW + HOUR)


def test_of_two_who_decide_at_once_one_is_told_to_look_again(desk: Appeals, tmp_path: Path) -> None:
    file(desk)
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    step = {
        "complaint_id": COMPLAINT,
        "unit": OFFICE,
        "step": 2,
        "action": "accept",
        "role": "admin",
        "at": NOW + HOUR,
        "reason": "",
        "text": DECISION,
        "evidence": "",
        "item": {},
    }
    assert store.note_appeal_action(step)
    assert not store.note_appeal_action(step | {"action": "reject"})
    assert one(desk, NOW + HOUR).state == "accepted"


def test_an_undecided_appeal_runs_past_its_deadline_and_is_listed_first(desk: Appeals) -> None:
    file(desk, at=NOW)
    file(desk, DINAS, at=NOW - 10 * DAY)
    later = NOW + DAY
    assert [(found.unit, found.state) for found in desk.all(later)] == [
        (DINAS, "overdue"),
        (OFFICE, "filed"),
    ]
    desk.act(COMPLAINT, DINAS, "reject", role="admin", at=later, text=DECISION)
    assert [found.state for found in desk.all(later)] == ["filed", "rejected"]


@pytest.mark.parametrize(
    ("filed", "last_day"),
    [
        (date(2026, 2, 3), date(2026, 2, 10)),  # Tuesday to Tuesday
        (date(2026, 2, 10), date(2026, 2, 19)),  # Imlek on 17 February, joint leave before it
        (date(2026, 3, 13), date(2026, 3, 31)),  # Idul Fitri, 17 to 25 March, lies between
        (date(2026, 3, 7), date(2026, 3, 13)),  # Saturday: the days begin on Monday
        (date(2026, 5, 1), date(2026, 5, 8)),  # Labour Day: the days begin on Monday
    ],
)
def test_the_deadline_is_the_end_of_the_fifth_working_day(filed: date, last_day: date) -> None:
    at = datetime(filed.year, filed.month, filed.day, 23, 30, tzinfo=WIB)
    midnight = datetime(last_day.year, last_day.month, last_day.day, tzinfo=WIB) + DAY
    assert appeals.deadline(at) == midnight


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hubungi 0812-3456-7890 untuk bukti", "nomor telepon"),
        ("telp (021) 555 12345", "nomor telepon"),
        ("+62 812 3456 7890", "nomor telepon"),
        ("０８１２３４５６７８９０", "nomor telepon"),
        ("NIK 3171234567890001 pelapor", "NIK atau nomor dokumen"),
        ("NPWP 12.345.678.9-012.345", "NIK atau nomor dokumen"),
        ("tulis ke orang@contoh.id", "alamat surel"),
    ],
)
def test_personal_data_are_refused_with_their_kind(desk: Appeals, text: str, kind: str) -> None:
    with pytest.raises(AppealError, match=kind):
        file(desk, text=f"Penjelasan kami: {text}")
    with pytest.raises(AppealError, match=kind):
        file(desk, evidence=text)


@pytest.mark.parametrize(
    "text",
    [
        "Diserahkan 01-02-2026 pukul 10.15 WIB, selesai 03-02-2026",
        "Lihat JK2602010085 dan JK26020100850001 di Jl. Kebon Sirih No. 17 RT 003/RW 02",
        "Titik -6.0812345678, 106.8212345678",
        "Rp 1.250.000 untuk 12 tiang",
    ],
)
def test_dates_numbers_of_reports_and_places_are_no_personal_data(text: str) -> None:
    assert appeals.personal_data(text) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reason": "because"}, "Pilih alasannya"),
        ({"text": "   pendek   "}, "sedikitnya 10"),
        ({"text": "a" * 1_001}, "paling panjang 1000"),
        ({"evidence": "b" * 501}, "paling panjang 500"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    desk: Appeals, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(AppealError, match=told):
        file(desk, **changes)
    assert desk.all(NOW) == []


def test_an_unknown_action_changes_nothing(desk: Appeals) -> None:
    file(desk)
    for action in ("file", "burn"):
        with pytest.raises(AppealError, match="tidak dikenal"):
            desk.act(COMPLAINT, OFFICE, action, role="admin", at=NOW + HOUR, text=DECISION)
