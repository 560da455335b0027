"""Mails over SMTP: encrypted before anything is said, or not at all."""

import ssl
from collections.abc import Sequence
from email import message_from_bytes
from pathlib import Path
from typing import Literal

import pytest
import trustme

from gateway.core.errors import ConfigError, UnreachableError
from gateway.telemetry.mail import MailRoute, SmtpMailer
from tests.support.smtp import SmallMailServer

RECIPIENTS = ("duty@example.org", "night@example.org")


@pytest.fixture
def ca() -> trustme.CA:
    return trustme.CA()


def shown_by(ca: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


def mailer(
    server: SmallMailServer,
    ca_file: Path | None,
    *,
    security: Literal["starttls", "tls", "none"] = "starttls",
    user: str = "",
    recipients: Sequence[str] = RECIPIENTS,
) -> SmtpMailer:
    return SmtpMailer(
        MailRoute(
            host="127.0.0.1",
            port=server.port,
            security=security,
            ca_file=ca_file,
            user=user,
            password=lambda: "geheim",
            sender="mla@example.org",
            recipients=recipients,
        )
    )


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return path


async def test_nothing_is_said_before_the_server_has_shown_who_it_is(
    ca: trustme.CA, ca_file: Path
) -> None:
    server = SmallMailServer(tls=shown_by(ca), accounts={"mla": "geheim"})
    async with server.running():
        await mailer(server, ca_file, user="mla").send("id-1", "Subject", "Tõde.\n")

    assert [line.split()[0] for line in server.said] == ["EHLO", "STARTTLS"]
    ((recipients, text),) = server.mails
    assert recipients == list(RECIPIENTS)
    mail = message_from_bytes(text.encode())
    assert mail["Message-ID"] == "<id-1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Subject"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().startswith("Tõde.")


async def test_tls_from_the_first_byte(ca: trustme.CA, ca_file: Path) -> None:
    server = SmallMailServer(tls=shown_by(ca), is_tls=True)
    async with server.running():
        await mailer(server, ca_file, security="tls").send("id", "S", "text\n")

    assert server.said == []
    assert len(server.mails) == 1


async def test_a_server_without_encryption_gets_nothing(ca_file: Path) -> None:
    server = SmallMailServer(accounts={"mla": "geheim"})
    async with server.running():
        with pytest.raises(UnreachableError, match="STARTTLS"):
            await mailer(server, ca_file, user="mla").send("id", "S", "text\n")

    assert server.mails == []
    assert not any("AUTH" in line for line in server.said)


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    ca_file: Path,
) -> None:
    server = SmallMailServer(tls=shown_by(trustme.CA()))
    async with server.running():
        with pytest.raises(UnreachableError, match="certificate"):
            await mailer(server, ca_file).send("id", "S", "text\n")
    assert server.mails == []


async def test_a_server_of_another_name_gets_nothing(
    ca: trustme.CA, ca_file: Path
) -> None:
    server = SmallMailServer(tls=shown_by(ca, "mail.example.org"))
    async with server.running():
        with pytest.raises(UnreachableError, match="certificate"):
            await mailer(server, ca_file).send("id", "S", "text\n")
    assert server.mails == []


async def test_a_wrong_password_is_told_without_it(
    ca: trustme.CA, ca_file: Path
) -> None:
    server = SmallMailServer(tls=shown_by(ca), accounts={"mla": "other"})
    async with server.running():
        with pytest.raises(UnreachableError, match="no such account") as caught:
            await mailer(server, ca_file, user="mla").send("id", "S", "text\n")
    assert "geheim" not in str(caught.value)


async def test_who_is_refused_does_not_keep_the_others_from_it(
    ca: trustme.CA, ca_file: Path
) -> None:
    server = SmallMailServer(tls=shown_by(ca), refused=frozenset(RECIPIENTS[:1]))
    async with server.running():
        await mailer(server, ca_file).send("id", "S", "text\n")
        with pytest.raises(UnreachableError, match="nobody of that name"):
            await mailer(server, ca_file, recipients=RECIPIENTS[:1]).send(
                "id", "S", "text\n"
            )
    assert [recipients for recipients, _ in server.mails] == [["night@example.org"]]


async def test_on_this_machine_it_may_be_plain() -> None:
    server = SmallMailServer()
    async with server.running():
        await mailer(server, None, security="none").send("id", "S", "text\n")
    assert len(server.mails) == 1


async def test_nobody_there_and_no_authorities(tmp_path: Path) -> None:
    nowhere = SmallMailServer(port=1)
    with pytest.raises(UnreachableError, match="mail server"):
        await mailer(nowhere, None, security="none").send("id", "S", "text\n")
    with pytest.raises(ConfigError, match="none"):
        await mailer(nowhere, tmp_path / "none.pem").send("id", "S", "text\n")
