"""Two processes and one blocking mutual TLS 1.3 connection between them."""

import multiprocessing
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import trustme

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

T = TypeVar("T")
Pipe: TypeAlias = "Connection[object, object]"
"""Between the two processes, for what is not measured."""

_LENGTH_BYTES = 8
_HOST = "127.0.0.1"
_NAMES = ("ca", "server", "client")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files of both ends: the CA, and certificate and key of either."""

    ca: Path
    server: Path
    client: Path

    @staticmethod
    def of(folder: Path) -> "Certificates":
        """Return where they lie in a folder."""
        return Certificates(*(folder / f"{name}.pem" for name in _NAMES))

    @staticmethod
    def make(folder: Path) -> "Certificates":
        """Make a CA and a certificate for either end."""
        ca, made = trustme.CA(), Certificates.of(folder)
        ca.cert_pem.write_to_path(str(made.ca))
        for path in (made.server, made.client):
            pem = ca.issue_cert(_HOST, "localhost").private_key_and_cert_chain_pem
            pem.write_to_path(str(path))
        return made

    def context(self, *, is_server: bool) -> ssl.SSLContext:
        """Return a TLS 1.3 context that demands the other's certificate."""
        side = ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT
        context = ssl.SSLContext(side)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(self.ca)
        context.load_cert_chain(self.server if is_server else self.client)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def receive_in_process(
    target: Callable[[Pipe, Path, T], None],
    folder: Path,
    asked: T,
) -> "tuple[SpawnProcess, Pipe]":
    """Start the receiving process; it sends its port through the connection first."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=target, args=(theirs, folder, asked), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def accept(parent: Pipe, certificates: Certificates) -> ssl.SSLSocket:
    """Listen, tell the other process where, and return its connection."""
    context = certificates.context(is_server=True)
    with socket.create_server((_HOST, 0)) as listener:
        parent.send(listener.getsockname()[1])
        raw, _ = listener.accept()
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_side=True)


def dial(port: int, certificates: Certificates) -> ssl.SSLSocket:
    """Connect to the receiving process."""
    context = certificates.context(is_server=False)
    raw = socket.create_connection((_HOST, port))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_hostname=_HOST)


def send_frame(connection: ssl.SSLSocket, body: bytes) -> None:
    """Send a body after its length."""
    connection.sendall(len(body).to_bytes(_LENGTH_BYTES) + body)


def receive_frame(connection: ssl.SSLSocket) -> bytes:
    """Return the next body; empty at the end."""
    head = receive_exactly(connection, bytearray(_LENGTH_BYTES))
    return receive_exactly(connection, bytearray(int.from_bytes(head)))


def receive_exactly(connection: ssl.SSLSocket, room: bytearray) -> bytes:
    """Fill `room` and return its bytes; empty if the other side has ended before."""
    view, filled = memoryview(room), 0
    while filled < len(room):
        taken = connection.recv_into(view[filled:])
        if not taken:
            return b""
        filled += taken
    return bytes(room)
