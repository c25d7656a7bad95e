"""The layers of the live map: what each shows, how it looks and what its popups say.

Reads  complaints_open, gates_now, pumps_now, inundations_now, jams_now, traffic_alerts_now,
       air_now, officers_now, cameras_now, blind_spots, area_spots
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from dashboards.access import EVERYONE, STAFF
from dashboards.maps import Field, Layer, Mark, Properties
from dashboards.panels import View
from data import queries
from data.areas import nearby
from data.flood_depths import depth_class
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
# Shape and colour of each, deepest first.
DEPTH_LOOKS = {
    "4": ("depth-3", "--depth-3"),
    "3": ("depth-2", "--depth-2"),
    "2": ("depth-1", "--depth-1"),
    "1": ("depth-0", "--depth-unknown"),
}
SIAGA_SHAPES = {1: "hexagon", 2: "diamond", 3: "triangle", 4: "circle"}
ARROWS = {"naik": "↗", "tetap": "→", "turun": "↘"}
# From the one level on a jam counts as "titik macet"; at the other nothing passes.
JAMMED, CLOSED = 3, 5
# Incidents of one category at one place within 90 days.
OFTEN = 6
# A citizen's report fades after the one and is no longer shown after the other.
REPORT_FADES_S, REPORT_LEAVES_S = 3_600.0, 10_800.0
# So does an officer's position, which nobody may follow for longer than it is of use.
POSITION_FADES_S, POSITION_LEAVES_S = 300.0, 900.0
JAM_WORDS = {
    1: "Ramai lancar",
    2: "Padat lancar",
    3: "Padat merayap",
    4: "Macet",
    5: "Ditutup",
}
# Type of Waze -> its word, shape and colour, gravest first.
ALERTS = {
    "ROAD_CLOSED": ("Jalan ditutup", "box", "--map-alert"),
    "ACCIDENT": ("Kecelakaan", "cross", "--map-alert"),
    "WEATHERHAZARD": ("Genangan di jalan", "depth-1", "--depth-2"),
    "HAZARD": ("Bahaya di jalan", "triangle", "--map-quiet"),
}
ALERT_DETAILS = {
    "ACCIDENT_MAJOR": "berat",
    "ACCIDENT_MINOR": "ringan",
    "HAZARD_ON_ROAD_OBJECT": "benda di badan jalan",
    "HAZARD_ON_ROAD_POT_HOLE": "lubang",
    "HAZARD_ON_ROAD_CONSTRUCTION": "pekerjaan jalan",
    "HAZARD_ON_ROAD_CAR_STOPPED": "kendaraan berhenti di badan jalan",
    "HAZARD_ON_SHOULDER_CAR_STOPPED": "kendaraan berhenti di bahu jalan",
    "HAZARD_WEATHER_FLOOD": "banjir",
    "ROAD_CLOSED_CONSTRUCTION": "pekerjaan jalan",
    "ROAD_CLOSED_EVENT": "acara",
    "ROAD_CLOSED_HAZARD": "bahaya",
}
CAMERA_WORDS = {
    "live": "Gambar langsung",
    "frozen": "Gambar beku",
    "black": "Gambar gelap",
    "shifted": "Gambar waktu lain",
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
# Category of a Traccar device -> how its crew moves.
CREWS = {
    "person": "jalan kaki",
    "bicycle": "sepeda",
    "motorcycle": "sepeda motor",
    "car": "mobil",
    "truck": "truk",
    "boat": "perahu",
}


def one_origin(rows: Sequence[Row]) -> list[Row]:
    """Drop the simulated rows where there are real ones: the two never share a number."""
    if any(row["simulated"] is False for row in rows):
        return [row for row in rows if row["simulated"] is not True]
    return list(rows)


def siaga_look(siaga: int | None) -> tuple[str, str]:
    """Return shape and colour of a siaga; None is a station without bounds or readings."""
    return ("ring", "--map-quiet") if siaga is None else (SIAGA_SHAPES[siaga], f"--siaga-{siaga}")


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


def blurred(rows: Sequence[Row]) -> list[Row]:
    """Return complaints as the public may see them: without number or times, somewhere near.

    `rows` are those of the query `complaints_open`.
    """
    nowhere = {"created_s": None, "due_s": None}
    told = []
    for number, row in enumerate(rows, 1):
        lon, lat = row["lon"], row["lat"]
        if lon is not None and lat is not None:
            lon, lat = nearby(lon, lat)
        told.append(row | nowhere | {"complaint_id": f"p{number}", "lon": lon, "lat": lat})
    return told


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


def depth_of(row: Row) -> str:
    """Return the key in `DEPTHS` of a row of `inundations_now`, "1" where it is not known."""
    return row["state"] if row["state"] in DEPTHS else "1"


def _inundation(row: Row) -> Properties:
    place = f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar wilayah"
    return {
        "id": row["area_code"],
        "name": f"{row['area_name'] or row['area_code']} · {place}",
        "mark": depth_of(row),
        "t": _seconds(row["event_time"]),
        "depth": DEPTHS[depth_of(row)],
        "cause": row["cause"],
        "area": row["kelurahan_code"],
    }


def _flood_report(row: Row) -> Properties:
    place = f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar wilayah"
    return {
        "id": row["report_id"],
        "name": f"Laporan warga · {place}",
        "mark": depth_class(row["depth_cm"]),
        "t": _seconds(row["event_time"]),
        "depth": row["depth_cm"],
        "by": row["source"],
        "area": row["kelurahan_code"],
        "late": REPORT_FADES_S,
        "expired": REPORT_LEAVES_S,
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


def _alert(row: Row) -> Properties:
    word = ALERTS[row["type"]][0]
    return {
        "id": row["alert_id"],
        "name": f"{word} · {row['street'] or 'jalan tanpa nama'}",
        "mark": row["type"],
        "t": _seconds(row["event_time"]),
        "detail": ALERT_DETAILS.get(row["subtype"]),
        "reliability": row["reliability"],
        "place": row["kelurahan"],
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
        "t": _seconds(row["event_time"]),
        "by": row["agency"],
        "kind": CREWS.get(row["category"], row["category"]),
        "task": row["task_id"],
        "area": row["kelurahan_code"],
        "late": POSITION_FADES_S,
        "expired": POSITION_LEAVES_S,
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


def _blind_spot(row: Row) -> Properties:
    return {
        "id": row["area_code"],
        "name": f"{row['area_name']} · Kel. {row['kelurahan'] or 'di luar wilayah'}",
        "mark": "blind",
        "t": _seconds(row["last_at"]),
        "days": row["days"],
        "depth": row["deepest_cm"],
        "lost": row["lost"],
        "others": row["embedded"],
        "nearest": row["nearest"],
        "distance": None if row["nearest_m"] is None else round(row["nearest_m"]),
        "area": row["kelurahan_code"],
    }


def _spot(row: Row) -> Properties:
    return {
        "id": row["spot_id"],
        "name": f"{row['category']} · {row['incidents']} kejadian",
        "mark": "often" if row["incidents"] >= OFTEN else "again",
        "t": _seconds(row["newest_at"]),
        "open": row["open"],
        "place": row["kelurahan"],
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
    tables=("water_levels",),
)

INUNDATIONS = Layer(
    id="inundations",
    title="Genangan RT/RW",
    feeds=("petabencana_floods",),
    roles=EVERYONE,
    rows=lambda lake, view: queries.inundations_now(lake, view.as_of, view.area),
    properties=_inundation,
    marks=tuple(Mark(state, DEPTHS[state], *look) for state, look in DEPTH_LOOKS.items()),
    fields=(Field("Kedalaman", "depth"), Field("Penyebab", "cause")),
    tables=("inundations",),
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
    tables=("pump_states",),
)

JAMS = Layer(
    id="jams",
    title="Kepadatan jalan",
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
    tables=("traffic_jams",),
)

TRAFFIC_ALERTS = Layer(
    id="alerts",
    title="Laporan jalan",
    feeds=("waze_ccp",),
    roles=EVERYONE,
    rows=lambda lake, view: queries.traffic_alerts_now(lake, view.as_of, view.area),
    properties=_alert,
    marks=tuple(Mark(kind, *look) for kind, look in ALERTS.items()),
    fields=(
        Field("Rincian", "detail"),
        Field("Keandalan, 0–10", "reliability", " "),
        Field("Kelurahan", "place"),
    ),
    shown=False,
    tables=("traffic_alerts",),
)

COMPLAINTS = Layer(
    id="complaints",
    title="Pengaduan terbuka, 30 hari",
    feeds=("crm_requests", "crm_public"),
    roles=EVERYONE - {"publik"},
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
    tables=("complaint_versions",),
)

# Where a complaint is may be where its reporter lives.
PUBLIC_COMPLAINTS = replace(
    COMPLAINTS,
    id="complaints-public",
    roles=frozenset({"publik"}),
    rows=lambda lake, view: blurred(queries.complaints_open(lake, view.as_of, view.area)),
    fields=tuple(field for field in COMPLAINTS.fields if field.name not in ("id", "in", "due")),
    note="Titik digeser sedikitnya 150 meter.",
)

SPOTS = Layer(
    id="spots",
    title="Titik berulang, 90 hari",
    feeds=("crm_requests", "crm_public"),
    roles=EVERYONE - {"publik"},
    rows=lambda lake, view: queries.area_spots(lake, view.as_of, view.area),
    properties=_spot,
    marks=(
        Mark("often", f"{OFTEN} kejadian atau lebih", "diamond", "--map-ink"),
        Mark("again", f"3 sampai {OFTEN - 1} kejadian", "ring", "--map-ink"),
    ),
    fields=(
        Field("Masih terbuka", "open", "kejadian"),
        Field("Kelurahan", "place"),
    ),
    rest_s=60,
    tables=("complaint_versions",),
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
    tables=("air_measurements",),
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
    tables=("officer_positions", "duty_roster"),
    fades=True,
    more=(("Lihat jejak", "/petugas?jejak={id}"),),
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
        Mark("shifted", CAMERA_WORDS["shifted"], "camera-off", "--map-alert"),
        Mark("live", CAMERA_WORDS["live"], "camera", "--map-quiet"),
        Mark("unknown", "Belum diketahui", "camera-light", "--map-quiet"),
    ),
    fields=(Field("Pengelola", "by"),),
    cluster=True,
    shown=False,
    rest_s=30,
    watch="/kamera/{id}/dilihat",
    tables=("camera_checks",),
)

BLIND_SPOTS = Layer(
    id="blind-spots",
    title="Titik buta",
    feeds=("cameras", "petabencana_floods"),
    # Where nobody looks is not for everyone to know.
    roles=STAFF | {"inspektur"},
    rows=lambda lake, view: queries.blind_spots(lake, view.as_of, view.area),
    properties=_blind_spot,
    marks=(Mark("blind", "Sering tergenang, tanpa kamera hidup", "ring", "--map-alert"),),
    fields=(
        Field("Tergenang dalam 3 tahun", "days", "hari"),
        Field("Terdalam", "depth", "cm"),
        Field("Kamera kita yang tidak hidup", "lost", "kamera"),
        Field("Kamera pengelola lain", "others", "kamera"),
        Field("Kamera hidup terdekat", "nearest"),
        Field("Jaraknya", "distance", "m"),
    ),
    rest_s=60,
    tables=("camera_checks",),
)

WATER_CAMERAS = replace(
    CAMERAS,
    id="water-cameras",
    title="Kamera pengamat air",
    rows=lambda lake, view: [
        row for row in queries.cameras_now(lake, view.as_of, view.area) if row["flood"]
    ],
)

FLOOD_REPORTS = Layer(
    id="flood-reports",
    title="Laporan warga, 3 jam",
    feeds=("petabencana_reports",),
    roles=EVERYONE,
    rows=lambda lake, view: queries.flood_reports_now(lake, view.as_of, view.area),
    properties=_flood_report,
    marks=(
        Mark("4", DEPTHS["4"], "speech-full", "--depth-3"),
        Mark("3", DEPTHS["3"], "speech-full", "--depth-2"),
        Mark("2", "hingga 70 cm", "speech-full", "--depth-1"),
        Mark("1", DEPTHS["1"], "speech-full", "--depth-unknown"),
    ),
    fields=(Field("Kedalaman menurut pelapor", "depth", "cm"), Field("Lewat", "by")),
    tables=("flood_reports",),
)

# In the order in which they are drawn, lowest first.
LAYERS = (
    CAMERAS,
    OFFICERS,
    COMPLAINTS,
    PUBLIC_COMPLAINTS,
    JAMS,
    TRAFFIC_ALERTS,
    PUMPS,
    AIR,
    INUNDATIONS,
    GATES,
)
# What any map of the site may show.
ALL_LAYERS = (*LAYERS, WATER_CAMERAS, FLOOD_REPORTS, BLIND_SPOTS, SPOTS)
