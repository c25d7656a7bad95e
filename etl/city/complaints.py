"""Complaints of the simulated city: every report with its whole life, served as the CRM serves it.

A complaint is a function of (seed, day, ordinal in the day); its state at any moment is its timeline
cut there. So the bulk history and the live answers are one thing, read at different moments.

Calibration   `complaint_published_totals.csv` year by year: totals, finished reports and the peak day
              exactly, channels and categories to the report or nearly so; what is not published is
              interpolated and said so below
Routing       `complaint_category_agency.csv`, observed in 320 reports of 2023, tilted by kelurahan
Answers       /crm/requests.json and /crm/services.json (GeoReport v2 with the CRM's extension),
              /crm_public/distribution-map and /crm_public/detail (the public dashboard)
Order         requests come by `updated_datetime`, oldest first, so that paging loses nothing
Persons       there are none in the bulk rows. Live requests carry a made-up `reporter`, and those
              created later than a day before the world's anchor now and then a made-up telephone
              number, NIK, plate or name in `description` or `address`, for the redaction to find
Photos        `media_url` is relative to the server: /crm/photos/<id>-sebelum.jpg and -sesudah.jpg
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from werkzeug.exceptions import BadRequest, NotFound

from etl.city.world import WIB, Bulk, Floats, Handler, Ints, Payload, World, reference

STATUSES = ("Menunggu", "Koordinasi", "Disposisi", "Proses", "EWS", "Selesai", "Ditolak")

# Steps of a life, in the only order in which they can come; a life skips some.
INTAKE, FORWARD, HANDOVER, DISPOSITION, WORK, EXTENSION, CLOSED, REOPENED, CLOSED_AGAIN = range(9)
_STATUS_OF_STEP = np.array([0, 1, 1, 2, 3, 4, 5, 3, 5])
_REJECTED = STATUSES.index("Ditolak")
NEVER = 2**61
LONGEST_DAYS = 120  # the tail of the finishing times is cut here

# Reports a year that no source prints. 2017 is what remains of the 930,246 finished from 2017 to
# 2023-01-16 after the years and months that are published; 2018 and 2019 follow the 186,685 finished
# from 2018-01 to 2019-09; the others are interpolated.
_ASSUMED_TOTALS = {
    2016: 300_000, 2017: 326_000, 2018: 110_000, 2019: 118_000,
    2023: 165_000, 2025: 190_000, 2026: 195_000,
}  # fmt: skip
_ASSUMED_FINISHED = 0.968  # as 2024; used where no share is published
# Mean hours to finish: 40.22 (2020) and 39.87 (2021) and 4 days (2023-01) are published.
_MEAN_HOURS = {2016: 72.0, 2017: 60.0, 2018: 52.0, 2019: 46.0, 2020: 40.22, 2021: 39.87, 2022: 60.0}
_MEAN_HOURS_LATER = 96.0
# Share of JAKI where not published: the app opened in September 2019 (jaki.jakarta.go.id); before it
# Qlue was the city's app.
_ASSUMED_CHANNELS = {
    2016: {"Qlue": 0.86, "Twitter": 0.05, "Balai Warga": 0.02},
    2017: {"Qlue": 0.84, "Twitter": 0.06, "Balai Warga": 0.02},
    2018: {"Qlue": 0.74, "Twitter": 0.11, "Email": 0.04, "Facebook": 0.04, "Balai Warga": 0.02},
    2019: {"Qlue": 0.60, "JAKI": 0.12, "Twitter": 0.13, "Email": 0.05, "Facebook": 0.05},
    2022: {"Twitter": 0.035, "SP4N-LAPOR!": 0.018},
    2023: {"JAKI": 0.905, "Twitter": 0.03, "SP4N-LAPOR!": 0.025},
}
# Where the unfinished stand: the shares of 2021 (kbanews 2022), the rest between Proses and Ditolak.
_STUCK = {FORWARD: 0.46, EXTENSION: 0.27, DISPOSITION: 0.154, INTAKE: 0.038, WORK: 0.038}

_SPREAD = 1.6  # sigma of ln(finishing time): the median is about a quarter of the mean
_SPOTS = 30  # places that people report again and again, in each kelurahan
_DAY = 86_400
_WIB_SECONDS = 7 * 3600
_GOLDEN, _SILVER = 0.6180339887498949, 0.7548776662466927  # additive recurrences: even, not random
_FLOOD_REPORTS_AN_HOUR = 260.0  # in a wholly flooded city, over what the season brings
_FLOOD_MIX = {
    "Penanganan Banjir": 0.6, "Saluran Air, Kali/Sungai": 0.17, "Pohon": 0.13, "Jalan": 0.1,
}  # fmt: skip
_SCENARIO_ORDINALS = 6_000  # ordinals of a scenario's own reports, above any calm day's count

# Reports of each hour of the day: by day as offices and commuters wake, noise and dark lamps at
# night, parking and traffic at the two rush hours.
_HOURS = {
    "siang": (4, 3, 2, 2, 3, 8, 24, 46, 62, 68, 66, 58, 50, 52, 54, 52, 48, 42, 34, 32, 30, 24, 15, 8),
    "malam": (26, 18, 12, 8, 7, 8, 12, 20, 26, 28, 26, 24, 24, 24, 26, 28, 30, 34, 46, 58, 64, 66, 58,
              42),
    "sibuk": (4, 2, 2, 2, 4, 14, 44, 78, 82, 58, 48, 44, 46, 44, 46, 56, 74, 80, 64, 42, 30, 20, 12,
              7),
}  # fmt: skip
_WEEKDAY = np.array([1.09, 1.10, 1.07, 1.05, 1.02, 0.88, 0.79])
# Shares of a day's field work by hour; finishing photos come in working hours.
_FIELD_WORK = (1, 1, 1, 1, 1, 2, 5, 9, 11, 11, 10, 8, 6, 8, 10, 10, 8, 6, 5, 4, 3, 2, 1, 1)

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
_TAILS = (
    "Mohon segera ditindaklanjuti.", "Sudah beberapa hari.", "Mengganggu warga yang melintas.",
    "Mohon dicek petugas.", "Terima kasih.", "Sering terjadi di tempat ini.",
)  # fmt: skip
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
# All of these are visibly made up: the 0800-0000 range, an NIK of zeros, a plate that ends in UJI.
_PERSONAL_TEXT = (
    " Hubungi saya di 0812-0000-{:04d}.", " NIK saya 317100000000{:04d}.",
    " Pelakunya mobil B {:04d} UJI.", " Lapor a.n. Bapak Contoh Warga, telp 08120000{:04d}.",
)  # fmt: skip
_PERSONAL_ADDRESS = " (rumah pelapor: Ibu Contoh Warga, telp 0812-0000-{:04d})"
_PERSONAL_SHARE = 0.08


@dataclass(frozen=True)
class _City:
    """The places, agencies and categories that complaints refer to, as parallel arrays."""

    codes: pa.StringArray
    names: list[dict[str, str]]
    weight_cdf: Floats
    speed: Floats
    kota: Ints
    office: Ints
    spot_lon: Floats
    spot_lat: Floats
    spot_street: pa.StringArray
    spot_address: pa.StringArray
    agencies: pa.StringArray
    branch: Ints
    intake_office: int
    categories: tuple[dict[str, str], ...]
    category_of: Mapping[str, int]
    heads: pa.StringArray
    routes: Floats
    route_agency: Ints
    channels: tuple[str, ...]
    geotagged: NDArray[np.bool_]


@dataclass(frozen=True)
class _Plan:
    """What is fixed for a whole year before any single complaint is drawn.

    Args:
        first: First day, days since 1970 by WIB.
        counts: Reports of each day.
        unfinished: Reports of each day that are never finished.
        offset: Ordinal in the year of each day's first report.
        category_cdf: One row a day.
        rain_cdf: One row a day, knots at the 25 full hours, for what rain makes people report.
        channel_cdf: One value a channel.
        scale_s: Factor of the finishing times that gives the year's mean.
    """

    first: int
    counts: Ints
    unfinished: Ints
    offset: Ints
    category_cdf: Floats
    rain_cdf: Floats
    channel_cdf: Floats
    scale_s: float


@dataclass(frozen=True)
class Complaints:
    """Complaints as parallel arrays, in the order of their numbers.

    Args:
        day: Day of intake, days since 1970 by WIB.
        sequence: Number within the day, from 1.
        dice: Index of each complaint's own random numbers.
        steps: Moment of each step in seconds since 1970 UTC, one column a step; `NEVER` where
            a life skips it.
        holders: Agency after intake, forwarding, hand-over and disposition, one column each.
        rejected: The step `CLOSED` means Ditolak, not Selesai.
    """

    day: Ints
    sequence: Ints
    dice: Ints
    channel: Ints
    category: Ints
    kelurahan: Ints
    spot: Ints
    lon: Floats
    lat: Floats
    steps: Ints
    holders: Ints
    rejected: NDArray[np.bool_]

    def last_step(self, before: int) -> Ints:
        """Return the last step of each complaint before a moment (seconds); -1 where none was."""
        reached = self.steps < before
        last = reached.shape[1] - 1 - np.argmax(reached[:, ::-1], axis=1)
        return np.where(reached.any(axis=1), last, -1)


def complaints_of(world: World, first: date, last: date) -> Complaints:
    """Return all complaints with intake from `first` to `last` (WIB, both included)."""
    parts = []
    day, stop = _day_number(first), _day_number(last)
    while day <= stop:
        year = _date_of(day).year
        until = min(stop, _day_number(date(year, 12, 31)))
        parts.append(_drawn(world, _plan(world.seed, year), day, until))
        day = until + 1
    if not parts:
        parts.append(_drawn(world, _plan(world.seed, first.year), day, day - 1))
    if len(parts) == 1:
        return parts[0]
    return Complaints(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in Complaints.__annotations__)
    )


def versions(world: World, some: Complaints, index: Ints, step: Ints) -> pa.Table:
    """Return complaints as they were from one of their steps on, as rows of `complaint_versions`.

    Args:
        world: The city.
        some: Complaints.
        index: Which of them, one a row.
        step: After which step, one a row.
    """
    city = _city(world.seed)
    dice = some.dice[index]
    created = some.steps[index, INTAKE]
    event = some.steps[index, step]
    closed = ((step == CLOSED) | (step == CLOSED_AGAIN)) & ~some.rejected[index]
    holder = _holder(some, index, step)
    channel, category = some.channel[index], some.category[index]
    geotagged = city.geotagged[channel]
    ids = _ids(some.day[index], some.sequence[index])
    later = np.sort(some.steps[index, FORWARD : WORK + 1], axis=1)[:, 0]
    responded = np.where(step == INTAKE, NEVER, np.minimum(later, event))
    photo = geotagged & (world.uniform("complaint/photo", dice) < 0.93)
    verified = closed & (created >= _VERIFIED_SINCE)
    verified &= world.uniform("complaint/verified", dice) < 0.3
    contested = (step == CLOSED) & (some.steps[index, REOPENED] < NEVER)
    rated = closed & (world.uniform("complaint/rated", dice) < 0.12)
    speed = np.log10(np.maximum(event - created, 1) / _DAY)
    rating = np.clip(np.round(3.9 - 1.1 * speed + world.normal("complaint/rating", dice)), 1, 5)
    spot = pa.array(some.spot[index])
    return pa.table(
        {
            "event_time": _moments(event),
            "complaint_id": ids,
            "created_at": _moments(created),
            "channel": _coded(channel, pa.array(city.channels)),
            "category": _labels(world.seed, some.day[index], category, raw=False),
            "status": _coded(_status(some, index, step), pa.array(STATUSES)),
            "agency": _coded(holder, city.agencies),
            "kelurahan_code": _coded(some.kelurahan[index], city.codes),
            "lon": pa.array(some.lon[index], mask=~geotagged),
            "lat": pa.array(some.lat[index], mask=~geotagged),
            "geotagged": pa.array(geotagged),
            "due_at": _moments(_due(some.day[index], created)),
            "first_response_at": _moments(responded),
            "resolved_at": _moments(np.where(closed, event, NEVER)),
            "reopened_count": pa.array((step >= REOPENED).astype(np.int32)),
            "photo_before": _photo(ids, "sebelum", photo),
            "photo_after": _photo(ids, "sesudah", closed & photo),
            "address_public": city.spot_address.take(spot),
            "verification": pa.DictionaryArray.from_arrays(
                pa.array(contested.astype(np.int32), mask=~verified), ["Sesuai", "Tidak Sesuai"]
            ),
            "rating": pa.array(rating, mask=~rated),
            "reporter_key": _reporter_keys().take(pa.array(_reporter(world, some, index))),
            "text_redacted": _text(world, some, index),
        }
    )


def log(world: World, some: Complaints, index: Ints, step: Ints) -> pa.Table:
    """Return steps as rows of `complaint_log`; arguments as for `versions`."""
    return pa.table(
        {
            "event_time": _moments(some.steps[index, step]),
            "complaint_id": _ids(some.day[index], some.sequence[index]),
            "status": _coded(_status(some, index, step), pa.array(STATUSES)),
            "agency": _coded(_holder(some, index, step), _city(world.seed).agencies),
        }
    )


def requests(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /crm/requests.json: a bare list, as GeoReport v2 has it.

    Takes `updated_after`, or `start_date` and `end_date` of intake (without either: the last 90
    days), `status`, `service_code`, `service_request_id`, `page` and `page_size` (1000 at most).
    """
    page = _whole(args, "page", 1)
    size = min(_whole(args, "page_size", 100), 1000)
    since = _time(args, "updated_after")
    begin, end = _time(args, "start_date"), _time(args, "end_date")
    if since is not None:
        first = since - timedelta(days=LONGEST_DAYS + 1)
    else:
        first = begin or (end or now) - timedelta(days=90)
    if number := args.get("service_request_id"):
        first = end = _intake_of(number)
    found = _Found(world, now, first, min(end or now, now))
    if since is not None:
        found.keep(found.event > since.timestamp())
    if begin is not None:
        found.keep(found.created >= begin.timestamp())
    if end is not None and not number:
        found.keep(found.created <= end.timestamp())
    if number:
        found.keep(found.number == _number_of(number))
    if status := args.get("status"):
        found.keep(found.closed == (status == "closed"))
    if code := args.get("service_code"):
        codes = [c["service_code"] for c in _city(world.seed).categories]
        found.keep(found.category == (codes.index(code) if code in codes else -1))
    rows = found.rows((page - 1) * size, page * size)
    return Payload.json([_request(world, *row) for row in rows])


