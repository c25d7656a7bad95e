"""What every answer of the open API says of itself: as of when, from where, how fresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboards.access import ROLES
from dashboards.api_contract import STATES, Ask, Endpoint, Field, Found, Schema, Table
from dashboards.panels import View
from dashboards.site import Site
from data import series, words
from data.asof import WIB
from data.feeds import Feed
from data.freshness import ORDER, State

STALE = frozenset({"late", "expired", "disconnected"})
SIMULATED = "DATA SIMULASI: bukan keadaan Jakarta yang sebenarnya."
UNKNOWN = "Belum ada data untuk saat yang diminta: jawaban kosong bukan berarti nol."
PUBLIC = ROLES["publik"]

_SOURCE = (
    Field("feed", "string", "Sumber data", "dsda_levels", always=True),
    Field("title", "string", "Nama", "Tinggi muka air (telemetri)", always=True),
    Field("publisher", "string", "Penerbit", "Dinas SDA DKI Jakarta"),
    Field("licence", "string", "Ketentuan pemakaian dari penerbit", "Dengan menyebut sumber"),
    Field("event_time", "date-time", "Kejadian terbaru", "2026-02-18T03:10:00+07:00"),
    Field("known_time", "date-time", "Terakhir diketahui", "2026-02-18T03:11:05+07:00"),
    Field("late_s", "number", "Umur sejak kapan terlambat", 3600.0, "detik"),
    Field("expired_s", "number", "Umur sejak kapan kedaluwarsa", 10800.0, "detik"),
    Field("simulated", "boolean", "Dari kota simulasi", True, always=True),
    Field("state", "string", "Kesegaran", "fresh", always=True, one_of=STATES),
)
_ABOUT = (
    Field("endpoint", "string", "Nama tetap alamat ini", "water-levels", always=True),
    Field("title", "string", "Judul", "Tinggi muka air", always=True),
    Field("area", "string", "Kode Kemendagri wilayah yang diminta", "31", always=True),
    Field("area_name", "string", "Namanya", "Seluruh Jakarta", always=True),
    Field("known", "boolean", "Ada data untuk saat yang diminta", True, always=True),
    Field("simulated", "boolean", "Ada DATA SIMULASI di dalamnya", True, always=True),
    Field("event_time", "date-time", "Kejadian terbaru", "2026-02-18T03:10:00+07:00"),
    Field("known_time", "date-time", "Terakhir diketahui", "2026-02-18T03:11:05+07:00"),
    Field("state", "string", "Kesegaran sumber yang terburuk", "fresh", one_of=STATES),
    Field("stale", "boolean", "Terlambat, kedaluwarsa atau terputus", False, always=True),
    Field("notices", "strings", "Yang harus dibaca lebih dulu", [SIMULATED], always=True),
)


def schemas() -> Mapping[str, Schema]:
    """Return the JSON schemas of `as_of`, a source and `meta` by name."""
    as_of = _object(
        (
            Field("event_time", "date-time", "Saat yang dilihat", "2026-02-18T03:10:00+07:00"),
            Field("known_time", "date-time", "Seperti diketahui pada", "2026-02-18T03:10:00+07:00"),
            Field("live", "boolean", "Saat ini adalah sekarang", True, always=True),
        )
    )
    about = _object(_ABOUT)
    about["properties"]["sources"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Source"},
    }
    about["required"].append("sources")
    return {"AsOf": as_of, "Source": _object(_SOURCE), "Meta": about}


def view_of(site: Site, ask: Ask) -> View:
    """Return what the public looks at when it asks so."""
    sources = frozenset() if ask.as_of.live else site.versions.past(ask.as_of).sources
    return View(ask.as_of, ask.area, PUBLIC, {}, sources)


def as_of(ask: Ask) -> dict[str, Any]:
    """Return the moment of an answer."""
    return {
        "event_time": _wib(ask.as_of.event_time),
        "known_time": _wib(ask.as_of.known_time),
        "live": ask.as_of.live,
    }


def told_rows(site: Site, ask: Ask, table: Table) -> tuple[Found, bool, list[dict[str, Any]]]:
    """Return what a table found, whether anything is known of the moment, and the rows as told."""
    found = table.find(site, ask)
    known = not table.tables or _knows(site, ask, table, found)
    rows = found.rows if known else ()
    return found, known, [{one.name: one.value(row) for one in table.fields} for row in rows]


def _knows(site: Site, ask: Ask, table: Table, found: Found) -> bool:
    if not ask.as_of.live:
        return view_of(site, ask).knows(*table.tables, *table.feeds)
    at = site.versions.at(ask.as_of)
    return bool(found.rows) or any(at[name].state != "never" for name in table.feeds if name in at)


def about(
    site: Site, ask: Ask, endpoint: Endpoint, found: Found, *, known: bool = True
) -> dict[str, Any]:
    """Return the `meta` of an answer; `known`: anything is known of the moment."""
    at = site.versions.at(ask.as_of)
    sources = [at[feed] for feed in (*endpoint.feeds, *found.feeds) if feed in at]
    state = worst(sources) if sources else None
    rows = found.rows if known else ()
    simulated = any(row.get("simulated") for row in rows)
    newest = _latest(row.get("event_time") for row in rows)
    return {
        "endpoint": endpoint.id,
        "title": endpoint.title,
        "area": ask.area,
        "area_name": series.places("area")[ask.area],
        "known": known,
        "simulated": simulated,
        "event_time": _wib(newest or _latest(source.progress.event_time for source in sources)),
        "known_time": _wib(_latest(source.progress.known_time for source in sources)),
        "state": state,
        "stale": state in STALE,
        "notices": [
            *([SIMULATED] if simulated else []),
            *([] if known else [UNKNOWN]),
            *(_stale(source) for source in sources if source.state in STALE),
        ],
        "sources": [source_row(source) for source in sources],
        **found.more,
    }


def worst(feeds: Sequence[Feed]) -> State:
    """Return the gravest state of some feeds; of those that are set to run, if any are."""
    scheduled = [feed.state for feed in feeds if feed.scheduled]
    return max(scheduled or [feed.state for feed in feeds], key=ORDER.index)


def source_row(feed: Feed) -> dict[str, Any]:
    """Return what is told of a feed."""
    row = {
        "feed": feed.name,
        "title": feed.title,
        "publisher": feed.declared["source"],
        "licence": feed.declared["licence"],
        "event_time": feed.progress.event_time,
        "known_time": feed.progress.known_time,
        "late_s": feed.declared["late_s"],
        "expired_s": feed.declared["expired_s"],
        "simulated": feed.simulated,
        "state": feed.state,
    }
    return {field.name: field.value(row) for field in _SOURCE}


def _stale(feed: Feed) -> str:
    last = f"terakhir {words.moment(feed.moment)}" if feed.moment else "belum pernah ada"
    return f"{feed.title}: data {words.STATES[feed.state].lower()}, {last}."


def _object(fields: Sequence[Field]) -> Schema:
    return {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields],
    }


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _wib(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(WIB).isoformat()
