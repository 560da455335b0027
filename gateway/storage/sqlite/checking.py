"""Rows as they are stored, for checks."""

from collections.abc import Collection
from sqlite3 import Cursor

from gateway.core.translog.tiles import Place
from gateway.ports.checking import (
    CheckedMessage,
    EntryOfMessage,
    ProofOfMessage,
    StoredTile,
)
from gateway.ports.log import SignedCheckpoint
from gateway.storage.sqlite.mapping import as_json
from gateway.storage.sqlite.running import Running


class CheckReaderSql(Running):
    """Verbs of `gateway.storage.checking_verbs.CheckReader`."""

    def tiles(self, places: Collection[Place]) -> dict[Place, StoredTile]:
        """Return the full tiles there are at these places."""
        found: dict[Place, StoredTile] = {}
        for level in {level for level, _ in places}:
            wanted = as_json([index for at, index in places if at == level])
            for row in self._rows("checked_tiles", (level, wanted)):
                found[level, row[0]] = StoredTile(row[1], row[2])
        return found

    def checkpoints(self, above: int, up_to: int) -> list[SignedCheckpoint]:
        """Return checkpoints signed for sizes above one and up to another."""
        rows = self._rows("checkpoints_between", (above, up_to))
        return [SignedCheckpoint(*row) for row in rows]

    def strays(self, start: int, stop: int) -> list[tuple[int, str]]:
        """Return entries [start, stop) about messages of which nothing is there."""
        return [(row[0], row[1]) for row in self._rows("strays", (start, stop))]

    def bare_messages(self, after: int, limit: int) -> list[CheckedMessage]:
        """Return messages after a number, without their entries and proofs."""
        return _messages_from(self._rows("bare_messages", (after, limit)))

    def bare_messages_of(self, ids: Collection[str]) -> list[CheckedMessage]:
        """Return the messages there are of some ids, the same way."""
        return _messages_from(self._rows("bare_messages_of", (as_json(ids),)))

    def entries_of(self, ids: Collection[str]) -> dict[str, list[EntryOfMessage]]:
        """Return entries that can have changed the state of some messages, in order."""
        found: dict[str, list[EntryOfMessage]] = {}
        for row in self._rows("entries_of", (as_json(ids),)):
            entry = EntryOfMessage(row[1], row[2], row[3] or b"")
            found.setdefault(row[0], []).append(entry)
        return found

    def first_opening_of(self, message_id: str) -> EntryOfMessage | None:
        """Return the first `msg.access` of a message that succeeded."""
        for row in self._rows("first_opening_of", (message_id,)):
            return EntryOfMessage(row[0], row[1], row[2] or b"")
        return None

    def proofs_of(self, ids: Collection[str]) -> dict[str, list[ProofOfMessage]]:
        """Return the proofs that are stored for some messages."""
        found: dict[str, list[ProofOfMessage]] = {}
        for row in self._rows("proofs_of", (as_json(ids),)):
            proof = ProofOfMessage(
                role=row[1],
                origin=row[2],
                size=row[3],
                index=row[4],
                leaf=row[5],
                path=row[6],
                note=row[7] or b"",
            )
            found.setdefault(row[0], []).append(proof)
        return found

    def kept_counts(self) -> dict[tuple[str, str, str], int]:
        """Return the counters of messages, by peer, box and state."""
        return {(row[0], row[1], row[2]): row[3] for row in self._rows("kept_counts")}

    def found_counts(self) -> dict[tuple[str, str, str], int]:
        """Return how many rows of messages there are, by peer, box and state."""
        return {(row[0], row[1], row[2]): row[3] for row in self._rows("found_counts")}

    def accepted_counts(self) -> dict[str, int]:
        """Return how many messages were ever accepted, by peer."""
        return {row[0]: row[1] for row in self._rows("accepted_counts")}

    def unlogged_refusals(self, limit: int) -> list[str]:
        """Return ids of refused messages whose entry is not in the log."""
        return [row[0] for row in self._rows("unlogged_refusals", (limit,))]


def _messages_from(rows: Cursor) -> list[CheckedMessage]:
    return [
        CheckedMessage(
            number=row[0],
            id=row[1],
            box=row[2],
            peer=row[3],
            state=row[4],
            digest=row[5],
            seq=row[6],
            log_index=row[7],
            opened_index=row[8],
            recovered_at=-1,
            entries=(),
            proofs=(),
        )
        for row in rows
    ]
