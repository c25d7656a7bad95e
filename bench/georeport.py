"""Write a file of GeoReport complaints, the same bytes for the same arguments.

About 870 bytes a complaint with four log entries, as the CRM sends them. One text in eight names
somebody or holds a number to reach them by, all of it invented, so that redaction has its usual work.

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
    ("Menunggu", "Koordinasi", "Proses", "Selesai"),
    ("Menunggu", "Koordinasi", "Disposisi", "Proses", "Selesai"),
    ("Menunggu", "Proses", "Selesai"),
    ("Menunggu", "Koordinasi", "Disposisi", "Proses", "EWS"),
)
CATEGORIES = (
    ("Jalan", "DINAS BINA MARGA"),
    ("Pohon", "DINAS PERTAMANAN DAN HUTAN KOTA"),
    ("Parkir Liar", "DINAS PERHUBUNGAN"),
    ("Sampah ", "KELURAHAN"),
    ("Gangguan dan Kebisingan  ", "SATUAN POLISI PAMONG PRAJA"),
    ("Saluran Air, Kali/Sungai", "DINAS SUMBER DAYA AIR"),
)
CHANNELS = ("JAKI",) * 17 + ("Twitter", "SMS/WhatsApp", "SP4N-LAPOR!")
STREETS = (
    "Kebon Sirih",
    "Dewi Sartika",
    "H. Agus Salim",
    "Otista Raya",
    "Pulo Mas Barat",
    "Melati",
)
WHAT = (
    "Jalan berlubang cukup dalam dan membahayakan pengendara motor, terutama saat hujan",
    "Pohon besar sudah miring ke arah kabel listrik dan dahannya sering jatuh ke jalan",
    "Banyak mobil parkir di bahu jalan setiap pagi sehingga bus tidak bisa berhenti",
    "Sampah menumpuk sejak tiga hari yang lalu dan belum diangkut, baunya mengganggu warga",
    "Saluran air mampet penuh lumpur, setiap hujan sebentar air naik ke jalan lingkungan",
)
ASK = (
    "Mohon segera ditindaklanjuti.",
    "Mohon bantuannya, terima kasih.",
    "Tolong dicek ke lokasi.",
)
PERSONAL = (
    " Hubungi saya di 0812-0000-{n:04d}.",
    " Pelakunya Bapak Contoh Samaran, tetangga saya.",
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
        "media_url": f"https://crm.example.org/{code}.jpg",
        "extended_attributes": {
            "channel": dice.choice(CHANNELS),
            "kelurahan_code": f"31.7{dice.randint(1, 5)}.0{dice.randint(1, 6)}.100{dice.randint(1, 6)}",
            "geotagged": True,
            "first_response_datetime": wib(times[1]),
            "resolved_datetime": wib(times[-1]) if finished else None,
            "reopened": 0,
            "status_label": states[-1],
            "reporter": {"name": f"Fulan {number}", "contact": f"0899{number % 70_000:08d}"},
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
