"""Charts: one look for all, from the tokens of assets/tokens.css.

Plotly draws what a reader looks into; a spark is a small inline SVG for tables, cards and the wall.
Colours are written as "var(--token)": css resolves them in a spark, assets/_core.js in a figure, so
that light and dark need no second drawing on the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component
from dash_svg import Line, Path, Rect, Svg

from data import words
from data.asof import WIB

INK, QUIET, LINE, ACCENT = "var(--ink)", "var(--ink-3)", "var(--line)", "var(--accent)"
# Series beside each other; told apart by label and dash as well.
SERIES = (ACCENT, "var(--series-2)", "var(--series-3)", "var(--series-4)")
DASHES = ("solid", "dash", "dot", "dashdot")
# Plotly comes with English only.
LOCALE = {
    "dictionary": {},
    "format": {
        "days": [*words.DAYS[-1:], *words.DAYS[:-1]],
        "shortDays": [day[:3] for day in (*words.DAYS[-1:], *words.DAYS[:-1])],
        "months": list(words.MONTHS),
        "shortMonths": [month[:3] for month in words.MONTHS],
        "date": "%d/%m/%Y",
        "decimal": ",",
        "thousands": ".",
    },
}
# A reading that is missing for so many usual intervals is a gap, not a line.
GAP_INTERVALS = 3

Point = tuple[datetime, float | None]


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    Args:
        points: Moments (aware) and values, oldest first; None is a gap.
        color: Token, such as "var(--accent)"; empty for the next of `SERIES`.
        listed: The legend names it; not where another of its look stands there already.
    """

    name: str
    points: Sequence[Point]
    color: str = ""
    dash: str = ""
    listed: bool = True


@dataclass(frozen=True)
class Bound:
    """A level across a chart, such as a threshold, with its name at the right end."""

    value: float
    name: str
    color: str = QUIET


@dataclass(frozen=True)
class Band:
    """A class of values, such as a category, as the ground behind a chart.

    Args:
        low: Least value.
        high: Where the next band begins; None for the last.
    """

    low: float
    high: float | None
    name: str
    color: str


def lines(
    series: Sequence[Series],
    *,
    unit: str,
    bounds: Sequence[Bound] = (),
    bands: Sequence[Band] = (),
    height: int = 280,
    decimals: int = 0,
    label: str,
) -> Component:
    """Return lines over time (WIB), named above where there are several; gaps stay gaps.

    Args:
        unit: Of all series, printed on the axis.
        label: What the chart shows, for readers who do not see it.
    """
    figure = go.Figure(layout=layout(unit, height))
    # Names at the ends would lie over the lines on a phone.
    figure.update_layout(showlegend=len(series) > 1)
    for number, one in enumerate(series):
        color = one.color or SERIES[number % len(SERIES)]
        points = with_gaps(one.points)
        figure.add_trace(
            go.Scatter(
                x=[_local(at) for at, _ in points],
                y=[value for _, value in points],
                name=one.name,
                showlegend=one.listed,
                mode="lines",
                connectgaps=False,
                line={
                    "color": color,
                    "width": 2,
                    "dash": one.dash or DASHES[number % len(DASHES)],
                },
                hovertemplate=_hover(unit, decimals),
            )
        )
    for bound in bounds:
        figure.add_hline(
            y=bound.value,
            line={"color": bound.color, "width": 1.5, "dash": "dot"},
            annotation={
                "text": bound.name,
                "font": {"color": INK, "size": 12},
                "xanchor": "right",
                "yanchor": "bottom",
            },
        )
    if bands:
        _add_bands(figure, bands, [value for one in series for _, value in one.points])
    return graph(figure, label=label)


def bars(
    points: Sequence[Point],
    *,
    unit: str,
    width: timedelta,
    color: str = ACCENT,
    height: int = 200,
    decimals: int = 0,
    label: str,
) -> Component:
    """Return bars over time (WIB), each `width` wide and beginning at its moment."""
    figure = go.Figure(layout=layout(unit, height))
    figure.add_trace(
        go.Bar(
            x=[_local(at) for at, _ in points],
            y=[value for _, value in points],
            width=width.total_seconds() * 1000,
            offset=0,
            marker={"color": color},
            hovertemplate=f"{_hover(unit, decimals)}<extra></extra>",
        )
    )
    return graph(figure, label=label)


def graph(figure: go.Figure, *, label: str) -> Component:
    """Return a figure as a component without tools around it, in the look of all charts.

    `label` says what it shows, for readers who do not see it.
    """
    config = {"displayModeBar": False, "responsive": True, "locale": "id"}
    return html.Figure(
        dcc.Graph(
            figure=figure,
            config={**config, "locales": {"id": LOCALE}},
            style={"height": f"{figure.layout.height}px"},
        ),
        className="chart",
        role="img",
        **{"aria-label": label},
    )


