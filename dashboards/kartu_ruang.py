"""The card of green space and transport as it is seen: a scatter of kelurahan without rank."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboards import charts, kartu_bagian, kartu_unggah
from dashboards.exports import Column, Sheet
from dashboards.kartu_bagian import NO_CAUSE, effect_text
from dashboards.panels import View
from data import card_places, cards, words
from data.boards import cut_of
from data.card_places import ACROSS, UP, Answer, Measure, Question
from data.cards import CardError
from data.lake import Lake
from data.uploads import Upload, Uploads

CARD = cards.registry()[card_places.CARD]
PARAMS = ("dari", "sampai", "datar", "tegak", *CARD.uploads)
QUERIES = ("card_places",)


def draw_choices(view: View) -> Component:
    """Draw what chooses the axes and the span."""
    params = view.params
    try:
        asked: Question | None = card_places.read_question(params, cut_of(view.as_of), view.area)
    except CardError:
        asked = None
    return kartu_bagian.choices(
        kartu_bagian.choose("Mendatar", "datar", _named(ACROSS), asked.across.id if asked else ""),
        kartu_bagian.choose("Tegak", "tegak", _named(UP), asked.up.id if asked else ""),
        *kartu_bagian.days(params, asked.span if asked else None),
        kartu_unggah.button(CARD),
    )


def draw(lake: Lake, view: View, uploads: Uploads) -> list[Component]:
    """Draw the card, or say why there is none."""
    try:
        question = card_places.read_question(view.params, cut_of(view.as_of), view.area)
        chosen = kartu_unggah.chosen(uploads, CARD, view)
    except CardError as error:
        return [kartu_bagian.refused(str(error), CARD)]
    answer = card_places.answer(lake, question, chosen)
    told = (
        f"{question.across.name} terhadap {question.up.name}, {words.number(len(answer.places))}"
        f" kelurahan, {kartu_bagian.span_text(question.span)}"
    )
    return [
        kartu_bagian.heading(CARD, told, simulated=answer.simulated),
        _finding(answer),
        *_figure(answer),
        *kartu_bagian.foot(CARD, view, answer.inputs, _fixed(question, chosen)),
    ]


def to_sheet(lake: Lake, view: View, uploads: Uploads) -> Sheet:
    """Return the kelurahan of the card, one a row.

    Raises:
        CardError: The card cannot be asked so.
    """
    question = card_places.read_question(view.params, cut_of(view.as_of), view.area)
    chosen = kartu_unggah.chosen(uploads, CARD, view)
    answer = card_places.answer(lake, question, chosen)
    return Sheet(
        name=f"kartu-{CARD.id}",
        title=f"Kartu bukti: {CARD.title}",
        at=min(view.as_of.event_time, view.as_of.known_time),
        facts=(
            ("Korelasi peringkat mentah", effect_text(answer.raw, "", 2)),
            ("Korelasi peringkat disesuaikan", effect_text(answer.adjusted, "", 2)),
            ("Batasan", "; ".join(CARD.caveats)),
            ("Cara hitung", CARD.definition),
            ("Alamat", kartu_bagian.lasting(CARD, view, _fixed(question, chosen))),
        ),
        columns=(
            Column("kode"),
            Column("kelurahan", width=24),
            Column(_axis(question.across), "number", 3),
            Column(_axis(question.up), "number", 3),
            Column("penduduk per km²", "number"),
        ),
        rows=tuple(
            (place.code, place.name, place.across, place.up, place.density)
            for place in answer.places
        ),
        simulated=answer.simulated,
    )


def _finding(answer: Answer) -> Component:
    if answer.missing:
        return kartu_bagian.finding(
            f"Belum ada data: {', '.join(kartu_unggah.titles(answer.missing)).lower()} per"
            " kelurahan belum diunggah.",
            html.P(
                "Tidak ada sumber data yang memberikannya. Unggah jumlah per kelurahan dengan"
                " templat yang tersedia.",
                className="figure-note",
            ),
            kartu_unggah.button(CARD),
        )
    effect = answer.adjusted
    if answer.mixed:
        text = (
            "Hubungan tidak dihitung: satu ukuran nyata dan satu ukuran simulasi tidak boleh berada"
            " dalam satu angka."
        )
    elif effect is None:
        text = (
            f"Belum cukup data: {words.number(len(answer.places))} kelurahan dengan kedua ukuran,"
            f" diperlukan sedikitnya {card_places.LEAST_PLACES} di luar Kepulauan Seribu."
        )
    elif effect.told:
        way = "lebih tinggi" if effect.value > 0 else "lebih rendah"
        text = (
            f"{answer.question.up.name} cenderung {way} di kelurahan dengan"
            f" {answer.question.across.name.lower()} yang lebih tinggi. {NO_CAUSE}."
        )
    else:
        text = f"Tidak terlihat hubungan: rentang ketidakpastiannya mencakup nol. {NO_CAUSE}."
    return kartu_bagian.finding(
        text,
        html.Dl(
            [
                html.Dt("Mentah"),
                html.Dd(effect_text(answer.raw, "", 2)),
                html.Dt("Disesuaikan"),
                html.Dd([effect_text(effect, "", 2), html.Small("untuk kepadatan penduduk")]),
                html.Dt("Dari"),
                html.Dd(f"{words.number(effect.n)} kelurahan"),
            ]
        )
        if effect is not None
        else None,
    )


def _figure(answer: Answer) -> list[Component]:
    if not answer.places:
        return []
    across, up = answer.question.across, answer.question.up
    figure = kartu_bagian.plane(_axis(across), _axis(up), 420)
    for apart, name, symbol in ((False, "", "circle"), (True, " (tidak dihitung)", "circle-open")):
        inside = [place for place in answer.places if place.apart is apart]
        figure.add_trace(
            go.Scatter(
                x=[round(place.across, 3) for place in inside],
                y=[round(place.up, 3) for place in inside],
                text=[place.name + name for place in inside],
                mode="markers",
                marker={"color": charts.ACCENT, "symbol": symbol, "size": 8, "opacity": 0.65},
                hovertemplate=f"%{{text}}<br>%{{x:,.{across.decimals}f}} {across.unit},"
                f" %{{y:,.{up.decimals}f}} {up.unit}<extra></extra>",
            )
        )
    figure.update_xaxes(rangemode="tozero")
    label = f"{across.name} terhadap {up.name}, tiap titik satu kelurahan"
    return [
        html.Section(
            [
                html.H4("Tiap titik satu kelurahan, tanpa urutan"),
                html.P("○ Kepulauan Seribu, diperlihatkan saja.", className="figure-note"),
                charts.graph(figure, label=label),
            ],
            className="kartu-satu-gambar",
        )
    ]


def _axis(measure: Measure) -> str:
    return f"{measure.name} ({measure.unit})"


def _named(measures: tuple[Measure, ...]) -> dict[str, str]:
    return {measure.id: _axis(measure) for measure in measures}


def _fixed(question: Question, chosen: Mapping[str, Upload | None]) -> Mapping[str, str]:
    return {
        "dari": question.span.since.isoformat(),
        "sampai": question.span.last.isoformat(),
        "datar": question.across.id,
        "tegak": question.up.id,
        **{kind: str(upload.id) for kind, upload in chosen.items() if upload is not None},
    }
