"""Private keys at work. They may live in another process; bytes never leave them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from gateway.core.envelope import ContentKey, ParsedEnvelope
from gateway.core.keys import KemKeyRecord
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.note import VerifierKey
from gateway.core.values import HexDigest, MessageId, UnixMs

RingId = NewType("RingId", str)
"""Names a ring of disclosures; says nothing of whom it is about."""


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


class DisclosureSealer(Protocol):
    """Seals disclosures under one ring."""

    def __call__(self, plaintext: bytes, context: bytes) -> bytes:
        """Return `plaintext` sealed and bound to `context`."""
        ...


class DisclosureVault(Protocol):
    """Key rings of the disclosures beside log entries (specification, 8.7).

    Their keys lie apart from the database, so that no copy of it brings back what was
    erased by destroying one.
    """

    def new_ring(self, made_at: int) -> RingId:
        """Return a fresh ring, durable once `flush` has returned.

        Args:
            made_at: Size of the log now. A ring that no row names although the log
                has grown beyond is left over from a transaction that came to nothing.
        """
        ...

    def adopt(self, wrapped_key: bytes) -> RingId:
        """Take a ring whose key lay wrapped in a database; durable after `flush`.

        Raises:
            CannotOpenError: It was not wrapped here.
        """
        ...

    def flush(self) -> None:
        """Return once all new rings are on disk; to be called before a commit.

        Raises:
            KeystoreError: They are not.
        """
        ...

    def is_live(self, ring: RingId) -> bool:
        """Tell whether a ring's key is there, neither destroyed nor lost."""
        ...

    def sealer(self, ring: RingId) -> DisclosureSealer:
        """Return what seals under a ring; to be used for one transaction only.

        Raises:
            CannotOpenError: The ring is gone.
        """
        ...

    def open(self, ring: RingId, sealed: bytes, *, context: bytes) -> bytes | None:
        """Return the plaintext; None if the ring is gone.

        Raises:
            CannotOpenError: The sealed bytes or the context differ.
        """
        ...

    def blind(self, text: str) -> str:
        """Return what stands for a text that may be compared and never read again."""
        ...


@dataclass(frozen=True, slots=True)
class ErasedNote:
    """That a message was erased, kept apart from the database.

    Attributes:
        log_index: Its `msg.erase` entry.
        until: When the last copy dies.
        basis: Code of the legal basis.
    """

    id: MessageId
    log_index: int
    until: UnixMs
    basis: str


class ErasureRegister(Protocol):
    """What was erased for good, whatever database is put back. Blocks for the disk."""

    def destroy(self, rings: Collection[RingId]) -> int:
        """Destroy rings; return how many were still there.

        Raises:
            KeystoreError: It could not be made durable.
        """
        ...

    def sweep(self, named: Collection[RingId], log_size: int) -> int:
        """Destroy rings that nothing names and the log has grown beyond."""
        ...

    def remember(self, erased: Collection[ErasedNote]) -> None:
        """Keep that messages were erased; durable on return.

        Raises:
            KeystoreError: It could not be made durable.
        """
        ...

    def erased(self) -> dict[MessageId, ErasedNote]:
        """Return all messages that were ever erased."""
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
    def known_vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of all that sign or ever signed, as the root vouched for them."""
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
