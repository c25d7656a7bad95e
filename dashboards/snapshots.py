"""Pictures of cameras: one request brings those of a whole screen, as far as they are new.

URL    /cctv/lembar?kamera=a,b,c&sejak=1771394400000,0,0
       `sejak` is, for each camera, the time of the picture that the browser has (ms since 1970)
Body   four bytes with the length of the index (big-endian), the index as JSON, and the pictures one
       after the other: {"now": ms, "frames": [{"id", "t": ms, or null without one, "size": bytes,
       0 where the browser has it}]}
Reads  cameras_ours

The web never asks a camera itself: it says that somebody looks at it (`Site.watch`), and the prober
of the ETL keeps the last good picture. The browser's half is assets/cctv.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from flask import Response, request

from dashboards.access import STAFF
from dashboards.site import Site
from data import queries
from data.frames import Frame, Frames

# Pictures may show people, so that not everyone sees them.
WATCHERS = STAFF | {"inspektur"}
PATH = "/cctv/lembar"
MOST = 32


def mount(site: Site) -> None:
    """Put the route of the pictures on the site."""

    def sheet() -> Response:
        names, held = asked(request.args.get("kamera", ""), request.args.get("sejak", ""))
        ours = queries.cameras_ours(site.lake, names)
        shown = [name for name in names if name in ours]
        site.watch(*shown)
        response = Response(
            to_bytes(site.frames, shown, held, site.clock.now()),
            mimetype="application/octet-stream",
        )
        # The browser keeps the pictures that it shows, and no other.
        response.headers["Cache-Control"] = "private, no-store"
        return response

    site.route(PATH, sheet, roles=WATCHERS)


def asked(cameras: str, since: str) -> tuple[list[str], dict[str, int]]:
    """Read the two lists of a request: cameras, each once, and the time of the picture of each.

    A time that is missing or no number means that the browser has no picture.
    """
    names = [name for name in dict.fromkeys(cameras.split(",")) if name][:MOST]
    times = [int(text) if text.isdecimal() else 0 for text in since.split(",")]
    return names, dict(zip(cameras.split(","), times, strict=False))


def to_bytes(frames: Frames, names: Sequence[str], held: dict[str, int], now: datetime) -> bytes:
    """Return the answer for some cameras.

    Args:
        frames: Where the pictures lie.
        names: Cameras whose pictures may be shown.
        held: Time of the picture that the browser has of each, ms since 1970.
        now: Aware.
    """
    index, bodies = [], []
    for name in names:
        body, taken = b"", frames.taken_at(name)
        if taken is not None and _ms(taken) != held.get(name):
            # It may have been renewed since.
            frame: Frame | None = frames.last(name)
            if frame is not None:
                body, taken = frame.body, frame.taken_at
        index.append({"id": name, "t": taken and _ms(taken), "size": len(body)})
        bodies.append(body)
    head = orjson.dumps({"now": _ms(now), "frames": index})
    return b"".join((len(head).to_bytes(4, "big"), head, *bodies))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
