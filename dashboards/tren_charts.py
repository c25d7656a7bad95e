"""Figures of /tren: lines and stacks over time, years over each other, and two heat maps.

Simulated and assumed spans are hatched, spans that are not over are hollow, gaps stay gaps; marks
carry the number that they have in the list below the figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go
from dash.development.base_component import Component

from dashboards import charts
from data import words
from data.annotations import Annotation
from data.changepoints import Change
from data.queries import Row
from data.series import Line, Mark, Point, Question, next_bucket

HEIGHT, TOP = 420, 46
MONTHS = [month[:3] for month in words.MONTHS]
DAYS = [day[:3] for day in words.DAYS]
# Colours of parts that are classes; others take those of the series.
PARTS = {
    "Baik": "var(--ispu-baik)",
    "Sedang": "var(--ispu-sedang)",
    "Tidak Sehat": "var(--ispu-tidak-sehat)",
    "Sangat Tidak Sehat": "var(--ispu-sangat-tidak-sehat)",
    "Berbahaya": "var(--ispu-berbahaya)",
    "Siaga 3 – Waspada": "var(--siaga-3)",
    "Siaga 2 – Siaga": "var(--siaga-2)",
    "Siaga 1 – Bahaya": "var(--siaga-1)",
}
CITY_MAXIMUM, ASSUMED = "nilai tertinggi sekota", "waktu diketahui diasumsikan"
# What is assumed of the moment of knowing matters to a replay; else a strip along the axis says it.
FOOT = 0.03
FORMATS = {"day": "%-d %b %Y", "week": "pekan %-d %b %Y", "month": "%B %Y", "year": "%Y"}
YEARS_NAMED = 2
# So few values, over half of the axis or more, are written beside their points.
FEW = 12
HEAT = [[0.0, "var(--accent-soft)"], [0.5, "var(--series-heat)"], [1.0, "var(--accent)"]]


@dataclass(frozen=True)
class Moved:
    """A change point of a line: its first span and the step."""

    line: Line
    at: date
    change: Change


@dataclass(frozen=True)
class Beside:
    """What is drawn into a figure over time besides its values."""

    marks: Sequence[Mark] = ()
    moved: Sequence[Moved] = ()
    notes: Sequence[Annotation] = ()
    hatched: Sequence[tuple[date, date, str]] = ()
    assumed: Sequence[tuple[date, date, str]] = ()


def over_time(
    question: Question, lines: Sequence[Line], names: Mapping[str, str], beside: Beside
) -> Component:
    """Return lines by place, or the parts of one place on each other."""
    figure = _figure(question)
    if len(question.series.measures) > 1:
        _stack(figure, question, lines)
    else:
        _lines(figure, question, lines, names)
    _hatch(figure, beside.hatched)
    _hatch(figure, beside.assumed, FOOT)
    _mark(figure, beside)
    # Steps of several places would hide each other: the list below tells them.
    if len(question.places) == 1:
        _moved(figure, question, beside.moved)
    first, last = lines[0].points[0].at, next_bucket(lines[0].points[-1].at, question.bucket)
    # What is written beside the first point would lie on the axis.
    room = (last - first) / 40 if any(trace.text for trace in figure.data) else timedelta(0)
    figure.update_xaxes(range=[first - room, last])
    return charts.graph(figure, label=f"{question.series.name} dari waktu ke waktu")


def years(question: Question, line: Line) -> Component:
    """Return the years of a line over each other, month by month."""
    figure = _figure(question)
    told = sorted({point.at.year for point in line.points if point.value is not None})
    for year in told:
        points = [point for point in line.points if point.at.year == year]
        place = len(told) - told.index(year)
        named = place <= YEARS_NAMED
        figure.add_trace(
            go.Scatter(
                x=[point.at.month for point in points],
                y=[None if point.partial else point.value for point in points],
                name=str(year),
                mode="lines+markers" if named else "lines",
                connectgaps=False,
                line={
                    "color": charts.SERIES[place - 1] if named else "var(--line-strong)",
                    "width": 2.5 if named else 1,
                    "dash": "solid" if place != 2 else "dash",
                },
                opacity=1 if named else 0.6,
                hovertemplate=f"{year}: %{{y:,.{question.series.decimals}f}}"
                f" {question.series.unit}<extra></extra>",
            )
        )
        end = next((point for point in reversed(points) if not point.partial and point.value), None)
        if named and end is not None:
            figure.add_annotation(
                x=end.at.month,
                y=end.value,
                text=str(year),
                showarrow=False,
                xanchor="left",
                xshift=6,
                font={"color": charts.INK, "size": 12},
            )
    figure.update_xaxes(tickvals=list(range(1, 13)), ticktext=MONTHS, range=[0.6, 12.8])
    return charts.graph(figure, label=f"{question.series.name}, tahun demi tahun")


def seasons(question: Question, line: Line) -> Component:
    """Return the months of a line by year as a heat map."""
    told = [point for point in line.points if point.value is not None and not point.partial]
    rows: dict[int, list[float | None]] = defaultdict(lambda: [None] * 12)
    for point in told:
        rows[point.at.year][point.at.month - 1] = point.value
    years_told = sorted(range(min(rows), max(rows) + 1), reverse=True)
    return _heat(
        question,
        MONTHS,
        [str(year) for year in years_told],
        [rows.get(year, [None] * 12) for year in years_told],
        "bulan dan tahun",
    )


def hours(question: Question, rows: Sequence[Row]) -> Component:
    """Return the hours of the week as a heat map."""
    cells: list[list[float | None]] = [[None] * 24 for _ in DAYS]
    for row in rows:
        cells[row["weekday"] - 1][row["hour"]] = row["value"]
    return _heat(question, [f"{hour:02}" for hour in range(24)], DAYS, cells, "jam dan hari")


def _heat(
    question: Question,
    columns: Sequence[str],
    rows: Sequence[str],
    cells: Sequence[Sequence[float | None]],
    of_what: str,
) -> Component:
    series = question.series
    figure = go.Figure(layout=charts.layout("", max(260, 60 + 30 * len(rows))))
    figure.add_trace(
        go.Heatmap(
            x=list(columns),
            y=list(rows),
            z=[list(row) for row in cells],
            colorscale=HEAT,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            hovertemplate=f"%{{y}}, %{{x}}: %{{z:,.{series.decimals}f}} {series.unit}"
            "<extra></extra>",
            colorbar={
                "title": {"text": series.unit, "font": {"color": charts.QUIET, "size": 12}},
                "tickfont": {"color": charts.QUIET},
                "separatethousands": True,
                "thickness": 10,
                "outlinewidth": 0,
            },
        )
    )
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(type="category", side="top", nticks=len(columns))
    return charts.graph(figure, label=f"{series.name} menurut {of_what}")


def _figure(question: Question) -> go.Figure:
    figure = go.Figure(layout=charts.layout(question.series.unit, HEIGHT))
    # Two further axes: one for what is as high as the figure, none of them seen.
    figure.update_layout(
        margin={"l": 8, "r": 16, "t": TOP, "b": 8},
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        hovermode="x unified" if len(question.places) > 1 else "closest",
        barmode="stack",
        bargap=0.12,
    )
    figure.update_layout(yaxis={"rangemode": "tozero"})
    return figure


def _lines(
    figure: go.Figure, question: Question, lines: Sequence[Line], names: Mapping[str, str]
) -> None:
    series = question.series
    for number, line in enumerate(lines):
        color = charts.SERIES[number % len(charts.SERIES)]
        for chosen, dash in (
            (lambda point: point.basis != CITY_MAXIMUM, charts.DASHES[number % 4]),
            (lambda point: point.basis == CITY_MAXIMUM, "dot"),
        ):
            _trace(figure, question, line, names[line.place], color, dash, chosen)
        hollow = [point for point in line.points if point.partial and point.value is not None]
        if hollow:
            figure.add_trace(
                go.Scatter(
                    x=[point.at for point in hollow],
                    y=[point.value for point in hollow],
                    mode="markers",
                    marker={
                        "symbol": "circle-open",
                        "color": color,
                        "size": 8,
                        "line": {"width": 2},
                    },
                    hovertemplate=f"%{{y:,.{series.decimals}f}} {series.unit}"
                    f"<br>%{{x|{FORMATS[question.bucket]}}}, belum genap<extra></extra>",
                )
            )


def _trace(
    figure: go.Figure,
    question: Question,
    line: Line,
    name: str,
    color: str,
    dash: str,
    chosen: Callable[[Point], bool],
) -> None:
    points = [point if chosen(point) and not point.partial else None for point in line.points]
    series = question.series
    told = [point.at for point in points if point is not None and point.value is not None]
    if not told:
        return
    is_wide = 2 * (told[-1] - told[0]) >= question.until - question.since
    few = len(told) <= FEW and is_wide and len(question.places) == 1
    figure.add_trace(
        go.Scatter(
            x=[point.at for point in line.points],
            y=[None if point is None else point.value for point in points],
            customdata=[point.basis or "" for point in line.points],
            name=name,
            mode="lines+markers+text" if few else "lines+markers" if _alone(points) else "lines",
            marker={"size": 8 if few else 4},
            text=[
                "" if point is None else words.number(point.value, series.decimals)
                for point in points
            ]
            if few
            else None,
            textposition="top center",
            textfont={"color": charts.INK},
            cliponaxis=False,
            connectgaps=False,
            line={"color": color, "width": 2, "dash": dash},
            hovertemplate=f"%{{y:,.{series.decimals}f}} {series.unit}"
            f"<br>%{{x|{FORMATS[question.bucket]}}}<br>%{{customdata}}<extra>{name}</extra>",
        )
    )


def _alone(points: Sequence[Point | None]) -> bool:
    """Tell whether a value stands between two gaps, where no line could show it."""
    told = [False, *(point is not None and point.value is not None for point in points), False]
    return any(
        here and not before and not after
        for before, here, after in zip(told, told[1:], told[2:], strict=False)
    )


def _stack(figure: go.Figure, question: Question, lines: Sequence[Line]) -> None:
    series = question.series
    parts = [line for line in lines if line.place == question.places[0]]
    for label, line in zip(series.labels, parts, strict=True):
        ends = [next_bucket(point.at, question.bucket) for point in line.points]
        figure.add_trace(
            go.Bar(
                x=[point.at for point in line.points],
                y=[point.value for point in line.points],
                width=[
                    0.9 * (end - point.at).total_seconds() * 1000
                    for point, end in zip(line.points, ends, strict=True)
                ],
                offset=0,
                customdata=[
                    ", ".join(filter(None, (point.basis, "belum genap" if point.partial else "")))
                    for point in line.points
                ],
                name=label,
                marker={
                    "color": PARTS.get(label, charts.ACCENT),
                    "line": {"width": 0},
                    "pattern": {
                        "shape": [
                            "/" if point.basis == CITY_MAXIMUM else "" for point in line.points
                        ],
                        "solidity": 0.25,
                        "size": 5,
                        "fgcolor": "var(--surface)",
                    },
                },
                hovertemplate=f"{label}: %{{y:,.{series.decimals}f}} {series.unit}"
                f"<br>%{{x|{FORMATS[question.bucket]}}}<br>%{{customdata}}<extra></extra>",
            )
        )


def _hatch(figure: go.Figure, spans: Sequence[tuple[date, date, str]], height: float = 1) -> None:
    """Hatch spans up to a share of the figure's height; only whole ones are named in it."""
    for begin, end, _ in spans:
        figure.add_trace(
            go.Scatter(
                x=[begin, end, end, begin],
                y=[0, 0, height, height],
                yaxis="y2",
                mode="none",
                fill="toself",
                fillcolor="rgba(0,0,0,0)",
                fillpattern={
                    "shape": "/",
                    "size": 12 if height == 1 else 5,
                    "solidity": 0.08 if height == 1 else 0.3,
                    "fgcolor": "var(--line-strong)" if height == 1 else charts.INK,
                    "bgcolor": "rgba(0,0,0,0)",
                },
                hoverinfo="skip",
            )
        )
    for _, end, name in spans if height == 1 else ():
        figure.add_annotation(
            x=end,
            y=0.01,
            yref="paper",
            text=name,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            bgcolor="var(--surface)",
            font={"color": charts.QUIET, "size": 12},
        )


