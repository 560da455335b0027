"""Running numbers of our messages after a recovery: none is given twice.

The end of the log that was put back has given numbers that the database, being older,
gave to other messages. Those have never left the node, so they get new ones.
"""

from collections.abc import Iterable
from dataclasses import replace
from sqlite3 import Connection as Engine

from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.values import AuthorityId
from gateway.storage.operations import sequences
from gateway.storage.rows import RangeKind, SeqRange
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.transaction import Transaction

_SEND = "msg.send"


class Renumbering:
    """Gives new running numbers to messages that are logged again.

    Args:
        engine: Within the transaction.
        origin: Our log.
        first: The first entry that may have moved.
    """

    def __init__(self, engine: Engine, origin: str, first: int) -> None:
        self._engine = engine
        self._origin = origin
        self._first = first
        self._last: dict[AuthorityId, int] = {}
        self._new: dict[tuple[AuthorityId, int], int] = {}

    def note_given(self, leaf: Leaf) -> None:
        """Take notice of an entry that was put back."""
        if leaf.kind == _SEND:
            peer = AuthorityId(leaf.text("peer"))
            given = max(self._last.get(peer, 0), leaf.number("seq"))
            self._last[peer] = given

    def begin(self, moving: Iterable[Leaf]) -> None:
        """Choose the new numbers of all messages that are logged again."""
        sent = [leaf for leaf in moving if leaf.kind == _SEND]
        for leaf in sent:
            if not self._was_sent_before(leaf):
                # What the database gave last, before the logs part.
                peer = AuthorityId(leaf.text("peer"))
                before = leaf.number("seq") - 1
                self._last.setdefault(peer, before)
        for leaf in sent:
            key = (AuthorityId(leaf.text("peer")), leaf.number("seq"))
            if key not in self._new and not self._was_sent_before(leaf):
                self._last[key[0]] += 1
                self._new[key] = self._last[key[0]]

    def fields(self, leaf: Leaf) -> JsonObject:
        """Return the fields of an entry that is logged again."""
        if "seq" not in leaf.fields:
            return leaf.fields
        key = (AuthorityId(leaf.text("peer")), leaf.number("seq"))
        return leaf.fields | {"seq": self._new.get(key, key[1])}

    def finish(self, tx: Transaction, moving: Iterable[Leaf]) -> None:
        """Bring the counters, the ranges and the messages to the new numbers."""
        pending = [
            (peer, old, new)
            for (peer, old), new in self._new.items()
            if _is_pending(tx, peer, old)
        ]
        for peer, old, _ in pending:
            sequences.settle(tx, peer, [old])
        for peer, _, new in sorted(pending, key=lambda one: one[2]):
            sequences.give_again(tx, peer, new)
        for peer, last in self._last.items():
            row = tx.peer(peer)
            tx.put_peer(replace(row, last_seq=max(row.last_seq, last)))
        for leaf in moving:
            if leaf.kind == _SEND:
                seq = self.fields(leaf)["seq"]
                message_id = leaf.text("m")
                self._engine.execute(QUERIES["renumber_message"], (seq, message_id))

    def _was_sent_before(self, leaf: Leaf) -> bool:
        """Tell whether a message had its number before the logs part."""
        rows = self._engine.execute(
            QUERIES["sent_before"],
            (leaf.text("m"), self._first),
        )
        return any(
            row[0] and parse_leaf(row[0], log=self._origin).number("seq")
            for row in rows
        )


def _is_pending(tx: Transaction, peer: AuthorityId, seq: int) -> bool:
    span = tx.range_before(peer, RangeKind.PENDING, seq)
    return span is not None and SeqRange(seq, seq).last <= span.last
