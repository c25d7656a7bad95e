"""A brief on paper: PDF (A4 and slides, tagged), and one PNG to share.

The same edition gives the same bytes. The first page holds at any content: what does not fit is
cut by rules (`brief.typ`) and counted, and the screen has it all; the second lists the sources.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import segno
from PIL import Image

from data import typeset, words
from data.asof import WIB
from data.brief.model import Attention, Comparison, Content, Decision, Edition, Figure, Sentence

HERE = Path(__file__).parent
LOGO = HERE.parents[1] / "assets" / "icons" / "brand.svg"
PAPER, SLIDES, PHONE = (HERE / f"{name}.typ" for name in ("brief", "slides", "phone"))
# The phone's page is 100 mm wide.
PIXELS, PHONE_INCHES, COLOURS = 1080, 100 / 25.4, 256

TITLE = "Ringkasan Gubernur"
KINDS: Mapping[str, str] = MappingProxyType(
    {"pagi": "Edisi Pagi", "sore": "Edisi Sore", "situasi": "Edisi Situasi"}
)
STATES: Mapping[str, str] = MappingProxyType(
    {
        "pratinjau": "Pratinjau",
        "draf": "Draf",
        "diperiksa": "Diperiksa",
        "terbit": "Terbit",
        "ditarik": "Ditarik",
    }
)
SIMULATED = "DATA SIMULASI"
# The sentence that the page of paper keeps beside status and decision.
VICTIMS = "korban"
COMPARED = "dibanding pukul yang sama"
# What is not kept has an id that begins so.
PREVIEW = "pratinjau-"


def pdf(edition: Edition, base_url: str) -> bytes:
    """Return an edition as A4 PDF (PDF/UA-1): one page, and the sources on a second.

    Args:
        base_url: Of the site, such as "https://komando.jakarta.go.id"; the QR code leads there.

    Raises:
        data.typeset.TypesetError: A template, the typeface or the logo is missing.
    """
    return typeset.pdf(PAPER, told(edition, base_url), edition.content.cut)


def slides(edition: Edition, base_url: str) -> bytes:
    """Return an edition as PDF slides, 16:9, no text under 20 pt; see `pdf`."""
    return typeset.pdf(SLIDES, told(edition, base_url), edition.content.cut)


def png(edition: Edition, base_url: str) -> bytes:
    """Return an edition as one picture to share, 1080 pixels wide; see `pdf`."""
    pages = typeset.png(
        PHONE, told(edition, base_url), edition.content.cut, per_inch=PIXELS / PHONE_INCHES
    )
    # A page of text needs few colours; a third of the bytes is sooner sent to a phone.
    picture = io.BytesIO()
    Image.open(io.BytesIO(pages[0])).convert("RGB").quantize(
        COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    ).save(picture, "PNG", optimize=True)
    return picture.getvalue()


def file_name(edition: Edition) -> str:
    """Return the stem of its file: "ringkasan-gubernur-2026-11-22-pagi"."""
    return f"ringkasan-gubernur-{edition.id}"


def address(edition: Edition, base_url: str) -> str:
    """Return where the edition stands on the site; of a preview, the moment that it shows."""
    base = base_url.rstrip("/")
    if edition.id.startswith(PREVIEW):
        return f"{base}/ringkasan?pada={edition.content.cut.astimezone(WIB):%Y-%m-%dT%H:%M}"
    return f"{base}/ringkasan/{edition.id}"


def kind_of(edition: Edition) -> str:
    """Return which edition it is: "Edisi Pagi"; of a preview, when it was cut."""
    if state_of(edition) == "pratinjau":
        return f"{STATES['pratinjau']} {words.clock(edition.content.cut)}"
    return KINDS[edition.content.kind]


def state_of(edition: Edition) -> str:
    """Return how far an edition is: a key of `STATES`."""
    if edition.id.startswith(PREVIEW):
        return "pratinjau"
    return "ditarik" if edition.withdrawn else edition.state


def arranged(edition: Edition) -> tuple[Attention, ...]:
    """Return the attention items as staff arranged them: pinned ones, then those they ordered."""
    review = edition.review
    order = {id: place for place, id in enumerate(review.order)}
    pins = {id: place for place, id in enumerate(review.pinned)}
    last = len(edition.content.attention)
    return tuple(
        sorted(
            edition.content.attention,
            key=lambda item: (
                item.id not in pins,
                order.get(item.id, last),
                pins.get(item.id, last),
            ),
        )
    )


def told(edition: Edition, base_url: str) -> dict[str, Any]:
    """Return what the templates print, as text."""
    content = edition.content
    state = state_of(edition)
    where = address(edition, base_url)
    local = content.cut.astimezone(WIB)
    return {
        "title": f"{TITLE} – {kind_of(edition)}",
        "edition": kind_of(edition),
        "date": local.timetuple()[:3],
        "cut": f"Data per {words.moment(content.cut)}",
        "state": STATES[state].upper(),
        "final": state == "terbit",
        "stated": _stated(edition, state),
        "moved": f"{words.number(len(edition.changed))} butir berubah dari edisi lalu"
        if edition.changed
        else "",
        "id": edition.id,
        "sha256": edition.sha256,
        "simulated": SIMULATED if content.simulated else "",
        "address": where,
        "host": urlsplit(where).netloc,
        "qr": qr(where),
        "logo": _logo(),
        "opening": [_sentence(one, edition) for one in content.opening],
        "victims": any(one.id == VICTIMS for one in content.opening),
        "no_decision": content.no_decision,
        "no_attention": content.no_attention,
        "decisions": [_decision(one, edition) for one in content.decisions],
        "attention": [_attention(one, edition) for one in arranged(edition)],
        "compared": COMPARED if any(one.comparisons for one in content.figures) else "",
        "flagged": any(each.outside for one in content.figures for each in one.comparisons),
        "figures": [_figure(one, edition) for one in content.figures],
        "followed": [
            {
                "state": one.state,
                **_item(one.id, one.text, one.notes, edition),
                "detail": one.detail,
            }
            for one in content.followed
        ],
        "performance": [_sentence(one, edition) for one in content.performance],
        "unknown": [
            {**_item(one.id, one.text, one.notes, edition), "changes": one.would_change}
            for one in content.unknown
        ],
        "outlook": [_sentence(one, edition) for one in content.outlook],
        "sources": _sources(content),
    }


def qr(address: str) -> str:
    """Return the QR code of an address as SVG."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(
        drawn, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True
    )
    return drawn.getvalue().decode()


