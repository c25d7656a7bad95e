"""PDF and PNG from typst templates: tagged, fonts embedded, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import fontpkg_plus_jakarta_sans
import orjson
import typst

FONT_FILE = "PlusJakartaSans[wght].ttf"


class TypesetError(RuntimeError):
    """A document cannot be set; the message names what is missing or wrong."""


def pdf(template: Path, told: Mapping[str, Any], at: datetime) -> bytes:
    """Return the PDF (PDF/UA-1) of a template that reads `sys.inputs.told` as JSON.

    The same template, content and moment give the same bytes; nothing is read from the system.

    Args:
        told: What `orjson` writes.
        at: Date of the document (aware).

    Raises:
        TypesetError: The template or its font is missing, or it cannot be set with this content.
    """
    (body,) = _compiled(template, told, at, format="pdf", pdf_standards=["ua-1"])
    return body


def png(template: Path, told: Mapping[str, Any], at: datetime, *, per_inch: float) -> list[bytes]:
    """Return one PNG a page of a template, with `per_inch` pixels an inch; see `pdf`."""
    return _compiled(template, told, at, format="png", ppi=per_inch)


def _compiled(template: Path, told: Mapping[str, Any], at: datetime, **options: Any) -> list[bytes]:
    if not template.is_file():
        raise TypesetError(f"the template {template} is missing: install the program anew")
    try:
        made, notes = typst.compile_with_warnings(
            template,
            font_paths=[_fonts()],
            ignore_system_fonts=True,
            sys_inputs={"told": orjson.dumps(told).decode()},
            timestamp=int(at.timestamp()),
            **options,
        )
    except typst.TypstError as error:
        raise TypesetError(f"{template.name} cannot be set: {error}") from error
    for note in notes:
        # What typst only warns of would print the page in another typeface.
        if "unknown font" in str(note):
            raise TypesetError(
                f"{template.name}: {note}; install the package fontpkg-plus-jakarta-sans"
            )
    return [bytes(page) for page in made] if isinstance(made, list) else [bytes(made)]


def _fonts() -> Path:
    folder = Path(str(fontpkg_plus_jakarta_sans.__file__)).parent / "files"
    if not (folder / FONT_FILE).is_file():
        raise TypesetError(
            f"the font {FONT_FILE} is missing in {folder}:"
            " install the package fontpkg-plus-jakarta-sans anew"
        )
    return folder
