"""Keys of the disclosure rings, in a file of their own, and what was erased for good.

The file lies among the keys, never in the database: a copy of the database must not
bring back what was erased (specification, section 15.2). Slots of fixed size, appended
and never reused; destroying a key overwrites its slot where it lies. So the file also
remembers every destroyed key and every erased message, and a database that was
restored from an older copy cannot undo that.
"""

import hashlib
import os
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import Self

import nacl.utils

from gateway.core.errors import KeystoreError
from gateway.keystore.files import check_private, sync_folder
from gateway.ports.keys import RingId

SLOT_BYTES = 128
ID_BYTES = 16
MAX_PAYLOAD_BYTES = 70

_MAGIC = b"mla-rings/1\n".ljust(SLOT_BYTES, b"\0")
_SLOT = struct.Struct(f">{ID_BYTES}sQBB{MAX_PAYLOAD_BYTES}s")
_STATE_AT = ID_BYTES + 8
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE_FILE = 0o600
_READ_SLOTS = 2_048
_CACHED_SLOTS = 4_096


class SlotState(IntEnum):
    """What a slot holds."""

    RING = 1  # the wrapped key of a ring
    DESTROYED = 2  # a ring whose key is gone for ever
    ERASED = 3  # a message that was erased


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot.

    Attributes:
        key: Sixteen bytes: random for a ring, the id of an erased message.
        number: For a ring the size of the log when it was made; for an erased
            message the index of its `msg.erase`.
        payload: The wrapped key; for an erased message until when, and why.
    """

    key: bytes
    number: int
    state: SlotState
    payload: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes of the slot, with a check sum at their end."""
        body = _SLOT.pack(
            self.key, self.number, self.state, len(self.payload), self.payload
        )
        return body + hashlib.sha256(body).digest()


def _decode(raw: bytes) -> Slot | None:
    """Return the slot that `raw` holds; None if it was cut off while written."""
    body, check = raw[: _SLOT.size], raw[_SLOT.size :]
    if hashlib.sha256(body).digest() != check:
        return None
    key, number, state, length, payload = _SLOT.unpack(body)
    try:
        return Slot(key, number, SlotState(state), payload[:length])
    except ValueError as error:
        raise KeystoreError(
            f"ring keys: a slot of kind {state}; install the newer version again",
        ) from error


