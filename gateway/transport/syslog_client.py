"""Connections to a syslog receiver: TLS (RFC 5425), TCP (RFC 6587), local UDP."""

import asyncio
import contextlib
import fcntl
import socket
import ssl
import struct
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConfigError, UnreachableError
from gateway.core.syslog import framed
from gateway.core.syslog_target import SyslogTarget

_CONNECT_TIMEOUT_S = 10.0
_SEND_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogTls:
    """Whom TLS believes, and who we are.

    Attributes:
        ca: PEM file of certificate authorities; None for those of the machine.
        certificate: PEM file of our chain and key; None for no certificate.
    """

    ca: Path | None = None
    certificate: Path | None = None


class SyslogStream:
    """One receiver; implements `EventStream`.

    Raises:
        ConfigError: A file of TLS can't be used.
    """

    def __init__(self, target: SyslogTarget, tls: SyslogTls | None = None) -> None:
        self._target = target
        self._context = _context(tls or SyslogTls()) if target.scheme == "tls" else None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._datagrams: socket.socket | None = None

    async def open(self) -> None:
        """Connect, unless it is connected.

        Raises:
            UnreachableError: No connection; says why.
        """
        if self.is_whole():
            return
        await self.close()
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                await self._connect()
        except TimeoutError as error:
            raise UnreachableError(f"siem: {self._target}: no answer") from error
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(
                f"siem: {self._target}: certificate: {error.verify_message}"
            ) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise UnreachableError(f"siem: {self._target}: {why}") from error

    async def send(self, messages: Sequence[bytes]) -> None:
        """Hand over messages.

        Raises:
            UnreachableError: The connection is lost.
        """
        try:
            if self._datagrams is not None:
                for message in messages:
                    self._datagrams.send(message)
                return
            if self._writer is None or not self.is_whole():
                raise UnreachableError(f"siem: {self._target}: connection lost")
            self._writer.write(b"".join(map(framed, messages)))
            async with asyncio.timeout(_SEND_TIMEOUT_S):
                await self._writer.drain()
        except (TimeoutError, OSError) as error:
            raise UnreachableError(
                f"siem: {self._target}: takes nothing: {type(error).__name__}"
            ) from error

    def is_whole(self) -> bool:
        """Tell whether the connection stands as far as can be seen."""
        if self._datagrams is not None:
            return True
        if self._reader is None or self._writer is None:
            return False
        return not (self._reader.at_eof() or self._writer.transport.is_closing())

    def is_taken(self) -> bool:
        """Tell whether the other machine has everything that was sent.

        TCP acknowledges to the kernel, which tells how much it still holds.
        """
        if self._writer is None:
            return self._datagrams is not None
        if self._writer.transport.get_write_buffer_size():
            return False
        carrier = self._writer.get_extra_info("socket")
        held = fcntl.ioctl(carrier.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return bool(struct.unpack("i", held)[0] == 0)

    async def close(self) -> None:
        """End the connection."""
        writer, self._writer, self._reader = self._writer, None, None
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.wait_closed()

    async def _connect(self) -> None:
        target = self._target
        if target.scheme == "udp":
            is_six = ":" in target.host
            made = socket.socket(
                socket.AF_INET6 if is_six else socket.AF_INET, socket.SOCK_DGRAM
            )
            made.settimeout(0)
            made.connect((target.host, target.port))
            self._datagrams = made
            return
        self._reader, self._writer = await asyncio.open_connection(
            target.host,
            target.port,
            ssl=self._context,
            server_hostname=target.host if self._context else None,
            limit=1024,
        )


def _context(tls: SyslogTls) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if tls.ca is not None:
            # Its own authorities instead of the machine's: fewer can pretend to be it.
            context = ssl.create_default_context(cafile=str(tls.ca))
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"siem: a file of TLS can't be used: {error}") from error
    return context
