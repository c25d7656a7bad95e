"""The card of social aid as it is seen: two gaps, their sums, and every kelurahan."""

from __future__ import annotations

import math
from collections.abc import Mapping

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboards import charts, kartu_bagian, kartu_peta, kartu_unggah, parts
from dashboards.exports import Column, Sheet
from dashboards.kartu_peta import Class
from dashboards.panels import View
from dashboards.tables import cell, table
from data import card_aid, cards, queries, words
from data.card_aid import ORDERS, Answer, Gap
from data.cards import CardError, Input
from data.lake import Lake
from data.uploads import Uploads

CARD = cards.registry()[card_aid.CARD]
PARAMS, QUERIES = ("urut", card_aid.KIND), ("outlines",)
NOTHING_YET = Input(card_aid.INPUT, "belum diunggah", None, "belum ada data")
HEADS = ("Kelurahan", "Penerima", "Kebutuhan", "Celah inklusi", "Celah eksklusi", "Tak terjangkau")

# Shares of the need that is not reached.
CLASSES = (
    Class(0.05, "di bawah 5 %", "var(--kelas-1)"),
    Class(0.15, "5 sampai 15 %", "var(--kelas-2)"),
    Class(0.30, "15 sampai 30 %", "var(--kelas-3)"),
    Class(math.inf, "30 % atau lebih", "var(--kelas-4)"),
)


def draw_choices(view: View) -> Component:
    """Draw what chooses the order, and the way to bring data."""
    order = view.params.get("urut", "eksklusi")
    return kartu_bagian.choices(
        kartu_bagian.choose("Urutkan menurut", "urut", ORDERS, order), kartu_unggah.button(CARD)
    )


def draw(lake: Lake, view: View, uploads: Uploads) -> list[Component]:
    """Draw the card, or say why there is none."""
    try:
        answer = _answer(view, uploads)
    except CardError as error:
        return [kartu_bagian.refused(str(error), CARD)]
    if answer is None:
        return [
            kartu_bagian.heading(CARD, "Belum ada data.", simulated=False),
            kartu_bagian.finding(
                "Belum ada data: penerima dan kebutuhan per kelurahan belum diunggah.",
                html.P(
                    "Unggah jumlah per kelurahan dengan templat yang tersedia. Data orang atau"
                    " keluarga tidak diterima.",
                    className="figure-note",
                ),
                kartu_unggah.button(CARD),
            ),
            *kartu_bagian.foot(CARD, view, (NOTHING_YET,), {}),
        ]
    told = (
        f"{answer.total.name}, {words.number(len(answer.gaps))} kelurahan, data tanggal"
        f" {words.day(answer.upload.dated, weekday=False)}."
    )
    return [
        kartu_bagian.heading(CARD, told, simulated=answer.upload.simulated),
        _finding(answer),
        *_figures(lake, answer),
        *kartu_bagian.foot(CARD, view, answer.inputs, _fixed(answer)),
    ]


def draw_table(_lake: Lake, view: View, uploads: Uploads) -> Component:
    """Draw the sum and every kelurahan; nothing where the card cannot be shown."""
    try:
        answer = _answer(view, uploads)
    except CardError:
        answer = None
    if answer is None or not answer.gaps:
        return kartu_bagian.no_table()
    return html.Section(
        [
            html.H4(f"Semua kelurahan menurut {ORDERS[answer.question.order].lower()}"),
            table(
                HEADS,
                [_row(answer.total, "is-total"), *(_row(gap) for gap in answer.gaps)],
                tall=True,
            ),
        ],
        className="kartu-baris",
    )


def to_sheet(_lake: Lake, view: View, uploads: Uploads) -> Sheet:
    """Return the kelurahan of the card, one a row.

    Raises:
        CardError: Nothing was uploaded, or the card cannot be asked so.
    """
    answer = _answer(view, uploads)
    if answer is None:
        raise CardError("Belum ada data: penerima dan kebutuhan belum diunggah.")
    return Sheet(
        name=f"kartu-{CARD.id}",
        title=f"Kartu bukti: {CARD.title} (keluarga)",
        at=min(view.as_of.event_time, view.as_of.known_time),
        facts=(
            ("Tanggal data", words.day(answer.upload.dated, weekday=False)),
            ("Sumber", answer.upload.source),
            ("Berkas (sha256)", answer.upload.sha256),
            ("Celah", "tepat" if answer.exact else "batas bawah"),
            ("Batasan", "; ".join(CARD.caveats)),
            ("Cara hitung", CARD.definition),
            ("Alamat", kartu_bagian.lasting(CARD, view, _fixed(answer))),
        ),
        columns=(
            Column("kode"),
            Column("kelurahan", width=24),
            Column("penerima", "number"),
            Column("kebutuhan", "number"),
            Column("penerima yang berhak", "number"),
            Column("celah inklusi", "number"),
            Column("celah eksklusi", "number"),
            Column("kebutuhan tak terjangkau", "share", 1),
        ),
        rows=tuple(
            (
                gap.code,
                gap.name,
                gap.recipients,
                gap.need,
                gap.deserving,
                gap.inclusion,
                gap.exclusion,
                gap.unreached,
            )
            for gap in answer.gaps
        ),
        notes=(f"Hanya satu dari dua angka: {', '.join(answer.incomplete)}.",)
        if answer.incomplete
        else (),
        simulated=answer.upload.simulated,
    )


