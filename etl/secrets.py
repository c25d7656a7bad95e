"""The key of the reporter hash: its own, versioned, made once where none is set."""

from __future__ import annotations

import secrets

from data.settings import Settings


def reporter_key(settings: Settings) -> bytes:
    """Return the key as `version:secret`; without a setting, the one kept in the home folder.

    Raises:
        OSError: The home folder cannot be written.
    """
    given = settings.reporter_key.get_secret_value()
    if given:
        return given.encode()
    path = settings.root / "reporter.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"v1:{secrets.token_hex(32)}", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip().encode()
