"""Reading rows, in any transaction."""

from collections.abc import Collection

from gateway.core.delivery import OutboundState
from gateway.core.values import AuthorityId, HexDigest, MessageId, UnixMs
from gateway.ports.log import PeerLogState, SignedCheckpoint
from gateway.ports.messages import Box
from gateway.ports.outbox import CaseHead
from gateway.storage.rows import (
    PeerRow,
    RangeKind,
    Refusal,
    Sealed,
    SeqRange,
    StoredMessage,
    UsedKey,
)
from gateway.storage.sqlite.mapping import (
    as_json,
    checkpoint_from,
    messages_from,
    peer_from,
    peer_log_from,
    sealed_from,
)
from gateway.storage.sqlite.rooms import RoomsLookup


class SqliteLookup(RoomsLookup):
    """Verbs of `gateway.storage.transaction.Lookup`."""

    def message(self, message_id: MessageId) -> StoredMessage | None:
        """Return a message of either box."""
        found = messages_from(self._rows("message", (message_id,)))
        return found[0] if found else None

    def messages(self, ids: Collection[MessageId]) -> dict[MessageId, StoredMessage]:
        """Return the messages there are with these ids."""
        found = messages_from(self._rows("messages", (as_json(ids),)))
        return {one.view.id: one for one in found}

    def sealed(self, numbers: Collection[int]) -> dict[int, Sealed]:
        """Return the sealed bytes of messages, by message number."""
        return sealed_from(self._rows("sealed", (as_json(numbers),)))

    def due(self, peer: AuthorityId, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return offered messages that may be tried: urgent first, then oldest."""
        return messages_from(self._rows("due", (peer, now, limit)))

    def unchecked(self, limit: int) -> list[StoredMessage]:
        """Return messages that wait for validation, oldest first."""
        return messages_from(self._rows("unchecked", (limit,)))

    def past_expiry(self, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return held and queued messages whose last moment is before `now`."""
        return messages_from(self._rows("past_expiry", (now, limit)))

    def refusals(
        self,
        peer: AuthorityId,
        ids: Collection[MessageId],
    ) -> dict[MessageId, list[Refusal]]:
        """Return what was refused of a peer under these ids."""
        found: dict[MessageId, list[Refusal]] = {}
        for row in self._rows("refusals", (peer, as_json(ids))):
            message_id = MessageId(row[0])
            refusal = Refusal(message_id, HexDigest(row[1]), row[2], row[3])
            found.setdefault(message_id, []).append(refusal)
        return found

    def used_key(self, submitter: str, key: str) -> UsedKey | None:
        """Return what an idempotency key was used for."""
        for row in self._rows("used_key", (submitter, key)):
            return UsedKey(row[0], MessageId(row[1]), OutboundState(row[2]), row[3])
        return None

    def case_head(self, case_id: str, peer: AuthorityId) -> CaseHead | None:
        """Return the end of our messages in a case, if the case is known."""
        for row in self._rows("case_head", (case_id, peer)):
            return CaseHead(case_id, row[0], row[1], Box(row[2]))
        return None

    def peer(self, peer: AuthorityId) -> PeerRow:
        """Return the counters of a peer; fresh ones if there are none."""
        return peer_from(peer, self._rows("peer", (peer,)))

    def range_before(
        self,
        peer: AuthorityId,
        kind: RangeKind,
        seq: int,
    ) -> SeqRange | None:
        """Return the last range that begins at or before `seq`."""
        for row in self._rows("range_before", (peer, kind.value, seq)):
            return SeqRange(row[0], row[1], UnixMs(row[2]))
        return None

    def ranges(
        self,
        peer: AuthorityId,
        kind: RangeKind,
        *,
        first: int,
        limit: int,
    ) -> list[SeqRange]:
        """Return ranges that begin at or after `first`, in order."""
        rows = self._rows("ranges", (peer, kind.value, first, limit))
        return [SeqRange(row[0], row[1], UnixMs(row[2])) for row in rows]

    def peer_log(self, authority: AuthorityId) -> PeerLogState | None:
        """Return the newest log of a peer that was linked."""
        return peer_log_from(self._rows("peer_log", (authority,)))

    def peer_log_of(self, origin: str) -> PeerLogState | None:
        """Return what was linked of a log."""
        return peer_log_from(self._rows("peer_log_of", (origin,)))

    def newest_checkpoint(self) -> SignedCheckpoint | None:
        """Return the largest signed checkpoint of our log."""
        return checkpoint_from(self._rows("newest_checkpoint"))
