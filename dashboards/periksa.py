"""Perlu diperiksa: what speaks for a closer look, for inspectors alone.

URL    /periksa?wilayah=31.74&pada=2026-02-18T03:10
Reads  evidence_recomplaints, evidence_fast, evidence_photos, evidence_cutoff, evidence_reporters,
       evidence_contradictions, evidence_jams, evidence_cases, duplicates_by_area, and the reviews
       of the store

Each signal says what was seen, why it may mean something and why it may not, and how often it is
right where that is known. It points at cases to look into, never at a culprit. What is judged ended
before midnight (WIB), so that the same is shown all day. To open the cases of a unit is noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pandas as pd
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import parts
from dashboards.access import current_role
from dashboards.complaint_search import DAILY
from dashboards.evidence_drawer import CASES_SHOWN, draw_cases
from dashboards.evidence_words import state_word, trust, unit_name
from dashboards.panels import Panel, View, answer, panel_slot, to_bytes
from dashboards.site import ActionError, Site
from dashboards.tables import cell, table
from dashboards.versions import LEDGER
from data import evidence, queries, reference, words
from data.asof import WIB, AsOf
from data.evidence import Finding, Signal
from data.lake import Lake
from data.metrics import metrics
from data.propensity import reporting_propensity
from data.queries import Row
from data.reviews import Review, ReviewError, Reviews, waiting

PATH = "/periksa"
CASES, REVIEW = f"{PATH}/kasus", f"{PATH}/catat"
ROLES = frozenset({"inspektur", "admin"})
# A case may have begun long before the window of its signal.
CASES_BEGAN = timedelta(days=365)
KNOWN_EVERY_S = 600
PROPENSITY_WINDOW = timedelta(days=365)
PROPENSITY_LIFE_H = 24.0


def mount(site: Site) -> None:
    """Put the page, its panels, the cases and the reviews on the site."""
    panels = [_panel(site, signal) for signal in evidence.signals().values()]
    summary, quiet = _waiting_panel(site), _quiet_panel()
    site.panels(summary, *panels, quiet)
    site.route(CASES, lambda: _cases(site), roles=ROLES)
    site.action(REVIEW, lambda: _review(site), roles=ROLES)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                _preface(),
                panel_slot(summary, class_name="check-panel"),
                html.Div(
                    [panel_slot(panel, class_name="check-panel") for panel in panels],
                    className="check-signals",
                ),
                panel_slot(quiet, class_name="check-panel"),
            ],
            className="page check-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Perlu diperiksa",
        icon="check",
        order=75,
        roles=ROLES,
        layout=layout,
    )


def cut(as_of: AsOf) -> AsOf:
    """Return the midnight (WIB) at or before a moment, as known some minutes before it at most.

    To some minutes, so that what was judged can be kept for all who ask.
    """
    local = as_of.event_time.astimezone(WIB)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    known = as_of.known_time - timedelta(seconds=as_of.known_time.timestamp() % KNOWN_EVERY_S)
    return AsOf(midnight, max(midnight, known), live=False)


def draw_signal(
    signal: Signal,
    found: Sequence[Finding],
    standing: Mapping[tuple[str, str], Review],
    cut_at: datetime,
    query: Mapping[str, str],
) -> Component:
    """Draw one signal: what it means, how far it can be trusted, and whom it points at.

    Args:
        found: Of `evidence.findings`.
        standing: How units stand, by signal and unit.
        cut_at: Midnight up to which cases count.
        query: What names the moment in the URL.
    """
    return html.Div(
        [
            html.Dl(
                [
                    *_fact("Mengapa diperhatikan", f"{signal.meaning}."),
                    *_fact("Mengapa belum tentu", f"{signal.caveat}."),
                    *_fact("Seberapa tepat", trust(signal)),
                ],
                className="check-why",
            ),
            _units(signal, found, standing, query)
            if found
            else parts.empty(
                "Tidak ada yang menonjol",
                "Tidak ada unit dengan kasus lebih banyak daripada yang lazim di kota.",
            ),
            html.P(
                [
                    f"Kasus {words.number(signal.window.days)} hari, data per"
                    f" {words.day(cut_at - timedelta(seconds=1))} pukul 24.00 WIB ",
                    parts.simulated_mark()
                    if any(one.told.get("simulated") for one in found)
                    else None,
                ],
                className="figure-note",
            ),
        ]
    )


def draw_waiting(rows: Sequence[Row]) -> Component:
    """Draw how many findings of each signal wait for an inspector."""
    metric = metrics()["M11"]
    heads = ("Petunjuk", "ditunjuk", "menunggu")
    return html.Div(
        [
            html.P(
                [
                    html.Strong(words.quantity(sum(row["menunggu"] for row in rows), metric.unit)),
                    f" menunggu. {metric.definition}; {metric.guard}. ",
                    parts.simulated_mark() if any(row["simulasi"] for row in rows) else None,
                ]
            ),
            table(
                heads,
                [
                    html.Tr(
                        [
                            html.Th(row["petunjuk"], scope="row"),
                            cell(heads[1], words.number(row["ditunjuk"]), "number"),
                            cell(heads[2], words.number(row["menunggu"]), "number"),
                        ]
                    )
                    for row in rows
                ],
            ),
        ]
    )


def inside(unit: str, area: str) -> bool:
    """Answer whether an office or a reporter belongs to `area`; "31" is the whole city."""
    code = unit.partition("/")[0]
    if "/" not in unit:
        codes = {row["agency"]: row["area_code"] for row in reference.rows("agencies")}
        code = codes.get(unit, "31")
    return area == "31" or code.startswith(area)


def draw_quiet(rows: Sequence[Row]) -> Component:
    """Draw the kelurahan that report little of what happens; rows of `propensity_rows`."""
    if not rows:
        return parts.empty("Belum dapat dihitung", "Perlu laporan gabungan dari setahun terakhir.")
    quiet = [row for row in rows if row["rendah"]]
    eager = sum(row["ratio_low"] > 2 for row in rows)
    told = html.P(
        f"{words.number(len(quiet))} dari {words.number(len(rows))} kelurahan melapor jelas lebih"
        f" jarang dari kota untuk kejadian yang sama; {words.number(eager)} melapor lebih dari dua"
        " kali lipat. Sedikit laporan di sana tidak berarti sedikit masalah.",
    )
    if not quiet:
        return html.Div([told])
    heads = (
        "kelurahan",
        "kejadian",
        "laporan lanjutan",
        "dibanding kota",
        "dilaporkan dalam 24 jam",
    )
    return html.Div(
        [
            told,
            table(
                heads,
                [
                    html.Tr(
                        [
                            html.Th(row["name"], scope="row"),
                            cell(heads[1], words.number(row["incidents"]), "number"),
                            cell(heads[2], words.number(row["duplicates"]), "number"),
                            cell(
                                heads[3],
                                _times(row),
                                "number",
                            ),
                            cell(heads[4], words.percent(row["reported"], 0), "number"),
                        ]
                    )
                    for row in quiet
                ],
                tall=True,
            ),
            parts.simulated_mark() if rows[0]["simulated"] else None,
        ]
    )


def propensity_rows(rows: Sequence[Row], names: Mapping[str, str]) -> list[Row]:
    """Return how readily each kelurahan reports, least first; nothing where no report was joined.

    Args:
        rows: Of the query `duplicates_by_area`.
        names: Of the areas, by code.
    """
    if not any(row["duplicates"] for row in rows):
        return []
    units = pd.DataFrame(rows).set_index("kelurahan_code")
    figures = reporting_propensity(units[["duplicates", "hours"]], PROPENSITY_LIFE_H).units
    told = figures.join(units[["incidents", "duplicates", "simulated"]]).sort_values("ratio")
    return [
        {
            "code": code,
            "name": names.get(str(code), str(code)),
            "incidents": int(row["incidents"]),
            "duplicates": int(row["duplicates"]),
            "ratio": float(row["ratio"]),
            "ratio_low": float(row["ratio_low"]),
            "ratio_high": float(row["ratio_high"]),
            "reported": float(row["reported"]),
            "rendah": bool(row["pelaporan_rendah"]),
            "simulated": bool(row["simulated"]),
        }
        for code, row in told.iterrows()
    ]


def _waiting_panel(site: Site) -> Panel:
    def rows(lake: Lake, view: View) -> list[Row]:
        standing = Reviews(site.store).standing(view.as_of.event_time)
        told = []
        for signal in evidence.signals().values():
            found = _findings_inside(site, lake, view, signal)
            told.append(
                {
                    "petunjuk": signal.name,
                    "ditunjuk": len(found),
                    "menunggu": len(waiting(found, standing)),
                    "simulasi": any(one.told.get("simulated") for one in found),
                }
            )
        return told

    return Panel(
        "periksa-menunggu",
        metrics()["M11"].name,
        (LEDGER, *DAILY),
        ROLES,
        lambda lake, view: draw_waiting(rows(lake, view)),
        f"{metrics()['M11'].definition}: temuan dari panel di bawah, tanpa yang sudah dinyatakan"
        " wajar atau ditindaklanjuti.",
        queries=tuple(queries.EVIDENCE.values()),
        rows=rows,
        tables=("complaint_versions",),
    )


def _panel(site: Site, signal: Signal) -> Panel:
    def found(lake: Lake, view: View) -> list[Finding]:
        return _findings_inside(site, lake, view, signal)

    def standing(view: View) -> Mapping[tuple[str, str], Review]:
        return Reviews(site.store).standing(view.as_of.event_time)

    def render(lake: Lake, view: View) -> Component:
        return draw_signal(
            signal,
            found(lake, view),
            standing(view),
            cut(view.as_of).event_time,
            _moment(view.as_of),
        )

    def rows(lake: Lake, view: View) -> list[Row]:
        states = standing(view)
        return [
            {
                "petunjuk": signal.name,
                "unit": unit_name(one.unit),
                "kasus": one.cases,
                "dari": one.n,
                "lazimnya": round(one.usual, 2),
                "keadaan": state_word(states.get((signal.code, one.unit))),
                "nomor_laporan": complaint_id,
                "dibandingkan_dengan": against,
                signal.measure.lower().replace(" ", "_") + f"_{signal.measure_unit}": measure,
            }
            for one in found(lake, view)
            for complaint_id, against, measure in zip(
                one.complaint_ids, one.against, one.measures, strict=True
            )
        ]

    return Panel(
        f"periksa-{signal.code}",
        signal.name,
        (LEDGER, *DAILY),
        ROLES,
        render,
        f"Unit ditandai bila kasusnya paling sedikit {signal.at_least}, paling sedikit dua kali"
        " yang lazim di kota untuk laporan sebanyak itu, dan jauh di luar kebetulan: sebaran"
        " antarunit diperhitungkan (binomial negatif), dan paling banyak"
        f" {words.percent(signal.fdr, 0)} dari yang ditandai diperkirakan hanya kebetulan"
        " (Benjamini-Hochberg). Batasnya ada dalam evidence_rules.",
        queries=(queries.EVIDENCE[signal.code],),
        rows=rows,
        tables=("complaint_versions",),
    )


def _quiet_panel() -> Panel:
    def rows(lake: Lake, view: View) -> list[Row]:
        as_of = cut(view.as_of)
        found = queries.duplicates_by_area(lake, as_of, since=as_of.event_time - PROPENSITY_WINDOW)
        # Kepulauan Seribu is shown nowhere beside the others: too little happens there.
        known = [row for row in found if not row["kelurahan_code"].startswith("31.01")]
        return [
            row
            for row in propensity_rows(known, queries.area_names(lake))
            if row["code"].startswith(view.area)
        ]

    return Panel(
        "periksa-pelaporan",
        "Pelaporan rendah",
        (LEDGER, *DAILY),
        ROLES,
        lambda lake, view: draw_quiet(rows(lake, view)),
        "Setelah laporan pertama, kejadian itu pasti ada; laporan berikutnya datang dengan laju"
        " yang khas bagi warga setempat (Liu, Bhandaram & Garg 2024). Laju diperkirakan dari"
        " laporan gabungan setahun dengan penyusutan Gamma-Poisson dan rentang ketidakpastian"
        " 90 %. Rendah: dengan kepastian 95 % di bawah dua pertiga laju kota.",
        queries=("duplicates_by_area",),
        rows=rows,
        tables=("complaint_versions",),
    )


def _findings_inside(site: Site, lake: Lake, view: View, signal: Signal) -> list[Finding]:
    return [one for one in _findings(site, lake, view, signal) if inside(one.unit, view.area)]


def _findings(site: Site, lake: Lake, view: View, signal: Signal) -> list[Finding]:
    """Return whom a signal points at, judged once for the panel, the cases and the download."""
    as_of = cut(view.as_of)
    moment = f"{as_of.event_time.isoformat()}|{as_of.known_time.isoformat()}"

    def judged() -> bytes:
        rows = queries.evidence(lake, as_of, signal)
        return orjson.dumps([asdict(one) for one in evidence.findings(signal, rows)])

    kept = site.shelf.get(f"evidence|{signal.code}|{moment}", judged)
    return [
        Finding(
            **one | {name: tuple(one[name]) for name in ("complaint_ids", "against", "measures")}
        )
        for one in orjson.loads(kept)
    ]


def _cases(site: Site) -> Response:
    """Answer the cases of one unit under one signal, and note who opened them."""
    signal = evidence.signals().get(request.args.get("sinyal", ""))
    unit = request.args.get("unit", "")[:200]
    if signal is None or not unit:
        abort(404)
    view = site.view()
    reviews = Reviews(site.store)
    finding = next(
        (one for one in _findings(site, site.lake, view, signal) if one.unit == unit), None
    )
    cases: dict[str, Row] = {}
    if finding is not None:
        reviews.open(signal.code, unit, role=view.role.id, at=site.clock.now())
        some = finding.complaint_ids[:CASES_SHOWN] + finding.against[:CASES_SHOWN]
        as_of = cut(view.as_of)
        since = as_of.event_time - signal.window - CASES_BEGAN
        cases = queries.evidence_cases(site.lake, as_of, some, since=since)
    return answer(
        to_bytes(
            draw_cases(
                signal,
                finding,
                unit,
                cases,
                reviews.history(signal.code, unit, view.as_of.event_time),
                lambda complaint_id, which: site.photos.path(complaint_id, which) is not None,
                live=view.as_of.live and finding is not None,
            )
        )
    )


def _review(site: Site) -> dict[str, Any]:
    asked = request.get_json()
    signal, unit = asked.get("signal"), asked.get("unit")
    if signal not in evidence.signals() or not isinstance(unit, str) or not 0 < len(unit) <= 200:
        raise ActionError("Petunjuk atau unit ini tidak dikenal.")
    try:
        Reviews(site.store).act(
            signal,
            unit,
            str(asked.get("action", "")),
            role=current_role().id,
            at=site.clock.now(),
            note=str(asked.get("note", "")),
        )
    except ReviewError as error:
        raise ActionError(str(error)) from error
    return {"ok": True}


def _preface() -> Component:
    return html.Div(
        [
            html.H1("Perlu diperiksa"),
            html.P(
                [
                    "Petunjuk untuk diperiksa, bukan putusan. Setiap petunjuk punya penjelasan yang"
                    " wajar; yang ditandai baru berarti sesudah kasusnya dilihat. Tidak mengubah"
                    " peringkat dan tidak tampil bagi publik. ",
                    html.Strong("Setiap pembukaan kasus dicatat."),
                ]
            ),
        ],
        className="check-preface",
    )


def _units(
    signal: Signal,
    found: Sequence[Finding],
    standing: Mapping[tuple[str, str], Review],
    query: Mapping[str, str],
) -> Component:
    heads = (signal.unit, "kasus", "dari", "lazimnya", "keadaan", "")
    rows = [
        html.Tr(
            [
                html.Th(unit_name(one.unit), scope="row"),
                cell(heads[1], words.number(one.cases), "number"),
                cell(heads[2], words.number(one.n), "number"),
                cell(
                    heads[3],
                    "< 0,1" if one.usual < 0.05 else words.number(one.usual, 1),
                    "number",
                ),
                cell(heads[4], _state_mark(standing.get((signal.code, one.unit)))),
                html.Td(
                    html.Button(
                        "Lihat kasus",
                        className="button",
                        type="button",
                        **{
                            "data-act": "open",
                            "data-url": f"{CASES}?"
                            + urlencode({"sinyal": signal.code, "unit": one.unit} | dict(query)),
                            "title": signal.name,
                            "aria-label": f"Lihat kasus {unit_name(one.unit)}",
                        },
                    )
                ),
            ]
        )
        for one in found
    ]
    return table(heads, rows, tall=len(found) > 8)


def _state_mark(review: Review | None) -> Component:
    kind = "unseen" if review is None else review.action
    return html.Span(
        [html.Span(className="check-shape", **{"aria-hidden": "true"}), state_word(review)],
        className=f"check-state check-state-{kind}",
    )


def _fact(name: str, told: Any) -> tuple[Component, Component]:
    return html.Dt(name), html.Dd(told)


def _times(row: Row) -> str:
    low, high = words.number(row["ratio_low"], 2), words.number(row["ratio_high"], 2)
    return f"{words.number(row['ratio'], 2)}× ({low}–{high}×)"


def _moment(as_of: AsOf) -> dict[str, str]:
    """Return what names a replayed moment in the URL."""
    if as_of.live:
        return {}
    seen = "sekarang" if as_of.known_time > as_of.event_time else "saat-itu"
    return {"pada": as_of.event_time.isoformat(), "seperti": seen}
