"""A network that can be cut: a TCP proxy between two real nodes."""

import contextlib
import socket
import threading
from enum import Enum


class Network(Enum):
    """What the network does to connections."""

    WHOLE = "whole"
    CUT = "cut"  # nothing connects, what was connected is reset
    LOSES_REPLIES = "loses-replies"  # requests arrive, answers never come back
    SILENT = "silent"  # everything connects, nothing is ever answered


class Proxy:
    """Carries connections to a port, for as long as the network lets it.

    Attributes:
        carried_in: Bytes that went to the port so far, encryption and all.
    """

    def __init__(self, target_port: int, port: int = 0) -> None:
        """Listen on `port`, or on any free one."""
        self.network = Network.WHOLE
        self.carried_in = 0
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", port))
        self._live: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def become(self, network: Network) -> None:
        """Change the network; connections that are open are reset."""
        self.network = network
        with self._lock:
            live = list(self._live)
        for one in live:
            _reset(one)

    def close(self) -> None:
        """Stop, and let go of the port at once."""
        # Closing alone would leave the port taken for as long as `accept` waits.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.become(Network.CUT)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.network is Network.CUT:
                _reset(client)
                continue
            if self.network is Network.SILENT:
                with self._lock:
                    self._live.add(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target_port), 5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._live |= {client, server}
            for source, sink, is_reply in (
                (client, server, False),
                (server, client, True),
            ):
                threading.Thread(
                    target=self._carry,
                    args=(source, sink, is_reply),
                    daemon=True,
                ).start()

    def _carry(
        self,
        source: socket.socket,
        sink: socket.socket,
        is_reply: bool,  # noqa: FBT001 - a thread takes no keywords so simply
    ) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                carried += len(chunk)
                if not is_reply:
                    with self._lock:
                        self.carried_in += len(chunk)
                # A handshake and a few small answers pass; the large one is lost.
                if (
                    is_reply
                    and self.network is Network.LOSES_REPLIES
                    and carried > HANDSHAKE_BYTES
                ):
                    break
                sink.sendall(chunk)
        for one in (source, sink):
            _reset(one)
            with self._lock:
                self._live.discard(one)


HANDSHAKE_BYTES = 4000


def _reset(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
