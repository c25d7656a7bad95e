"""The series of `/tren` as tables of the open API: the same registry, question and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from dashboards.api_contract import PLACED, Ask, Field, Found, Param, Problem, Table
from dashboards.api_tables import PRIVATE, public_feed, told_until
from dashboards.site import Site
from data import series
from data.boards import cut_of
from data.series import Line, Question, Series, SeriesError, next_bucket

SERIES = "Seri waktu"
THEMES = {"Pengaduan": "GOVE", "Lalu lintas": "TRAN", "Kamera dan sumber": "TECH"}
BUCKETS = {"day": "hari", "week": "minggu", "month": "bulan", "year": "tahun"}
# Tables that no feed fills itself, and the feeds that they are computed from.
DERIVED: Mapping[str, tuple[str, ...]] = MappingProxyType({"corridor_hours": ("tomtom_flow",)})
# Numbers are those of the table that /tren exports.
LEAST_DECIMALS = 2
# What judges offices without saying how sure it is would be a league table.
JUDGING = frozenset({"pengaduan-tepat"})
# The past is cut at midnight; only history that is loaded moves it.
PACE = timedelta(minutes=5)
DAY = r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"


def registry() -> Mapping[str, Series]:
    """Return the series that are for everyone, by id."""
    return {
        name: one
        for name, one in series.registry().items()
        if PRIVATE.isdisjoint(one.tables) and name not in JUDGING
    }


def theme(one: Series) -> str:
    """Return the code of a series in the EU's vocabulary of data themes."""
    return THEMES.get(one.domain, "ENVI")


def feeds_of(site: Site, ask: Ask, tables: Sequence[str]) -> tuple[str, ...]:
    """Return the feeds that fill one of some tables."""
    return tuple(
        name
        for name, feed in site.versions.at(ask.as_of).items()
        if not feed.tables.isdisjoint(tables)
        or any(name in DERIVED.get(table, ()) for table in tables)
    )


def _list(_site: Site, _ask: Ask) -> Found:
    return Found(
        [
            {
                "id": one.id,
                "domain": one.domain,
                "name": one.name,
                "unit": one.unit,
                "parts": list(one.labels),
                "over_time": one.over_time,
                "over_places": one.over_places,
                "least": BUCKETS[one.least],
                "first_year": one.first_year,
                "definition": one.definition,
            }
            for one in registry().values()
        ]
    )


def _named(ask: Ask) -> Series:
    one = registry().get(ask.values["seri"])
    if one is None:
        raise Problem(404, "Seri ini tidak ada. Lihat daftarnya di /api/v1/series.", "seri")
    return one


def _places(site: Site, ask: Ask) -> Found:
    one = _named(ask)
    known = {**series.places(one.places), **_lake_places(site, ask, one)}
    return Found([{"id": place, "name": name} for place, name in known.items()])


def _one(site: Site, ask: Ask) -> Found:
    one, cut = _named(ask), cut_of(ask.as_of)
    extra = _lake_places(site, ask, one)
    params = {name: str(value) for name, value in ask.values.items()}
    try:
        question = series.read_question(params, cut, ask.area, extra)
    except SeriesError as error:
        raise Problem(422, str(error)) from error
    names = {**series.places(one.places), **extra}
    lines = series.answer(site.lake, question, cut)
    return Found(
        [row for line in lines for row in _rows(question, line, names[line.place])],
        feeds=feeds_of(site, ask, one.tables),
        more={
            "series": one.id,
            "name": one.name,
            "definition": one.definition,
            **told_until(cut, _last(question, lines)),
            "marks": [
                {
                    "day": mark.day.isoformat(),
                    "kind": mark.kind,
                    "title": mark.title,
                    "source": mark.source,
                }
                for mark in series.marks(question)
            ],
        },
    )


def _lake_places(site: Site, ask: Ask, one: Series) -> dict[str, str]:
    hidden = {name for name, feed in site.versions.at(ask.as_of).items() if not public_feed(feed)}
    known = series.lake_places(site.lake, one.id)
    return {place: name for place, name in known.items() if place not in hidden}


def _last(question: Question, lines: Sequence[Line]) -> date | None:
    """Return the day after the last that a value tells of; None without values."""
    told = (point.at for line in lines for point in line.points if point.value is not None)
    newest = max(told, default=None)
    return newest and min(next_bucket(newest, question.bucket), question.until)


