"""Settings of alerts."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_SERVER = re.compile(
    r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]{1,253})):([1-9]\d{0,4})\Z"
)
# What stands in headers of mails; nothing that could begin another header.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}\Z")
_MAX_PORT = 65_535
_MOST_ADDRESSES = 16
_MAX_USER = 256


def parse_mail_server(text: str) -> tuple[str, int]:
    """Return host and port of a mail server.

    Raises:
        ValueError: Another form than HOST:PORT.
    """
    match = _SERVER.match(text)
    if match is None or int(match[3]) > _MAX_PORT:
        raise ValueError(f"{text[:80]!r}, expected HOST:PORT like mail.example.org:587")
    return match[1] or match[2], int(match[3])


def check_mail_address(text: str) -> None:
    """Refuse what is no plain mail address.

    Raises:
        ValueError: It is not.
    """
    if not _ADDRESS.match(text):
        raise ValueError(f"{text[:80]!r}, expected an address like duty@example.org")


def check_mail_addresses(addresses: tuple[str, ...]) -> None:
    """Refuse what is no plain mail address.

    Raises:
        ValueError: One of them is not.
    """
    for address in addresses:
        check_mail_address(address)


def check_mail_user(text: str) -> None:
    """Refuse what can't be an account.

    Raises:
        ValueError: Empty, too long, or with control characters.
    """
    if not 0 < len(text) <= _MAX_USER or not text.isprintable():
        raise ValueError(f"{text[:80]!r}, expected an account of the mail server")


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine itself, so that no network is crossed."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts about the node: who is told, and how."""

    mail_server: Annotated[
        str | None,
        Meta(
            description="The mail server that takes mails about alerts: HOST:PORT. "
            "Without it no mail is sent.",
            examples=["mail.moj.ee:587"],
            extra={"check": parse_mail_server},
        ),
    ] = None
    mail_security: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(
            description='"starttls": plain until the server has shown its certificate, '
            'and nothing said before; "tls": from the first byte; "none": only for a '
            "server on this machine, without a password.",
        ),
    ] = "starttls"
    mail_ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the certificate authorities that vouch for the "
            "mail server; relative to the home folder. Without it, those of the "
            "system.",
            examples=["trust/mail-ca.pem"],
        ),
    ] = None
    mail_user: Annotated[
        str | None,
        Meta(
            description="Account at the mail server; needs mail_password_file.",
            examples=["mla-gateway"],
            extra={"check": check_mail_user},
        ),
    ] = None
    mail_password_file: Annotated[
        Path | None,
        Meta(
            description="File with its password, mode 0600, relative to the home "
            "folder; read anew for every mail.",
            examples=["mail.password"],
        ),
    ] = None
    mail_from: Annotated[
        str | None,
        Meta(
            description="Who the mails come from.",
            examples=["mla-gateway@moj.ee"],
            extra={"check": check_mail_address},
        ),
    ] = None
    mail_to: Annotated[
        tuple[str, ...],
        Meta(
            description="Who gets them; at most 16.",
            examples=[["mla-duty@moj.ee"]],
            max_length=_MOST_ADDRESSES,
            extra={"check": check_mail_addresses},
        ),
    ] = ()
    mail_least: Annotated[
        Literal["warning", "critical"],
        Meta(description='Least grave alerts that are mailed: "warning" for all.'),
    ] = "warning"
    repeat_hours: Annotated[
        int,
        Meta(
            description="Of an alert that is still open and that nobody has "
            "acknowledged, people are reminded after this time, then after twice, "
            "four and eight times as long. 0 for never. In hours.",
            ge=0,
            le=168,
        ),
    ] = 24

    def problem(self) -> str:
        """Return what contradicts itself, or nothing."""
        if self.mail_server is None:
            return ""
        host, _ = parse_mail_server(self.mail_server)
        is_plain = self.mail_security == "none"
        has_account = self.mail_user is not None
        problems = {
            "mail_server needs mail_from and mail_to": self.mail_from is None
            or not self.mail_to,
            "mail_user and mail_password_file are set together or not at all": (
                has_account is (self.mail_password_file is None)
            ),
            'mail_security "none" is for a server on this machine only': is_plain
            and not is_this_machine(host),
            'mail_security "none" takes no password': is_plain and has_account,
        }
        return next((text for text, is_so in problems.items() if is_so), "")
