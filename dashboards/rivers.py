"""The rivers as a board: chains of gauges from upstream to the sea, and the wave in each.

Pure functions from rows to components; the page /banjir puts them into panels.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import parts
from dashboards.layers import ARROWS, siaga_look, siaga_word, trend
from dashboards.maps import swatch
from data import lags, reference, waves, words
from data.asof import WIB
from data.queries import Row
from data.waves import Lags, Travel, Wave, Window

NORMAL = 4
# As DSDA's and Pantau Banjir's lists shorten it.
_SHORT = {"BKB": "Banjir Kanal Barat"}


@dataclass(frozen=True)
class Chain:
    """Gauges that one water passes.

    Args:
        steps: Ids of gauges, upstream first; those at one place share a step.
    """

    name: str
    steps: tuple[tuple[str, ...], ...]

    @property
    def stations(self) -> tuple[str, ...]:
        """Every gauge of it, upstream first."""
        return tuple(station for step in self.steps for station in step)


@dataclass(frozen=True)
class Board:
    """What the board is drawn from.

    Args:
        rows: Those of `gates_now` by station.
        waves: The newest wave of each station that has one.
        windows: When a crest may reach each station below one.
        told: Rows of `river_lags`, from which `lags` were learned.
        outside: Stations beyond the city's borders.
        now: The moment that it shows, aware.
    """

    rows: Mapping[str, Row]
    waves: Mapping[str, Wave]
    windows: Mapping[str, Window]
    told: Sequence[Row]
    lags: Lags
    outside: frozenset[str]
    now: datetime


@functools.cache
def owners() -> Mapping[int, str]:
    """Return who decides at each siaga."""
    return {int(row["siaga"]): row["owner"] for row in reference.rows("siaga_owners")}


@functools.cache
def chains() -> tuple[Chain, ...]:
    """Return the chains of rivers in the order of the reference list.

    A river is the gauges that name it, by their order downstream. Where a travel time is published
    to a gauge on another river, the way there is a chain of its own.
    """
    order: dict[str, float] = {}
    rivers: dict[str, list[str]] = {}
    for row in reference.rows("water_stations"):
        order[row["station_id"]] = float(row["downstream_order"])
        for name in row["river"].split("/"):
            rivers.setdefault(_SHORT.get(name, name), []).append(row["station_id"])
    found = {
        name: _steps(stations, order) for name, stations in rivers.items() if name != waves.SEA
    }
    for row in reference.rows("river_travel_times"):
        river, end = row["river"], row["downstream_id"]
        if end not in rivers[river]:
            way = [station for station in rivers[river] if order[station] <= order[end]]
            found[f"{river} → {_river_of(end, rivers)}"] = (*_steps(way, order), (end,))
    long = {name: steps for name, steps in found.items() if len(steps) > 1}
    return tuple(
        Chain(name, steps)
        for name, steps in long.items()
        if not any(other != steps and other[: len(steps)] == steps for other in long.values())
    )


def _steps(stations: Sequence[str], order: Mapping[str, float]) -> tuple[tuple[str, ...], ...]:
    placed = sorted(stations, key=order.__getitem__)
    return tuple(tuple(step) for _, step in groupby(placed, key=order.__getitem__))


def _river_of(station: str, rivers: Mapping[str, Sequence[str]]) -> str:
    return next(name for name, stations in rivers.items() if station in stations)


def board(
    rows: Sequence[Row],
    days: Sequence[Row],
    told: Sequence[Row],
    inside_city: Collection[str],
    now: datetime,
) -> Board:
    """Return what the board shows at `now`.

    Args:
        rows: Those of `gates_now`.
        days: Those of `levels_day`.
        told: Those of `river_lags`.
        inside_city: Stations that lie in the city.
    """
    found = waves.waves_now(rows, waves.day_points(rows, days))
    known = {row["station_id"]: row for row in rows}
    # Before boundaries are loaded nobody can say who lies outside.
    outside = frozenset(known) - frozenset(inside_city) if inside_city else frozenset()
    learned = lags.learn(told)
    windows = waves.arrivals(found, waves.travels(), learned, now)
    return Board(known, found, windows, told, learned, outside, now)


def as_rows(state: Board) -> list[Row]:
    """Return the board as a table: each station with its crest and the window of the next one."""
    return [
        {
            **{name: row[name] for name in ("station_id", "name", "river", "event_time")},
            **{name: row[name] for name in ("level_cm", "siaga", "rise_cm_h", "simulated")},
            "crest_at": wave.crest_at if wave and wave.over else None,
            "crest_cm": wave.crest_cm if wave and wave.over else None,
            "expected_from": window.origin if window else None,
            "expected_earliest": window.earliest if window else None,
            "expected_latest": window.latest if window else None,
            "learned_from_crests": window.crests if window else None,
        }
        for row, wave, window in (
            (row, state.waves.get(station), state.windows.get(station))
            for station, row in state.rows.items()
        )
    ]


def draw(state: Board, inside: Collection[str] | None = None) -> Component:
    """Draw the board, the chain with the gravest water first.

    Args:
        inside: Show only chains that have one of these stations; None for all.
    """
    shown = [
        chain
        for chain in chains()
        if sum(station in state.rows for station in chain.stations) > 1
        and (inside is None or any(station in inside for station in chain.stations))
    ]
    alone = [
        station
        for station in state.rows
        if not any(station in chain.stations for chain in chains())
        and (inside is None or station in inside)
    ]
    if not shown and not alone:
        return parts.empty("Tidak ada pos di wilayah ini", "Pilih wilayah lain di atas.")
    shown.sort(key=lambda chain: _gravity(chain.stations, state))
    rest = html.Li(
        [
            html.H3("Laut dan kali lain"),
            html.Ol(
                [html.Li(_cell(state, station), className="river-step") for station in alone],
                className="river-steps river-steps-loose",
            ),
        ],
        className="river-chain river-chain-wide",
    )
    return html.Div(
        [
            html.Ol(
                [*(_chain(state, chain) for chain in shown), rest if alone else None],
                className="river-chains",
            ),
            _legend(state),
        ]
    )


def _gravity(stations: Sequence[str], state: Board) -> tuple[int, int]:
    grades = [state.rows[name]["siaga"] or 9 for name in stations if name in state.rows]
    return min(grades), -sum(grade < NORMAL for grade in grades)


def _chain(state: Board, chain: Chain) -> Component:
    steps = [
        present
        for step in chain.steps
        if (present := [station for station in step if station in state.rows])
    ]
    cells = [html.Li([_cell(state, station) for station in steps[0]], className="river-step")]
    for above, below in pairwise(steps):
        cells += [
            html.Li(_between(state, above, below), className="river-between"),
            html.Li([_cell(state, station) for station in below], className="river-step"),
        ]
    return html.Li(
        [html.H3(chain.name), html.Ol(cells, className="river-steps")],
        className="river-chain",
        style={"--steps": len(steps)},
    )


def _between(state: Board, above: Sequence[str], below: Sequence[str]) -> list[Component]:
    """Return the arrow between two steps, with the travel time where one is known."""
    known = [
        state.lags.get((upper, lower, _siaga(state, upper)), published)
        for (upper, lower), published in waves.travels().items()
        if upper in above and lower in below
    ]
    arrow = html.Span("→", className="river-arrow", **{"aria-hidden": "true"})
    if not known:
        return [arrow, html.Span("lalu", className="visually-hidden")]
    told = html.Span(hours(known[0]), className="river-hours", title=_origin(known[0].crests))
    return [told, arrow]


def _siaga(state: Board, station: str) -> int:
    wave = state.waves.get(station)
    return NORMAL if wave is None else wave.siaga


def _origin(crests: int | None) -> str:
    if crests is None:
        return "Perkiraan dari waktu tempuh terbitan, belum dari riwayat"
    return f"Rentang 90 % dari {words.number(crests)} puncak di arsip"


def hours(travel: Travel) -> str:
    """Write a travel time as "4,5–6 jam"."""
    ends = [_hours(travel.fastest.total_seconds()), _hours(travel.slowest.total_seconds())]
    return f"{'–'.join(dict.fromkeys(ends))} jam"


def _hours(seconds: float) -> str:
    return words.number(seconds / 3600, 1).removesuffix(",0")


def _cell(state: Board, station: str) -> Component:
    row = state.rows[station]
    grave = (row["siaga"] or NORMAL) < NORMAL
    return html.Div(
        [
            html.Div([station_link(row), _beyond(station, state)], className="river-name"),
            parts.reading(row["level_cm"], "cm", **budget(row)),
            siaga_mark(row, with_trend=True) if row["level_cm"] is not None else None,
            _expected(state, station),
        ],
        className=f"river-cell siaga-is-{row['siaga']}" if grave else "river-cell",
    )


def _beyond(station: str, state: Board) -> Component | None:
    if station not in state.outside:
        return None
    return html.Span("di luar kewenangan DKI", className="river-beyond")


def station_link(row: Row) -> Component:
    """Return the name of a station as a button that chooses it."""
    return html.Button(
        row["name"],
        className="link",
        **{"data-act": "pos", "data-value": row["station_id"]},
    )


def budget(row: Row) -> dict[str, Any]:
    """Return the moment of a station's reading and its own budget, for `parts.reading`."""
    return {name: row[name] for name in ("late_s", "expired_s")} | {"moment": row["event_time"]}


