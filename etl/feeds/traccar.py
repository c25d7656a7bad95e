"""Traccar: where the crews' devices are, in two lists, devices and their last positions.

Source   https://www.traccar.org/api-reference/  GET /api/devices and /api/positions, Basic or
         Bearer; a single OwnTracks location (https://owntracks.org/booklet/tech/json/) in a file
Licence  the city's own devices; positions of people at work are never public
Quirks   `speed` is in knots, OwnTracks' `vel` in km/h. Of the three times `fixTime` says when the
         device was there; `deviceTime` and `serverTime` only when it spoke. An `outdated` position
         is the last one told again, under its old fixTime; one with `valid` false has no fix and
         goes to quarantine. OwnTracks leaves out what is zero: no `vel` is standing still, while no
         `acc` is unknown (nothing is accurate to 0 m) and no `batt` too (an empty phone is silent).
Privacy  A device is named by its crew. A name that says more than crew, number and area may be a
         person's: "Unit" and the id are stored instead. Phone, contact and IMEI are neither read
         nor kept.
Sample   tests/samples/traccar.json (positions), traccar_devices.json and traccar_owntracks.json,
         of our own making
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from data.reference import kelurahan_codes, plain, rows
from etl.documents import json_document
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Request, Row, State
from etl.reading import each, moment, number, read_moment, text

KMH_PER_KNOT = 1.852
MOST_DIGITS = 6  # a crew has a number, a person a telephone number

_AGENCIES = {
    "sda": "DINAS SUMBER DAYA AIR",
    "dishub": "DINAS PERHUBUNGAN",
    "satpol": "SATUAN POLISI PAMONG PRAJA",
    "ppsu": "KELURAHAN",
    "lh": "DINAS LINGKUNGAN HIDUP",
    "binamarga": "DINAS BINA MARGA",
    "marga": "DINAS BINA MARGA",
    "pertamanan": "DINAS PERTAMANAN DAN HUTAN",
    "damkar": "DINAS PENANGGULANGAN KEBAKARAN DAN PENYELAMATAN",
    "gulkarmat": "DINAS PENANGGULANGAN KEBAKARAN DAN PENYELAMATAN",
    "bpbd": "BADAN PENANGGULANGAN BENCANA DAERAH",
    "dinkes": "DINAS KESEHATAN",
    "dinsos": "DINAS SOSIAL",
}
_CREW_WORDS = frozenset(
    {
        *("satgas", "regu", "tim", "posko", "pos", "unit", "sektor", "patroli", "pasukan"),
        *("mobil", "truk", "motor", "ambulans", "pompa", "perahu", "piket", "sudin", "suku"),
        *("dinas", "uptd", "bina", *_AGENCIES),
    }
)
_QUALIFIERS = frozenset({"pp", "biru", "oranye", "hijau", "kuning"})
_AREA_KINDS = frozenset(
    {"kel", "kec", "kelurahan", "kecamatan", "kota", "kabupaten", "adm", "administrasi"}
)


def requests(state: State) -> Exchange:
    """Ask for the devices and for their positions."""
    base = state.url.rstrip("/")
    # Where an officer was stays in the lake, under its retention, and nowhere else.
    yield [Request(f"{base}/api/devices"), Request(f"{base}/api/positions", keep=False)]


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield an officer for each device, a position for each position, both for an OwnTracks one.

    Raises:
        Malformed: `body` is neither a JSON list nor an OwnTracks location.
    """
    cleaned = _cleaned(body, context)
    listed = cleaned if isinstance(cleaned, list) else [cleaned]
    for row in listed:
        if "officer" in row:
            yield from each([row], "officers", lambda row: _tracked_officer(row, context))
            yield from each([row], "officer_positions", _tracked_position)
        elif "deviceId" in row:
            yield from each([row], "officer_positions", _position)
        else:
            yield from each([row], "officers", lambda row: _officer(row, context))


def redact(body: bytes, context: Context) -> bytes:
    """Return only what `parse` reads, with names that may be a person's replaced."""
    return json.dumps(_cleaned(body, context)).encode()


def unit_name(name: str) -> str | None:
    """Return the name of a crew as it is, None for one that may be a person's.

    A crew's name has a word for a crew; what is left besides numbers and letters is the name of
    an area as a whole, for many a person is called like a part of one (Budi, Sari, Wijaya).
    """
    words = re.findall(r"[^\W\d_]+|\d+", name.casefold())
    digits = sum(len(word) for word in words if word.isdigit())
    if digits > MOST_DIGITS or _CREW_WORDS.isdisjoint(words):
        return None
    rest = [
        word
        for word in words
        if len(word) > 1 and word.isalpha() and word not in _CREW_WORDS | _QUALIFIERS
    ]
    # Both ways, since Kota Bambu is the name of an area and Kota Jakarta Pusat a kind and a name.
    places = ("".join(rest), "".join(word for word in rest if word not in _AREA_KINDS))
    return name if any(place in _places() for place in places) else None


