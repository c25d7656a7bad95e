"""The city's own alarms for the public: an Atom index and one CAP 1.2 message a change.

Reads  api_alarm_messages, outlines
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboards import cap
from dashboards.api_contract import (
    ATOM,
    BASE,
    CAP,
    PLACED,
    Ask,
    Document,
    Endpoint,
    Param,
    Problem,
)
from dashboards.site import Site
from data import queries, series
from data.queries import Row

WARNINGS = "Peringatan (CAP 1.2)"
FEEDS = ("alarms",)
# What stands was said anew within a day; the message before each is a day older at most.
TOLD_FOR, LOOK_BACK = timedelta(days=1), timedelta(days=2)


def _index(site: Site, ask: Ask) -> bytes:
    """Return the newest message of each alarm that stands or ended within a day."""
    moment = ask.as_of.event_time
    rows = [
        row
        for row in _messages(site, ask, ask.area, moment - LOOK_BACK)
        if row["newest"] and row["event_time"] > moment - TOLD_FOR
    ]
    return cap.index(rows, moment, f"{ask.root.rstrip('/')}{BASE}/cap/", ask.root)


def _message(site: Site, ask: Ask) -> bytes:
    """Return one message.

    Raises:
        Problem: There is none of that name for the public.
    """
    name = ask.values["pesan"]
    missing = Problem(404, f"Pesan ini tidak ada. Lihat daftarnya di {BASE}/cap/.", "pesan")
    try:
        alarm_id, second = cap.read_name(name)
    except ValueError:
        raise missing from None
    said = _messages(site, ask, series.WHOLE_CITY, second - LOOK_BACK, alarm_id)
    row = next((row for row in said if cap.name_of(alarm_id, row["known_time"]) == name), None)
    if row is None:
        raise missing
    shape = next(
        (shape for shape in queries.outlines(site.lake) if shape["code"] == row["kelurahan_code"]),
        {"geometry": None, "name": None},
    )
    return cap.message(row, shape["geometry"], shape["name"], ask.root)


def _messages(
    site: Site, ask: Ask, area: str, since: datetime, alarm_id: str | None = None
) -> list[Row]:
    """Return what was said of alarms that are for the public."""
    rows = queries.api_alarm_messages(site.lake, ask.as_of, area, since=since, alarm_id=alarm_id)
    return [row for row in rows if (row["rule"], row["level"]) in cap.levels()]


ENDPOINTS: tuple[Endpoint, ...] = (
    Document(
        path="/cap/",
        id="cap",
        title="Peringatan kota: indeks Atom",
        about="Peringatan banjir dan udara dari kota sendiri yang berlaku atau baru berakhir."
        " Peringatan simulasi berstatus Exercise.",
        group=WARNINGS,
        params=PLACED,
        feeds=FEEDS,
        example="/cap/",
        theme="ENVI",
        kind=ATOM,
        make=_index,
    ),
    Document(
        path="/cap/{pesan}.xml",
        id="cap-message",
        title="Satu pesan CAP",
        about="Satu pesan CAP 1.2; alamatnya ada di indeks. Pesan tidak pernah berubah.",
        group=WARNINGS,
        params=(
            Param(
                "pesan",
                "Nama pesan dari indeks",
                "gate_level.manggarai.20260312T030900",
                r"[a-z_]{1,40}\.[A-Za-z0-9_-]{1,60}\.[0-9]{8}T[0-9]{6}",
                in_path=True,
            ),
        ),
        example="/cap/",
        theme="ENVI",
        kind=CAP,
        make=_message,
    ),
)
