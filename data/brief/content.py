"""A brief: what the lake and the registers say of the city at a moment, in nine blocks.

Pure: the same lake, registers and moment give an equal value. Nothing is told that was not asked
through `Asking`, which keeps a footnote for each answer; nothing is told of a feed that is stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from data import queries, words
from data.asof import WIB, AsOf
from data.brief import alarms, outlook, performance, prose
from data.brief.asking import Answer, Asking
from data.brief.figures import figures
from data.brief.model import Content, Decision, EditionKind, Followed, Sentence
from data.city_status import WORDS
from data.directives import Directives
from data.flood_depths import BOUNDS_CM, UNKNOWN
from data.lake import Lake
from data.ledger import Ledger
from data.queries import Row
from data.store import Store
from data.victims import KINDS, Told, Victims

CITY = "31"
# A finished directive is told of once more.
FINISHED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Registers:
    """What people wrote.

    Args:
        ledger: What was done about alarms.
        directives: What was directed.
        victims: Who was counted.
    """

    ledger: Ledger
    directives: Directives
    victims: Victims

    @classmethod
    def of(cls, store: Store) -> Registers:
        """Return the registers of a store."""
        return cls(Ledger(store), Directives(store), Victims(store))


def content(lake: Lake, registers: Registers, as_of: AsOf, kind: EditionKind) -> Content:
    """Return the brief of a moment; the present one is cut at its full minute.

    Args:
        as_of: The moment, and up to when what was learnt of it counts.
    """
    as_of = _cut(as_of)
    asking = Asking(lake, as_of)
    status = asking.ask(queries.city_status)
    stands = _status(asking, status)
    standing = alarms.standing(asking, registers.ledger)
    decisions, rest = alarms.decisions(asking, status, standing)
    opening = (
        stands,
        _bottom_line(asking, standing, decisions),
        _victims(asking, registers.victims.at(as_of.known_time)),
        *_water(asking),
    )
    attention, is_judged = alarms.attention(asking, rest)
    numbers = figures(asking)
    followed = _followed(asking, registers.directives)
    worked = performance.sentences(asking)
    ahead = outlook.sentences(asking, standing)
    unknown = asking.unknown()
    sources = asking.sources()
    return Content(
        kind=kind,
        cut=as_of.event_time.astimezone(WIB),
        status_level=0 if status.stale else int(status.first.get("level", 0)),
        opening=tuple(sentence for sentence in opening if sentence is not None),
        decisions=decisions,
        attention=attention,
        figures=numbers,
        followed=followed,
        performance=worked,
        unknown=unknown,
        outlook=ahead,
        sources=sources,
        simulated=any(source.simulated for source in sources),
        judged=is_judged,
    )


def _cut(as_of: AsOf) -> AsOf:
    if not as_of.live:
        return as_of
    minute = as_of.event_time.replace(second=0, microsecond=0)
    return AsOf(minute, minute, live=False)


def _status(asking: Asking, status: Answer) -> Sentence | None:
    if not status.rows:
        if asking.usable("status", "status operasional kota", status):
            asking.miss(
                "status",
                "Status operasional kota belum dinilai untuk saat ringkasan ini.",
                "status operasional kota dan keputusan yang dimintanya",
                status,
            )
        return None
    row = status.first
    before = asking.ask(
        queries.city_status,
        moment=AsOf(row["since"] - timedelta(seconds=1), asking.as_of.known_time, live=False),
    )
    level, earlier = row["level"], before.first.get("level")
    facts = {
        "nama": WORDS[level],
        "gerak": "tetap" if earlier in (None, level) else "naik" if level > earlier else "turun",
        "sejak": prose.clock(row["since"], asking.now),
    }
    answers = (status, before) if before.rows else (status,)
    if level == 1:
        return asking.say("status-rutin", *answers, facts=facts)
    reasons = row["reasons"] or ["alasan yang tidak dicatat"]
    return asking.say("status", *answers, facts={**facts, "alasan": reasons[0].rstrip(".")})


def _bottom_line(
    asking: Asking, standing: alarms.Standing, decisions: Sequence[Decision]
) -> Sentence | None:
    if not decisions and any(row["state"] != "active" for row in standing.answer.rows):
        return None
    if not decisions:
        return asking.say("keputusan-nihil", standing.answer, standing.ledger)
    first = decisions[0]
    facts = {
        "oleh": first.owner,
        "tenggat": f" sebelum {prose.clock(first.due, asking.now)}" if first.due else "",
        "perihal": first.subject,
    }
    said = asking.say("keputusan", standing.answer, facts=facts)
    return None if said is None else replace(said, notes=first.issue.notes)


def _water(asking: Asking) -> list[Sentence | None]:
    flooded = asking.ask(queries.inundations_now, CITY)
    if not flooded.rows:
        return [asking.say("genangan-nihil", flooded)]
    levels = {row["area_level"] for row in flooded.rows}
    level = "rt" if "rt" in levels else "rw"
    rows = [row for row in flooded.rows if row["area_level"] == level]
    deepest = rows[0]
    said = asking.say(
        "genangan",
        flooded,
        facts={
            "jumlah": words.number(len(rows)),
            "satuan": level.upper(),
            "kelurahan": words.number(len({row["kelurahan_code"] for row in rows} - {None})),
            "dalam": _depth(deepest),
            "tempat": _place(deepest),
        },
    )
    return [said, _pumps(asking)]


def _depth(row: Row) -> str:
    low, high = BOUNDS_CM.get(row["state"], BOUNDS_CM[UNKNOWN])
    if low is None:
        return "belum diketahui"
    return f"di atas {low:g} cm" if high is None else f"{low:g}–{high:g} cm"


def _place(row: Row) -> str:
    name = row["area_name"] or row["area_code"]
    return f"{name} Kelurahan {row['kelurahan']}" if row["kelurahan"] else name


def _pumps(asking: Asking) -> Sentence | None:
    pumps = asking.ask(queries.brief_pumps, [asking.now])
    row = pumps.first
    return asking.say(
        "pompa",
        pumps,
        n=row.get("houses", 0),
        facts={
            "aktif": words.number(row.get("running")),
            "semua": words.number(row.get("pumps")),
            "siap": words.number(row.get("idle")),
            "nonaktif": "yang nonaktif tidak dinyatakan"
            if row.get("off") is None
            else f"{words.number(row['off'])} nonaktif",
            "tanpa": words.number(row.get("silent")),
        },
    )


def _victims(asking: Asking, told: Told | None) -> Sentence | None:
    if told is None:
        answer = asking.told("victims", [])
        asking.miss(
            "korban",
            "Korban dan pengungsi belum diketahui: tidak ada hitungan dalam 24 jam terakhir.",
            "jumlah korban dan pengungsi pada pembuka",
            answer,
        )
        return None
    rows = [
        {
            "kelurahan_code": one.kelurahan_code,
            "event_time": one.counted_at.astimezone(WIB),
            "source": one.source,
            **{kind: one.of(kind) for kind in KINDS},
        }
        for one in told.counts
    ]
    counted = [
        f"{words.number(told.of(kind))} {word.lower()}"
        for kind, word in KINDS.items()
        if told.of(kind) is not None
    ]
    sources = list(dict.fromkeys(one.source for one in told.counts))
    return asking.say(
        "korban",
        asking.told("victims", rows),
        facts={
            "sumber": prose.listed(sources, 2),
            "waktu": prose.clock(told.newest, asking.now),
            "jumlah": ", ".join(counted),
        },
    )


def _followed(asking: Asking, directives: Directives) -> tuple[Followed, ...]:
    found = [
        one
        for one in directives.at(asking.as_of.known_time)
        if one.state != "selesai" or asking.now - one.told_at <= FINISHED_FOR
    ]
    if not found:
        return ()
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "state": one.state,
            "text": one.text,
            "giver": one.giver,
            "owner": one.owner,
            "due": one.due,
            "evidence": one.evidence,
            "event_time": one.told_at.astimezone(WIB),
        }
        for one in found
    ]
    notes = asking.cite(asking.told("directives", rows))
    return tuple(
        Followed(
            one.id,
            one.state,
            one.text,
            _detail(one.giver, one.owner, one.due, one.told, one.evidence),
            notes,
        )
        for one in found
    )


def _detail(giver: str, owner: str, due: datetime | Any, told: str, evidence: str) -> str:
    parts = [f"Dari {giver} kepada {owner}", f"tenggat {words.day(due, weekday=False)}"]
    parts += [told] if told else []
    parts += [f"bukti: {evidence}"] if evidence else []
    return "; ".join(part.rstrip(".") for part in parts) + "."
