"""Asking for a brief: every question and its answer is kept, so that a footnote stands behind it.

A sentence is printed only by `Asking.say`, from a template of `brief_sentences.csv` and answers
that were given here. An answer whose feeds are late, expired, disconnected or were never heard of
prints nothing: it becomes something that is not known, with what depends on it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import orjson

from data import reference, words
from data.asof import WIB, AsOf
from data.brief import prose
from data.brief.model import Sentence, Source, Unknown
from data.feeds import Feed, feeds_at
from data.lake import Lake
from data.queries import Row

USABLE = ("fresh", "empty")
# Parameters as footnotes call them.
NAMES = {
    "cut": "dipotong",
    "flood_days": "hari banjir",
    "since": "sejak",
    "until": "sampai sebelum",
}
PEOPLE = "Catatan Pusat Komando"


@dataclass(frozen=True)
class Template:
    """A sentence of the brief.

    Args:
        text: Indonesian with `{placeholders}`.
        least: Cases below which it says nothing.
        missing: What is not known where it cannot be said.
    """

    id: str
    text: str
    least: int
    missing: str
    link: str


@dataclass(frozen=True)
class Question:
    """What a brief may ask.

    Args:
        feeds: That may tell; those that the rows name count, all of them where they name none.
        page: Of the site, where the answer can be seen.
        must_be_fresh: What rests on it is not printed where all of its feeds are stale.
    """

    feeds: tuple[str, ...]
    page: str
    must_be_fresh: bool
    title: str


@dataclass(frozen=True, eq=False)
class Answer:
    """What was asked and answered.

    Args:
        name: Question: a function of `data.queries`, or a register.
        asked: Its parameters as text.
        moment: That it was asked for, seen from `moment.known_time`.
        feeds: Behind it.
        stale: The least stale of its feeds, where none of them can be relied on.
    """

    name: str
    asked: str
    moment: AsOf
    rows: tuple[Row, ...]
    feeds: tuple[Feed, ...]
    stale: Feed | None
    page: str

    @property
    def first(self) -> Row:
        """The first row; empty where there is none."""
        return self.rows[0] if self.rows else {}


class Asking:
    """Asks the lake for one brief and remembers what was asked.

    Args:
        lake: What is asked.
        as_of: Moment of the brief.
    """

    def __init__(self, lake: Lake, as_of: AsOf) -> None:
        self.as_of = as_of
        self.lake = lake
        self._feeds = feeds_at(lake, as_of)
        self._asked: dict[tuple[str, AsOf, str], Answer] = {}
        self._numbers: dict[Answer, int] = {}
        self._unknown: dict[str, tuple[Unknown, tuple[Answer, ...]]] = {}
        self.feeds = self.told("feeds_at", [_feed_row(feed) for feed in self._feeds.values()])

    @property
    def now(self) -> datetime:
        """Moment of the brief."""
        return self.as_of.event_time

    def ask(
        self,
        question: Callable[..., Sequence[Row] | Row | None],
        *args: Any,
        moment: AsOf | None = None,
        **params: Any,
    ) -> Answer:
        """Ask a function of `data.queries`, named as its query, once; keep the answer.

        Args:
            args, params: Besides the lake and the moment.
            moment: Another one than that of the brief.
        """
        moment = moment or self.as_of
        key = (question.__name__, moment, repr((args, params)))
        if key in self._asked:
            return self._asked[key]
        takes_moment = "as_of" in inspect.signature(question).parameters
        found = question(self.lake, *([moment] if takes_moment else []), *args, **params)
        rows = [] if found is None else [found] if isinstance(found, dict) else list(found)
        answer = self.told(question.__name__, rows, _as_text(args, params), moment)
        self._asked[key] = answer
        return answer

    def told(
        self, name: str, rows: Sequence[Row], asked: str = "", moment: AsOf | None = None
    ) -> Answer:
        """Keep what a register, or a question that was asked elsewhere, answered."""
        question = questions()[name]
        known = [self._feeds[feed] for feed in question.feeds if feed in self._feeds]
        named = {feed for row in rows for feed in _named(row)}
        counted = [feed for feed in known if feed.name in named] or [
            feed for feed in known if feed.scheduled or feed.state != "never"
        ]
        # A feed that no run tells of, but rows do, was heard: they were loaded afterwards.
        usable = not question.must_be_fresh or any(
            feed.state in USABLE or (feed.state == "never" and feed.name in named)
            for feed in counted
        )
        stale = None if usable else max(counted or known, key=_newest, default=None)
        return Answer(
            name,
            asked,
            moment or self.as_of,
            tuple(rows),
            tuple(sorted(counted, key=lambda feed: feed.name)),
            stale,
            question.page,
        )

    def cite(self, *answers: Answer) -> tuple[int, ...]:
        """Return the footnote numbers of answers, which are given in the order of first use."""
        return tuple(
            sorted({self._numbers.setdefault(one, len(self._numbers) + 1) for one in answers})
        )

    def usable(self, id_: str, depends: str, *answers: Answer) -> bool:
        """Answer whether all of the answers can be relied on; note what depends on those not."""
        stale = {one.stale.name: one.stale for one in answers if one.stale is not None}
        for feed in stale.values():
            self._miss_feed(feed, depends)
        if not stale and any(not one.feeds and questions()[one.name].feeds for one in answers):
            self.miss(id_, f"Belum ada sumber data: {depends}.", depends, *answers)
            return False
        return not stale

    def say(
        self,
        template: str,
        *answers: Answer,
        about: str = "",
        n: int | None = None,
        facts: Mapping[str, str] = MappingProxyType({}),
    ) -> Sentence | None:
        """Return a sentence made of answers; None where they do not carry it, which is noted.

        Args:
            about: Key of the subject, where the template is said of several.
            n: Cases that it rests on.
            facts: Placeholders, from the rows of the answers.
        """
        chosen = templates()[template]
        id_ = f"{chosen.id}:{about}" if about else chosen.id
        if not self.usable(id_, chosen.missing, *answers):
            return None
        if n is not None and n < chosen.least:
            self.miss(
                id_,
                f"Belum cukup data: {words.number(n)} dari paling sedikit"
                f" {words.number(chosen.least)} yang diperlukan.",
                chosen.missing,
                *answers,
            )
            return None
        return Sentence(id_, chosen.text.format(**facts), self.cite(*answers), chosen.link)

    def miss(self, id_: str, text: str, would_change: str, *answers: Answer) -> None:
        """Note something that is not known and what it would change."""
        self._unknown.setdefault(id_, (Unknown(id_, text, would_change), answers))

    def unknown(self) -> tuple[Unknown, ...]:
        """Return what is not known, with its footnotes."""
        return tuple(
            replace(one, notes=self.cite(*answers)) for one, answers in self._unknown.values()
        )

    def sources(self) -> tuple[Source, ...]:
        """Return the footnotes in order."""
        return tuple(
            self._source(answer, number)
            for answer, number in sorted(self._numbers.items(), key=lambda item: item[1])
        )

    def _miss_feed(self, feed: Feed, depends: str) -> None:
        id_ = f"feed:{feed.name}"
        told = self._unknown[id_][0].would_change.split("; ") if id_ in self._unknown else []
        if feed.moment is None:
            text = f"Tidak dapat dinilai: {feed.title} belum pernah diterima."
        else:
            age = prose.span(self.now - feed.moment)
            text = f"Tidak dapat dinilai: {feed.title} terakhir diterima {age} lalu."
        would_change = "; ".join(dict.fromkeys([*told, depends]))
        self._unknown[id_] = (Unknown(id_, text, would_change), (self.feeds,))

    def _source(self, answer: Answer, number: int) -> Source:
        moments = [row["event_time"] for row in answer.rows if row.get("event_time") is not None]
        origins = sorted({feed.declared["source"] for feed in answer.feeds})
        return Source(
            number=number,
            query=answer.name,
            asked=answer.asked,
            feeds=tuple(feed.name for feed in answer.feeds),
            origin="; ".join(origins) or PEOPLE,
            event_time=answer.moment.event_time.astimezone(WIB),
            known_time=answer.moment.known_time.astimezone(WIB),
            newest=max(moments).astimezone(WIB) if moments else None,
            rows=len(answer.rows),
            sha256=fingerprint(answer.rows),
            replay=_replay(answer),
            simulated=any(row.get("simulated") for row in answer.rows)
            or any(feed.simulated and feed.state != "never" for feed in answer.feeds),
        )


@functools.cache
def templates() -> Mapping[str, Template]:
    """Return every sentence by its id."""
    return MappingProxyType(
        {
            row["id"]: Template(
                row["id"], row["text"], int(row["least"] or 0), row["missing"], row["link"]
            )
            for row in reference.rows("brief_sentences")
        }
    )


@functools.cache
def questions() -> Mapping[str, Question]:
    """Return what a brief may ask, by name."""
    return MappingProxyType(
        {
            row["question"]: Question(
                tuple(row["feeds"].split()), row["page"], row["must_be_fresh"] == "1", row["title"]
            )
            for row in reference.rows("brief_questions")
        }
    )


@functools.cache
def rules() -> Mapping[str, float]:
    """Return the figures of `brief_rules.csv` by name."""
    return MappingProxyType(
        {row["name"]: float(row["value"]) for row in reference.rows("brief_rules")}
    )


def fingerprint(rows: Sequence[Row]) -> str:
    """Return the sha256 of rows as canonical JSON.

    Figures count to nine digits: sums differ in the last ones by the order in which files are read.
    """
    return sha256(orjson.dumps(_rounded(rows), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(part) for part in value]
    return value


def _feed_row(feed: Feed) -> Row:
    return {"feed": feed.name, "state": feed.state, "event_time": feed.moment}


def _named(row: Row) -> Iterable[str]:
    if row.get("feed") is not None:
        return (row["feed"],)
    return row.get("feeds") or ()


def _newest(feed: Feed) -> float:
    return 0.0 if feed.moment is None else feed.moment.timestamp()


def _as_text(args: Iterable[Any], params: Mapping[str, Any]) -> str:
    """Write parameters as a reader understands them; many moments as the first and the last."""
    told = [_written(value) for value in args]
    told += [
        f"{NAMES[name]} {_written(value)}"
        for name, value in params.items()
        if value is not None and value != []
    ]
    return ", ".join(told)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return words.short_moment(value)
    if isinstance(value, date):
        return words.day(value, weekday=False)
    if isinstance(value, Sequence) and not isinstance(value, str):
        first, last = _written(min(value)), _written(max(value))
        return first if first == last else f"{len(value)} saat, {first} sampai {last}"
    return f"wilayah {value}" if value == "31" else str(value)


def _replay(answer: Answer) -> str:
    seen = "saat-itu" if answer.moment.known_time <= answer.moment.event_time else "sekarang"
    moment = answer.moment.event_time.astimezone(WIB)
    join = "&" if "?" in answer.page else "?"
    return f"{answer.page}{join}pada={moment:%Y-%m-%dT%H:%M}&seperti={seen}"
