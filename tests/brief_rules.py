"""The number and word rules of the brief, as a check of a whole content."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.brief.model import Content

TIME = r"\d{2}\.\d{2}"
CLOCK = re.compile(rf"pukul {TIME}(–{TIME})? WIB")
THOUSANDS = re.compile(r"\b\d{1,3}(\.\d{3})+\b")
FORBIDDEN = re.compile(
    r"\b(terbaik|terburuk|juara|kami|kita|none|nan|null|true|false|menit yang lalu)\b", re.I
)
# Words of the code that have no business on paper.
ENGLISH = re.compile(r"\b(siaga[123]|raised|active|notice|warning|fresh|late|expired)\b")


def sentences(content: Content) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield id, text and footnotes of every sentence in prose."""
    for block in (content.opening, content.performance, content.outlook):
        for one in block:
            yield one.id, one.text, one.notes
    for decision in content.decisions:
        yield decision.issue.id, decision.issue.text, decision.issue.notes
    for item in content.attention:
        yield item.id, item.what.text, item.what.notes
        for text in (item.usual, item.handler, item.check):
            yield item.id, text, item.what.notes
    for missing in content.unknown:
        yield missing.id, missing.text, missing.notes


def breaches(content: Content) -> list[str]:
    """Return what breaks the rules of PRODUCT 5; empty for a sound brief."""
    found = []
    for id_, text, notes in sentences(content):
        found += [f"{id_}: {why}: {text}" for why in wrong_prose(text)]
        if re.search(r"\d", text) and not notes:
            found.append(f"{id_}: a number without a footnote: {text}")
        if re.search(r"\b(meningkat|menurun)\b", text):
            found.append(f"{id_}: says that it rose or fell, against no limits: {text}")
    for figure in content.figures:
        for text in (figure.value, figure.detail, *(one.text for one in figure.comparisons)):
            found += [f"{figure.id}: {why}: {text}" for why in wrong_numbers(text)]
            if "persen " in text:
                found.append(f"{figure.id}: persen is for prose: {text}")
        if bool(figure.value) != (figure.state == "known") or (figure.value and not figure.notes):
            found.append(f"{figure.id}: value, state and footnotes disagree")
        for one in figure.comparisons:
            moved = bool(re.search(r"\b(meningkat|menurun)\b", one.text))
            if moved != bool(one.outside):
                found.append(f"{figure.id}: {one.against}: {one.text} ({one.outside})")
    known = {source.number for source in content.sources}
    if sorted(known) != list(range(1, len(known) + 1)):
        found.append(f"footnotes are not numbered through: {sorted(known)}")
    used = {note for _, _, notes in sentences(content) for note in notes}
    used |= {note for figure in content.figures for note in figure.notes}
    used |= {note for one in content.followed for note in one.notes}
    if used != known:
        found.append(f"footnotes and their uses differ: {used ^ known}")
    return found


def wrong_prose(text: str) -> list[str]:
    """Return what is wrong with a sentence."""
    found = wrong_numbers(text)
    if "%" in text:
        found.append("% is for tables")
    return found


def wrong_numbers(text: str) -> list[str]:
    """Return what is wrong with numbers, times and words of a text."""
    found = []
    rest = CLOCK.sub("", text)
    if "pukul" in rest:
        found.append("a time is written pukul 03.10 WIB")
    rest = THOUSANDS.sub("", rest)
    if re.search(r"\d\.\d", rest):
        found.append("a decimal point")
    if re.search(r"\d{4,}", re.sub(r"\b(19|20)\d{2}\b", "", rest)):
        found.append("a number without thousands points")
    if re.search(r"-\d", rest):
        found.append("a hyphen for a minus")
    if match := FORBIDDEN.search(text) or ENGLISH.search(text):
        found.append(f"the word {match[0]}")
    if "  " in text or text != text.strip() or "{" in text:
        found.append("loose spaces or placeholders")
    return found
