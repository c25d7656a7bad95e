"""ISPU by day: the yearly files of the open-data portal, 2010 to 2024.

Source   https://satudata.jakarta.go.id, the data sets called ISPU, by Dinas Lingkungan Hidup;
         indices, not concentrations
Licence  open data of Pemprov DKI Jakarta; name the source
Quirks   Columns have three namings, and their order changes.
         `stasiun` marks a row of one station; `lokasi_spku` a row that is the maximum over the
         city, with the station where it stood (2011-13, 2015, 2018-20, 2022).
         Nothing is written "---", "-" or blank; a day without data has 0 as its maximum and
         TIDAK ADA DATA as its category: loaded with nulls.
         Dates are ISO, dd/mm/yyyy (2018), m/d/yyyy (September 2013) or a spreadsheet's day
         number (44926.625 = 2022-12-31); `periode_data` (yyyymm) tells which is meant.
         Where only their years differ, the year is right that other rows of the file confirm
         in both columns: February 2022 is dated 2020, February 2015 has the period 201202.
         A row where this decides nothing is rejected, and a file that is of another year than
         its name says.
         The critical pollutant is also written PM2,5, and in March 2023 as the number of its
         column (1 PM10, 2 PM25, 3 SO2, 4 CO, 5 O3, 6 NO2; true in all 152 rows).
         Rows shifted to the right (2020) have a category for a station and are rejected, as is
         station 0 (2022-05-31).
         Maximum, critical pollutant and category are loaded as printed, also where they
         contradict the indices beside them (DKI5 in January 2023, DKI1 in December 2024).
Sample   tests/samples/ispu_csv.csv, of our own making
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from data.reference import plain
from data.tables import CATEGORIES_ISPU
from etl.documents import csv_items, csv_rows
from etl.errors import BadField, Malformed
from etl.feed import Context, Feed, Item, Reject, Row
from etl.reading import WIB, number, text

NAMES = {
    "pm10": ("pm10", "pm_10", "pm_sepuluh"),
    "pm25": ("pm25", "pm_25", "pm_duakomalima"),
    "so2": ("so2", "sulfur_dioksida"),
    "co": ("co", "karbon_monoksida"),
    "o3": ("o3", "ozon"),
    "no2": ("no2", "nitrogen_dioksida"),
    "index_max": ("max",),
    "critical": ("critical", "parameter_pencemar_kritis"),
    "category": ("categori", "kategori"),
    "station_id": ("stasiun", "lokasi_spku"),
}
POLLUTANTS = ("pm10", "pm25", "so2", "co", "o3", "no2")
YEARS = range(1997, 2100)
NO_DATA = "TIDAK ADA DATA"
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y")
_STATION = re.compile(r"DKI\s*([1-5])(?!\d)")
_PERIOD = re.compile(r"(\d{4})(0[1-9]|1[0-2])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY_NUMBER = re.compile(r"(\d{5})(?:\.\d+)?")
_DAY_ZERO = date(1899, 12, 30)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield one row a data line.

    Raises:
        Malformed: It has not the columns of an ISPU file, or is of another year than its name.
    """
    needed = ("tanggal", "max")
    years = _confirmed_years(body, needed)
    named = {int(year) for year in _YEAR.findall(Path(context.name).name)}
    if years and named and not named & years:
        raise Malformed(
            f"nama berkas menyebut tahun {_listed(named)}, isinya tahun {_listed(years)}: pastikan"
            " berkasnya benar, lalu ganti namanya"
        )

    def read(line: Mapping[str, str]) -> Row:
        return _read(line, years)

    yield from csv_items(body, needed, "ispu_daily", read)


def _read(line: Mapping[str, str], years: frozenset[int]) -> Row:
    names = {column: _named(line, column) for column in NAMES}
    station_id = _station(line, names["station_id"])
    category = text(line, names["category"])
    category = " ".join(category.upper().split()) if category else None
    index_max = number(line, names["index_max"])
    if category == NO_DATA:
        category = None
        index_max = index_max or None
    day = _day(line, years)
    return {
        "event_time": datetime(day.year, day.month, day.day, tzinfo=WIB).astimezone(UTC),
        "station_id": station_id,
        "day": day,
        **{pollutant: number(line, names[pollutant]) for pollutant in POLLUTANTS},
        "index_max": index_max,
        "critical": _critical(line, names["critical"]),
        "category": category,
        "city_max": "lokasi_spku" in line,
    }


