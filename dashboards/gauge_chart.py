"""The chart of one water station: its level with siaga bands, rain near it, and the tide.

Pure functions from rows to a figure; times are WIB.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import plotly.graph_objects as go
from dash.development.base_component import Component
from plotly.subplots import make_subplots

from dashboards import charts
from dashboards.layers import siaga_word
from data import words
from data.asof import WIB
from data.queries import Row

HEIGHT, HEIGHT_ALONE = 430, 300
# How far the axis reaches beyond the levels that it shows, as a share of them.
MARGIN = 0.08


def gauge_chart(
    station: Row,
    levels: Sequence[Row],
    *,
    since: datetime,
    until: datetime,
    rain: Sequence[Row] = (),
    tide: Sequence[Row] = (),
) -> Component:
    """Return the chart of a station from `since` to `until`.

    Readings that were learnt of later than their budget allows are rings. Without rain and tide
    the level stands alone.

    Args:
        station: A row of `gates_now`.
        levels: Those of `level_history`.
        rain: Those of `rain_near`.
        tide: Those of `level_history` of the sea's gauge.
    """
    below = [part for part in ("rain" if rain else "", "tide" if tide else "") if part]
    heights = [1.0, *(0.42 for _ in below)]
    figure = make_subplots(rows=len(heights), cols=1, shared_xaxes=True, row_heights=heights)
    figure.update_layout(charts.layout("cm", HEIGHT if below else HEIGHT_ALONE))
    _level(figure, station, levels)
    for row, part in enumerate(below, 2):
        if part == "rain":
            _rain(figure, rain, row)
        else:
            _tide(figure, tide, row)
    look = figure.layout.xaxis.to_plotly_json()
    for name in ("anchor", "matches", "domain", "showticklabels"):
        look.pop(name, None)
    figure.update_xaxes(look | {"range": [_local(since), _local(until)]})
    figure.update_yaxes(
        gridcolor=charts.LINE,
        zerolinecolor=charts.LINE,
        linecolor=charts.LINE,
        tickfont={"color": charts.QUIET, "size": 12},
        title_font={"color": charts.QUIET, "size": 12},
        title_standoff=4,
        automargin=True,
    )
    return charts.graph(figure, label=_spoken(station, levels))


def _spoken(station: Row, levels: Sequence[Row]) -> str:
    """Return what a reader who does not see the chart is told."""
    if not levels:
        return f"Tinggi muka air {station['name']}: belum ada data"
    highest = max(levels, key=lambda row: row["level_cm"])
    return (
        f"Tinggi muka air {station['name']}: tertinggi"
        f" {words.quantity(highest['level_cm'], 'cm')} pada {words.moment(highest['event_time'])},"
        f" terakhir {words.quantity(levels[-1]['level_cm'], 'cm')}"
    )


def _level(figure: go.Figure, station: Row, levels: Sequence[Row]) -> None:
    told = [row["level_cm"] for row in levels]
    bounds = {siaga: station[f"siaga{siaga}_cm"] for siaga in (3, 2, 1)}
    known = {siaga: bound for siaga, bound in bounds.items() if bound is not None}
    low, high = axis_range(told, list(known.values()))
    _line(figure, levels, row=1, color=charts.ACCENT, name=station["name"])
    late = [row for row in levels if was_late(row, station["late_s"])]
    figure.add_trace(
        go.Scatter(
            x=[_local(row["event_time"]) for row in late],
            y=[row["level_cm"] for row in late],
            customdata=[_later(row) for row in late],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": 9,
                "color": "var(--attention)",
                "line": {"width": 2},
            },
            hovertemplate="%{y:,.0f} cm<br>baru diketahui %{customdata} kemudian<extra></extra>",
        ),
        row=1,
        col=1,
    )
    for siaga, bottom, top in bands(known, high):
        figure.add_hrect(
            y0=bottom,
            y1=top,
            row=1,
            col=1,
            fillcolor=f"var(--siaga-{siaga})",
            opacity=0.16,
            line_width=0,
            layer="below",
        )
        figure.add_hline(
            y=bottom,
            row=1,
            col=1,
            line={"color": f"var(--siaga-{siaga})", "width": 1.5},
            annotation={
                "text": f"{siaga_word(siaga)}, {words.quantity(bottom, 'cm')}",
                "font": {"color": charts.INK, "size": 12},
                "x": 0,
                "xanchor": "left",
                "yanchor": "bottom",
            },
        )
    figure.update_yaxes(title={"text": "Tinggi, cm"}, range=[low, high], row=1, col=1)


def axis_range(levels: Sequence[float], bounds: Sequence[float]) -> tuple[float, float]:
    """Return from where to where the axis goes: all levels, and the bound next above them."""
    shown = list(levels) or list(bounds) or [0.0]
    above = [bound for bound in bounds if bound > max(shown)]
    shown += [min(above)] if above else []
    margin = max(MARGIN * (max(shown) - min(shown)), 5.0)
    return min(shown) - margin, max(shown) + margin


def bands(bounds: dict[int, float], high: float) -> list[tuple[int, float, float]]:
    """Return siaga, lower and upper end in cm of each band that lies below `high`."""
    ends = sorted(bounds.items(), reverse=True)
    tops = [bound for _, bound in ends[1:]] + [high]
    return [
        (siaga, bottom, min(top, high))
        for (siaga, bottom), top in zip(ends, tops, strict=False)
        if bottom < high
    ]


def was_late(row: Row, late_s: float | None) -> bool:
    """Tell whether a reading was learnt of later than its station's budget allows."""
    if row["known_assumed"] or late_s is None:
        return False
    behind: timedelta = row["known_time"] - row["event_time"]
    return behind > timedelta(seconds=late_s)


