"""What a check of the store can find, each with a stable code (section 8.12)."""

from dataclasses import dataclass
from enum import StrEnum


class FindingCode(StrEnum):
    """What is wrong. Codes are stable: alarms and people's notes refer to them."""

    ENTRY_MISSING = "entry-missing"  # an index below the log's size has no entry
    ENTRY_EXCESS = "entry-excess"  # an entry lies beyond the end of the log
    ENTRY_CHANGED = "entry-changed"  # its bytes do not have its hash, or are gone
    ENTRY_UNREADABLE = "entry-unreadable"  # not a leaf that this log can have
    ENTRY_MISPLACED = "entry-misplaced"  # listed under another index, kind or message
    CHAIN_BROKEN = "chain-broken"  # it does not name the entry before it
    TIME_UNMARKED = "time-unmarked"  # its time goes back and `clk` does not say so
    TILE_CHANGED = "tile-changed"  # a stored tile is not the one of these entries
    HEAD_CHANGED = "head-changed"  # the stored end is not the one of these entries
    LOG_CUT = "log-cut"  # it ends before a size that was signed or seen
    CHECKPOINT_DIFFERS = "checkpoint-differs"  # another root was signed for a size
    CHECKPOINT_CHANGED = "checkpoint-changed"  # a kept note is not what was signed
    MESSAGE_MISSING = "message-missing"  # an entry names a message that is not there
    MESSAGE_UNLOGGED = "message-unlogged"  # a message without an entry of its arrival
    MESSAGE_STATE = "message-state"  # a message is not in the state its entries give
    MESSAGE_CHANGED = "message-changed"  # a message says something else than its entry
    REFUSAL_UNLOGGED = "refusal-unlogged"  # a kept refusal has no entry
    PROOF_BROKEN = "proof-broken"  # a stored proof of a peer's log does not hold
    COUNTS_DIFFER = "counts-differ"  # counters do not agree with the messages
    UNREADABLE = "unreadable"  # the database could not be read


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        place: What it is about: `entry 17`, `tile 0/3`, `size 512`, `message …`.
        text: The same as a sentence for people.
        contradicts_signed: The log is no longer what was signed or would be signed
            next: nothing may be signed on top of it.
    """

    code: FindingCode
    place: str
    text: str
    contradicts_signed: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.place}: {self.text}"