@functools.cache
def _places() -> frozenset[str]:
    kota = [row["name"].casefold() for row in rows("areas") if row["level"] == "kota"]
    short = {"".join(word for word in name.split() if word not in _AREA_KINDS) for name in kota}
    quarters = {name.removeprefix("jakarta") for name in short}
    named = {plain(row["name"]) for row in rows("areas")} | set(kelurahan_codes())
    return frozenset(named | short | quarters | {""})


def _cleaned(body: bytes, context: Context) -> list[Row] | Row:
    """Return the document with the fields that are read and nothing else."""
    document = json_document(body)
    if isinstance(document, list):
        return [_cleaned_row(row) for row in document]
    if isinstance(document, Mapping) and document.get("_type") == "location":
        tracked = {"officer": _tracked_id(document, context)}
        return tracked | _only(document, ("lat", "lon", "tst", "acc", "vel", "batt"))
    raise Malformed("seharusnya daftar JSON perangkat atau posisi, atau satu lokasi OwnTracks")


def _cleaned_row(row: Any) -> Row:
    if not isinstance(row, Mapping):
        return {}
    if "deviceId" not in row:
        name = row.get("name")
        crew = unit_name(name) if isinstance(name, str) else None
        return _only(row, ("id", "category")) | {"name": crew}
    attributes = row.get("attributes")
    return _only(
        row,
        ("deviceId", "fixTime", "valid", "latitude", "longitude", "accuracy", "speed"),
    ) | {"attributes": _only(attributes, ("batteryLevel",))}


def _only(row: Any, names: Iterable[str]) -> Row:
    """Return these fields; what is nested in them may be anything, and is left empty."""
    if not isinstance(row, Mapping):
        return {}
    plain_types = (str, int, float, type(None))
    return {
        name: row[name] if isinstance(row[name], plain_types) else []
        for name in names
        if name in row
    }


def _tracked_id(location: Mapping[str, Any], context: Context) -> str:
    """Return the user of the topic, hashed where it may be a person's name."""
    topic = str(location.get("topic") or location.get("tid") or "")
    user = topic.split("/")[1] if topic.count("/") > 1 else ""
    if unit_name(user) is not None:
        return user
    return blake2b(topic.encode(), key=context.reporter_key[:64], digest_size=6).hexdigest()


def _officer(row: Row, context: Context) -> Row:
    officer_id = _required(row, "id")
    name = text(row, "name") or f"Unit {officer_id}"
    return {
        "officer_id": officer_id,
        "event_time": context.fetched_at,
        "name": name,
        "agency": _agency(name),
        "category": text(row, "category"),
    }


def _position(row: Row) -> Row:
    if row.get("valid") is False:
        raise BadField("valid", "perangkat belum mendapat posisi")
    fixed_at = moment(row, "fixTime")
    if fixed_at is None:
        raise BadField("fixTime", "kosong")
    knots = number(row, "speed")
    return {
        "officer_id": _required(row, "deviceId"),
        "event_time": fixed_at,
        "lon": number(row, "longitude"),
        "lat": number(row, "latitude"),
        "accuracy_m": number(row, "accuracy"),
        "speed_kmh": None if knots is None else knots * KMH_PER_KNOT,
        "battery_pct": number(row["attributes"], "batteryLevel"),
    }


def _tracked_officer(row: Row, context: Context) -> Row:
    officer = _required(row, "officer")
    name = unit_name(officer) or f"Unit {officer}"
    return {
        "officer_id": f"owntracks-{officer}",
        "event_time": context.fetched_at,
        "name": name,
        "agency": _agency(name),
    }


def _tracked_position(row: Row) -> Row:
    return {
        "officer_id": f"owntracks-{_required(row, 'officer')}",
        "event_time": _epoch(row, "tst"),
        "lon": number(row, "lon"),
        "lat": number(row, "lat"),
        "accuracy_m": number(row, "acc"),
        "speed_kmh": number(row, "vel") or 0.0,
        "battery_pct": number(row, "batt"),
    }


def _required(row: Row, name: str) -> str:
    value = text(row, name, most=100)
    if value is None:
        raise BadField(name, "kosong")
    return value


def _epoch(row: Row, name: str) -> datetime:
    seconds = number(row, name)
    if seconds is None:
        raise BadField(name, "kosong")
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadField(name, "waktu di luar tahun 1990 sampai 2099") from error
    return read_moment(found.isoformat(), name)


def _agency(name: str) -> str | None:
    words = re.findall(r"[a-z]+", name.casefold())
    return next((_AGENCIES[word] for word in words if word in _AGENCIES), None)


FEED = Feed(
    title="Petugas di lapangan",
    source="Traccar milik Pemprov DKI Jakarta; https://www.traccar.org/api-reference/",
    licence="Data internal; posisi petugas tidak pernah ditampilkan untuk umum",
    reads="Traccar JSON lists of devices or positions, or one OwnTracks location",
    tables=("officer_positions", "officers"),
    parse=parse,
    every=timedelta(seconds=15),
    late=timedelta(minutes=2),
    expired=timedelta(minutes=15),
    redact=redact,
    requests=requests,
    parallel=2,
)
