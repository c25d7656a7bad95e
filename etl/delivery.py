"""Hand out an edition of the brief: into a folder, and by e-mail."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

import structlog

from data import words
from data.asof import WIB
from data.brief.editions import freeze
from data.brief.model import Edition
from data.brief.pdf import pdf, png
from data.settings import Settings
from etl.errors import Misconfigured

log = structlog.get_logger()

KINDS = {"pagi": "Edisi Pagi", "sore": "Edisi Sore", "situasi": "Edisi Situasi"}
TIMEOUT_S = 30.0
SIMULATED = "DATA SIMULASI"


class Way(Protocol):
    """How an edition reaches its readers."""

    @property
    def name(self) -> str:
        """What it is called in the register of deliveries."""

    def send(self, edition: Edition) -> None:
        """Hand out one edition; an exception says that it did not arrive."""


@dataclass(frozen=True)
class Drop:
    """Puts PDF, PNG and JSON into a folder; each appears whole or not at all.

    Args:
        address: Of the web program, for the QR code.
    """

    folder: Path
    address: str
    name: str = "drop"

    def send(self, edition: Edition) -> None:
        """Write the files of an edition, in the place of those of its draft.

        Raises:
            OSError: The folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        files = {
            "pdf": pdf(edition, self.address),
            "png": png(edition, self.address),
            "json": freeze(edition.content),
        }
        for kind, body in files.items():
            path = self.folder / f"{file_name(edition)}.{kind}"
            draft = path.with_name(f".{path.name}.part")
            draft.write_bytes(body)
            draft.replace(path)


@dataclass(frozen=True)
class Mail:
    """Sends an edition as PDF to those who read it by e-mail.

    Args:
        host: Of the server.
        sender: Address.
        receivers: Addresses.
        user: Empty where the server asks for none.
        tls: Speak STARTTLS.
        address: Of the web program.
    """

    host: str
    port: int
    sender: str
    receivers: tuple[str, ...]
    address: str
    user: str = ""
    password: str = ""
    tls: bool = True
    name: str = "mail"

    def send(self, edition: Edition) -> None:
        """Send an edition.

        Raises:
            OSError: The server is not there, or refuses all (`smtplib.SMTPException`).
        """
        message = self.message(edition)
        with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S) as server:
            if self.tls:
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            refused = server.send_message(message)
        if refused:
            # The others have it; who sends it again sends it to them twice.
            log.warning("brief.refused", edition=edition.id, receivers=sorted(refused))

    def message(self, edition: Edition) -> EmailMessage:
        """Return the message of an edition."""
        content = edition.content
        title = f"Ringkasan Gubernur, {KINDS[content.kind]}, {words.moment(content.cut)}"
        marks = [mark for mark, holds in ((SIMULATED, content.simulated),) if holds]
        if edition.state != "terbit":
            marks.append(edition.state.upper())
        message = EmailMessage()
        message["Subject"] = " · ".join([*marks, title])
        message["From"] = self.sender
        message["To"] = ", ".join(self.receivers)
        message["Date"] = format_datetime(edition.state_at.astimezone(WIB))
        # One edition in one state has one id, so that a reader's program shows it once.
        message["Message-ID"] = (
            f"<{edition.id}.{edition.state}.{edition.sha256[:12]}@komando.invalid>"
        )
        lines = [sentence.text for sentence in content.opening]
        lines += ["", f"{self.address.rstrip('/')}/ringkasan/{edition.id}"]
        message.set_content("\n".join([title, "", *marks, *lines]))
        message.add_attachment(
            pdf(edition, self.address),
            maintype="application",
            subtype="pdf",
            filename=f"{file_name(edition)}.pdf",
        )
        return message


def ways(settings: Settings) -> list[Way]:
    """Return the ways that are set.

    Raises:
        Misconfigured: The e-mail has a server but no sender or no receiver.
    """
    found: list[Way] = []
    if settings.brief_drop is not None:
        found.append(Drop(settings.brief_drop.expanduser(), settings.address))
    if settings.brief_mail_host:
        host, _, port = settings.brief_mail_host.partition(":")
        receivers = tuple(settings.brief_mail_to.replace(",", " ").split())
        if not settings.brief_mail_from or not receivers:
            raise Misconfigured(
                "KOMANDO_BRIEF_MAIL_HOST needs KOMANDO_BRIEF_MAIL_FROM and KOMANDO_BRIEF_MAIL_TO"
            )
        found.append(
            Mail(
                host,
                int(port or 587),
                settings.brief_mail_from,
                receivers,
                settings.address,
                settings.brief_mail_user,
                settings.brief_mail_password.get_secret_value(),
                settings.brief_mail_tls,
            )
        )
    return found


def file_name(edition: Edition) -> str:
    """Return the name of an edition's files, without ending."""
    return f"ringkasan-gubernur-{edition.id}"
