"""Handing mails about alerts to a mail server: encrypted, or on this machine only."""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from typing import Literal

import aiosmtplib
import structlog

from gateway.core.errors import ConfigError, UnreachableError

log = structlog.get_logger()

_WITHIN_S = 30.0
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRoute:
    """Where mails go, and how.

    Attributes:
        security: `none` only for a server on this machine.
        ca_file: Who vouches for the server; None for the system's authorities.
        user: Account there; empty for none.
        password: Reads its password.
        sender: Who the mails come from.
        recipients: Who gets them.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    ca_file: Path | None
    user: str
    password: Callable[[], str]
    sender: str
    recipients: Sequence[str]


class SmtpMailer:
    """The `Mailer` port over SMTP.

    Args:
        route: Where mails go.
    """

    def __init__(self, route: MailRoute) -> None:
        self._route = route

    async def send(self, mail_id: str, subject: str, text: str) -> None:
        """Hand over one mail.

        Raises:
            UnreachableError: The server did not take it.
            KeystoreError: The file of the password can't be used.
            ConfigError: The file of the certificate authorities can't be used.
        """
        route = self._route
        is_tls = route.security != "none"
        context = self._context() if is_tls else None
        password = route.password() if route.user else None
        try:
            # One after the other: with STARTTLS nothing is said, least of all a
            # password, before the server has shown who it is.
            refused, _ = await aiosmtplib.send(
                self._mail(mail_id, subject, text),
                sender=route.sender,
                recipients=list(route.recipients),
                hostname=route.host,
                port=route.port,
                username=route.user or None,
                password=password,
                use_tls=route.security == "tls",
                start_tls=route.security == "starttls",
                tls_context=context,
                # What the system calls itself: looking it up could block.
                local_hostname=socket.gethostname(),
                timeout=_WITHIN_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            text = f"{type(error).__name__}: {error}"[:_SHOWN]
            raise UnreachableError(
                f"mail server {route.host}:{route.port}: {text}"
            ) from error
        if refused:
            # The others have it: to try again would tell them twice.
            log.warning("mail_recipients_refused", count=len(refused))

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self._route.ca_file)
        except OSError as error:
            raise ConfigError(f"{self._route.ca_file}: {error}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _mail(self, mail_id: str, subject: str, text: str) -> bytes:
        mail = EmailMessage()
        mail["From"] = self._route.sender
        mail["To"] = ", ".join(self._route.recipients)
        mail["Subject"] = subject
        mail["Date"] = formatdate()
        domain = self._route.sender.rpartition("@")[2]
        mail["Message-ID"] = f"<{mail_id}@{domain}>"
        # So that nobody's vacation notice answers a machine.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        return mail.as_bytes(policy=SMTP)
