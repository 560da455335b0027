"""Steps that several operations share: a change of state, a link, an entry's fields."""

import base64

from msgspec.structs import replace as changed

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.delivery import InboundState, OutboundState
from gateway.core.errors import LogOutOfStepError, LogProofError, NotFoundError
from gateway.core.identity import succeeds
from gateway.core.values import AuthorityId, HexDigest, MessageId, UnixMs
from gateway.ports.log import PeerLogLink, PeerLogState
from gateway.ports.messages import Box, SealedMessage
from gateway.storage.rows import ChangeDraft, Sealed, StoredMessage
from gateway.storage.transaction import Lookup, Transaction

NOT_HANDED_OUT = frozenset(
    {InboundState.QUARANTINED, InboundState.ERASED, OutboundState.ERASED},
)
"""States in which nobody gets at the content of a message."""


def require(tx: Lookup, message_id: MessageId, box: Box | None = None) -> StoredMessage:
    """Return a message that must be there, in that box if one is named.

    Raises:
        NotFoundError: It is not.
    """
    found = tx.message(message_id)
    if found is None or box not in {None, found.view.box}:
        raise NotFoundError(f"message {message_id}: not found")
    return found


def is_from(message: StoredMessage, peer: AuthorityId) -> bool:
    """Tell whether a message came from a peer."""
    return message.view.box is Box.IN and message.view.peer == peer


def opened_message(
    message: StoredMessage,
    sealed: Sealed,
    access_index: int,
) -> SealedMessage:
    """Return a message with what is needed to open it."""
    view = message.view
    return SealedMessage(
        id=view.id,
        box=view.box,
        peer=view.peer,
        envelope=sealed.envelope,
        digest=HexDigest(view.digest),
        content_digest=HexDigest(view.content_digest),
        archived_key=sealed.archived_key,
        draft=sealed.draft,
        access_index=access_index,
    )


def cut(messages: list[StoredMessage], max_bytes: int) -> list[StoredMessage]:
    """Return the first of some messages, at least one, that fit into so many bytes."""
    total = 0
    for count, message in enumerate(messages):
        total += message.view.size_bytes
        if total > max_bytes:
            return messages[: max(count, 1)]
    return messages


def enter_state(
    message: StoredMessage,
    state: InboundState | OutboundState,
    now: UnixMs,
) -> StoredMessage:
    """Return a message in a new state."""
    view = changed(message.view, state=state, updated_at=now)
    return changed(message, view=view)


def save_state(
    tx: Transaction,
    before: StoredMessage,
    after: StoredMessage,
    log_index: int,
) -> None:
    """Store a message whose state has changed, and tell the change feed."""
    tx.update_message(before, after)
    tell_feed(tx, after, log_index)


def tell_feed(tx: Transaction, message: StoredMessage, log_index: int) -> None:
    """Add the state a message has now to the change feed."""
    view = message.view
    tx.add_change(
        ChangeDraft(
            view.updated_at, view.box, view.id, view.peer, view.state, log_index
        ),
    )


def store_link(tx: Transaction, link: PeerLogLink) -> None:
    """Compare and set the newest linked checkpoint of a peer's log.

    Raises:
        LogOutOfStepError: The log was linked further meanwhile.
        LogProofError: Another log of that authority has succeeded it: it is closed.
    """
    known = tx.peer_log_of(link.origin)
    newest = tx.peer_log(link.authority)
    is_present = newest is None or newest.origin == link.origin
    if (
        newest
        and not is_present
        and (known or not succeeds(link.origin, newest.origin))
    ):
        raise LogProofError(f"log {link.origin}: closed, {newest.origin} succeeds it")
    seen = known.size if known else 0
    if link.seen_size != seen or link.size < seen:
        raise LogOutOfStepError(
            f"log {link.origin}: linked from {link.seen_size}, expected {seen}",
            seen=seen,
        )
    if known and link.size == seen:
        if link.root != known.root:
            raise AssertionError("internal: a link with another root for its size")
        return
    tx.put_peer_log(link.authority, linked_state(link))


def linked_state(link: PeerLogLink) -> PeerLogState:
    """Return what is kept of a link."""
    return PeerLogState(link.origin, link.size, link.root, link.note)


def checkpoint_field(link: PeerLogLink) -> JsonObject:
    """Return the `cp` field of an entry that rests on a peer's checkpoint."""
    root = base64.b64encode(link.root).decode("ascii")
    return {"o": link.origin, "n": link.size, "r": root}


def optional(name: str, value: JsonValue) -> JsonObject:
    """Return a field of an entry, or nothing where there is nothing to say."""
    return {name: value} if value else {}
