"""A small mail server: STARTTLS, TLS or plain, with accounts; keeps what came."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class SmallMailServer:
    """Speaks as much of SMTP as our mails need.

    Attributes:
        tls: For STARTTLS, or from the first byte if `is_tls`.
        refused: Recipients that it does not take.
        accounts: Passwords by account; None for no AUTH.
        said: Every line that came before the connection was encrypted.
        mails: Text of the mails taken, with their recipients.
    """

    tls: ssl.SSLContext | None = None
    is_tls: bool = False
    refused: frozenset[str] = frozenset()
    accounts: dict[str, str] | None = None
    said: list[str] = field(default_factory=list)
    mails: list[tuple[list[str], str]] = field(default_factory=list)
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["SmallMailServer"]:
        """Serve inside an `async with`."""
        server = await asyncio.start_server(
            self._talk, "127.0.0.1", 0, ssl=self.tls if self.is_tls else None
        )
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await _Talk(self, reader, writer).run()
        except (OSError, ssl.SSLError):
            pass
        finally:
            writer.close()


class _Talk:
    def __init__(
        self,
        server: SmallMailServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.is_safe = server.is_tls
        self.recipients: list[str] = []

    async def run(self) -> None:
        self.say("220 ready")
        while line := (await self.reader.readline()).decode().strip():
            if not self.is_safe:
                self.server.said.append(line)
            word = line.split(" ")[0].upper()
            if word == "QUIT":
                self.say("221 bye")
                return
            await self.answer(word, line)

    async def answer(self, word: str, line: str) -> None:
        if word == "EHLO":
            self.greet()
        elif word == "STARTTLS":
            self.say("220 go ahead")
            assert self.server.tls is not None
            await self.writer.start_tls(self.server.tls)
            self.is_safe = True
        elif word == "AUTH":
            self.say("235 in" if self.knows(line) else "535 no such account")
        elif word == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            if address in self.server.refused:
                self.say("550 nobody of that name")
            else:
                self.recipients.append(address)
                self.say("250 ok")
        elif word == "DATA":
            await self.take()
        else:
            self.say("250 ok")

    def greet(self) -> None:
        server = self.server
        offers = ["mail.test"]
        if server.tls and not self.is_safe:
            offers.append("STARTTLS")
        if server.accounts is not None:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self.say(f"250-{offer}")
        self.say(f"250 {offers[-1]}")

    def knows(self, line: str) -> bool:
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        return (self.server.accounts or {}).get(user) == password

    async def take(self) -> None:
        self.say("354 send")
        text = (await self.reader.readuntil(b"\r\n.\r\n")).decode()
        self.server.mails.append((self.recipients, text))
        self.recipients = []
        self.say("250 taken")

    def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
