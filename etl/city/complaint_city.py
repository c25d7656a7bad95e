"""What complaints are about: places, agencies and their routes, categories and channels.

Reference     areas, agencies, complaint_categories, complaint_channels
Routing       `complaint_category_agency.csv`, observed in 320 reports of 2023
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.city.world import Floats, Ints, World, reference

LONGEST_DAYS = 120  # a complaint moves no later than a day after this many
SPOTS = 90  # places that people report again and again, in each kelurahan
DAY = 86_400
WIB_SECONDS = 7 * 3600
_HEADS = {
    "Jalan": ("Jalan berlubang cukup dalam", "Aspal amblas dan bergelombang",
              "Lubang di tengah jalan membahayakan pengendara", "Jalan rusak belum diperbaiki"),
    "Pohon": ("Pohon besar rimbun perlu dipangkas", "Dahan pohon patah menghalangi jalan",
              "Pohon tumbang", "Pohon menyentuh kabel"),
    "Parkir Liar": ("Parkir liar memakan badan jalan", "Mobil parkir di atas trotoar",
                    "Parkir sembarangan membuat macet", "Angkutan ngetem sembarangan"),
    "Gangguan dan Kebisingan": ("Suara musik keras sampai larut malam",
                                "Kegiatan usaha menimbulkan kebisingan",
                                "Kumpul-kumpul mengganggu ketertiban", "Bising suara mesin"),
    "Sampah": ("Tumpukan sampah belum diangkut", "Sampah dibuang sembarangan",
               "Pembakaran sampah menimbulkan asap", "Sampah menutup saluran"),
    "Jaringan Listrik": ("Lampu penerangan jalan padam", "PJU mati sudah beberapa hari",
                         "Kabel menjuntai rendah", "Tiang lampu miring"),
    "Saluran Air, Kali/Sungai": ("Saluran mampet dan berbau", "Saluran penuh lumpur",
                                 "Air selokan meluap ke jalan", "Turap kali retak"),
    "Penanganan Banjir": ("Genangan air setinggi mata kaki", "Air masuk ke permukiman",
                          "Genangan tidak surut", "Banjir setelah hujan deras"),
    "Trotoar": ("Trotoar rusak dan berlubang", "Keramik pemandu trotoar lepas",
                "Trotoar dipakai berjualan", "Sepeda motor melintas di trotoar"),
    "Arus Lalu Lintas": ("Kemacetan parah", "Kendaraan melawan arah", "Lampu lalu lintas mati",
                         "Putaran balik menimbulkan antrean"),
    "PKL Liar": ("Pedagang memakai badan jalan", "Lapak menutup trotoar",
                 "PKL berjualan di bahu jalan", "Gerobak menghalangi jalan"),
}  # fmt: skip
_STREETS = (
    "Jl. {} Raya", "Jl. {} I", "Jl. {} II", "Jl. {} III", "Jl. {} Utara", "Jl. {} Selatan",
    "Jl. {} Barat", "Jl. {} Timur", "Gg. Mawar", "Gg. Melati", "Jl. Kenanga", "Jl. Anggrek",
    "Jl. Cempaka", "Gg. Masjid", "Jl. Pasar {}", "Jl. Stasiun", "Jl. Kebun Raya {}", "Gg. Langgar",
    "Jl. Dahlia", "Jl. Flamboyan",
)  # fmt: skip
_LANDMARKS = (
    "dekat pos RW", "depan minimarket", "samping sekolah", "dekat halte", "seberang puskesmas",
    "depan pasar", "dekat jembatan", "di tikungan", "dekat taman", "depan kantor RW",
)  # fmt: skip


@dataclass(frozen=True)
class City:
    """Places, agencies and categories as parallel arrays; agencies are numbers in `agencies`.

    Args:
        codes: Kemendagri code of each kelurahan.
        names: Its name, kecamatan and kota.
        weight_cdf: Cumulated shares of the kelurahan in all reports, without the last.
        kota: Which kota each kelurahan is in.
        office: Agency of each kelurahan's office.
        spot_street: Street of each spot; kelurahan k has spots `SPOTS * k` and following.
        pace: Slowness of each agency: factor of its times, 1 on average.
        branch: Agency that does the work of a Dinas, one row an agency, one column a kota.
        intake_office: Agency that takes in what has no position.
        duration: Factor of each category's finishing times.
        heads: Four beginnings of a text for each category.
        routes: Cumulated shares of the agencies of each category.
        route_agency: Those agencies; -1 is the office of the kelurahan.
        geotagged: Whether each channel tells the reporter's position.
    """

    codes: pa.StringArray
    names: list[dict[str, str]]
    weight_cdf: Floats
    kota: Ints
    office: Ints
    spot_lon: Floats
    spot_lat: Floats
    spot_street: pa.StringArray
    spot_address: pa.StringArray
    agencies: pa.StringArray
    pace: Floats
    branch: Ints
    intake_office: int
    categories: tuple[dict[str, str], ...]
    category_of: Mapping[str, int]
    duration: Floats
    heads: pa.StringArray
    routes: Floats
    route_agency: Ints
    channels: tuple[str, ...]
    geotagged: NDArray[np.bool_]


@cache
def city_of(seed: int) -> City:
    """Return the city that all worlds of a seed share."""
    world = calm(seed)
    areas = {row["code"]: row for row in reference("areas")}
    kelurahan = [row for row in areas.values() if row["level"] == "kelurahan"]
    kota = [row["code"] for row in areas.values() if row["level"] == "kota"]
    number = np.arange(len(kelurahan))
    names = [
        {
            "name": row["name"],
            "kecamatan": areas[row["parent_code"]]["name"],
            "kota": areas[areas[row["parent_code"]]["parent_code"]]["name"],
        }
        for row in kelurahan
    ]
    kota_of = np.array([kota.index(areas[row["parent_code"]]["parent_code"]) for row in kelurahan])
    # Commuters and offices report in the centre, and few in the islands; which kelurahan reports
    # much and which finishes fast is drawn.
    eager = np.array([{"31.71": 1.7, "31.01": 0.6}.get(code, 1.0) for code in kota])[kota_of]
    people = np.array([float(row["population"]) for row in kelurahan])
    weight = people**0.85 * eager * np.exp(0.35 * world.normal("kelurahan/eager", number))
    speed = np.exp(0.35 * world.normal("kelurahan/speed", number))
    speed *= np.exp(0.12 * world.normal("kota/speed", np.arange(len(kota))))[kota_of]
    speed /= np.average(speed, weights=weight)

    spots = np.arange(len(kelurahan) * SPOTS)
    home = spots // SPOTS
    radius_km = np.sqrt(np.array([float(r["area_km2"]) for r in kelurahan]) / np.pi)
    reach = 0.7 * radius_km[home] * np.sqrt(world.uniform("spot/reach", spots)) / 110.57
    turn = 2 * np.pi * world.uniform("spot/turn", spots)
    street = np.floor(world.uniform("spot/street", spots) * len(_STREETS)).astype(int)
    sight = np.floor(world.uniform("spot/sight", spots) * len(_LANDMARKS)).astype(int)
    ward = 1 + np.floor(world.uniform("spot/rw", spots) * 12).astype(int)
    streets = [
        _STREETS[s].format(names[h]["name"])
        for s, h in zip(street.tolist(), home.tolist(), strict=True)
    ]
    addresses = [
        f"{name}, {_LANDMARKS[s]}, RW {w:02d}, Kelurahan {names[h]['name']},"
        f" Kecamatan {names[h]['kecamatan']}"
        for name, s, w, h in zip(streets, sight.tolist(), ward.tolist(), home.tolist(), strict=True)
    ]

    agencies = {row["agency"]: i for i, row in enumerate(reference("agencies"))}
    office = np.array([agencies[f"KELURAHAN {row['name'].upper()}"] for row in kelurahan])
    pace = np.exp(0.25 * world.normal("agency/pace", np.arange(len(agencies))))
    pace /= pace.mean()
    pace[office] = speed
    branch = np.repeat(np.arange(len(agencies))[:, None], len(kota), axis=1)
    for row in reference("agencies"):
        if row["kind"] == "suku dinas":
            branch[agencies[row["parent"]], kota.index(row["area_code"])] = agencies[row["agency"]]
    categories = reference("complaint_categories")
    routes, route_agency = _routes(categories, agencies)
    channels = reference("complaint_channels")
    return City(
        codes=pa.array([row["code"] for row in kelurahan]),
        names=names,
        weight_cdf=np.cumsum(weight / weight.sum())[:-1],
        kota=kota_of,
        office=office,
        spot_lon=np.array([float(r["lon"]) for r in kelurahan])[home] + reach * np.cos(turn),
        spot_lat=np.array([float(r["lat"]) for r in kelurahan])[home] + reach * np.sin(turn),
        spot_street=pa.array(streets),
        spot_address=pa.array(addresses),
        agencies=pa.array(list(agencies)),
        pace=pace,
        branch=branch,
        intake_office=agencies["BIRO PEMERINTAHAN"],
        categories=categories,
        category_of={row["category"]: i for i, row in enumerate(categories)},
        duration=np.array([float(row["duration_factor"]) for row in categories]),
        heads=pa.array([h for c in categories for h in _heads(c["category"])]),
        routes=routes,
        route_agency=route_agency,
        channels=tuple(row["channel"] for row in channels),
        geotagged=np.array([row["geotagged"] == "true" for row in channels]),
    )


@cache
def calm(seed: int) -> World:
    """Return the quiet world of a seed, in which no scenario disturbs the years' totals."""
    return World(seed)


