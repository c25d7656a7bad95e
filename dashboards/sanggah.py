"""Sanggah: an office says why its stint with a complaint should not count, and others decide.

URL    /sanggah?keadaan=menunggu&milik=semua    the appeals
       /sanggah?pengaduan=JK2603010001&unit=    one complaint: its stints, what was said, the form
Reads  complaint_stints, unit_scores, rule_values, flood_days, and the appeals of the store

Lurah and camat file for offices of their territory; inspectors decide within five working days.
What is filed is frozen as it stood; the score is shown with and without it. What a person does is
posted to /sanggah/tindakan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from dash import html
from dash.development.base_component import Component
from flask import request

from dashboards import boards_kept, boards_table, boards_words, parts
from dashboards.access import EVERYONE, ROLES, Role, current_role, within
from dashboards.complaint_search import DAILY
from dashboards.panels import Body, Panel, View, panel_slot
from dashboards.site import ActionError, Site
from dashboards.tables import cell, table
from dashboards.versions import LEDGER
from data import boards, queries, reference, words
from data.appeals import (
    LONGEST_EVIDENCE,
    LONGEST_TEXT,
    REASONS,
    STATES,
    WAITING,
    WORKING_DAYS,
    Appeal,
    AppealError,
    Appeals,
)
from data.asof import WIB
from data.boards import Board, Level, Question, Standing
from data.lake import Lake
from data.queries import Row

PATH = "/sanggah"
ACT = f"{PATH}/tindakan"
READERS = EVERYONE - {"publik"}
FILERS = frozenset({"lurah", "camat"})
DECIDERS = frozenset({"inspektur", "admin"})
MAY: Mapping[str, frozenset[str]] = {
    "file": FILERS,
    "withdraw": FILERS,
    "examine": DECIDERS,
    "accept": DECIDERS,
    "reject": DECIDERS,
}
# What was done, in the history.
DONE = {
    "file": "Diajukan",
    "examine": "Mulai diperiksa",
    "accept": "Diterima",
    "reject": "Ditolak",
    "withdraw": "Ditarik kembali",
}
# Value of `?keadaan=` -> word, states.
CHOICES: Mapping[str, tuple[str, frozenset[str]]] = {
    "menunggu": ("Menunggu keputusan", WAITING),
    "lewat-tenggat": ("Lewat tenggat", frozenset({"overdue"})),
    "diterima": ("Diterima", frozenset({"accepted"})),
    "ditolak": ("Ditolak", frozenset({"rejected"})),
    "ditarik": ("Ditarik kembali", frozenset({"withdrawn"})),
}
ENDINGS = {"handed": "Diserahkan", "finished": "Selesai", "rejected": "Ditolak"}
HOW = (
    "Sanggahan membekukan satu penanganan: satu laporan di tangan satu unit. Bila diterima,"
    " penanganan itu keluar dari tingkat kinerja dan rentang peringkat mulai potongan tengah malam"
    " berikutnya. Nilai menurut aturan berlaku tidak berubah, karena itu yang diikuti pembayaran."
    f" Tenggat keputusan {WORKING_DAYS} hari kerja sesudah diajukan, pukul 24.00 WIB; Sabtu,"
    " Minggu, dan libur menurut daftar acuan tidak dihitung."
)


@dataclass(frozen=True)
class Place:
    """Where the stints of a unit count on the boards.

    Args:
        unit: As boards name it: code of the area, or name of the perangkat daerah.
        area: Kemendagri code of what it serves; "31" is the whole city.
    """

    level: Level
    unit: str
    area: str


@dataclass(frozen=True)
class Case:
    """One complaint as an appeal may be about it.

    Args:
        stints: Rows of the query `complaint_stints`; none where it is not known.
        appeals: About it, newest first.
        units: For which the reader may file.
    """

    complaint_id: str
    stints: Sequence[Row]
    appeals: Sequence[Appeal]
    units: Sequence[str]


def mount(site: Site) -> None:
    """Put the page, its panels and its action on the site."""
    listed, case, effect = panels = _panels(site)
    site.panels(*panels)
    site.action(ACT, lambda: _act(site), roles=READERS)

    def layout(pengaduan: Any = None, **_query: Any) -> Component:
        if parts.one(pengaduan):
            slots = [
                panel_slot(case, class_name="wide appeal-panel"),
                panel_slot(effect, class_name="wide appeal-panel"),
            ]
        else:
            slots = [panel_slot(listed, class_name="wide appeal-panel")]
        return html.Main(
            [html.H1("Sanggah", className="visually-hidden"), *slots],
            className="page page-grid appeal-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Sanggah",
        icon="appeal",
        order=72,
        roles=READERS,
        layout=layout,
    )


def place_of(unit: str) -> Place:
    """Return where the stints of an office or perangkat daerah count."""
    row = next((row for row in reference.rows("agencies") if row["agency"] == unit), None)
    if row is not None and row["kind"] in ("kelurahan", "kecamatan", "kota"):
        return Place(row["kind"], row["area_code"], row["area_code"])  # type: ignore[arg-type]
    return Place("agency", unit, "31")


def units_for(role: Role, stints: Sequence[Row]) -> list[str]:
    """Return for which units a role may file about a complaint.

    These are the offices of its territory that held it, and its own office where the place of the
    problem lies in the territory.
    """
    if role.id not in FILERS:
        return []
    held = [row["unit"] for row in stints if within(place_of(row["unit"]).area, role.area)]
    inside = any(within(row["kelurahan_code"] or "", role.area) for row in stints)
    own = [row["agency"] for row in reference.rows("agencies") if row["area_code"] == role.area]
    return list(dict.fromkeys([*held, *(own if inside else ())]))


def draw_list(appeals: Sequence[Appeal], view: View) -> Component:
    """Draw the appeals, those that wait first, with what narrows the list."""
    mine = [one for one in appeals if is_mine(one, view.role)]
    chosen = mine if _only_mine(view) else list(appeals)
    state = view.params.get("keadaan", "")
    shown = [one for one in chosen if state not in CHOICES or one.state in CHOICES[state][1]]
    return html.Div(
        [
            _filters(appeals, mine, chosen, view),
            html.P(f"Keadaan “{state}” tidak dikenal; semua ditampilkan.", role="status")
            if state and state not in CHOICES
            else None,
            table(
                ["Keadaan", "Laporan", "Unit", "Alasan", "Diajukan (WIB)", "Tenggat", "Keputusan"],
                [_line(one, view) for one in shown],
            )
            if shown
            else parts.empty(
                "Tidak ada sanggahan" if not chosen else "Tidak ada yang cocok dengan pilihan ini",
                "Sanggahan diajukan dari laporan di “Mengapa posisi ini?” pada halaman Peringkat.",
            ),
        ]
    )


def draw_case(case: Case, view: View) -> Component:
    """Draw one complaint: its stints, what was said about it, and what the reader may do."""
    if not case.stints and not case.appeals:
        return html.Div(
            [
                html.P(
                    f"Laporan “{case.complaint_id[:40]}” tidak ada dalam hitungan peringkat per"
                    f" {words.midnight(boards.cut_of(view.as_of))}.",
                    className="note-title",
                ),
                html.P("Periksa nomornya. Laporan hari ini masuk hitungan sesudah tengah malam."),
                _back(),
            ],
            className="note",
            role="alert",
        )
    return html.Div(
        [
            _head(case, boards.cut_of(view.as_of)),
            html.Div(
                [_appeal(one, view) for one in case.appeals],
                className="appeal-list",
            )
            if case.appeals
            else None,
            _form(case, view),
        ],
        className="appeal-case",
    )


def draw_effect(case: Case, unit: str, counted: Board, without: Board, accepted: bool) -> Component:
    """Draw the score of a unit with and without its stints with a complaint.

    Args:
        counted: Board with them.
        without: Board without them.
        accepted: They do not count any more.
    """
    place = place_of(unit)
    now, then = counted.of(place.unit), without.of(place.unit)
    question = counted.question
    if now is None:
        return parts.empty("Unit ini tidak ada pada peringkat bawaan", _office(unit))
    same = then is not None and (now.n, now.on_time) == (then.n, then.on_time)
    ranks = boards_words.in_ranks(counted)
    return html.Div(
        [
            html.P(
                f"{_office(unit)}, {words.period(question.since, question.until)}, data per"
                f" {boards_words.as_of(counted)}."
            ),
            table(
                [
                    "Hitungan",
                    "Tepat waktu di tangan sendiri",
                    "Jumlah (n)",
                    "Tingkat",
                    "Rentang 90 %",
                ],
                [
                    _standing("Dengan penanganan ini", now, ranks, in_force=not accepted),
                    _standing("Tanpa penanganan ini", then, ranks, in_force=accepted),
                ],
            ),
            html.P(_difference(case, now, then, same)),
            html.P(
                "Nilai menurut aturan berlaku tidak berubah oleh sanggahan:"
                f" {words.percent(now.rule_share)} tepat waktu dari"
                f" {words.number(now.rule_due)} laporan jatuh tempo.",
                className="rank-note",
            ),
            parts.simulated_mark() if counted.simulated else None,
        ]
    )


def is_mine(appeal: Appeal, role: Role) -> bool:
    """Answer whether an appeal was filed by a role, or is about an office of its territory."""
    if role.area == "31":
        return appeal.filed_by == role.id
    return appeal.filed_by == role.id or within(place_of(appeal.unit).area, role.area)


def _panels(site: Site) -> tuple[Panel, Panel, Panel]:
    desk = Appeals(site.store)

    def case(lake: Lake, view: View) -> Case:
        number = view.params.get("pengaduan", "")
        stints = queries.complaint_stints(lake, number, cut=boards.cut_of(view.as_of))
        found = desk.of(number, view.as_of.event_time)
        return Case(number, stints, found, units_for(view.role, stints))

    def listed(view: View) -> list[Appeal]:
        return [one for one in desk.all(view.as_of.event_time) if _inside(one, view.area)]

    def render_effect(lake: Lake, view: View) -> Body:
        shown = case(lake, view)
        units = _units(shown)
        if not units:
            return parts.empty("Laporan ini tidak memengaruhi peringkat mana pun")
        asked = view.params.get("unit", "")
        unit = asked if asked in units else units[0]
        choices = _unit_choices(units, unit)
        created = shown.stints[0]["created_at"].astimezone(WIB).date()
        cut = boards.cut_of(view.as_of)
        question = Question.usual(place_of(unit).level, cut)
        if not question.since <= created <= question.until:
            period = words.period(question.since, question.until)
            return html.Div(
                [
                    choices,
                    parts.empty(
                        "Laporan ini di luar periode peringkat bawaan",
                        f"Peringkat {_office(unit)} sekarang menghitung {period}.",
                    ),
                ]
            )
        this = {f"{shown.complaint_id} {unit}"}
        kept = boards_kept.excluded(site, view.as_of)
        base = boards_kept.board(site, view.as_of, question)
        accepted = bool(this & kept)
        other = boards.board(lake, view.as_of, question, excluded=kept ^ this)
        counted, without = (other, base) if accepted else (base, other)
        return html.Div([choices, draw_effect(shown, unit, counted, without, accepted)])

    return (
        _panel(
            "appeal-list",
            "Sanggahan",
            (LEDGER,),
            lambda _lake, view: draw_list(listed(view), view),
            params=("keadaan", "milik"),
            rows=lambda _lake, view: [_as_row(one) for one in listed(view)],
        ),
        _panel(
            "appeal-case",
            "Sanggah atas satu laporan",
            (LEDGER,),
            lambda lake, view: draw_case(case(lake, view), view),
            params=("pengaduan",),
            asked=("complaint_stints",),
        ),
        _panel(
            "appeal-effect",
            "Pengaruhnya pada peringkat",
            DAILY,
            render_effect,
            params=("pengaduan", "unit"),
            asked=("complaint_stints", "unit_scores", "rule_values", "flood_days"),
        ),
    )


def _panel(
    name: str,
    title: str,
    feeds: tuple[str, ...],
    render: Callable[[Lake, View], Body],
    *,
    params: tuple[str, ...],
    asked: tuple[str, ...] = (),
    rows: Callable[[Lake, View], list[Row]] | None = None,
) -> Panel:
    return Panel(name, title, feeds, READERS, render, HOW, queries=asked, rows=rows, params=params)


def _act(site: Site) -> dict[str, Any]:
    """Note what is done: `{"action", "pengaduan", "unit", "reason"?, "text"?, "evidence"?}`."""
    asked = request.get_json()
    action, number, unit = (_text(asked, name) for name in ("action", "pengaduan", "unit"))
    role, now = current_role(), site.clock.now()
    if role.id not in MAY.get(action, frozenset()):
        raise ActionError("Peran Anda tidak dapat melakukan ini.")
    desk = Appeals(site.store)
    text = _text(asked, "text")
    try:
        if action != "file":
            desk.act(number, unit, action, role=role.id, at=now, text=text)
            return {"done": DONE[action]}
        stints = queries.complaint_stints(site.lake, number, cut=now.astimezone(WIB).date())
        if unit not in units_for(role, stints):
            raise ActionError("Laporan ini tidak dapat disanggah untuk unit itu oleh peran Anda.")
        desk.file(
            number,
            unit,
            item=_frozen(stints, unit),
            role=role.id,
            at=now,
            reason=_text(asked, "reason"),
            text=text,
            evidence=_text(asked, "evidence"),
        )
    except AppealError as error:
        raise ActionError(str(error)) from error
    return {"done": DONE[action]}


def _frozen(stints: Sequence[Row], unit: str) -> Row:
    """Return the unit's last stint; without one, what is known of the complaint."""
    held = [row for row in stints if row["unit"] == unit]
    if held:
        return held[-1]
    told = ("kelurahan_code", "category", "created_at", "simulated")
    return {name: stints[0][name] for name in told}


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise ActionError("Permintaan tidak dapat dibaca.")
    return value


