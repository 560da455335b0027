"""Time stamps of our checkpoints: kept with the entry that holds their digest."""

from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.signed import split_checkpoint
from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs
from gateway.ports.stamps import KeptStamp
from gateway.storage.transaction import Transaction


def add_stamp(tx: Transaction, text: bytes, stamp: TimeStamp, now: UnixMs) -> KeptStamp:
    """Keep a stamp and log `tsa.stamp`; a size that has one keeps the first.

    Raises:
        ConflictError: No checkpoint of that size was signed with that root.
    """
    origin, size, root = split_checkpoint(text)
    signed = tx.checkpoint_of(size)
    if signed is None or signed.root != root:
        raise ConflictError(f"time stamp: no checkpoint of size {size} and that root")
    for kept in tx.stamps(size + 1, 1):
        if kept.size == size:
            return kept
    draft = EntryDraft(
        "tsa.stamp",
        now,
        {
            "cp": {"o": origin, "n": size, "r": encode_base64(root)},
            "dig": stamp.digest,
        },
    )
    kept = KeptStamp(size, text, stamp, tx.append_entry(draft), now)
    tx.add_stamp(kept)
    return kept