def _fixed(answer: Answer) -> Mapping[str, str]:
    return {"urut": answer.question.order, card_aid.KIND: str(answer.upload.id)}


def _answer(view: View, uploads: Uploads) -> Answer | None:
    question = card_aid.read_question(view.params, view.area)
    upload = kartu_unggah.chosen(uploads, CARD, view)[card_aid.KIND]
    return None if upload is None else card_aid.answer(upload, question)


def _finding(answer: Answer) -> Component:
    total, least = answer.total, "" if answer.exact else "sedikitnya "
    if not answer.gaps:
        return kartu_bagian.finding("Berkas ini tidak memuat kelurahan dengan kedua angka di sini.")
    silent = [
        f"{words.number(answer.silent)} kelurahan tidak disebut berkas" if answer.silent else "",
        f"hanya satu dari dua angka: {', '.join(answer.incomplete[:6])}"
        if answer.incomplete
        else "",
    ]
    return kartu_bagian.finding(
        f"Kebutuhan {least}{words.number(total.exclusion)} keluarga tidak terjangkau, dan"
        f" {least}{words.number(total.inclusion)} penerima di luar kebutuhan.",
        html.Div(
            [
                parts.figure(total.recipients, label="Penerima", unit="keluarga"),
                parts.figure(total.need, label="Kebutuhan", unit="keluarga"),
                parts.figure(
                    total.inclusion,
                    label="Celah inklusi",
                    unit="keluarga",
                    note=f"{least}{words.percent(total.beyond)} penerima",
                ),
                parts.figure(
                    total.exclusion,
                    label="Celah eksklusi",
                    unit="keluarga",
                    note=f"{least}{words.percent(total.unreached)} kebutuhan",
                ),
            ],
            className="kartu-angka",
        ),
        html.P("; ".join(filter(None, silent)) + ".", className="figure-note")
        if any(silent)
        else None,
    )


def _figures(lake: Lake, answer: Answer) -> list[Component]:
    if not answer.gaps:
        return []
    return [html.Div([_plane(answer), _map(lake, answer)], className="kartu-gambar")]


def _map(lake: Lake, answer: Answer) -> Component | None:
    found = kartu_peta.draw(
        [row for row in queries.outlines(lake) if row["code"].startswith(answer.question.area)],
        {gap.code: gap.unreached for gap in answer.gaps},
        {
            gap.code: f"{gap.name}: {words.percent(gap.unreached)} kebutuhan tak terjangkau"
            for gap in answer.gaps
        },
        CLASSES,
        "Peta kelurahan menurut bagian kebutuhan yang tidak terjangkau",
    )
    if found is None:
        return None
    note = "" if answer.exact else " Sedikitnya, karena penerima yang berhak tidak disebut."
    return html.Section(
        [
            html.H4("Bagian kebutuhan yang tidak terjangkau"),
            html.P(f"Kepulauan Seribu di daftar di bawah.{note}", className="figure-note"),
            found,
        ]
    )


def _plane(answer: Answer) -> Component:
    most = max(max(gap.recipients, gap.need) for gap in answer.gaps) * 1.05 or 1
    figure = kartu_bagian.plane("kebutuhan (keluarga)", "penerima (keluarga)", 420)
    figure.add_trace(
        go.Scatter(
            x=[0, most],
            y=[0, most],
            mode="lines",
            line={"color": charts.QUIET, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[gap.need for gap in answer.gaps],
            y=[gap.recipients for gap in answer.gaps],
            text=[gap.name for gap in answer.gaps],
            mode="markers",
            marker={"color": charts.ACCENT, "size": 8, "opacity": 0.65},
            hovertemplate="%{text}<br>kebutuhan %{x:,.0f}, penerima %{y:,.0f} keluarga"
            "<extra></extra>",
        )
    )
    for x, y, text in (
        (0.02, 0.98, "penerima melebihi kebutuhan"),
        (0.98, 0.04, "kebutuhan melebihi penerima"),
    ):
        figure.add_annotation(
            x=x,
            y=y,
            xref="paper",
            yref="paper",
            text=text,
            showarrow=False,
            xanchor="left" if x < 0.5 else "right",
            font={"color": charts.QUIET, "size": 12},
        )
    figure.update_xaxes(range=[0, most])
    figure.update_yaxes(range=[0, most])
    return html.Section(
        [
            html.H4("Tiap titik satu kelurahan"),
            charts.graph(figure, label="Penerima terhadap kebutuhan, tiap titik satu kelurahan"),
        ]
    )


def _row(gap: Gap, kind: str = "") -> Component:
    figures = (gap.recipients, gap.need, gap.inclusion, gap.exclusion)
    return html.Tr(
        [
            cell(HEADS[0], gap.name),
            *(
                cell(head, words.number(value), "is-number")
                for head, value in zip(HEADS[1:5], figures, strict=True)
            ),
            cell(HEADS[5], words.percent(gap.unreached), "is-number"),
        ],
        className=kind,
    )