def _later(row: Row) -> str:
    return words.duration(row["known_time"] - row["event_time"])


def _rain(figure: go.Figure, rain: Sequence[Row], row: int) -> None:
    lengths = [timedelta(minutes=report["interval_minutes"]) for report in rain]
    figure.add_trace(
        go.Bar(
            x=[
                _local(report["event_time"] - length)
                for report, length in zip(rain, lengths, strict=True)
            ],
            y=[report["rain_mm"] * 60 / report["interval_minutes"] for report in rain],
            width=[length.total_seconds() * 1000 for length in lengths],
            offset=0,
            marker={"color": "var(--series-3)", "line": {"width": 0}},
            hovertemplate="Hujan %{y:,.1f} mm/jam<br>%{x|%d/%m pukul %H.%M} WIB<extra></extra>",
        ),
        row=row,
        col=1,
    )
    figure.update_yaxes(title={"text": "Hujan, mm/jam"}, rangemode="tozero", row=row, col=1)


def _tide(figure: go.Figure, tide: Sequence[Row], row: int) -> None:
    _line(figure, tide, row=row, color="var(--series-4)", name="Pasar Ikan")
    figure.update_yaxes(title={"text": "Laut, cm"}, row=row, col=1)


def _line(figure: go.Figure, levels: Sequence[Row], *, row: int, color: str, name: str) -> None:
    points = charts.with_gaps([(reading["event_time"], reading["level_cm"]) for reading in levels])
    figure.add_trace(
        go.Scatter(
            x=[_local(at) for at, _ in points],
            y=[value for _, value in points],
            name=name,
            mode="lines",
            connectgaps=False,
            line={"color": color, "width": 2},
            hovertemplate=f"{name} %{{y:,.0f}} cm<br>%{{x|%d/%m pukul %H.%M}} WIB<extra></extra>",
        ),
        row=row,
        col=1,
    )


def _local(moment: datetime) -> datetime:
    """Return a moment as Plotly shows it: it draws the hour that it is told, whatever the zone."""
    return moment.astimezone(WIB).replace(tzinfo=None)