def _inside(appeal: Appeal, area: str) -> bool:
    """Answer whether an appeal is about an area: by the place of the problem, or of the office."""
    codes = (appeal.item.get("kelurahan_code") or "", place_of(appeal.unit).area)
    return area == "31" or any(within(code, area) for code in codes)


def _only_mine(view: View) -> bool:
    usual = "saya" if view.role.area != "31" else "semua"
    return view.params.get("milik", usual) == "saya"


def _filters(
    appeals: Sequence[Appeal], mine: Sequence[Appeal], chosen: Sequence[Appeal], view: View
) -> Component:
    state = view.params.get("keadaan", "")
    counts = Counter(one.state for one in chosen)
    whose = [
        _chip("milik", "saya", "Wilayah saya", len(mine), pressed=_only_mine(view)),
        _chip("milik", "semua", "Semua wilayah", len(appeals), pressed=not _only_mine(view)),
    ]
    return html.Div(
        [
            html.Div(whose, className="chips", role="group", **{"aria-label": "Milik"})
            if view.role.area != "31"
            else None,
            html.Div(
                [
                    _chip("keadaan", "", "Semua", len(chosen), pressed=state not in CHOICES),
                    *(
                        _chip(
                            "keadaan",
                            key,
                            word,
                            sum(counts[name] for name in states),
                            pressed=state == key,
                        )
                        for key, (word, states) in CHOICES.items()
                    ),
                ],
                className="chips",
                role="group",
                **{"aria-label": "Keadaan"},
            ),
        ],
        className="appeal-filters",
    )