def siaga_mark(row: Row, *, with_trend: bool = False) -> Component:
    """Return siaga by shape and word as a judgement on the station's reading."""
    siaga = row["siaga"]
    shape, color = siaga_look(siaga)
    word = siaga_word(siaga)
    return parts.judged(
        [
            swatch(shape, color),
            html.Span(word[:1].upper() + word[1:], className="siaga-word"),
            _trend(row["rise_cm_h"]) if with_trend else None,
        ],
        **budget(row),
    )


def _trend(rise_cm_h: float | None) -> Component | None:
    moves = trend(rise_cm_h)
    if rise_cm_h is None or moves is None:
        return None
    speed = "" if moves == "tetap" else f" {words.quantity(abs(rise_cm_h), 'cm/jam')}"
    return html.Span(
        [
            html.Span(f"{ARROWS[moves]} ", **{"aria-hidden": "true"}),
            html.Span(f"{moves} ", className="" if moves == "tetap" else "visually-hidden"),
            speed,
        ],
        className="river-trend",
        title=f"{moves}{speed}",
    )


def _expected(state: Board, station: str) -> Component | None:
    """Return the crest that was seen here, or the window in which one may come."""
    wave, window = state.waves.get(station), state.windows.get(station)
    row = state.rows[station]
    seen = wave is not None and wave.over
    if wave is not None and seen and (window is None or wave.crest_at >= window.earliest):
        height = words.quantity(wave.crest_cm, "cm")
        text = f"Puncak lewat {moment(wave.crest_at, state.now)}, {height}"
        return html.Div(parts.judged(text, **budget(row)), className="river-note")
    if window is None:
        return None
    origin = state.rows[window.origin]
    return html.Div(
        parts.judged(
            [html.Strong(window_text(window, state.now)), f" dari {origin['name']}"],
            **budget(origin),
        ),
        className="river-window",
        title=_origin(window.crests),
    )


