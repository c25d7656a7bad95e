"""The layers of the live map: what each shows, how it looks and what its popups say.

Reads  complaints_open, gates_now, pumps_now, inundations_now, jams_now, air_now, officers_now,
       cameras_now
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from dashboards.access import EVERYONE, STAFF
from dashboards.maps import Field, Layer, Mark, Properties
from dashboards.panels import View
from data import queries
from data.ispu import category, ispu
from data.lake import Lake
from data.queries import Row
from data.siaga import WORDS

# A level that moves less than this within the hour counts as steady: the gauges' own scatter.
STEADY_CM_H = 2.0

DEPTHS = {
    "2": "10–70 cm",
    "3": "71–150 cm",
    "4": "di atas 150 cm",
    "1": "kedalaman belum diketahui",
}
JAM_WORDS = {
    1: "Ramai lancar",
    2: "Padat lancar",
    3: "Padat merayap",
    4: "Macet",
    5: "Ditutup",
}
CAMERA_WORDS = {
    "live": "Gambar langsung",
    "frozen": "Gambar beku",
    "black": "Gambar gelap",
    "unreachable": "Terputus",
}
ISPU_SHAPES = ("circle", "square", "triangle", "diamond", "hexagon")
ISPU_WORDS = ("Baik", "Sedang", "Tidak Sehat", "Sangat Tidak Sehat", "Berbahaya")
ISPU_COLORS = tuple(f"--ispu-{word.lower().replace(' ', '-')}" for word in ISPU_WORDS)
POLLUTANT_NAMES = {
    "pm10": "PM10",
    "pm25": "PM2,5",
    "so2": "SO₂",
    "co": "CO",
    "o3": "O₃",
    "no2": "NO₂",
    "hc": "HC",
}


def siaga_word(siaga: int | None) -> str:
    """Write a siaga as "Siaga 3 – Waspada"."""
    return "tanpa ambang siaga" if siaga is None else f"Siaga {siaga} – {WORDS[siaga]}"


def trend(rise_cm_h: float | None) -> str | None:
    """Return "naik", "tetap" or "turun"; None where it is not known."""
    if rise_cm_h is None:
        return None
    if abs(rise_cm_h) < STEADY_CM_H:
        return "tetap"
    return "naik" if rise_cm_h > 0 else "turun"


def pump_mark(row: Row) -> str:
    """Return what a pump house does: "active", "broken", "idle", "off" or "unknown"."""
    if row["running"] is None:
        return "unknown"
    if row["running"] > 0:
        return "active"
    if row["broken"]:
        return "broken"
    return "idle" if row["idle"] else "off"


def air_stations(lake: Lake, view: View) -> list[Row]:
    """Return one row a station with its greatest index (`index`), the pollutant and category.

    The index is the source's own where it gives one, else that of the mean of 24 hours.
    """
    rows = queries.air_now(lake, view.as_of, view.area)
    return [
        _worst_pollutant(list(station))
        for _, station in groupby(rows, key=lambda row: row["station_id"])
    ]


def _worst_pollutant(rows: Sequence[Row]) -> Row:
    indices = [(index, row) for row in rows if (index := _index(row)) is not None]
    if not indices:
        return rows[0] | {"index": None, "category": None}
    index, row = max(indices, key=lambda pair: pair[0])
    return row | {"index": round(index), "category": category(index)}


def _index(row: Row) -> float | None:
    if row["ispu"] is not None:
        return float(row["ispu"])
    if row["parameter"] is None or row["mean_ug_m3"] is None:
        return None
    return ispu(row["parameter"], row["mean_ug_m3"])


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _complaint(row: Row) -> Properties:
    return {
        "id": row["complaint_id"],
        "name": row["category"] or "Pengaduan",
        "mark": "overdue" if row["overdue"] else "open",
        "t": row["event_s"],
        "status": row["status"],
        "in": row["created_s"],
        "due": row["due_s"],
        "place": row["kelurahan"],
        "by": row["agency"],
        "area": row["kelurahan_code"],
    }


def _gate(row: Row) -> Properties:
    return {
        "id": row["station_id"],
        "name": row["name"],
        "mark": "none" if row["siaga"] is None else str(row["siaga"]),
        "t": _seconds(row["event_time"]),
        "level": row["level_cm"],
        "word": siaga_word(row["siaga"]) if row["level_cm"] is not None else None,
        "trend": trend(row["rise_cm_h"]),
        "rise": row["rise_cm_h"],
        "river": row["river"],
        "s3": row["siaga3_cm"],
        "s2": row["siaga2_cm"],
        "s1": row["siaga1_cm"],
        "late": row["late_s"],
        "expired": row["expired_s"],
    }


def _pump(row: Row) -> Properties:
    return {
        "id": row["pump_house_id"],
        "name": f"Rumah pompa {row['name']}",
        "mark": pump_mark(row),
        "t": _seconds(row["event_time"]),
        "running": row["running"],
        "idle": row["idle"],
        "off": row["off"],
        "broken": row["broken"],
        "pumps": row["pumps"],
        "by": row["authority"],
    }


def _inundation(row: Row) -> Properties:
    place = f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar wilayah"
    return {
        "id": row["area_code"],
        "name": f"{row['area_name'] or row['area_code']} · {place}",
        "mark": row["state"] if row["state"] in DEPTHS else "1",
        "t": _seconds(row["event_time"]),
        "depth": DEPTHS.get(row["state"], DEPTHS["1"]),
        "cause": row["cause"],
        "area": row["kelurahan_code"],
    }


def _jam(row: Row) -> Properties:
    return {
        "id": row["jam_id"],
        "name": row["street"] or "Jalan tanpa nama",
        "mark": str(row["level"]),
        "t": _seconds(row["event_time"]),
        "speed": row["speed_kmh"],
        "length": row["length_m"],
        "delay": None if row["delay_s"] is None else row["delay_s"] / 60,
        "area": row["kelurahan_code"],
    }


def _air(row: Row) -> Properties:
    known = row["category"] is not None
    return {
        "id": row["station_id"],
        "name": f"Udara {row['name']}",
        "mark": str(ISPU_WORDS.index(row["category"])) if known else "none",
        "t": _seconds(row["event_time"]),
        "index": row["index"],
        "word": row["category"],
        "critical": POLLUTANT_NAMES.get(row["parameter"]) if known else None,
    }


def _officer(row: Row) -> Properties:
    return {
        "id": row["officer_id"],
        "name": row["name"],
        "mark": row["state"],
        "t": row["event_s"],
        "by": row["agency"],
        "kind": row["category"],
        "task": row["task_id"],
        "area": row["kelurahan_code"],
    }


def _camera(row: Row) -> Properties:
    return {
        "id": row["camera_id"],
        "name": row["name"],
        "mark": row["state"] or "unknown",
        "t": row["event_s"],
        "by": row["owner"],
        "area": row["kelurahan_code"],
    }


GATES = Layer(
    id="gates",
    title="Pintu air dan pos",
    feeds=("dsda_levels", "pantau_gates"),
    roles=EVERYONE,
    rows=lambda lake, view: queries.gates_now(lake, view.as_of, view.area),
    properties=_gate,
    marks=(
        Mark("1", siaga_word(1), "hexagon", "--siaga-1"),
        Mark("2", siaga_word(2), "diamond", "--siaga-2"),
        Mark("3", siaga_word(3), "triangle", "--siaga-3"),
        Mark("4", siaga_word(4), "circle", "--siaga-4"),
        Mark("none", "Tanpa ambang atau belum ada data", "ring", "--map-quiet"),
    ),
    fields=(
        Field("Siaga (SDA/BPBD)", "word"),
        Field("Tinggi muka air", "level", "cm"),
        Field("Kecenderungan", "trend"),
        Field("Perubahan", "rise", "cm/jam"),
        Field("Sungai", "river"),
        Field("Ambang Siaga 3", "s3", "cm"),
        Field("Ambang Siaga 2", "s2", "cm"),
        Field("Ambang Siaga 1", "s1", "cm"),
    ),
    labelled=True,
)

INUNDATIONS = Layer(
    id="inundations",
    title="Genangan RT/RW",
    feeds=("petabencana_floods",),
    roles=EVERYONE,
    rows=lambda lake, view: queries.inundations_now(lake, view.as_of, view.area),
    properties=_inundation,
    marks=(
        Mark("4", DEPTHS["4"], "depth-3", "--depth-3"),
        Mark("3", DEPTHS["3"], "depth-2", "--depth-2"),
        Mark("2", DEPTHS["2"], "depth-1", "--depth-1"),
        Mark("1", DEPTHS["1"], "depth-0", "--depth-unknown"),
    ),
    fields=(Field("Kedalaman", "depth"), Field("Penyebab", "cause")),
)

PUMPS = Layer(
    id="pumps",
    title="Rumah pompa",
    feeds=("pantau_pumps",),
    roles=EVERYONE,
    rows=lambda lake, view: queries.pumps_now(lake, view.as_of, view.area),
    properties=_pump,
    marks=(
        Mark("broken", "Ada pompa rusak, tidak ada yang aktif", "cross", "--map-alert"),
        Mark("active", "Ada pompa aktif", "square", "--map-water"),
        Mark("idle", "Siap (idle)", "half-square", "--map-quiet"),
        Mark("off", "Nonaktif", "box", "--map-quiet"),
        Mark("unknown", "Tanpa data", "dotted-box", "--map-quiet"),
    ),
    fields=(
        Field("Aktif", "running", "pompa"),
        Field("Siap (idle)", "idle", "pompa"),
        Field("Nonaktif", "off", "pompa"),
        Field("Rusak", "broken", "pompa"),
        Field("Terpasang", "pumps", "pompa"),
        Field("Pengelola", "by"),
    ),
)

JAMS = Layer(
    id="jams",
    title="Kemacetan",
    feeds=("waze_ccp", "tomtom_flow"),
    roles=EVERYONE,
    rows=lambda lake, view: queries.jams_now(lake, view.as_of, view.area),
    properties=_jam,
    marks=tuple(
        Mark(str(level), JAM_WORDS[level], f"line-{level}", f"--jam-{level}")
        for level in (5, 4, 3, 2, 1)
    ),
    fields=(
        Field("Kecepatan", "speed", "km/jam"),
        Field("Panjang", "length", "m"),
        Field("Tundaan", "delay", "menit"),
    ),
)

COMPLAINTS = Layer(
    id="complaints",
    title="Pengaduan, 30 hari",
    feeds=("crm_requests", "crm_public"),
    roles=EVERYONE,
    rows=lambda lake, view: queries.complaints_open(lake, view.as_of, view.area),
    properties=_complaint,
    marks=(
        Mark("overdue", "Terlambat menurut aturan berlaku", "speech-full", "--map-ink"),
        Mark("open", "Dalam standar waktu", "speech", "--map-ink"),
    ),
    fields=(
        Field("Nomor laporan", "id"),
        Field("Status", "status"),
        Field("Masuk", "in", "time"),
        Field("Batas waktu", "due", "time"),
        Field("Kelurahan", "place"),
        Field("Perangkat daerah", "by"),
    ),
    cluster=True,
    rest_s=15,
)

AIR = Layer(
    id="air",
    title="Udara (ISPU)",
    feeds=("udara_jakarta", "openaq"),
    roles=EVERYONE,
    rows=air_stations,
    properties=_air,
    marks=(
        *(
            Mark(str(number), ISPU_WORDS[number], f"air-{ISPU_SHAPES[number]}", ISPU_COLORS[number])
            for number in reversed(range(5))
        ),
        Mark("none", "Belum ada data", "ring", "--map-quiet"),
    ),
    fields=(
        Field("ISPU", "index", " "),
        Field("Kategori", "word"),
        Field("Parameter kritis", "critical"),
    ),
)

OFFICERS = Layer(
    id="officers",
    title="Petugas",
    feeds=("traccar", "duty_roster"),
    roles=STAFF,
    rows=lambda lake, view: queries.officers_now(lake, view.as_of, view.area),
    properties=_officer,
    marks=(
        Mark("assigned", "Dalam penugasan", "person", "--map-officer"),
        Mark("on_duty", "Bertugas, tanpa penugasan", "person-light", "--map-officer"),
    ),
    fields=(
        Field("Perangkat daerah", "by"),
        Field("Regu", "kind"),
        Field("Penugasan", "task"),
    ),
    shown=False,
)

CAMERAS = Layer(
    id="cameras",
    title="Kamera",
    feeds=("cameras",),
    roles=EVERYONE,
    rows=lambda lake, view: queries.cameras_now(lake, view.as_of, view.area),
    properties=_camera,
    marks=(
        Mark("unreachable", CAMERA_WORDS["unreachable"], "camera-off", "--map-alert"),
        Mark("black", CAMERA_WORDS["black"], "camera-off", "--map-alert"),
        Mark("frozen", CAMERA_WORDS["frozen"], "camera-off", "--map-alert"),
        Mark("live", CAMERA_WORDS["live"], "camera", "--map-quiet"),
        Mark("unknown", "Belum diperiksa", "camera-light", "--map-quiet"),
    ),
    fields=(Field("Pengelola", "by"),),
    cluster=True,
    shown=False,
    rest_s=30,
    watch="/kamera/{id}/dilihat",
)

# In the order in which they are drawn, lowest first.
LAYERS = (CAMERAS, OFFICERS, COMPLAINTS, JAMS, PUMPS, AIR, INUNDATIONS, GATES)
