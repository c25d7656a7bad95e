"""The cases of one unit under one signal, side by side, for an inspector to judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import parts
from dashboards.evidence_words import seen, trust, unit_name
from data import words
from data.evidence import Finding, Signal
from data.photos import AFTER, BEFORE
from data.queries import Row
from data.reviews import LONGEST_NOTE, OPENED, STATES

CASES_SHOWN = 24
PHOTO_STATES = {
    "refused": "Foto tidak diberikan sumber",
    "unreachable": "Sumber foto belum terjangkau",
    "too_large": "Foto terlalu besar",
    "unreadable": "Berkas foto tidak terbaca",
}


def draw_cases(
    signal: Signal,
    finding: Finding | None,
    unit: str,
    cases: Mapping[str, Row],
    history: Sequence[Row],
    stored: Callable[[str, str], bool],
    *,
    live: bool,
) -> Component:
    """Draw the cases of a unit side by side, with what was noted of them.

    Args:
        finding: None where the unit is not pointed out (any more).
        cases: Rows of `evidence_cases`, by report number.
        history: Rows of the store, oldest first.
        stored: Answers whether a photo of a complaint is kept.
        live: What is looked at is the present, so that something can be noted.
    """
    told: list[Any] = [html.P(unit_name(unit), className="check-unit")]
    if finding is None:
        told.append(parts.empty("Unit ini tidak lagi ditandai oleh petunjuk ini"))
    else:
        shown = min(finding.cases, CASES_SHOWN)
        told += [
            html.P(seen(signal, finding)),
            _spared(finding) if signal.code == "reporter" else None,
            _tested(finding) if "untested" in finding.told else None,
            html.P(f"{signal.caveat}.", className="figure-note"),
            html.P(trust(signal), className="figure-note"),
            _form(signal, unit) if live else None,
            html.Ol(
                [_case(signal, finding, nth, cases, stored) for nth in range(shown)],
                className="check-cases",
            ),
            _further(finding.cases - shown),
        ]
    return html.Div([*told, _history(history)], className="check-drawer")


def _further(count: int) -> Component | None:
    if not count:
        return None
    return html.P(
        f"{words.number(count)} kasus lain ada dalam unduhan data.", className="figure-note"
    )


def _spared(finding: Finding) -> Component:
    """Return what the kelurahan's figure is without this reporter."""
    of_all, rejected = finding.told["of_kelurahan"], finding.told["rejected_of_all"]
    sent = finding.told["sent"]
    left = of_all - sent
    without = (rejected - finding.cases) / left if left else None
    return html.P(
        [
            f"Pelapor ini mengirim {words.number(sent)} dari {words.number(of_all)} laporan"
            f" kelurahan. Ditolak: {words.percent(rejected / of_all)} dari semua;"
            " tanpa pelapor ini: ",
            html.Strong(words.percent(without)),
            ".",
        ]
    )


def _tested(finding: Finding) -> Component:
    """Return how the other feeds speak of all that the unit finished."""
    return html.P(
        f"Bertentangan {words.number(finding.cases)} · sejalan"
        f" {words.number(finding.n - finding.cases)} · tak dapat diuji"
        f" {words.number(finding.told['untested'])} (sumber lain diam saat itu)"
    )


def _case(
    signal: Signal,
    finding: Finding,
    nth: int,
    cases: Mapping[str, Row],
    stored: Callable[[str, str], bool],
) -> Component:
    complaint_id, against = finding.complaint_ids[nth], finding.against[nth]
    row, other = cases.get(complaint_id), cases.get(against)
    measure = f"{signal.measure}: {words.quantity(finding.measures[nth], signal.measure_unit)}"
    match signal.code:
        case "photo":
            pictures = [(against, other, AFTER), (complaint_id, row, AFTER)]
        case "recomplaint":
            pictures = [(complaint_id, row, AFTER), (against, other, BEFORE)]
        case "reporter":
            pictures = []
        case _:
            pictures = [(complaint_id, row, BEFORE), (complaint_id, row, AFTER)]
    return html.Li(
        [
            html.P(
                [
                    _link(complaint_id),
                    html.Span(" · ".join(_about(row)), className="figure-note"),
                ]
            ),
            html.P([html.Strong(measure), *_against(signal, against)]),
            html.Div([_picture(*picture, stored) for picture in pictures], className="check-pair")
            if pictures
            else None,
            html.P(_provenance(row), className="figure-note") if row and pictures else None,
        ]
    )


