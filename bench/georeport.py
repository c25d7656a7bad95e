"""Write a file of GeoReport complaints, the same bytes for the same arguments.

About 1,090 bytes a complaint with four log entries, in the CRM's format. One text in eight holds
personal data, all of it invented, so that redaction has its usual work.

    python bench/georeport.py PATH [ROWS]
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

WIB = timezone(timedelta(hours=7))
START = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=170)  # 508 complaints a day
PATHS = (
    ("Menunggu", "Proses", "Selesai"),
    ("Menunggu", "Koordinasi", "Proses"),
    ("Menunggu", "Koordinasi", "Proses", "Selesai"),
    ("Menunggu", "Koordinasi", "Disposisi", "EWS"),
    ("Menunggu", "Koordinasi", "Disposisi", "Proses", "Selesai"),
)
CATEGORIES = (
    ("Jalan", "BINA MARGA"),
    ("Pohon", "PERTAMANAN"),
    ("Parkir Liar", "PERHUBUNGAN"),
    ("Sampah ", "KELURAHAN"),
    ("Gangguan dan Kebisingan  ", "SATPOL PP"),
    ("Saluran Air, Kali/Sungai", "SDA"),
)
CHANNELS = ("JAKI",) * 17 + ("Twitter", "SMS/WhatsApp", "SP4N-LAPOR!")
STREETS = ("Kebon Sirih", "Dewi Sartika", "H. Agus Salim", "Otista Raya", "Pulo Mas", "Melati")
WHAT = (
    "Jalan berlubang, bahaya untuk motor saat hujan",
    "Pohon besar miring ke arah kabel listrik",
    "Mobil parkir di bahu jalan setiap pagi",
    "Sampah menumpuk tiga hari belum diangkut",
    "Saluran mampet penuh lumpur, air naik ke jalan",
)
ASK = ("Mohon ditindaklanjuti.", "Terima kasih.", "Tolong dicek ke lokasi.")
PERSONAL = (
    " Hubungi saya di 0812-0000-{n:04d}.",
    " Pelakunya Bapak Contoh Samaran.",
    " Mobilnya B {n} XYZ.",
    " Surel: contoh.{n}@example.org",
    " Atas nama Fulan bin Fulan, NIK 317100000000{n:04d}.",
)


def complaint(number: int, dice: random.Random) -> dict[str, Any]:
    """Return the complaint of that number, as the CRM sends it."""
    created = START + number * STEP
    category, agency = dice.choice(CATEGORIES)
    states = dice.choice(PATHS)
    times = [created + timedelta(minutes=m) for m in sorted(dice.sample(range(9_000), len(states)))]
    street = f"Jl. {dice.choice(STREETS)} No. {dice.randint(1, 200)} RT 03/RW 05"
    personal = dice.choice(PERSONAL).format(n=dice.randint(1000, 9999))
    finished = states[-1] == "Selesai"
    kota, kelurahan = dice.randint(1, 5), dice.randint(1, 6)
    code = f"JK{created.astimezone(WIB):%y%m%d}{number % 508 + 1:04d}"
    return {
        "service_request_id": code,
        "status": "closed" if finished else "open",
        "service_name": category,
        "description": f"{dice.choice(WHAT)}. {dice.choice(ASK)}"
        + (personal if dice.random() < 0.125 else ""),
        "agency_responsible": agency,
        "requested_datetime": wib(created),
        "updated_datetime": wib(times[-1]),
        "expected_datetime": wib(created + timedelta(days=7)),
        "address": street,
        "lat": round(dice.uniform(-6.36, -6.1), 6),
        "long": round(dice.uniform(106.7, 106.95), 6),
        "media_url": f"/photos/{code}.jpg",
        "extended_attributes": {
            "channel": dice.choice(CHANNELS),
            "kelurahan_code": f"31.7{kota}.01.100{kelurahan}",
            "geotagged": True,
            "first_response_datetime": wib(times[1]),
            "resolved_datetime": wib(times[-1]) if finished else None,
            "reopened": 0,
            "status_label": states[-1],
            "reporter": {"name": f"Fulan {number}", "contact": f"0899{number % 70_000:07d}"},
            "log": [
                {"datetime": wib(time), "status_label": state, "agency": agency}
                for time, state in zip(times, states, strict=True)
            ],
        },
    }


def wib(moment: datetime) -> str:
    """Return ISO 8601 with Jakarta's offset."""
    return moment.astimezone(WIB).isoformat(timespec="seconds")


def write(path: Path, rows: int = 200_000, seed: int = 31) -> None:
    """Write `rows` complaints to `path` as one JSON array."""
    dice = random.Random(seed)
    with path.open("wb") as file:
        for number in range(rows):
            file.write(b",\n" if number else b"[")
            file.write(orjson.dumps(complaint(number, dice)))
        file.write(b"]\n" if rows else b"[]\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
