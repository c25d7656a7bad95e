"""The card of floods and pumps as it is seen: one number over days, a scatter and a table."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboards import charts, kartu_bagian
from dashboards.exports import Column, Sheet
from dashboards.kartu_bagian import NO_CAUSE, effect_text
from dashboards.panels import View
from dashboards.tables import cell, table
from data import card_floods, cards, words
from data.boards import cut_of
from data.card_floods import Answer, Place, Question
from data.cards import CardError
from data.lake import Lake

CARD = cards.registry()[card_floods.CARD]
PARAMS = ("dari", "sampai", "tingkat", "ambang")
QUERIES = ("card_floods", "card_flood_origins")
POINTS = "poin persentase"
LEVELS = {"kecamatan": "Kecamatan", "kelurahan": "Kelurahan"}


def draw_choices(view: View) -> Component:
    """Draw what chooses span, level and bound."""
    params = view.params
    try:
        asked: Question | None = card_floods.read_question(params, cut_of(view.as_of), view.area)
    except CardError:
        asked = None
    return kartu_bagian.choices(
        *kartu_bagian.days(params, asked.span if asked else None),
        kartu_bagian.choose(
            "Wilayah menurut", "tingkat", LEVELS, asked.level if asked else "kecamatan"
        ),
        kartu_bagian.choose(
            "Kurang pompa bila tidak siap",
            "ambang",
            {str(bound): f"{bound} % jam pompa atau lebih" for bound in card_floods.BOUNDS},
            str(asked.bound if asked else card_floods.USUAL_BOUND),
        ),
    )


def draw(lake: Lake, view: View) -> list[Component]:
    """Draw the card, or say why there is none."""
    try:
        question = card_floods.read_question(view.params, cut_of(view.as_of), view.area)
    except CardError as error:
        return [kartu_bagian.refused(str(error), CARD)]
    answer = card_floods.answer(lake, question)
    told = (
        f"{words.number(answer.rainy_days)} hari hujan, {words.number(answer.told_days)} di"
        f" antaranya tercatat pompanya, {kartu_bagian.span_text(question.span)}"
    )
    return [
        kartu_bagian.heading(CARD, told, simulated=answer.simulated),
        _finding(answer),
        *_figure(answer),
        *kartu_bagian.foot(CARD, view, answer.inputs, _fixed(question)),
    ]


def draw_table(lake: Lake, view: View) -> Component:
    """Draw every area by name; nothing where the card cannot be shown."""
    try:
        question = card_floods.read_question(view.params, cut_of(view.as_of), view.area)
    except CardError:
        return kartu_bagian.no_table()
    answer = card_floods.answer(lake, question)
    if not answer.rainy_days:
        return kartu_bagian.no_table()
    return html.Section(
        [
            html.H4(f"Semua {len(answer.places)} wilayah menurut nama"),
            table(
                ["Wilayah", "Hari tergenang", "RT dan RW", "Aktif", "Siap", "Tidak siap"],
                [_row(place) for place in sorted(answer.places, key=lambda place: place.name)],
                tall=True,
            ),
        ],
        className="kartu-baris",
    )


def to_sheet(lake: Lake, view: View) -> Sheet:
    """Return the areas of the card, one a row.

    Raises:
        CardError: The card cannot be asked so.
    """
    question = card_floods.read_question(view.params, cut_of(view.as_of), view.area)
    answer = card_floods.answer(lake, question)
    return Sheet(
        name=f"kartu-{CARD.id}",
        title=f"Kartu bukti: {CARD.title}",
        at=min(view.as_of.event_time, view.as_of.known_time),
        facts=(
            ("Hari hujan", words.number(answer.rainy_days)),
            ("Di antaranya tercatat pompanya", words.number(answer.told_days)),
            ("Selisih mentah", effect_text(answer.raw, POINTS)),
            ("Selisih pada hari yang sama", effect_text(answer.same_day, POINTS)),
            ("Batasan", "; ".join(CARD.caveats)),
            ("Cara hitung", CARD.definition),
            ("Alamat", kartu_bagian.lasting(CARD, view, _fixed(question))),
        ),
        columns=(
            Column("kode"),
            Column("wilayah", width=24),
            Column("hari hujan", "number"),
            Column("hari hujan tergenang", "number"),
            Column("RT dan RW tergenang", "number"),
            Column("hari hujan tercatat pompanya", "number"),
            Column("jam pompa aktif", "share", 1),
            Column("jam pompa siap", "share", 1),
            Column("jam pompa tidak siap", "share", 1),
        ),
        rows=tuple(
            (
                place.code,
                place.name,
                place.rainy_days,
                place.flooded_days,
                place.flooded,
                place.pump_days,
                place.running,
                place.ready,
                place.short,
            )
            for place in answer.places
        ),
        notes=("Nilai kosong: tidak ada rumah pompa di dekatnya yang tercatat.",),
        simulated=answer.simulated,
    )


def _finding(answer: Answer) -> Component:
    effect, bound = answer.same_day, answer.question.bound
    if effect is None:
        return kartu_bagian.finding(
            "Belum cukup data pompa pada hari hujan untuk membandingkan wilayah.",
            html.P(
                f"Diperlukan {card_floods.LEAST_DAYS} hari hujan dengan wilayah yang kurang pompa"
                f" dan wilayah yang tidak; tercatat {words.number(answer.compared_days)}. Catatan"
                " pompa dimulai sejak sumbernya diambil.",
                className="figure-note",
            ),
        )
    if effect.told:
        text = (
            f"Pada hari hujan yang sama, wilayah yang kurang pompa"
            f" {'lebih' if effect.value > 0 else 'kurang'} sering tergenang:"
            f" {words.quantity(abs(effect.value), POINTS, 1)}. {NO_CAUSE}."
        )
    else:
        text = (
            "Tidak terlihat perbedaan: pada hari hujan yang sama, wilayah yang kurang pompa"
            f" tergenang sama seringnya dengan wilayah lain. {NO_CAUSE}."
        )
    return kartu_bagian.finding(
        text,
        html.Dl(
            [
                html.Dt("Mentah"),
                html.Dd(effect_text(answer.raw, POINTS)),
                html.Dt("Hari yang sama"),
                html.Dd(effect_text(effect, POINTS)),
                html.Dt("Dari"),
                html.Dd(f"{words.number(effect.n)} hari hujan"),
            ]
        ),
        html.P(
            f"Kurang pompa: {bound} % jam pompa di dekatnya atau lebih tidak aktif dan tidak siap.",
            className="figure-note",
        ),
    )


def _figure(answer: Answer) -> list[Component]:
    told = [place for place in answer.places if place.short is not None]
    if not told:
        return []
    figure = kartu_bagian.plane("jam pompa di dekatnya yang tidak siap (%)", "hari tergenang", 360)
    figure.add_trace(
        go.Scatter(
            x=[round(100 * (place.short or 0), 1) for place in told],
            y=[place.flooded_days for place in told],
            text=[place.name for place in told],
            mode="markers",
            marker={"color": charts.ACCENT, "size": 9, "opacity": 0.7},
            hovertemplate="%{text}<br>%{x:.1f} % tidak siap, %{y} hari tergenang<extra></extra>",
        )
    )
    figure.add_vline(
        x=answer.question.bound,
        line={"color": charts.QUIET, "width": 1, "dash": "dot"},
        annotation={"text": "ambang", "font": {"color": charts.QUIET, "size": 12}},
    )
    figure.update_yaxes(rangemode="tozero")
    label = "Hari hujan yang tergenang menurut jam pompa yang tidak siap, tiap titik satu wilayah"
    return [
        html.Section(
            [
                html.H4("Tiap titik satu wilayah, tanpa urutan"),
                html.P(
                    f"Dari {words.number(answer.rainy_days)} hari hujan;"
                    f" {words.number(len(answer.places) - len(told))} wilayah tanpa rumah pompa"
                    " tercatat di dekatnya tidak bertitik.",
                    className="figure-note",
                ),
                charts.graph(figure, label=label),
            ],
            className="kartu-satu-gambar",
        )
    ]


def _row(place: Place) -> Component:
    return html.Tr(
        [
            cell("Wilayah", place.name),
            cell("Hari tergenang", words.number(place.flooded_days), "is-number"),
            cell("RT dan RW", words.number(place.flooded), "is-number"),
            cell("Aktif", words.percent(place.running), "is-number"),
            cell("Siap", words.percent(place.ready), "is-number"),
            cell("Tidak siap", words.percent(place.short), "is-number"),
        ]
    )


def _fixed(question: Question) -> Mapping[str, str]:
    return {
        "dari": question.span.since.isoformat(),
        "sampai": question.span.last.isoformat(),
        "tingkat": question.level,
        "ambang": str(question.bound),
    }