def day_number(day: date) -> int:
    """Return days since 1970."""
    return day.toordinal() - 719_163  # date(1970, 1, 1).toordinal()


def date_of(number: int) -> date:
    """Return the date of a day counted from 1970."""
    return date.fromordinal(int(number) + 719_163)


def _heads(category: str) -> list[str]:
    """Return four beginnings of a text; the street follows."""
    plain = category.split(" (")[0].split("/")[0].lower()
    usual = (f"Laporan {plain}", f"Masalah {plain}", f"Mohon ditinjau, {plain}", f"Ada {plain}")
    return [f"{head} di " for head in _HEADS.get(category, usual)]


def _routes(
    categories: tuple[dict[str, str], ...], agencies: Mapping[str, int]
) -> tuple[Floats, Ints]:
    """Return `City.routes` and `City.route_agency`."""
    observed: dict[str, dict[str, float]] = {}
    for row in reference("complaint_category_agency"):
        observed.setdefault(row["category"], {})[row["dinas_clean"]] = float(row["n"])
    widest = max(len(shares) for shares in observed.values()) + 2
    cdf = np.ones((len(categories), widest))
    agency = np.full((len(categories), widest + 1), -1)
    for i, row in enumerate(categories):
        shares: dict[str, float] = {}
        for label in {row["category"], *row["aliases"].split("|")}:
            for name, count in observed.get(label, {}).items():
                shares[name] = shares.get(name, 0) + count
        shares = dict(sorted(shares.items())) or {row["main_agency"]: 1.0}
        cdf[i, : len(shares)] = np.cumsum(list(shares.values())) / sum(shares.values())
        chosen = [agencies[n] if n != "KELURAHAN" else -1 for n in shares]
        agency[i] = chosen[-1]
        agency[i, : len(chosen)] = chosen
    return cdf, agency
