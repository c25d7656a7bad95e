"""The city's own alarms as CAP 1.2 messages (OASIS Common Alerting Protocol) and as an Atom index.

Which alarms, and how grave each is in CAP's words, stands in `data/reference/cap_levels.csv`: what
is not in it is not for the public. One change of an alarm is one message: the first an Alert, what
follows an Update, its end a Cancel; each refers to the one before. Simulated alarms are an
Exercise. Messages never change, so that whoever has one has all of it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlencode
from xml.etree import ElementTree as xml

import shapely

from data import reference, words
from data.asof import WIB
from data.queries import Row

CAP_SPACE, ATOM_SPACE = "urn:oasis:names:tc:emergency:cap:1.2", "http://www.w3.org/2005/Atom"
SENDER = "komando-jakarta"
SENDER_NAME = "Pusat Komando Jakarta"
EXERCISE = "DATA SIMULASI"
# Around what has no kelurahan of its own, such as a weir upstream of the city.
CIRCLE_KM = 1
# About 50 m: an outline of some dozens of corners, as receivers on the move can bear.
OUTLINE_DEGREES = 5e-4
_STAMP = "%Y%m%dT%H%M%S"


@functools.cache
def levels() -> Mapping[tuple[str, int], Mapping[str, str]]:
    """Return how a rule's level is told, by both; what is not among them is not told."""
    return MappingProxyType(
        {(row["rule"], int(row["level"])): row for row in reference.rows("cap_levels")}
    )


def rules() -> frozenset[str]:
    """Return the rules whose alarms the public may see."""
    return frozenset(rule for rule, _ in levels())


def name_of(alarm_id: str, sent: datetime) -> str:
    """Return the name of a message in addresses: "gate_level.manggarai.20260312T030900"."""
    return f"{alarm_id.replace(':', '.')}.{sent.astimezone(WIB):{_STAMP}}"


def read_name(name: str) -> tuple[str, datetime]:
    """Return alarm id and second of sending of what `name_of` made.

    Raises:
        ValueError: It is no such name.
    """
    rule, subject, stamp = name.split(".")
    return f"{rule}:{subject}", datetime.strptime(stamp, _STAMP).replace(tzinfo=WIB)


def identifier(row: Row) -> str:
    """Return the identifier of a message, unique for all times."""
    return f"{SENDER}.{name_of(row['alarm_id'], row['known_time'])}"


def kind(row: Row) -> str:
    """Return what a message does to those before it: Alert, Update or Cancel."""
    if row["previous_time"] is None:
        return "Alert"
    return "Cancel" if row["state"] == "cleared" else "Update"


def message(row: Row, outline: str | None, place: str | None, root: str) -> bytes:
    """Return one message.

    Args:
        row: Of the query `api_alarm_messages`.
        outline: GeoJSON of its kelurahan.
        place: Name of its kelurahan.
        root: Address of the site, ending in "/".
    """
    told = levels()[row["rule"], row["level"]]
    sent = row["known_time"]
    over, unknown = row["state"] == "cleared", row["state"] == "unassessable"
    alert = xml.Element("alert", xmlns=CAP_SPACE)
    _add(alert, "identifier", identifier(row))
    _add(alert, "sender", SENDER)
    _add(alert, "sent", _time(sent))
    _add(alert, "status", "Exercise" if row["simulated"] else "Actual")
    _add(alert, "msgType", kind(row))
    _add(alert, "scope", "Public")
    if row["simulated"]:
        _add(alert, "note", EXERCISE)
    if row["previous_time"] is not None:
        before = row["previous_time"]
        earlier = f"{SENDER}.{name_of(row['alarm_id'], before)}"
        _add(alert, "references", f"{SENDER},{earlier},{_time(before)}")
    info = xml.SubElement(alert, "info")
    _add(info, "language", "id-ID")
    _add(info, "category", told["category"])
    _add(info, "event", told["event"])
    _add(info, "responseType", "AllClear" if over else told["response"])
    _add(info, "urgency", "Past" if over else "Unknown" if unknown else told["urgency"])
    _add(info, "severity", told["severity"])
    _add(info, "certainty", "Unknown" if unknown else told["certainty"])
    _add(info, "effective", _time(sent))
    _add(info, "onset", _time(row["raised_at"]))
    _add(info, "expires", _time(sent + timedelta(minutes=float(told["expires_min"]))))
    _add(info, "senderName", SENDER_NAME)
    _add(info, "headline", headline(row))
    _add(info, "description", _description(row))
    if (advice := _advice(told)) and not over:
        _add(info, "instruction", advice)
    _add(info, "web", replay(row, root))
    for name in ("value", "bound", "unit"):
        if row[name] is not None:
            _value(info, "parameter", name, str(row[name]))
    _value(info, "parameter", "alarm", row["alarm_id"])
    area = xml.SubElement(info, "area")
    _add(area, "areaDesc", f"{row['subject']}{f', Kelurahan {place}' if place else ''}")
    if outline is not None:
        for ring in rings(outline):
            _add(area, "polygon", ring)
    elif row["lat"] is not None:
        _add(area, "circle", f"{row['lat']:.5f},{row['lon']:.5f} {CIRCLE_KM}")
    if row["kelurahan_code"]:
        _value(area, "geocode", "Kemendagri", row["kelurahan_code"])
    return _document(alert)


