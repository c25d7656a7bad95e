"""Residents by kelurahan, age and sex: the yearly file of the open-data portal, 2013 on.

Source   https://satudata.jakarta.go.id, "Jumlah Penduduk menurut Kelurahan, Usia dan Jenis
         Kelamin", by Dinas Kependudukan dan Pencatatan Sipil
Licence  open data of Pemprov DKI Jakarta; name the source
Quirks   A kelurahan has a name and no code; names are unique in Jakarta, and their spellings
         ("P. PARI", "KERENDANG") are in data/reference/aliases.csv.
         Sex is "Laki-laki", "Laki laki" or "Perempuan". A spreadsheet made dates of two age
         groups: "9-May" is 5-9 and "14-Oct" is 10-14.
         The file of 2013-2016 is the portal's pages put together: it repeats rows (never with
         another figure) and lacks others, so that its sums are no totals of the city.
Sample   tests/samples/population_csv.csv, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from data.reference import kelurahan_codes, plain
from etl.documents import csv_items
from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, text, whole

COLUMNS = ("tahun", "nama_kelurahan", "usia", "jenis_kelamin", "jumlah_penduduk")
SEXES = {"lakilaki": "L", "l": "L", "perempuan": "P", "p": "P"}
AGE_GROUPS_MADE_DATES = {"9-May": "5-9", "14-Oct": "10-14"}


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one row a kelurahan, age group, sex and year; repeated lines are repeated.

    Raises:
        Malformed: It has not the columns of the population file.
    """
    yield from csv_items(body, COLUMNS, "population", _read)


def _read(line: Mapping[str, str]) -> Row:
    year = whole(line, "tahun")
    if year is None or not 2000 <= year < 2100:
        raise BadField("tahun", "bukan tahun abad ini")
    code = kelurahan_codes().get(plain(text(line, "nama_kelurahan") or ""))
    if code is None:
        raise BadField("nama_kelurahan", "tidak ada kelurahan di Jakarta dengan nama itu")
    sex = SEXES.get(plain(text(line, "jenis_kelamin") or ""))
    if sex is None:
        raise BadField("jenis_kelamin", "bukan Laki-laki atau Perempuan")
    age_group = text(line, "usia")
    return {
        "event_time": datetime(year, 12, 31, tzinfo=WIB).astimezone(UTC),
        "kelurahan_code": code,
        "age_group": AGE_GROUPS_MADE_DATES.get(age_group or "", age_group),
        "sex": sex,
        "residents": whole(line, "jumlah_penduduk"),
    }


FEED = Feed(
    title="Penduduk per kelurahan (riwayat)",
    source="Dinas Dukcapil DKI Jakarta, satudata.jakarta.go.id",
    licence="Data terbuka Pemprov DKI Jakarta, dengan menyebut sumber",
    reads="CSV with tahun, nama_kelurahan, usia, jenis_kelamin and jumlah_penduduk",
    tables=("population",),
    parse=parse,
    usual_lag=timedelta(days=90),
)
