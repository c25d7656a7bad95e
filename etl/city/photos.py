"""Photos of simulated complaints: drawn, one of the problem and one of the same place without it.

Each place has its own street, buildings, trees and shadows, so that the perceptual hashes of two
places differ. A copy is the same photo again, a little cropped, lighter or darker, and saved anew.
All of them say that they are simulated, and carry the Exif data that telephones write.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageEnhance, ImageFont

from etl.city.world import WIB

SIZE = (480, 360)
_GROUND = 190  # row where the street begins, give or take
_STRIP = 24  # rows of the caption
_WALLS = ((198, 182, 150), (226, 222, 210), (150, 122, 104), (170, 190, 196), (204, 148, 120))

_Draw: TypeAlias = ImageDraw.ImageDraw
_Rgb: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class Taken:
    """When (aware) and where a photo was taken."""

    at: datetime
    lon: float
    lat: float


def drawn(
    scene: int, group: str, caption: str, taken: Taken, *, after: bool, copy: int | None = None
) -> bytes:
    """Return a JPEG.

    Args:
        scene: Decides what the place looks like.
        group: Group of the category in `complaint_categories.csv`.
        caption: Text below the picture.
        taken: Goes into the Exif data.
        after: Without the problem.
        copy: Decides what was done to the photo of the scene, where it is a copy.
    """
    image = _place(np.random.default_rng([7, scene % 2**63]))
    if not after:
        _PROBLEMS.get(group, _obstacle)(ImageDraw.Draw(image), 150 + scene % 160)
    quality = 75
    if copy is not None:
        rng = np.random.default_rng([8, copy])
        image = _changed(image, rng)
        quality = int(rng.integers(60, 86))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, SIZE[1] - _STRIP, *SIZE), fill=(16, 18, 22))
    font = ImageFont.load_default(size=13)
    text = f"{caption} · SIMULASI" if caption else "SIMULASI"
    draw.text((8, SIZE[1] - _STRIP + 4), text, fill=(240, 240, 240), font=font)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=quality, exif=_exif(taken))
    return body.getvalue()


def _place(rng: np.random.Generator) -> Image.Image:
    """Draw a street without a problem."""
    ground = _GROUND + int(rng.integers(-50, 40))
    sky = _lit((168, 196, 220), rng.uniform(0.45, 1.15))
    image = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(image)
    left = -int(rng.integers(0, 90))
    while left < SIZE[0]:
        width, height = int(rng.integers(40, 150)), int(rng.integers(50, ground))
        if rng.random() < 0.75:
            wall = _lit(_WALLS[int(rng.integers(len(_WALLS)))], rng.uniform(0.45, 1.1))
            draw.rectangle((left, ground - height, left + width, ground), fill=wall)
            door = left + int(rng.integers(4, max(width - 22, 5)))
            draw.rectangle((door, ground - 40, door + 20, ground), fill=_lit((84, 62, 44), 0.9))
        left += width + int(rng.integers(0, 40))
    draw.rectangle((0, ground, *SIZE), fill=_lit((98, 98, 102), rng.uniform(0.7, 1.7)))
    kerb = ground + int(rng.integers(8, 50))
    draw.rectangle((0, ground, SIZE[0], kerb), fill=_lit((176, 170, 160), rng.uniform(0.6, 1.1)))
    for dash in range(int(rng.integers(-40, 40)), SIZE[0], 80):
        draw.rectangle((dash, 288, dash + 36, 293), fill=(226, 226, 218))
    for _ in range(int(rng.integers(1, 6))):
        x, y, r = (
            int(rng.integers(0, 480)),
            int(rng.integers(10, ground)),
            int(rng.integers(25, 95)),
        )
        draw.rectangle((x - 4, y, x + 4, ground + 12), fill=(86, 64, 46))
        green = _lit((62, 112, 58), rng.uniform(0.5, 1.5))
        draw.ellipse((x - r, y - r, x + r, y + r * 2 // 3), fill=green)
    shadows = rng.integers(70, 256, (7, 9), dtype=np.uint8)
    light = Image.fromarray(shadows).resize(SIZE, Image.Resampling.BICUBIC).convert("RGB")
    return ImageChops.multiply(image, light)


def _changed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a photo without up to 5 rows and columns a side, and up to 8 % lighter or darker."""
    cut = rng.integers(0, 6, 4)
    box = (int(cut[0]), int(cut[1]), SIZE[0] - int(cut[2]), SIZE[1] - int(cut[3]))
    cropped = image.crop(box).resize(SIZE, Image.Resampling.BILINEAR)
    return ImageEnhance.Brightness(cropped).enhance(float(rng.uniform(0.92, 1.08)))


def _exif(taken: Taken) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Simulasi"
    exif[ExifTags.Base.Model] = "Telepon Uji 1"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = taken.at.astimezone(WIB).strftime("%Y:%m:%d %H:%M:%S")
    details[ExifTags.Base.OffsetTimeOriginal] = "+07:00"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N" if taken.lat > 0 else "S"
    gps[ExifTags.GPS.GPSLatitude] = _degrees(taken.lat)
    gps[ExifTags.GPS.GPSLongitudeRef] = "E" if taken.lon > 0 else "W"
    gps[ExifTags.GPS.GPSLongitude] = _degrees(taken.lon)
    return exif


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(abs(value) * 3600, 2), 60)
    return minutes // 60, minutes % 60, seconds


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
    red, green, blue = (min(int(part * shade), 255) for part in colour)
    return red, green, blue
