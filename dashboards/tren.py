"""Tren: every domain over time, from ten days to sixteen years, on one axis.

URL    /tren?seri=pengaduan-masuk&tempat=31.71|31.72&dari=2016-01-01&sampai=2026-11-21&per=bulan
       &tampil=garis    the address is the view
Reads  the series of `data.series`, and the annotations of the store

What a series is, how it adds up and when its rule or definition changed stands in the registry.
Figures are drawn by `tren_charts`; pictures are made of them in the browser (assets/tren.js).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.parquet as pq
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import charts, exports, parts, tren_charts, tren_method
from dashboards.access import EVERYONE, ROLES, current_role
from dashboards.exports import Column, Sheet
from dashboards.panels import Panel, View, answer, panel_slot, to_bytes
from dashboards.site import ActionError, Site
from dashboards.tren_charts import Beside, Moved, digits, letter
from dashboards.versions import MIDNIGHT
from data import queries, series, words
from data.annotations import Annotation, AnnotationError, Annotations
from data.boards import cut_of
from data.lake import Lake
from data.queries import Row
from data.series import Line, Mark, Point, Question, Series, SeriesError, next_bucket

PATH = "/tren"
EXPORT, METHOD, NOTES = f"{PATH}/data.<kind>", f"{PATH}/cara", f"{PATH}/catatan"
NOTE, WITHDRAW = f"{NOTES}/tulis", f"{NOTES}/tarik"
READERS = EVERYONE - {"publik"}
WRITERS = frozenset({"operator", "pimpinan", "admin"})
QUESTION = ("seri", "tempat", "dari", "sampai", "per")
# `catatan` rises when the reader writes a note, so that what is kept without it is not shown.
PARAMS = (*QUESTION, "tampil", "catatan")
VIEWS = {
    "garis": "Dari waktu ke waktu",
    "tahun": "Tahun demi tahun",
    "musim": "Bulan × tahun",
    "jam": "Jam × hari",
}
BUCKETS = {"hari": "hari", "minggu": "pekan", "bulan": "bulan", "tahun": "tahun"}
BUCKET_WORDS = {"day": "hari", "week": "pekan", "month": "bulan", "year": "tahun"}
SPANS = (("10 hari", 10), ("90 hari", 90), ("1 tahun", 365), ("3 tahun", 1096), ("10 tahun", 3653))
MOST_SPANS = 12
LEVELS = {"kota": "Kota", "kecamatan": "Kecamatan", "kelurahan": "Kelurahan"}


def mount(site: Site) -> None:
    """Put the page, its panels, its exports and its annotations on the site."""
    chooser, shown = panels = _panels(site)
    site.panels(*panels)
    site.route(EXPORT, lambda kind: _export(site, kind), roles=READERS)
    site.route(METHOD, lambda: _method(site), roles=READERS)
    site.route(NOTES, lambda: _notes(site), roles=READERS)
    site.action(NOTE, lambda: _annotate(site), roles=WRITERS)
    site.action(WITHDRAW, lambda: _withdraw(site), roles=WRITERS)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Tren", className="visually-hidden"),
                html.A(
                    "Kartu bukti untuk kebijakan",
                    href=f"{PATH}/kartu",
                    className="link",
                    **{"data-act": "visit"},
                ),
                panel_slot(chooser, class_name="tren-panel tren-pilihan"),
                panel_slot(shown, class_name="tren-panel"),
            ],
            className="page tren-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Tren",
        icon="trend",
        order=80,
        roles=READERS,
        layout=layout,
    )


def draw_chooser(view: View, extra: Mapping[str, str]) -> Component:
    """Draw what chooses series, places, span and view."""
    params, cut = view.params, cut_of(view.as_of)
    chosen = series.registry().get(params.get("seri", "")) or next(iter(series.registry().values()))
    try:
        question: Question | None = series.read_question(params, cut, view.area, extra)
    except SeriesError:
        question = None
    return html.Div(
        [
            html.Div(
                [
                    _choose_series(chosen),
                    _add_place(chosen, question, extra),
                    _date("dari", "Dari", params, question.since if question else None),
                    _date(
                        "sampai",
                        "Sampai",
                        params,
                        question.until - timedelta(days=1) if question else None,
                    ),
                    _choose_bucket(params, question),
                ],
                className="tren-alat",
            ),
            html.Div(
                [_chosen_places(question, extra), _spans(params, cut)], className="tren-baris"
            ),
            _views(params, chosen),
        ]
    )


def draw(
    lake: Lake, view: View, notes: Sequence[Annotation], extra: Mapping[str, str]
) -> list[Component]:
    """Draw the answer to the address, or say why there is none."""
    cut = cut_of(view.as_of)
    try:
        question = series.read_question(view.params, cut, view.area, extra)
    except SeriesError as error:
        return [_refused(str(error))]
    shown = view.params.get("tampil", "garis")
    if shown not in VIEWS:
        return [_refused(f"Tampilan “{shown[:20]}” tidak dikenal.")]
    if not _is_shown(question.series, shown):
        reason = (
            "Seri ini tidak tersedia per jam. Pilih “Bulan × tahun” untuk melihat musimnya."
            if shown == "jam"
            else "Seri ini hanya diterbitkan per tahun. Pilih “Dari waktu ke waktu”."
        )
        return [*_heading(question, extra, cut, []), parts.empty("Tampilan ini tidak ada", reason)]
    if shown == "jam":
        return [*_heading(question, extra, cut, []), _draw_hours(lake, question, cut)]
    if shown in ("tahun", "musim"):
        question = Question(
            question.series, question.places[:1], question.since, question.until, "month"
        )
    lines = series.answer(lake, question, cut)
    if not any(line.told for line in lines):
        return [*_heading(question, extra, cut, lines), _nothing(question)]
    names = {**series.places(question.series.places), **extra}
    if shown in ("tahun", "musim"):
        line, told = _one_line(question, lines)
        draw_one = tren_charts.years if shown == "tahun" else tren_charts.seasons
        return [
            *_heading(question, extra, cut, lines, told),
            draw_one(question, line),
            _tools(view.params),
            html.Div(
                [_gap_list(question, lines, names), _origin_list(question, lines, names)],
                className="tren-arti",
            ),
            _definition(question),
        ]
    marks = series.marks(question)
    inside = [note for note in notes if question.since <= note.day < question.until]
    moved = [
        Moved(line, line.points[change.index].at, change)
        for line in lines
        for change in series.changes(question, line)
    ]
    moved.sort(key=lambda one: one.at)
    spans = tren_charts.spans(lines, question)
    assumed = [span for span in spans if span[2] == tren_charts.ASSUMED and view.as_of.live]
    hatched = [span for span in spans if span not in assumed]
    return [
        *_heading(question, extra, cut, lines),
        _legend(question, lines, names),
        tren_charts.over_time(
            question, lines, names, Beside(marks, moved, inside, hatched, assumed)
        ),
        _tools(view.params),
        html.Div(
            [
                _moved_list(question, moved, names),
                _mark_list(marks),
                _gap_list(question, lines, names),
                _origin_list(question, lines, names),
                _note_list(question, inside),
            ],
            className="tren-arti",
        ),
        _definition(question),
    ]


def _one_line(question: Question, lines: Sequence[Line]) -> tuple[Line, str]:
    """Return the one line of a view that shows one; of parts, the sum of those that matter."""
    own = [line for line in lines if line.place == question.places[0]]
    if len(own) == 1:
        return own[0], ""
    first = 2 if own[0].measure.endswith("Baik") else 0
    told = (
        " dan ".join((question.series.labels[first], "lebih buruk")) if first else "semua tingkat"
    )
    summed = tuple(
        series.Point(
            points[0].at,
            None if points[0].value is None else sum(point.value or 0 for point in points[first:]),
            points[0].days,
            points[0].simulated,
            points[0].assumed,
            points[0].basis,
            points[0].partial,
        )
        for points in zip(*(line.points for line in own), strict=True)
    )
    return Line(own[0].place, told, summed), told


def _heading(
    question: Question,
    extra: Mapping[str, str],
    cut: date,
    lines: Sequence[Line],
    told: str = "",
) -> list[Component]:
    names = {**series.places(question.series.places), **extra}
    simulated = any(point.simulated for line in lines for point in line.points)
    last = question.until - timedelta(days=1)
    return [
        html.Header(
            [
                html.H3(
                    [
                        question.series.name,
                        f" ({told})" if told else "",
                        " – ",
                        ", ".join(names[place] for place in question.places),
                    ]
                ),
                html.P(
                    [
                        f"{words.day(question.since, weekday=False)} sampai"
                        f" {words.day(last, weekday=False)}, per {BUCKET_WORDS[question.bucket]},"
                        f" satuan {question.series.unit}. Data per {words.midnight(cut)}.",
                        " ",
                        parts.simulated_mark() if simulated else None,
                    ],
                    className="figure-note",
                ),
            ],
            className="tren-judul",
            **{"data-tren-nama": f"{question.series.id}-{question.since}-{last}"},
        )
    ]


def _legend(
    question: Question, lines: Sequence[Line], names: Mapping[str, str]
) -> Component | None:
    """Return what colours and hatches stand for; None where there is one plain line."""
    if len(question.series.measures) > 1:
        items = [
            (label, {"background": tren_charts.PARTS.get(label, "")}, "")
            for label in question.series.labels
        ]
    elif len(question.places) > 1:
        items = [
            (names[place], {"borderColor": color}, f"is-line is-{dash}")
            for place, color, dash in zip(
                question.places, charts.SERIES, charts.DASHES, strict=False
            )
        ]
    else:
        items = []
    if any(point.basis == tren_charts.CITY_MAXIMUM for line in lines for point in line.points):
        items.append(("sumber hanya menerbitkan nilai tertinggi", {}, "is-maksimum"))
    if any(point.assumed for line in lines for point in line.points):
        items.append((tren_charts.ASSUMED, {}, "is-diasumsikan"))
    if not items:
        return None
    return html.Ul(
        [html.Li([html.I(style=style, className=kind), label]) for label, style, kind in items],
        className="legend-row tren-legenda",
    )


def _draw_hours(lake: Lake, question: Question, cut: date) -> Component:
    rows = series.by_hour(lake, question, cut)
    if not rows:
        return _nothing(question)
    return html.Div(
        [
            html.P(
                [
                    "Rata-rata tiap jam dalam sepekan (WIB), paling lama setahun terakhir dari"
                    " rentang yang dipilih. ",
                    parts.simulated_mark() if any(row["simulated"] for row in rows) else None,
                ],
                className="figure-note",
            ),
            tren_charts.hours(question, rows),
            _definition(question),
        ]
    )


def _moved_list(question: Question, moved: Sequence[Moved], names: Mapping[str, str]) -> Component:
    items = [
        html.Li(
            [
                html.Strong(_span_word(one.at, question)),
                f" {names[one.line.place]}" if len(question.places) > 1 else "",
                f" {_label(question, one.line)}" if question.series.labels else "",
                ": ",
                "meningkat" if one.change.size > 0 else "menurun",
                f" dari {_level_word(question, one.change.before)}"
                f" ke {_level_word(question, one.change.after)}",
            ]
        )
        for one in moved
    ]
    if question.series.is_stock:
        none = "Tidak dicari pada keadaan, yang bergeser pelan: lihat yang masuk dan yang selesai."
    elif question.bucket not in series.PERIODS:
        none = "Dicari pada nilai per pekan atau per bulan."
    else:
        none = "Relatif tetap: tidak ada langkah di luar variasinya sendiri."
    return _block("Titik perubahan", items, none, "Tingkat pada saat itu tanpa musim; bukan sebab.")


def _mark_list(marks: Sequence[Mark]) -> Component:
    items = [
        html.Li(
            [
                html.B(str(number), className="tren-nomor"),
                html.Strong(words.day(mark.day, weekday=False)),
                f" {mark.title}",
                html.Div(mark.source, className="figure-note"),
            ]
        )
        for number, mark in enumerate(marks, 1)
    ]
    return _block(
        "Aturan atau definisi berubah, bukan kotanya",
        items,
        "Tidak ada aturan, definisi atau sumber yang berubah dalam rentang ini.",
    )


def _gap_list(question: Question, lines: Sequence[Line], names: Mapping[str, str]) -> Component:
    gaps = _spans_of(question, lines, names, _gap)
    return _block("Celah", gaps, "Tidak ada celah.", "Belum ada data: bukan nol.")


def _gap(point: Point) -> str | None:
    if point.value is not None:
        return None
    return "kurang dari setengahnya tercatat" if point.days else ""


def _origin_list(
    question: Question, lines: Sequence[Line], names: Mapping[str, str]
) -> Component | None:
    """Return what the values are made of, span by span; None where there is nothing to say."""
    found = _spans_of(question, lines, names, _origin)
    return _block("Asal nilai", found, "") if found else None


def _origin(point: Point) -> str | None:
    if point.value is None:
        return None
    if point.simulated:
        return "data simulasi"
    told = (point.basis, tren_charts.ASSUMED if point.assumed else None)
    return ", ".join(filter(None, told)) or None


def _spans_of(
    question: Question,
    lines: Sequence[Line],
    names: Mapping[str, str],
    word: Callable[[Point], str | None],
) -> list[Component]:
    """Return an item for each run of points that have the same word; none where it is None."""
    runs: dict[tuple[date, date, str], list[str]] = {}
    for place in question.places:
        points = next(line.points for line in lines if line.place == place)
        for said, group in groupby(points, word):
            if said is None:
                continue
            run = list(group)
            first = max(run[0].at, question.since)
            end = min(next_bucket(run[-1].at, question.bucket), question.until)
            runs.setdefault((first, end - timedelta(days=1), said), []).append(names[place])
    ordered = sorted(runs.items()) if len(question.places) > 1 else runs.items()
    items = [
        html.Li(
            [
                words.day(first, weekday=False),
                f" sampai {words.day(last, weekday=False)}" if last > first else "",
                f", {', '.join(told)}" if 1 < len(question.places) > len(told) else "",
                f": {said}" if said else "",
            ]
        )
        for (first, last, said), told in ordered
    ]
    if len(items) > MOST_SPANS:
        more = len(items) - MOST_SPANS
        items = [*items[:MOST_SPANS], html.Li(f"dan {more} rentang lain, lihat CSV")]
    return items


def _note_list(question: Question, notes: Sequence[Annotation]) -> Component:
    items = [
        html.Li(
            [
                html.B(letter(number), className="tren-nomor"),
                html.Strong(words.day(note.day, weekday=False)),
                f" {note.text}",
                html.Div(
                    f"Sumber: {note.source} · {ROLES[note.role].name},"
                    f" {words.short_moment(note.at)} WIB",
                    className="figure-note",
                ),
            ]
        )
        for number, note in enumerate(notes)
    ]
    button = html.Button(
        "Catatan…",
        type="button",
        className="button",
        title=f"Catatan – {question.series.name}",
        **{"data-act": "open", "data-url": f"{NOTES}?{urlencode({'seri': question.series.id})}"},
    )
    return _block("Catatan", items, "Belum ada catatan dalam rentang ini.", button)


def _block(title: str, items: Sequence[Component], none: str, hint: Any = None) -> Component:
    return html.Section(
        [
            html.H4(title),
            html.Ul(list(items)) if items else html.P(none),
            html.Div(hint, className="figure-note") if hint else None,
        ]
    )


def _definition(question: Question) -> Component:
    asked = question.series
    return html.P(
        [
            html.Strong("Definisi. "),
            f"{asked.definition} Menurut waktu: {asked.over_time}; menurut tempat:"
            f" {asked.over_places}. ",
            html.A(
                "Lihat cara hitung dan kueri",
                href="#",
                className="link",
                title=f"Cara hitung – {asked.name}",
                **{"data-act": "open", "data-url": f"{METHOD}?{urlencode({'seri': asked.id})}"},
            ),
        ],
        className="tren-definisi",
    )


def _tools(params: Mapping[str, str]) -> Component:
    query = urlencode({name: params[name] for name in QUESTION if name in params})
    links = [
        html.A(
            kind.upper() if kind != "parquet" else "Parquet",
            href=f"{EXPORT.replace('<kind>', kind)}?{query}",
            className="button",
            title=f"Unduh data sebagai {kind}",
            download="",
        )
        for kind in ("csv", "parquet")
    ]
    pictures = [
        html.Button(
            kind.upper(),
            type="button",
            className="button",
            title=f"Unduh gambar sebagai {kind.upper()}",
            **{"data-act": "tren-gambar", "data-value": kind},
        )
        for kind in ("png", "svg")
    ]
    printing = html.Button("Cetak", type="button", className="button", **{"data-act": "print"})
    return html.Div([*links, *pictures, printing], className="tren-unduh")


def _nothing(question: Question) -> Component:
    return parts.empty(
        "Belum ada data untuk seri, tempat dan rentang ini",
        f"Catatan seri ini dapat dimulai paling awal {question.series.first_year}. Perpanjang"
        " rentang, pilih tempat lain, atau muat berkas riwayatnya: yang baru dimuat tampil paling"
        " lama lima menit kemudian.",
    )


def _refused(reason: str) -> Component:
    return html.Div(
        [
            parts.empty("Tren ini tidak dapat ditampilkan", reason),
            html.A("Mulai dari awal", href=PATH, className="button", **{"data-act": "tren-awal"}),
        ],
        className="tren-ditolak",
    )


def _choose_series(chosen: Series) -> Component:
    known = list(series.registry().values())
    return html.Label(
        [
            html.Span("Seri"),
            html.Select(
                [
                    html.Optgroup(
                        [
                            html.Option(one.name, value=one.id, selected=one.id == chosen.id)
                            for one in group
                        ],
                        label=domain,
                    )
                    for domain, group in groupby(known, lambda one: one.domain)
                ],
                **{"data-tren": "seri"},
            ),
        ]
    )


def _add_place(chosen: Series, question: Question | None, extra: Mapping[str, str]) -> Component:
    known = {**series.places(chosen.places), **extra}
    taken = set(question.places if question else ())
    if chosen.places == "area":
        groups = [
            (title, {code: name for code, name in known.items() if _kind(code) == level})
            for level, title in LEVELS.items()
        ]
        groups.insert(0, ("", {series.WHOLE_CITY: known[series.WHOLE_CITY]}))
    else:
        groups = [("", dict(known))]
    options = [
        html.Option(name, value=place, disabled=place in taken)
        for title, group in groups
        for place, name in group.items()
        if not title
    ] + [
        html.Optgroup(
            [
                html.Option(name, value=place, disabled=place in taken)
                for place, name in sorted(group.items(), key=lambda pair: pair[1])
            ],
            label=title,
        )
        for title, group in groups
        if title
    ]
    return html.Label(
        [
            html.Span("Tambah tempat"),
            html.Select(
                [html.Option("Pilih…", value="", selected=True), *options],
                **{
                    "data-tren": "tempat",
                    "data-places": "|".join(question.places if question else ()),
                },
            ),
        ]
    )


def _chosen_places(question: Question | None, extra: Mapping[str, str]) -> Component | None:
    if question is None:
        return None
    names = {**series.places(question.series.places), **extra}
    return html.Ul(
        [
            html.Li(
                [
                    names[place],
                    html.Button(
                        "×",
                        type="button",
                        title=f"Keluarkan {names[place]}",
                        **{
                            "data-act": "go",
                            "data-name": "tempat",
                            "data-value": "|".join(
                                other for other in question.places if other != place
                            ),
                        },
                    )
                    if len(question.places) > 1
                    else None,
                ]
            )
            for place in question.places
        ],
        className="tren-tempat",
    )


def _date(name: str, label: str, params: Mapping[str, str], shown: date | None) -> Component:
    value = shown.isoformat() if shown else params.get(name, "")
    return html.Label(
        [html.Span(label), parts.Input(type="date", value=value, **{"data-go": name})]
    )


def _choose_bucket(params: Mapping[str, str], question: Question | None) -> Component:
    usual = f"otomatis ({BUCKET_WORDS[question.bucket]})" if question else "otomatis"
    known = {"": usual, **BUCKETS}
    return html.Label(
        [
            html.Span("Nilai per"),
            html.Select(
                [
                    html.Option(text, value=value, selected=value == params.get("per", ""))
                    for value, text in known.items()
                ],
                **{"data-go": "per"},
            ),
        ]
    )


def _spans(params: Mapping[str, str], cut: date) -> Component:
    spans = [(title, cut - timedelta(days=days)) for title, days in SPANS]
    spans.append(("Semua", date(series.FIRST_YEAR, 1, 1)))
    return html.Div(
        [
            html.Button(
                title,
                type="button",
                className="choice",
                **{
                    "data-act": "tren-rentang",
                    "data-value": since.isoformat(),
                    "aria-pressed": str(
                        params.get("dari") == since.isoformat() and "sampai" not in params
                    ).lower(),
                },
            )
            for title, since in spans
        ],
        className="tren-rentang",
        role="group",
        **{"aria-label": "Rentang"},
    )


def _views(params: Mapping[str, str], chosen: Series) -> Component:
    shown = params.get("tampil", "garis")
    return html.Div(
        [
            html.Button(
                title,
                type="button",
                disabled=not _is_shown(chosen, name),
                **{
                    "data-act": "go",
                    "data-name": "tampil",
                    "data-value": name,
                    "aria-pressed": str(name == shown).lower(),
                },
            )
            for name, title in VIEWS.items()
        ],
        className="tren-tampilan",
        role="group",
        **{"aria-label": "Tampilan"},
    )


def _is_shown(asked: Series, view: str) -> bool:
    """Tell whether a series can be seen in a view of `VIEWS`."""
    if view == "jam":
        return bool(asked.hours_query)
    return view == "garis" or asked.least != "year"


def _kind(code: str) -> str:
    return {5: "kota", 8: "kecamatan", 13: "kelurahan"}.get(len(code), "")


def _span_word(at: date, question: Question) -> str:
    if question.bucket == "month":
        return f"{words.MONTHS[at.month - 1]} {at.year}"
    return f"Pekan {words.day(at, weekday=False)}"


def _level_word(question: Question, value: float) -> str:
    return words.quantity(value, question.series.unit, digits(question, value))


def _label(question: Question, line: Line) -> str:
    return question.series.labels[question.series.measures.index(line.measure)]


def _panels(site: Site) -> list[Panel]:
    annotations = Annotations(site.store)

    def render(lake: Lake, view: View) -> list[Component]:
        asked = view.params.get("seri") or next(iter(series.registry()))
        notes = annotations.of(asked[:40], view.as_of.known_time)
        return draw(lake, view, notes, series.lake_places(lake, view.params.get("seri", "")))

    return [
        Panel(
            id="tren-pilihan",
            title="Tren",
            feeds=(),
            roles=READERS,
            render=lambda lake, view: draw_chooser(
                view, series.lake_places(lake, view.params.get("seri", ""))
            ),
            how=tren_method.HOW,
            params=PARAMS,
        ),
        Panel(
            id="tren",
            title="Seri",
            feeds=(MIDNIGHT,),
            roles=READERS,
            render=render,
            how=tren_method.HOW,
            params=PARAMS,
        ),
    ]


def _method(site: Site) -> Response:
    asked = series.registry().get(request.args.get("seri", ""))
    if asked is None:
        abort(404)
    cut = cut_of(site.view(()).as_of)
    printed = asked.query == "series_ispu"
    rows = queries.ispu_contradictions(site.lake, cut=cut) if printed else None
    return answer(to_bytes(tren_method.draw(asked, rows)))


def _export(site: Site, kind: str) -> Response:
    if kind not in ("csv", "parquet"):
        abort(404)
    view = site.view(PARAMS)
    cut = cut_of(view.as_of)
    extra = series.lake_places(site.lake, view.params.get("seri", ""))
    try:
        question = series.read_question(view.params, cut, view.area, extra)
    except SeriesError as error:
        return Response(str(error), status=400, mimetype="text/plain")
    lines = series.answer(site.lake, question, cut)
    sheet = to_sheet(question, lines, {**series.places(question.series.places), **extra}, view)
    if kind == "csv":
        return exports.response(sheet, kind)
    body = to_parquet(question, lines, sheet)
    response = Response(body, mimetype="application/vnd.apache.parquet")
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet.file_name}.parquet"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def to_sheet(
    question: Question, lines: Sequence[Line], names: Mapping[str, str], view: View
) -> Sheet:
    """Return the lines of a question as a table, one row a span, place and part."""
    asked = question.series
    return Sheet(
        name=f"tren-{asked.id}",
        title=f"Tren: {asked.name} ({asked.unit})",
        at=min(view.as_of.event_time, view.as_of.known_time),
        facts=(
            ("Definisi", asked.definition),
            ("Menurut waktu", asked.over_time),
            ("Menurut tempat", asked.over_places),
            ("Rentang", f"{question.since} sampai {question.until - timedelta(days=1)} WIB"),
            ("Nilai per", BUCKET_WORDS[question.bucket]),
            ("Alamat", f"{PATH}?{urlencode(sorted(view.params.items()))}"),
        ),
        columns=(
            Column("seri"),
            Column("tempat"),
            Column("nama"),
            Column("bagian"),
            Column("mulai"),
            Column(f"nilai ({asked.unit})", "number", max(asked.decimals, 2)),
            Column("hari tercatat", "number"),
            Column("simulasi"),
            Column("dasar"),
            Column("belum genap"),
        ),
        rows=tuple(
            (
                asked.id,
                line.place,
                names[line.place],
                _label(question, line) if asked.labels else "",
                point.at.isoformat(),
                point.value,
                point.days,
                "ya" if point.simulated else "tidak",
                point.basis or "",
                "ya" if point.partial else "tidak",
            )
            for line in lines
            for point in line.points
        ),
        notes=("Nilai kosong adalah celah: belum ada data.",),
        simulated=any(point.simulated for line in lines for point in line.points),
    )


def to_parquet(question: Question, lines: Sequence[Line], sheet: Sheet) -> bytes:
    """Return the lines of a question as Parquet; what they mean stands in its metadata."""
    rows: list[Row] = [
        {
            "series": question.series.id,
            "place": line.place,
            "measure": line.measure,
            "begins": point.at,
            "value": point.value,
            "days": point.days,
            "simulated": point.simulated,
            "assumed": point.assumed,
            "basis": point.basis,
            "partial": point.partial,
        }
        for line in lines
        for point in line.points
    ]
    schema = pa.schema(
        [
            ("series", pa.string()),
            ("place", pa.string()),
            ("measure", pa.string()),
            ("begins", pa.date32()),
            ("value", pa.float64()),
            ("days", pa.int64()),
            ("simulated", pa.bool_()),
            ("assumed", pa.bool_()),
            ("basis", pa.string()),
            ("partial", pa.bool_()),
        ],
        metadata={"title": sheet.title, "unit": question.series.unit, **dict(sheet.header)},
    )
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), body)
    return body.getvalue()


def _notes(site: Site) -> Response:
    asked = series.registry().get(request.args.get("seri", ""))
    if asked is None:
        abort(404)
    role = current_role()
    notes = Annotations(site.store).of(asked.id, site.clock.now())
    may = site.access.may(role, f"route:{WITHDRAW}")
    return answer(to_bytes(draw_notes(asked, notes, role.id, may_write=may)))


def draw_notes(
    asked: Series, notes: Sequence[Annotation], role: str, *, may_write: bool
) -> Component:
    """Draw all notes of a series and, for who may, the form of another."""
    return html.Div(
        [
            html.Ul(
                [
                    html.Li(
                        [
                            html.Strong(words.day(note.day, weekday=False)),
                            f" {note.text}",
                            html.Div(
                                f"Sumber: {note.source} · {ROLES[note.role].name},"
                                f" {words.short_moment(note.at)} WIB",
                                className="figure-note",
                            ),
                            html.Button(
                                "Tarik",
                                type="button",
                                className="link",
                                **{"data-act": "tren-tarik", "data-value": str(note.id)},
                            )
                            if may_write and note.role == role
                            else None,
                        ]
                    )
                    for note in notes
                ]
            )
            if notes
            else html.P("Belum ada catatan."),
            _form(asked) if may_write else None,
        ],
        className="tren-catatan",
    )


def _form(asked: Series) -> Component:
    return html.Div(
        [
            html.H3("Catatan baru"),
            html.Label([html.Span("Tanggal"), parts.Input(type="date", name="day")]),
            html.Label([html.Span("Yang terjadi"), parts.Input(type="text", name="text")]),
            html.Label([html.Span("Sumber"), parts.Input(type="text", name="source")]),
            html.Button(
                "Simpan",
                type="button",
                className="button is-first",
                **{"data-act": "tren-catat", "data-value": asked.id},
            ),
        ],
        className="tren-formulir",
    )


def _annotate(site: Site) -> dict[str, Any]:
    asked = request.get_json()
    fields = {name: asked.get(name) for name in ("series", "day", "text", "source")}
    if not all(isinstance(value, str) for value in fields.values()):
        raise ActionError("Isi tanggal, catatan dan sumbernya.")
    if fields["series"] not in series.registry():
        raise ActionError("Seri ini tidak dikenal.")
    try:
        number = Annotations(site.store).add(**fields, role=current_role().id, at=site.clock.now())
    except AnnotationError as error:
        raise ActionError(str(error)) from error
    return {"id": number}


def _withdraw(site: Site) -> dict[str, Any]:
    number = request.get_json().get("id")
    if not isinstance(number, int) or not Annotations(site.store).withdraw(
        number, role=current_role().id, at=site.clock.now()
    ):
        raise ActionError("Catatan ini tidak ada, atau ditulis peran lain.")
    return {"id": number}
