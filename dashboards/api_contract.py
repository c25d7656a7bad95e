"""The vocabulary of the open API: what an endpoint asks, what it answers, how it refuses.

One declaration an endpoint serves its answers, its checks, the OpenAPI document, the catalogue and
the page /data. What no `Field` names never leaves.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeAlias

from dashboards.site import Site
from data.asof import WIB, AsOf
from data.queries import Row

BASE = "/api/v1"
JSON, CSV = "application/json", "text/csv"
GEOJSON, JSON_LD = "application/geo+json", "application/ld+json"
CAP, ATOM = "application/cap+xml", "application/atom+xml"
USUAL_ROWS, MOST_ROWS = 1_000, 10_000
# An answer of now is made at most once in this time, unless one of its feeds moves.
MINUTE = timedelta(minutes=1)

Kind: TypeAlias = Literal["string", "number", "integer", "boolean", "date", "date-time", "strings"]
Schema: TypeAlias = dict[str, Any]


class Problem(Exception):
    """A question that is not answered.

    Args:
        status: 4xx.
        detail: Indonesian; what is wrong, and what to do.
        parameter: Name of the one at fault.
    """

    def __init__(self, status: int, detail: str, parameter: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.parameter = parameter


@dataclass(frozen=True)
class Param:
    """One parameter of an address.

    Args:
        meaning: Indonesian.
        pattern: Of the whole value of a text.
        least, most: Of a whole number; None for a text.
        in_path: It is part of the path.
    """

    name: str
    meaning: str
    example: str | int
    pattern: str = ""
    one_of: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    usual: str | int | None = None
    in_path: bool = False

    @property
    def schema(self) -> Schema:
        """JSON schema of its value."""
        if self.least is not None:
            limits = {"minimum": self.least, "maximum": self.most}
            return {"type": "integer", **limits, "default": self.usual}
        if self.one_of:
            usual = {} if self.usual is None else {"default": self.usual}
            return {"type": "string", "enum": list(self.one_of), **usual}
        return {"type": "string", "pattern": f"^{self.pattern}$"}

    def read(self, text: str) -> str | int:
        """Return the value that a text of the address stands for.

        Raises:
            Problem: It is none.
        """
        if self.least is not None and self.most is not None:
            if re.fullmatch(r"[0-9]{1,9}", text) and self.least <= int(text) <= self.most:
                return int(text)
            raise self._refused(f"bilangan bulat {self.least} sampai {self.most}")
        if self.one_of:
            if text in self.one_of:
                return text
            raise self._refused(f"salah satu dari {', '.join(self.one_of)}")
        if re.fullmatch(self.pattern, text):
            return text
        raise self._refused(f"seperti {self.example}")

    def _refused(self, wanted: str) -> Problem:
        status = 404 if self.in_path else 400
        return Problem(status, f"Nilai “{self.name}” tidak dikenal. Tulis {wanted}.", self.name)


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Args:
        meaning: Indonesian.
        unit: As printed ("cm"); empty where there is none.
        of: Column of the row that it shows, if not of the same name.
        always: It is never null.
        decimals: Digits that a number is rounded to.
    """

    name: str
    kind: Kind
    meaning: str
    example: Any
    unit: str = ""
    of: str = ""
    always: bool = False
    one_of: tuple[str, ...] = ()
    decimals: int = 3

    @property
    def schema(self) -> Schema:
        """JSON schema of its value."""
        kinds: dict[str, Schema] = {
            "date": {"type": "string", "format": "date"},
            "date-time": {"type": "string", "format": "date-time"},
            "strings": {"type": "array", "items": {"type": "string"}},
        }
        schema = kinds.get(self.kind, {"type": self.kind})
        if not self.always:
            schema["type"] = [schema["type"], "null"]
        if self.one_of:
            schema["enum"] = [*self.one_of, *([] if self.always else [None])]
        unit = {"x-unit": self.unit} if self.unit else {}
        return {**schema, "description": self.told, **unit, "examples": [self.example]}

    @property
    def told(self) -> str:
        """Meaning with the unit."""
        return f"{self.meaning} ({self.unit})" if self.unit else self.meaning

    def value(self, row: Row) -> Any:
        """Return what is told of a row, as it stands in JSON."""
        value = row[self.of or self.name]
        if isinstance(value, datetime):
            return value.astimezone(WIB).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, float):
            if value != value:
                return None
            return round(value) if self.kind == "integer" else round(value, self.decimals)
        return value


