"""The report of one alarm as CSV or XLSX: what happened, who knew of it when, what was done.

URL    /peringatan/laporan.csv?alarm=gate_level:manggarai&pada=2026-02-18T03:10   and .xlsx
Reads  alarm_history, and the ledger of the store

It tells of seven days. What people did carries the hashes of the ledger's chain, and the heading
says whether that chain is whole, so that a report can be held against the ledger later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component
from flask import Response, abort

from dashboards import exports
from dashboards.access import STAFF
from dashboards.alarm_words import KINDS, SEVERITY_WORDS
from dashboards.exports import Cell, Column, Sheet
from dashboards.panels import View
from dashboards.site import Site
from data import queries, words
from data.chain import Proof
from data.ledger import ACTIONS
from data.queries import Row

PATH = "/peringatan/laporan"
FORMATS = ("csv", "xlsx")
SPAN = timedelta(days=7)
COLUMNS = (
    Column("Waktu (WIB)", width=18),
    Column("Peristiwa", width=22),
    Column("Tingkat", width=20),
    Column("Nilai", "number", 1),
    Column("Satuan"),
    Column("Ambang", "number", 1),
    Column("Oleh"),
    Column("Kepada", width=24),
    Column("Sampai (WIB)", width=18),
    Column("Keterangan", width=40),
    Column("Entri sebelumnya (sha256)", width=66),
    Column("Entri ini (sha256)", width=66),
)


def mount(site: Site) -> None:
    """Put the report on the site."""

    def report(kind: str) -> Response:
        view = site.view(("alarm",))
        alarm_id = view.params.get("alarm", "")
        until, since = view.as_of.event_time, view.as_of.event_time - SPAN
        history = queries.alarm_history(site.lake, view.as_of, alarm_id, since=since)
        if kind not in FORMATS or not history:
            abort(404)
        actions = site.ledger.history(alarm_id, since=since, until=until)
        return exports.response(sheet(alarm_id, history, actions, site.ledger.proof(), view), kind)

    site.route(f"{PATH}.<kind>", report, roles=STAFF)


def links(alarm_id: str, view: View) -> Component:
    """Draw the links to the report of an alarm at the moment that is looked at."""
    asked = {"alarm": alarm_id}
    if not view.as_of.live:
        asked |= {"pada": view.as_of.event_time.isoformat(), "seperti": "saat-itu"}
    return html.P(
        [
            "Unduh laporan: ",
            html.A("CSV", href=f"{PATH}.csv?{urlencode(asked)}", download=""),
            " · ",
            html.A("XLSX", href=f"{PATH}.xlsx?{urlencode(asked)}", download=""),
        ],
        className="figure-note",
    )


def sheet(
    alarm_id: str, history: Sequence[Row], actions: Sequence[Row], proof: Proof, view: View
) -> Sheet:
    """Return the report.

    Args:
        history: Rows of `alarm_history`, one at least.
        actions: Rows of the ledger.
    """
    lines = [(row["event_time"], _fact(row)) for row in history]
    lines += [(row["at"], _action(row)) for row in actions]
    lines.sort(key=lambda line: line[0])
    last = history[-1]
    known = min(
        (row["at"] for row in actions if row["raised_at"] == last["raised_at"]), default=None
    )
    return Sheet(
        name="peringatan",
        title=f"Laporan peringatan: {last['title']}",
        at=view.as_of.event_time,
        facts=(
            ("Data per", words.moment(view.as_of.event_time)),
            ("Peringatan", alarm_id),
            ("Muncul terakhir", words.moment(last["raised_at"])),
            ("Keadaan", KINDS[last["state"]]),
            (
                "Tindakan pertama",
                words.NOTHING
                if known is None
                else f"{words.duration(known - last['raised_at'])} sesudah muncul",
            ),
            ("Buku kejadian kini", _chain(proof)),
        ),
        columns=COLUMNS,
        rows=tuple(line for _, line in lines),
        notes=("Laporan memuat tujuh hari terakhir.",),
        simulated=last["simulated"],
    )


def _fact(row: Row) -> tuple[Cell, ...]:
    assumed = "waktu diketahui diasumsikan" if row["known_assumed"] else ""
    return (
        words.short_moment(row["event_time"]),
        KINDS[row["state"]],
        SEVERITY_WORDS[row["severity"]],
        row["value"],
        row["unit"],
        row["bound"],
        "",
        "",
        "",
        assumed,
        "",
        "",
    )


def _action(row: Row) -> tuple[Cell, ...]:
    return (
        words.short_moment(row["at"]),
        ACTIONS[row["action"]],
        SEVERITY_WORDS[row["severity"]],
        None,
        "",
        None,
        row["role"],
        row["to_owner"],
        words.short_moment(row["until"]) if row["until"] else "",
        row["reason"],
        row["previous"],
        row["sha256"],
    )


def _chain(proof: Proof) -> str:
    if not proof.entries:
        return "belum ada entri"
    entries = f"{words.number(proof.entries)} entri, yang terakhir {proof.head}"
    if proof.broken is None:
        return f"rantai utuh, {entries}"
    return f"RANTAI PUTUS pada entri {proof.broken}: isinya pernah diubah; {entries}"
