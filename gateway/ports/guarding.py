"""What stands between content and people: restrictions, named readers, origins.

A restriction is what the other side ordered of data it gave: nobody opens it without a
second person. Readers are the people named for a case whose markings ask for names.
Origins tell of a file that goes out whether it once came in, and from whom.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, MessageId, UnixMs


class Ordered(StrEnum):
    """What is ordered of data that were handed over."""

    RESTRICT = "restrict"
    DELETE = "delete"
    RETURN = "return"
    LIFT = "lift"  # what was restricted may be used again


class Opened(StrEnum):
    """Whether anybody had opened a message when it was restricted."""

    BEFORE = "opened"
    NOT = "not-opened"
    NOT_HERE = "not-received"  # the order was quicker than what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionOrder:
    """An order about messages of one peer.

    Attributes:
        targets: The messages.
        by: The message that orders it.
        at: When it is obeyed.
    """

    targets: tuple[MessageId, ...]
    ordered: Ordered
    by: MessageId
    at: UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A message that is restricted.

    Attributes:
        by: The message that ordered it.
        log_index: Its `msg.restrict` entry, which says whether it was opened before.
    """

    message_id: MessageId
    peer: AuthorityId
    ordered: Ordered
    by: MessageId
    at: UnixMs
    log_index: int
    opened: Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReader:
    """Somebody who is named for a case.

    Attributes:
        name: An account, or the id of a person for whom a system asks.
        log_index: The entry that names them.
    """

    case_id: str
    name: str
    granted_by: str
    granted_at: UnixMs
    log_index: int


@dataclass(frozen=True, slots=True)
class ItemTag:
    """By what an evidence item of a message can be recognised: a keyed digest."""

    item_id: str
    tag: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOrigin:
    """A received item that is the same as one that was looked for."""

    message_id: MessageId
    peer: AuthorityId
    case_id: str
    item_id: str


class GuardStore(Protocol):
    """Keeping these. Each method is one transaction, with its log entries."""

    async def restriction(
        self, message_id: MessageId, peer: AuthorityId
    ) -> Restriction | None:
        """Return the restriction of a message of a peer, if it is restricted."""
        ...

    async def case_readers(self, case_id: str) -> list[CaseReader]:
        """Return who is named for a case, by name."""
        ...

    async def grant_reader(
        self, case_id: str, name: str, act: Act, now: UnixMs
    ) -> CaseReader:
        """Name somebody for a case; repeating is harmless.

        Raises:
            ConflictError: The list of the case is full.
        """
        ...

    async def revoke_reader(
        self, case_id: str, name: str, act: Act, now: UnixMs
    ) -> None:
        """Take somebody off the list of a case.

        Raises:
            NotFoundError: They are not on it.
        """
        ...

    async def origins(
        self, tags: Collection[bytes], item_ids: Collection[str], limit: int
    ) -> Sequence[ItemOrigin]:
        """Return received items with these tags or ids, newest first."""
        ...
