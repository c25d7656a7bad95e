"""PDF and PNG from typst templates: tagged, fonts embedded, the same bytes for the same content."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import fontpkg_plus_jakarta_sans
import orjson
import typst


def pdf(template: Path, told: Mapping[str, Any], at: datetime) -> bytes:
    """Return the PDF (PDF/UA-1) of a template that reads `sys.inputs.told` as JSON.

    The same template, content and moment give the same bytes; nothing is read from the system.

    Args:
        told: What `orjson` writes.
        at: Date of the document (aware).

    Raises:
        RuntimeError: The template cannot be set with this content.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", typst.TypstWarning)
        body = typst.compile(
            template,
            format="pdf",
            font_paths=[_fonts()],
            ignore_system_fonts=True,
            sys_inputs={"told": orjson.dumps(told).decode()},
            pdf_standards=["ua-1"],
            timestamp=int(at.timestamp()),
        )
    return bytes(body)


def png(template: Path, told: Mapping[str, Any], at: datetime, *, per_inch: float) -> list[bytes]:
    """Return one PNG a page of a template, with `per_inch` pixels an inch; see `pdf`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", typst.TypstWarning)
        pages: Any = typst.compile(
            template,
            format="png",
            ppi=per_inch,
            font_paths=[_fonts()],
            ignore_system_fonts=True,
            sys_inputs={"told": orjson.dumps(told).decode()},
            timestamp=int(at.timestamp()),
        )
    return [bytes(page) for page in pages] if isinstance(pages, list) else [bytes(pages)]


def _fonts() -> Path:
    return Path(str(fontpkg_plus_jakarta_sans.__file__)).parent / "files"
