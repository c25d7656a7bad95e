"""The key of the reporter hash: its own, versioned, made once where none is set."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import suppress

from data.settings import Settings
from etl.errors import Misconfigured


def reporter_key(settings: Settings) -> bytes:
    """Return the key as `version:secret`; without a setting, the one kept in the home folder.

    Raises:
        OSError: The home folder cannot be written.
        Misconfigured: The key that was kept is empty.
    """
    given = settings.reporter_key.get_secret_value()
    if given:
        return given.encode()
    path = settings.root / "reporter.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: of two that come at once one wins, and a kill leaves no empty key.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as scratch:
            scratch.write(f"v1:{secrets.token_hex(32)}")
            scratch.flush()
            with suppress(FileExistsError):
                path.hardlink_to(scratch.name)
    key = path.read_text(encoding="utf-8").strip()
    if not key:
        raise Misconfigured(f"{path} is empty: bring it back from a backup, or remove it")
    return key.encode()