def _chip(name: str, value: str, word: str, count: int, *, pressed: bool) -> Component:
    return html.Button(
        [f"{word} ", html.Strong(words.number(count))],
        type="button",
        className="chip",
        **{
            "data-act": "go",
            "data-name": name,
            "data-value": value,
            "aria-pressed": "true" if pressed else "false",
        },
    )


def _line(one: Appeal, view: View) -> Component:
    decision = words.NOTHING if one.decided_at is None else one.decision or DONE["withdraw"]
    return html.Tr(
        [
            cell("Keadaan", state_mark(one.state)),
            cell("Laporan", _link(one.complaint_id)),
            cell("Unit", _office(one.unit)),
            cell("Alasan", REASONS.get(one.reason, one.reason)),
            cell(
                "Diajukan (WIB)",
                [
                    html.Time(words.short_moment(one.filed_at), dateTime=one.filed_at.isoformat()),
                    html.Div(_role(one.filed_by), className="rank-small"),
                ],
            ),
            cell("Tenggat", _deadline(one, view)),
            cell("Keputusan", decision),
        ]
    )


def state_mark(state: str) -> Component:
    """Return the state of an appeal by shape and word."""
    return html.Span(
        [
            html.Span(className="appeal-shape", **{"aria-hidden": "true"}),
            html.Span(STATES[state]),
        ],
        className=f"appeal-state appeal-{state}",
    )


