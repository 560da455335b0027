"""What peers tell each other of third logs, so that a forked one meets itself.

Specification, section 8.9.
"""

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.limits import MIB

MAX_GOSSIP = 8
"""Checkpoints that one call may tell."""

MAX_GOSSIP_BYTES = MIB


class GossipRequest(Wire, frozen=True, kw_only=True):
    """Body of `POST /witness/gossip`: newest signed notes of third logs."""

    checkpoints: list[str]

    def __post_init__(self) -> None:
        """Bound the list."""
        if not 1 <= len(self.checkpoints) <= MAX_GOSSIP:
            raise ValueError("checkpoints: expected 1 to 8")


class GossipReply(Wire, frozen=True, kw_only=True):
    """The answer: origins of logs that the asked node found to contradict themselves.

    Whether that is true, `conflicts` files show; a word alone is only a hint.
    """

    conflicts: list[str]


def parse_gossip(body: bytes) -> GossipRequest:
    """Return the gossip in a body.

    Raises:
        TooLargeError: Over its limit; checked first.
        MalformedError: Not 1 to 8 notes.
    """
    return canonical.decode_as(
        body,
        GossipRequest,
        max_bytes=MAX_GOSSIP_BYTES,
        line_feeds=True,
    )
