"""The card of green space and transport: what people uploaded of each kelurahan, against its life.

Places are points without rank. One number says how closely two of them go together over the
kelurahan: Spearman's correlation, by itself and between kelurahan of like density.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from data import cards, queries, words
from data.association import Effect
from data.cards import CardError, Input, Span
from data.lake import Lake
from data.queries import Row
from data.uploads import Upload

CARD = "ruang-kota"
NEAR_KM = 3.0
LEAST_PLACES = 20
# Shown, not counted: islands are no part of the city's fabric.
APART = "31.01"


@dataclass(frozen=True)
class Measure:
    """What can be put on an axis.

    Args:
        kind: Of `data.uploads`; empty for what the lake tells.
    """

    id: str
    name: str
    unit: str
    decimals: int
    kind: str = ""


ACROSS = (
    Measure("rth-orang", "Ruang terbuka hijau per penduduk", "m²", 1, "rth"),
    Measure("rth-luas", "Ruang terbuka hijau dari luas wilayah", "%", 1, "rth"),
    Measure("halte", "Halte per km²", "halte/km²", 1, "transportasi"),
    Measure("stasiun", "Stasiun per km²", "stasiun/km²", 2, "transportasi"),
)
UP = (
    Measure("pengaduan", "Pengaduan per 1.000 penduduk setahun", "laporan", 1),
    Measure("pm25", "PM2.5", "µg/m³", 1),
    Measure("suhu", "Suhu permukaan", "°C", 1, "suhu"),
)


@dataclass(frozen=True)
class Question:
    """What is asked: a measure across, one up, the kelurahan of an area."""

    span: Span
    across: Measure
    up: Measure
    area: str


@dataclass(frozen=True)
class Place:
    """A kelurahan: both measures, and people per km²."""

    code: str
    name: str
    across: float
    up: float
    density: float

    @property
    def apart(self) -> bool:
        """It is shown and does not count."""
        return self.code.startswith(APART)


@dataclass(frozen=True)
class Answer:
    """The card.

    Args:
        raw: Spearman's correlation; None with too few places, or where origins differ.
        adjusted: Likewise, between kelurahan of like density.
        mixed: One measure is simulated and the other is not: no number may hold both.
        missing: Uploads that are needed and do not stand.
    """

    question: Question
    places: tuple[Place, ...]
    raw: Effect | None
    adjusted: Effect | None
    mixed: bool
    missing: tuple[str, ...]
    inputs: tuple[Input, ...]
    simulated: bool


def read_question(params: Mapping[str, str], cut: date, area: str) -> Question:
    """Read `dari`, `sampai`, `datar` and `tegak` of a URL; usually of the last year.

    Raises:
        CardError: One of them cannot be answered.
    """
    return Question(
        cards.read_span(params, cut, years=1),
        _measure(params.get("datar"), ACROSS),
        _measure(params.get("tegak"), UP),
        area,
    )


def answer(lake: Lake, question: Question, uploads: Mapping[str, Upload | None]) -> Answer:
    """Return the card of a question.

    Args:
        uploads: What stands of each kind; None: nothing.
    """
    span = question.span
    rows = queries.card_places(
        lake, near_km=NEAR_KM, since=span.since, until=span.until, cut=span.cut
    )
    axes = (question.across, question.up)
    missing = tuple(axis.kind for axis in axes if axis.kind and not uploads.get(axis.kind))
    places = []
    for row in rows:
        inside = question.area == "31" or row["code"].startswith(question.area)
        across, up = (_value(axis, row, uploads) for axis in axes)
        if inside and across is not None and up is not None:
            density = row["population"] / row["area_km2"]
            places.append(Place(row["code"], row["name"], across, up, density))
    origins = [_simulated(axis, rows, uploads) for axis in axes]
    told = [origin for origin in origins if origin is not None]
    counted = [place for place in places if not place.apart]
    mixed = len(set(told)) > 1
    raw, adjusted = (None, None) if mixed else _correlations(counted)
    return Answer(
        question=question,
        places=tuple(places),
        raw=raw,
        adjusted=adjusted,
        mixed=mixed,
        missing=missing,
        inputs=tuple(_input(lake, axis, rows, uploads) for axis in axes),
        simulated=any(told),
    )


def _measure(asked: str | None, known: Sequence[Measure]) -> Measure:
    if not asked:
        return known[0]
    found = next((one for one in known if one.id == asked), None)
    if found is None:
        names = ", ".join(one.id for one in known)
        raise CardError(f"Ukuran “{asked[:20]}” tidak dikenal: {names}.")
    return found


def _value(axis: Measure, row: Row, uploads: Mapping[str, Upload | None]) -> float | None:
    if axis.id == "pengaduan":
        days = row["complaints_days"]
        if row["received"] is None or not days:
            return None
        return float(1000 * row["received"] / row["population"] * 365 / days)
    if axis.id == "pm25":
        return None if row["pm25"] is None else float(row["pm25"])
    upload = uploads.get(axis.kind)
    told = upload.values.get(row["code"], {}) if upload else {}
    if axis.id == "suhu":
        return told.get("suhu_c")
    green = told.get("rth_m2")
    if axis.kind == "rth" and green is not None:
        whole = row["population"] if axis.id == "rth-orang" else row["area_km2"] * 1e4
        return green / float(whole)
    stops = told.get(axis.id)
    return None if stops is None else stops / float(row["area_km2"])


def _correlations(places: Sequence[Place]) -> tuple[Effect | None, Effect | None]:
    if len(places) < LEAST_PLACES:
        return None, None
    ranks = [
        stats.rankdata([getattr(place, name) for place in places])
        for name in ("across", "up", "density")
    ]
    if min(np.ptp(rank) for rank in ranks[:2]) == 0:
        return None, None
    across, up, density = ranks
    return (
        _fisher(float(np.corrcoef(across, up)[0, 1]), len(places), 0),
        _fisher(_partial(across, up, density), len(places), 1),
    )


def _partial(
    one: NDArray[np.float64], other: NDArray[np.float64], given: NDArray[np.float64]
) -> float:
    """Return the correlation of what is left of two when a third is given."""
    left, right = (side - np.polyval(np.polyfit(given, side, 1), given) for side in (one, other))
    return float(np.corrcoef(left, right)[0, 1])


def _fisher(value: float, n: int, given: int) -> Effect:
    """Return a rank correlation with its interval.

    Source: Bonett and Wright 2000 (standard error of Spearman's on Fisher's scale).
    """
    value = float(np.clip(value, -1, 1))
    error = np.sqrt((1 + value**2 / 2) / (n - 3 - given))
    at = np.arctanh(np.clip(value, -0.999999, 0.999999))
    low, high = np.tanh([at - 1.96 * error, at + 1.96 * error])
    return Effect(value, float(low), float(high), n)


def _simulated(
    axis: Measure, rows: Sequence[Row], uploads: Mapping[str, Upload | None]
) -> bool | None:
    """Tell whether a measure is simulated; None where nothing is told of it."""
    if axis.kind:
        upload = uploads.get(axis.kind)
        return upload.simulated if upload else None
    if axis.id == "pengaduan":
        return rows[0]["complaints_simulated"] if rows else None
    told = [row["pm25_simulated"] for row in rows if row["pm25"] is not None]
    return any(told) if told else None


def _input(
    lake: Lake, axis: Measure, rows: Sequence[Row], uploads: Mapping[str, Upload | None]
) -> Input:
    simulated = bool(_simulated(axis, rows, uploads))
    if axis.kind:
        upload = uploads.get(axis.kind)
        if upload is None:
            return Input(axis.name, "belum diunggah", None, "belum ada data")
        count = words.quantity(len(upload.values), "kelurahan")
        return Input(axis.name, upload.source, upload.dated, count, simulated)
    table, newest = (
        ("complaint_versions", "complaints_newest")
        if axis.id == "pengaduan"
        else ("air_measurements", "pm25_newest")
    )
    told = [row[newest] for row in rows if row[newest] is not None]
    days = (
        words.quantity(rows[0]["complaints_days"] or 0, "hari")
        if rows and axis.id == "pengaduan"
        else words.quantity(len(told), "kelurahan")
    )
    return Input(
        axis.name,
        cards.sources(queries.feeds(lake), table),
        max(told) if told else None,
        days if told else "belum ada data",
        simulated,
    )
