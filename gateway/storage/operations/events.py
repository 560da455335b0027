"""Later events of messages between the two: told to a peer, and told by it."""

from collections.abc import Sequence

from msgspec.structs import replace as changed

from gateway.core.delivery import OUTBOUND, InboundState, OutboundEvent, OutboundState
from gateway.core.entries.leaf import EntryDraft
from gateway.core.values import UnixMs
from gateway.ports.inbox import EventStanding, PeerEvent
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import Box, ProofRole
from gateway.storage.operations import sequences
from gateway.storage.operations.steps import (
    checkpoint_field,
    enter_state,
    linked_state,
    save_state,
    store_link,
)
from gateway.storage.rows import ProofRow, StoredMessage
from gateway.storage.transaction import Transaction

_CHANGES = {
    "msg.access": (OutboundEvent.OPENING, "msg.opened", ProofRole.OPENING),
    "msg.reject": (OutboundEvent.REFUSAL, "msg.refused", ProofRole.REFUSAL),
}
_CLOSINGS = {
    "msg.expire": ProofRole.EXPIRY,
    "msg.cancel": ProofRole.CANCELLATION,
}
_RESTRICTION = "msg.restrict"
_MAX_CODE_CHARS = 64
_UNDER_WAY = frozenset({OutboundState.QUEUED, OutboundState.EXPIRED})


def commit_events(
    tx: Transaction,
    link: PeerLogLink,
    events: Sequence[PeerEvent],
    now: UnixMs,
) -> list[EventStanding]:
    """Store later events told by a peer.

    Raises:
        LogOutOfStepError: The peer's log was linked further meanwhile.
    """
    store_link(tx, link)
    if not events:
        return []
    taking = _Taking(tx, link, events, now)
    standings = [taking.take(event) for event in events]
    closed = [event.seq for event in events if event.kind in _CLOSINGS]
    sequences.observe(tx, link.authority, closed, now)
    return standings


class _Taking:
    """The events of one call, decided one after the other."""

    def __init__(
        self,
        tx: Transaction,
        link: PeerLogLink,
        events: Sequence[PeerEvent],
        now: UnixMs,
    ) -> None:
        self._tx = tx
        self._link = link
        self._now = now
        self._messages = tx.messages([event.message_id for event in events])

    def take(self, event: PeerEvent) -> EventStanding:
        """Store an event if it says something new about a message between us."""
        message = self._messages.get(event.message_id)
        if message and message.view.peer != self._link.authority:
            message = None
        if event.kind in _CLOSINGS:
            return self._close(event, message)
        if message is None or message.view.box is not Box.OUT:
            return EventStanding.UNKNOWN
        if event.digest not in {"", message.view.digest}:
            return EventStanding.UNKNOWN
        if event.kind == _RESTRICTION:
            return self._note_restriction(event, message)
        return self._change(event, message)

    def _close(
        self,
        event: PeerEvent,
        message: StoredMessage | None,
    ) -> EventStanding:
        """A message of the peer that will not come: only its number is settled."""
        if message and message.view.box is Box.IN:
            if message.view.last_code != event.kind:
                self._keep(event, _CLOSINGS[event.kind])
                view = changed(message.view, last_code=event.kind)
                if view.state is InboundState.PENDING:
                    # Its files will not come either: let go with the next tidying.
                    view = changed(view, pending_until=UnixMs(1))
                after = changed(message, view=view)
                self._tx.update_message(message, after)
                self._messages[view.id] = after
            return EventStanding.NOTED
        return EventStanding.NOTED if event.seq else EventStanding.UNKNOWN

    def _change(self, event: PeerEvent, message: StoredMessage) -> EventStanding:
        happening, kind, role = _CHANGES[event.kind]
        state = OutboundState(message.view.state)
        if state in _UNDER_WAY:
            return EventStanding.EARLY
        after_state = OUTBOUND.get((state, happening))
        if after_state is None:  # known before, or overtaken by another event
            return EventStanding.NOTED
        view = message.view
        entry = EntryDraft(
            kind,
            self._now,
            {
                "m": view.id,
                "peer": view.peer,
                "ref": view.log_index,
                "cp": checkpoint_field(self._link),
                **_result(event),
            },
        )
        index = self._tx.append_entry(entry)
        self._keep(event, role)
        after = enter_state(message, after_state, self._now)
        if event.code:
            after = changed(after, view=changed(after.view, last_code=event.code))
        save_state(self._tx, message, after, index)
        self._messages[view.id] = after
        return EventStanding.NOTED

    def _note_restriction(
        self, event: PeerEvent, message: StoredMessage
    ) -> EventStanding:
        """The peer has restricted a message, and says whether it was opened before."""
        view = message.view
        if OutboundState(view.state) in _UNDER_WAY:
            return EventStanding.EARLY
        code = f"restricted-{event.code or 'unspecified'}"[:_MAX_CODE_CHARS]
        if view.last_code == code:
            return EventStanding.NOTED
        entry = EntryDraft(
            "msg.restricted",
            self._now,
            {
                "m": view.id,
                "peer": view.peer,
                "ref": view.log_index,
                "cp": checkpoint_field(self._link),
                "res": event.code or "unspecified",
            },
        )
        index = self._tx.append_entry(entry)
        self._keep(event, ProofRole.RESTRICTION)
        after = changed(
            message, view=changed(view, last_code=code, updated_at=self._now)
        )
        save_state(self._tx, message, after, index)
        self._messages[view.id] = after
        return EventStanding.NOTED

    def _keep(self, event: PeerEvent, role: ProofRole) -> None:
        link = self._link
        self._tx.keep_peer_note(linked_state(link))
        self._tx.add_proof(
            ProofRow(
                event.message_id,
                link.authority,
                role,
                link.origin,
                link.size,
                event.proof,
            ),
        )


def _result(event: PeerEvent) -> dict[str, str]:
    """Return the `res` field: an opening has none, a rejection always one."""
    return {"res": event.code or "unspecified"} if event.kind == "msg.reject" else {}
