"""What a brief says and where it knows it from: plain values, the same for page, paper and API.

Every text that holds a figure names the sources behind it by their numbers; nothing on a brief is
written by hand but what people said (directives, victims, comments), and that is marked with who
and when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

EditionKind: TypeAlias = Literal["pagi", "sore", "situasi"]
NOT_JUDGED = "Tidak dapat dinilai: lihat yang belum diketahui."
# How a figure stands: told, stale or absent ("unknown": no figure is shown then).
Known: TypeAlias = Literal["known", "unknown"]


@dataclass(frozen=True)
class Source:
    """A footnote: one question to the lake, or to what people wrote, and its answer.

    Args:
        number: As printed, from 1 in order of first use.
        query: Stem of a file of `data/queries/`; of what people wrote, the register's name.
        asked: Parameters as text, such as "wilayah 31, sejak 2026-11-21".
        feeds: Feeds behind it, in order of name.
        origin: Who publishes them, Indonesian.
        event_time, known_time: Moment that it was asked for (aware).
        newest: Newest event in the answer; None where rows have none.
        rows: Rows of the answer.
        sha256: Of the answer as canonical JSON, in hexadecimal.
        replay: Path and query of the page that shows the moment, such as
            "/banjir?pada=2026-02-18T03:10&seperti=saat-itu".
        simulated: Some of its rows are of the simulated city.
    """

    number: int
    query: str
    asked: str
    feeds: tuple[str, ...]
    origin: str
    event_time: datetime
    known_time: datetime
    newest: datetime | None
    rows: int
    sha256: str
    replay: str
    simulated: bool


@dataclass(frozen=True)
class Sentence:
    """One sentence that was printed.

    Args:
        id: Of the template (`data/reference/brief_sentences.csv`), with the subject's key after a
            colon where it is said of several: "muka-air:manggarai".
        text: Indonesian, without footnote numbers.
        notes: Numbers of its sources.
        link: Page of the site that shows more; empty where there is none.
    """

    id: str
    text: str
    notes: tuple[int, ...]
    link: str = ""


@dataclass(frozen=True)
class Decision:
    """Something that waits for the governor.

    Args:
        issue: What it is about, bound to data.
        options: What can be done, from the operating procedures.
        owner: Office that decides.
        due: Until when (aware).
        subject: The issue in a few words, for the bottom line.
    """

    issue: Sentence
    options: tuple[str, ...]
    owner: str
    due: datetime | None
    subject: str = ""


@dataclass(frozen=True)
class Attention:
    """Something to know of: gravest first.

    Args:
        id: Key that people pin, comment and reorder by; the alarm's or the sentence's id.
        what: Bound to data; says what and where.
        level: Siaga, 1 gravest to 4; 5 and 6 are Penting and Perhatian, which have marks of their
            own; 0 where there is none.
        severity: In words, such as "Siaga 2 – Siaga".
        since: Since when (aware).
        usual: Against what is usual, Indonesian; empty where nothing is known of it.
        handler: Who has it and what they did about it, Indonesian.
        check: When it is looked at next, Indonesian.
    """

    id: str
    what: Sentence
    level: int
    severity: str
    since: datetime | None
    usual: str
    handler: str
    check: str


@dataclass(frozen=True)
class Comparison:
    """A figure against another day at the same time.

    Args:
        against: In words: "kemarin", "median Sabtu empat pekan terakhir".
        text: Difference, such as "naik 3 pos" or "relatif tetap".
        outside: The difference is beyond the usual variation; None where that is not known.
    """

    against: str
    text: str
    outside: bool | None


@dataclass(frozen=True)
class Figure:
    """One of the six numbers.

    Args:
        title: What it is.
        value: As printed, such as "172 dari 191"; empty where it is unknown.
        unit: Follows the value.
        detail: What the value is made of, such as "Siaga 1: 1 · Siaga 2: 3"; may be empty.
        trend: Values of the last days, oldest first, None in a gap; for a small line.
        trend_label: What the line shows, such as "7 hari terakhir".
        how: How it is computed, Indonesian.
    """

    id: str
    title: str
    state: Known
    value: str
    unit: str
    detail: str
    comparisons: tuple[Comparison, ...]
    notes: tuple[int, ...]
    trend: tuple[float | None, ...] = ()
    trend_label: str = ""
    link: str = ""
    how: str = ""


@dataclass(frozen=True)
class Unknown:
    """What is not known, and what it would change.

    Args:
        id: Of the sentence or figure that is missing, or "feed:<name>".
        text: Why: "Tidak dapat dinilai: … terakhir diterima 56 menit lalu."
        would_change: What of the brief depends on it, Indonesian.
    """

    id: str
    text: str
    would_change: str
    notes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Followed:
    """A directive and how far it is.

    Args:
        state: "selesai", "berjalan", "terlambat" or "tanpa data".
        text: What was directed, as written.
        detail: Giver, owner, due day and evidence, Indonesian.
        notes: The register's source.
    """

    id: str
    state: str
    text: str
    detail: str
    notes: tuple[int, ...]


@dataclass(frozen=True)
class Content:
    """A brief, cut at a moment: the same lake, registers and cut give an equal value.

    Args:
        cut: "Data per …" (aware).
        status_level: Of the city, 1 Rutin to 5 Puncak; 0 where it is unknown.
        opening: Bottom line.
        outlook: The next 6 to 24 hours.
        simulated: Some of it comes from the simulated city.
        judged: All alarms could be judged; else nothing is said to be calm.
    """

    kind: EditionKind
    cut: datetime
    status_level: int
    opening: tuple[Sentence, ...]
    decisions: tuple[Decision, ...]
    attention: tuple[Attention, ...]
    figures: tuple[Figure, ...]
    followed: tuple[Followed, ...]
    performance: tuple[Sentence, ...]
    unknown: tuple[Unknown, ...]
    outlook: tuple[Sentence, ...]
    sources: tuple[Source, ...]
    simulated: bool
    judged: bool = True

    @property
    def no_decision(self) -> str:
        """What stands where no decision does."""
        return "Tidak ada keputusan yang menunggu." if self.judged else NOT_JUDGED

    @property
    def no_attention(self) -> str:
        """What stands where nothing deserves attention."""
        return "Tidak ada yang menonjol." if self.judged else NOT_JUDGED

    def source(self, number: int) -> Source:
        """Return a footnote by its number."""
        return self.sources[number - 1]


@dataclass(frozen=True)
class Comment:
    """What staff wrote beside an item.

    Args:
        item: Id of a sentence, figure, decision or attention.
        at: When (aware).
    """

    item: str
    text: str
    role: str
    at: datetime


@dataclass(frozen=True)
class Review:
    """What staff did to a draft: they pin, comment and reorder, and never touch a figure.

    Args:
        revision: Rises with each change; printed.
        pinned: Ids of attention items that stay above the others, in order.
        order: Ids of attention items in the order that staff gave; those not named follow.
    """

    revision: int = 0
    pinned: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()


State: TypeAlias = Literal["draf", "diperiksa", "terbit"]


@dataclass(frozen=True)
class Edition:
    """A brief that is kept.

    Args:
        id: Such as "2026-11-22-pagi" or "2026-11-22-situasi-0300"; its address.
        sha256: Of the content as canonical JSON.
        made_at: When it was made (aware).
        state_at: When it came into its state (aware).
        state_role: Role that brought it there; "jadwal" for the schedule.
        previous: Id of the edition before it; empty for the first.
        changed: Ids of items that differ from the one before, or were not in it.
        late: It was made after its time, since the schedule was not running then.
        withdrawn: Why it was taken back, with role and time; empty while it stands.
        corrected_by: Id of the edition that takes its place; empty where there is none.
    """

    id: str
    content: Content
    sha256: str
    made_at: datetime
    state: State
    state_at: datetime
    state_role: str
    review: Review = field(default_factory=Review)
    previous: str = ""
    changed: tuple[str, ...] = ()
    late: bool = False
    withdrawn: str = ""
    corrected_by: str = ""
