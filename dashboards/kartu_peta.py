"""A map of kelurahan in classes, as a figure: for a card that is printed and read once.

The maps of `dashboards.maps` are for looking around; this one is drawn with the card, as vectors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import shapely
from dash import html
from dash.development.base_component import Component

from dashboards import charts
from data.queries import Row

HEIGHT = 420
# As coarse as a map of half a screen can show, about 30 m.
COARSE_DEGREES = 3e-4
# Kepulauan Seribu lie so far out that beside them nothing of the city could be read.
ISLANDS = "31.01"
LIGHT = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Class:
    """A class of values.

    Args:
        below: Where the next one begins.
        color: Token of `assets/kartu.css`.
    """

    below: float
    name: str
    color: str


def draw(
    outlines: Sequence[Row],
    values: Mapping[str, float | None],
    hovers: Mapping[str, str],
    classes: Sequence[Class],
    label: str,
) -> Component | None:
    """Return the map with its classes named; None where there are no boundaries to draw.

    Args:
        outlines: Rows of the query `outlines`.
        values: By code of a kelurahan; what is missing or None is hatched.
        hovers: What is told of a kelurahan where it is pointed at.
    """
    alone = all(code.startswith(ISLANDS) for code in values)
    rows = [
        row
        for row in outlines
        if row["level"] == "kelurahan" and (alone or not row["code"].startswith(ISLANDS))
    ]
    if not rows:
        return None
    shapes = shapely.simplify(
        shapely.from_geojson([row["geometry"] for row in rows]), COARSE_DEGREES
    )
    drawn = dict(zip((row["code"] for row in rows), shapes, strict=True))
    figure = go.Figure(layout=charts.layout("", HEIGHT))
    kinds = [(one.name, one.color, _in_class(values, classes, one)) for one in classes]
    told = {code for _, _, codes in kinds for code in codes}
    for _, color, codes in kinds:
        figure.add_trace(_area([drawn[code] for code in codes if code in drawn], color))
    figure.add_trace(_area([shape for code, shape in drawn.items() if code not in told], ""))
    middles = {code: shape.representative_point() for code, shape in drawn.items()}
    figure.add_trace(
        go.Scatter(
            x=[middle.x for middle in middles.values()],
            y=[middle.y for middle in middles.values()],
            text=[hovers.get(row["code"], f"{row['name']}: belum ada data") for row in rows],
            mode="markers",
            marker={"size": 14, "color": LIGHT},
            hovertemplate="%{text}<extra></extra>",
        )
    )
    bounds = shapely.total_bounds(shapes)
    stretch = 1 / math.cos(math.radians(float(bounds[1])))
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, hovermode="closest")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=stretch)
    return html.Div(
        [
            html.Ul(
                [
                    *(
                        html.Li([html.I(style={"background": color}), name])
                        for name, color, _ in kinds
                    ),
                    html.Li([html.I(className="is-kosong"), "belum ada data"]),
                ],
                className="legend-row",
            ),
            charts.graph(figure, label=label),
            html.P("Batas perkiraan.", className="figure-note")
            if any(row["approximate"] for row in rows)
            else None,
        ]
    )


def _in_class(
    values: Mapping[str, float | None], classes: Sequence[Class], one: Class
) -> list[str]:
    begins = max((other.below for other in classes if other.below < one.below), default=-math.inf)
    return [
        code for code, value in values.items() if value is not None and begins <= value < one.below
    ]


def _area(shapes: Sequence[Any], color: str) -> go.Scatter:
    """Return shapes as one area; hatched without a colour."""
    across: list[float | None] = []
    up: list[float | None] = []
    for shape in shapes:
        for part in shapely.get_parts(shape):
            for x, y in part.exterior.coords:
                across.append(round(x, 5))
                up.append(round(y, 5))
            across.append(None)
            up.append(None)
    hatch = {
        "shape": "/",
        "size": 6,
        "solidity": 0.15,
        "fgcolor": "var(--line-strong)",
        "bgcolor": LIGHT,
    }
    return go.Scatter(
        x=across,
        y=up,
        mode="lines",
        fill="toself",
        fillcolor=color or LIGHT,
        fillpattern=None if color else hatch,
        line={"color": "var(--line-strong)", "width": 0.5},
        hoverinfo="skip",
    )