def _deadline(one: Appeal, view: View) -> Component:
    # The deadline is a midnight, which belongs to the day that it ends.
    last = words.day(one.until - timedelta(seconds=1), weekday=False)
    if not one.waits:
        return html.Span(f"{last} pukul 24.00 WIB")
    return html.Span(
        [
            f"{last} pukul 24.00 WIB",
            html.Div(
                _left(one.until, view.as_of.event_time),
                className="appeal-left",
                **{"data-deadline": one.until.isoformat()},
            ),
        ]
    )


def _left(until: datetime, now: datetime) -> str:
    span = until - now
    if span <= timedelta(0):
        return f"lewat {words.duration(-span)}"
    return f"sisa {words.duration(span)}"


def _head(case: Case, cut: date) -> Component:
    first = case.stints[0] if case.stints else None
    return html.Div(
        [
            html.Div(
                [
                    html.P(
                        html.A(
                            case.complaint_id,
                            href=f"/pengaduan/{quote(case.complaint_id, safe='')}",
                            **{"data-act": "visit"},
                        ),
                        className="appeal-number",
                    ),
                    html.P(
                        f"{(first['category'] or 'tanpa kategori').strip()} ·"
                        f" {_area(first['kelurahan_code'])} · masuk"
                        f" {words.moment(first['created_at'])}"
                    )
                    if first
                    else html.P("Laporan ini tidak lagi ada dalam hitungan."),
                    html.P(
                        "Laporan gabungan: dalam kinerja dihitung bersama laporan pertamanya.",
                        className="rank-note",
                    )
                    if first and first["joined"]
                    else None,
                    parts.simulated_mark() if first and first["simulated"] else None,
                ]
            ),
            _back(),
            html.Div(
                table(
                    ["Di tangan", "Diterima (WIB)", "Batas selesai", "Berakhir", "Penilaian"],
                    [_stint(row, cut) for row in case.stints],
                ),
                className="appeal-stints",
            )
            if case.stints
            else None,
        ],
        className="appeal-head",
    )


