"""Evidence files sealed and opened as streams, in constant memory (specification, 5).

An attachment is encrypted once, under a key of its own. Its parts are hashed while
they are made, so the list of parts is ready when the last byte is.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.cobblestone import (
    Cobblestone256Decryptor,
    Cobblestone256Encryptor,
)
from cryptography.exceptions import InvalidTag

from gateway.core.errors import CannotOpenError, MalformedError
from gateway.core.keys import AttachmentKey
from gateway.core.limits import MIB, PART_BYTES
from gateway.core.parts import part_list_root
from gateway.core.sizes import attachment_length, padme
from gateway.core.values import HexDigest

_CONTEXT = b"mla-envelope/1 attachment\0"
_ZEROS = bytes(1 * MIB)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What is known of a file once it is sealed.

    Attributes:
        length: Of the ciphertext, in bytes.
        root: Of its parts.
        part_list: Digests of the parts, back to back.
        sha256: Of the plaintext.
    """

    length: int
    root: HexDigest
    part_list: bytes = field(repr=False)
    sha256: HexDigest = field(repr=False)


def attachment_context(aid: str) -> bytes:
    """Return what binds a ciphertext to its attachment."""
    return _CONTEXT + bytes.fromhex(aid)


class AttachmentSealer:
    """Seals one file, fed from its start to its end.

    It can't be saved: a ciphertext that broke off is read back and sealed anew under
    a new key, never continued under the old one.
    """

    def __init__(self, aid: str, size: int) -> None:
        """Begin a file of exactly `size` bytes under a fresh key."""
        self.key = AttachmentKey.new()
        self._size = size
        self._fed = 0
        self._digested = 0
        self._made = 0
        self._encryptor = Cobblestone256Encryptor(
            self.key.raw,
            attachment_context(aid),
        )
        self._plaintext_hash = hashlib.sha256()
        self._part_hash = hashlib.sha256()
        self._digests: list[bytes] = []

    @property
    def fed(self) -> int:
        """Bytes of plaintext taken so far."""
        return self._fed

    @property
    def made(self) -> int:
        """Bytes of ciphertext given so far."""
        return self._made

    def update(self, plaintext: bytes) -> bytes:
        """Take the next bytes of the file and return ciphertext to append.

        Raises:
            MalformedError: More than the announced size.
        """
        ciphertext = self.seal(plaintext)
        self.digest(plaintext)
        return ciphertext

    def seal(self, plaintext: bytes) -> bytes:
        """Return ciphertext as `update` does; the caller calls `digest`, too.

        Both take the same bytes in the same order, and may do so on two threads.

        Raises:
            MalformedError: More than the announced size.
        """
        if self._fed + len(plaintext) > self._size:
            raise MalformedError(f"attachment: over its {self._size} bytes")
        self._fed += len(plaintext)
        return self._emit(self._encryptor.update(plaintext))

    def digest(self, plaintext: bytes) -> None:
        """Count bytes that `seal` takes into the digest of the file."""
        self._plaintext_hash.update(plaintext)
        self._digested += len(plaintext)

    def finish(self) -> Iterator[bytes]:
        """Yield the rest of the ciphertext: the padding and the end.

        Raises:
            MalformedError: Fewer bytes than the announced size were fed.
        """
        if self._fed != self._size:
            raise MalformedError(f"attachment: {self._fed} of {self._size} bytes")
        padding = padme(self._size) - self._size
        while padding:
            piece = _ZEROS[: min(padding, len(_ZEROS))]
            padding -= len(piece)
            yield self._emit(self._encryptor.update(piece))
        yield self._emit(self._encryptor.finalize())

    def sealed(self) -> SealedFile:
        """Return what is known of the file after `finish` has run out."""
        if self._made != attachment_length(self._size):
            raise AssertionError("internal: a sealed file that is not finished")
        if self._digested != self._size:
            raise AssertionError("internal: a sealed file that was not all digested")
        # No padded file has a ciphertext that fills its last part.
        digests = [*self._digests, self._part_hash.digest()]
        return SealedFile(
            length=self._made,
            root=part_list_root(self._made, digests),
            part_list=b"".join(digests),
            sha256=HexDigest(self._plaintext_hash.hexdigest()),
        )

    def _emit(self, ciphertext: bytes) -> bytes:
        rest = memoryview(ciphertext)
        while rest:
            room = PART_BYTES - self._made % PART_BYTES
            piece = rest[:room]
            self._part_hash.update(piece)
            self._made += len(piece)
            if self._made % PART_BYTES == 0:
                self._digests.append(self._part_hash.digest())
                self._part_hash = hashlib.sha256()
            rest = rest[room:]
        return ciphertext


class AttachmentOpener:
    """Opens one file as a stream; every chunk is verified before it is given.

    Args:
        key: As the opened envelope names it.
        aid: Id of the attachment.
        size: True size, as the manifest says.
        sha256: Digest of the file, as the manifest says; None to check none.
    """

    def __init__(
        self,
        key: AttachmentKey,
        aid: str,
        size: int,
        sha256: HexDigest | None,
    ) -> None:
        self._decryptor = Cobblestone256Decryptor(key.raw, attachment_context(aid))
        self._size = size
        self._sha256 = sha256
        self._given = 0
        self._digested = 0
        self._padding = 0
        self._hash = hashlib.sha256()

    def update(self, ciphertext: bytes) -> bytes:
        """Take the next ciphertext and return the plaintext that it verifies.

        Raises:
            CannotOpenError: A chunk was changed, or there is padding that is not zero.
        """
        plaintext = self.open(ciphertext)
        self.digest(plaintext)
        return plaintext

    def open(self, ciphertext: bytes) -> bytes:
        """Return plaintext as `update` does; the caller calls `digest` with it.

        In the same order, perhaps on another thread, and to the end before `finish`.

        Raises:
            CannotOpenError: A chunk was changed, or there is padding that is not zero.
        """
        try:
            return self._cut(self._decryptor.update(ciphertext))
        except (InvalidTag, ValueError) as error:
            raise CannotOpenError("attachment: cannot be opened") from error

    def digest(self, plaintext: bytes) -> None:
        """Count bytes that `open` gave into the digest that `finish` compares."""
        if self._sha256 is not None:
            self._hash.update(plaintext)
        self._digested += len(plaintext)

    def finish(self) -> bytes:
        """Return the last plaintext, once the end, size and digest have verified.

        Raises:
            CannotOpenError: The end is missing, or size or digest are other ones.
        """
        try:
            last = self._cut(self._decryptor.finalize())
        except (InvalidTag, ValueError) as error:
            raise CannotOpenError("attachment: its end cannot be opened") from error
        self.digest(last)
        if self._digested != self._given:
            raise AssertionError("internal: an opened file that was not all digested")
        padded = self._given + self._padding
        if self._given != self._size or padded != padme(self._size):
            raise CannotOpenError("attachment: not of the size in the manifest")
        if self._sha256 not in {None, self._hash.hexdigest()}:
            raise CannotOpenError("attachment: not of the digest in the manifest")
        return last

    def _cut(self, plaintext: bytes) -> bytes:
        """Return what belongs to the file; the rest must be zeros."""
        kept = plaintext[: self._size - self._given]
        padding = plaintext[len(kept) :]
        if padding.count(0) != len(padding):
            raise CannotOpenError("attachment: the padding is not zero")
        self._given += len(kept)
        self._padding += len(padding)
        return kept
