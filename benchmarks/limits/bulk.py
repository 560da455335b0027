"""L_bulk: how fast a file can reach the other side's disk, in straight-line Python.

One process reads a file, encrypts it (the gateway's chunked AES-256-GCM), hashes the
ciphertext by parts and sends it over blocking mutual TLS 1.3; another hashes what
comes, writes it and flushes it. Chunks of 1 MiB, buffers used again, two processes and
no thread more. The file was read before, so it lies in memory. Left out are HTTP,
acknowledgements of parts, room made beforehand, rows in a database, the digest of the
plaintext, and opening what arrived.

    python -m benchmarks.limits.bulk --size-mib 1024
    python -m benchmarks.limits.bulk --size-mib 1024 --flush rolling

Prints one JSON object. `--flush end` flushes once, when all is written; `rolling`
after every 32 MiB as well, so that the disk works while the network does.
"""

import argparse
import hashlib
import json
import os
import ssl
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from cryptography.cobblestone import Cobblestone256Encryptor

from benchmarks import machine
from benchmarks.limits.wire import Certificates, Pipe, accept, dial, receive_in_process
from gateway.core.attachments import attachment_context
from gateway.core.keys import AttachmentKey
from gateway.core.limits import KIB, MIB, PART_BYTES
from gateway.core.sizes import ciphertext_length

_CHUNK_BYTES = 1 * MIB
_FLUSHED_AFTER_BYTES = 32 * MIB
# A megabyte of plaintext has so much less ciphertext, with what waited before it.
_ROOM_BYTES = 64 * KIB
_AID = "0" * 32
_DONE = b"\x06"


@dataclass(frozen=True, slots=True)
class BulkLimit:
    """What was reached.

    Attributes:
        sender_cpu_s: Processor time of the sender; likewise the receiver's.
    """

    size_mib: int
    flush: str
    seconds: float
    mb_per_s: float
    sender_cpu_s: float
    receiver_cpu_s: float


@dataclass(frozen=True, slots=True)
class _Work:
    size: int
    is_rolling: bool


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--size-mib", type=int, default=1024)
    parser.add_argument("--flush", choices=("end", "rolling"), default="end")
    parser.add_argument("--folder", type=Path, default=machine.disk_folder())
    asked = parser.parse_args()
    work = _Work(asked.size_mib * MIB, asked.flush == "rolling")
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        print(json.dumps(asdict(_measure(Path(folder), work))))


def _measure(folder: Path, work: _Work) -> BulkLimit:
    source = folder / "source"
    with source.open("wb") as sparse:
        sparse.truncate(work.size)
    certificates = Certificates.make(folder)
    process, receiver = receive_in_process(_receive, folder, work)
    with dial(int(str(receiver.recv())), certificates) as connection:
        receiver.recv()  # it is ready
        _read(source)
        began, cpu_before = time.perf_counter(), time.process_time()
        digests = _send(connection, source)
        connection.recv(len(_DONE))
        seconds = time.perf_counter() - began
        sender_cpu_s = time.process_time() - cpu_before
    receiver_cpu_s, received = cast("tuple[float, list[bytes]]", receiver.recv())
    process.join()
    if received != digests:
        raise SystemExit("what arrived is not what was sent")
    return BulkLimit(
        size_mib=work.size // MIB,
        flush="rolling" if work.is_rolling else "end",
        seconds=round(seconds, 3),
        mb_per_s=round(work.size / seconds / 1e6, 1),
        sender_cpu_s=round(sender_cpu_s, 3),
        receiver_cpu_s=round(receiver_cpu_s, 3),
    )


def _read(source: Path) -> None:
    """Have the file in memory: how fast its disk reads is not what is measured."""
    room = bytearray(_CHUNK_BYTES)
    with source.open("rb", buffering=0) as file:
        while file.readinto(room):
            pass


class _PartHash:
    """Digests of the parts of a stream."""

    def __init__(self) -> None:
        self._digests: list[bytes] = []
        self._hash = hashlib.sha256()
        self._room = PART_BYTES

    def update(self, piece: memoryview) -> None:
        while len(piece) >= self._room:
            self._hash.update(piece[: self._room])
            piece = piece[self._room :]
            self._digests.append(self._hash.digest())
            self._hash = hashlib.sha256()
            self._room = PART_BYTES
        self._hash.update(piece)
        self._room -= len(piece)

    def digests(self) -> list[bytes]:
        return [*self._digests, self._hash.digest()]


def _send(connection: ssl.SSLSocket, source: Path) -> list[bytes]:
    """Send the ciphertext of a file; return the digests of its parts."""
    encryptor = Cobblestone256Encryptor(
        AttachmentKey.new().raw,
        attachment_context(_AID),
    )
    parts = _PartHash()
    room, sealed = bytearray(_CHUNK_BYTES), bytearray(_CHUNK_BYTES + _ROOM_BYTES)
    plain, made = memoryview(room), memoryview(sealed)
    with source.open("rb", buffering=0) as file:
        while taken := file.readinto(room):
            ciphertext = made[: encryptor.update_into(plain[:taken], made)]
            parts.update(ciphertext)
            connection.sendall(ciphertext)
    last = encryptor.finalize()
    parts.update(memoryview(last))
    connection.sendall(last)
    return parts.digests()


def _receive(parent: Pipe, folder: Path, work: _Work) -> None:
    """Be the receiving process."""
    left = ciphertext_length(work.size)
    parts = _PartHash()
    room = bytearray(_CHUNK_BYTES)
    view = memoryview(room)
    with accept(parent, Certificates.of(folder)) as connection:
        parent.send("ready")
        cpu_before = time.process_time()
        with (folder / "target").open("wb", buffering=0) as file:
            unflushed = 0
            while left:
                filled = _fill(connection, view[: min(left, _CHUNK_BYTES)])
                parts.update(view[:filled])
                file.write(view[:filled])
                left -= filled
                unflushed += filled
                if work.is_rolling and unflushed >= _FLUSHED_AFTER_BYTES:
                    os.fdatasync(file.fileno())
                    unflushed = 0
            os.fsync(file.fileno())
        cpu_s = time.process_time() - cpu_before
        connection.sendall(_DONE)
    parent.send((cpu_s, parts.digests()))


def _fill(connection: ssl.SSLSocket, view: memoryview) -> int:
    """Fill `view`: one write a megabyte, however small the records are."""
    filled = 0
    while filled < len(view):
        taken = connection.recv_into(view[filled:])
        if not taken:
            raise EOFError("the sender has ended too early")
        filled += taken
    return filled


if __name__ == "__main__":
    main()