def _mark(figure: go.Figure, beside: Beside) -> None:
    signs = [
        (mark.day, str(number), "dot" if mark.kind == "definisi" else "dash")
        for number, mark in enumerate(beside.marks, 1)
    ] + [(note.day, letter(number), "dashdot") for number, note in enumerate(beside.notes)]
    days: dict[date, list[str]] = defaultdict(list)
    dashes = {}
    for day, sign, dash in signs:
        days[day].append(sign)
        dashes[day] = dash
    for day, told in days.items():
        figure.add_shape(
            type="line",
            x0=day,
            x1=day,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": charts.QUIET, "width": 1, "dash": dashes[day]},
        )
        figure.add_annotation(
            x=day,
            y=1,
            yref="paper",
            text=f"<b>{', '.join(told)}</b>",
            showarrow=False,
            yanchor="bottom",
            bordercolor=charts.QUIET,
            borderwidth=1,
            borderpad=2,
            bgcolor="var(--surface)",
            font={"color": charts.INK, "size": 12},
        )


def _moved(figure: go.Figure, question: Question, moved: Sequence[Moved]) -> None:
    for number, one in enumerate(moved):
        figure.add_shape(
            type="line",
            x0=one.at,
            x1=one.at,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": "var(--attention)", "width": 2},
        )
        figure.add_annotation(
            x=one.at,
            y=0.98 - 0.09 * (number % 3),
            yref="paper",
            text=step(question, one.change),
            showarrow=False,
            xanchor="left",
            xshift=3,
            yanchor="top",
            bgcolor="var(--attention-fill)",
            font={"color": charts.INK, "size": 12},
        )


