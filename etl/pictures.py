"""Pictures from elsewhere: opened with care, told apart, and stripped of all but their pixels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import imagehash
from PIL import ExifTags, Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
NO_PICTURE = (OSError, ValueError, SyntaxError, MemoryError)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class NotAPictureError(Exception):
    """The bytes are no whole picture in one of `FORMATS`."""


class TooManyPixelsError(NotAPictureError):
    """It is one, but of more than `MOST_PIXELS`: decoding it may need more memory than there is."""


@dataclass(frozen=True)
class Provenance:
    """What a picture says of itself in its EXIF.

    Args:
        taken_at: Aware; in WIB where it names no zone; None where it does not say.
        point: Where, as (lon, lat) in degrees; None where it does not say.
    """

    taken_at: datetime | None
    point: tuple[float, float] | None


@contextmanager
def opened(body: bytes, size: tuple[int, int], mode: str = "RGB") -> Iterator[Image.Image]:
    """Give a picture, its pixels still to be decoded, at `size` or somewhat above it.

    Args:
        size: A JPEG is decoded at a fraction of its own, but not below this.
        mode: "RGB", or "L" for luminance.

    Raises:
        TooManyPixelsError: It is too large to be decoded.
        NotAPictureError: It is no picture, or a broken one; also while the caller reads it.
    """
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise TooManyPixelsError
            image.draft(mode, size)
            yield image
    except BOMB as error:
        raise TooManyPixelsError from error
    except NO_PICTURE as error:
        raise NotAPictureError from error


def stripped(image: Image.Image, size: tuple[int, int], quality: int) -> bytes:
    """Return a picture as a JPEG of at most `size`, upright, and nothing but its pixels."""
    small = ImageOps.exif_transpose(image).convert("RGB")
    # Pillow writes the comment of the file that it read into the one that it makes.
    small.info.clear()
    small.thumbnail(size)
    kept = io.BytesIO()
    small.save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def perceptual_hash(image: Image.Image) -> str:
    """Return 64 bits as 16 hex digits, of which pictures that look alike share nearly all."""
    return str(imagehash.phash(ImageOps.exif_transpose(image)))


def provenance(image: Image.Image) -> Provenance:
    """Return what a picture says of when and where it was taken."""
    try:
        exif = image.getexif()
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        where = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:
        # EXIF is often broken in a way of its own; the picture is one all the same.
        return Provenance(None, None)
    return Provenance(_taken_at(exif, inner), _point(where))


def _taken_at(exif: Image.Exif, inner: dict[int, object]) -> datetime | None:
    written = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = inner.get(ExifTags.Base.OffsetTimeOriginal) or "+07:00"
    try:
        return datetime.strptime(f"{written}{offset}", "%Y:%m:%d %H:%M:%S%z")
    except (ValueError, OverflowError):
        return None


def _point(where: dict[int, object]) -> tuple[float, float] | None:
    try:
        lon = _degrees(where[ExifTags.GPS.GPSLongitude], where[ExifTags.GPS.GPSLongitudeRef], "W")
        lat = _degrees(where[ExifTags.GPS.GPSLatitude], where[ExifTags.GPS.GPSLatitudeRef], "S")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 and (lon, lat) != (0, 0) else None


def _degrees(written: object, side: object, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in written)  # type: ignore[attr-defined]
    size = degrees + minutes / 60 + seconds / 3600
    return -size if str(side).upper().startswith(negative) else size
