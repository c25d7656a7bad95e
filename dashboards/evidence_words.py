"""How evidence is told: units and reporters, what was seen, and how far it can be trusted."""

from __future__ import annotations

from dashboards.complaint_words import office
from data import reference, words
from data.evidence import Finding, Signal
from data.reviews import UNSEEN, Review

MEASURED = "diukur pada data simulasi, belum pada kasus nyata"


def unit_name(unit: str) -> str:
    """Write an office, or a reporter as its kelurahan and a pseudonym."""
    code, _, digits = unit.partition("/")
    if not digits:
        return office(unit)
    names = {row["code"]: row["name"] for row in reference.rows("areas")}
    return f"Pelapor {digits.upper()} di Kelurahan {names.get(code, code)}"


def seen(signal: Signal, finding: Finding) -> str:
    """Write what was seen of a unit, in one sentence."""
    usual = "hampir tidak ada" if finding.usual < 0.05 else words.number(finding.usual, 1)
    return (
        signal.seen.format(
            cases=words.number(finding.cases), n=words.number(finding.n), usual=usual
        )
        + "."
    )


def trust(signal: Signal) -> str:
    """Write how often a signal is right, and on what that was measured."""
    return (
        f"Presisi {words.percent(signal.precision, 0)}, kelengkapan"
        f" {words.percent(signal.recall, 0)}; {MEASURED} ({signal.measured_on})."
    )


def state_word(review: Review | None) -> str:
    """Write how a unit stands with the inspectors; None where nobody looked into it."""
    return UNSEEN if review is None else review.word