def _stint(row: Row, cut: date) -> Component:
    ended = words.short_moment(row["ended_at"])
    ending = "Masih berjalan" if row["ended_at"] is None else f"{ENDINGS[row['ending']]}, {ended}"
    return html.Tr(
        [
            html.Th(_office(row["unit"]), scope="row"),
            cell("Diterima (WIB)", words.short_moment(row["started_at"])),
            cell("Batas selesai", words.short_moment(row["due_at"])),
            cell("Berakhir", ending),
            cell("Penilaian", _judged(row["on_time"], row["due_at"], cut)),
        ]
    )


def _judged(on_time: bool | None, due: datetime | None, cut: date) -> str:
    """Say how a stint is judged that is known up to a midnight (WIB)."""
    if due is None:
        return "tidak dapat dinilai"
    if on_time is None:
        is_late = due <= datetime.combine(cut, datetime.min.time(), WIB)
        return "masih berjalan, lewat batas" if is_late else "masih berjalan"
    return "tepat waktu" if on_time else "terlambat"


def _appeal(one: Appeal, view: View) -> Component:
    return html.Article(
        [
            html.Header(
                [
                    html.H3([_office(one.unit), " ", state_mark(one.state)]),
                    html.Div(["Tenggat keputusan ", _deadline(one, view)]) if one.waits else None,
                ]
            ),
            html.Dl(
                [
                    html.Dt("Alasan"),
                    html.Dd(REASONS.get(one.reason, one.reason)),
                    html.Dt("Penjelasan"),
                    html.Dd(one.text, className="appeal-text"),
                    *((html.Dt("Bukti"), html.Dd(_evidence(one.evidence))) if one.evidence else ()),
                    html.Dt("Dibekukan"),
                    html.Dd(_frozen_words(one.item, one.filed_at.astimezone(WIB).date())),
                ],
                className="appeal-facts",
            ),
            html.Ol([_done(row) for row in one.actions], className="appeal-history"),
            _decide(one, view),
        ],
        className="appeal",
    )


