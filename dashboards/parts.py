"""Small pieces that pages share: figures with their unit, states, ages, empty and error notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from data import words
from data.asof import AsOf
from data.freshness import State


class Input(html.Button):
    """An input of a form, which `dash.html` lacks; only for what travels as HTML."""

    _type = "Input"


def one(value: Any) -> str | None:
    """Return the first value of a URL parameter: a repeated one arrives as a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else None


def field(label: str, box: Component, hint: str = "") -> Component:
    """Return an input of a form under its label, with a hint."""
    return html.Label(
        [html.Span(label), box, html.Small(hint) if hint else None], className="form-field"
    )


def icon(name: str) -> Component:
    """Return the icon `assets/icons/<name>.svg` in the colour of the text around it."""
    return html.Span(className=f"icon icon-{name}", **{"aria-hidden": "true"})


def state_mark(state: State, *, word: bool = True) -> Component:
    """Return a freshness state by shape and word; without `word`, the word is for readers only."""
    return html.Span(
        [
            html.Span(className="state-shape", **{"aria-hidden": "true"}),
            html.Span(words.STATES[state], className="" if word else "visually-hidden"),
        ],
        className=f"state state-{state}",
    )


def age(moment: datetime | None) -> Component:
    """Return a moment whose age ("3 mnt lalu") the browser keeps up to date."""
    if moment is None:
        return html.Span(words.NOTHING)
    return html.Time(
        words.short_moment(moment),
        dateTime=moment.isoformat(),
        title=words.moment(moment),
        **{"data-age": ""},
    )


def figure(
    value: float | None, *, label: str, unit: str = "", decimals: int = 0, note: Any = None
) -> Component:
    """Return a key figure: what it is, how much of it, and what to hold it against."""
    return html.Div(
        [
            html.Div(label, className="figure-label"),
            html.Div(
                [
                    html.Span(words.number(value, decimals), className="value"),
                    html.Span(unit, className="figure-unit") if unit else None,
                ],
                className="figure-value",
            ),
            html.Div(note, className="figure-note") if note is not None else None,
        ],
        className="figure",
    )


def reading(
    value: float | None,
    unit: str = "",
    *,
    decimals: int = 0,
    moment: datetime | None = None,
    late_s: float | None = None,
    expired_s: float | None = None,
    feeds: Collection[str] = (),
    label: Any = None,
    note: Any = None,
) -> Component:
    """Return a number that knows its age: it looks stale as soon as it is, without the server.

    The browser (assets/_core.js) judges it by the worst of its own budget and of its feeds; a
    stale one is hollow and hatched, and its age stands in the place of honour.

    Args:
        value: None reads "Belum ada data"; 0 is a number.
        moment: When it was true, aware; None where it is as old as the oldest of `feeds`.
        late_s: Age of `moment` from which it is late, in city seconds; None: never.
        expired_s: Age of `moment` from which it is expired, in city seconds; None: never.
        feeds: Feeds that it was computed from.
    """
    if value is None:
        number: list[Any] = [html.Span("Belum ada data", className="reading-none")]
    else:
        number = [
            html.Span(words.number(value, decimals), className="value"),
            html.Span(unit, className="figure-unit") if unit else None,
        ]
    return html.Span(
        [
            html.Span(label, className="figure-label") if label is not None else None,
            html.Span(number, className="reading-number"),
            _since(moment) if value is not None and (moment or feeds) else None,
            html.Span(note, className="figure-note") if note is not None else None,
        ],
        className="reading",
        **_freshness(moment, late_s, expired_s, feeds),
    )


def judged(
    body: Any,
    *,
    moment: datetime | None = None,
    late_s: float | None = None,
    expired_s: float | None = None,
    feeds: Collection[str] = (),
) -> Component:
    """Return a judgement (a siaga, a category, an alarm) that is not made on expired input.

    A late one is hatched; an expired one reads "tidak dapat dinilai", and what was last known
    stands behind it. The arguments are those of `reading`.
    """
    return html.Span(
        [
            html.Span("tidak dapat dinilai", className="judged-unknown"),
            html.Span(body, className="judged-body"),
        ],
        className="judged",
        **_freshness(moment, late_s, expired_s, feeds),
    )


