"""Evidence files on their way: parts that verify alone (specification, section 5).

Part j of an attachment is the ciphertext bytes from j times 8 MiB on; the `root` in the
envelope's header binds the length and the digests of all parts. This module is the
arithmetic; it encrypts and stores nothing.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway.core.errors import (
    MalformedError,
    PartMismatchError,
    RootMismatchError,
)
from gateway.core.limits import PART_BYTES
from gateway.core.values import HexDigest

_DIGEST_BYTES = 32
_ROOT_DOMAIN = b"mla-parts/1\0"


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part lies in the ciphertext; both in bytes."""

    offset: int
    length: int


def part_count(length: int) -> int:
    """Return the number of parts of a ciphertext of `length` bytes."""
    return -(-length // PART_BYTES)


def locate_part(length: int, index: int) -> Part:
    """Return where part `index` of a ciphertext of `length` bytes lies.

    Raises:
        MalformedError: There is no such part.
    """
    if not 0 <= index < part_count(length):
        raise MalformedError(
            f"part: index {index}, expected 0 to {part_count(length) - 1}",
        )
    offset = index * PART_BYTES
    return Part(offset=offset, length=min(PART_BYTES, length - offset))


def split_part_list(raw: bytes) -> list[bytes]:
    """Return the digests that stand back to back in `raw`."""
    return [raw[at : at + _DIGEST_BYTES] for at in range(0, len(raw), _DIGEST_BYTES)]


def digest_at(part_list: bytes, index: int) -> bytes:
    """Return the digest of part `index` in a list of digests back to back."""
    return part_list[index * _DIGEST_BYTES : (index + 1) * _DIGEST_BYTES]


class PartSet:
    """Which parts of an attachment are there; immutable.

    Written as one bit a part, the first part in the lowest bit of the first byte.
    """

    __slots__ = ("_bits", "count")

    def __init__(self, count: int, raw: bytes = b"") -> None:
        """Take the set that `to_bytes` wrote.

        Args:
            count: Parts there are in all.
            raw: Bits; what is not there is zero.
        """
        self.count = count
        self._bits = int.from_bytes(raw, "little") & ((1 << count) - 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PartSet):
            return NotImplemented
        return (self.count, self._bits) == (other.count, other._bits)

    def __hash__(self) -> int:
        return hash((self.count, self._bits))

    def __repr__(self) -> str:
        return f"PartSet({len(self)} of {self.count})"

    def __contains__(self, index: int) -> bool:
        return bool(self._bits >> index & 1)

    def __len__(self) -> int:
        return self._bits.bit_count()

    @property
    def is_whole(self) -> bool:
        """Whether all parts are there."""
        return len(self) == self.count

    def with_part(self, index: int) -> "PartSet":
        """Return the set with one part more."""
        return self._with_bits(self._bits | 1 << index)

    def without(self, missing: Collection[int]) -> "PartSet":
        """Return the set of all parts but those that are missing."""
        gone = sum(1 << index for index in set(missing))
        return self._with_bits(((1 << self.count) - 1) & ~gone)

    def missing(self) -> list[int]:
        """Return the parts that are not there, in order."""
        return [index for index in range(self.count) if index not in self]

    def to_bytes(self) -> bytes:
        """Return the bits."""
        return self._bits.to_bytes(-(-self.count // 8), "little")

    def _with_bits(self, bits: int) -> "PartSet":
        return PartSet(self.count, bits.to_bytes(-(-self.count // 8), "little"))


def bytes_there(length: int, parts: PartSet) -> int:
    """Return how much of a ciphertext of `length` bytes some of its parts hold."""
    last = parts.count - 1
    whole = len(parts) * PART_BYTES
    return whole - (parts.count * PART_BYTES - length if last in parts else 0)


def part_list_root(length: int, digests: Sequence[bytes]) -> HexDigest:
    """Return the root of a ciphertext of `length` bytes with these part digests.

    Raises:
        MalformedError: The list is not one SHA-256 digest for each part.
    """
    if len(digests) != part_count(length):
        raise MalformedError(
            f"part list: {len(digests)} digests, expected {part_count(length)}",
        )
    if any(len(digest) != _DIGEST_BYTES for digest in digests):
        raise MalformedError("part list: a digest is not 32 bytes")
    head = _ROOT_DOMAIN + length.to_bytes(8) + PART_BYTES.to_bytes(4)
    return HexDigest(hashlib.sha256(head + b"".join(digests)).hexdigest())


def check_part_list(length: int, digests: Sequence[bytes], root: HexDigest) -> None:
    """Refuse a list of part digests that is not the one the envelope names.

    Raises:
        MalformedError: The list is not one SHA-256 digest for each part.
        RootMismatchError: It has another root.
    """
    found = part_list_root(length, digests)
    if found != root:
        raise RootMismatchError(f"part list: root {found}, expected {root}")


def check_part(part: Part, *, length: int, digest: bytes, expected: bytes) -> None:
    """Refuse a received part that is not the one in the list.

    Args:
        part: Where it lies; says how long it must be.
        length: Bytes received.
        digest: SHA-256 of the bytes received.
        expected: Its digest in the checked list.

    Raises:
        PartMismatchError: Another length or digest.
    """
    if length != part.length or digest != expected:
        raise PartMismatchError(
            f"part: {length} bytes, expected {part.length} with the listed digest",
        )