def _rows(question: Question, line: Line, name: str) -> list[dict[str, Any]]:
    asked = question.series
    part = asked.labels[asked.measures.index(line.measure)] if asked.labels else None
    digits = max(asked.decimals, LEAST_DECIMALS)
    return [
        {
            "place": line.place,
            "name": name,
            "part": part,
            "begins": point.at,
            "ends": next_bucket(point.at, question.bucket) - timedelta(days=1),
            "value": None if point.value is None else round(point.value, digits),
            "unit": asked.unit,
            "days": point.days,
            "simulated": point.simulated,
            "assumed": point.assumed,
            "basis": point.basis,
            "partial": point.partial,
        }
        for point in line.points
    ]


SERI = Param(
    "seri", "Seri, seperti dalam /series", "pengaduan-masuk", r"[a-z0-9-]{1,40}", in_path=True
)
SPAN = (
    Param(
        "tempat",
        "Satu sampai empat tempat dari /series/{seri}/places, dipisahkan tanda |",
        "31.71|31.72",
        r"[^\x00-\x1f\x7f]{1,300}",
    ),
    Param("dari", "Hari pertama (WIB)", "2016-01-01", DAY),
    Param("sampai", "Hari terakhir (WIB)", "2026-02-17", DAY),
    Param("per", "Nilai per", "bulan", one_of=tuple(BUCKETS.values())),
)

TABLES = (
    Table(
        path="/series",
        id="series",
        title="Daftar seri waktu",
        about="Seri yang dapat diminta, dengan satuan, cara menjumlahkan dan definisinya.",
        group=SERIES,
        example="/series",
        pace=timedelta(days=1),
        find=_list,
        fields=(
            Field("id", "string", "Nama tetap seri", "hujan-jumlah", always=True),
            Field("domain", "string", "Bidang", "Hujan", always=True),
            Field("name", "string", "Nama", "Curah hujan", always=True),
            Field("unit", "string", "Satuan", "mm", always=True),
            Field("parts", "strings", "Bagian dari satu keseluruhan", [], always=True),
            Field("over_time", "string", "Cara menjumlahkan menurut waktu", "jumlah", always=True),
            Field(
                "over_places",
                "string",
                "Cara menjumlahkan menurut tempat",
                "rata-rata pos",
                always=True,
            ),
            Field(
                "least",
                "string",
                "Rentang terpendek",
                "hari",
                always=True,
                one_of=tuple(BUCKETS.values()),
            ),
            Field("first_year", "integer", "Tahun pertama", 2016, always=True),
            Field("definition", "string", "Definisi", "Jumlah curah hujan harian", always=True),
        ),
    ),
    Table(
        path="/series/{seri}/places",
        id="series-places",
        title="Tempat sebuah seri",
        about="Tempat yang dapat diminta dari satu seri.",
        group=SERIES,
        params=(SERI,),
        example="/series/hujan-jumlah/places",
        find=_places,
        fields=(
            Field("id", "string", "Untuk parameter tempat", "31.71", always=True),
            Field("name", "string", "Nama", "Kota Administrasi Jakarta Pusat", always=True),
        ),
    ),
    Table(
        path="/series/{seri}",
        id="series-values",
        title="Nilai sebuah seri",
        about="Nilai dari waktu ke waktu, sama dengan yang ditampilkan di /tren. Nilai kosong"
        " adalah celah: belum ada data, bukan nol. Dipotong pada tengah malam WIB.",
        group=SERIES,
        params=(SERI, *SPAN, *PLACED),
        example="/series/hujan-jumlah?dari=2024-01-01&per=bulan",
        pace=PACE,
        find=_one,
        fields=(
            Field("place", "string", "Tempat", "31", always=True),
            Field("name", "string", "Nama tempat", "Seluruh Jakarta", always=True),
            Field("part", "string", "Bagian, bila seri terdiri dari beberapa", None),
            Field("begins", "date", "Hari pertama rentang (WIB)", "2026-01-01", always=True),
            Field("ends", "date", "Hari terakhir rentang (WIB)", "2026-01-31", always=True),
            Field("value", "number", "Nilai dalam satuan di kolom unit", 412.5, decimals=6),
            Field("unit", "string", "Satuan", "mm", always=True),
            Field("days", "integer", "Hari yang tercatat dalam rentang", 31, "hari", always=True),
            Field("simulated", "boolean", "DATA SIMULASI", False, always=True),
            Field("assumed", "boolean", "Waktu diketahui diasumsikan", False, always=True),
            Field("basis", "string", "Dasar nilai, bila berganti", None),
            Field("partial", "boolean", "Rentang belum genap", False, always=True),
        ),
    ),
)