def _done(row: Mapping[str, Any]) -> Component:
    said = f": {row['text']}" if row["text"] and row["action"] != "file" else ""
    return html.Li(
        [
            html.Time(words.short_moment(row["at"]), dateTime=row["at"].isoformat()),
            html.Span([html.Strong(DONE[row["action"]]), f" oleh {_role(row['role'])}{said}"]),
        ]
    )


def _frozen_words(item: Mapping[str, Any], cut: date) -> str:
    if "started_at" not in item:
        return "Unit ini tidak pernah memegang laporan; tidak ada penanganan yang dihitung."
    ended = item.get("ended_at")
    until = (
        f"{words.short_moment(datetime.fromisoformat(ended))} WIB" if ended else "masih berjalan"
    )
    begun = words.short_moment(datetime.fromisoformat(item["started_at"]))
    due = item.get("due_at") and datetime.fromisoformat(item["due_at"])
    judged = _judged(item.get("on_time"), due, cut)
    return f"Penanganan {begun} – {until}; {judged}, seperti saat diajukan."


def _evidence(text: str) -> Any:
    """Return a link where the evidence is nothing but one, else the text."""
    url = urlsplit(text)
    if url.scheme in ("http", "https") and url.netloc and " " not in text:
        return html.A(text, href=text, target="_blank", rel="noopener noreferrer")
    return html.Span(text, className="appeal-text")


def _decide(one: Appeal, view: View) -> Component | None:
    """Return what the reader may do about an appeal that waits."""
    if not one.waits or not view.as_of.live:
        return None
    if view.role.id == one.filed_by:
        return html.Div(_button("withdraw", "Tarik kembali", one, first=False), className="buttons")
    if view.role.id not in DECIDERS:
        return None
    examined = any(row["action"] == "examine" for row in one.actions)
    return html.Form(
        [
            parts.field(
                "Alasan keputusan (wajib, tanpa data pribadi)",
                html.Textarea(name="text", rows=3, maxLength=LONGEST_TEXT),
            ),
            html.Div(
                [
                    None if examined else _button("examine", "Mulai periksa", one, first=False),
                    _button("accept", "Terima sanggahan", one),
                    _button("reject", "Tolak sanggahan", one, first=False),
                ],
                className="buttons",
            ),
        ],
        className="appeal-form",
        **{"data-key": one.unit},
    )


def _form(case: Case, view: View) -> Component | None:
    """Return the form of a new appeal, or why there is none."""
    if not view.as_of.live:
        return html.P("Putar ulang: sanggahan hanya dapat dibaca.", className="rank-note")
    if view.role.id not in FILERS:
        if case.appeals:
            return None
        return html.P("Sanggahan diajukan oleh lurah atau camat wilayahnya.", className="rank-note")
    if not case.units:
        return html.P(
            "Laporan ini bukan dari wilayah Anda dan tidak pernah di tangan kantor Anda, sehingga"
            " tidak dapat Anda sanggah.",
            className="rank-note",
        )
    closed = {one.unit for one in case.appeals if one.state != "withdrawn"}
    units = [unit for unit in case.units if unit not in closed]
    if not units:
        return None
    return html.Form(
        [
            html.H3("Ajukan sanggahan"),
            html.P(
                f"Diputuskan inspektur paling lambat {WORKING_DAYS} hari kerja. Penanganan"
                " dibekukan seperti sekarang.",
                className="figure-note",
            ),
            parts.field(
                "Untuk unit",
                html.Select(
                    [html.Option(_office(unit), value=unit) for unit in units], name="unit"
                ),
            ),
            parts.field(
                "Alasan",
                html.Select(
                    [html.Option("Pilih alasan", value="")]
                    + [html.Option(word, value=key) for key, word in REASONS.items()],
                    name="reason",
                ),
            ),
            parts.field(
                "Penjelasan (tanpa nama, nomor telepon, NIK, atau surel siapa pun)",
                html.Textarea(name="text", rows=4, maxLength=LONGEST_TEXT),
            ),
            parts.field(
                "Bukti: tautan atau keterangan (boleh kosong)",
                html.Textarea(name="evidence", rows=2, maxLength=LONGEST_EVIDENCE),
            ),
            html.Div(
                html.Button(
                    "Ajukan",
                    type="button",
                    className="button is-first",
                    **{
                        "data-act": "appeal",
                        "data-do": "file",
                        "data-complaint": case.complaint_id,
                    },
                ),
                className="buttons",
            ),
        ],
        className="appeal-form",
    )


