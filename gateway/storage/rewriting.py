"""What a recovery of our own log is given and what it tells; no database in here."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import EntryDraft
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.values import AuthorityId, MessageId
from gateway.ports.log import SignedCheckpoint


@dataclass(frozen=True, slots=True)
class KnownLog:
    """Our log as others kept it: verified from its signed head down.

    Attributes:
        origin: The log.
        size: Number of its entries.
        root: Root of the tree over them.
        leaves: Gives the entries from the first on, each time it is called.
        disclosures: Returns what an entry discloses, as far as it was kept.
        checkpoints: Signed notes of it, among them the one of `size`.
    """

    origin: str
    size: int
    root: bytes
    leaves: Callable[[], Iterator[bytes]]
    disclosures: Callable[[int], Sequence[str]]
    checkpoints: tuple[SignedCheckpoint, ...]


@dataclass(frozen=True, slots=True)
class LostMessage:
    """A message that the log names and the database does not have.

    Attributes:
        kind: Of its entry: `msg.send` or `msg.hold` for ours, `msg.receive` for a
            peer's.
    """

    id: MessageId
    peer: AuthorityId
    kind: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What putting the end of a log back has done.

    Attributes:
        common: Entries that both had.
        restored: Entries that were put back.
        moved: Entries of the database alone that were logged again after those.
        disowned: Checkpoints that were signed over the entries that moved.
        lost: Messages whose rows are gone.
    """

    common: int
    restored: int
    moved: int
    disowned: int
    lost: tuple[LostMessage, ...]


@dataclass(frozen=True, slots=True)
class NewLog:
    """The log that succeeds one whose end is lost.

    Attributes:
        old_origin: The log before.
        origin: The new log.
        init: Its first entry, which names its keys and the log before.
    """

    old_origin: str
    origin: str
    init: EntryDraft


@dataclass(frozen=True, slots=True)
class Begun:
    """What beginning a new log has done.

    Attributes:
        proofs: Proofs of messages that were kept under the old log.
        carried: Messages that the new log took over.
        logged_again: Entries that nobody had signed, logged again.
    """

    proofs: int
    carried: int
    logged_again: int


def prior_field(checkpoint: Checkpoint) -> JsonObject:
    """Return the `prior` field: the newest that anybody holds of the log before."""
    return {
        "o": checkpoint.origin,
        "n": checkpoint.size,
        "r": encode_base64(checkpoint.root),
        "dig": hashlib.sha256(checkpoint.text).hexdigest(),
    }
