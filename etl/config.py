"""Read `feeds.toml`: which feeds run, where, how often, with which headers."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etl.errors import Misconfigured
from etl.feed import Feed

_SECRET = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class _Entry(BaseModel):
    """One table of feeds.toml."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1)
    simulated: bool = False
    enabled: bool = True
    every: float | None = Field(None, gt=0)
    pace: float | None = Field(None, ge=0)
    headers: dict[str, str] = {}
    allowed_hosts: list[str] = []


@dataclass(frozen=True)
class Source:
    """Where one feed's data come from.

    Args:
        url: What the feed's `requests` starts from; may hold a secret, so it is never shown.
        shown: The URL as feeds.toml has it.
        simulated: It is the simulated city.
        enabled: The schedule runs it.
        every: Instead of the feed's own interval.
        pace: Instead of the feed's own pace.
        problem: Why the feed cannot run, such as a secret that is not set.
        headers: Sent with each request; may hold secrets, so they are never logged.
        allowed_hosts: `host:port` that guarded requests may reach though private.
    """

    url: str = field(repr=False)
    shown: str = ""
    simulated: bool = False
    enabled: bool = True
    every: timedelta | None = None
    pace: timedelta | None = None
    problem: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    allowed_hosts: tuple[str, ...] = ()


def read_sources(
    path: Path, feeds: Mapping[str, Feed], *, city: str, secret: Callable[[str], str | None]
) -> dict[str, Source]:
    """Return the configured feeds by name.

    Args:
        path: The TOML file; in its URLs `{city}` stands for the simulated city's address.
        feeds: The feeds that exist.
        city: Base URL of the simulated city, without a slash at its end.
        secret: Gives the secret of a name, None where there is none; `${NAME}` in a header or
            URL stands for it.

    Raises:
        Misconfigured: The file cannot be read, names a feed that does not exist, has a field
            that is not known.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; set KOMANDO_FEEDS") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: {error}") from error
    sources: dict[str, Source] = {}
    for name, table in document.items():
        if name not in feeds:
            raise Misconfigured(f"{path}: no feed is called {name!r}; there are {', '.join(feeds)}")
        try:
            entry = _Entry.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Misconfigured(f"{path}: [{name}] {place}: {first['msg']}") from error
        # A disabled feed may wait for a secret that nobody has set yet.
        url, headers = entry.url.replace("{city}", city), entry.headers
        problem = None
        try:
            url = _with_secrets(url, secret, f"{path}: [{name}]")
            headers = {
                key: _with_secrets(value, secret, f"{path}: [{name}]")
                for key, value in headers.items()
            }
        except Misconfigured as error:
            # The other feeds, and commands such as `backup`, do not need it.
            problem = str(error)
        sources[name] = Source(
            url=url,
            shown=entry.url,
            problem=problem,
            simulated=entry.simulated,
            enabled=entry.enabled,
            every=None if entry.every is None else timedelta(seconds=entry.every),
            pace=None if entry.pace is None else timedelta(seconds=entry.pace),
            headers=headers,
            allowed_hosts=tuple(
                host.replace("{city}", city.split("//", 1)[-1]) for host in entry.allowed_hosts
            ),
        )
    return sources


def secrets_from(
    environment: Mapping[str, str], folder: Path | None
) -> Callable[[str], str | None]:
    """Return a look-up of secrets: the environment's `KOMANDO_<NAME>`, else a file of that name.

    Args:
        environment: Usually `os.environ`.
        folder: Holds files called `KOMANDO_<NAME>`; None where there is none.
    """

    def look_up(name: str) -> str | None:
        key = f"KOMANDO_{name}"
        if key in environment:
            return environment[key]
        if folder is None:
            return None
        path = folder / key
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Misconfigured(f"{path}: {os.strerror(error.errno or 0)}") from error

    return look_up


def _with_secrets(text: str, secret: Callable[[str], str | None], place: str) -> str:
    def replace(match: re.Match[str]) -> str:
        value = secret(match[1])
        if value is None:
            raise Misconfigured(f"{place}: the secret KOMANDO_{match[1]} is not set")
        return value

    return _SECRET.sub(replace, text)
