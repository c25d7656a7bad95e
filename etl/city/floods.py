"""Flooded neighbourhoods and citizens' reports, as PetaBencana publishes them.

An RW floods when its driver, the wet streets of its basin or the river beside it, passes the RW's
own sill. BPBD looks at each RW every half hour; `last_updated` is the look at which its state last
changed. Times are written in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.city import water
from etl.city.world import (
    BASINS,
    CITY_BASINS,
    Bulk,
    Floats,
    Handler,
    Ints,
    Payload,
    Times,
    World,
    basin_at,
    floor_to,
    moments,
    reference,
    spans,
    timestamps,
    whole,
)

_LOOK_SECONDS = 1800
_PHASES = 3  # a third of the RW is looked at each ten minutes
_LOOKS_BACK = 96  # no flood here stands for more than two days
_DEEPEST_CM = (5.0, 10.0, 70.0, 150.0)  # where PetaBencana's states 1 (caution), 2, 3 and 4 begin
_DEPTHS_CM = {1: (None, None), 2: (10.0, 70.0), 3: (71.0, 150.0), 4: (150.0, None)}
_REPORTS_AN_HOUR = 90.0  # at full flood; 1,057 reports came on 2017-02-21 (PetaBencana archive)
_CALM = 0.15  # wetness below which nobody reports a flood

# RTs flooded in 2021 and 2022 (BPBD, "histori banjir RT") and the gauge that speaks for the river
# beside the kelurahan, where it is a river and not the rain that floods it.
_FLOODED_RTS: dict[str, tuple[int, str | None]] = {
    "Kampung Melayu": (875, "depok"),
    "Cawang": (559, "depok"),
    "Cipinang Melayu": (388, "sunter-hulu"),
    "Tegal Alur": (309, None),
    "Pondok Pinang": (272, "pesanggrahan"),
    "Petogogan": (271, "krukut-hulu"),
    "Kamal": (255, None),
    "Bidara Cina": (207, "depok"),
    "Bintaro": (132, "pesanggrahan"),
    "Cengkareng Barat": (126, "angke-hulu"),
    "Batu Ampar": (122, None),
    "Pela Mampang": (109, "krukut-hulu"),
    "Kuningan Barat": (109, "krukut-hulu"),
    "Rawa Jati": (101, "depok"),
    "Jati Padang": (99, None),
    "Cililitan": (94, "depok"),
    "Pejaten Timur": (91, "depok"),
    "Cilandak Timur": (88, "krukut-hulu"),
    "Kembangan Utara": (82, "angke-hulu"),
    "Lubang Buaya": (78, "sunter-hulu"),
    "Tegal Parang": (76, None),
    "Kramat Jati": (74, None),
    "Kapuk": (69, "angke-hulu"),
    "Duri Kosambi": (64, "angke-hulu"),
    "Rawa Buaya": (57, "angke-hulu"),
    "Bangka": (55, "krukut-hulu"),
    "Makasar": (43, "sunter-hulu"),
    "Kedoya Utara": (37, "pesanggrahan"),
    "Manggarai": (34, "manggarai"),
    "Bale Kambang": (31, "depok"),
    "Ulujami": (26, "pesanggrahan"),
    "Kebon Baru": (25, "depok"),
}

_SENTENCES = (
    "Banjir di {name} {parent}, air kira-kira {depth} cm",
    "Genangan {depth} cm depan gang, motor tidak bisa lewat",
    "Air masuk rumah warga {name}, tinggi {depth} cm",
    "Jalan lingkungan {parent} tergenang, mohon pompa",
    "Air mulai naik sejak hujan tadi, sekarang {depth} cm",
)
# Some citizens write down whom to call; the name and the number are made up.
_CONTACT = " Hubungi Budi Contoh 0812-0000-0{n:03d}."


@dataclass(frozen=True)
class Area:
    """One RW that may flood.

    Args:
        area_id: PetaBencana's own number.
        geom_id: BPS code of the kelurahan, the RW and three zeros.
        name: Such as "RW 09".
        parent: Kelurahan in capitals.
        driver: Basin or gauge that floods it.
        sill: Wetness of the driver from which water stands, 0 to 1.
        scale_cm: Depth if the driver were at 1.
        phase: Which of the looks within the half hour is its own.
        ring: Corners as (lon, lat), the first again at the end.
    """

    area_id: str
    geom_id: str
    name: str
    parent: str
    basin: str
    driver: str
    sill: float
    scale_cm: float
    phase: int
    lon: float
    lat: float
    ring: tuple[tuple[float, float], ...]

    def depth_cm(self, wetness: Floats) -> Floats:
        """Return the depth of the water for a wetness of the driver."""
        return self.scale_cm * np.maximum(wetness - self.sill, 0) / (1 - self.sill)


@dataclass(frozen=True)
class Report:
    """One report of a citizen."""

    report_id: int
    time: np.datetime64
    area: Area
    lon: float
    lat: float
    depth_cm: int
    source: str
    text: str
    contact: str


def floods(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve the RW under water now."""
    least = whole(args, "minimum_state", 1)
    found = [
        (
            {"type": "Polygon", "coordinates": [area.ring]},
            {
                "area_id": area.area_id,
                "geom_id": area.geom_id,
                "area_name": area.name,
                "parent_name": area.parent,
                "city_name": "Jakarta",
                "state": state,
                "last_updated": f"{changed.astype('datetime64[ms]')}Z",
            },
        )
        for area, state, changed in _flooded(world, now)
        if state >= least
    ]
    return _answer(found, args)


