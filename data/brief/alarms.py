"""The alarms on a brief: what waits for a decision, and what deserves attention.

Alarms of one rule and level are told of together, by the gravest of them. They are ranked by
severity, then people × time: the weight of the severity (`brief_rules.csv`) goes before the
residents of the kelurahan concerned times the hours since the alarms were raised.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median
from types import MappingProxyType

from data import lags, queries, reference, waves, words
from data.asof import WIB
from data.brief import prose
from data.brief.asking import Answer, Asking, rules
from data.brief.model import Attention, Decision, Sentence
from data.city_status import WORDS as STATUS_WORDS
from data.ledger import Held, Ledger
from data.queries import Row
from data.siaga import WORDS as SIAGA_WORDS
from data.waves import Points, Window

CITY = "31"
NAMED = 2
# Of the other subjects of a group one is named: the alarms' page has them all.
OTHERS_NAMED = 1
GOVERNOR = "gubernur"
# Below this difference the water stands, cm in three hours.
STEADY_CM = 2.0
EARLIER, AROUND = timedelta(hours=3), timedelta(minutes=30)
SEVERITY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "siaga1": "Siaga 1 – Bahaya",
        "siaga2": "Siaga 2 – Siaga",
        "siaga3": "Siaga 3 – Waspada",
        "warning": "Penting",
        "notice": "Perhatian",
    }
)
LEVELS: Mapping[str, int] = MappingProxyType(
    {"siaga1": 1, "siaga2": 2, "siaga3": 3, "warning": 5, "notice": 6}
)


@dataclass(frozen=True)
class Group:
    """Alarms of one rule and severity, the weightiest first."""

    rule: str
    severity: str
    rows: tuple[Row, ...]
    weight: tuple[float, float]

    @property
    def id(self) -> str:
        """What it is pinned and compared by."""
        return f"{self.rule}:{self.severity}"

    @property
    def lead(self) -> Row:
        """The alarm that is told of."""
        return self.rows[0]

    @property
    def others(self) -> list[str]:
        """Names of the other subjects."""
        return [row["subject"] for row in self.rows[1:]]


@dataclass(frozen=True)
class Standing:
    """The alarms of a moment with what they rest on.

    Args:
        held: How each stands with the people, by its id.
        gates: Rows of `gates_now` by station.
        points: Readings of the last day by station.
        windows: When a crest may arrive, by station.
        lags: What travel times were learned from.
    """

    answer: Answer
    ledger: Answer
    gates_answer: Answer
    levels: Answer
    groups: tuple[Group, ...]
    held: Mapping[str, Held]
    gates: Mapping[str, Row]
    points: Mapping[str, Points]
    windows: Mapping[str, Window]
    lags: Answer

    @property
    def is_judged(self) -> bool:
        """The alarms were judged, and none of them rests on stale data."""
        heard = bool(self.answer.feeds) and self.answer.stale is None
        return heard and all(row["state"] == "active" for row in self.answer.rows)


def standing(asking: Asking, ledger: Ledger) -> Standing:
    """Ask for the alarms of the moment, the water behind them and what was done about them."""
    answer = asking.ask(queries.alarms_now, CITY)
    gates = asking.ask(queries.gates_now, CITY)
    days = asking.ask(queries.levels_day)
    told = asking.ask(queries.river_lags)
    held = ledger.state_of(answer.rows, asking.as_of.known_time)
    noted = [_held_row(name, one) for name, one in sorted(held.items()) if one != Held()]
    points = waves.day_points(gates.rows, days.rows)
    # Where a gauge fell silent on a rise, nobody knows whether it rises still.
    crests = waves.waves_now((row for row in gates.rows if is_fresh(row, asking.now)), points)
    unclear = [row for row in answer.rows if row["state"] == "unassessable"]
    if unclear:
        asking.miss(
            "peringatan",
            f"{words.number(len(unclear))} peringatan tidak dapat dinilai karena datanya"
            f" kedaluwarsa: {prose.listed([row['subject'] for row in unclear], NAMED)}.",
            "perlu keputusan dan perlu perhatian",
            answer,
        )
    active = [
        row for row in answer.rows if row["state"] == "active" and row["rule"] != "feed_expired"
    ]
    return Standing(
        answer=answer,
        ledger=asking.told("ledger", noted),
        gates_answer=gates,
        levels=days,
        groups=_groups(active, asking.now) if answer.stale is None else (),
        held=held,
        gates={row["station_id"]: row for row in gates.rows},
        points=points,
        windows=waves.arrivals(crests, waves.travels(), lags.learn(told.rows), asking.now),
        lags=told,
    )


def decisions(
    asking: Asking, status: Answer, found: Standing
) -> tuple[tuple[Decision, ...], Standing]:
    """Return what waits for the governor, and the alarms that do not.

    Alarms that are the governor's to decide; grave ones that nobody has acknowledged for too long;
    what the city's status asks of the governor.
    """
    made: list[Decision] = []
    left: list[Group] = []
    for group in found.groups:
        decision = _decision(asking, group, found)
        if decision is None:
            left.append(group)
        else:
            made.append(decision)
    if status.stale is None and status.rows:
        made += _asked(asking, status)
    most = int(rules()["decisions_most"])
    return tuple(made[:most]), replace(found, groups=tuple(left))


def attention(asking: Asking, found: Standing) -> tuple[tuple[Attention, ...], bool]:
    """Return what deserves attention, at most so many, gravest first.

    Also whether all that stands could be judged: else an empty list is no calm.
    """
    most = int(rules()["attention_most"])
    items = [_attention(asking, group, found) for group in found.groups]
    shown = [item for item in items if item is not None]
    return tuple(shown[:most]), found.is_judged and len(shown) == len(items)


def _groups(rows: Sequence[Row], now: datetime) -> tuple[Group, ...]:
    def key(row: Row) -> tuple[str, str]:
        return row["rule"], row["severity"]

    found = []
    for (rule, severity), members in groupby(sorted(rows, key=key), key=key):
        alarms = sorted(members, key=lambda row: (_is_over(row), _reach([row], now)), reverse=True)
        weight = rules()[f"weight_{severity}"], _reach(alarms, now)
        found.append(Group(rule, severity, tuple(alarms), weight))
    return tuple(sorted(found, key=lambda group: group.weight, reverse=True))


def _reach(rows: Sequence[Row], now: datetime) -> float:
    """Return people × time of alarms."""
    known = _residents()
    places = {row["kelurahan_code"] for row in rows if row["kelurahan_code"] in known}
    # Of what lies outside the city no kelurahan is known: it counts as one.
    people = sum(known[code] for code in places) or median(known.values())
    raised: datetime = min(row["raised_at"] for row in rows)
    hours = (now - raised) / timedelta(hours=1)
    time = 1 + min(max(hours, 0.0), rules()["longest_h"])
    return people * time


def _decision(asking: Asking, group: Group, found: Standing) -> Decision | None:
    lead = group.lead
    if lead["owner"] == GOVERNOR:
        closed = all(found.held[row["alarm_id"]].closed_at is not None for row in group.rows)
        if closed:
            return None
        gates = () if found.gates_answer.stale else (found.gates_answer,)
        posts = [_post(row, found.gates if gates else {}) for row in group.rows]
        issue = asking.say(
            "keputusan-siaga",
            found.answer,
            found.ledger,
            *gates,
            about=group.id,
            facts={
                "pos": prose.listed(posts, NAMED),
                "siaga": SEVERITY_WORDS[group.severity],
            },
        )
        where = f"{words.number(len(posts))} pos" if len(posts) > 1 else lead["subject"]
        subject = f"pintu air dan evakuasi, peringatan {SEVERITY_WORDS[group.severity]} di {where}"
        due = _due(asking.now, group, found)
    else:
        patience = rules().get(f"acknowledge_{group.severity}")
        waiting = [row for row in group.rows if found.held[row["alarm_id"]].waits]
        since = min((row["since"] for row in waiting), default=None)
        if patience is None or since is None or asking.now - since < timedelta(minutes=patience):
            return None
        first = min(waiting, key=lambda row: (row["since"], row["alarm_id"]))
        names = [row["subject"] for row in waiting if row is not first]
        issue = asking.say(
            "keputusan-diketahui",
            found.answer,
            found.ledger,
            about=group.id,
            facts={
                "kalimat": prose.lowered(first["title"].rstrip(".")),
                "sejak": prose.clock(since, asking.now),
                "lainnya": f"; juga {prose.listed(names, OTHERS_NAMED)}" if names else "",
            },
        )
        alarms = f"{words.number(len(waiting))} peringatan {SEVERITY_WORDS[group.severity]}"
        subject = f"penanganan {alarms} yang belum ditandai diketahui"
        due = asking.now + timedelta(minutes=patience)
    if issue is None:
        return None
    return Decision(
        issue,
        _options(group.rule, lead["level"], lead["owner"]),
        _office(lead["owner"]),
        due.astimezone(WIB),
        subject,
    )


def _post(alarm: Row, gates: Mapping[str, Row]) -> str:
    """Name a post with its water; an alarm outlasts its level for a while, which is said."""
    name: str = alarm["subject"]
    gate = gates.get(alarm["subject_id"])
    if gate is None or gate["level_cm"] is None:
        return name
    told = f"{words.number(gate['level_cm'])} cm"
    if gate["siaga"] is not None and f"siaga{gate['siaga']}" != alarm["severity"]:
        told += f", kini Siaga {gate['siaga']} – {SIAGA_WORDS[gate['siaga']]}"
    return f"{name} ({told})"


def _office(name: str) -> str:
    """Write an office as a name: "sekretaris daerah" as "Sekretaris Daerah"."""
    return " ".join(
        word if word in ("dan", "/") else word[:1].upper() + word[1:] for word in name.split()
    )


def _due(now: datetime, group: Group, found: Standing) -> datetime:
    """Return when the first crest may reach a post below one of these; else the next look."""
    stations = {row["subject_id"] for row in group.rows}
    below = [
        window.earliest
        for window in found.windows.values()
        if window.origin in stations and window.earliest > now
    ]
    return min(below, default=now + _observed_every(1))


def _asked(asking: Asking, status: Answer) -> list[Decision]:
    made = []
    for number, ask in enumerate(status.first["asks"] or ()):
        who, _, what = ask.partition(": ")
        if who.lower() != GOVERNOR:
            continue
        issue = asking.say(
            "keputusan-status",
            status,
            about=str(number),
            facts={
                "nama": STATUS_WORDS[status.first["level"]],
                "permintaan": (request := prose.lowered(what.rstrip("."))),
            },
        )
        if issue is not None:
            made.append(Decision(issue, (), who, None, request))
    return made


def _options(rule: str, level: int, owner: str) -> tuple[str, ...]:
    """Return the steps of the gravest level reached: what can be done now."""
    told = f"Laporkan kepada {_office(owner.split(' / ')[0])}"
    steps = [
        row
        for row in reference.rows("alarm_steps")
        if row["rule"] == rule and int(row["at_level"]) <= level
    ]
    gravest = max((int(row["at_level"]) for row in steps), default=0)
    now = [row["step"] for row in steps if int(row["at_level"]) == gravest]
    # Who decides has no need of a report to themselves; what follows it stays.
    own = [step.removeprefix(f"{told}; ") for step in now if not step.startswith(f"{told}:")]
    return tuple(f"{step[:1].upper()}{step[1:]}" for step in own)


def _attention(asking: Asking, group: Group, found: Standing) -> Attention | None:
    lead = group.lead
    others = f"; juga {prose.listed(group.others, OTHERS_NAMED)}" if group.others else ""
    gate = found.gates.get(lead["subject_id"]) if group.rule == "gate_level" else None
    if group.rule == "gate_level":
        what = None if gate is None else _water_sentence(asking, gate, found, others)
    else:
        what = asking.say(
            "lain",
            found.answer,
            about=group.id,
            facts={
                "nama": lead["title"].rstrip("."),
                "kalimat": _measured(lead["value"], lead["unit"])
                if _is_over(lead)
                else f"mereda, kini {_measured(lead['value'], lead['unit'])}",
                "lainnya": others,
            },
        )
    if what is None:
        return None
    usual, answers = _usual(asking, lead, gate, found.points.get(lead["subject_id"], []))
    what = replace(what, notes=tuple(sorted({*what.notes, *asking.cite(found.ledger, *answers)})))
    return Attention(
        id=group.id,
        what=what,
        level=LEVELS[group.severity],
        severity=SEVERITY_WORDS[group.severity],
        since=lead["since"].astimezone(WIB),
        usual=usual,
        handler=_handler(found.held, group, asking.now),
        check=_check(group, asking.now),
    )


def _water_sentence(asking: Asking, gate: Row, found: Standing, others: str) -> Sentence | None:
    if not is_fresh(gate, asking.now):
        asking.miss(
            f"muka-air:{gate['station_id']}",
            f"Tidak dapat dinilai: {gate['name']} tidak melapor tepat waktu.",
            f"tinggi muka air {gate['name']}",
            found.gates_answer,
        )
        return None
    window = found.windows.get(gate["station_id"])
    return asking.say(
        "muka-air",
        found.gates_answer,
        found.levels,
        found.answer,
        *((found.lags,) if window and window.crests else ()),
        about=gate["station_id"],
        facts={
            "pos": gate["name"],
            "tinggi": words.number(gate["level_cm"]),
            "siaga": f"Siaga {gate['siaga']} – {SIAGA_WORDS[gate['siaga']]}",
            "waktu": prose.clock(gate["event_time"], asking.now),
            "gerak": _moved(gate, found.points.get(gate["station_id"], [])),
            "lainnya": others,
            "puncak": _crest(window, asking.now),
        },
    )


def is_fresh(gate: Row, now: datetime) -> bool:
    """Answer whether a gauge (row of `gates_now`) told within its own budget of age."""
    told: datetime | None = gate["event_time"]
    return told is not None and now - told <= timedelta(seconds=gate["late_s"])


def _moved(gate: Row, points: Points) -> str:
    then = gate["event_time"] - EARLIER
    near = [(abs(at - then), level) for at, level in points if abs(at - then) <= AROUND]
    if not near:
        return "perubahan tiga jam belum diketahui"
    difference = gate["level_cm"] - min(near)[1]
    if abs(difference) < STEADY_CM:
        return "tetap dalam 3 jam"
    word = "naik" if difference > 0 else "turun"
    return f"{word} {words.number(abs(difference))} cm dalam 3 jam"


def _crest(window: Window | None, now: datetime) -> str:
    if window is None:
        return ""
    if window.latest is None:
        return f"; puncak diperkirakan paling cepat {prose.clock(window.earliest, now)}"
    held = " (rentang 90 persen)" if window.crests else ""
    return f"; puncak diperkirakan {prose.between(window.earliest, window.latest, now)}{held}"


def _is_over(alarm: Row) -> bool:
    """Answer whether what was measured is still beyond the bound of its alarm."""
    value, bound = alarm["value"], alarm["bound"]
    if value is None or bound is None:
        return True
    beyond: bool = value <= bound if alarm["rule"] in _falling() else value >= bound
    return beyond


@functools.cache
def _falling() -> frozenset[str]:
    """Return the rules whose bound is passed downwards."""
    return frozenset(
        row["rule"] for row in reference.rows("alarm_rules") if row["direction"] == "down"
    )


def _measured(value: float | None, unit: str) -> str:
    if value is None:
        return "nilai belum diketahui"
    if unit.startswith("%"):
        return f"{words.number(value)} persen{unit[1:]}"
    return f"{words.number(value)} {unit}"


def _usual(
    asking: Asking, alarm: Row, gate: Row | None, points: Points
) -> tuple[str, list[Answer]]:
    """Return what is usual, or the bound that was passed, and what says so."""
    if alarm["rule"] == "complaint_burst":
        bursts = asking.ask(queries.complaint_bursts)
        rows = {row["kelurahan_code"]: row for row in bursts.rows}
        if (row := rows.get(alarm["subject_id"])) is not None:
            return f"biasanya {words.number(row['usual'], 1)} dalam tiga jam", [bursts]
    if alarm["bound"] is None:
        return "", []
    if gate is None:
        return f"ambang {_measured(alarm['bound'], alarm['unit'])}", []
    over = gate["level_cm"] - alarm["bound"]
    side = "di bawah" if over < 0 else "di atas"
    said = f"{words.number(abs(over))} cm {side} ambang {words.number(alarm['bound'])} cm"
    if points:
        first, cm = points[0]
        said += f"; {prose.span(asking.now - first)} lalu {words.number(cm)} cm"
    return said, []


def _handler(held: Mapping[str, Held], group: Group, now: datetime) -> str:
    one = held[group.lead["alarm_id"]]
    owner = _office(group.lead["owner"])
    if one.closed_at is not None:
        return f"dinyatakan tertangani {prose.clock(one.closed_at, now)}"
    if one.handed_to:
        return f"diserahkan kepada {one.handed_to}"
    if one.acknowledged_at is not None:
        return f"{owner}: diketahui {one.acknowledged_by} {prose.clock(one.acknowledged_at, now)}"
    if one.snoozed_until is not None:
        return f"{owner}: ditunda sampai {prose.clock(one.snoozed_until, now)}"
    return f"{owner}: belum ditandai diketahui"


def _check(group: Group, now: datetime) -> str:
    if group.severity.startswith("siaga"):
        every = _observed_every(int(group.severity.removeprefix("siaga")))
    else:
        every = timedelta(minutes=rules()[f"check_{group.rule}"])
    return prose.clock(now + every, now)


def _observed_every(siaga: int) -> timedelta:
    row = next(row for row in reference.rows("siaga_owners") if row["siaga"] == str(siaga))
    return timedelta(minutes=int(row["observe_every_minutes"]))


def _held_row(alarm_id: str, held: Held) -> Row:
    return {
        "alarm_id": alarm_id,
        "acknowledged_at": held.acknowledged_at,
        "snoozed_until": held.snoozed_until,
        "handed_to": held.handed_to,
        "closed_at": held.closed_at,
    }


@functools.cache
def _residents() -> Mapping[str, int]:
    """Return the residents of each kelurahan."""
    return MappingProxyType(
        {
            row["code"]: int(row["population"])
            for row in reference.rows("areas")
            if row["level"] == "kelurahan" and row["population"]
        }
    )