def step(question: Question, change: Change) -> str:
    """Write the size of a change as "▲ +120 laporan"."""
    sign, arrow = ("+", "▲") if change.size > 0 else ("", "▼")
    decimals = digits(question, change.size)
    unit = question.series.unit if question.series.unit != "%" else "poin persen"
    return f"{arrow} {sign}{words.quantity(change.size, unit, decimals)}"


def digits(question: Question, value: float) -> int:
    """Return how many decimals a level is told with: no more than it has a meaning for."""
    return max(question.series.decimals, 1) if abs(value) < 100 else 0


def letter(number: int) -> str:
    """Return A, B, … Z, then AA, AB, …."""
    return chr(65 + number) if number < 26 else letter(number // 26 - 1) + letter(number % 26)


def spans(lines: Sequence[Line], question: Question) -> list[tuple[date, date, str]]:
    """Return the spans that are simulated or became known by assumption, with what they are."""
    found: list[tuple[date, date, str]] = []
    for point in _merged(lines):
        name = "DATA SIMULASI" if point.simulated else ASSUMED if point.assumed else ""
        end = next_bucket(point.at, question.bucket)
        if not name or point.value is None:
            continue
        if found and found[-1][2] == name and point.at - found[-1][1] < timedelta(days=1):
            found[-1] = (found[-1][0], end, name)
        else:
            found.append((point.at, end, name))
    return found


def _merged(lines: Sequence[Line]) -> list[Point]:
    """Return for each span the point that is simulated, if one of the lines is."""
    return [
        max(points, key=lambda point: (point.value is not None, point.simulated, point.assumed))
        for points in zip(*(line.points for line in lines), strict=True)
    ]