def reports(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve the reports of the last `timeperiod` seconds, an hour unless told."""
    until = moments(now)[0]
    since = until - np.timedelta64(whole(args, "timeperiod", 3600), "s")
    found = [
        (
            {"type": "Point", "coordinates": (report.lon, report.lat)},
            {
                "pkey": str(report.report_id),
                "created_at": f"{report.time.astype('datetime64[ms]')}Z",
                "source": report.source,
                "status": "confirmed",
                "url": None,
                "image_url": None,
                "disaster_type": "flood",
                "report_data": {"report_type": "flood", "flood_depth": report.depth_cm},
                "tags": {
                    "instance_region_code": "ID-JK",
                    "local_area_id": report.area.area_id,
                },
                "title": None,
                "text": report.text + report.contact,
            },
        )
        for report in _reported(world, _hours_touched(since, until))
        if since < report.time <= until
    ]
    return _answer(found, args)


def inundations(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield each change of state of each RW, its drying included."""
    look = np.timedelta64(_LOOK_SECONDS, "s")
    for begin, until in spans(start, end, 365):
        first, last = moments(begin, until)
        changes: list[tuple[np.datetime64, Area, int]] = []
        for (driver, phase), areas in _by_driver(world).items():
            offset = np.timedelta64(phase * _LOOK_SECONDS // _PHASES, "s")
            before = floor_to(first - offset, _LOOK_SECONDS) - look
            grid: Times = np.arange(before, last, look)
            grid = grid + offset
            wetness = wetness_of(world, driver, grid)
            for area in areas:
                state = _state(area.depth_cm(wetness))
                changed = np.flatnonzero(np.diff(state)) + 1
                changes += [(grid[i], area, int(state[i])) for i in changed]
        changes = [change for change in changes if first <= change[0] < last]
        changes.sort(key=lambda change: (change[0], change[1].geom_id))
        yield _inundation_rows(changes)


def flood_reports(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield the reports without the contacts that some of them name."""
    for begin, until in spans(start, end, 365):
        first, last = moments(begin, until)
        hours = _hours_touched(first, last)
        found = [r for r in _reported(world, hours) if first <= r.time < last]
        found.sort(key=lambda report: (report.time, report.report_id))
        yield pa.table(
            {
                "event_time": timestamps(np.array([r.time for r in found], "datetime64[s]")),
                "report_id": pa.array([str(r.report_id) for r in found], pa.string()),
                "lon": pa.array([r.lon for r in found], pa.float64()),
                "lat": pa.array([r.lat for r in found], pa.float64()),
                "depth_cm": pa.array([r.depth_cm for r in found], pa.float64()),
                "source": pa.array([r.source for r in found], pa.string()),
                "text_redacted": pa.array([r.text for r in found], pa.string()),
            }
        )


@cache
def flood_areas(world: World) -> tuple[Area, ...]:
    """Return the RW that may flood: several where floods are usual, one in any other kelurahan."""
    known = {_plain(name): value for name, value in _FLOODED_RTS.items()}
    places = [row for row in reference("areas") if row["level"] == "kelurahan"]
    areas: list[Area] = []
    for row in places:
        if row["code"].startswith("31.01"):
            continue
        rts, gauge = known.get(_plain(row["name"]), (0, None))
        rng = world.rng("rw", int(row["bps_code"]))
        count = 1 + int(np.log2(max(rts, 10) / 10))
        for number in sorted(rng.choice(np.arange(1, 13), count, replace=False)):
            lowest, highest = (0.3, 0.75) if rts else (0.62, 0.98)
            areas.append(
                _area(
                    row,
                    int(number),
                    len(areas) + 1,
                    gauge if gauge and rng.random() < 0.7 else None,
                    float(rng.uniform(lowest, highest)),
                    rng,
                )
            )
    return tuple(areas)


def _area(
    row: Mapping[str, str],
    number: int,
    area_id: int,
    gauge: str | None,
    sill: float,
    rng: np.random.Generator,
) -> Area:
    # A kelurahan is taken for a disc about its point; the RW lies well within it.
    reach = np.sqrt(float(row["area_km2"]) / np.pi) / 111.2
    angle, away = rng.uniform(0, 2 * np.pi), reach * rng.uniform(0, 0.35)
    lon = float(row["lon"]) + away * np.cos(angle)
    lat = float(row["lat"]) + away * np.sin(angle)
    size = min(0.18 * reach, 0.002)
    corners = [
        (
            round(float(lon + size * np.cos(turn)), 7),
            round(float(lat + size * np.sin(turn)), 7),
        )
        for turn in np.linspace(0, 2 * np.pi, 6, endpoint=False) + angle
    ]
    basin = basin_at(lon, lat)
    return Area(
        area_id=str(area_id),
        geom_id=f"{row['bps_code']}{number:03d}000",
        name=f"RW {number:02d}",
        parent=row["name"].upper(),
        basin=basin,
        driver=gauge or basin,
        sill=sill,
        scale_cm=float(np.clip(rng.lognormal(4.5, 0.5), 40, 260)),
        phase=int(rng.integers(_PHASES)),
        lon=lon,
        lat=lat,
        ring=(*corners, corners[0]),
    )


@cache
def _by_driver(world: World) -> dict[tuple[str, int], tuple[Area, ...]]:
    groups: dict[tuple[str, int], tuple[Area, ...]] = {}
    for area in flood_areas(world):
        key = area.driver, area.phase
        groups[key] = (*groups.get(key, ()), area)
    return groups


def wetness_of(world: World, driver: str, times: Times) -> Floats:
    """Return how high the water of an RW's driver stands, 0 (dry) to 1."""
    if driver in BASINS:
        return world.basin_wetness(times, driver)
    # As for a basin; the water is at the RW about an hour after it was at the gauge.
    wave = water.flow(world, driver, times - np.timedelta64(1, "h"))
    result: Floats = 1 - np.exp(-wave / 60)
    return result


def _state(depth_cm: Floats) -> Ints:
    return np.digitize(depth_cm, _DEEPEST_CM)


def _flooded(world: World, now: datetime) -> Iterator[tuple[Area, int, np.datetime64]]:
    """Yield the RW under water with their state and the look at which it became so."""
    at = moments(now)[0]
    for (driver, phase), areas in _by_driver(world).items():
        offset = np.timedelta64(phase * _LOOK_SECONDS // _PHASES, "s")
        last = floor_to(at - offset, _LOOK_SECONDS) + offset
        looks = last - np.arange(_LOOKS_BACK) * np.timedelta64(_LOOK_SECONDS, "s")
        wetness = wetness_of(world, driver, looks)
        for area in areas:
            state = _state(area.depth_cm(wetness))
            if state[0]:
                same = int(np.argmax(state != state[0])) or _LOOKS_BACK
                yield area, int(state[0]), looks[same - 1]


def _reported(world: World, hours: Times) -> Iterator[Report]:
    """Yield the reports of some hours, hour by hour."""
    wetness = {basin: world.basin_wetness(hours, basin) for basin in CITY_BASINS}
    mean = np.mean(list(wetness.values()), axis=0)
    areas = flood_areas(world)
    weight = np.array([(1 - area.sill) ** 2 for area in areas])
    for index in np.flatnonzero(mean > _CALM):
        hour = int(hours[index].astype("datetime64[h]").astype(np.int64))
        rng = world.rng("reports", hour)
        for number in range(int(rng.poisson(_REPORTS_AN_HOUR * mean[index] ** 2))):
            area = areas[int(rng.choice(len(areas), p=weight / weight.sum()))]
            away = rng.uniform(-0.0006, 0.0006, 2)
            depth = 10 + area.depth_cm(np.array(wetness[area.basin][index])) * rng.uniform(0.7, 1.1)
            sentence = _SENTENCES[int(rng.integers(len(_SENTENCES)))]
            second = np.timedelta64(int(rng.integers(3600)), "s")
            names = {"name": area.name, "parent": area.parent.title(), "depth": int(depth)}
            yield Report(
                report_id=hour * 1000 + number,
                time=hours[index] + second,
                area=area,
                lon=round(area.lon + float(away[0]), 6),
                lat=round(area.lat + float(away[1]), 6),
                depth_cm=int(depth),
                source="grasp" if rng.random() < 0.8 else "detik",
                text=sentence.format(**names),
                contact=_CONTACT.format(n=number) if rng.random() < 0.08 else "",
            )


def _hours_touched(first: np.datetime64, last: np.datetime64) -> Times:
    hour = np.timedelta64(1, "h")
    return np.arange(floor_to(first, 3600), last + hour, hour).astype("datetime64[s]")


def _inundation_rows(changes: Sequence[tuple[np.datetime64, Area, int]]) -> pa.Table:
    depths = [_DEPTHS_CM.get(state, (None, None)) for _, _, state in changes]
    return pa.table(
        {
            "event_time": timestamps(np.array([time for time, _, _ in changes], "datetime64[s]")),
            "area_code": pa.array([area.geom_id for _, area, _ in changes], pa.string()),
            "area_name": pa.array([area.name for _, area, _ in changes], pa.string()),
            "area_level": pa.array(["rw"] * len(changes), pa.string()),
            "depth_min_cm": pa.array([low for low, _ in depths], pa.float64()),
            "depth_max_cm": pa.array([high for _, high in depths], pa.float64()),
            "state": pa.array([str(s) if s else None for _, _, s in changes], pa.string()),
            "cause": pa.nulls(len(changes), pa.string()),
            "lon": pa.array([area.lon for _, area, _ in changes], pa.float64()),
            "lat": pa.array([area.lat for _, area, _ in changes], pa.float64()),
            "ended": pa.array([not state for _, _, state in changes], pa.bool_()),
        }
    )


def _answer(
    found: Sequence[tuple[dict[str, Any], dict[str, Any]]], args: Mapping[str, str]
) -> Payload:
    if args.get("geoformat", "topojson") == "geojson":
        features = [{"type": "Feature", "geometry": g, "properties": p} for g, p in found]
        return Payload.json(
            {"statusCode": 200, "result": {"type": "FeatureCollection", "features": features}}
        )
    return Payload.json({"statusCode": 200, "result": topology(found)})


def topology(found: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Shape (geometry, properties) pairs as TopoJSON: an arc a ring, quantised to 10,000 steps."""
    points = np.array(
        [
            p
            for g, _ in found
            for p in (g["coordinates"][0] if g["type"] == "Polygon" else [g["coordinates"]])
        ]
    )
    arcs: list[list[list[int]]] = []
    geometries: list[dict[str, Any]] = []
    result: dict[str, Any] = {
        "type": "Topology",
        "objects": {"output": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": arcs,
    }
    if not found:
        return result
    low, high = points.min(axis=0), points.max(axis=0)
    scale = np.where(high > low, (high - low) / 9999, 1.0)
    for geometry, properties in found:
        shape: dict[str, Any] = {"type": geometry["type"], "properties": properties}
        if geometry["type"] == "Point":
            shape["coordinates"] = _steps(geometry["coordinates"], low, scale).tolist()
        else:
            steps = _steps(geometry["coordinates"][0], low, scale)
            shape["arcs"] = [[len(arcs)]]
            arcs.append(np.vstack([steps[:1], np.diff(steps, axis=0)]).tolist())
        geometries.append(shape)
    return result | {
        "transform": {"scale": scale.tolist(), "translate": low.tolist()},
        "bbox": [*low.tolist(), *high.tolist()],
    }


def _steps(points: Any, low: Floats, scale: Floats) -> NDArray[np.int64]:
    return np.round((np.asarray(points) - low) / scale).astype(np.int64)


def _plain(name: str) -> str:
    return name.replace(" ", "").lower()


ROUTES: dict[str, Handler] = {
    "/petabencana/floods": floods,
    "/petabencana/reports": reports,
}
BULK: dict[str, Bulk] = {"inundations": inundations, "flood_reports": flood_reports}
