"""Rows of restrictions, named readers and origins."""

from collections.abc import Sequence

from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.guarding import CaseReader, ItemTag, Opened, Ordered, Restriction
from gateway.storage.sqlite.running import Running


class GuardLookupSql(Running):
    """Verbs of `gateway.storage.guard_verbs.GuardLookup`."""

    def restriction(self, message_id: MessageId) -> Restriction | None:
        """Return the restriction of a message, whoever ordered it."""
        for row in self._rows("restriction", (message_id,)):
            return Restriction(
                message_id=MessageId(row[0]),
                peer=AuthorityId(row[1]),
                ordered=Ordered(row[2]),
                by=MessageId(row[3]),
                at=UnixMs(row[4]),
                log_index=row[5],
                opened=Opened(row[6]),
            )
        return None

    def case_readers(self, case_id: str) -> list[CaseReader]:
        """Return who is named for a case, by name."""
        return [
            CaseReader(
                case_id=row[0],
                name=row[1],
                granted_by=row[2],
                granted_at=UnixMs(row[3]),
                log_index=row[4],
            )
            for row in self._rows("case_readers", (case_id,))
        ]

    def tagged_items(self, tag: bytes, limit: int) -> list[tuple[int, str]]:
        """Return message numbers and ids of items with a tag, newest first."""
        return [(row[0], row[1]) for row in self._rows("tagged_items", (tag, limit))]

    def named_items(self, item_id: str, limit: int) -> list[tuple[int, str]]:
        """Return message numbers of items with an id, newest first, with the id."""
        rows = self._rows("named_items", (item_id, limit))
        return [(row[0], row[1]) for row in rows]


class GuardWritesSql(GuardLookupSql):
    """Verbs of `gateway.storage.guard_verbs.GuardWrites`."""

    def put_restriction(self, restriction: Restriction) -> None:
        """Store a restriction, in place of an earlier one."""
        self._write(
            "put_restriction",
            (
                restriction.message_id,
                restriction.peer,
                restriction.ordered.value,
                restriction.by,
                restriction.at,
                restriction.log_index,
                restriction.opened.value,
            ),
        )

    def drop_restriction(self, message_id: MessageId) -> None:
        """Forget a restriction."""
        self._write("drop_restriction", (message_id,))

    def put_reader(self, reader: CaseReader) -> None:
        """Name somebody for a case."""
        self._write(
            "put_reader",
            (
                reader.case_id,
                reader.name,
                reader.granted_by,
                reader.granted_at,
                reader.log_index,
            ),
        )

    def drop_reader(self, case_id: str, name: str) -> None:
        """Take somebody off the list of a case."""
        self._write("drop_reader", (case_id, name))

    def drop_readers(self, case_id: str) -> None:
        """Take everybody off the list of a case."""
        self._write("drop_readers", (case_id,))

    def add_item_tags(self, number: int, tags: Sequence[ItemTag]) -> None:
        """Keep by what items of a message are recognised."""
        for one in tags:
            self._write("add_item_tag", (one.tag, number, one.item_id))

    def drop_item_tags(self, number: int) -> None:
        """Forget them."""
        self._write("drop_item_tags", (number,))
