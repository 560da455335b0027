"""Private keys at work. They may live in another process; bytes never leave them."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.envelope import ContentKey, ParsedEnvelope
from gateway.core.keys import KemKeyRecord
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.note import VerifierKey
from gateway.core.values import HexDigest, UnixMs


class OpeningKeys(Protocol):
    """The KEM keys of this authority."""

    def records(self) -> Sequence[KemKeyRecord]:
        """Return the public records, as a card shows them."""
        ...

    def check_seal(self, envelope: ParsedEnvelope, now: UnixMs) -> ContentKey:
        """Verify every tag of a sealed message and return its content key.

        Raises:
            CannotOpenError: The seal does not hold.
            KeyRetiredError: Sealed to a key that is no longer opened with.
            MalformedError: Sealed to no key this node ever issued.
        """
        ...


class ArchiveKeys(Protocol):
    """The key under which content keys and drafts stay readable to this node."""

    def wrap(self, key: ContentKey, *, box: str, digest: HexDigest) -> bytes:
        """Return a content key wrapped for `box` (`out` or `in`) and envelope."""
        ...

    def unwrap(self, wrapped: bytes, *, box: str, digest: HexDigest) -> ContentKey:
        """Return the content key again.

        Raises:
            CannotOpenError: Not wrapped here, or for another envelope.
        """
        ...

    def seal_draft(self, draft: bytes, *, message_id: str) -> bytes:
        """Return a held message sealed to ourselves."""
        ...

    def open_draft(self, sealed: bytes, *, message_id: str) -> bytes:
        """Return a held message again.

        Raises:
            CannotOpenError: Not sealed here, or for another message.
        """
        ...


class DisclosureVault(Protocol):
    """Key rings of the disclosures beside log entries (specification, 8.7)."""

    def new_key(self) -> bytes:
        """Return a fresh ring key, wrapped; destroying it erases what it seals."""
        ...

    def seal(self, wrapped_key: bytes, plaintext: bytes, *, context: bytes) -> bytes:
        """Return `plaintext` sealed under a ring key and bound to `context`."""
        ...

    def open(self, wrapped_key: bytes, sealed: bytes, *, context: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            CannotOpenError: The key, the sealed bytes or the context differ.
        """
        ...


class LogSigning(Protocol):
    """The online keys of this authority's audit log."""

    @property
    def origin(self) -> str:
        """Origin of the log, `<authority>/audit/<epoch>`."""
        ...

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of all that sign: one pair, or two in an overlap."""
        ...

    @property
    def newest_vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of the pair that is to stay, one of each kind."""
        ...

    async def sign(self, checkpoint: Checkpoint) -> bytes:
        """Return the signed note of a checkpoint of this log, with all lines."""
        ...


class KeyUpkeep(Protocol):
    """Renews, unattended, the keys that end."""

    async def renew_if_due(self, now: UnixMs) -> None:
        """Make a new KEM key or TLS certificate when the present one nears its end.

        Raises:
            KeystoreError: A file can't be read or written.
        """
        ...