def _freshness(
    moment: datetime | None,
    late_s: float | None,
    expired_s: float | None,
    feeds: Collection[str],
) -> dict[str, str]:
    return {
        "data-fresh": moment.isoformat() if moment else "",
        "data-late": "" if late_s is None else f"{late_s:g}",
        "data-expired": "" if expired_s is None else f"{expired_s:g}",
        "data-of": " ".join(feeds),
    }


def _since(moment: datetime | None) -> Component:
    """Return the age of a reading; the browser knows that of its feeds."""
    if moment is None:
        return html.Time("\N{NO-BREAK SPACE}", className="reading-age", **{"data-age": ""})
    return html.Time(
        words.short_moment(moment),
        dateTime=moment.isoformat(),
        title=words.moment(moment),
        className="reading-age",
        **{"data-age": ""},
    )


def late_mark(row: Mapping[str, Any], as_of: AsOf) -> Component | None:
    """Return "baru diketahui 42 mnt kemudian" where a row was not known at the moment yet.

    Args:
        row: Has `event_time`, `known_time` and `known_assumed`.
        as_of: The moment that is looked at; the present knows all of its rows.
    """
    if as_of.live or row["known_time"] is None or row["known_time"] <= as_of.event_time:
        return None
    delay = words.duration(row["known_time"] - row["event_time"])
    assumed = bool(row["known_assumed"])
    return html.Span(
        f"baru diketahui {delay} kemudian" + (" (diasumsikan)" if assumed else ""),
        className="late-known is-assumed" if assumed else "late-known",
        title=f"Diketahui {words.moment(row['known_time'])}",
    )


def simulated_mark() -> Component:
    """Return the words that every tile with simulated rows carries."""
    return html.Span("DATA SIMULASI", className="mark-simulated")


def empty(text: str, hint: str = "") -> Component:
    """Return the note of a panel that has nothing to show, and why."""
    return html.Div(
        [html.P(text, className="note-title"), html.P(hint) if hint else None],
        className="note note-empty",
    )


def unread_moment(asked: str = "") -> Component:
    """Return the note that `?pada=` of the address, as `asked`, is not what is shown.

    Without `asked` it waits unseen: assets/replay.js shows it while the address needs it.
    """
    return html.P(
        [
            "Saat “",
            html.Span(asked[:40] or None, id="saat-diminta"),
            "” tidak dikenali atau belum terjadi; yang tampil adalah kondisi terkini. Tuliskan"
            " seperti ",
            html.Code("pada=2026-02-18T03:10"),
            " (WIB).",
        ],
        id="saat-lain",
        role="status",
        hidden=not asked,
    )


def failed(reference: str) -> Component:
    """Return the note of a panel that could not be drawn; `reference` is also in the log."""
    return html.Div(
        [
            html.P("Panel ini gagal dimuat.", className="note-title"),
            html.P(["Panel lain tetap berjalan. Kode kesalahan: ", html.Code(reference)]),
        ],
        className="note note-failed",
        role="alert",
    )


def not_shown(status: int) -> Component:
    """Return the note in place of what an HTTP error kept from the reader."""
    reasons = {
        403: "Tidak berwenang melihat bagian ini. Muat ulang halaman.",
        404: "Bagian ini tidak ditemukan. Muat ulang halaman.",
    }
    return html.Div(
        html.P(reasons.get(status, "Bagian ini tidak dapat dimuat. Coba lagi nanti.")),
        className="note note-failed",
        role="alert",
    )


def refused() -> Component:
    """Return the page of those who may not see a page."""
    return html.Main(
        [
            html.H1("Tidak berwenang"),
            html.P("Peran Anda tidak memiliki akses ke halaman ini."),
            html.A("Kembali ke Beranda", href="/"),
        ],
        className="page page-note",
    )


def missing() -> Component:
    """Return the page of an address that leads nowhere."""
    return html.Main(
        [
            html.H1("Halaman tidak ditemukan"),
            html.P("Alamat ini tidak mengarah ke halaman mana pun."),
            html.A("Kembali ke Beranda", href="/"),
        ],
        className="page page-note",
    )


def loading() -> Component:
    """Return what stands in a panel until it has been drawn."""
    return html.Div(
        [html.Span("Memuat…", className="visually-hidden"), *[html.I() for _ in range(3)]],
        className="skeleton",
    )
