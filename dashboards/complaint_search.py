"""What an address asks of the complaints: filters, period and words, read and checked.

URL    ?status=terbuka&terlambat=1&kategori=&kanal=&pd=&dari=&sampai=&tempo=24&dibuka=1&q=
       &urut=terlama&wilayah=31.71.01
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards.access import EVERYONE
from dashboards.panels import View
from dashboards.versions import MIDNIGHT
from data.asof import WIB, AsOf
from data.complaints import CLOSED, OPEN, Search
from data.reference import rows as reference_rows

PATH = "/pengaduan"
# Text and exact places are for those who work on them.
ROLES = EVERYONE - {"publik"}
FEEDS = ("crm_requests", "crm_public")
# Of what is counted from them up to midnight.
DAILY = (*FEEDS, MIDNIGHT)
FILTERS = (
    "status",
    "kategori",
    "kanal",
    "pd",
    "dari",
    "sampai",
    "terlambat",
    "tempo",
    "dibuka",
    "q",
    "urut",
)
TODAY = "hari-ini"
MOST_HOURS = 24 * 30
MOST_WORDS, SHORTEST_WORD = 5, 3


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    Args:
        problems: What of it cannot be answered, Indonesian sentences.
        number: The complaint whose number was typed.
    """

    search: Search
    problems: tuple[str, ...] = ()
    number: str = ""


def asked_of(view: View) -> Asked:
    """Return what a panel or a layer is asked for."""
    return read(view.params, view.area, view.as_of)


def read(params: Mapping[str, str], area: str, as_of: AsOf) -> Asked:
    """Read the parameters of an address; what cannot be read is told, never guessed."""
    problems: list[str] = []

    def known(name: str, among: Sequence[str], word: str) -> str | None:
        value = params.get(name, "")
        if value and value not in among:
            problems.append(f"{word} “{value[:80]}” tidak dikenal.")
        return value or None

    today = as_of.event_time.astimezone(WIB).date()

    def day(name: str, word: str) -> date | None:
        value = params.get(name, "")
        if value == TODAY:
            return today
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            problems.append(f"{word} “{value[:40]}” bukan tanggal.")
            return None

    since, until = day("dari", "Tanggal awal"), day("sampai", "Tanggal akhir")
    if until is not None:
        until = min(until, today)
    if since and since > today:
        problems.append("Tanggal awal belum tiba.")
    elif since and until and until < since:
        problems.append("Tanggal akhir mendahului tanggal awal.")
    hours = params.get("tempo", "")
    if hours and not (hours.isdecimal() and 0 < int(hours) <= MOST_HOURS):
        problems.append(f"Jatuh tempo harus 1 sampai {MOST_HOURS} jam.")
        hours = ""
    text = params.get("q", "").strip()
    number = text.upper() if _is_number(text) else ""
    wanted = () if number else tuple(dict.fromkeys(text.lower().split()))
    if any(len(word) < SHORTEST_WORD for word in wanted) or len(wanted) > MOST_WORDS:
        problems.append(
            f"Cari paling banyak {MOST_WORDS} kata, masing-masing paling pendek"
            f" {SHORTEST_WORD} huruf."
        )
        wanted = ()
    search = Search(
        area=area,
        state=known("status", states(), "Status") or "",
        category=known("kategori", categories(), "Kategori"),
        channel=known("kanal", channels(), "Kanal"),
        unit=known("pd", units(), "Perangkat daerah"),
        since=since,
        until=until,
        late=params.get("terlambat") == "1",
        due_within=timedelta(hours=int(hours)) if hours else None,
        reopened=params.get("dibuka") == "1",
        words=wanted,
        oldest_first=params.get("urut") == "terlama",
    )
    return Asked(search, tuple(problems), number)


def states() -> list[str]:
    """Return what `?status=` may be: groups of statuses, then each."""
    return [OPEN, CLOSED, *(row["status"] for row in reference_rows("complaint_statuses"))]


def categories() -> list[str]:
    """Return the categories as sources write them, those of today first."""
    names = [row["category"] for row in reference_rows("complaint_categories")]
    earlier = [row["label_before"] for row in reference_rows("complaint_categories")]
    return [*sorted(names), *sorted({name for name in earlier if name} - {*names})]


def channels() -> list[str]:
    """Return the channels as sources write them."""
    return [row["channel"] for row in reference_rows("complaint_channels")]


def main_units() -> list[str]:
    """Return the perangkat daerah."""
    return sorted({row["perangkat_daerah"] for row in reference_rows("agencies")})


def units() -> list[str]:
    """Return what `?pd=` may be: a perangkat daerah or one of its offices."""
    return [*main_units(), *(row["agency"] for row in reference_rows("agencies"))]


def _is_number(text: str) -> bool:
    """Answer whether somebody typed the number of a complaint, not words."""
    return " " not in text and sum(sign.isdecimal() for sign in text) >= 6