def window_text(window: Window, now: datetime) -> str:
    """Write a window as "Puncak tiba 02.10–04.40 WIB", or where it is open, from when on."""
    first = moment(window.earliest, now)
    if window.latest is None:
        return f"Puncak tiba paling cepat {first}, hulu masih naik"
    if window.earliest.astimezone(WIB).date() == window.latest.astimezone(WIB).date():
        return f"Puncak tiba {first.removesuffix(' WIB')}–{words.clock(window.latest)}"
    return f"Puncak tiba {first.removesuffix(' WIB')} – {moment(window.latest, now)}"


def moment(when: datetime, now: datetime) -> str:
    """Write the hour of an aware moment, with its day where that is not the day of `now`."""
    day = when.astimezone(WIB)
    if day.date() == now.astimezone(WIB).date():
        return words.clock(when)
    return f"{day.day} {words.MONTHS[day.month - 1][:3]} {words.clock(when)}"


def _legend(state: Board) -> Component:
    deciders = [
        html.Li([swatch(*siaga_look(siaga)), f"{siaga_word(siaga)}: {who}"])
        for siaga, who in sorted(owners().items())
    ]
    return html.Footer(
        [
            html.P(
                [
                    *_learned(state),
                    " Tinggi puncak di hilir tidak diperkirakan. Siaga bukan kejadian banjir.",
                ]
            ),
            html.Ul([html.Li("Yang memutuskan:"), *deciders], className="river-deciders"),
        ],
        className="river-legend",
    )


def _learned(state: Board) -> list[Any]:
    """Say what the times of arrival rest on, and how well such windows did."""
    if not state.lags:
        return [
            html.Strong("Waktu tiba: perkiraan dari waktu tempuh terbitan, belum dari riwayat."),
            f" Dipelajari dari arsip sejak {lags.LEAST} puncak; rentangnya dari keterangan tercepat"
            " sampai terlambat.",
        ]
    crests = words.number(sum(len(row["lags_s"]) for row in state.told))
    simulated = [row["simulated"] for row in state.told]
    origin = (
        f", {'semua' if all(simulated) else 'sebagian'} data simulasi" if any(simulated) else ""
    )
    said: list[Any] = [
        html.Strong(f"Waktu tiba: rentang 90 % yang dipelajari dari {crests} puncak{origin}.")
    ]
    trial = lags.tried(state.told)
    if trial.crests:
        said.append(
            f" Dari {words.number(trial.crests)} puncak pada tahun sesudah tahun yang dipelajari,"
            f" {words.percent(trial.inside / trial.crests, 0)} tiba dalam rentangnya."
        )
    published = waves.travels().keys() - {stretch[:2] for stretch in state.lags}
    if published:
        said.append(
            f" {words.number(len(published))} ruas belum punya {lags.LEAST} puncak dan memakai"
            " waktu tempuh terbitan."
        )
    return said
