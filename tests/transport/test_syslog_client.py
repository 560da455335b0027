"""Connections to a syslog receiver: framing, TLS, and what a break looks like."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from gateway.core.errors import ConfigError, UnreachableError
from gateway.core.syslog_target import SyslogTarget
from gateway.transport.syslog_client import SyslogStream, SyslogTls
from tests.support.peer_net import until


@dataclass
class Receiver:
    """A program that reads whatever comes."""

    port: int = 0
    got: bytearray = field(default_factory=bytearray)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.writers.append(writer)
        try:
            while piece := await reader.read(65_536):
                self.got += piece
        except ConnectionError:
            pass
        finally:
            writer.close()

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
        receiver.hang_up()


async def test_messages_are_counted_by_octets_and_taken() -> None:
    async with receiving() as receiver:
        stream = SyslogStream(SyslogTarget("tcp", "127.0.0.1", receiver.port))
        assert not stream.is_whole()
        assert not stream.is_taken()
        await stream.open()
        await stream.open()
        await stream.send([b"<1>1 a", b"<1>1 bc"])
        await until(lambda: bytes(receiver.got) == b"6 <1>1 a7 <1>1 bc")
        await until(stream.is_taken)
        assert stream.is_whole()
        await stream.close()
        assert not stream.is_whole()
        assert len(receiver.writers) == 1


async def test_a_break_shows_and_a_new_connection_is_made() -> None:
    async with receiving() as receiver:
        stream = SyslogStream(SyslogTarget("tcp", "127.0.0.1", receiver.port))
        await stream.open()
        await stream.send([b"x"])
        await until(lambda: bool(receiver.got))
        receiver.hang_up()
        await until(lambda: not stream.is_whole())
        with pytest.raises(UnreachableError):
            await stream.send([b"y"])
        await stream.open()
        assert stream.is_whole()
        await stream.close()


async def test_tls_is_checked_by_the_authorities_that_are_named(tmp_path: Path) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    async with receiving(context) as receiver:
        target = SyslogTarget("tls", "127.0.0.1", receiver.port)
        trusting = SyslogStream(target, SyslogTls(ca=ca_file))
        await trusting.open()
        await trusting.send([b"<1>1 a"])
        await until(lambda: bytes(receiver.got) == b"6 <1>1 a")
        await until(trusting.is_taken)
        await trusting.close()
        with pytest.raises(UnreachableError, match="certificate"):
            await SyslogStream(target).open()


async def test_a_receiver_that_is_not_there_is_told(unused_tcp_port: int) -> None:
    target = SyslogTarget("tcp", "127.0.0.1", unused_tcp_port)
    stream = SyslogStream(target)
    with pytest.raises(UnreachableError, match=str(target)):
        await stream.open()
    with pytest.raises(UnreachableError, match="connection lost"):
        await stream.send([b"x"])


async def test_datagrams_on_this_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(2)
        port = listener.getsockname()[1]
        stream = SyslogStream(SyslogTarget("udp", "127.0.0.1", port))
        await stream.open()
        await stream.send([b"<1>1 a", b"<1>1 b"])
        assert stream.is_whole()
        assert stream.is_taken()
        assert [listener.recv(100) for _ in range(2)] == [b"<1>1 a", b"<1>1 b"]
        await stream.close()


def test_files_of_tls_that_are_none_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "x.pem"
    broken.write_text("nothing")
    target = SyslogTarget("tls", "siem.moj.ee", 6514)
    for tls in (
        SyslogTls(ca=broken),
        SyslogTls(certificate=broken),
        SyslogTls(ca=tmp_path / "absent.pem"),
    ):
        with pytest.raises(ConfigError, match="siem"):
            SyslogStream(target, tls)
