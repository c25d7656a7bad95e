"""The settings: each from the environment (`KOMANDO_…`) or a file of that name in a folder."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from data.clock import Clock

MASK = "••••••"
# In a DSN of PostgreSQL (`password=…`, quoted or not) and in a URL (`//user:…@`).
_PASSWORD = re.compile(
    r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s'\"]+)|(://[^/@:\s]*:)[^/@\s]+(?=@)"
)


class Settings(BaseSettings):
    """What may differ from one installation to the next.

    Raises:
        pydantic.ValidationError: A value is of the wrong kind; the message names it.
    """

    model_config = SettingsConfigDict(env_prefix="KOMANDO_", extra="ignore", frozen=True)

    home: Path = Field(
        Path("var"), description="Folder of run-time state: lake, raw archive, store, cache."
    )
    catalog: str = Field(
        "",
        description=(
            "DuckLake catalogue: `sqlite:PATH`, or `postgres:dbname=… host=…`;"
            " empty: SQLite under the home folder."
        ),
    )
    data_path: str = Field(
        "",
        description="Where the lake's Parquet files lie: a folder or `s3://bucket/prefix/`;"
        " empty: under the home folder.",
    )
    s3_endpoint: str = Field("", description="Host and port of an S3-compatible store.")
    s3_region: str = Field("us-east-1", description="Region of the S3 store.")
    s3_key: str = Field("", description="Access key id of the S3 store.")
    s3_secret: SecretStr = Field(SecretStr(""), description="Secret key of the S3 store.")
    s3_tls: bool = Field(True, description="Speak HTTPS with the S3 store.")
    store: str = Field(
        "", description="SQLAlchemy URL of the operational store; empty: SQLite under home."
    )
    cache: str = Field(
        "", description="Cache of rendered panels: `redis://…`; empty: files under home."
    )
    feeds: Path = Field(
        Path(__file__).parents[1] / "etl" / "feeds.toml",
        description="Which feeds run, with URL, schedule and headers.",
    )
    city: str = Field("http://127.0.0.1:8060", description="Address of the simulated city (demo).")
    secrets: Path | None = Field(
        None, description="Folder with files named like secrets (`KOMANDO_CRM_TOKEN`)."
    )
    secret_key: SecretStr = Field(SecretStr(""), description="Signs sessions.")
    reporter_key: SecretStr = Field(
        SecretStr(""),
        description="Key of the reporter hash, as `version:secret`; empty: made once and kept.",
    )
    host: str = Field(
        "127.0.0.1",
        description=(
            "Address that the server listens on; any but loopback is refused until there are"
            " accounts."
        ),
    )
    tiles: str = Field("", description="Base-map tile URL; empty: our own vectors.")
    embeds: str = Field(
        "",
        pattern=r"^(https?://[\w.-]+(:\d+)?( |$))*$",
        description="Origins (`https://host`, spaces between) whose camera pages and streams may be"
        " shown inside ours; empty: they are only linked.",
    )
    crm_url: str = Field(
        "",
        pattern=r"^(https?://\S*\{id\}\S*)?$",
        description="Address of a complaint in the CRM, with `{id}` where its number stands; empty:"
        " no link.",
    )
    memory_limit: str = Field("2GB", description="Memory that one DuckDB process may use.")
    threads: int = Field(
        2, ge=1, le=256, description="Threads of the DuckDB process that writes; readers use one."
    )
    raw_days: int = Field(30, ge=1, description="Days that raw payloads are kept.")
    photo_days: int = Field(
        90, ge=1, description="Days that the stripped photos of complaints are kept."
    )
    photo_fetch_days: int = Field(
        7, ge=1, description="Photos of complaints finished within so many days are fetched."
    )
    address: str = Field(
        "http://127.0.0.1:8050",
        pattern=r"^https?://\S+$",
        description="Public address of the web program, printed in links and QR codes.",
    )
    brief_drop: Path | None = Field(
        None, description="Folder into which each edition of the brief is put (PDF, PNG, JSON)."
    )
    brief_mail_host: str = Field(
        "",
        pattern=r"^([\w.-]+(:\d{1,5})?)?$",
        description="Mail server (`host:port`) that sends the editions; empty: none are sent.",
    )
    brief_mail_from: str = Field("", description="Sender of the editions.")
    brief_mail_to: str = Field("", description="Receivers of the editions, commas between.")
    brief_mail_user: str = Field("", description="User at the mail server, where it asks for one.")
    brief_mail_password: SecretStr = Field(
        SecretStr(""), description="Password at the mail server."
    )
    brief_mail_tls: bool = Field(True, description="Speak STARTTLS with the mail server.")
    clock_speed: float = Field(1.0, gt=0, description="City seconds a real second (demo).")
    clock_anchor: datetime = Field(
        datetime(2026, 1, 1, tzinfo=UTC),
        description="Instant at which city time equals real time (demo).",
    )
    log_json: bool = Field(False, description="Log as JSON lines.")

    @property
    def root(self) -> Path:
        """`home`, absolute: DuckLake compares data paths letter by letter."""
        return self.home.expanduser().resolve()

    @property
    def catalog_url(self) -> str:
        """Catalogue in the form that DuckLake attaches."""
        kind, _, where = self.catalog.partition(":")
        if kind == "sqlite" and where:
            return f"sqlite:{Path(where).expanduser().resolve()}"
        return self.catalog or f"sqlite:{self.root / 'lake' / 'catalog.sqlite'}"

    @property
    def data_url(self) -> str:
        """Data path in the form that DuckLake attaches, with a slash at its end."""
        if self.data_path.startswith("s3://"):
            return self.data_path.rstrip("/") + "/"
        folder = Path(self.data_path).expanduser().resolve() if self.data_path else None
        return f"{folder or self.root / 'lake' / 'data'}/"

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the operational store."""
        return self.store or f"sqlite:///{self.root / 'store.sqlite'}"

    @property
    def frames(self) -> Path:
        """Folder of the last good picture of each camera, which ETL and web share."""
        return self.root / "frames"

    @property
    def photos(self) -> Path:
        """Folder of the stripped photos of complaints, which ETL and web share."""
        return self.root / "photos"

    def clock(self) -> Clock:
        """Return the shared clock."""
        anchor = self.clock_anchor
        if anchor.tzinfo is None:
            anchor = anchor.replace(tzinfo=UTC)
        return Clock(anchor, self.clock_speed)


class SettingError(Exception):
    """A setting cannot be read; the message names it."""


def read_settings(secrets: str | None) -> Settings:
    """Return the settings of a program, from its environment and from files.

    Args:
        secrets: Folder of the files, `KOMANDO_SECRETS`; None for none.

    Raises:
        SettingError: There is no such folder, or a setting cannot be read.
    """
    if secrets and not Path(secrets).is_dir():
        raise SettingError(f"KOMANDO_SECRETS: there is no folder {secrets}")
    try:
        return Settings(_secrets_dir=secrets) if secrets else Settings()
    except SettingsError as error:
        raise SettingError(str(error)) from error
    except ValidationError as error:
        lines = (f"KOMANDO_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingError("\n".join(lines)) from error


def masked(text: str) -> str:
    """Return `text` with the passwords of the DSNs and URLs in it replaced by dots."""
    return _PASSWORD.sub(lambda match: f"{match[1] or match[3]}{MASK}", text)
