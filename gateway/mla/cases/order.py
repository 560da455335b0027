"""One order for the messages of both sides, whatever order they arrived in.

A sender's messages stand in the order of their numbers. Between senders, a message
stands after those it names, and otherwise after what was written before it. So the
order hangs on the messages alone, and both sides find the same.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from gateway.mla.cases.messages import Message


@dataclass(slots=True)
class Queue:
    """The messages of one sender that are still to come, in their order.

    Attributes:
        sender: Who sent them.
        waiting: All of its messages.
        at: How many have been taken.
    """

    sender: str
    waiting: list[Message] = field(default_factory=list)
    at: int = 0

    @property
    def head(self) -> Message | None:
        """The next one."""
        return self.waiting[self.at] if self.at < len(self.waiting) else None

    def following(self, most: int) -> Sequence[Message]:
        """Return the next ones."""
        return self.waiting[self.at : self.at + most]


def queues(messages: Collection[Message]) -> list[Queue]:
    """Return the messages of each sender in the order of their numbers."""
    found: dict[str, Queue] = {}
    for message in sorted(messages, key=_key_of_sender):
        queue = found.setdefault(message.sender, Queue(message.sender))
        queue.waiting.append(message)
    return [found[name] for name in sorted(found)]


def next_of(waiting: Sequence[Queue], unseen: AbstractSet[str]) -> Queue | None:
    """Return the queue whose head comes next; None once all are empty.

    Args:
        waiting: The queues.
        unseen: Ids of all messages that were not taken yet.
    """
    heads = [(head, one) for one in waiting if (head := one.head) is not None]
    ready = [
        (head, one)
        for head, one in heads
        if (head.known - {head.id}).isdisjoint(unseen)
    ]
    # Messages that name each other in a circle are taken all the same.
    chosen = ready or heads
    return min(chosen, key=lambda pair: _key(pair[0]))[1] if chosen else None


def missing_before(messages: Collection[Message]) -> dict[str, int]:
    """Return the lowest number missing before each message that follows a gap, by id.

    Messages of number 0 are not counted.
    """
    found: dict[str, int] = {}
    for queue in queues(messages):
        expected = 1
        for message in queue.waiting:
            if message.seq > expected:
                found[message.id] = expected
            elif message.seq == expected:
                expected += 1
    return found


def _key_of_sender(message: Message) -> tuple[int, str, str]:
    return message.seq, message.created_at, message.id


def _key(message: Message) -> tuple[str, str, int, str]:
    return message.created_at, message.sender, message.seq, message.id