def services(world: World, _now: datetime, _args: Mapping[str, str]) -> Payload:
    """Answer /crm/services.json."""
    return Payload.json(
        [
            {
                "service_code": row["service_code"],
                "service_name": row["label"],
                "description": "",
                "metadata": False,
                "type": "realtime",
                "keywords": "",
                "group": row["group"],
            }
            for row in _city(world.seed).categories
        ]
    )


def distribution_map(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /crm_public/distribution-map for the days `dateStart` to `dateEnd` (WIB)."""
    first = _day(args, "dateStart", now)
    last = _day(args, "dateEnd", now)
    if last - first > timedelta(days=31):
        raise BadRequest("at most 31 days a question")
    begin = datetime(first.year, first.month, first.day, tzinfo=WIB)
    end = datetime(last.year, last.month, last.day, tzinfo=WIB) + timedelta(days=1)
    found = _Found(world, now, begin, min(end, now))
    found.keep((found.created >= begin.timestamp()) & (found.created < end.timestamp()))
    answer = []
    for version, _, _, label in found.rows(0, len(found.created)):
        place = _place(world, version["kelurahan_code"])
        answer.append(
            {
                "id": _number_of(version["complaint_id"]),
                "code": version["complaint_id"],
                "content": f"Permasalahan: {version['text_redacted']} Kategori: {label}"
                f" Lokasi: KELURAHAN {place['name'].upper()}"
                f" Detail Alamat Laporan: {version['address_public']}",
                "lat": None if version["lat"] is None else str(version["lat"]),
                "lng": None if version["lon"] is None else str(version["lon"]),
                "tstatus": {"name": version["status"]},
                "complaintCategory": {"name": label},
                "zone": {"name": version["agency"]},
                "createdAt": version["created_at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            }
        )
    return Payload.json(answer)


def detail(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /crm_public/detail for the `id` of one complaint; 404 where there is none yet."""
    number = _whole(args, "id", 0)
    try:
        begin = datetime.combine(_date_of(number // 10_000), datetime.min.time(), WIB)
    except (OverflowError, ValueError) as error:
        raise NotFound("no such complaint") from error
    if begin > now:
        raise NotFound("no such complaint")
    found = _Found(world, now, begin, begin)
    found.keep(found.number == number)
    for version, _, _, _ in found.rows(0, 1):
        place = _place(world, version["kelurahan_code"])
        photos = (version["photo_before"], version["photo_after"])
        return Payload.json(
            {
                "id": number,
                "code": version["complaint_id"],
                "documents": [{"url": url} for url in photos if url],
                "village": {
                    "name": place["name"].upper(),
                    "district": {
                        "name": place["kecamatan"].upper(),
                        "city": {
                            "name": place["kota"].upper().replace("KOTA ADMINISTRASI ", ""),
                            "province": {"name": "DKI JAKARTA"},
                        },
                    },
                },
            }
        )
    raise NotFound("no such complaint")


def bulk_versions(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield two versions of each complaint, intake and latest before `end`, by `event_time`."""
    for month, low, high in _windows(world, start, end):
        rows = []
        for some, last in month:
            first = some.steps[:, INTAKE]
            intake = np.flatnonzero((first >= low) & (first < high))
            rows.append(versions(world, some, intake, np.zeros_like(intake)))
            latest = some.steps[np.arange(len(last)), np.maximum(last, 0)]
            moved = np.flatnonzero((last > INTAKE) & (latest >= low) & (latest < high))
            rows.append(versions(world, some, moved, last[moved]))
        yield from _in_time_order(rows)


def bulk_log(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield every step of every complaint, by `event_time`."""
    for month, low, high in _windows(world, start, end):
        rows = []
        for some, _ in month:
            index, step = np.nonzero((some.steps >= low) & (some.steps < high))
            rows.append(log(world, some, index, step))
        yield from _in_time_order(rows)


ROUTES: dict[str, Handler] = {
    "/crm/requests.json": requests,
    "/crm/services.json": services,
    "/crm_public/distribution-map": distribution_map,
    "/crm_public/detail": detail,
}
BULK: dict[str, Bulk] = {"complaint_versions": bulk_versions, "complaint_log": bulk_log}


class _Found:
    """The complaints of some days as they stand now, to be narrowed and then read by pages."""

    def __init__(self, world: World, now: datetime, first: datetime, last: datetime) -> None:
        self._world = world
        self._some = [
            _month(world, year, month) for year, month in _months(first.astimezone(WIB), last)
        ]
        before = math.floor(now.timestamp()) + 1
        lasts = [some.last_step(before) for some in self._some]
        self._part = np.repeat(np.arange(len(lasts)), [len(last) for last in lasts])
        self._index = np.concatenate([np.arange(len(last)) for last in lasts])
        self._step = np.concatenate(lasts)
        self.created = self._all(lambda some: some.steps[:, INTAKE])
        self.event = np.concatenate(
            [s.steps[np.arange(len(x)), x] for s, x in zip(self._some, lasts, strict=True)]
        )
        self.number = self._all(lambda some: some.day * 10_000 + some.sequence)
        self.category = self._all(lambda some: some.category)
        self.closed = (self._step == CLOSED) | (self._step == CLOSED_AGAIN)
        self.keep(self._step >= INTAKE)

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        """Drop all complaints that are not wanted."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                setattr(self, name, value[wanted])

    def rows(self, start: int, stop: int) -> Iterator[tuple[dict[str, Any], Complaints, int, str]]:
        """Yield version, batch, index in the batch and the label as the source writes it."""
        order = np.lexsort((self.number, self.event))[start:stop]
        built: dict[int, tuple[dict[str, Any], str]] = {}
        for part in np.unique(self._part[order]):
            some = self._some[part]
            mine = order[self._part[order] == part]
            index, step = self._index[mine], self._step[mine]
            table = versions(self._world, some, index, step).to_pylist()
            labels = _labels(self._world.seed, some.day[index], some.category[index], raw=True)
            built |= dict(
                zip(mine.tolist(), zip(table, labels.to_pylist(), strict=True), strict=True)
            )
        for i in order.tolist():
            version, label = built[i]
            yield version, self._some[self._part[i]], int(self._index[i]), label

    def _all(self, read: Any) -> Ints:
        return np.concatenate([read(some) for some in self._some])


def _request(
    world: World, version: dict[str, Any], some: Complaints, i: int, label: str
) -> dict[str, Any]:
    city = _city(world.seed)
    event = int(version["event_time"].timestamp())
    steps = np.flatnonzero(some.steps[i] <= event)
    history = log(world, some, np.full(len(steps), i), steps).to_pylist()
    reporter = int(_reporter(world, some, np.array([i]))[0])
    extended: dict[str, Any] = {
        "channel": version["channel"],
        "kelurahan_code": version["kelurahan_code"],
        "geotagged": version["geotagged"],
        "first_response_datetime": _iso(version["first_response_at"]),
        "resolved_datetime": _iso(version["resolved_at"]),
        "reopened": version["reopened_count"],
        "status_label": version["status"],
        "follow_up_media_url": version["photo_after"],
        "reporter": {
            "name": f"Warga Uji {reporter:06d}",
            "contact": f"0800-{reporter // 1000:04d}-{reporter % 1000:04d}",
        },
        "log": [
            {
                "datetime": _iso(row["event_time"]),
                "status_label": row["status"],
                "agency": row["agency"],
            }
            for row in history
        ],
    }
    for name in ("verification", "rating"):
        if version[name] is not None:
            extended[name] = version[name]
    description, address = _with_persons(world, version, int(some.dice[i]))
    return {
        "service_request_id": version["complaint_id"],
        "status": "closed" if version["status"] in ("Selesai", "Ditolak") else "open",
        "status_notes": None,
        "service_code": city.categories[some.category[i]]["service_code"],
        "service_name": label,
        "description": description,
        "agency_responsible": version["agency"],
        "requested_datetime": _iso(version["created_at"]),
        "updated_datetime": _iso(version["event_time"]),
        "expected_datetime": _iso(version["due_at"]),
        "address": address,
        "lat": version["lat"],
        "long": version["lon"],
        "media_url": version["photo_before"],
        "extended_attributes": extended,
    }


def _with_persons(world: World, version: dict[str, Any], dice: int) -> tuple[str, str]:
    """Return description and address, in recent complaints now and then with a person in them."""
    text, address = version["text_redacted"], version["address_public"]
    chance = float(world.uniform("complaint/person", dice)) / _PERSONAL_SHARE
    if chance >= 1 or version["created_at"] < world.anchor - timedelta(days=1):
        return text, address
    kind, number = divmod(int(chance * 50_000), 10_000)
    if kind == len(_PERSONAL_TEXT):
        return text, address + _PERSONAL_ADDRESS.format(number)
    return text + _PERSONAL_TEXT[kind].format(number), address


@lru_cache(maxsize=12)
def _month(world: World, year: int, month: int) -> Complaints:
    first = date(year, month, 1)
    return complaints_of(world, first, _next_month(first) - timedelta(days=1))


def _windows(
    world: World, start: datetime, end: datetime
) -> Iterator[tuple[list[tuple[Complaints, Ints]], int, int]]:
    """Yield month by month the complaints that may still move, each with its last step before `end`.

    With them come the first and the last second (excluded) of the month, within `start` to `end`.
    """
    if start >= end:
        return
    low, high = math.ceil(start.timestamp()), math.ceil(end.timestamp())
    alive: list[tuple[Complaints, Ints]] = []
    first = start.astimezone(WIB) - timedelta(days=LONGEST_DAYS + 2)
    for year, month in _months(first, end):
        begin = date(year, month, 1)
        until = _next_month(begin)
        some = complaints_of(world, begin, until - timedelta(days=1))
        alive.append((some, some.last_step(high)))
        alive = alive[-6:]
        window = (max(low, _midnight(begin)), min(high, _midnight(until)))
        if window[0] < window[1]:
            yield alive, *window


def _in_time_order(rows: list[pa.Table]) -> Iterator[pa.Table]:
    table = pa.concat_tables(rows).combine_chunks()
    if table.num_rows:
        order = np.argsort(table["event_time"].to_numpy(), kind="stable")
        yield table.take(pa.array(order))


def _drawn(world: World, plan: _Plan, first: int, last: int) -> Complaints:
    """Draw the complaints of some days of one year."""
    city = _city(world.seed)
    days = np.arange(first - plan.first, last - plan.first + 1)
    counts = plan.counts[days]
    row = np.repeat(days, counts)
    ordinal = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    in_year = plan.offset[row] + ordinal
    dice = (plan.first + row) * 10_000 + ordinal

    # Even sequences instead of random numbers keep the published totals to the report.
    spread = (in_year * _GOLDEN + float(world.uniform("complaint/phase", plan.first))) % 1
    category = _pick_by_row(plan.category_cdf, row, spread)
    channel = np.searchsorted(plan.channel_cdf, (in_year * _SILVER) % 1, side="right")
    second = _second_of_day(world, plan, row, category, dice)

    extra = _scenario_reports(world, first, last)
    row = np.concatenate([row, extra.day - plan.first])
    dice = np.concatenate([dice, extra.dice])
    category = np.concatenate([category, extra.category])
    channel = np.concatenate([channel, np.full(len(extra.day), city.channels.index("JAKI"))])
    second = np.concatenate([second, extra.second])
    order = np.lexsort((dice, second, row))
    row, dice, category, channel = row[order], dice[order], category[order], channel[order]
    day = plan.first + row
    per_day = np.bincount(row, minlength=days[-1] + 1 if len(days) else 0)
    sequence = np.arange(len(row)) - (np.cumsum(per_day) - per_day)[row] + 1

    kelurahan = np.searchsorted(city.weight_cdf, world.uniform("complaint/place", dice), "right")
    place = np.floor(_SPOTS * world.uniform("complaint/spot", dice) ** 1.8).astype(np.int64)
    spot = kelurahan * _SPOTS + place
    # About 40 m of scatter around the spot; one degree of latitude is 110.57 km here.
    off = np.clip(world.normal("complaint/off", dice), -2.5, 2.5) * 40 / 110_570
    turn = 2 * np.pi * world.uniform("complaint/turn", dice)
    steps, holders, rejected = _lives(
        world, plan, row, day, second[order], dice, category, channel, kelurahan
    )
    return Complaints(
        day=day,
        sequence=sequence,
        dice=dice,
        channel=channel,
        category=category,
        kelurahan=kelurahan,
        spot=spot,
        lon=np.round(city.spot_lon[spot] + off * np.cos(turn), 6),
        lat=np.round(city.spot_lat[spot] + off * np.sin(turn), 6),
        steps=steps,
        holders=holders,
        rejected=rejected,
    )


@dataclass(frozen=True)
class _Extra:
    day: Ints
    dice: Ints
    category: Ints
    second: Ints


def _scenario_reports(world: World, first: int, last: int) -> _Extra:
    """Return what a scenario's flood adds to the calm city's reports."""
    nothing = np.zeros(0, np.int64)
    centre = _day_number(world.anchor.astimezone(WIB).date())
    if world.scenario != "malam-banjir" or last < centre - 1 or first > centre + 3:
        return _Extra(nothing, nothing, nothing, nothing)
    days, numbers, seconds = [], [], []
    for day in range(max(first, centre - 1), min(last, centre + 3) + 1):
        minute = np.arange(0, _DAY, 60)
        times = (day * _DAY - _WIB_SECONDS + minute).astype("datetime64[s]")
        flood = world.wetness(times) - _calm(world.seed).wetness(times)
        so_far = np.cumsum(np.maximum(flood, 0)) * _FLOOD_REPORTS_AN_HOUR / 60
        number = np.arange(int(so_far[-1]))
        days.append(np.full(len(number), day))
        numbers.append(number)
        seconds.append(minute[np.searchsorted(so_far, number + 1)] + number % 60)
    day, number = np.concatenate(days), np.concatenate(numbers)
    dice = day * 10_000 + _SCENARIO_ORDINALS + number
    kinds = np.array([_city(world.seed).category_of[name] for name in _FLOOD_MIX])
    cdf = np.cumsum(list(_FLOOD_MIX.values()))
    kind = np.searchsorted(cdf[:-1], world.uniform("complaint/flood", dice), "right")
    return _Extra(day, dice, kinds[kind], np.concatenate(seconds))


def _second_of_day(world: World, plan: _Plan, row: Ints, category: Ints, dice: Ints) -> Ints:
    """Return the second of the day (WIB) at which each complaint comes in."""
    u = world.uniform("complaint/time", dice)
    kinds = np.array([c["hours"] for c in _city(world.seed).categories])[category]
    result = np.zeros(len(u))
    for kind, weights in _HOURS.items():
        mine = kinds == kind
        knots = np.concatenate([[0.0], np.cumsum(weights) / np.sum(weights)])
        result[mine] = np.interp(u[mine], knots, np.arange(25))
    mine = np.flatnonzero(kinds == "hujan")
    hour = _pick_by_row(plan.rain_cdf[:, 1:], row[mine], u[mine])
    low = plan.rain_cdf[row[mine], hour]
    width = plan.rain_cdf[row[mine], hour + 1] - low
    result[mine] = hour + (u[mine] - low) / width
    seconds: Ints = np.minimum(result * 3600, _DAY - 1).astype(np.int64)
    return seconds


def _lives(
    world: World, plan: _Plan, row: Ints, day: Ints, second: Ints, dice: Ints, category: Ints,
    channel: Ints, kelurahan: Ints,
) -> tuple[Ints, Ints, NDArray[np.bool_]]:  # fmt: skip
    """Return steps, holders and rejected of `Complaints`."""
    city = _city(world.seed)
    created = day * _DAY - _WIB_SECONDS + second
    slow = city.speed[kelurahan] * _duration_factors(world.seed)[category]
    length = plan.scale_s * slow * np.exp(_SPREAD * world.normal("complaint/length", dice))
    length = np.clip(length, 600, LONGEST_DAYS * _DAY)
    stuck = _stuck(world, plan, row, slow, dice)
    stop = np.full(len(dice), -1)
    which = world.uniform("complaint/stuck", dice)
    shares = np.cumsum(list(_STUCK.values()))
    stop[stuck] = np.array([*_STUCK, CLOSED])[np.searchsorted(shares, which[stuck], "right")]
    length = np.where(stuck, np.maximum(length, 3 * _DAY), length)
    rejected = stop == CLOSED

    tilt = 0.8 + 0.45 * world.uniform("complaint/tilt", kelurahan)
    agency = _routed(city, world.uniform("complaint/agency", dice) ** tilt, category, kelurahan)
    detour = _routed(city, world.uniform("complaint/detour", dice), category, kelurahan)
    at_intake = np.where(city.geotagged[channel], city.office[kelurahan], city.intake_office)
    final = city.branch[agency, city.kota[kelurahan]]
    forwarded = agency != at_intake
    handed = forwarded & (detour != agency) & (detour != at_intake)
    handed &= world.uniform("complaint/handed", dice) < 0.2
    again = ~stuck & (length > 2 * _DAY) & (world.uniform("complaint/again", dice) < 0.05)
    first_end = np.where(again, 0.5 * length, length)
    extended = (first_end > 5 * _DAY) & (world.uniform("complaint/ews", dice) < 0.4)
    extended = (extended & ~rejected) | (stop == EXTENSION)

    steps = np.full((len(dice), 9), NEVER)
    steps[:, INTAKE] = created
    so_far = np.zeros(len(dice))
    # Each office needs hours of its own (kelurahan forward within about two, GEMASTIK 2023), but
    # never most of what is left of the complaint's life.
    for step, present, mean_h, share in (
        (FORWARD, forwarded, 1.4 * city.speed[kelurahan], 0.3),
        (HANDOVER, handed, 3.0, 0.3),
        (DISPOSITION, forwarded & (final != agency), 3.0, 0.3),
        (WORK, np.ones(len(dice), bool), 3.5, 0.4),
    ):
        wait = mean_h * 3600 * np.exp(0.8 * world.normal(f"complaint/wait/{step}", dice))
        wait = np.clip(wait, 20, share * (first_end - so_far))
        so_far = np.where(present, so_far + wait, so_far)
        steps[present, step] = created[present] + so_far[present].astype(np.int64)
    promised = so_far + 0.4 * (first_end - so_far)
    steps[extended, EXTENSION] = created[extended] + promised[extended].astype(np.int64)
    ends = created + first_end.astype(np.int64)
    previous = np.where(extended, steps[:, EXTENSION], steps[:, WORK])
    steps[:, CLOSED] = np.maximum(np.where(first_end > _DAY, _in_working_hours(ends), ends),
                                  previous + 60)  # fmt: skip
    steps[again, REOPENED] = steps[again, CLOSED] + (0.12 * length[again]).astype(np.int64)
    finally_ = _in_working_hours(created + length.astype(np.int64))
    steps[again, CLOSED_AGAIN] = np.maximum(finally_, steps[:, REOPENED] + 60)[again]
    beyond = stuck[:, None] & ~rejected[:, None] & (np.arange(9) > stop[:, None])
    steps[beyond] = NEVER
    steps[rejected, EXTENSION] = NEVER
    holders = np.stack([at_intake, np.where(handed, detour, agency), agency, final], axis=1)
    return steps, holders, rejected


def _stuck(world: World, plan: _Plan, row: Ints, slow: Floats, dice: Ints) -> NDArray[np.bool_]:
    """Choose which reports of each day are never finished: as many as the plan says, slow ones first."""
    score = world.uniform("complaint/never", dice) ** (1 / np.sqrt(slow))
    order = np.lexsort((-score, row))
    counts = np.bincount(row, minlength=len(plan.counts))
    rank = np.arange(len(row)) - (np.cumsum(counts) - counts)[row[order]]
    result = np.zeros(len(row), bool)
    result[order] = rank < plan.unfinished[row[order]]
    # A scenario's reports are over the plan, so they are judged apart from it.
    result[dice % 10_000 >= _SCENARIO_ORDINALS] = False
    return result


def _routed(city: _City, u: Floats, category: Ints, kelurahan: Ints) -> Ints:
    agency = city.route_agency[category, _pick_by_row(city.routes, category, u)]
    return np.where(agency < 0, city.office[kelurahan], agency)


def _in_working_hours(moment: Ints) -> Ints:
    """Move moments within their day (WIB), so that they fall when field crews work."""
    local = moment + _WIB_SECONDS
    knots = np.concatenate([[0.0], np.cumsum(_FIELD_WORK) / np.sum(_FIELD_WORK)])
    hour = np.interp((local % _DAY) / _DAY, knots, np.arange(25))
    result: Ints = local - local % _DAY + np.minimum(hour * 3600, _DAY - 1).astype(np.int64)
    return result - _WIB_SECONDS


@lru_cache(maxsize=32)
def _plan(seed: int, year: int) -> _Plan:
    first, last = _day_number(date(year, 1, 1)), _day_number(date(year, 12, 31))
    day = np.arange(first, last + 1)
    hours = (day[:, None] * 24 + np.arange(24) - 7).ravel()
    wet = _calm(seed).wetness((hours * 3600).astype("datetime64[s]")).reshape(-1, 24)
    counts, unfinished = _counts(seed, year, day, wet.mean(axis=1))
    shares = _category_shares(seed, year)
    rain = np.array(_HOURS["siang"]) * (1 + 60 * wet)
    rain_cdf = np.concatenate([np.zeros((len(day), 1)), np.cumsum(rain, axis=1)], axis=1)
    return _Plan(
        first=first,
        counts=counts,
        unfinished=unfinished,
        offset=np.cumsum(counts) - counts,
        category_cdf=_wet_categories(seed, shares, counts, wet.mean(axis=1)),
        rain_cdf=rain_cdf / rain_cdf[:, -1:],
        channel_cdf=np.cumsum(_channel_shares(year))[:-1],
        scale_s=_scale(seed, shares, _MEAN_HOURS.get(year, _MEAN_HOURS_LATER) * 3600),
    )


def _counts(seed: int, year: int, day: Ints, wet: Floats) -> tuple[Ints, Ints]:
    """Return reports and never finished reports of each day; published periods sum exactly."""
    calm = _calm(seed)
    weight = np.interp(day, [_day_number(date(y, 7, 1)) for y in _YEARS], _totals())
    weight *= _WEEKDAY[(day + 3) % 7] * (1 + 1.5 * wet)  # 1970-01-01 was a Thursday
    weight *= np.exp(0.06 * calm.normal("complaints/day", day))
    for row in reference("holidays"):
        away = day - _day_number(date.fromisoformat(row["date"]))
        near = (away >= -int(row["days_before"])) & (away <= int(row["days_after"]))
        weight[near] *= float(row["activity"])
    months = np.array([f"{_date_of(d):%Y-%m}" for d in day])
    dates = np.array([_date_of(d).isoformat() for d in day])
    counts, unfinished = np.zeros(len(day), np.int64), np.zeros(len(day), np.int64)
    total, total_open = _total(year), _open(str(year), _total(year))
    free = np.ones(len(day), bool)
    most = None
    for row in reference("complaint_published_totals"):
        period, reports = row["period"], row["reports"]
        if not period.startswith(f"{year}-") or not reports:
            continue
        if row["dimension"] == "peak_day":
            peak = dates == period
            counts[peak] = most = int(reports)
            unfinished[peak] = round(most * total_open / total)
            free &= ~peak
        elif row["dimension"] == "total" and period in months:
            mine = months == period
            counts[mine] = _apportioned(weight[mine], int(reports))
            still_open = _open(period, int(reports)) or round(int(reports) * total_open / total)
            unfinished[mine] = _apportioned(counts[mine].astype(float), still_open)
            free &= ~mine
    counts[free] = _apportioned(weight[free], total - int(counts.sum()), most)
    unfinished[free] = _apportioned(counts[free].astype(float), total_open - int(unfinished.sum()))
    return counts, unfinished


def _apportioned(weight: Floats, total: int, most: int | None = None) -> Ints:
    """Share a whole number by weights, by running totals, each share below `most`."""
    weight = weight.copy()
    for _ in range(20 if most else 0):
        weight = np.minimum(weight, 0.95 * cast(int, most) / total * weight.sum())
    ends = np.floor(np.cumsum(weight) / weight.sum() * total + 0.5).astype(np.int64)
    return np.diff(ends, prepend=0)


def _wet_categories(seed: int, shares: Floats, counts: Ints, wet: Floats) -> Floats:
    """Return each day's cumulated shares: rain lifts some, while the year's shares stay."""
    factor = np.array([float(c["wet_factor"]) for c in _city(seed).categories])
    lift = 1 + wet[:, None] * factor
    base = shares.copy()
    for _ in range(30):
        daily = base * lift
        daily /= daily.sum(axis=1, keepdims=True)
        base *= shares / (counts @ daily / counts.sum())
    return np.cumsum(daily, axis=1)[:, :-1]


def _category_shares(seed: int, year: int) -> Floats:
    column = f"share_{min(max(year, 2020), 2023)}"
    shares = np.array([float(c[column]) for c in _city(seed).categories])
    result: Floats = shares / shares.sum()
    return result


def _channel_shares(year: int) -> Floats:
    """Return the share of each channel; what is not told is shared by the lesser channels."""
    rows = reference("complaint_channels")
    told = dict(_ASSUMED_CHANNELS.get(min(year, 2023), {}))
    for row in reference("complaint_published_totals"):
        if row["period"] == str(year) and row["dimension"] == "channel":
            told[row["value"]] = int(row["reports"]) / _total(year)
    shares = np.array([told.get(row["channel"], 0.0) for row in rows])
    open_ = [
        row["channel"] not in told
        and row["channel"] not in ("JAKI", "Qlue")
        and (row["valid_to"] or "9999") >= f"{year}-01-01"
        for row in rows
    ]
    return np.where(open_, (1 - shares.sum()) / sum(open_), shares)


@cache
def _duration_factors(seed: int) -> Floats:
    return np.array([float(c["duration_factor"]) for c in _city(seed).categories])


def _scale(seed: int, shares: Floats, mean_s: float) -> float:
    """Return the median length that gives the mean, in seconds, of the finished reports.

    The tail is cut and offices differ, so the mean has no closed form; it is found by repetition
    over quantiles of all three factors.
    """
    city = _city(seed)
    z = math.sqrt(2) * np.polynomial.hermite.hermgauss(64)[0]
    weight_z = np.polynomial.hermite.hermgauss(64)[1]
    speed = np.quantile(np.repeat(city.speed, 4), np.linspace(0.03, 0.97, 16))
    slow = np.multiply.outer(_duration_factors(seed), speed)
    lengths = np.multiply.outer(slow, np.exp(_SPREAD * z))
    weight = np.multiply.outer(np.multiply.outer(shares, np.full(16, 1 / 16)), weight_z)
    weight /= weight.sum()
    scale = mean_s / float((lengths * weight).sum())
    for _ in range(12):
        scale *= mean_s / float((np.clip(scale * lengths, 600, LONGEST_DAYS * _DAY) * weight).sum())
    return scale


@cache
def _city(seed: int) -> _City:
    world = _calm(seed)
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

    spots = np.arange(len(kelurahan) * _SPOTS)
    home = spots // _SPOTS
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
    branch = np.repeat(np.arange(len(agencies))[:, None], len(kota), axis=1)
    for row in reference("agencies"):
        if row["kind"] == "suku dinas":
            branch[agencies[row["parent"]], kota.index(row["area_code"])] = agencies[row["agency"]]
    categories = reference("complaint_categories")
    routes, route_agency = _routes(categories, agencies)
    channels = reference("complaint_channels")
    return _City(
        codes=pa.array([row["code"] for row in kelurahan]),
        names=names,
        weight_cdf=np.cumsum(weight / weight.sum())[:-1],
        speed=speed,
        kota=kota_of,
        office=np.array([agencies[f"KELURAHAN {row['name'].upper()}"] for row in kelurahan]),
        spot_lon=np.array([float(r["lon"]) for r in kelurahan])[home] + reach * np.cos(turn),
        spot_lat=np.array([float(r["lat"]) for r in kelurahan])[home] + reach * np.sin(turn),
        spot_street=pa.array(streets),
        spot_address=pa.array(addresses),
        agencies=pa.array(list(agencies)),
        branch=branch,
        intake_office=agencies["BIRO PEMERINTAHAN"],
        categories=categories,
        category_of={row["category"]: i for i, row in enumerate(categories)},
        heads=pa.array([h for c in categories for h in _heads(c["category"])]),
        routes=routes,
        route_agency=route_agency,
        channels=tuple(row["channel"] for row in channels),
        geotagged=np.array([row["geotagged"] == "true" for row in channels]),
    )


def _heads(category: str) -> tuple[str, ...]:
    plain = category.split(" (")[0].split("/")[0].lower()
    return _HEADS.get(
        category,
        (f"Keluhan {plain}", f"Laporan {plain}", f"Masalah {plain}", f"Mohon ditinjau: {plain}"),
    )


def _routes(
    categories: tuple[dict[str, str], ...], agencies: Mapping[str, int]
) -> tuple[Floats, Ints]:
    """Return cumulated shares and agencies, one row a category; agency -1 is the kelurahan's office."""
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


def _labels(seed: int, day: Ints, category: Ints, *, raw: bool) -> pa.Array:
    """Return the category as the source wrote it on that day, with its stray blanks where `raw`."""
    rows = _city(seed).categories
    now = [row["label"] for row in rows]
    then = [row["label_before"] or row["label"] for row in rows]
    since = np.array(
        [_day_number(date.fromisoformat(row["label_since"] or "1970-01-01")) for row in rows]
    )
    words = now + then if raw else [word.strip() for word in now + then]
    drifted = category + len(rows) * (day < since[category])
    distinct = list(dict.fromkeys(words))
    codes = np.array([distinct.index(word) for word in words])
    return _coded(codes[drifted], pa.array(distinct))


def _text(world: World, some: Complaints, index: Ints) -> pa.Array:
    city = _city(world.seed)
    dice = some.dice[index]
    head = some.category[index] * 4 + np.floor(4 * world.uniform("complaint/head", dice)).astype(
        int
    )
    tail = np.floor(len(_TAILS) * world.uniform("complaint/tail", dice)).astype(int)
    return pc.binary_join_element_wise(
        city.heads.take(pa.array(head)),
        city.spot_street.take(pa.array(some.spot[index])),
        pa.array([f". {tail}" for tail in _TAILS]).take(pa.array(tail)),
        "",
    )


def _reporter(world: World, some: Complaints, index: Ints) -> Ints:
    """Return a number for who reports: few report much, and all live where the problem is.

    The exponent gives about 41,500 reporters a year (published for 2024: 41,528).
    """
    dice = some.dice[index]
    own = np.floor(1000 * world.uniform("complaint/reporter", dice) ** 3).astype(np.int64)
    result: Ints = some.kelurahan[index] * 1000 + own
    return result


@cache
def _reporter_keys() -> pa.StringArray:
    return pa.array([f"simulasi-{i:06d}" for i in range(267_000)])


def _holder(some: Complaints, index: Ints, step: Ints) -> Ints:
    return some.holders[index, np.minimum(step, DISPOSITION)]


def _status(some: Complaints, index: Ints, step: Ints) -> Ints:
    turned_down = some.rejected[index] & (step == CLOSED)
    return np.where(turned_down, _REJECTED, _STATUS_OF_STEP[step])


def _due(day: Ints, created: Ints) -> Ints:
    """Return the source's own promise: intake plus the rule's days; `NEVER` before the first rule."""
    rules = reference("complaint_rules")
    since = np.array([_day_number(date.fromisoformat(row["valid_from"])) for row in rules])
    hours = np.array([int(row["resolve_within_hours"]) for row in rules])
    which = np.searchsorted(since, day, "right") - 1
    return np.where(which < 0, NEVER, created + 3600 * hours[which])


def _pick_by_row(cdf: Floats, row: Ints, u: Floats) -> Ints:
    """Return for each u the interval of its row's cumulated shares that holds it."""
    result: Ints = np.zeros(len(u), np.int64)
    for column in range(cdf.shape[1]):
        result += u >= cdf[row, column]
    return result


def _ids(day: Ints, sequence: Ints) -> pa.StringArray:
    """Return report numbers: JK, date, four digits."""
    unique, where = np.unique(day, return_inverse=True)
    dates = np.array([f"JK{_date_of(d):%y%m%d}".encode() for d in unique], "S8")
    text = np.empty((len(day), 12), np.uint8)
    if len(day):
        text[:, :8] = dates.view(np.uint8).reshape(-1, 8)[where]
    for place in range(4):
        text[:, 11 - place] = 48 + sequence // 10**place % 10
    offsets = np.arange(0, 12 * len(day) + 1, 12, dtype=np.int32)
    return pa.StringArray.from_buffers(len(day), pa.py_buffer(offsets), pa.py_buffer(text))


def _photo(ids: pa.StringArray, which: str, taken: NDArray[np.bool_]) -> pa.Array:
    urls = pc.binary_join_element_wise("/crm/photos/", ids, f"-{which}.jpg", "")
    return pc.if_else(pa.array(taken), urls, pa.scalar(None, pa.string()))


def _coded(codes: Ints, words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)


def _moments(seconds: Ints) -> pa.Array:
    """Return seconds since 1970 as TIMESTAMPTZ; null where `NEVER`."""
    never = seconds >= NEVER
    micros = pa.array(np.where(never, 0, seconds) * 1_000_000, mask=never)
    return micros.cast(pa.timestamp("us", "UTC"))


@cache
def _calm(seed: int) -> World:
    return World(seed)


def _place(world: World, code: str) -> dict[str, str]:
    city = _city(world.seed)
    return city.names[city.codes.index(code).as_py()]


_YEARS = tuple(range(2016, 2027))
_VERIFIED_SINCE = int(datetime(2021, 1, 1, tzinfo=WIB).timestamp())


def _totals() -> list[int]:
    return [_total(year) for year in _YEARS]


@cache
def _total(year: int) -> int:
    """Return the reports of a year: published, else assumed; the nearest known year beyond both."""
    nearest = min(max(year, _YEARS[0]), _YEARS[-1])
    for row in reference("complaint_published_totals"):
        if row["period"] == str(nearest) and row["dimension"] == "total":
            return int(row["reports"])
    return _ASSUMED_TOTALS[nearest]


def _open(period: str, total: int) -> int:
    """Return how many reports of a period are never finished; 0 for a month that is not published."""
    for row in reference("complaint_published_totals"):
        if row["period"] == period and row["dimension"] == "finished":
            return total - int(row["reports"])
    for row in reference("complaint_published_totals"):
        if row["period"] == period and row["dimension"] == "total" and row["pct"]:
            # 99.85 % of 2020 is printed as 137,574 finished.
            return total - math.floor(total * float(row["pct"]) / 100 + 0.5)
    return 0 if "-" in period else round(total * (1 - _ASSUMED_FINISHED))


def _months(first: datetime, last: datetime) -> Iterator[tuple[int, int]]:
    month, stop = first.astimezone(WIB).date().replace(day=1), last.astimezone(WIB).date()
    while month <= stop:
        yield month.year, month.month
        month = _next_month(month)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _day_number(day: date) -> int:
    return day.toordinal() - 719_163  # date(1970, 1, 1).toordinal()


def _date_of(number: int) -> date:
    return date.fromordinal(int(number) + 719_163)


def _midnight(day: date) -> int:
    return _day_number(day) * _DAY - _WIB_SECONDS


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(WIB).isoformat()


def _number_of(complaint_id: str) -> int:
    intake = _intake_of(complaint_id)
    return _day_number(intake.date()) * 10_000 + int(complaint_id[8:])


def _intake_of(complaint_id: str) -> datetime:
    try:
        day = datetime.strptime(complaint_id[2:8], "%y%m%d").replace(tzinfo=WIB)
        int(complaint_id[8:])
    except ValueError as error:
        raise BadRequest("a report number is JKyymmddNNNN") from error
    return day


def _whole(args: Mapping[str, str], name: str, default: int) -> int:
    try:
        return max(int(args.get(name, default)), 0 if name == "id" else 1)
    except ValueError as error:
        raise BadRequest(f"{name} must be a whole number") from error


def _time(args: Mapping[str, str], name: str) -> datetime | None:
    if not args.get(name):
        return None
    try:
        # A "+" in a query that was not quoted arrives as a blank.
        found = datetime.fromisoformat(args[name].replace(" ", "+"))
    except ValueError as error:
        raise BadRequest(f"{name} must be ISO 8601") from error
    return found if found.tzinfo else found.replace(tzinfo=WIB)


def _day(args: Mapping[str, str], name: str, now: datetime) -> date:
    try:
        return date.fromisoformat(args[name]) if name in args else now.astimezone(WIB).date()
    except ValueError as error:
        raise BadRequest(f"{name} must be YYYY-MM-DD") from error