def index(rows: Sequence[Row], now: datetime, address: str, root: str) -> bytes:
    """Return an Atom feed of the newest message of each alarm.

    Args:
        rows: Of the query `api_alarm_messages`, newest first.
        now: Aware; stands for the time of change where there is no message.
        address: Of the feed itself, ending in "/".
    """
    feed = xml.Element("feed", {"xmlns": ATOM_SPACE, "xml:lang": "id-ID"})
    _add(feed, "id", address)
    _add(feed, "title", "Peringatan Pusat Komando Jakarta (CAP 1.2)")
    _add(feed, "updated", _time(rows[0]["known_time"] if rows else now))
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(feed, "link", rel="alternate", type="text/html", href=f"{root}data")
    _add(xml.SubElement(feed, "author"), "name", SENDER_NAME)
    for row in rows:
        entry = xml.SubElement(feed, "entry")
        href = f"{address}{name_of(row['alarm_id'], row['known_time'])}.xml"
        _add(entry, "id", href)
        _add(entry, "title", headline(row))
        _add(entry, "updated", _time(row["known_time"]))
        _add(entry, "published", _time(row["raised_at"]))
        _add(entry, "link", rel="alternate", type="application/cap+xml", href=href)
        _add(entry, "category", term=kind(row))
        _add(entry, "summary", _description(row))
    return _document(feed)


def headline(row: Row) -> str:
    """Return a message in one line, its origin first where it is simulated."""
    ended = {"cleared": "Berakhir: ", "unassessable": "Tidak dapat dinilai: "}
    origin = f"{EXERCISE} – " if row["simulated"] else ""
    return f"{origin}{ended.get(row['state'], '')}{row['title']}"


def replay(row: Row, root: str) -> str:
    """Return the address of the public page as it was when the message was sent."""
    known = row["known_time"].astimezone(WIB)
    # To the minute after: at the minute before it was not known yet.
    minute = known.replace(second=0, microsecond=0) + timedelta(minutes=1)
    area = {"wilayah": row["kelurahan_code"]} if row["kelurahan_code"] else {}
    asked = {**area, "pada": f"{minute:%Y-%m-%dT%H:%M}", "seperti": "saat-itu"}
    return f"{root}publik?{urlencode(asked, safe=':')}"


def rings(outline: str) -> list[str]:
    """Return the outer rings of a GeoJSON outline as CAP writes them: "lat,lon lat,lon …"."""
    shape = shapely.simplify(shapely.from_geojson(outline), OUTLINE_DEGREES)
    found = []
    for part in shapely.get_parts(shape):
        corners = shapely.get_coordinates(shapely.get_exterior_ring(part))
        if len(corners) >= 4:
            found.append(" ".join(f"{lat:.5f},{lon:.5f}" for lon, lat in corners))
    return found


def _description(row: Row) -> str:
    told = []
    if row["simulated"]:
        told.append("DATA SIMULASI: bukan keadaan Jakarta yang sebenarnya.")
    if row["value"] is not None and row["bound"] is not None:
        told.append(
            f"{row['subject']}: {words.quantity(row['value'], row['unit'])}, ambang"
            f" {words.quantity(row['bound'], row['unit'])}, {words.moment(row['event_time'])}."
        )
    if row["state"] == "unassessable":
        told.append("Data sesudah itu tidak ada: keadaan sekarang tidak dapat dinilai.")
    if row["state"] == "cleared":
        told.append("Peringatan ini berakhir.")
    return " ".join(told) or f"{row['title']}."


def _advice(told: Mapping[str, str]) -> str | None:
    found = (
        row["text"]
        for row in reference.rows("public_advice")
        if (row["topic"], row["from_level"]) == (told["advice"], told["advice_level"])
    )
    return next(found, None)


def _value(parent: xml.Element, tag: str, name: str, value: str) -> None:
    pair = xml.SubElement(parent, tag)
    _add(pair, "valueName", name)
    _add(pair, "value", value)


def _add(parent: xml.Element, tag: str, text: str | None = None, **attributes: str) -> None:
    xml.SubElement(parent, tag, attributes).text = text


def _time(moment: datetime) -> str:
    """Return a moment as CAP wants it: to the second, with an offset and never "Z"."""
    return moment.astimezone(WIB).isoformat(timespec="seconds")


def _document(root: xml.Element) -> bytes:
    return bytes(xml.tostring(root, encoding="utf-8", xml_declaration=True))
