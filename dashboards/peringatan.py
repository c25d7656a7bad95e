"""Peringatan: the alarms that stand, who has each, what to do, and the status of the city.

URL    /peringatan?alarm=gate_level:manggarai&aturan=gate_level&keadaan=menunggu&wilayah=31.74
Reads  alarms_now, alarms_ended, alarm_history, alarm_rates, city_status, gates_now, level_history,
       river_records, pumps_now, cameras_near, cameras_now, officers_now, and the ledger of the
       store

An alarm is a fact of the lake; what people do about it stands in the ledger, and both move the
panels. What a person does is posted to /peringatan/tindakan, of several alarms at once to
/peringatan/diketahui; /peringatan/belum tells every page how many alarms nobody knows of yet, for
the badge and the sound (assets/peringatan.js).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, jsonify, request

from dashboards import charts, floods, layers, parts, peringatan_laporan
from dashboards.access import STAFF, current_role
from dashboards.alarm_words import KINDS, SEVERITY_WORDS
from dashboards.layers import ARROWS, CAMERA_WORDS, trend
from dashboards.panels import UNKNOWN, Panel, View, answer, panel_slot, to_bytes
from dashboards.site import ActionError, Site
from dashboards.versions import LEDGER
from data import alarms, city_status, lags, queries, reference, waves, words
from data.asof import WIB, AsOf
from data.lake import Lake
from data.ledger import ACTIONS, LONGEST_TEXT, Held, LedgerError
from data.queries import Row

PATH = "/peringatan"
ACT, ACT_ON_ALL = f"{PATH}/tindakan", f"{PATH}/diketahui"
FORM, WAITING = f"{PATH}/formulir", f"{PATH}/belum"
ROLES = STAFF
FEEDS = ("alarms", LEDGER)
# What stands beside an alarm is as young as its own feeds.
NEAR_FEEDS = (*layers.PUMPS.feeds, *layers.CAMERAS.feeds, *layers.OFFICERS.feeds)
# The status is noted even where no alarm stands, so that "none" is known from "not judged".
TABLES = ("alarms", "city_status")
PARAMS = ("alarm", "aturan", "keadaan")
LEVELS_SHOWN, LEVEL_STEP = timedelta(hours=24), timedelta(minutes=10)
NEAREST = 3
ENDED_SHOWN = 50
FIRST_SHOWN = 20
# On a flood night half the roads have an alarm: so many of one severity make one line.
LEAST_GATHERED = 3
STANDING_LONG = timedelta(days=1)
# EEMUA 191: what one operator can take in.
STEADY_10MIN, FLOOD_10MIN = 1, 10
# An alarm at the desk is heard for these only.
LOUD = ("siaga1", "siaga2")
SIGNS = {"siaga1": "1", "siaga2": "2", "siaga3": "3", "warning": "!", "notice": "i"}
# Action -> what it does, what is asked for, the word on its button.
FORMS = {
    "snooze": (
        "Peringatan tidak bersuara dan tidak dihitung sampai waktunya habis, atau sampai bertambah"
        " gawat.",
        "Alasan (wajib)",
        "Tunda",
    ),
    "hand_on": (
        "Serah terima dicatat; peringatan tetap berlaku.",
        "Pesan (boleh kosong)",
        "Serahkan",
    ),
    "note": ("Catatan masuk riwayat peringatan ini.", "Catatan", "Simpan catatan"),
    "close": (
        "Peringatan tetap berlaku sampai nilainya turun, tetapi tercatat sudah ditangani.",
        "Hasil (wajib)",
        "Tutup",
    ),
}
SNOOZES = ((15, "15 menit"), (30, "30 menit"), (60, "1 jam"), (240, "4 jam"), (1_440, "24 jam"))


@dataclass(frozen=True)
class Shown:
    """One alarm with how it stands with the people.

    Args:
        row: Of the query `alarms_now`.
        gate: Of `gates_now`, where it is about a gate that is known.
    """

    row: Row
    held: Held
    gate: Row | None = None

    @property
    def waits(self) -> bool:
        """Nobody has said that he knows of it."""
        return self.held.waits

    @property
    def calls(self) -> bool:
        """It waits, and is more than a notice: on a flood night half the roads have one."""
        return self.waits and self.row["state"] == "active" and self.row["severity"] != "notice"


# What may be done about several at once: action -> its word, and about which of them.
TOGETHER: Mapping[str, tuple[str, Callable[[Shown], bool]]] = {
    "acknowledge": ("Tandai semua diketahui", lambda one: one.waits),
    "unacknowledge": ("Batalkan semua", lambda one: one.held.may_wait_again),
}
# What the list may be narrowed to: value in the URL -> word, test.
STATES: Mapping[str, tuple[str, Callable[[Shown], bool]]] = {
    "menunggu": ("Belum diketahui", lambda one: one.waits),
    "diketahui": ("Diketahui", lambda one: one.held.acknowledged_at is not None),
    "ditunda": ("Ditunda", lambda one: one.held.snoozed_until is not None),
    "tak-dinilai": ("Tidak dapat dinilai", lambda one: one.row["state"] == "unassessable"),
}


def mount(site: Site) -> None:
    """Put the page, its panels, its actions and the count of waiting alarms on the site."""
    status, standing, chosen, figures, ended = panels = _panels(site)
    site.panels(*panels)
    site.action(ACT, lambda: _act(site), roles=ROLES)
    site.action(ACT_ON_ALL, lambda: _act_on_all(site), roles=ROLES)
    site.route(FORM, lambda: _form(site), roles=ROLES)
    site.route(WAITING, lambda: _waiting(site), roles=ROLES)
    peringatan_laporan.mount(site)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Peringatan", className="visually-hidden"),
                panel_slot(status, class_name="alarm-status"),
                panel_slot(standing, class_name="alarm-standing"),
                panel_slot(chosen, class_name="alarm-chosen"),
                panel_slot(figures, class_name="alarm-figures"),
                panel_slot(ended, class_name="alarm-ended"),
            ],
            className="page alarm-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Peringatan",
        icon="alarm",
        order=5,
        roles=ROLES,
        layout=layout,
    )


def draw_status(row: Row | None) -> Component:
    """Draw the status of the city, why, what it asks and what would lower it; of `city_status`."""
    if row is None:
        return parts.empty("Status kota belum dinilai")
    unclear = row["unassessable"] or 0
    return html.Div(
        [
            html.Div(
                [
                    html.P("Status kota", className="figure-label"),
                    html.P(
                        parts.judged(city_status.WORDS[row["level"]], feeds=("alarms",)),
                        className="kota-word",
                    ),
                    html.P(["sejak ", html.Strong(words.clock(row["since"])), ", ", _day(row)]),
                    html.P(
                        f"{words.number(unclear)} peringatan di baliknya tidak dapat dinilai",
                        className="kota-unclear",
                    )
                    if unclear
                    else None,
                    html.Ol(
                        [
                            html.Li(word, className="is-here" if level == row["level"] else "")
                            for level, word in city_status.WORDS.items()
                        ],
                        className="kota-scale",
                    ),
                ],
                className="kota-now",
            ),
            _sentences("Alasan", row["reasons"]),
            _asks(row["asks"] or ()),
            _sentences("Yang akan menurunkannya", row["lowers"], "Sudah tingkat paling rendah"),
        ],
        className="kota",
    )


def draw_standing(
    shown: Sequence[Shown], view: View, rules: Mapping[str, alarms.Rule]
) -> Component:
    """Draw the standing alarms, gravest first, with what narrows the list."""
    if not shown:
        return parts.empty(
            "Tidak ada peringatan yang berlaku",
            "Aturan dinilai setiap beberapa detik; lihat umur panel ini di kanan atas.",
        )
    kept = narrowed(shown, view.params)
    lines = _lines(kept, view, rules)
    first, further = lines[:FIRST_SHOWN], lines[FIRST_SHOWN:]
    return html.Div(
        [
            _filters(shown, view, rules),
            html.Ol(
                [line for _, line in first],
                className="alarms",
                **{"aria-label": "Peringatan yang berlaku, yang paling gawat dulu"},
            )
            if lines
            else parts.empty("Tidak ada peringatan yang cocok dengan pilihan ini"),
            _further(further),
        ]
    )


def _lines(
    kept: Sequence[Shown], view: View, rules: Mapping[str, alarms.Rule]
) -> list[tuple[int, Component]]:
    """Draw alarms, corridors of one severity in one line unless only corridors are asked for.

    Returns:
        How many alarms a line holds, and the line.
    """
    roads: dict[str, list[Shown]] = defaultdict(list)
    for one in kept:
        if one.row["subject_kind"] == "corridor" and one.row["state"] == "active":
            roads[one.row["severity"]].append(one)
    gathered = {
        id(one): group
        for group in roads.values()
        if len(group) >= LEAST_GATHERED and view.params.get("aturan") != group[0].row["rule"]
        for one in group
    }
    lines = []
    for one in kept:
        group = gathered.get(id(one), [])
        if not group:
            lines.append((1, _alarm(one, view, rules)))
        elif one is group[0]:
            lines.append((len(group), _gathered(group, view, rules)))
    return lines


def _gathered(roads: Sequence[Shown], view: View, rules: Mapping[str, alarms.Rule]) -> Component:
    first = roads[0].row
    action = "acknowledge" if any(one.waits for one in roads) else "unacknowledge"
    word, concerns = TOGETHER[action]
    concerned = [one.row["alarm_id"] for one in roads if concerns(one)]
    waiting = len(concerned) if action == "acknowledge" else 0
    oldest = min(one.row["since"] for one in roads)
    latest = max((one.row for one in roads), key=lambda row: row["known_time"])
    title = first["title"].replace(first["subject"], f"{words.number(len(roads))} koridor")
    return html.Li(
        [
            html.Details(
                [
                    html.Summary(
                        [
                            severity_mark(first["severity"]),
                            html.Span(title, className="alarm-title"),
                            html.Span(
                                f"{words.number(waiting)} belum diketahui · "
                                if waiting
                                else "tidak ada yang menunggu · ",
                                f"memutuskan: {first['owner']}",
                                className="alarm-who",
                            ),
                            html.Span(
                                ["tertua sejak ", words.clock(oldest), ", ", parts.age(oldest)],
                                className="alarm-age",
                            ),
                            parts.late_mark(latest, view.as_of),
                        ],
                        className="alarm-open",
                    ),
                    html.Ol([_alarm(one, view, rules) for one in roads], className="alarms"),
                ],
                open=any(view.params.get("alarm") == one.row["alarm_id"] for one in roads),
                **{"data-key": first["severity"]},
            ),
            html.Button(
                word,
                className="button alarm-ack-all",
                type="button",
                **{"data-act": "alarm-all", "data-do": action},
                **{"data-alarms": orjson.dumps(concerned).decode()},
                **{"aria-label": f"{word}: {title}"},
            )
            if concerned and view.as_of.live
            else None,
        ],
        className="alarm-gathered",
    )


def _further(lines: Sequence[tuple[int, Component]]) -> Component | None:
    if not lines:
        return None
    return html.Details(
        [
            html.Summary(f"{words.number(sum(count for count, _ in lines))} peringatan lain"),
            html.Ol([line for _, line in lines], className="alarms"),
        ],
        className="more",
        **{"data-key": "lain"},
    )


def narrowed(shown: Sequence[Shown], params: Mapping[str, str]) -> list[Shown]:
    """Return the alarms that the URL asks for; what it names wrongly narrows nothing."""
    rule, state = params.get("aturan"), STATES.get(params.get("keadaan", ""))
    known = {one.row["rule"] for one in shown}
    return [
        one
        for one in shown
        if (rule not in known or one.row["rule"] == rule) and (state is None or state[1](one))
    ]


def severity_mark(severity: str) -> Component:
    """Return a severity by fill, shape, sign and word."""
    return html.Span(
        [
            html.Span(SIGNS[severity], className="alarm-shape", **{"aria-hidden": "true"}),
            html.Span(SEVERITY_WORDS[severity], className="alarm-word"),
        ],
        className=f"alarm-mark alarm-mark-{severity}",
    )


def who_has_it(held: Held) -> str:
    """Return in words who has an alarm."""
    if held.closed_at is not None:
        return f"Ditutup {words.clock(held.closed_at)}: {held.outcome}"
    if held.snoozed_until is not None:
        return f"Ditunda sampai {words.clock(held.snoozed_until)}: {held.snooze_reason}"
    if held.handed_to:
        return f"Diserahkan kepada {held.handed_to}"
    if held.acknowledged_at is not None:
        return f"Diketahui {held.acknowledged_by} {words.clock(held.acknowledged_at)}"
    return "Belum diketahui"


def draw_figures(rates: Row, shown: Sequence[Shown], as_of: datetime) -> Component:
    """Draw the load of the desk against EEMUA 191; `rates` is the row of `alarm_rates`."""
    long = sum(as_of - one.row["raised_at"] >= STANDING_LONG for one in shown)
    share = rates["urgent_day"] / rates["last_day"] if rates["last_day"] else None
    flood = rates["most_10min"] >= FLOOD_10MIN
    return html.Div(
        [
            parts.figure(
                rates["last_10min"],
                label="Muncul dalam 10 menit terakhir",
                unit="peringatan",
                note=f"Beban tenang bagi satu operator: {STEADY_10MIN} per 10 menit (EEMUA 191)",
            ),
            parts.figure(
                rates["most_10min"],
                label="Terbanyak dalam 10 menit, 24 jam terakhir",
                unit="peringatan",
                note="Banjir peringatan: 10 atau lebih"
                if flood
                else f"Di bawah batas banjir peringatan ({FLOOD_10MIN})",
            ),
            parts.figure(
                len(shown),
                label="Berlaku sekarang",
                unit="peringatan",
                note=f"{words.number(sum(one.waits for one in shown))} belum diketahui ·"
                f" {words.number(long)} lebih dari 24 jam",
            ),
            parts.figure(
                rates["last_day"],
                label="Muncul dalam 24 jam",
                unit="peringatan",
                note=f"Siaga 1 dan 2: {words.percent(share, 0)} (anjuran EEMUA: sekitar 5–20 %)",
            ),
            parts.figure(
                rates["chattering"],
                label="Berkedip (muncul 3 kali dalam sejam)",
                unit="peringatan",
                note="Seharusnya selalu 0",
            ),
        ],
        className="figures",
    )


def draw_ended(rows: Sequence[Row], view: View) -> Component:
    """Draw the alarms that ended within a day, newest first; rows of `alarms_ended`."""
    if not rows:
        return parts.empty("Tidak ada peringatan yang berakhir dalam 24 jam terakhir")
    return html.Div(
        html.Table(
            [
                html.Thead(
                    html.Tr(
                        [
                            html.Th("Berakhir (WIB)"),
                            html.Th("Peringatan"),
                            html.Th("Tingkat"),
                            html.Th("Lama"),
                            html.Th("Memutuskan"),
                        ]
                    )
                ),
                html.Tbody([_ended(row, view) for row in rows]),
            ],
            className="table",
        ),
        className="table-scroll tall",
    )


def draw_chosen(
    row: Row | None,
    history: Sequence[Row],
    actions: Sequence[Row],
    held: Held | None,
    near: Component | None,
    gate: Component | None,
    record: Component | None,
    view: View,
) -> Component:
    """Draw one alarm: what to do, who has it, what is near, how it went.

    Args:
        row: Of `alarms_now`; None where it does not stand (any more).
        history: Rows of `alarm_history`.
        actions: Rows of the ledger.
        near: Pumps, cameras and officers around it.
        gate: The level of its gate over a day.
        record: What followed below its gate in earlier times.
    """
    if row is None:
        if not history:
            return parts.empty("Peringatan ini tidak dikenal", "Pilih peringatan di daftar.")
        last = history[-1]
        return html.Div(
            [
                html.P(last["title"], className="chosen-title"),
                html.P(f"Sudah berakhir {words.moment(last['event_time'])}."),
                _timeline(history, actions),
                peringatan_laporan.links(view.params["alarm"], view),
            ],
            className="chosen",
        )
    return html.Div(
        [
            html.Div([severity_mark(row["severity"]), _simulated(row)], className="chosen-head"),
            html.P(row["title"], className="chosen-title"),
            _measured(row),
            html.P(
                [
                    html.Span(f"Yang memutuskan: {row['owner']}. "),
                    html.Strong(f"{who_has_it(held)}.") if held else None,
                ]
            ),
            _buttons(row, held, view) if held else None,
            html.H3("Apa yang dilakukan"),
            html.Ol(
                [html.Li(step) for step in steps(row["rule"], row["level"])], className="steps"
            ),
            gate,
            record,
            near,
            html.H3("Riwayat"),
            _timeline(history, actions),
            peringatan_laporan.links(row["alarm_id"], view),
        ],
        className="chosen",
    )


def steps(rule: str, level: int) -> list[str]:
    """Return what to do about an alarm of a rule at a level, in order."""
    rows = [
        row
        for row in reference.rows("alarm_steps")
        if row["rule"] == rule and int(row["at_level"]) <= level
    ]
    return [row["step"] for row in sorted(rows, key=lambda row: int(row["ordinal"]))]


def shown_alarms(site: Site, lake: Lake, as_of: AsOf, area: str) -> list[Shown]:
    """Return the standing alarms of an area with how each stands with the people."""
    rows = queries.alarms_now(lake, as_of, area)
    held = site.ledger.state_of(rows, as_of.event_time)
    return [Shown(row, held[row["alarm_id"]]) for row in rows]


def _with_gates(shown: Sequence[Shown], lake: Lake, as_of: AsOf) -> list[Shown]:
    if all(one.row["subject_kind"] != "gate" for one in shown):
        return list(shown)
    gates = {row["station_id"]: row for row in queries.gates_now(lake, as_of, "31")}
    return [
        replace(one, gate=gates.get(one.row["subject_id"]))
        if one.row["subject_kind"] == "gate"
        else one
        for one in shown
    ]


def _panels(site: Site) -> tuple[Panel, Panel, Panel, Panel, Panel]:
    def rules(view: View) -> Mapping[str, alarms.Rule]:
        return alarms.rules(view.as_of.event_time.astimezone(WIB).date())

    def standing(lake: Lake, view: View) -> Component:
        if not _is_judged(view):
            return parts.empty(UNKNOWN)
        shown = shown_alarms(site, lake, view.as_of, view.area)
        return draw_standing(_with_gates(shown, lake, view.as_of), view, rules(view))

    def chosen(lake: Lake, view: View) -> Component:
        return _chosen(site, lake, view) if _is_judged(view) else parts.empty(UNKNOWN)

    def figures(lake: Lake, view: View) -> Component:
        rates = queries.alarm_rates(lake, view.as_of, view.area)
        shown = shown_alarms(site, lake, view.as_of, view.area)
        return draw_figures(rates, shown, view.as_of.event_time)

    return (
        Panel(
            "alarm-status",
            "Status operasional kota",
            ("alarms",),
            ROLES,
            lambda lake, view: draw_status(queries.city_status(lake, view.as_of)),
            "Tingkat tertinggi yang syaratnya dipenuhi peringatan yang berlaku"
            " (city_status_rules). Peringatan yang tidak dapat dinilai tetap dihitung seperti"
            " terakhir diketahui: data yang hilang tidak menurunkan status.",
            queries=("city_status",),
            rows=lambda lake, view: [
                row | {"reasons": "; ".join(row["reasons"]), "lowers": "; ".join(row["lowers"])}
                for row in [queries.city_status(lake, view.as_of)]
                if row is not None
            ],
            tables=TABLES,
        ),
        Panel(
            "alarm-standing",
            "Peringatan yang berlaku",
            (*FEEDS, *layers.GATES.feeds),
            ROLES,
            standing,
            "Aturan adalah data (alarm_rules): ambang naik, selisih turun dan waktu tahan."
            " Peringatan muncul begitu ambang dicapai dan baru berakhir bila nilai melewati"
            " selisih turun dan waktu tahan habis, sehingga tidak berkedip. Bila masukannya"
            " kedaluwarsa, peringatan tidak dapat dinilai dan tidak diakhiri.",
            queries=("alarms_now", "gates_now"),
            rows=lambda lake, view: queries.alarms_now(lake, view.as_of, view.area),
            params=PARAMS,
            tables=TABLES,
        ),
        Panel(
            "alarm-chosen",
            "Rincian peringatan",
            (*FEEDS, *layers.GATES.feeds, *NEAR_FEEDS),
            ROLES,
            chosen,
            "Langkah dari alarm_steps, yang memutuskan dari siaga_owners dan alarm_rules."
            " Jarak diukur garis lurus; petugas hanya yang bertugas menurut jadwal dan berposisi"
            " dalam 15 menit terakhir. Waktu antisipasi: setiap kali pos mencapai siaga itu sesudah"
            " dua belas jam di bawahnya, menurut jam; rentang proporsi menurut Wilson.",
            queries=(
                "alarm_history",
                "level_history",
                "river_records",
                "cameras_near",
                "officers_now",
            ),
            params=PARAMS,
            tables=TABLES,
        ),
        Panel(
            "alarm-figures",
            "Beban peringatan",
            FEEDS,
            ROLES,
            figures,
            "Dibandingkan dengan EEMUA 191: satu per 10 menit dapat ditangani tenang, sepuluh"
            " atau lebih adalah banjir peringatan. Berkedip: muncul tiga kali dalam satu jam.",
            queries=("alarm_rates",),
            rows=lambda lake, view: [queries.alarm_rates(lake, view.as_of, view.area)],
            tables=TABLES,
        ),
        Panel(
            "alarm-ended",
            "Peringatan yang berakhir, 24 jam",
            ("alarms",),
            ROLES,
            lambda lake, view: draw_ended(
                queries.alarms_ended(lake, view.as_of, view.area, most=ENDED_SHOWN), view
            ),
            "Setiap peringatan yang berakhir dalam 24 jam, sampai 50 yang terbaru.",
            queries=("alarms_ended",),
            rows=lambda lake, view: queries.alarms_ended(
                lake, view.as_of, view.area, most=ENDED_SHOWN
            ),
            tables=TABLES,
        ),
    )


def _is_judged(view: View) -> bool:
    """Answer whether alarms were judged at the moment; that gates told of it does not say so."""
    return view.knows(*TABLES, *FEEDS)


def _chosen(site: Site, lake: Lake, view: View) -> Component:
    listed = narrowed(shown_alarms(site, lake, view.as_of, view.area), view.params)
    alarm_id = view.params.get("alarm")
    if not alarm_id:
        # Until somebody chooses, the gravest is what there is to do.
        if not listed:
            return parts.empty("Tidak ada peringatan di daftar")
        alarm_id = listed[0].row["alarm_id"]
    standing = {row["alarm_id"]: row for row in queries.alarms_now(lake, view.as_of, "31")}
    row = standing.get(alarm_id)
    now = view.as_of.event_time
    since = now - peringatan_laporan.SPAN
    history = queries.alarm_history(lake, view.as_of, alarm_id, since=since)
    actions = site.ledger.history(alarm_id, since=since, until=now)
    if row is None:
        return draw_chosen(None, history, actions, None, None, None, None, view)
    held = site.ledger.state_of([row], now)[alarm_id]
    near, gate, record = _near(lake, view, row), _gate(lake, view, row), _record(lake, view, row)
    drawn = draw_chosen(row, history, actions, held, near, gate, record, view)
    is_listed = any(one.row["alarm_id"] == alarm_id for one in listed)
    return drawn if is_listed else html.Div([_unlisted(), drawn])


def _unlisted() -> Component:
    return html.P(
        [
            "Peringatan ini tidak ada di daftar: pilihan di atas daftar atau wilayah"
            " menyembunyikannya. ",
            html.Button(
                "Tampilkan semua",
                className="link",
                type="button",
                **{
                    "data-act": "pilih",
                    "data-go": orjson.dumps(
                        dict.fromkeys(("aturan", "keadaan", "wilayah"))
                    ).decode(),
                },
            ),
        ],
        className="chosen-unlisted",
    )


def _near(lake: Lake, view: View, row: Row) -> Component | None:
    if row["lon"] is None:
        return None
    if row["subject_kind"] == "gate":
        cameras = queries.cameras_near(lake, view.as_of, row["lon"], row["lat"], most=NEAREST)
        pumps = floods.nearest(queries.pumps_now(lake, view.as_of, "31"), row, most=NEAREST)
    else:
        around = (row["kelurahan_code"] or "31")[:8]
        cameras = floods.nearest(queries.cameras_now(lake, view.as_of, around), row, most=NEAREST)
        pumps = []
    officers = queries.officers_near(
        lake, view.as_of, (row["lon"], row["lat"]), agency=None, most=NEAREST
    )
    return html.Div(
        [
            _nearest("Rumah pompa terdekat", [_pump_line(one) for one in pumps])
            if row["subject_kind"] == "gate"
            else None,
            _nearest("Kamera terdekat", [_camera_line(one) for one in cameras]),
            _nearest("Petugas terdekat yang bertugas", [_officer_line(one) for one in officers]),
        ],
        className="alarm-near",
    )


def _nearest(title: str, lines: Sequence[Component]) -> Component:
    inside = html.Ul(lines) if lines else html.P("Tidak ada dalam 5 km", className="figure-note")
    return html.Div([html.H3(title), inside])


def _pump_line(row: Row) -> Component:
    told = (
        "tanpa data"
        if row["running"] is None
        else f"{words.number(row['running'])} dari {words.number(row['pumps'])} pompa aktif"
    )
    return _line(row["name"], words.quantity(row["distance_km"], "km", 1), told)


def _camera_line(row: Row) -> Component:
    told = CAMERA_WORDS.get(row["state"], "Belum diketahui").lower()
    # Where the camera itself stands, it is the first one of the wall.
    href = f"/cctv?kelompok=semua&dekat={row['lon']:.5f},{row['lat']:.5f}"
    return html.Li(
        [
            html.A(row["name"], href=href, **{"data-act": "visit"}),
            html.Span(
                f"{words.quantity(row['distance_km'], 'km', 1)} · {told}", className="figure-note"
            ),
        ]
    )


def _officer_line(row: Row) -> Component:
    state = "dalam penugasan" if row["state"] == "assigned" else "siap"
    return _line(row["name"], words.quantity(row["distance_m"] / 1_000, "km", 1), state)


def _line(name: str, *told: str) -> Component:
    return html.Li([html.Span(name), html.Span(" · ".join(told), className="figure-note")])


def _gate(lake: Lake, view: View, row: Row) -> Component | None:
    if row["subject_kind"] != "gate":
        return None
    now = view.as_of.event_time
    levels = queries.level_history(
        lake, view.as_of, row["subject_id"], since=now - LEVELS_SHOWN, step=LEVEL_STEP
    )
    points = [(level["event_time"], level["level_cm"]) for level in levels]
    bound = row["bound"] if row["unit"] == "cm" else None
    return html.Div(
        [
            html.H3("Tinggi muka air, 24 jam"),
            charts.spark(
                points,
                label=f"Tinggi muka air {row['subject']} selama 24 jam",
                bound=bound,
                width=480,
                height=96,
            ),
            html.P(
                [
                    f"Garis putus-putus: ambang {words.quantity(bound, 'cm')}. "
                    if bound is not None
                    else "",
                    html.A(
                        "Riwayat dan rantai sungai",
                        href=f"/banjir?pos={row['subject_id']}",
                        **{"data-act": "visit"},
                    ),
                ],
                className="figure-note",
            ),
        ],
        className="alarm-gate",
    )


def _record(lake: Lake, view: View, row: Row) -> Component | None:
    if row["rule"] != "gate_level" or not any(
        upstream == row["subject_id"] for upstream, _ in waves.travels()
    ):
        return None
    siaga = int(row["severity"].removeprefix("siaga"))
    told = queries.river_records(lake, view.as_of)
    return draw_record(row["subject"], siaga, lags.records(told, row["subject_id"], siaga))


def draw_record(gate: str, siaga: int, records: Sequence[lags.Record]) -> Component:
    """Draw what followed downstream when a gate reached a siaga; `gate` is its name."""
    names = {row["station_id"]: row["name"] for row in reference.rows("water_stations")}
    origin = ", data simulasi" if any(record.simulated for record in records) else ""
    return html.Div(
        [
            html.H3("Waktu antisipasi"),
            html.Ul(
                [html.Li(_followed(gate, names[record.downstream], record)) for record in records]
            )
            if records
            else html.P(f"Belum ada riwayat: {gate} belum pernah mencapai Siaga {siaga}."),
            html.P(f"Menurut arsip sampai tengah malam terakhir{origin}.", className="figure-note"),
        ]
    )


def _followed(gate: str, below: str, record: lags.Record) -> str:
    reached = f"{words.number(record.times)} kali {gate} mencapai Siaga {record.siaga}"
    if not record.is_enough:
        return f"Baru {reached}: belum cukup riwayat untuk {below}."
    said = (
        f"Dari {reached}, {words.number(record.followed)} kali {below} mencapai Siaga 3 dalam"
        f" 12 jam ({words.percent(record.followed / record.times, 0)}, rentang 90 %:"
        f" {words.number(100 * record.low)}–{words.percent(record.high, 0)})"
    )
    if record.ahead is None:
        return f"{said}."
    hours = words.number(record.ahead / timedelta(hours=1), 1).removesuffix(",0")
    return f"{said}, median waktu antisipasi {hours} jam."


def _alarm(one: Shown, view: View, rules: Mapping[str, alarms.Rule]) -> Component:
    row, held = one.row, one.held
    is_chosen = view.params.get("alarm") == row["alarm_id"]
    unclear = row["state"] == "unassessable"
    classes = [
        "alarm",
        f"alarm-{row['severity']}",
        "is-waiting" if one.waits else "is-known",
        "is-unassessable" if unclear else "",
        "is-chosen" if is_chosen else "",
    ]
    return html.Li(
        [
            html.Button(
                [
                    severity_mark(row["severity"]),
                    html.Span(row["title"], className="alarm-title"),
                    html.Span(_value(one, rules), className="alarm-value"),
                    html.Span(
                        f"{who_has_it(held)} · memutuskan: {row['owner']}", className="alarm-who"
                    ),
                    html.Span(
                        [
                            "tidak dapat dinilai sejak " if unclear else "sejak ",
                            words.clock(row["event_time"] if unclear else row["since"]),
                            ", ",
                            parts.age(row["event_time"] if unclear else row["since"]),
                        ],
                        className="alarm-age",
                    ),
                    parts.late_mark(row, view.as_of),
                ],
                className="alarm-open",
                type="button",
                **{
                    "data-act": "go",
                    "data-name": "alarm",
                    "data-value": row["alarm_id"],
                    "aria-pressed": "true" if is_chosen else "false",
                },
            ),
            _quick(one, view),
        ],
        className=" ".join(filter(None, classes)),
        **{"data-alarm": row["alarm_id"]},
    )


def _value(one: Shown, rules: Mapping[str, alarms.Rule]) -> list[Any]:
    row = one.row
    rule = rules.get(row["rule"])
    decimals = rule.decimals if rule else 0
    against = f"ambang {words.number(row['bound'], decimals)}" if row["bound"] is not None else None
    if one.gate is not None and row["unit"] == "cm":
        gate = one.gate
        moves = trend(gate["rise_cm_h"])
        return [
            parts.reading(
                gate["level_cm"],
                "cm",
                moment=gate["event_time"],
                late_s=gate["late_s"],
                expired_s=gate["expired_s"],
            ),
            html.Span(f"{ARROWS[moves]} {moves}", className="alarm-trend") if moves else None,
            html.Span(against, className="figure-note"),
        ]
    return [
        html.Span(words.number(row["value"], decimals), className="value"),
        html.Span(f" {row['unit']}", className="figure-unit"),
        html.Span(against, className="figure-note"),
    ]


def _quick(one: Shown, view: View) -> Component | None:
    if not view.as_of.live:
        return None
    if one.waits:
        return html.Button(
            "Tandai diketahui",
            className="button alarm-ack",
            type="button",
            **_does("acknowledge", one.row),
            **{"aria-label": f"Tandai diketahui: {one.row['title']}"},
        )
    return _undo(one.row, one.held)


def _undo(row: Row, held: Held) -> Component | None:
    if not held.may_wait_again:
        return None
    return html.Button(
        "Batalkan",
        className="link alarm-undo",
        type="button",
        **_does("unacknowledge", row),
        **{"aria-label": f"Batalkan tanda diketahui: {row['title']}"},
    )


def _does(action: str, row: Row) -> dict[str, str]:
    return {"data-act": "alarm", "data-do": action, "data-alarm": row["alarm_id"]}


def _buttons(row: Row, held: Held, view: View) -> Component:
    if not view.as_of.live:
        return html.P("Tindakan hanya pada kondisi terkini.", className="figure-note")
    known = held.acknowledged_at is not None
    return html.Div(
        [
            html.Button(
                "Tandai diketahui",
                className="button is-first",
                type="button",
                **_does("acknowledge", row),
            )
            if not known
            else _undo(row, held),
            html.Button(
                "Akhiri penundaan", className="button", type="button", **_does("unsnooze", row)
            )
            if held.snoozed_until
            else _opens("snooze", "Tunda", row),
            _opens("hand_on", "Serahkan", row),
            _opens("note", "Catatan", row),
            _opens("close", "Tutup", row) if held.closed_at is None else None,
        ],
        className="buttons",
    )


def _opens(action: str, word: str, row: Row) -> Component:
    return html.Button(
        word,
        className="button",
        type="button",
        title=f"{word}: {row['title']}",
        **{
            "data-act": "open",
            "data-url": f"{FORM}?{urlencode({'alarm': row['alarm_id'], 'jenis': action})}",
        },
    )


def _measured(row: Row) -> Component | None:
    if row["value"] is None:
        return None
    rule = alarms.rules(row["event_time"].astimezone(WIB).date()).get(row["rule"])
    decimals = rule.decimals if rule else 0
    against = (
        f" terhadap ambang {words.quantity(row['bound'], row['unit'], decimals)}"
        if row["bound"] is not None
        else ""
    )
    told = f"{words.quantity(row['value'], row['unit'], decimals)}{against}"
    if row["state"] == "unassessable":
        return html.P(
            [html.Strong("Tidak dapat dinilai: "), f"data kedaluwarsa. Terakhir {told}."],
            className="chosen-unclear",
        )
    return html.P(
        [
            html.Strong(told),
            f", tercatat {words.clock(row['event_time'])}; tingkat ini sejak ",
            parts.age(row["since"]),
        ]
    )


def _timeline(history: Sequence[Row], actions: Sequence[Row]) -> Component:
    lines = [(row["event_time"], _fact_line(row)) for row in history]
    lines += [(row["at"], _action_line(row)) for row in actions]
    lines.sort(key=lambda line: line[0], reverse=True)
    return html.Ol([line for _, line in lines], className="alarm-timeline")


def _fact_line(row: Row) -> Component:
    value = f" ({words.quantity(row['value'], row['unit'])})" if row["value"] is not None else ""
    return html.Li(
        [
            html.Time(
                words.short_moment(row["event_time"]), dateTime=row["event_time"].isoformat()
            ),
            html.Span(
                [html.Strong(KINDS[row["state"]]), f": {SEVERITY_WORDS[row['severity']]}{value}"]
                + ([" · waktu diketahui diasumsikan"] if row["known_assumed"] else [])
            ),
        ]
    )


def _action_line(row: Row) -> Component:
    told = [f" oleh {row['role']}"]
    if row["to_owner"]:
        told.append(f" kepada {row['to_owner']}")
    if row["until"]:
        told.append(f" sampai {words.clock(row['until'])}")
    if row["reason"]:
        told.append(f": {row['reason']}")
    return html.Li(
        [
            html.Time(words.short_moment(row["at"]), dateTime=row["at"].isoformat()),
            html.Span([html.Strong(ACTIONS[row["action"]]), *told]),
        ],
        className="is-action",
    )


def _ended(row: Row, view: View) -> Component:
    return html.Tr(
        [
            html.Td(
                html.Time(
                    words.short_moment(row["event_time"]), dateTime=row["event_time"].isoformat()
                )
            ),
            html.Td(
                [
                    html.Button(
                        row["title"],
                        className="link",
                        type="button",
                        **{
                            "data-act": "go",
                            "data-name": "alarm",
                            "data-value": row["alarm_id"],
                        },
                    ),
                    parts.late_mark(row, view.as_of),
                ]
            ),
            html.Td(SEVERITY_WORDS[row["severity"]]),
            html.Td(words.duration(row["event_time"] - row["raised_at"])),
            html.Td(row["owner"]),
        ]
    )


def _filters(shown: Sequence[Shown], view: View, rules: Mapping[str, alarms.Rule]) -> Component:
    params = view.params
    counts = Counter(one.row["rule"] for one in shown)
    states = [(key, word, sum(test(one) for one in shown)) for key, (word, test) in STATES.items()]
    chosen_rule = params.get("aturan") if params.get("aturan") in counts else None
    chosen_state = params.get("keadaan") if params.get("keadaan") in STATES else None
    return html.Div(
        [
            html.Div(
                [
                    _chip("aturan", "", "Semua", len(shown), chosen_rule is None),
                    *(
                        _chip("aturan", key, rule.name, counts[key], chosen_rule == key)
                        for key, rule in rules.items()
                        if counts[key]
                    ),
                ],
                className="chips",
                role="group",
                **{"aria-label": "Menurut aturan"},
            ),
            html.Div(
                [
                    *(
                        _chip(
                            "keadaan",
                            "" if chosen_state == key else key,
                            word,
                            count,
                            chosen_state == key,
                        )
                        for key, word, count in states
                        if count or chosen_state == key
                    ),
                    html.Button(
                        "Suara: hidup",
                        className="chip alarm-sound",
                        type="button",
                        **{"data-act": "alarm-sound", "aria-pressed": "true"},
                    ),
                ],
                className="chips",
                role="group",
                **{"aria-label": "Menurut keadaan"},
            ),
            _badge_note(shown, view),
        ],
        className="alarm-filters",
    )


def _badge_note(shown: Sequence[Shown], view: View) -> Component | None:
    """Say why the badge of the navigation counts fewer than the list."""
    waiting, calling = sum(one.waits for one in shown), sum(one.calls for one in shown)
    if waiting == calling or not view.as_of.live:
        return None
    return html.P(
        f"Dari {words.number(waiting)} yang belum diketahui, {words.number(calling)} dihitung pada"
        " lencana menu; tingkat Perhatian dan yang tidak dapat dinilai tidak.",
        className="figure-note",
    )


def _chip(name: str, value: str, word: str, count: int, is_chosen: bool) -> Component:
    return html.Button(
        [word, " ", html.Span(words.number(count), className="chip-count")],
        className="chip",
        type="button",
        **{
            "data-act": "go",
            "data-name": name,
            "data-value": value,
            "aria-pressed": "true" if is_chosen else "false",
        },
    )


def _sentences(title: str, sentences: Sequence[str], none: str = "Tidak ada") -> Component:
    return html.Div(
        [
            html.H3(title),
            html.Ul([html.Li(sentence) for sentence in sentences])
            if sentences
            else html.P(none, className="figure-note"),
        ]
    )


def _asks(asks: Sequence[str]) -> Component:
    lines = [ask.partition(": ") for ask in asks]
    return html.Div(
        [
            html.H3("Yang diminta"),
            html.Ul([html.Li([html.Strong(f"{who}: "), what]) for who, _, what in lines]),
        ]
    )


def _day(row: Row) -> Component:
    return parts.age(row["since"])


def _simulated(row: Row) -> Component | None:
    return parts.simulated_mark() if row["simulated"] else None


def _waiting(site: Site) -> Response:
    """Answer how many alarms call for somebody, and which of them are to be heard."""
    shown = shown_alarms(site, site.lake, AsOf.now(site.clock.now()), "31")
    waiting = [one for one in shown if one.calls]
    loud = [one.row for one in waiting if one.row["severity"] in LOUD]
    response = jsonify(
        {
            "count": len(waiting),
            "loud": [row["alarm_id"] for row in loud],
            "gravest": loud[0]["severity"] if loud else None,
            "titles": [row["title"] for row in loud[:3]],
            # A snooze that ends by itself moves no version.
            "again": min(
                (one.held.snoozed_until.isoformat() for one in shown if one.held.snoozed_until),
                default=None,
            ),
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _act(site: Site) -> dict[str, Any]:
    """Note what a person does: `{"alarm", "action", "reason"?, "owner"?, "minutes"?}`."""
    asked = request.get_json()
    now = site.clock.now()
    row = _standing(site, asked.get("alarm"))
    if row is None:
        raise ActionError("Peringatan ini sudah berakhir.")
    minutes = asked.get("minutes")
    if minutes is not None and not _is_minutes(minutes):
        raise ActionError("Lama penundaan tidak dapat dibaca.")
    owner = _text(asked, "owner")
    if owner and owner not in receivers():
        raise ActionError("Pilih kepada siapa peringatan diserahkan.")
    try:
        number = site.ledger.act(
            row,
            _text(asked, "action"),
            role=current_role().id,
            at=now,
            reason=_text(asked, "reason"),
            to_owner=owner,
            until=None if minutes is None else now + timedelta(minutes=minutes),
        )
    except LedgerError as error:
        raise ActionError(str(error)) from error
    return {"number": number}


def _act_on_all(site: Site) -> dict[str, Any]:
    """Note one of `TOGETHER` of several alarms, each by itself: `{"alarms": [ids], "action"}`.

    What somebody did about one of them meanwhile stands, and those that ended are left alone.
    """
    body = request.get_json()
    asked, action = body.get("alarms"), _text(body, "action")
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise ActionError("Permintaan tidak dapat dibaca.")
    if action not in TOGETHER:
        raise ActionError("Permintaan tidak dapat dibaca.")
    _, concerns = TOGETHER[action]
    now = site.clock.now()
    standing = shown_alarms(site, site.lake, AsOf.now(now), "31")
    noted = [one.row for one in standing if one.row["alarm_id"] in asked and concerns(one)]
    for row in noted:
        site.ledger.act(row, action, role=current_role().id, at=now)
    return {"noted": len(noted), "left": len(set(asked)) - len(noted)}


def _is_minutes(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 10_000


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise ActionError("Permintaan tidak dapat dibaca.")
    return value


def _standing(site: Site, alarm_id: Any) -> Row | None:
    rows = queries.alarms_now(site.lake, AsOf.now(site.clock.now()), "31")
    return next((row for row in rows if row["alarm_id"] == alarm_id), None)


def _form(site: Site) -> Response:
    """Answer the form of one action, which stands outside the panels: these are drawn anew."""
    action = request.args.get("jenis", "")
    row = _standing(site, request.args.get("alarm"))
    if action not in FORMS:
        abort(404)
    if row is None:
        return answer(to_bytes(parts.empty("Peringatan ini sudah berakhir")))
    return answer(to_bytes(draw_form(row, action)))


def draw_form(row: Row, action: str) -> Component:
    """Draw the form of one action of `FORMS` about a row of `alarms_now`."""
    fields: list[Component] = []
    if action == "snooze":
        options = [html.Option(word, value=str(minutes)) for minutes, word in SNOOZES]
        fields.append(parts.field("Lamanya", html.Select(options, name="minutes")))
    if action == "hand_on":
        options = [html.Option(name, value=name) for name in receivers()]
        fields.append(parts.field("Kepada", html.Select(options, name="owner")))
    explain, label, button = FORMS[action]
    box = html.Textarea(name="reason", rows=4, maxLength=LONGEST_TEXT)
    return html.Form(
        [
            html.P([severity_mark(row["severity"]), " ", row["title"]], className="form-about"),
            html.P(explain, className="figure-note"),
            *fields,
            parts.field(label, box),
            html.Div(
                html.Button(
                    button,
                    className="button is-first",
                    type="button",
                    **{"data-act": "alarm-send", "data-do": action, "data-alarm": row["alarm_id"]},
                ),
                className="buttons",
            ),
        ],
        className="alarm-form",
    )


def receivers() -> list[str]:
    """Return the offices to which an alarm can be handed: who decides, then who acts."""
    decide = [row["owner"] for row in reference.rows("siaga_owners")]
    decide += [row["owner"] for row in reference.rows("alarm_rules") if row["owner"] != "siaga"]
    act = [row["agency"] for row in reference.rows("agencies") if row["kind"] in ("dinas", "badan")]
    return list(dict.fromkeys(decide + act))
