"""Korban: victims and evacuees by kelurahan, counted by hand and signed by role and time.

URL    /ringkasan/korban
Reads  the register of `data.victims`

No source tells of them otherwise; what nobody counted in the last day reads "belum diketahui".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import request

from dashboards import parts
from dashboards.access import ROLES, current_role
from dashboards.panels import Panel, View, panel_slot
from dashboards.register_form import button
from dashboards.ringkasan_sheet import PATH as BRIEF
from dashboards.ringkasan_sheet import READERS, WRITERS
from dashboards.site import ActionError, Site
from dashboards.tables import cell, table
from dashboards.versions import LEDGER
from data import words
from data.asof import WIB
from data.lake import Lake
from data.queries import Row
from data.victims import (
    KINDS,
    TELLS_FOR,
    Count,
    Told,
    Victims,
    VictimsError,
    kelurahan,
)

PATH = f"{BRIEF}/korban"
DO = f"{PATH}/tindakan"
HOURS = int(TELLS_FOR.total_seconds() // 3600)
UNKNOWN = "belum diketahui"
HOW = (
    "Hitungan per kelurahan diisi Pusdalops dengan waktu, sumber dan peran. Yang lebih baru"
    " menggantikan yang lama di kelurahan itu; yang ditarik tetap tercatat. Hitungan berlaku"
    f" {HOURS} jam; sesudah itu “belum diketahui”, bukan nol. Jumlah kota adalah jumlah kelurahan"
    " yang melapor. Nama dan data perorangan tidak disimpan."
)


def mount(site: Site) -> None:
    """Put the page, its panels and its action on the site."""
    summed, listed, form = panels = _panels(site)
    site.panels(*panels)
    site.action(DO, lambda: _do(site), roles=WRITERS)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.P(
                    [
                        html.A("Ringkasan", href=BRIEF, **{"data-act": "visit"}),
                        " › Korban dan pengungsi",
                    ],
                    className="breadcrumb",
                ),
                html.H1("Korban dan pengungsi", className="visually-hidden"),
                html.Div([panel_slot(summed), panel_slot(listed)], className="register-list"),
                panel_slot(form, class_name="register-new"),
            ],
            className="page register-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Korban dan pengungsi",
        icon="brief",
        order=89,
        roles=READERS,
        layout=layout,
        listed=False,
    )


def draw_sums(told: Told | None) -> Component:
    """Draw what is known of the whole city."""
    figures = [_figure(kind, word, told) for kind, word in KINDS.items()]
    return html.Div(
        [
            html.Div(figures, className="figures"),
            html.P(_span(told), className="figure-note"),
        ]
    )


def draw_list(counts: Sequence[Count], view: View) -> Component:
    """Draw every count, newest first, with what became of it."""
    if not counts:
        return parts.empty(
            "Korban dan pengungsi belum diketahui", "Isi hitungan pertama di formulir."
        )
    names = dict(kelurahan())
    writes = view.as_of.live and view.role.id in WRITERS
    heads = ["Kelurahan", "Dihitung (WIB)", *KINDS.values(), "Sumber", "Keadaan"]
    return table(heads, [_row(one, names, writes=writes) for one in counts])


def draw_form(view: View) -> Component:
    """Draw the form of a new count."""
    if view.role.id not in WRITERS:
        return html.P("Hitungan diisi oleh operator, pimpinan, atau admin.")
    if not view.as_of.live:
        return html.P("Putar ulang: hitungan hanya dapat dibaca.")
    places = [html.Option("Pilih kelurahan", value="")]
    places += [html.Option(name, value=code) for code, name in kelurahan()]
    return html.Form(
        [
            parts.field("Kelurahan", html.Select(places, name="kelurahan_code")),
            parts.field(
                "Waktu hitungan (WIB)",
                parts.Input(type="datetime-local", name="counted_at"),
            ),
            html.Div(
                [
                    parts.field(
                        f"{word} (orang)",
                        parts.Input(
                            type="text",
                            name=kind,
                        ),
                    )
                    for kind, word in KINDS.items()
                ],
                className="register-numbers",
            ),
            html.Small("Yang belum diketahui dibiarkan kosong: kosong bukan nol."),
            parts.field(
                "Sumber",
                parts.Input(type="text", name="source"),
                "Posko, kantor, atau nomor laporan. Tanpa nama orang.",
            ),
            html.Div(button("Simpan hitungan", DO, "enter"), className="buttons"),
        ],
        className="register-form",
    )


def _span(told: Told | None) -> str:
    if told is None:
        return f"Belum ada hitungan dalam {HOURS} jam terakhir."
    first, last = words.short_moment(told.oldest), words.short_moment(told.newest)
    span = last if first == last else f"{first} sampai {last}"
    return f"Dari {words.number(len(told.counts))} kelurahan, hitungan {span} WIB."


def _figure(kind: str, word: str, told: Told | None) -> Component:
    number = None if told is None else told.of(kind)
    shown: Any = html.Span(UNKNOWN, className="reading-none")
    if number is not None:
        shown = [
            html.Span(words.number(number), className="value"),
            html.Span("orang", className="figure-unit"),
        ]
    return html.Div(
        [html.Div(word, className="figure-label"), html.Div(shown, className="figure-value")],
        className="figure",
    )


def _row(one: Count, names: dict[str, str], *, writes: bool) -> Component:
    signed = f"{_role(one.role)}, {words.short_moment(one.at)} WIB"
    return html.Tr(
        [
            cell("Kelurahan", names.get(one.kelurahan_code, one.kelurahan_code)),
            cell("Dihitung (WIB)", words.short_moment(one.counted_at)),
            *(
                cell(
                    word, UNKNOWN if one.of(kind) is None else words.number(one.of(kind)), "number"
                )
                for kind, word in KINDS.items()
            ),
            cell("Sumber", [one.source, html.Div(signed, className="figure-note")]),
            cell("Keadaan", _state(one, writes=writes)),
        ],
        className=f"count count-{one.state}",
        **{"data-key": str(one.id)},
    )


def _state(one: Count, *, writes: bool) -> list[Any]:
    said = {
        "berlaku": "Berlaku",
        "diganti": "Diganti yang lebih baru",
        "lewat": f"Lewat {HOURS} jam",
        "ditarik": "Ditarik",
    }[one.state]
    if one.withdrawn_at is not None:
        gone = f"{_role(one.withdrawn_by)}, {words.short_moment(one.withdrawn_at)} WIB"
        return [said, html.Div(f"{gone}: {one.withdrawn_for}", className="figure-note")]
    return [said, _withdraw_form(one) if writes else None]


def _withdraw_form(one: Count) -> Component:
    reason = parts.Input(type="text", name="reason")
    return html.Details(
        [
            html.Summary("Tarik…", className="link"),
            html.Form(
                [parts.field("Alasan", reason), button("Tarik hitungan", DO, "withdraw", one.id)],
                className="register-form",
            ),
        ]
    )


def _panels(site: Site) -> tuple[Panel, Panel, Panel]:
    def counts(view: View) -> list[Count]:
        return Victims(site.store).all(view.as_of.known_time)

    def rows(_lake: Lake, view: View) -> list[Row]:
        return [_as_row(one) for one in counts(view)]

    return (
        Panel(
            id="korban-jumlah",
            title="Korban dan pengungsi",
            feeds=(LEDGER,),
            roles=READERS,
            render=lambda _lake, view: draw_sums(Victims(site.store).at(view.as_of.known_time)),
            how=HOW,
        ),
        Panel(
            id="korban",
            title="Hitungan per kelurahan",
            feeds=(LEDGER,),
            roles=READERS,
            render=lambda _lake, view: draw_list(counts(view), view),
            how=HOW,
            rows=rows,
        ),
        # Nothing that others do may take away what somebody types.
        Panel(
            id="korban-baru",
            title="Hitungan baru",
            feeds=(),
            roles=READERS,
            render=lambda _lake, view: draw_form(view),
            how=HOW,
        ),
    )


def _as_row(one: Count) -> Row:
    return {
        "kelurahan": one.kelurahan_code,
        "dihitung": one.counted_at.astimezone(WIB),
        **{word.lower(): one.of(kind) for kind, word in KINDS.items()},
        "sumber": one.source,
        "peran": one.role,
        "dicatat": one.at.astimezone(WIB),
        "keadaan": one.state,
        "alasan_ditarik": one.withdrawn_for,
    }


def _role(role: str) -> str:
    return ROLES[role].name if role in ROLES else role


def _do(site: Site) -> dict[str, Any]:
    asked = request.get_json()
    names = ("kelurahan_code", "counted_at", "source", "reason", "number", *KINDS)
    given = {name: asked.get(name, "") for name in names}
    if not all(isinstance(value, str) for value in given.values()):
        raise ActionError("Isian tidak dapat dibaca.")
    victims, number = Victims(site.store), given["number"]
    role, now = current_role().id, site.clock.now()
    try:
        if asked.get("do") == "enter":
            made = victims.enter(
                given["kelurahan_code"],
                counted_at=given["counted_at"],
                source=given["source"],
                counts={kind: given[kind] for kind in KINDS},
                role=role,
                at=now,
            )
            return {"number": made}
        if asked.get("do") != "withdraw":
            raise ActionError("Tindakan ini tidak dikenal.")
        victims.withdraw(
            int(number[:9]) if number.isdecimal() else 0, reason=given["reason"], role=role, at=now
        )
    except VictimsError as error:
        raise ActionError(str(error)) from error
    return {}
