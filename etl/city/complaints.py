"""Complaints of the simulated city, as the CRM serves them and as ten years of history.

Answers   /crm/requests.json and /crm/services.json (GeoReport v2 with the CRM's extension),
          /crm/photos/<id>-sebelum.jpg and -sesudah.jpg (drawn, with Exif data; `media_url` is
          relative to the server), /crm_public/distribution-map and /crm_public/detail (the public
          dashboard)
Order     requests come by `updated_datetime`, oldest first, so that paging loses nothing
Persons   there are none in the bulk rows. Live requests carry a made-up `reporter`, and those
          created later than a day before the world's anchor now and then a made-up telephone
          number, NIK, plate or name in `description` or `address`, for the redaction to find
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from werkzeug.exceptions import BadRequest, NotFound

from etl.city.complaint_city import (
    DAY,
    LONGEST_DAYS,
    WIB_SECONDS,
    city_of,
    date_of,
    day_number,
)
from etl.city.complaint_lives import (
    CLOSED,
    CLOSED_AGAIN,
    INTAKE,
    REOPENED,
    WORK,
    Complaints,
    complaints_of,
    joined,
)
from etl.city.complaint_rows import labels, log, versions
from etl.city.complaint_truth import Kind
from etl.city.photos import Taken, drawn
from etl.city.world import WIB, Bulk, Handler, Ints, Payload, World, reference

# All of these are visibly made up: numbers of zeros, a plate that ends in UJI, names of examples.
_PERSONAL_TEXT = (
    " Hubungi saya di 0812-0000-{:04d}.", " NIK saya 317100000000{:04d}.",
    " Pelakunya mobil B {:04d} UJI.", " Lapor a.n. Bapak Contoh Fiktif, telp 08120000{:04d}.",
)  # fmt: skip
_PERSONAL_ADDRESS = " (rumah pelapor: Ibu Contoh Fiktif, telp 0812-0000-{:04d})"
_PERSONAL_SHARE = 0.08


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
        if since < now - timedelta(days=366):
            raise BadRequest("updated_after: at most a year ago")
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
        found.keep(np.isin(found.step, (CLOSED, CLOSED_AGAIN)) == (status == "closed"))
    if code := args.get("service_code"):
        codes = [c["service_code"] for c in city_of(world.seed).categories]
        wanted = codes.index(code) if code in codes else -1
        found.keep(found.some.category[found.index] == wanted)
    rows, index = found.rows((page - 1) * size, page * size)
    return Payload.json(_requests(world, found.some, rows, index))


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
            for row in city_of(world.seed).categories
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
    rows, _ = found.rows(0, len(found.index))
    for version in rows:
        place = _place(world, version["kelurahan_code"])
        answer.append(
            {
                "id": _number_of(version["complaint_id"]),
                "code": version["complaint_id"],
                "content": f"Permasalahan: {version['text_redacted']} Kategori: {version['label']}"
                f" Lokasi: KELURAHAN {place['name'].upper()}"
                f" Detail Alamat Laporan: {version['address_public']}",
                "lat": None if version["lat"] is None else str(version["lat"]),
                "lng": None if version["lon"] is None else str(version["lon"]),
                "tstatus": {"name": version["status"]},
                "complaintCategory": {"name": version["label"]},
                "zone": {"name": version["agency"]},
                "createdAt": version["created_at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            }
        )
    return Payload.json(answer)


def detail(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /crm_public/detail for the `id` of one complaint; 404 where there is none yet."""
    number = _whole(args, "id", 0)
    try:
        begin = datetime.combine(date_of(number // 10_000), datetime.min.time(), WIB)
    except (OverflowError, ValueError) as error:
        raise NotFound("no such complaint") from error
    if begin > now:
        raise NotFound("no such complaint")
    found = _Found(world, now, begin, begin)
    found.keep(found.number == number)
    rows, _ = found.rows(0, 1)
    for version in rows:
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


def photo(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /crm/photos/<id>-sebelum.jpg and -sesudah.jpg; 404 where none was taken yet."""
    number, _, which = args["name"].removesuffix(".jpg").partition("-")
    taken = {"sebelum": "photo_before", "sesudah": "photo_after"}.get(which)
    if taken is None:
        raise NotFound("no such photo")
    day = _intake_of(number)
    found = _Found(world, now, day, day)
    found.keep(found.number == _number_of(number))
    rows, index = found.rows(0, 1)
    if not rows or rows[0][taken] is None:
        raise NotFound("no such photo")
    some, i, after = found.some, index[0], which == "sesudah"
    copied = after and some.kind[i] == Kind.PHOTO
    body = drawn(
        int(some.scene[i] if after or some.kind[i] != Kind.PHOTO else some.dice[i]),
        city_of(world.seed).categories[some.category[i]]["group"],
        "" if copied and some.dice[i] % 2 else f"{number} {which}",
        Taken(
            at=rows[0]["event_time" if after else "created_at"],
            lon=float(some.lon[i]),
            lat=float(some.lat[i]),
        ),
        after=after,
        copy=int(some.dice[i]) if copied else None,
    )
    return Payload.of(body, "image/jpeg")


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
    "/crm/photos/<name>": photo,
    "/crm_public/distribution-map": distribution_map,
    "/crm_public/detail": detail,
}


BULK: dict[str, Bulk] = {"complaint_versions": bulk_versions, "complaint_log": bulk_log}


class _Found:
    """Complaints with intake in a span, as they stand now: narrowed by `keep`, read by `rows`."""

    def __init__(self, world: World, now: datetime, first: datetime, last: datetime) -> None:
        self.some = joined([_month(world, year, month) for year, month in _months(first, last)])
        self._world = world
        self.step = self.some.last_step(math.floor(now.timestamp()) + 1)
        self.index = np.arange(len(self.step))
        self.keep(self.step >= INTAKE)

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        """Drop all complaints that are not wanted."""
        self.index, self.step = self.index[wanted], self.step[wanted]

    @property
    def created(self) -> Ints:
        """Moment of intake in seconds since 1970."""
        moments: Ints = self.some.steps[self.index, INTAKE]
        return moments

    @property
    def event(self) -> Ints:
        """Moment of the last step in seconds since 1970."""
        moments: Ints = self.some.steps[self.index, self.step]
        return moments

    @property
    def number(self) -> Ints:
        """Report number as one whole number."""
        numbers: Ints = self.some.day[self.index] * 10_000 + self.some.sequence[self.index]
        return numbers

    def sort(self) -> None:
        """Order by last step, oldest first."""
        order = np.lexsort((self.number, self.event))
        self.index, self.step = self.index[order], self.step[order]

    def rows(self, start: int, stop: int) -> tuple[list[dict[str, Any]], Ints]:
        """Return versions, with their category as the source writes it in `label`, and indices."""
        self.sort()
        index, step = self.index[start:stop], self.step[start:stop]
        some = self.some
        label = labels(self._world.seed, some.day[index], some.category[index], raw=True)
        table = versions(self._world, some, index, step).append_column("label", label)
        return table.to_pylist(), index


def _requests(
    world: World, some: Complaints, rows: list[dict[str, Any]], index: Ints
) -> list[dict[str, Any]]:
    city = city_of(world.seed)
    codes = [category["service_code"] for category in city.categories]
    last = np.array([int(row["event_time"].timestamp()) for row in rows])
    which, step = np.nonzero(some.steps[index] <= last[:, None])
    histories: list[list[dict[str, Any]]] = [[] for _ in rows]
    entries = log(world, some, index[which], step).to_pylist()
    for i, entry in zip(which.tolist(), entries, strict=True):
        histories[i].append(
            {
                "datetime": _iso(entry["event_time"]),
                "status_label": entry["status"],
                "agency": entry["agency"],
            }
        )
    chances = world.uniform("complaint/person", some.dice[index]) / _PERSONAL_SHARE
    answer = []
    for row, history, category, reporter, chance in zip(
        rows,
        histories,
        some.category[index].tolist(),
        some.reporter[index].tolist(),
        chances.tolist(),
        strict=True,
    ):
        recent = row["created_at"] >= world.anchor - timedelta(days=1)
        description, address = _with_person(row, chance if recent else 1.0)
        answer.append(
            {
                "service_request_id": row["complaint_id"],
                "status": "closed" if row["status"] in ("Selesai", "Ditolak") else "open",
                "status_notes": None,
                "service_code": codes[category],
                "service_name": row["label"],
                "description": description,
                "agency_responsible": row["agency"],
                "requested_datetime": _iso(row["created_at"]),
                "updated_datetime": _iso(row["event_time"]),
                "expected_datetime": _iso(row["due_at"]),
                "address": address,
                "lat": row["lat"],
                "long": row["lon"],
                "media_url": row["photo_before"],
                "extended_attributes": _extended(row, history, reporter),
            }
        )
    return answer


def _extended(row: dict[str, Any], history: list[dict[str, Any]], reporter: int) -> dict[str, Any]:
    extended = {
        "channel": row["channel"],
        "kelurahan_code": row["kelurahan_code"],
        "geotagged": row["geotagged"],
        "first_response_datetime": _iso(row["first_response_at"]),
        "resolved_datetime": _iso(row["resolved_at"]),
        "reopened": row["reopened_count"],
        "status_label": row["status"],
        "follow_up_media_url": row["photo_after"],
        "reporter": {
            "name": f"Warga Uji {reporter:06d}",
            "contact": f"0800-0{reporter // 1000:03d}-0{reporter % 1000:03d}",
        },
        "log": history,
    }
    often_absent = {name: row[name] for name in ("verification", "rating")}
    return extended | {name: value for name, value in often_absent.items() if value is not None}


def _with_person(row: dict[str, Any], chance: float) -> tuple[str, str]:
    """Return description and address; where `chance` is below 1, with a made-up person in them."""
    text, address = row["text_redacted"], row["address_public"]
    if chance >= 1:
        return text, address
    kind, number = divmod(int(chance * 10_000 * (len(_PERSONAL_TEXT) + 1)), 10_000)
    if kind == len(_PERSONAL_TEXT):
        return text, address + _PERSONAL_ADDRESS.format(number)
    return text + _PERSONAL_TEXT[kind].format(number), address


@dataclass(frozen=True)
class Task:
    """A complaint that somebody works on.

    Args:
        agency: Perangkat daerah of whoever holds it.
        kelurahan: Number of its kelurahan in the order of `areas.csv`.
    """

    complaint_id: str
    agency: str
    kelurahan: int
    lon: float
    lat: float


def tasks_in_hand(world: World, now: datetime) -> list[Task]:
    """Return the complaints of the last month that are in work, longest in work first."""
    agencies = [row["perangkat_daerah"] for row in reference("agencies")]
    found = _Found(world, now, now - timedelta(days=30), now)
    found.keep(np.isin(found.step, (WORK, REOPENED)))
    found.sort()
    some = found.some
    return [
        Task(
            complaint_id=f"JK{date_of(some.day[i]):%y%m%d}{some.sequence[i]:04d}",
            agency=agencies[some.holders[i, -1]],
            kelurahan=int(some.kelurahan[i]),
            lon=float(some.lon[i]),
            lat=float(some.lat[i]),
        )
        for i in found.index.tolist()
    ]


# Half a year and the months before it that still move: what is asked for next, again and again.
@lru_cache(maxsize=12)
def _month(world: World, year: int, month: int) -> Complaints:
    first = date(year, month, 1)
    return complaints_of(world, first, _next_month(first) - timedelta(days=1))


def _windows(
    world: World, start: datetime, end: datetime
) -> Iterator[tuple[list[tuple[Complaints, Ints]], int, int]]:
    """Yield month by month the complaints that may still move, and the seconds of the month.

    Each batch comes with the last step before `end` of its complaints; the seconds are the first
    and the one after the last, within `start` to `end`.
    """
    if start >= end:
        return
    low, high = math.ceil(start.timestamp()), math.ceil(end.timestamp())
    alive: list[tuple[Complaints, Ints]] = []
    first = start.astimezone(WIB) - timedelta(days=LONGEST_DAYS + 2)
    for year, month in _months(first, end):
        begin = date(year, month, 1)
        until = _next_month(begin)
        some = _month(world, year, month)
        alive.append((some, some.last_step(high)))
        alive = alive[-6:]
        window = (max(low, _midnight(begin)), min(high, _midnight(until)))
        if window[0] < window[1]:
            yield alive, *window


def _in_time_order(rows: list[pa.Table]) -> Iterator[pa.Table]:
    table = pa.concat_tables(rows).combine_chunks()
    yield table.take(pa.array(np.argsort(table["event_time"].to_numpy(), kind="stable")))


def _place(world: World, code: str) -> dict[str, str]:
    city = city_of(world.seed)
    number: int = city.codes.index(code).as_py()
    return city.names[number]


def _months(first: datetime, last: datetime) -> Iterator[tuple[int, int]]:
    month, stop = first.astimezone(WIB).date().replace(day=1), last.astimezone(WIB).date()
    while month <= stop:
        yield month.year, month.month
        month = _next_month(month)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> int:
    return day_number(day) * DAY - WIB_SECONDS


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(WIB).isoformat()


def _number_of(complaint_id: str) -> int:
    intake = _intake_of(complaint_id)
    return day_number(intake.date()) * 10_000 + int(complaint_id[8:])


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
