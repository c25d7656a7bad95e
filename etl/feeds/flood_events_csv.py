"""Flooded RT as BPBD listed them, bulletin by bulletin, in 2021 and 2022.

Source   https://satudata.jakarta.go.id, dataset data-kejadian-bencana-banjir, CSV, comma with
         quoted decimal commas, or semicolon
Licence  open data of Pemprov DKI Jakarta, with attribution
Quirks   A bulletin lists what is flooded at its hour, about every three hours, and nothing says
         when the water was gone: a row holds for its bulletin only. WAKTU_TEXT is the nominal
         hour and up to 105 minutes off, WAKTU carries odd seconds and a one-digit hour; the
         moment is `waktu_wib`, or WAKTU to the minute where a file lacks it.
         GENANGAN is "40 cm", "85CM", "50.0", "40 s.d 60 cm", "60 s/d 80 CM", "40-150 cm", "> 150"
         and so on, or "-" (1,098 of 5,998): then TINGGI, the depth class, gives the bounds. It is
         taken at its word: "2" is 2 cm, and "250 CM" with class 2 is 250 cm.
         FLOOD is YES, Yes, yes or "-", which stands for not filled in: all that is listed is
         flooded. KETERANGAN is the cause, at times with "Penyebab:" before it, or only the hour.
         219 lines repeat an RT within a bulletin (an RT in two pieces, or the piece twice), with
         equal content but for the piece's area, which is not stored.
         ID_RT_AR holds Kemendagri codes (3175081005003001: kelurahan 31.75.08.1005, RW 003, RT
         001); PetaBencana's area codes look alike but follow BPS, where 3174 is another city.
Sample   tests/samples/flood_events_csv.csv, of our own making
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data.flood_depths import BOUNDS_CM
from data.reference import kelurahan_codes
from etl.documents import csv_items
from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, moment, text

COLUMNS = ("id_rt_ar", "no_rt", "no_rw", "genangan", "tinggi", "flood", "keterangan", "waktu")

_DEPTH = re.compile(
    r"(?P<over>>)?\s*(?P<least>\d{1,4}(?:[.,]\d+)?)\s*(?:cm)?"
    r"(?:\s*(?:-|–|s\s*[./]?\s*d\.?|sampai)\s*(?P<most>\d{1,4}(?:[.,]\d+)?)\s*(?:cm)?)?",
    re.IGNORECASE,
)
_CAUSE_PREFIX = re.compile(r"penyebab\s*:\s*", re.IGNORECASE)
_ONLY_AN_HOUR = re.compile(r"(?:pukul\s+)?\d{1,2}[.:]\d{2}\s*wib", re.IGNORECASE)


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one inundation a line.

    Raises:
        Malformed: `body` is not a CSV with these columns.
    """
    yield from csv_items(body, COLUMNS, "inundations", _read)


def _read(line: Mapping[str, Any]) -> Row:
    area_code = text(line, "id_rt_ar") or ""
    if not re.fullmatch(r"31\d{14}", area_code, re.ASCII):
        raise BadField("id_rt_ar", "seharusnya 16 angka yang diawali 31")
    kelurahan = ".".join((area_code[:2], area_code[2:4], area_code[4:6], area_code[6:10]))
    if (text(line, "flood") or "yes").lower() != "yes":
        raise BadField("flood", "bukan YES dan tidak kosong")
    depth_class = text(line, "tinggi")
    if depth_class is not None and depth_class not in BOUNDS_CM:
        raise BadField("tinggi", f"bukan kelas kedalaman ({', '.join(BOUNDS_CM)})")
    depth_min, depth_max = _depth(line) or BOUNDS_CM.get(depth_class or "", (None, None))
    return {
        "area_code": area_code,
        "area_name": f"RT {text(line, 'no_rt')} RW {text(line, 'no_rw')}",
        "area_level": "rt",
        "event_time": _moment(line),
        "depth_min_cm": depth_min,
        "depth_max_cm": depth_max,
        "state": depth_class,
        "cause": _cause(line),
        "ended": False,
        "kelurahan_code": kelurahan if kelurahan in kelurahan_codes().values() else None,
    }


def _depth(line: Mapping[str, Any]) -> tuple[float | None, float | None] | None:
    """Return least and greatest depth in cm; None where the line does not tell."""
    words = text(line, "genangan")
    if words is None:
        return None
    found = _DEPTH.fullmatch(words)
    if found is None or (found["over"] and found["most"]):
        raise BadField("genangan", "bukan kedalaman dalam cm")
    least, most = (
        None if digits is None else float(digits.replace(",", "."))
        for digits in (found["least"], found["most"])
    )
    if most is not None and least is not None and most < least:
        raise BadField("genangan", "batas kedalaman terbalik")
    return least, None if found["over"] else most if most is not None else least


def _moment(line: Mapping[str, Any]) -> datetime | None:
    if found := moment(line, "waktu_wib", zone=WIB):
        return found
    found = moment(line, "waktu", zone=WIB, formats=("%Y-%m-%d %H:%M:%S",))
    return found.replace(second=0) if found else None


def _cause(line: Mapping[str, Any]) -> str | None:
    words = _CAUSE_PREFIX.sub("", text(line, "keterangan") or "", count=1)
    return None if _ONLY_AN_HOUR.fullmatch(words) else words or None


FEED = Feed(
    title="Kejadian banjir per RT",
    source="Satu Data Jakarta, BPBD DKI Jakarta, https://satudata.jakarta.go.id",
    licence="Data terbuka Pemprov DKI Jakarta, dengan menyebut sumber",
    reads="CSV of flooded RT with ID_RT_AR, GENANGAN, TINGGI, FLOOD, KETERANGAN and WAKTU",
    tables=("inundations",),
    parse=parse,
    usual_lag=timedelta(minutes=30),
)
