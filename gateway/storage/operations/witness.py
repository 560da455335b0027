"""Rounds and cosignatures of our log; cosigning other logs; what they contradict."""

import base64

from gateway.core.canonical import JsonObject
from gateway.core.conflicts import (
    MAX_CONFLICTS,
    LogConflict,
    conflict_digest,
    offered_checkpoint,
)
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import UnixMs
from gateway.ports.witness import WitnessedState
from gateway.storage.transaction import Reader, Transaction


def record_round(tx: Transaction, size: int, at: UnixMs) -> None:
    """Mark a kept checkpoint of ours as one of a round.

    Raises:
        ConflictError: No checkpoint of that size was signed.
    """
    if tx.checkpoint_at(size) is None:
        raise ConflictError(f"round: no checkpoint was signed for size {size}")
    tx.add_round(size, at)


def round_is_due(tx: Reader) -> bool:
    """Tell whether the log grew since the last round by more than cosigning.

    Two idle nodes that cosign each other's cosigning would else never rest.
    """
    return tx.grew_by_more(tx.newest_round())


def record_witnessed(
    tx: Transaction,
    state: WitnessedState,
    *,
    old_size: int,
    at: UnixMs,
) -> None:
    """Log `wit.cosign` and move the state of a log, compared with `old_size`.

    Raises:
        ConflictError: The log is at another size by now.
    """
    known = tx.witnessed(state.origin)
    size = known.size if known else 0
    if size != old_size:
        raise ConflictError(f"witness: {state.origin} is at {size}, not {old_size}")
    tx.put_witnessed(state)
    checkpoint = Checkpoint(state.origin, state.size, state.root)
    fields: JsonObject = {"cp": _named(checkpoint), "peer": state.authority}
    tx.append_entry(EntryDraft("wit.cosign", at, fields))


def keep_conflict(tx: Transaction, conflict: LogConflict) -> bool:
    """Log `wit.conflict` and keep the two notes; return whether that was new."""
    known = tx.conflicts(conflict.origin)
    is_known = any(
        (kept.conflict.kind, kept.conflict.offered) == (conflict.kind, conflict.offered)
        for kept in known
    )
    if is_known or len(known) >= MAX_CONFLICTS:
        return False
    tx.add_conflict(conflict)
    fields: JsonObject = {
        "cp": _named(offered_checkpoint(conflict)),
        "dig": conflict_digest(conflict),
        "peer": conflict.authority,
    }
    tx.append_entry(EntryDraft("wit.conflict", conflict.at, fields))
    return True


def _named(checkpoint: Checkpoint) -> JsonObject:
    root = base64.b64encode(checkpoint.root).decode("ascii")
    return {"o": checkpoint.origin, "n": checkpoint.size, "r": root}