def _link(complaint_id: str) -> Component:
    return html.A(complaint_id, href=f"/pengaduan/{complaint_id}", **{"data-act": "visit"})


def _about(row: Row | None) -> list[str]:
    if row is None:
        return ["rinciannya tidak ada dalam data"]
    told = [row["category"] or "tanpa kategori", row["kelurahan"] or "tempat tidak diketahui"]
    told.append(f"masuk {words.short_moment(row['created_at'])}")
    if row["resolved_at"] is not None:
        told.append(f"selesai {words.short_moment(row['resolved_at'])} WIB")
    return told


def _against(signal: Signal, against: str) -> tuple[Any, ...]:
    match signal.code:
        case "recomplaint":
            return " · dilaporkan lagi: ", _link(against)
        case "photo":
            return " · dengan foto ", _link(against)
        case "contradiction" | "jam":
            return (f" · {against}",)
    return ()


def _picture(
    complaint_id: str, row: Row | None, which: str, stored: Callable[[str, str], bool]
) -> Component:
    name = f"{'Sebelum' if which == BEFORE else 'Sesudah'} · {complaint_id}"
    if stored(complaint_id, which):
        shown: Component = html.Img(
            src=f"/pengaduan/{complaint_id}/foto/{which}.jpg",
            alt=f"Foto {which} laporan {complaint_id}",
            width="480",
            height="360",
        )
    else:
        state = None if row is None else row["before_state" if which == BEFORE else "after_state"]
        shown = html.Div(_missing(state), className="check-no-photo")
    return html.Figure([shown, html.Figcaption(name)])


def _missing(state: str | None) -> str:
    if state == "stored":
        return "Foto sudah dihapus menurut masa simpan"
    return PHOTO_STATES.get(state or "", "Foto tidak diambil")


def _provenance(row: Row) -> str:
    """Return what the after-photo says of itself against what the complaint says."""
    if row["after_state"] != "stored":
        return "Foto sesudah tidak terverifikasi: tidak dapat dibaca."
    said = []
    if row["taken_at"] is not None and row["resolved_at"] is not None:
        span = row["resolved_at"] - row["taken_at"]
        side = "sebelum" if span >= timedelta(0) else "sesudah"
        said.append(f"diambil {words.duration(abs(span))} {side} selesai")
    if row["distance_m"] is not None:
        said.append(f"{words.quantity(row['distance_m'], 'm')} dari titik laporan")
    elif row["has_gps"]:
        said.append("bertitik, tetapi laporan ini tidak")
    if not said:
        return "Foto sesudah tidak terverifikasi: berkasnya tidak menyebut waktu dan tempat."
    return f"Foto sesudah {', '.join(said)}, menurut berkasnya."


def _form(signal: Signal, unit: str) -> Component:
    options = [html.Option(word, value=action) for action, word in STATES.items()]
    return html.Form(
        [
            html.Label(
                ["Keadaan pemeriksaan", html.Select(options, name="action")],
                className="form-field",
            ),
            html.Label(
                [
                    "Catatan (wajib untuk kesimpulan)",
                    html.Textarea(name="note", rows=3, maxLength=LONGEST_NOTE),
                ],
                className="form-field",
            ),
            html.Button(
                "Simpan",
                className="button is-first",
                type="button",
                **{"data-act": "check-save", "data-signal": signal.code, "data-unit": unit},
            ),
        ],
        className="check-form",
    )


def _history(rows: Sequence[Row]) -> Component | None:
    if not rows:
        return None
    return html.Div(
        [
            html.H3("Riwayat pemeriksaan"),
            html.Ol(
                [
                    html.Li(
                        [
                            html.Span(words.short_moment(row["at"]) + " WIB"),
                            html.Span(
                                f"{'Dibuka' if row['action'] == OPENED else STATES[row['action']]}"
                                f" oleh {row['role']}" + (f": {row['note']}" if row["note"] else "")
                            ),
                        ]
                    )
                    for row in reversed(rows[-20:])
                ],
                className="check-history",
            ),
        ]
    )
