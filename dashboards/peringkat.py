"""Peringkat: how kelurahan, kecamatan, kota and perangkat daerah keep the time of the rule, fairly.

URL    /peringkat?tingkat=kelurahan&sejak=2025-11-22&sampai=2026-11-21&kategori=&kanal=&urut=&cari=
       /peringkat/terbitan/<id>    a board as it was published
Reads  unit_scores, rule_values, flood_days, unit_effects, unit_endings, unit_times, and the
       publications of the store

First what the rule in force says of a unit, for pay follows it; then the tier with the interval of
its rank, for a single rank says little; then one sentence why the two differ. What is sorted and
searched is done in the browser (assets/peringkat.js).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import boards_drawer, boards_kept, boards_table, boards_words, exports, parts
from dashboards.access import EVERYONE, ROLES, current_role
from dashboards.boards_drawer import Basis
from dashboards.boards_table import UNIT_PATH
from dashboards.boards_tools import (
    EXPORT,
    LIST,
    PARAMS,
    PATH,
    PUBLISHERS,
    address,
    export_links,
    moment,
    read_question,
    search_field,
    sort_choice,
    toolbar,
    visit,
)
from dashboards.boards_words import TIERS
from dashboards.complaint_search import DAILY
from dashboards.panels import Panel, View, answer, panel_slot, to_bytes
from dashboards.site import ActionError, Site
from data import board_sentences, boards, queries, words
from data.asof import WIB, AsOf
from data.board_sentences import LEVELS
from data.boards import Board, Level, Question, QuestionError
from data.lake import Lake
from data.metrics import rules
from data.publications import Frozen, Publication, PublicationError, Publications

PUBLISH = f"{PATH}/terbitkan"
READERS = EVERYONE - {"publik"}
LISTED = 60
QUERIES = ("unit_scores", "rule_values", "flood_days")
HOW = (
    "Nilai menurut aturan berlaku: laporan yang selesai dalam batas aturan hari masuknya dibagi"
    " yang sudah jatuh tempo, siapa pun pemegangnya. Kinerja: penanganan di tangan unit sendiri,"
    " dibandingkan dengan yang dicapai kota pada laporan serupa (kategori, kanal, lokasi dari"
    " perangkat, jam dan hari, hari banjir). Rentang peringkat 90 % berasal dari 2.000 undian"
    " Beta-Binomial; peluang yang jauh dari 90 % ditulis di belakangnya. Lebih baik atau perlu"
    " dibantu hanya bila peluangnya di atas 95 %. Dipotong setiap tengah malam WIB."
)


def mount(site: Site) -> None:
    """Put the page, its panels, its exports and its publications on the site."""
    board, published = panels = _panels(site)
    site.panels(*panels)
    site.route(UNIT_PATH, lambda: _unit(site), roles=READERS)
    site.route(EXPORT, lambda kind: _export(site, kind), roles=READERS)
    site.route(LIST, lambda: _list(site), roles=READERS)
    site.action(PUBLISH, lambda: _publish(site), roles=PUBLISHERS)

    def layout(nomor: str | None = None, **_query: Any) -> Component:
        shown = board if nomor is None else published
        return html.Main(
            [
                html.H1("Peringkat", className="visually-hidden"),
                panel_slot(shown, class_name="rank-panel"),
            ],
            className="page rank-page",
        )

    site.page(
        __name__,
        path=PATH,
        template=f"{LIST}/<nomor>",
        title="Peringkat",
        icon="rank",
        order=70,
        roles=READERS,
        layout=layout,
    )


def draw_page(params: Mapping[str, str], view: View, shown: Frozen | QuestionError) -> Component:
    """Draw the board, or why there is none, under what chooses it."""
    if isinstance(shown, QuestionError):
        return html.Div([toolbar(params, None, view), _refused(str(shown))])
    board = shown.board
    tools = toolbar(params, board, view)
    unit_query = address(board.question) | moment(view.as_of)
    if not board.units:
        return html.Div(
            [
                tools,
                boards_table.draw_told(board),
                parts.empty(
                    "Tidak ada laporan yang cocok pada periode ini",
                    "Perpanjang periode, atau hapus pilihan kategori dan kanal.",
                ),
            ]
        )
    return html.Div(
        [
            tools,
            boards_table.draw_own(board, view.role.area, unit_query),
            boards_table.draw_told(board),
            *boards_table.draw_board(shown, area=view.area, unit_query=unit_query),
            _how_to_read(),
        ],
        **{"data-cut": boards_table.cut_mark(board)},
    )


def draw_published(
    publication: Publication | None,
    compared: Board | None,
    view: View,
    around: tuple[str, str] = ("", ""),
) -> Component:
    """Draw a board as it was published, and beside it how the tiers stand now.

    Args:
        publication: None where there is none of the address.
        compared: The same board with a window of the same length up to now; None: not asked for.
        around: Ids of the daily boards before and after it; empty where there is none.
    """
    if publication is None:
        return _refused(
            "Terbitan ini tidak ditemukan. Periksa alamatnya, atau buka daftar terbitan."
        )
    try:
        frozen = publication.frozen()
    except PublicationError:
        return _refused(
            "Isi terbitan ini tidak cocok dengan sidik jarinya, sehingga tidak ditampilkan."
            f" Sidik jari yang dicatat: {publication.sha256}"
        )
    board = frozen.board
    cut = board.cut.astimezone(WIB).isoformat(timespec="minutes")
    unit_query = address(board.question) | {"pada": cut}
    return html.Div(
        [
            html.Div(
                [
                    html.P(html.Strong(publication.title), className="note-title"),
                    html.P(
                        f"Diterbitkan {words.moment(publication.published_at)} oleh"
                        f" {role_name(publication.role)}. Yang tampil persis seperti saat"
                        " diterbitkan; perubahan sesudahnya tidak masuk."
                    ),
                    html.P(
                        ["Sidik jari (sha256) cocok: ", html.Code(publication.sha256)],
                        className="rank-hash",
                    ),
                    _around(*around) if any(around) else None,
                ],
                className="rank-frozen",
            ),
            html.Div(
                [
                    html.A("Peringkat terkini", href=PATH, className="button", **visit()),
                    _compare_button(is_compared=compared is not None),
                    *export_links({"terbitan": publication.id}),
                    search_field(),
                    sort_choice(),
                ],
                className="rank-tools",
            ),
            boards_table.draw_own(board, view.role.area, unit_query),
            boards_table.draw_told(board),
            draw_changes(board, compared) if compared is not None else None,
            *boards_table.draw_board(frozen, area=view.area, unit_query=unit_query),
        ]
    )


def draw_changes(then: Board, now: Board) -> Component:
    """Draw the units whose tier is another now than on a board of then."""
    changed = tier_changes(then, now)
    return html.Section(
        [
            html.H3(f"Dibandingkan dengan sekarang: {len(changed)} unit berpindah tingkat"),
            html.P(
                f"Sekarang: {words.period(now.question.since, now.question.until)}, data per"
                f" {boards_words.as_of(now)}. Perpindahan satu tingkat dapat terjadi karena"
                " kebetulan; lihat rentangnya.",
                className="rank-note",
            ),
            html.Ul(
                [
                    html.Li(f"{name}: {TIERS[before]}, {was} → {TIERS[after]}, {becomes}")
                    for name, before, was, after, becomes in changed
                ]
            )
            if changed
            else html.P("Tidak ada yang berpindah."),
        ],
        className="rank-changes",
    )


def tier_changes(then: Board, now: Board) -> list[tuple[str, str, str, str, str]]:
    """Return name, tier and interval then, tier and interval now, of who changed the tier."""
    found = {unit.unit: unit for unit in now.ranked}
    return [
        (
            unit.name,
            unit.tier,
            boards_words.ranks(unit),
            found[unit.unit].tier,
            boards_words.ranks(found[unit.unit]),
        )
        for unit in then.ranked
        if unit.unit in found and found[unit.unit].tier != unit.tier
    ]


def draw_list(by_hand: Sequence[Publication], daily: Sequence[Publication]) -> Component:
    """Draw the newest publications with their addresses: those of people, those of each day."""
    days: dict[date, dict[Level, Publication]] = {}
    for one in daily:
        if one.daily is not None:
            level, day = one.daily
            days.setdefault(day, {})[level] = one
    return html.Div(
        [
            html.H3("Terbit sendiri tiap hari"),
            html.Ul([_day(day, known) for day, known in days.items()], className="rank-list")
            if days
            else parts.empty("Belum ada", "Peringkat bawaan terbit tiap pukul 00.30 WIB."),
            html.H3("Diterbitkan pimpinan"),
            html.Ul([_listed(one) for one in by_hand], className="rank-list")
            if by_hand
            else parts.empty(
                "Belum ada peringkat yang diterbitkan",
                "Pimpinan menerbitkan dari halaman Peringkat; yang terbit tidak pernah berubah.",
            ),
        ]
    )


def _day(day: date, known: Mapping[Level, Publication]) -> Component:
    links = [
        html.A(heading, href=f"{LIST}/{known[level].id}", title=known[level].title, **visit())
        for level, (_, _, heading) in LEVELS.items()
        if level in known
    ]
    return html.Li(
        [
            html.Span(f"Data per {words.day(day)} pukul 24.00 WIB"),
            html.Span(links, className="rank-day"),
        ]
    )


def _listed(one: Publication) -> Component:
    return html.Li(
        [
            html.A(one.title, href=f"{LIST}/{one.id}", **visit()),
            html.Span(
                f"{words.moment(one.published_at)}, {role_name(one.role)}",
                className="rank-small",
            ),
            html.Code(one.id),
        ]
    )


def _around(before: str, after: str) -> Component:
    def step(id: str, word: str) -> Component | None:
        return html.A(word, href=f"{LIST}/{id}", **visit()) if id else None

    return html.Nav(
        [step(before, "← Terbitan sebelumnya"), step(after, "Terbitan berikutnya →")],
        className="rank-around",
        **{"aria-label": "Terbitan di sekitarnya"},
    )


def role_name(role: str) -> str:
    """Return the office behind a role, as it is written on screen."""
    return ROLES[role].name if role in ROLES else role


def _panels(site: Site) -> tuple[Panel, Panel]:
    def board(_lake: Lake, view: View) -> Component:
        try:
            question = read_question(view.params, boards.cut_of(view.as_of))
            found = boards_kept.board(site, view.as_of, question)
        except QuestionError as error:
            return draw_page(view.params, view, error)
        return draw_page(view.params, view, boards_kept.frozen(site, found))

    def published(_lake: Lake, view: View) -> Component:
        known = Publications(site.store)
        publication = known.one(view.params.get("terbitan", ""))
        compared = None
        if publication is not None and publication.intact and "banding" in view.params:
            compared = _same_now(site, view.as_of, publication.frozen().board)
        around = known.around(publication) if publication is not None else ("", "")
        return draw_published(publication, compared, view, around)

    return (
        Panel(
            "ranking-board",
            "Peringkat",
            DAILY,
            READERS,
            board,
            HOW,
            queries=QUERIES,
            params=PARAMS,
        ),
        Panel(
            "ranking-published",
            "Peringkat terbitan",
            (),
            READERS,
            published,
            HOW,
            queries=QUERIES,
            params=("terbitan", "banding"),
        ),
    )


def _same_now(site: Site, as_of: AsOf, then: Board) -> Board:
    question = then.question
    until = boards.cut_of(as_of) - timedelta(days=1)
    now = Question(
        question.level,
        until - (question.until - question.since),
        until,
        question.category,
        question.channel,
    )
    return boards_kept.board(site, as_of, now)


def _asked(site: Site) -> tuple[View, Frozen]:
    """Return the board that a request asks for: published, or as it stands at its moment.

    An error of the reader's ends the request.
    """
    view = site.view((*PARAMS, "terbitan"))
    try:
        if "terbitan" in view.params:
            publication = Publications(site.store).one(view.params["terbitan"])
            if publication is None:
                abort(404)
            return view, publication.frozen()
        question = read_question(view.params, boards.cut_of(view.as_of))
        board = boards_kept.board(site, view.as_of, question)
        return view, boards_kept.frozen(site, board)
    except QuestionError as error:
        abort(Response(str(error), 422, mimetype="text/plain"))
    except PublicationError:
        abort(
            Response("Isi terbitan tidak cocok dengan sidik jarinya.", 409, mimetype="text/plain")
        )


def _export(site: Site, kind: str) -> Response:
    if kind not in exports.TYPES:
        abort(404)
    _, frozen = _asked(site)
    return exports.response(boards_words.sheet(frozen), kind)


def _unit(site: Site) -> Response:
    view, frozen = _asked(site)
    board = frozen.board
    unit = board.of(request.args.get("unit", ""))
    if unit is None:
        return answer(
            to_bytes(parts.empty("Unit ini tidak dikenal, atau tanpa laporan pada periode ini."))
        )
    period = boards_kept.period(view.as_of, board.question)
    level, without = board.question.level, boards_kept.excluded(site, view.as_of)
    rule = next(
        (one for one in rules() if one.valid_from.isoformat() == request.args.get("aturan")), None
    )
    query = address(board.question) | moment(view.as_of) | {"unit": unit.unit}
    basis = Basis(
        unit=unit,
        board=board,
        reason=frozen.reasons[unit.unit],
        effects=queries.unit_effects(
            site.lake,
            level,
            unit.unit,
            excluded=without,
            most=boards_drawer.EFFECTS_SHOWN,
            **period,
        ),
        endings=queries.unit_endings(site.lake, level, unit.unit, excluded=without, **period),
        times=boards_kept.times(site, view.as_of, board.question).get(unit.unit),
        places=queries.area_names(site.lake),
        address=f"{UNIT_PATH}?{urlencode(query)}",
        other=(rule, boards_kept.board(site, view.as_of, board.question, judged_by=rule))
        if rule
        else None,
    )
    return answer(to_bytes(boards_drawer.draw(basis)))


def _list(site: Site) -> Response:
    known = Publications(site.store)
    daily = known.newest_daily(LISTED * len(boards.LEVELS))
    return answer(to_bytes(draw_list(known.newest(LISTED), daily)))


def _publish(site: Site) -> dict[str, Any]:
    asked = request.get_json()
    params = {name: value for name in PARAMS if isinstance(value := asked.get(name), str) and value}
    as_of = AsOf.now(site.clock.now())
    try:
        question = read_question(params, boards.cut_of(as_of))
        board = boards_kept.board(site, as_of, question)
    except QuestionError as error:
        raise ActionError(str(error)) from None
    if not board.units:
        raise ActionError("Tidak ada yang dapat diterbitkan: periode ini tanpa laporan.")
    publication = Publications(site.store).publish(
        boards_kept.frozen(site, board),
        title=board_sentences.title(board),
        role=current_role().id,
        at=as_of.event_time,
    )
    return {"url": f"{LIST}/{publication.id}"}


def _compare_button(*, is_compared: bool) -> Component:
    return html.Button(
        "Sembunyikan perbandingan" if is_compared else "Bandingkan dengan sekarang",
        type="button",
        className="button",
        **{
            "data-act": "go",
            "data-name": "banding",
            "data-value": "" if is_compared else "ya",
            "aria-pressed": "true" if is_compared else "false",
        },
    )


def _how_to_read() -> Component:
    return html.Details(
        [
            html.Summary("Cara membaca"),
            *(html.P(text) for text in boards_words.METHOD),
            html.P(
                "Angka peringkat tunggal tidak ditampilkan tanpa rentangnya: dua unit yang"
                " rentangnya beririsan tidak dapat dibedakan."
            ),
        ],
        className="more",
    )


def _refused(text: str) -> Component:
    return html.Div(
        [
            html.P(text, className="note-title"),
            html.A("Buka peringkat bawaan", href=PATH, className="button", **visit()),
        ],
        className="note rank-refused",
        role="alert",
    )
