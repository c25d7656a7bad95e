"""How the areas worked: on time in the city, kecamatan whose tier moved, complaints of the day.

Tiers are those of the ranking's board at this midnight against the board of some weeks before, as
it was known then; a tier is told with its 90 % rank interval, and never as a place.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from data import boards, queries, words
from data.asof import WIB, AsOf
from data.boards import Board, Question, Standing
from data.brief import prose
from data.brief.asking import Answer, Asking, rules
from data.brief.model import Sentence

CITY = "31"
NAMED = 3
MOVED = {
    "lebih_baik": "kinerja-naik",
    "perlu_dibantu": "kinerja-turun",
    "setara": "kinerja-setara",
}
UNJUDGED = "belum_cukup_data"


def sentences(asking: Asking) -> tuple[Sentence, ...]:
    """Return what is told of the work of the areas."""
    cut = boards.cut_of(asking.as_of)
    back = timedelta(days=rules()["performance_days"])
    now, now_answer = _board(asking, cut)
    then, then_answer = _board(asking, cut - back)
    answers = (now_answer, then_answer)
    return tuple(
        sentence
        for sentence in (
            _on_time(asking, now, then, answers),
            *_moved(asking, now, then, answers),
            _received(asking),
        )
        if sentence is not None
    )


def _board(asking: Asking, cut: date) -> tuple[Board, Answer]:
    """Return the board of the kecamatan that was cut at a midnight, with its answer."""
    question = Question.usual("kecamatan", cut)
    midnight = datetime.combine(cut, datetime.min.time(), WIB)
    flood_days = queries.flood_days(asking.lake, since=question.since, cut=cut)
    answer = asking.ask(
        queries.unit_scores,
        "kecamatan",
        moment=AsOf(midnight, midnight, live=False),
        flood_days=flood_days,
        cut=cut,
        since=question.since,
        until=question.until + timedelta(days=1),
        category=None,
        channel=None,
    )
    return boards.assembled(question, cut, answer.rows, (), flood_days), answer


def _on_time(
    asking: Asking, now: Board, then: Board, answers: tuple[Answer, ...]
) -> Sentence | None:
    cases = sum(unit.n for unit in now.ranked)
    days = (now.question.until - now.question.since).days + 1
    if not cases:
        asking.miss(
            "tepat-waktu",
            "Ketepatan waktu belum diketahui: tidak ada laporan yang sudah jatuh tempo.",
            "ketepatan waktu tindak lanjut pengaduan",
            answers[0],
        )
        return None
    share = _share(now)
    facts = {
        "hari": words.number(days),
        "bagian": prose.percent(share),
        "laporan": words.number(cases),
    }
    if not sum(unit.n for unit in then.ranked):
        return asking.say("tepat-waktu-tanpa-banding", answers[0], n=cases, facts=facts)
    back = rules()["performance_days"]
    difference = share - _share(then)
    # The two windows share all but `back` days; only what differs between them can vary.
    sound = sum(unit.n_eff or 0.0 for unit in now.ranked) or float(cases)
    spread = math.sqrt(2 * share * (1 - share) / sound * min(1.0, back / days))
    inside = abs(difference) <= rules()["performance_z"] * spread
    return asking.say(
        "tepat-waktu",
        *answers,
        n=cases,
        facts={
            "beda": prose.signed(100 * difference, 1),
            "jarak": words.number(back),
            "wajar": "masih dalam" if inside else "di luar",
            **facts,
        },
    )


def _share(board: Board) -> float:
    return sum(unit.on_time for unit in board.ranked) / sum(unit.n for unit in board.ranked)


def _moved(
    asking: Asking, now: Board, then: Board, answers: tuple[Answer, ...]
) -> list[Sentence | None]:
    before = {unit.unit: unit.tier for unit in then.ranked}
    judged = [
        unit
        for unit in now.ranked
        if unit.tier != UNJUDGED and before.get(unit.unit, UNJUDGED) != UNJUDGED
    ]
    moved = [unit for unit in judged if unit.tier != before[unit.unit]]
    if not judged and not now.ranked:
        return []
    if not moved:
        days = words.number(rules()["performance_days"])
        return [
            asking.say(
                "kinerja-tetap",
                *answers,
                n=len(judged),
                facts={"jarak": days, "banyak": words.number(len(judged))},
            )
        ]
    said = []
    for tier, template in MOVED.items():
        units = [unit for unit in moved if unit.tier == tier]
        if units:
            ranked = sum(one.rank is not None for one in now.ranked)
            names = prose.listed([named(unit, ranked) for unit in units], NAMED)
            said.append(asking.say(template, *answers, n=len(units), facts={"kecamatan": names}))
    return said


def named(unit: Standing, ranked: int) -> str:
    """Name a kecamatan with its rank interval of 90 %: "Tebet (7–21 dari 42)".

    Where the interval holds another probability it is said: "Tebet (1 dari 42, peluang 95 persen)".

    Args:
        ranked: How many have a rank.
    """
    if unit.rank_low is None or unit.rank_high is None:
        return unit.name
    ranks = "–".join(dict.fromkeys((str(unit.rank_low), str(unit.rank_high))))
    if unit.chance is None:
        return f"{unit.name} ({ranks} dari {ranked})"
    above = "di atas " if unit.chance > 0.99 else ""
    chance = f"{above}{prose.percent(min(unit.chance, 0.99), 0)}"
    return f"{unit.name} ({ranks} dari {ranked}, peluang {chance})"


def _received(asking: Asking) -> Sentence | None:
    today = asking.ask(queries.complaints_today, CITY)
    surging = asking.ask(queries.complaints_surging, CITY)
    bursts = asking.ask(queries.complaint_bursts)
    if not asking.usable("pengaduan", "pengaduan masuk dan lonjakannya", today):
        return None
    if today.first.get("simulated") is None:
        asking.miss(
            "pengaduan",
            "Pengaduan masuk belum diketahui: tidak ada laporan dalam empat pekan.",
            "pengaduan masuk dan lonjakannya",
            today,
        )
        return None
    received, usual = today.first["received"], today.first["received_usual"]
    surge = _surge(surging, bursts)
    answers = (today, surging, bursts) if surge else (today, surging)
    facts = {"masuk": words.number(received), "lonjakan": surge}
    if not usual:
        return asking.say("pengaduan-tanpa-banding", *answers, facts=facts)
    share = received / usual - 1
    side = "di atas" if share > 0 else "di bawah"
    return asking.say(
        "pengaduan",
        *answers,
        facts={
            "beda": f"{prose.percent(abs(share), 0)} {side}"
            if received != usual
            else "sama dengan",
            "biasa": words.number(usual),
            **facts,
        },
    )


def _surge(surging: Answer, bursts: Answer) -> str:
    """Name the category that surges most and the kelurahan from which most come; may be empty."""
    least, times = rules()["surge_least"], rules()["surge_times"]
    high = [
        row
        for row in surging.rows
        if row["received"] >= least and row["received"] > times * row["usual"]
    ]
    if not high:
        return ""
    most = max(high, key=lambda row: (row["received"] / row["usual"], row["category"]))
    said = (
        f"; kategori yang melonjak dalam 24 jam: {most['category']}"
        f" ({words.number(most['received'])}, biasanya {words.number(most['usual'])} sehari)"
    )
    places = [
        row
        for row in bursts.rows
        if row["received"] > times * (row["usual"] or 0) and row["received"]
    ]
    if places:
        place = max(places, key=lambda row: (row["received"], row["kelurahan_code"]))
        said += (
            f"; terbanyak dalam tiga jam terakhir dari Kelurahan {place['name']}"
            f" ({words.number(place['received'])})"
        )
    return said
