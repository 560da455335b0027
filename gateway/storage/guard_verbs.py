"""What a database must be able to do about restrictions, readers and origins."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.values import MessageId
from gateway.ports.guarding import CaseReader, ItemTag, Restriction


class GuardLookup(Protocol):
    """What can be read in any transaction."""

    def restriction(self, message_id: MessageId) -> Restriction | None:
        """Return the restriction of a message, whoever ordered it."""
        ...

    def case_readers(self, case_id: str) -> list[CaseReader]:
        """Return who is named for a case, by name."""
        ...

    def tagged_items(self, tag: bytes, limit: int) -> list[tuple[int, str]]:
        """Return message numbers and ids of items with a tag, newest first."""
        ...

    def named_items(self, item_id: str, limit: int) -> list[tuple[int, str]]:
        """Return message numbers of items with an id, newest first, with the id."""
        ...


class GuardWrites(GuardLookup, Protocol):
    """Changes."""

    def put_restriction(self, restriction: Restriction) -> None:
        """Store a restriction, in place of an earlier one."""
        ...

    def drop_restriction(self, message_id: MessageId) -> None:
        """Forget a restriction."""
        ...

    def put_reader(self, reader: CaseReader) -> None:
        """Name somebody for a case."""
        ...

    def drop_reader(self, case_id: str, name: str) -> None:
        """Take somebody off the list of a case."""
        ...

    def drop_readers(self, case_id: str) -> None:
        """Take everybody off the list of a case."""
        ...

    def add_item_tags(self, number: int, tags: Sequence[ItemTag]) -> None:
        """Keep by what items of a message are recognised."""
        ...

    def drop_item_tags(self, number: int) -> None:
        """Forget them."""
        ...
