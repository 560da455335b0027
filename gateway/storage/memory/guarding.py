"""Rows of restrictions, named readers and origins, in memory."""

from collections.abc import Sequence

from gateway.core.values import MessageId
from gateway.ports.guarding import CaseReader, ItemTag, Restriction
from gateway.storage.memory.tables import Journal, Tables


class GuardLookupMemory:
    """Verbs of `gateway.storage.guard_verbs.GuardLookup`."""

    _tables: Tables

    def restriction(self, message_id: MessageId) -> Restriction | None:
        """Return the restriction of a message, whoever ordered it."""
        return self._tables.guard.restrictions.get(message_id)

    def case_readers(self, case_id: str) -> list[CaseReader]:
        """Return who is named for a case, by name."""
        rows = self._tables.guard.readers
        return [rows[key] for key in sorted(rows) if key[0] == case_id]

    def tagged_items(self, tag: bytes, limit: int) -> list[tuple[int, str]]:
        """Return message numbers and ids of items with a tag, newest first."""
        rows = self._tables.guard.item_tags
        found = [(number, item_id) for known, number, item_id in rows if known == tag]
        return sorted(found, key=lambda one: -one[0])[:limit]

    def named_items(self, item_id: str, limit: int) -> list[tuple[int, str]]:
        """Return message numbers of items with an id, newest first, with the id."""
        rows = self._tables.guard.item_tags
        found = [(number, known) for _, number, known in rows if known == item_id]
        return sorted(found, key=lambda one: -one[0])[:limit]


class GuardWritesMemory(GuardLookupMemory):
    """Verbs of `gateway.storage.guard_verbs.GuardWrites`."""

    _journal: Journal

    def put_restriction(self, restriction: Restriction) -> None:
        """Store a restriction, in place of an earlier one."""
        rows = self._tables.guard.restrictions
        self._journal.put(rows, restriction.message_id, restriction)

    def drop_restriction(self, message_id: MessageId) -> None:
        """Forget a restriction."""
        self._journal.drop(self._tables.guard.restrictions, message_id)

    def put_reader(self, reader: CaseReader) -> None:
        """Name somebody for a case."""
        rows = self._tables.guard.readers
        self._journal.put(rows, (reader.case_id, reader.name), reader)

    def drop_reader(self, case_id: str, name: str) -> None:
        """Take somebody off the list of a case."""
        self._journal.drop(self._tables.guard.readers, (case_id, name))

    def drop_readers(self, case_id: str) -> None:
        """Take everybody off the list of a case."""
        rows = self._tables.guard.readers
        for key in [key for key in rows if key[0] == case_id]:
            self._journal.drop(rows, key)

    def add_item_tags(self, number: int, tags: Sequence[ItemTag]) -> None:
        """Keep by what items of a message are recognised."""
        for one in tags:
            key = one.tag, number, one.item_id
            self._journal.put(self._tables.guard.item_tags, key, None)

    def drop_item_tags(self, number: int) -> None:
        """Forget them."""
        rows = self._tables.guard.item_tags
        for key in [key for key in rows if key[1] == number]:
            self._journal.drop(rows, key)