def _button(action: str, word: str, one: Appeal, *, first: bool = True) -> Component:
    return html.Button(
        word,
        type="button",
        className="button is-first" if first else "button",
        **{
            "data-act": "appeal",
            "data-do": action,
            "data-complaint": one.complaint_id,
            "data-unit": one.unit,
        },
    )


def _units(case: Case) -> list[str]:
    """Return the units whose effect is worth showing: appealed ones, the reader's, then all."""
    held = {row["unit"] for row in case.stints}
    units = [one.unit for one in case.appeals] + list(case.units)
    units += [row["unit"] for row in case.stints]
    return [unit for unit in dict.fromkeys(units) if unit in held]


def _unit_choices(units: Sequence[str], chosen: str) -> Component | None:
    if len(units) < 2:
        return None
    return html.Div(
        [
            html.Button(
                _office(unit),
                type="button",
                className="chip",
                **{
                    "data-act": "go",
                    "data-name": "unit",
                    "data-value": unit,
                    "aria-pressed": "true" if unit == chosen else "false",
                },
            )
            for unit in units
        ],
        className="chips",
        role="group",
        **{"aria-label": "Unit"},
    )


def _standing(label: str, unit: Standing | None, ranks: int, *, in_force: bool) -> Component:
    name = html.Th(
        [label, html.Strong(" · yang berlaku") if in_force else None],
        scope="row",
    )
    if unit is None or unit.share is None:
        return html.Tr([name, cell("Tepat waktu", "tidak ada penanganan yang jatuh tempo")])
    return html.Tr(
        [
            name,
            cell("Tepat waktu di tangan sendiri", words.percent(unit.share, 2)),
            cell("Jumlah (n)", words.number(unit.n)),
            cell("Tingkat", boards_table.tier_mark(unit)),
            cell("Rentang 90 %", boards_table.interval_bar(unit, ranks)),
        ]
    )


def _difference(case: Case, now: Standing, then: Standing | None, same: bool) -> str:
    if same:
        joined = bool(case.stints and case.stints[0]["joined"])
        return (
            "Tidak mengubah hitungan: laporan gabungan dihitung bersama laporan pertamanya."
            if joined
            else "Tidak mengubah hitungan: penanganan ini belum jatuh tempo."
        )
    if then is None or then.share is None or now.share is None:
        return "Tanpa penanganan ini tidak ada lagi yang dapat dihitung."
    points = 100 * (then.share - now.share)
    sign = "+" if points > 0 else ""
    tier = (
        "tingkatnya tetap"
        if then.tier == now.tier
        else f"tingkatnya menjadi “{boards_words.tier(then)}”"
    )
    return f"Tanpa penanganan ini {sign}{words.number(points, 2)} poin persentase; {tier}."


def _as_row(one: Appeal) -> Row:
    return {
        "laporan": one.complaint_id,
        "unit": one.unit,
        "keadaan": STATES[one.state],
        "alasan": REASONS.get(one.reason, one.reason),
        "penjelasan": one.text,
        "bukti": one.evidence,
        "diajukan": one.filed_at.astimezone(WIB),
        "oleh": one.filed_by,
        "tenggat": one.until.astimezone(WIB),
        "diputuskan": one.decided_at.astimezone(WIB) if one.decided_at else None,
        "keputusan": one.decision,
    }


def _link(complaint_id: str) -> Component:
    return html.A(
        complaint_id,
        href=f"{PATH}?{urlencode({'pengaduan': complaint_id})}",
        **{"data-act": "visit"},
    )


def _back() -> Component:
    return html.A("Semua sanggahan", href=PATH, className="button", **{"data-act": "visit"})


def _office(unit: str) -> str:
    return unit.title().replace(" Dan ", " dan ")


def _area(code: str | None) -> str:
    names = {row["code"]: row["name"] for row in reference.rows("areas")}
    return names.get(code or "", "lokasi tidak diketahui")


def _role(role: str) -> str:
    return ROLES[role].name if role in ROLES else role
