"""Which messages of a case fit an event that a rule names."""

from collections.abc import Iterator

from gateway.mla.deadlines.conversation import Conversation, Step
from gateway.mla.deadlines.model import Event, Reply, Side, Where
from gateway.mla.problems import texts_at, values_at

_INFORMED = frozenset({"REQ", "INFO"})


def fits(event: Event, step: Step) -> bool:
    """Tell whether a message has a type of an event and fits its conditions."""
    if event.types and step.msg_type not in event.types:
        return False
    return all(_holds(condition, step) for condition in event.conditions)


def side(conversation: Conversation, step: Step, wanted: Side) -> str:
    """Return the authority that is on a side of the thread of a message."""
    if wanted is Side.SENDER:
        return step.sender
    if wanted is Side.RECIPIENT:
        return step.recipient
    root = conversation.root(step)
    role = texts_at(root.entry, "from/role")
    # Whoever opens a case asks, unless the message says otherwise.
    opener_asks = not role or bool(role & _INFORMED)
    is_opener = opener_asks == (wanted is Side.REQUESTING)
    return root.sender if is_opener else root.recipient


def following(
    conversation: Conversation, event: Event | None, start: Step, owner: str
) -> Iterator[Step]:
    """Yield the messages after a start that fit an event, in order.

    Args:
        conversation: The case.
        event: What is looked for; None for nothing.
        start: The message that started a period.
        owner: Authority that has to act.
    """
    if event is None:
        return
    wanted = owner if event.by is None else side(conversation, start, event.by)
    root = conversation.root(start)
    is_direct = event.reply is Reply.DIRECT
    looked_at = (
        conversation.replies(start) if is_direct else conversation.of_types(event.types)
    )
    for step in looked_at:
        if step.sender != wanted or not fits(event, step):
            continue
        if is_direct or (
            conversation.is_after(step, start)
            and (event.reply is Reply.CASE or conversation.root(step) is root)
        ):
            yield step


def first_following(
    conversation: Conversation, event: Event | None, start: Step, owner: str
) -> Step | None:
    """Return the first message that `following` yields."""
    return next(following(conversation, event, start, owner), None)


def _holds(condition: Where, step: Step) -> bool:
    found = values_at(step.entry, condition.path)
    if not condition.values:
        return bool(found) is condition.holds
    texts = {_spelt(value) for value in found}
    return bool(texts & condition.values) is condition.holds


def _spelt(value: object) -> str:
    """Return a value as conditions spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