class RingFile:
    """The slots of a node. Called from several threads.

    Args:
        path: The file; made when the first slot is written.

    Raises:
        KeystoreError: Not such a file, or others can read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._file = -1
        self._slots = 1
        self._fresh: dict[int, Slot] = {}
        self._cache: dict[int, Slot] = {}
        self._is_broken = False
        if path.is_symlink() or path.exists():
            self._open()

    @classmethod
    def in_memory(cls) -> Self:
        """Return slots that are gone with the process; for tests and trials."""
        rings = cls(Path("/nonexistent"))
        rings._file = os.memfd_create("rings", os.MFD_CLOEXEC)
        os.pwrite(rings._file, _MAGIC, 0)
        return rings

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def _open(self) -> None:
        try:
            file = os.open(self._path, _OPEN)
        except OSError as error:
            raise KeystoreError(f"{self._path}: {error.strerror}") from error
        self._file = file
        status = os.fstat(file)
        check_private(self._path, status)
        if os.pread(file, SLOT_BYTES, 0) != _MAGIC:
            raise KeystoreError(f"{self._path}: not a file of ring keys")
        # A slot that was cut off is passed over: nothing was told of it.
        self._slots = -(-status.st_size // SLOT_BYTES)

    def _create(self) -> None:
        """Make the file; it has its name only once its head is on disk."""
        temporary = self._path.with_name(f"{self._path.name}.new")
        temporary.unlink(missing_ok=True)
        file = os.open(temporary, _OPEN | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
        try:
            os.fchmod(file, _PRIVATE_FILE)
            os.pwrite(file, _MAGIC, 0)
            os.fsync(file)
            temporary.rename(self._path)
        except BaseException:
            os.close(file)
            raise
        sync_folder(self._path.parent)
        self._file = file

    def add_ring(self, key: bytes, made_at: int, wrapped: bytes) -> RingId:
        """Take a new ring; it is durable once `flush` has returned."""
        with self._lock:
            slot = self._add(Slot(key, made_at, SlotState.RING, wrapped))
        return RingId(f"{slot}.{key.hex()}")

    def _add(self, new: Slot) -> int:
        slot = self._slots
        self._slots += 1
        self._fresh[slot] = new
        return slot

    def flush(self) -> None:
        """Return once everything that was added is on disk.

        Raises:
            KeystoreError: It is not. What rests on it must not be committed.
        """
        with self._lock:
            if self._fresh:
                self._save()

    def _save(self) -> None:
        if self._is_broken:
            raise KeystoreError(f"{self._path}: an earlier write failed; restart")
        try:
            if self._file < 0:
                self._create()
            for slot, content in self._fresh.items():
                os.pwrite(self._file, content.encode(), slot * SLOT_BYTES)
        except OSError as error:
            raise KeystoreError(f"{self._path}: {error.strerror}") from error
        self._sync()
        self._fresh = {}

    def _sync(self) -> None:
        try:
            os.fdatasync(self._file)
        except OSError as error:
            # A second flush would succeed without the data.
            self._is_broken = True
            raise KeystoreError(f"{self._path}: {error.strerror}") from error

    def wrapped_key(self, ring: RingId) -> bytes | None:
        """Return the wrapped key of a ring; None if it was destroyed or is lost."""
        at, key = _place(ring)
        with self._lock:
            found = self._fresh.get(at) or self._cache.get(at) or self._read(at)
        if found is None or found.key != key or found.state is not SlotState.RING:
            return None
        return found.payload

    def _read(self, at: int) -> Slot | None:
        if self._file < 0 or not 0 < at < self._slots:
            return None
        raw = os.pread(self._file, SLOT_BYTES, at * SLOT_BYTES)
        found = _decode(raw)
        if found is not None:
            if len(self._cache) >= _CACHED_SLOTS:
                self._cache.clear()
            self._cache[at] = found
        return found

    def destroy(self, rings: Collection[RingId]) -> int:
        """Overwrite the keys of rings; return how many there were to destroy.

        Raises:
            KeystoreError: It could not be made durable.
        """
        places = dict(map(_place, rings))
        with self._lock:
            if self._fresh:
                self._save()
            found = {at: self._read(at) for at in places}
            live = [
                (at, slot)
                for at, slot in found.items()
                if slot and slot.key == places[at] and slot.state is SlotState.RING
            ]
            self._overwrite(live)
        return len(live)

    def _overwrite(self, slots: list[tuple[int, Slot]]) -> None:
        try:
            for at, slot in slots:
                gone = Slot(slot.key, slot.number, SlotState.DESTROYED)
                os.pwrite(self._file, gone.encode(), at * SLOT_BYTES)
                self._cache.pop(at, None)
        except OSError as error:
            raise KeystoreError(f"{self._path}: {error.strerror}") from error
        if slots:
            self._sync()

    def remember(self, erased: Collection[Slot]) -> None:
        """Keep that messages were erased; durable on return.

        Raises:
            KeystoreError: It could not be made durable.
        """
        with self._lock:
            for slot in erased:
                self._add(slot)
            if self._fresh:
                self._save()

    def slots(
        self, state: SlotState, but: Collection[bytes] = frozenset()
    ) -> Iterator[tuple[int, Slot]]:
        """Yield what of a state is on disk, oldest first.

        Args:
            state: All others are passed over without being decoded: of a million
                slots a start looks for the few that say something to it.
            but: Keys whose slots are passed over too.
        """
        wanted = bytes([state])
        at = 1
        while True:
            with self._lock:
                raw = self._page(at)
            whole = len(raw) // SLOT_BYTES
            states = raw[_STATE_AT::SLOT_BYTES][:whole]
            offset = states.find(wanted)
            while offset >= 0:
                start = offset * SLOT_BYTES
                if raw[start : start + ID_BYTES] not in but:
                    found = _decode(raw[start : start + SLOT_BYTES])
                    if found is not None:
                        yield at + offset, found
                offset = states.find(wanted, offset + 1)
            at += whole
            if len(raw) < _READ_SLOTS * SLOT_BYTES:
                return

    def _page(self, at: int) -> bytes:
        if self._file < 0:
            return b""
        return os.pread(self._file, _READ_SLOTS * SLOT_BYTES, at * SLOT_BYTES)


def new_ring_key() -> bytes:
    """Return the random sixteen bytes that name a ring."""
    return nacl.utils.random(ID_BYTES)


def ring_name(ring: RingId) -> bytes:
    """Return the sixteen bytes that name a ring."""
    return _place(ring)[1]


def _place(ring: RingId) -> tuple[int, bytes]:
    slot, _, key = ring.partition(".")
    return int(slot), bytes.fromhex(key)
