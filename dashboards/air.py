"""The air as several pages tell it: indices of stations, their categories, and what to do.

A pollutant that is told twice a day is not stale in the evening: each has a budget of its own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import layers, parts
from dashboards.maps import swatch
from data import reference, words
from data.ispu import category, ispu
from data.queries import Row

FEEDS = ("udara_jakarta", "openaq")
WHOM = {
    "umum": "Setiap orang",
    "sensitif": "Kelompok sensitif",
    "asma": "Penderita asma",
    "jantung": "Penderita penyakit jantung",
}


@dataclass(frozen=True)
class Index:
    """The index of one pollutant at one station, or of a station: then of its worst pollutant.

    Args:
        row: That of the query `air_parameters_now`.
        value: Whole, as published; None where nothing was measured.
    """

    row: Row
    value: int | None

    @property
    def category(self) -> str | None:
        """The official category; None without a value."""
        return None if self.value is None else category(self.value)


@functools.cache
def budgets() -> Mapping[str, tuple[float, float]]:
    """Return by pollutant the ages in seconds from which a value is late and expired."""
    return MappingProxyType(
        {
            row["parameter"]: (60 * float(row["late_minutes"]), 60 * float(row["expired_minutes"]))
            for row in reference.rows("air_budgets")
        }
    )


@functools.cache
def advice(name: str) -> Mapping[str, str]:
    """Return what the regulation says of a category, by whom it is for, `source` included."""
    found = [row for row in reference.rows("ispu_advice") if row["category_id"] == name]
    told = {row["for_whom"]: row["text"] for row in found}
    return MappingProxyType(told | {"source": found[0]["source"]} if found else told)


def index_of(row: Row) -> Index:
    """Return the index of a row of `air_parameters_now`.

    The source's own where it gives one, else that of the mean of 24 hours.
    """
    if row["ispu"] is not None:
        return Index(row, int(row["ispu"]))
    if row["parameter"] is None or row["mean_ug_m3"] is None:
        return Index(row, None)
    found = ispu(row["parameter"], row["mean_ug_m3"])
    return Index(row, None if found is None else round(found))


def stations(rows: Sequence[Row]) -> dict[str, dict[str, Index]]:
    """Return each station's indices by pollutant; rows of the query `air_parameters_now`."""
    return {
        station: {row["parameter"]: index_of(row) for row in of_station}
        for station, of_station in groupby(rows, key=lambda row: row["station_id"])
    }


def greatest(indices: Mapping[str, Index]) -> Index:
    """Return the index of a station: the greatest of its pollutants'."""
    return max(indices.values(), key=lambda index: -1 if index.value is None else index.value)


def is_expired(parameter: str, at: datetime, moment: datetime) -> bool:
    """Tell whether a pollutant's value of `at` is too old at a moment (both aware)."""
    _, expired = budgets().get(parameter, (0, math.inf))
    return (moment - at).total_seconds() > expired


def worst(all_stations: Mapping[str, dict[str, Index]], moment: datetime) -> Index | None:
    """Return the greatest index of a city, an expired one only where all are; None without any.

    Args:
        moment: By which it is judged (aware).
    """
    told = [index for found in all_stations.values() for index in found.values()]

    def rank(index: Index) -> tuple[bool, int]:
        row = index.row
        return not is_expired(row["parameter"], row["event_time"], moment), index.value or 0

    return max((index for index in told if index.value is not None), key=rank, default=None)


def one_origin(all_stations: Mapping[str, dict[str, Index]]) -> dict[str, dict[str, Index]]:
    """Drop the stations with simulated values where others have real ones."""
    simulated = {
        station: any(index.row["simulated"] for index in indices.values())
        for station, indices in all_stations.items()
    }
    told = {
        station
        for station, indices in all_stations.items()
        if any(index.row["event_time"] is not None for index in indices.values())
    }
    if all(simulated[station] for station in told):
        return dict(all_stations)
    return {key: indices for key, indices in all_stations.items() if not simulated[key]}


def mark(index: Index) -> Component:
    """Return a category by shape, number and word, which is not made on expired input."""
    name = index.category
    if name is None:
        return html.Span("belum ada data", className="figure-note")
    number = layers.ISPU_WORDS.index(name)
    return parts.judged(
        [
            swatch(f"air-{layers.ISPU_SHAPES[number]}", layers.ISPU_COLORS[number]),
            html.Span(words.number(index.value), className="udara-indeks"),
            html.Span(name, className="udara-kategori"),
        ],
        **freshness(index.row),
    )


def freshness(row: Row) -> dict[str, Any]:
    """Return moment and budgets of a row of `air_parameters_now`, as `parts.reading` takes them."""
    late, expired = budgets().get(row["parameter"], (None, None))
    return {"moment": row["event_time"], "late_s": late, "expired_s": expired}


def advice_list(name: str) -> Component:
    """Draw what the regulation says of a category, by whom it is for."""
    told = advice(name)
    return html.Dl(
        [
            part
            for whom, title in WHOM.items()
            if whom in told
            for part in (html.Dt(title), html.Dd(told[whom]))
        ],
        className="udara-anjuran",
    )


def pollutant(row: Row) -> str:
    """Return the name of the pollutant of a row of `air_parameters_now`."""
    return layers.POLLUTANT_NAMES.get(row["parameter"], row["parameter"] or words.NOTHING)
