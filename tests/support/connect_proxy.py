"""A real HTTP proxy for CONNECT: tunnels, wants a login, refuses, or inspects TLS."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class ConnectProxy:
    """What the proxy does, and what it was asked.

    Attributes:
        login: `user:password` that it asks for; empty for anybody.
        status: What it answers instead of connecting; 0 to connect.
        inspects: Terminates TLS itself, with this context.
        asked: First line of every request.
        seen: Bytes that went through it to the peer.
    """

    login: str = ""
    status: int = 0
    inspects: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one client."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(head.partition("\r\n")[0])
            status = self._judge(head)
            if status:
                writer.write(
                    f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
                )
                await writer.drain()
            else:
                await self._tunnel(reader, writer, head.split(" ")[1])
        writer.close()

    def _judge(self, head: str) -> int:
        wanted = base64.b64encode(self.login.encode()).decode()
        if self.login and f"\r\nProxy-Authorization: Basic {wanted}\r\n" not in head:
            return 407
        return self.status

    async def _tunnel(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: str
    ) -> None:
        host, _, port = to.rpartition(":")
        away_reader, away_writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            if self.inspects is not None:
                await writer.start_tls(self.inspects)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, away_writer, self.seen))
                both.create_task(self._carry(away_reader, writer, bytearray()))
        finally:
            away_writer.close()

    async def _carry(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        seen: bytearray,
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65_536):
                seen += piece
                target.write(piece)
                await target.drain()
        target.close()


@asynccontextmanager
async def connect_proxy() -> AsyncIterator[ConnectProxy]:
    """Run a proxy on a free port of loopback."""
    proxy = ConnectProxy()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
