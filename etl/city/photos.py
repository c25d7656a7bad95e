"""Photos of simulated complaints: drawn, one of the problem and one of the same place without it.

They show what the category is about, differ from place to place, and say that they are simulated.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

SIZE = (480, 360)

_Draw: TypeAlias = ImageDraw.ImageDraw
_Rgb: TypeAlias = tuple[int, int, int]


def drawn(complaint_id: str, group: str, caption: str, *, after: bool) -> bytes:
    """Return a JPEG.

    Args:
        complaint_id: Decides what the place looks like.
        group: Group of the category in `complaint_categories.csv`.
        caption: Text below the picture.
        after: Without the problem.
    """
    look = zlib.crc32(complaint_id.encode())
    shade = 0.8 + 0.2 * (look % 97) / 97
    image = Image.new("RGB", SIZE, _lit((168, 196, 220), shade))
    draw = ImageDraw.Draw(image)
    for house in range(5):
        left, height = house * 100 - look % 60, 70 + (look >> house) % 50
        wall = 150 + (look >> (house + 3)) % 70
        draw.rectangle(
            (left, 190 - height, left + 92, 190), fill=_lit((wall, wall - 12, 120), shade)
        )
        draw.rectangle((left + 34, 150, left + 56, 190), fill=_lit((84, 62, 44), shade))
    draw.rectangle((0, 190, 480, 214), fill=_lit((176, 170, 160), shade))
    draw.rectangle((0, 214, 480, 360), fill=_lit((98, 98, 102), shade))
    for dash in range(0, 480, 80):
        draw.rectangle((dash + look % 40, 282, dash + look % 40 + 36, 287), fill=(226, 226, 218))
    if not after:
        _PROBLEMS.get(group, _obstacle)(draw, 150 + look % 160)
    draw.rectangle((0, 336, 480, 360), fill=(16, 18, 22))
    font = ImageFont.load_default(size=13)
    draw.text((8, 340), f"{caption} · SIMULASI", fill=(240, 240, 240), font=font)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=75)
    return body.getvalue()


def _hole(draw: _Draw, x: int) -> None:
    draw.ellipse((x - 60, 240, x + 70, 290), fill=(52, 48, 46))
    draw.ellipse((x - 40, 250, x + 50, 282), fill=(34, 30, 28))


def _water(draw: _Draw, x: int) -> None:
    draw.ellipse((x - 220, 226, x + 240, 330), fill=(110, 98, 72))
    for ripple in range(6):
        left = x - 150 + ripple * 52
        draw.arc(
            (left, 250 + ripple % 3 * 20, left + 60, 268 + ripple % 3 * 20),
            200,
            340,
            (150, 138, 106),
            2,
        )


def _heap(draw: _Draw, x: int) -> None:
    colours: tuple[_Rgb, ...] = ((40, 40, 46), (190, 190, 196), (40, 90, 150), (160, 60, 50))
    for bag in range(14):
        left, top = x - 70 + bag * 37 % 130, 196 + bag * 23 % 48
        draw.ellipse((left, top, left + 34, top + 28), fill=colours[bag % 4])


def _tree(draw: _Draw, x: int) -> None:
    draw.polygon(((x - 120, 300), (x + 90, 222), (x + 96, 234), (x - 112, 314)), fill=(96, 66, 40))
    for leaf in range(7):
        left = x + 40 + leaf * 16
        draw.ellipse(
            (left, 190 + leaf % 3 * 22, left + 58, 236 + leaf % 3 * 22), fill=(52, 104, 48)
        )


def _cars(draw: _Draw, x: int) -> None:
    for left, colour in ((x - 140, (170, 40, 40)), (x, (60, 80, 140)), (x + 140, (220, 220, 222))):
        draw.rectangle((left, 228, left + 120, 262), fill=colour)
        draw.polygon(
            ((left + 18, 228), (left + 34, 204), (left + 86, 204), (left + 102, 228)), fill=colour
        )
        draw.ellipse((left + 16, 252, left + 38, 274), fill=(20, 20, 20))
        draw.ellipse((left + 82, 252, left + 104, 274), fill=(20, 20, 20))


def _obstacle(draw: _Draw, x: int) -> None:
    draw.rectangle((x - 50, 178, x + 60, 236), fill=(196, 140, 60))
    draw.polygon(((x - 66, 178), (x + 5, 148), (x + 76, 178)), fill=(60, 110, 160))


_PROBLEMS: Mapping[str, Callable[[_Draw, int], None]] = {
    "jalan": _hole,
    "air": _water,
    "kebersihan": _heap,
    "hijau": _tree,
    "lalu lintas": _cars,
}


def _lit(colour: _Rgb, shade: float) -> _Rgb:
    red, green, blue = colour
    return int(red * shade), int(green * shade), int(blue * shade)
