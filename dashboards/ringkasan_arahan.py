"""Arahan: the directives of the leadership, who carries them out, and how far they are.

URL    /ringkasan/arahan?keadaan=terlambat
Reads  the register of `data.directives`

What is noted stays: a directive stands as its steps say. The brief tells of open ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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
from dashboards.versions import LEDGER
from data import words
from data.asof import WIB
from data.directives import (
    FINISH,
    GIVE,
    LONGEST_NOTE,
    LONGEST_TEXT,
    PROGRESS,
    REOPEN,
    SILENT_AFTER,
    STATES,
    Directive,
    DirectiveError,
    Directives,
    count,
    is_link,
)
from data.lake import Lake
from data.queries import Row

PATH = f"{BRIEF}/arahan"
DO = f"{PATH}/tindakan"
DONE = {
    GIVE: "Diberikan",
    PROGRESS: "Kemajuan",
    FINISH: "Selesai",
    REOPEN: "Dibuka kembali",
}
# Action -> its word, what it asks for.
ACTIONS = {
    PROGRESS: ("Catat kemajuan", "Kemajuan"),
    FINISH: ("Tandai selesai", "Hasilnya"),
    REOPEN: ("Buka kembali", "Alasan"),
}
OFFICES = ("Gubernur", "Wakil Gubernur", "Sekretaris Daerah")
HOW = (
    "Arahan dicatat dengan pemberi, penanggung jawab dan tenggat; tiap kabar ditambahkan dengan"
    " peran dan waktunya, tidak ada yang dihapus. “Terlambat”: lewat tenggat dan belum selesai."
    f" “Tanpa data”: tidak ada kabar selama {SILENT_AFTER.days} hari. Nama orang tidak dicatat:"
    " sebut jabatan atau kantornya."
)


def mount(site: Site) -> None:
    """Put the page, its panels and its action on the site."""
    listed, form = panels = _panels(site)
    site.panels(*panels)
    site.action(DO, lambda: _do(site), roles=WRITERS)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.P(
                    [html.A("Ringkasan", href=BRIEF, **{"data-act": "visit"}), " › Arahan"],
                    className="breadcrumb",
                ),
                html.H1("Arahan", className="visually-hidden"),
                panel_slot(listed, class_name="register-list"),
                panel_slot(form, class_name="register-new"),
            ],
            className="page register-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Arahan",
        icon="brief",
        order=88,
        roles=READERS,
        layout=layout,
        listed=False,
    )


def draw(directives: Sequence[Directive], view: View) -> Component:
    """Draw the directives that the address asks for, with what narrows the list."""
    chosen = view.params.get("keadaan", "")
    shown = [one for one in directives if chosen not in STATES or one.state == chosen]
    writes = view.as_of.live and view.role.id in WRITERS
    return html.Div(
        [
            _filters(directives, chosen),
            html.Ul(
                [html.Li(_one(one, view, writes=writes)) for one in shown], className="register"
            )
            if shown
            else parts.empty(
                "Belum ada arahan" if not directives else "Tidak ada arahan dengan keadaan ini",
                "Arahan yang dicatat muncul di ringkasan sampai selesai.",
            ),
        ]
    )


def draw_form(view: View) -> Component:
    """Draw the form of a new directive."""
    if view.role.id not in WRITERS:
        return html.P("Arahan dicatat oleh operator, pimpinan, atau admin.")
    if not view.as_of.live:
        return html.P("Putar ulang: arahan hanya dapat dibaca.")
    today = view.as_of.event_time.astimezone(WIB).date()
    return html.Form(
        [
            parts.field(
                "Isi arahan",
                html.Textarea(name="text", rows=3, maxLength=LONGEST_TEXT),
                "Apa yang harus terjadi, di mana. Tanpa nama orang.",
            ),
            parts.field(
                "Pemberi arahan",
                html.Select([html.Option(name, value=name) for name in OFFICES], name="giver"),
            ),
            parts.field(
                "Penanggung jawab",
                parts.Input(type="text", name="owner"),
                "Perangkat daerah atau jabatan, seperti Dinas Sumber Daya Air.",
            ),
            parts.field(
                "Tenggat",
                parts.Input(
                    type="date",
                    name="due",
                    value=(today + timedelta(days=7)).isoformat(),
                ),
            ),
            parts.field(
                "Dasar atau bukti (boleh kosong)",
                parts.Input(type="text", name="evidence"),
                "Tautan atau nomor dokumen.",
            ),
            html.Div(button("Catat arahan", DO, GIVE), className="buttons"),
        ],
        className="register-form",
    )


def state_mark(state: str) -> Component:
    """Return how far a directive is, by shape and word."""
    return html.Span(
        [html.Span(className="register-shape", **{"aria-hidden": "true"}), STATES[state]],
        className=f"register-state is-{state.replace(' ', '-')}",
    )


def _filters(directives: Sequence[Directive], chosen: str) -> Component:
    counted = count(directives)
    choices = [("", "Semua", len(directives))]
    choices += [(state, word, counted[state]) for state, word in STATES.items()]
    return html.Div(
        [
            html.Button(
                f"{word} {words.number(number)}",
                type="button",
                className="chip",
                **{
                    "data-act": "go",
                    "data-name": "keadaan",
                    "data-value": state,
                    "aria-pressed": str(chosen == state).lower(),
                },
            )
            for state, word, number in choices
        ],
        className="chips",
        role="group",
        **{"aria-label": "Keadaan"},
    )


def _one(one: Directive, view: View, *, writes: bool) -> Component:
    return html.Article(
        [
            html.Header(
                [
                    state_mark(one.state),
                    html.Span(_due(one, view.as_of.event_time), className="register-due"),
                ]
            ),
            html.H3(one.text),
            html.P(
                [
                    "Dari ",
                    html.Strong(one.giver),
                    " kepada ",
                    html.Strong(one.owner),
                    f" · arahan nomor {one.number}",
                ],
                className="figure-note",
            ),
            html.P([html.Strong("Kabar terakhir. "), one.told]) if one.told else None,
            html.P([html.Strong("Bukti. "), _evidence(one.evidence)]) if one.evidence else None,
            html.Details(
                [
                    html.Summary(f"Riwayat ({words.number(len(one.steps))})", className="link"),
                    html.Ol([html.Li(_step(row)) for row in one.steps], className="register-steps"),
                ]
            ),
            _forms(one) if writes else None,
        ],
        className="register-one",
        **{"data-key": str(one.number)},
    )


def _due(one: Directive, now: datetime) -> str:
    day = words.day(one.due, weekday=False)
    left = (one.due - now.astimezone(WIB).date()).days
    if one.state == "selesai":
        return f"tenggat {day}"
    if left < 0:
        return f"tenggat {day}, lewat {words.number(-left)} hari"
    return f"tenggat {day}, {'hari ini' if left == 0 else f'{words.number(left)} hari lagi'}"


def _evidence(text: str) -> Component:
    if is_link(text):
        return html.A(text, href=text, target="_blank", rel="noopener noreferrer")
    return html.Span(text)


def _step(row: Mapping[str, Any]) -> list[Any]:
    role = ROLES[row["role"]].name if row["role"] in ROLES else row["role"]
    told = [row["text"]] if row["action"] != GIVE else []
    told += [f"tenggat baru {row['due']}"] if row["action"] == REOPEN else []
    return [
        html.Time(f"{words.short_moment(row['at'])} WIB", dateTime=row["at"].isoformat()),
        html.Span(
            [
                html.Strong(DONE[row["action"]]),
                f", dicatat {role}",
                f": {'; '.join(told)}" if told else "",
                [" · bukti: ", _evidence(row["evidence"])] if row["evidence"] else None,
            ]
        ),
    ]


def _forms(one: Directive) -> Component:
    names = [REOPEN] if one.state == "selesai" else [PROGRESS, FINISH]
    return html.Div([_form(name, one) for name in names], className="register-acts")


def _form(action: str, one: Directive) -> Component:
    word, label = ACTIONS[action]
    fields = [parts.field(label, html.Textarea(name="text", rows=2, maxLength=LONGEST_NOTE))]
    if action == REOPEN:
        day = parts.Input(type="date", name="due")
        fields.append(parts.field("Tenggat baru", day))
    else:
        name = "Bukti (wajib): tautan atau nomor dokumen"
        label = name if action == FINISH else "Bukti (boleh kosong)"
        proof = parts.Input(type="text", name="evidence")
        fields.append(parts.field(label, proof))
    return html.Details(
        [
            html.Summary(f"{word}…", className="button"),
            html.Form(
                [*fields, html.Div(button(word, DO, action, one.number), className="buttons")],
                className="register-form",
            ),
        ]
    )


def _panels(site: Site) -> tuple[Panel, Panel]:
    def known(view: View) -> list[Directive]:
        return Directives(site.store).at(view.as_of.known_time)

    def rows(_lake: Lake, view: View) -> list[Row]:
        return [_as_row(one) for one in known(view)]

    return (
        Panel(
            id="arahan",
            title="Arahan",
            feeds=(LEDGER,),
            roles=READERS,
            render=lambda _lake, view: draw(known(view), view),
            how=HOW,
            rows=rows,
            params=("keadaan",),
        ),
        # Nothing that others do may take away what somebody types.
        Panel(
            id="arahan-baru",
            title="Arahan baru",
            feeds=(),
            roles=READERS,
            render=lambda _lake, view: draw_form(view),
            how=HOW,
        ),
    )


def _as_row(one: Directive) -> Row:
    return {
        "nomor": one.number,
        "arahan": one.text,
        "pemberi": one.giver,
        "penanggung_jawab": one.owner,
        "tenggat": one.due,
        "keadaan": one.state,
        "kabar_terakhir": one.told,
        "bukti": one.evidence,
        "dicatat": one.given_at.astimezone(WIB),
        "kabar_pada": one.told_at.astimezone(WIB),
    }


def _do(site: Site) -> dict[str, Any]:
    asked = request.get_json()
    names = ("text", "giver", "owner", "due", "evidence")
    given = {name: asked.get(name, "") for name in names}
    if not all(isinstance(value, str) for value in given.values()):
        raise ActionError("Isian tidak dapat dibaca.")
    role, now, directives = current_role().id, site.clock.now(), Directives(site.store)
    action, number = str(asked.get("do", "")), str(asked.get("number", ""))
    try:
        if action == GIVE:
            return {"number": directives.give(**given, role=role, at=now)}
        kept = {name: given[name] for name in ("text", "evidence", "due")}
        one = int(number[:9]) if number.isdecimal() else 0
        directives.act(one, action, **kept, role=role, at=now)
    except DirectiveError as error:
        raise ActionError(str(error)) from error
    return {}