def spark(
    points: Sequence[Point],
    *,
    label: str,
    low: float | None = None,
    high: float | None = None,
    bound: float | None = None,
    width: int = 120,
    height: int = 28,
) -> Component:
    """Return a small trend without axes: a line broken at gaps, its last point marked.

    Args:
        points: Moments (aware) and values, oldest first.
        label: What it shows, for readers who do not see it.
        low: Value at the lower edge; None for the least of all.
        high: Value at the upper edge; None for the greatest of all.
        bound: A level drawn across, such as the next threshold.
    """
    told = [(at, value) for at, value in points if value is not None]
    frame = {"viewBox": f"0 0 {width} {height}", "className": "spark", "role": "img"}
    if not told:
        return Svg([], **frame, **{"aria-label": f"{label}: belum ada data"})
    values = [value for _, value in told]
    extra = [] if bound is None else [bound]
    bottom = min(values + extra) if low is None else low
    top = max(values + extra) if high is None else high
    begin, end = points[0][0], points[-1][0]
    span = (end - begin).total_seconds() or 1.0
    rise = (top - bottom) or 1.0

    def place(at: datetime, value: float) -> tuple[float, float]:
        x = 2 + (width - 6) * (at - begin).total_seconds() / span
        y = height - 3 - (height - 6) * (min(max(value, bottom), top) - bottom) / rise
        return round(x, 1), round(y, 1)

    path, pen = [], "M"
    for at, value in with_gaps(points):
        if value is None:
            pen = "M"
            continue
        x, y = place(at, value)
        path.append(f"{pen}{x:g} {y:g}")
        pen = "L"
    x, y = place(*told[-1])
    drawn: list[Component] = [
        Path(d=" ".join(path), className="spark-line", fill="none"),
        Rect(x=x - 2, y=y - 2, width=4, height=4, className="spark-end"),
    ]
    if bound is not None:
        level = place(begin, bound)[1]
        drawn.insert(0, Line(x1=0, x2=width, y1=level, y2=level, className="spark-bound"))
    return Svg(drawn, **frame, **{"aria-label": label})


def with_gaps(points: Sequence[Point]) -> list[Point]:
    """Return the points with a None between two that lie much farther apart than usual."""
    if len(points) < 3:
        return list(points)
    steps = sorted((later[0] - earlier[0]).total_seconds() for earlier, later in pairwise(points))
    most = GAP_INTERVALS * max(steps[len(steps) // 2], 1.0)
    broken: list[Point] = [points[0]]
    for earlier, later in pairwise(points):
        if (later[0] - earlier[0]).total_seconds() > most:
            broken.append((earlier[0] + (later[0] - earlier[0]) / 2, None))
        broken.append(later)
    return broken


def layout(unit: str, height: int, *, across: str | None = None) -> go.Layout:
    """Return the look of a chart whose vertical axis is in `unit`, `height` pixels high.

    Args:
        across: What the horizontal axis tells, with its unit; None where it is time (WIB).
    """
    named = {"font": {"color": QUIET, "size": 12}, "standoff": 4}
    # Formats of moments would be read as formats of numbers.
    along = (
        {"tickformatstops": _tick_formats()}
        if across is None
        else {"title": {"text": across, **named}}
    )
    axis = {
        "gridcolor": LINE,
        "zerolinecolor": LINE,
        "linecolor": LINE,
        "tickfont": {"color": QUIET, "size": 12},
        "automargin": True,
        "separatethousands": True,
        "exponentformat": "none",
    }
    return go.Layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 24, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Plus Jakarta Sans, system-ui, sans-serif", "color": INK, "size": 12},
        separators=",.",
        showlegend=False,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        hovermode="closest",
        xaxis={
            **axis,
            "showgrid": False,
            "nticks": 8,
            **along,
        },
        yaxis={**axis, "title": {"text": unit, **named}},
        hoverlabel={
            "bgcolor": "var(--surface-2)",
            "bordercolor": "var(--line-strong)",
            "font": {"color": INK},
        },
        uirevision="kept",
    )


def _add_bands(figure: go.Figure, bands: Sequence[Band], values: Sequence[float | None]) -> None:
    # Bands would stretch the axis to their own ends, so that its end is told.
    top = 1.15 * max((value for value in values if value is not None), default=bands[0].low + 1)
    figure.update_yaxes(range=[0, top])
    for band in bands:
        if band.low >= top:
            continue
        figure.add_hrect(
            y0=band.low,
            y1=min(top, band.high or top),
            fillcolor=band.color,
            opacity=0.16,
            line_width=0,
            layer="below",
        )
        figure.add_annotation(
            x=0,
            y=band.low,
            xref="paper",
            text=band.name,
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            font={"color": QUIET, "size": 12},
        )


def _hover(unit: str, decimals: int) -> str:
    return f"%{{y:,.{decimals}f}} {unit}<br>%{{x|%d/%m pukul %H.%M}} WIB"


def _tick_formats() -> list[dict[str, Any]]:
    day, month = 86_400_000, "M1"
    return [
        {"dtickrange": [None, day - 1], "value": "%H.%M\n%-d %b"},
        {"dtickrange": [day, month], "value": "%-d %b\n%Y"},
        {"dtickrange": [month, None], "value": "%b\n%Y"},
    ]


def _local(moment: datetime) -> datetime:
    """Return a moment as Plotly shows it: it draws the hour that it is told, whatever the zone."""
    return moment.astimezone(WIB).replace(tzinfo=None)