def trend(figure: Figure, *, width: int = 96, height: int = 20) -> str:
    """Return the small line of a figure as SVG, broken at gaps; empty where there is none."""
    values = [value for value in figure.trend if value is not None]
    if len(values) < 2:
        return ""
    low, rise = min(values), (max(values) - min(values)) or 1.0
    step = (width - 6) / (len(figure.trend) - 1)
    drawn, pen, last = [], "M", (0.0, 0.0)
    for place, value in enumerate(figure.trend):
        if value is None:
            pen = "M"
            continue
        last = (
            round(3 + place * step, 1),
            round(height - 3 - (height - 6) * (value - low) / rise, 1),
        )
        drawn.append(f"{pen}{last[0]} {last[1]}")
        pen = "L"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<path d="{"".join(drawn)}" fill="none" stroke="#434c58" stroke-width="1.4"'
        ' stroke-linejoin="round" stroke-linecap="round"/>'
        f'<circle cx="{last[0]}" cy="{last[1]}" r="2.2" fill="#14181f"/></svg>'
    )


def trend_words(figure: Figure) -> str:
    """Return what the small line of a figure shows, for those who do not see it."""
    values = "; ".join(
        "tanpa data" if value is None else words.number(value, 0 if value == int(value) else 1)
        for value in figure.trend
    )
    return f"{figure.title}, {figure.trend_label}: {values}"


def severity(one: Attention) -> str:
    """Return what is set before an attention item; nothing where its sentence says it."""
    return "" if one.severity in one.what.text else one.severity


def facts(one: Attention, cut: datetime) -> list[str]:
    """Return what is said beside an attention item: since when, the usual, who, and what next."""
    told = (
        f"sejak {moment(one.since, cut)}" if one.since else "",
        one.usual,
        one.handler or "belum ada yang menangani",
        f"cek {one.check}" if one.check else "",
    )
    return [f"{text[0].upper()}{text[1:]}" for text in told if text]


def moment(when: datetime, cut: datetime) -> str:
    """Write a moment as "pukul 03.10 WIB", with its day where that is not the day of the cut."""
    same = when.astimezone(WIB).date() == cut.astimezone(WIB).date()
    clock = f"pukul {words.clock(when)}"
    return clock if same else f"{words.day(when, weekday=False)} {clock}"


def _stated(edition: Edition, state: str) -> str:
    if state == "pratinjau":
        return "belum menjadi edisi"
    if edition.withdrawn:
        return edition.withdrawn
    since = f"sejak {moment(edition.state_at, edition.content.cut)}"
    late = " · dibuat terlambat" if edition.late else ""
    return f"{since} · revisi {edition.review.revision}{late}"


def _item(id: str, text: str, notes: Sequence[int], edition: Edition) -> dict[str, Any]:
    return {
        "text": text,
        "notes": list(notes),
        "changed": id in edition.changed,
        "comments": [
            f"Catatan {comment.role}, pukul {words.clock(comment.at)}: {comment.text}"
            for comment in edition.review.comments
            if comment.item == id
        ],
    }


def _sentence(one: Sentence, edition: Edition) -> dict[str, Any]:
    return _item(one.id, one.text, one.notes, edition)


def _decision(one: Decision, edition: Edition) -> dict[str, Any]:
    return {
        **_sentence(one.issue, edition),
        "options": list(one.options),
        "owner": one.owner,
        "due": moment(one.due, edition.content.cut) if one.due else "",
    }


def _attention(one: Attention, edition: Edition) -> dict[str, Any]:
    return {
        **_item(one.id, one.what.text, one.what.notes, edition),
        "level": one.level,
        "severity": severity(one),
        "pinned": one.id in edition.review.pinned,
        "facts": facts(one, edition.content.cut),
    }


def _figure(one: Figure, edition: Edition) -> dict[str, Any]:
    return {
        **_item(one.id, one.title, one.notes, edition),
        "known": one.state == "known",
        "value": one.value,
        "unit": one.unit,
        "detail": one.detail,
        "comparisons": [_compared(each) for each in one.comparisons],
        "trend": trend(one),
        "trend_words": trend_words(one),
        "trend_label": one.trend_label,
    }


def _compared(one: Comparison) -> dict[str, Any]:
    return {
        "against": f"{one.against[:1].upper()}{one.against[1:]}",
        "text": one.text,
        "outside": bool(one.outside),
    }


def _sources(content: Content) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "query": one.query,
            "asked": one.asked,
            "origin": one.origin,
            "simulated": one.simulated,
            "newest": words.short_moment(one.newest),
            "rows": words.number(one.rows),
            "sha256": one.sha256[:12],
        }
        for one in content.sources
    ]


def _logo() -> str:
    if not LOGO.is_file():
        raise typeset.TypesetError(f"the logo {LOGO} is missing: install the program anew")
    return LOGO.read_text(encoding="utf-8")
