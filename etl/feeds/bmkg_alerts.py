"""BMKG nowcast: warnings of heavy rain, lightning and wind for Jakarta, as CAP 1.2.

Source   https://www.bmkg.go.id/alerts/nowcast/id/rss.xml  RSS of all provinces (also without
         rss.xml); beside it CODE_alert.xml, the warning itself
Licence  Free use with attribution to BMKG; 60 requests a minute and address
Quirks   The RSS is an index: its entries become no rows. The guid holds date, province in BPS's
         numbering (31 is Jakarta) and number, as the CAP identifier does: the last but one of
         2.49.0.1.360.0.2026.01.01.08.31.001. An entry whose guid tells no province, or one of
         Jakarta without a link to CODE_alert.xml, is a reject; other provinces are left out.
         Only the file name of a link is followed, beside the RSS, so that no text in the RSS can
         send us elsewhere.
         Polygons are "lat,lon lat,lon ...", up to 150 in one warning, not always closed.
         A warning ends by its own `expires`; that it leaves the RSS tells nothing.
         Where a warning speaks two languages, the Indonesian one is kept.
Sample   tests/samples/bmkg_alerts.xml, of our own making
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from etl.documents import xml_document
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Response, Row, State
from etl.reading import moment, number, raw_text, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

JAKARTA = "31"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
LONGEST_DESCRIPTION = 20_000
_PROVINCE = re.compile(r"\d{4}\.[\d.]+\.(\d{2})\.\d+\Z")
_FILE = re.compile(r"/([A-Za-z0-9_-]+_alert\.xml)\Z")


def requests(state: State) -> Exchange:
    """Ask for the RSS, then for each warning of Jakarta in it."""
    answer = yield Request(state.url)
    assert isinstance(answer, Response)
    if answer.not_modified:
        # A warning may have failed to come last time; only a run's first request is conditional.
        answer = yield Request(state.url)
        assert isinstance(answer, Response)
    folder = state.url.removesuffix("rss.xml").rstrip("/")
    for entry in _entries(xml_document(answer.body)):
        name = _file_name(entry)
        if _province(_child(entry, "guid")) == JAKARTA and name is not None:
            yield Request(f"{folder}/{name}")


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield the row of a warning; of the RSS only what cannot be followed.

    Raises:
        Malformed: `body` is neither RSS nor a CAP 1.2 alert.
    """
    root = xml_document(body)
    if root.tag == f"{CAP}alert":
        yield _alert(root)
    else:
        for entry in _entries(root):
            if (fault := _fault(entry)) is not None:
                yield fault


def _entries(root: Element) -> list[Element]:
    if root.tag != "rss" or root.find("channel") is None:
        raise Malformed("seharusnya RSS atau peringatan CAP 1.2, ditemukan XML lain")
    return root.findall("channel/item")


def _fault(entry: Element) -> Reject | None:
    """Return why an entry of the RSS cannot be followed; None where it can, or need not."""
    guid, link = _child(entry, "guid"), _child(entry, "link")
    province = _province(guid)
    if province is None:
        return Reject(
            "guid tidak menyebut provinsi", "guid", raw_text({"guid": guid, "link": link})
        )
    if province == JAKARTA and _file_name(entry) is None:
        return Reject(
            "tidak ada tautan ke CODE_alert.xml", "link", raw_text({"guid": guid, "link": link})
        )
    return None


def _province(identifier: str | None) -> str | None:
    found = _PROVINCE.search(identifier or "")
    return found[1] if found else None


def _file_name(entry: Element) -> str | None:
    found = _FILE.search(_child(entry, "link") or "")
    return found[1] if found else None


def _alert(alert: Element) -> Item:
    try:
        return "weather_alerts", _read(alert)
    except BadField as error:
        identifier = _child(alert, f"{CAP}identifier")
        return Reject(error.reason, error.field, raw_text({"identifier": identifier}))


def _read(alert: Element) -> Row:
    head, info = _texts(alert), _info(alert)
    words = _texts(info)
    identifier = text(head, "identifier")
    if identifier is None:
        raise BadField("identifier", "kosong")
    if _province(identifier) not in (JAKARTA, None):
        raise BadField("identifier", "peringatan untuk provinsi lain")
    status = text(head, "status")
    if status != "Actual":
        raise BadField("status", f"bukan peringatan sebenarnya: {(status or 'kosong')[:40]}")
    areas = info.findall(f"{CAP}area")
    names = [name for area in areas if (name := _child(area, f"{CAP}areaDesc"))]
    return {
        "event_time": moment(head, "sent"),
        "alert_id": identifier,
        **{
            name: text(words, name)
            for name in ("event", "urgency", "severity", "certainty", "headline")
        },
        "description": text(words, "description", most=LONGEST_DESCRIPTION),
        "area": "; ".join(names) or None,
        "message_type": text(head, "msgType"),
        "effective_at": moment(words, "effective"),
        "expires_at": moment(words, "expires"),
        "polygon": _multi_polygon(areas),
    }


def _info(alert: Element) -> Element:
    """Return the Indonesian `info`, else the first."""
    infos = alert.findall(f"{CAP}info")
    if not infos:
        raise BadField("info", "kosong")
    return next(
        (info for info in infos if (_child(info, f"{CAP}language") or "").startswith("id")),
        infos[0],
    )


def _multi_polygon(areas: list[Element]) -> str | None:
    """Return the polygons of all areas as a GeoJSON MultiPolygon; None where there are none."""
    rings = [
        [_ring(polygon.text or "")] for area in areas for polygon in area.findall(f"{CAP}polygon")
    ]
    if not rings:
        return None
    return orjson.dumps({"type": "MultiPolygon", "coordinates": rings}).decode()


def _ring(written: str) -> list[tuple[float, float]]:
    """Return "lat,lon lat,lon ..." as a closed ring of (lon, lat)."""
    ring = []
    for pair in written.split():
        latitude, _, longitude = pair.partition(",")
        numbers = {"polygon": longitude}, {"polygon": latitude}
        lon, lat = (number(value, "polygon") for value in numbers)
        if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
            raise BadField("polygon", "seharusnya pasangan lintang,bujur")
        ring.append((lon, lat))
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(ring) < 4:
        raise BadField("polygon", "seharusnya sedikitnya tiga titik")
    return ring


def _texts(element: Element) -> dict[str, str]:
    """Return the text of the children by name without namespace, the first of each name."""
    found: dict[str, str] = {}
    for child in element:
        found.setdefault(child.tag.rpartition("}")[2], child.text or "")
    return found


def _child(element: Element, name: str) -> str | None:
    written = element.findtext(name)
    return written.strip() if written else None


FEED = Feed(
    title="Peringatan dini cuaca BMKG",
    source="BMKG, bmkg.go.id/alerts/nowcast",
    licence="Bebas digunakan dengan menyebut BMKG (Badan Meteorologi, Klimatologi, dan Geofisika)",
    reads="RSS of BMKG's nowcast, or a CAP 1.2 alert",
    tables=("weather_alerts",),
    parse=parse,
    requests=requests,
    every=timedelta(minutes=5),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=60),
    clock="fetch",
)
