"""Rows as they are stored in memory, for checks."""

from collections import Counter
from collections.abc import Collection, Iterable

from gateway.core.translog.tiles import Place
from gateway.ports.checking import (
    CheckedMessage,
    EntryOfMessage,
    ProofOfMessage,
    StoredTile,
)
from gateway.ports.log import SignedCheckpoint, StoredEntry
from gateway.storage.memory.tables import Tables
from gateway.storage.rows import StoredMessage

# A message may be gone after these.
_NO_ROW = frozenset({"msg.erase", "msg.lost"})
_NO_STATE = frozenset({"msg.access", "msg.check", "msg.export"})


class CheckReaderMemory:
    """Verbs of `gateway.storage.checking_verbs.CheckReader`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def tiles(self, places: Collection[Place]) -> dict[Place, StoredTile]:
        """Return the full tiles there are at these places."""
        rows = self._tables.tiles
        return {
            place: StoredTile(rows[place].hashes, rows[place].root)
            for place in places
            if place in rows
        }

    def checkpoints(self, above: int, up_to: int) -> list[SignedCheckpoint]:
        """Return checkpoints signed for sizes above one and up to another."""
        rows = sorted(self._tables.checkpoints.items())
        return [one for size, one in rows if above < size <= up_to]

    def strays(self, start: int, stop: int) -> list[tuple[int, str]]:
        """Return entries [start, stop) about messages of which nothing is there."""
        tables = self._tables
        refused = {one for _, one, _ in tables.refusals}
        found = [
            (index, tables.entries[index].message_id)
            for index in range(start, stop)
            if index in tables.entries and tables.entries[index].message_id
        ]
        unknown = [
            (index, one)
            for index, one in found
            if one not in tables.messages and one not in refused
        ]
        if not unknown:
            return []
        gone = {
            one.message_id for one in tables.entries.values() if one.kind in _NO_ROW
        }
        return [(index, one) for index, one in unknown if one not in gone]

    def bare_messages(self, after: int, limit: int) -> list[CheckedMessage]:
        """Return messages after a number, without their entries and proofs."""
        rows = self._tables.messages.values()
        later = sorted(
            (one for one in rows if one.number > after), key=lambda one: one.number
        )
        return [_bare(one) for one in later[:limit]]

    def bare_messages_of(self, ids: Collection[str]) -> list[CheckedMessage]:
        """Return the messages there are of some ids, the same way."""
        rows = self._tables.messages.values()
        return [_bare(one) for one in rows if one.view.id in ids]

    def entries_of(self, ids: Collection[str]) -> dict[str, list[EntryOfMessage]]:
        """Return entries that can have changed the state of some messages, in order."""
        rows = self._tables.entries.values()
        found: dict[str, list[EntryOfMessage]] = {}
        for one in ids:
            about = [row for row in rows if row.message_id == one]
            found[one] = list(_changing(about))
        return found

    def first_opening_of(self, message_id: str) -> EntryOfMessage | None:
        """Return the first `msg.access` of a message that succeeded."""
        for row in self._tables.entries.values():
            is_access = row.message_id == message_id and row.kind == "msg.access"
            if is_access and b'"res":' not in row.data:
                return EntryOfMessage(row.index, row.kind, row.data)
        return None

    def proofs_of(self, ids: Collection[str]) -> dict[str, list[ProofOfMessage]]:
        """Return the proofs that are stored for some messages."""
        found: dict[str, list[ProofOfMessage]] = {}
        for row in self._tables.proofs.values():
            if row.message_id in ids:
                proof = ProofOfMessage(
                    role=row.role.value,
                    origin=row.origin,
                    size=row.size,
                    index=row.proof.index,
                    leaf=row.proof.leaf,
                    path=b"".join(row.proof.path),
                    note=self._tables.peer_notes.get((row.origin, row.size), b""),
                )
                found.setdefault(row.message_id, []).append(proof)
        return found

    def kept_counts(self) -> dict[tuple[str, str, str], int]:
        """Return what counters would say: memory has none, and counts when asked."""
        return self.found_counts()

    def found_counts(self) -> dict[tuple[str, str, str], int]:
        """Return how many rows of messages there are, by peer, box and state."""
        rows = self._tables.messages.values()
        return Counter(
            (one.view.peer, one.view.box.value, one.view.state.value) for one in rows
        )

    def accepted_counts(self) -> dict[str, int]:
        """Return how many messages were ever accepted, by peer."""
        return {one.peer: one.accepted for one in self._tables.peers.values()}

    def unlogged_refusals(self, limit: int) -> list[str]:
        """Return ids of refused messages whose entry is not in the log."""
        rows = self._tables.entries
        found: list[str] = [
            one.id
            for one in self._tables.refusals.values()
            if one.log_index not in rows
            or rows[one.log_index].kind != "msg.reject"
            or rows[one.log_index].message_id != one.id
        ]
        return found[:limit]


def _bare(message: StoredMessage) -> CheckedMessage:
    view = message.view
    return CheckedMessage(
        number=message.number,
        id=view.id,
        box=view.box.value,
        peer=view.peer,
        state=view.state.value,
        digest=view.digest,
        seq=view.seq,
        log_index=view.log_index,
        opened_index=message.opened_index,
        recovered_at=-1,
        entries=(),
        proofs=(),
    )


def _changing(entries: Iterable[StoredEntry]) -> Iterable[EntryOfMessage]:
    for entry in entries:
        if entry.kind in _NO_STATE:
            continue
        if entry.kind == "msg.reject" and entry.data and b'"ref":' not in entry.data:
            continue
        yield EntryOfMessage(entry.index, entry.kind, entry.data)