STATES = ("fresh", "late", "expired", "disconnected", "empty", "never")
# What every row of a fact ends with.
FACT = (
    Field("feed", "string", "Sumber data yang mengatakannya", "dsda_levels"),
    Field("event_time", "date-time", "Waktu kejadian", "2026-02-18T03:10:00+07:00"),
    Field("known_time", "date-time", "Waktu diketahui", "2026-02-18T03:11:05+07:00"),
    Field("simulated", "boolean", "Dari kota simulasi: DATA SIMULASI", True),
    Field(
        "state",
        "string",
        "Kesegaran: fresh terkini, late terlambat, expired kedaluwarsa, disconnected terputus,"
        " empty nihil, never belum ada data",
        "fresh",
        always=True,
        one_of=STATES,
    ),
)


@dataclass(frozen=True)
class Ask:
    """A question as it was read from an address.

    Args:
        area: Kemendagri code; "31" is the whole city.
        values: Other parameters that were given, by name.
        root: Public address of the site, ending in "/".
    """

    as_of: AsOf
    area: str
    values: Mapping[str, Any]
    root: str


@dataclass(frozen=True)
class Found:
    """What a table answers.

    Args:
        feeds: Feeds that it comes from, where the endpoint does not know them beforehand.
        more: What else its `meta` tells.
    """

    rows: Sequence[Row]
    feeds: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Endpoint(ABC):
    """One address of the API.

    Args:
        path: Below `BASE`, with parameters in braces.
        id: Stable name of the operation.
        title, about: Indonesian.
        group: Heading under which it is listed.
        feeds: Their versions are its version.
        example: Address below `BASE` that answers.
        theme: Code of the EU's vocabulary of data themes, which catalogues share.
        pace: Time for which an answer is kept.
    """

    path: str
    id: str
    title: str
    about: str
    group: str
    params: tuple[Param, ...] = ()
    feeds: tuple[str, ...] = ()
    example: str = ""
    theme: str = "GOVE"
    pace: timedelta = MINUTE

    @property
    @abstractmethod
    def media(self) -> tuple[str, ...]:
        """Media types that it answers in, the usual one first."""

    @property
    def asks(self) -> tuple[Param, ...]:
        """All parameters that its address may have."""
        return self.params


@dataclass(frozen=True, kw_only=True)
class Table(Endpoint):
    """An endpoint whose answer is rows, as JSON or CSV.

    Args:
        find: Returns the rows; each has what `fields` name.
        tables: Facts whose rows tell that a past moment is known.
        mapped: Its rows have a place, and are a layer of the map as well.
    """

    fields: tuple[Field, ...]
    find: Callable[[Site, Ask], Found]
    tables: tuple[str, ...] = ()
    mapped: bool = False

    @property
    def media(self) -> tuple[str, ...]:
        """JSON, or CSV where that is asked for."""
        return (JSON, CSV)

    @property
    def asks(self) -> tuple[Param, ...]:
        """Its own parameters, and those that all tables share."""
        return (*self.params, *PAGED)


@dataclass(frozen=True, kw_only=True)
class Document(Endpoint):
    """An endpoint whose answer is one document of a format of its own.

    Args:
        make: Returns it.
        kind: Its media type.
        schema: Of the document, where it is JSON.
    """

    make: Callable[[Site, Ask], bytes]
    kind: str = JSON
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})

    @property
    def media(self) -> tuple[str, ...]:
        """Its one media type."""
        return (self.kind,)


PADA = Param(
    "pada",
    "Saat yang dilihat, waktu WIB; tanpa ini: sekarang",
    "2026-02-18T03:10",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?",
)
SEPERTI = Param(
    "seperti",
    "Seperti diketahui pada saat itu, atau seperti diketahui sekarang",
    "saat-itu",
    one_of=("saat-itu", "sekarang"),
    usual="saat-itu",
)
WILAYAH = Param(
    "wilayah",
    "Kode Kemendagri sebuah kota, kecamatan atau kelurahan; 31 adalah seluruh Jakarta",
    "31.71.01",
    r"31(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?",
)
MOMENT = (PADA, SEPERTI)
PLACED = (WILAYAH, *MOMENT)
PAGED = (
    Param(
        "limit",
        "Paling banyak baris dalam satu jawaban",
        100,
        least=1,
        most=MOST_ROWS,
        usual=USUAL_ROWS,
    ),
    Param(
        "cursor",
        "Lanjutan dari jawaban sebelumnya: salin dari meta.next",
        "1000-0123456789abcdef",
        r"[0-9]{1,9}-[0-9a-f]{16}",
    ),
    Param("format", "Bentuk jawaban", "csv", one_of=("json", "csv"), usual="json"),
)