def _listed(years: Collection[int]) -> str:
    return ", ".join(map(str, sorted(years)))


def _named(line: Mapping[str, str], column: str) -> str:
    """Return the name under which this file has `column`; the first one where it has none."""
    names = NAMES[column]
    return next((name for name in names if name in line), names[0])


def _station(line: Mapping[str, str], name: str) -> str:
    written = (text(line, name) or "").upper()
    if written in CATEGORIES_ISPU or written == NO_DATA:
        raise BadField(name, "kategori pada tempat stasiun: kolom bergeser")
    found = _STATION.match(written)
    if found is None:
        raise BadField(name, "bukan stasiun DKI1 sampai DKI5")
    return f"DKI{found[1]}"


def _critical(line: Mapping[str, str], name: str) -> str | None:
    written = text(line, name)
    if written is None:
        return None
    if written in ("1", "2", "3", "4", "5", "6"):
        return POLLUTANTS[int(written) - 1]
    pollutant = plain(written)
    if pollutant not in POLLUTANTS:
        raise BadField(name, "bukan parameter ISPU")
    return pollutant


def _day(line: Mapping[str, str], years: frozenset[int]) -> date:
    """Return the day that `tanggal` and `periode_data` agree upon."""
    days = _days_meant(line)
    if not days:
        raise BadField("tanggal", "bukan tanggal")
    period = _period(line)
    if period is None:
        if len(days) > 1:
            raise BadField("tanggal", "hari dan bulan tidak dapat dibedakan tanpa periode_data")
        return days.pop()
    year, month = period
    in_month = [day for day in days if day.month == month]
    for day in in_month:
        if day.year == year:
            return day
    if len(in_month) == 1 and (in_month[0].year in years) != (year in years):
        try:
            return in_month[0] if year not in years else in_month[0].replace(year=year)
        except ValueError as error:
            raise BadField("tanggal", f"tidak ada tanggal itu pada tahun {year}") from error
    raise BadField(
        "tanggal",
        "bertentangan dengan periode_data, dan baris lain tidak menentukan mana yang benar",
    )


def _days_meant(line: Mapping[str, str]) -> set[date]:
    """Return every day that `tanggal` can mean."""
    written = text(line, "tanggal") or ""
    days = set()
    if numbered := _DAY_NUMBER.fullmatch(written):
        days.add(_DAY_ZERO + timedelta(days=int(numbered[1])))
    for pattern in _DATE_FORMATS:
        try:
            days.add(datetime.strptime(written, pattern).date())  # noqa: DTZ007 - a day, WIB
        except ValueError:
            continue
    return {day for day in days if day.year in YEARS}


def _period(line: Mapping[str, str]) -> tuple[int, int] | None:
    found = _PERIOD.fullmatch(text(line, "periode_data") or "")
    return (int(found[1]), int(found[2])) if found else None


def _confirmed_years(body: bytes, needed: tuple[str, ...]) -> frozenset[int]:
    """Return the years in which some row has date and period in one month."""
    years = set()
    for line in csv_rows(body, needed):
        if isinstance(line, Reject):
            continue
        if not any(name in line for name in NAMES["station_id"]):
            raise Malformed("seharusnya berkas ISPU dengan kolom stasiun atau lokasi_spku")
        try:
            years |= {
                day.year for day in _days_meant(line) if (day.year, day.month) == _period(line)
            }
        except BadField:
            continue
    return frozenset(years)


FEED = Feed(
    title="ISPU harian (riwayat)",
    source="Dinas Lingkungan Hidup DKI Jakarta, satudata.jakarta.go.id",
    licence="Data terbuka Pemprov DKI Jakarta, dengan menyebut sumber",
    reads="CSV with tanggal, stasiun or lokasi_spku, the indices, max and kategori",
    tables=("ispu_daily",),
    parse=parse,
    usual_lag=timedelta(days=1),
)
