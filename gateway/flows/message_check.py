"""Messages against the log: each is in the state its entries give, and has all of them.

The entries of a message are played through the tables of delivery states; what comes
out is the only state the message may be in (specification, section 8.12). Pure.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import msgspec

from gateway.core.delivery import (
    INBOUND,
    OUTBOUND,
    InboundEvent,
    InboundState,
    OutboundEvent,
    OutboundState,
)
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import GatewayError, KeyRetiredError, LogProofError
from gateway.core.translog.checkpoint import Checkpoint, parse_checkpoint
from gateway.core.translog.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from gateway.core.translog.note import parse_note
from gateway.flows.findings import Finding, FindingCode
from gateway.ports.checking import (
    CheckedMessage,
    Counts,
    EntryOfMessage,
    ProofOfMessage,
)
from gateway.ports.messages import Box, ProofRole

_State = OutboundState | InboundState
_Event = OutboundEvent | InboundEvent

_EVENTS: Mapping[str, Mapping[str, _Event]] = {
    Box.OUT: {
        "msg.send": OutboundEvent.RELEASE,
        "msg.deliver": OutboundEvent.RECEIPT,
        "msg.refused": OutboundEvent.REFUSAL,
        "msg.opened": OutboundEvent.OPENING,
        "msg.expire": OutboundEvent.EXPIRY,
        "msg.cancel": OutboundEvent.CANCELLATION,
        "msg.erase": OutboundEvent.ERASURE,
    },
    Box.IN: {
        "msg.receive": InboundEvent.COMPLETION,
        "msg.hold": InboundEvent.OFFER,
        "msg.expire": InboundEvent.EXPIRY,
        "msg.reject": InboundEvent.BROKEN_BINDING,
        "msg.access": InboundEvent.OPENING,
        "msg.confirm": InboundEvent.CONFIRMATION,
        "msg.erase": InboundEvent.ERASURE,
    },
}
_CARRIED = "msg.carry"
# A message that was taken over from the log before this one can be in any state.
_ARRIVALS: Mapping[str, Mapping[str, frozenset[_State]]] = {
    Box.OUT: {
        "msg.send": frozenset({OutboundState.QUEUED}),
        "msg.hold": frozenset({OutboundState.HELD}),
        _CARRIED: frozenset(OutboundState),
    },
    Box.IN: {
        "msg.receive": frozenset({InboundState.RECEIVED}),
        "msg.hold": frozenset({InboundState.PENDING}),
        _CARRIED: frozenset(InboundState),
    },
}
_NEEDS_RECEIPT = frozenset({OutboundState.DELIVERED, OutboundState.OPENED})

# The entry of the peer's log that a proof of each role holds.
_KIND_OF_ROLE: Mapping[str, str] = {
    ProofRole.ORIGIN: "msg.send",
    ProofRole.RECEIPT: "msg.receive",
    ProofRole.REFUSAL: "msg.reject",
    ProofRole.KEY_REFUSAL: "msg.reject",
    ProofRole.OPENING: "msg.access",
    ProofRole.RESTRICTION: "msg.restrict",
    ProofRole.EXPIRY: "msg.expire",
    ProofRole.CANCELLATION: "msg.cancel",
}


class _Said(msgspec.Struct):
    """What of an entry concerns the message's row."""

    peer: str = ""
    dig: str = ""
    seq: int = 0
    res: str = ""


def check_message(
    message: CheckedMessage,
    *,
    with_proofs: bool,
) -> Iterator[Finding]:
    """Yield what is wrong with a message; its entries were checked by themselves."""
    place = f"message {message.id}"
    message = _since_lost(message)
    if not message.entries or message.entries[0].kind not in _arrivals(message):
        text = "has no entry of its arrival"
        yield Finding(FindingCode.MESSAGE_UNLOGGED, place, text)
        return
    text = _wrong_state(message)
    if text:
        yield Finding(FindingCode.MESSAGE_STATE, place, text)
    text = _wrong_row(message)
    if text:
        yield Finding(FindingCode.MESSAGE_CHANGED, place, text)
    if with_proofs:
        for text in _wrong_proofs(message):
            yield Finding(FindingCode.PROOF_BROKEN, place, text)


def _since_lost(message: CheckedMessage) -> CheckedMessage:
    """Return a message with the entries since it was lost, if it came again."""
    kinds = [entry.kind for entry in message.entries]
    if "msg.lost" not in kinds:
        return message
    lost = len(kinds) - kinds[::-1].index("msg.lost")
    return replace(message, entries=message.entries[lost:])


def _arrivals(message: CheckedMessage) -> Mapping[str, frozenset[_State]]:
    """Return the states that a first entry can mean, by its kind."""
    return _ARRIVALS.get(message.box, {})


def _wrong_proofs(message: CheckedMessage) -> Iterator[str]:
    """Yield what is wrong with the proofs of a message, or missing."""
    roles = {proof.role for proof in message.proofs}
    has_receipt = ProofRole.RECEIPT in roles or message.box != Box.OUT
    if message.state in _NEEDS_RECEIPT and not has_receipt:
        yield "its receipt is not there"
    for proof in message.proofs:
        text = _wrong_proof(message, proof)
        if text:
            yield f"{proof.role}: {text}"


def _wrong_state(message: CheckedMessage) -> str:
    """Play the entries; return why the message can't be in its state, or nothing."""
    first, *later = message.entries
    states = visited = _arrivals(message)[first.kind]
    before = first
    for entry in later:
        if before.index < message.recovered_at < entry.index:
            states = visited  # the row was put back to any of them
        after = _following(states, entry, is_carried=before.kind == _CARRIED)
        if not after:
            return f"entry {entry.index}, {entry.kind}, can't follow {min(states)}"
        states, visited, before = after, visited | after, entry
    if before.index < message.recovered_at:
        states = visited
    if message.state in states:
        return ""
    return f"is {message.state}, its entries say {' or '.join(sorted(states))}"


def _following(
    states: frozenset[_State], entry: EntryOfMessage, *, is_carried: bool
) -> frozenset[_State]:
    """Return the states that an entry can lead to; none if it can't follow.

    Args:
        states: Those that the message may have been in.
        entry: What happened.
        is_carried: The entry before took the message over from the log before this
            one: sent again under this log it stays in its state.
    """
    box = Box.OUT if isinstance(next(iter(states)), OutboundState) else Box.IN
    event = _EVENTS[box].get(entry.kind)
    if event is None or (is_carried and entry.kind == "msg.send"):
        return states  # changes no state
    return frozenset(
        following
        for state in states
        for one in _meanings(event, state, entry)
        if (following := _after(state, one)) is not None
    )


def _after(state: _State, event: _Event | None) -> _State | None:
    """Return the state after an event; None stands for nothing having happened."""
    if isinstance(state, OutboundState) and isinstance(event, OutboundEvent):
        return OUTBOUND.get((state, event))
    if isinstance(state, InboundState) and isinstance(event, InboundEvent):
        return INBOUND.get((state, event))
    return state if event is None else None


def _meanings(
    event: _Event, state: _State, entry: EntryOfMessage
) -> tuple[_Event | None, ...]:
    """Return what an entry can mean; of a pruned one not all is known."""
    if event is OutboundEvent.REFUSAL and state is OutboundState.QUEUED:
        if not entry.data:
            return (OutboundEvent.REFUSAL, OutboundEvent.KEY_REFUSAL)
        if _read(entry).res == KeyRetiredError.code:
            return (OutboundEvent.KEY_REFUSAL,)
    if event is InboundEvent.OPENING and not entry.data:
        return (event, None)
    return (event,)


def _wrong_row(message: CheckedMessage) -> str:
    """Return what of a row its entries contradict, or nothing."""
    arrivals = [one for one in message.entries if one.kind in _arrivals(message)]
    rests_on = arrivals[-1]
    if rests_on.index < message.recovered_at:
        named = [one for one in arrivals if one.index == message.log_index]
        rests_on = (named or arrivals)[-1]
    if message.log_index != rests_on.index:
        return f"rests on entry {message.log_index}, expected {rests_on.index}"
    said = _read(rests_on)
    if rests_on.data and said.peer != message.peer:
        return f"is with {message.peer}, its entry says {said.peer}"
    if said.dig not in {"", message.digest} or said.seq not in {0, message.seq}:
        return "its digest or running number is not the one in its entry"
    return _wrong_opening(message)


def _wrong_opening(message: CheckedMessage) -> str:
    openings = [
        one.index for one in message.entries if one.kind == "msg.access" and one.data
    ]
    # Of a message that was taken over, the first opening is in the log before.
    is_whole = message.entries[0].kind != _CARRIED
    is_known = message.opened_index in openings
    if message.box == Box.IN and openings and is_whole and not is_known:
        return f"its first opening is entry {openings[0]}, not {message.opened_index}"
    return ""


def _read(entry: EntryOfMessage) -> _Said:
    """Return what an entry says; nothing where it can't be read or was pruned."""
    try:
        return msgspec.json.decode(entry.data, type=_Said)
    except msgspec.MsgspecError:
        return _Said()


def _wrong_proof(message: CheckedMessage, proof: ProofOfMessage) -> str:
    """Return why a stored proof does not hold, or nothing.

    The signatures of the checkpoint are left to those who rely on the proof: keys of
    a peer change, and it was verified before it was stored.
    """
    try:
        tree = _tree_of(proof.note)
        if (tree.origin, tree.size) != (proof.origin, proof.size):
            return "lies under another checkpoint"
        leaf = parse_leaf(proof.leaf, log=proof.origin)
        expected = (_KIND_OF_ROLE.get(proof.role), proof.index, message.id)
        if (leaf.kind, leaf.index, leaf.fields.get("m")) != expected:
            return "holds another entry than it should"
        if proof.role == ProofRole.RECEIPT and leaf.fields["dig"] != message.digest:
            return "is for other bytes"
        verify_inclusion(
            index=proof.index,
            size=tree.size,
            leaf=leaf_hash(proof.leaf),
            path=_split(proof.path),
            root=tree.root,
        )
    except GatewayError as error:
        return str(error)
    return ""


# The proofs of a batch lie under one note.
@lru_cache(maxsize=16)
def _tree_of(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def _split(path: bytes) -> tuple[bytes, ...]:
    if len(path) % HASH_BYTES:
        raise LogProofError("path: not whole hashes")
    return tuple(path[at : at + HASH_BYTES] for at in range(0, len(path), HASH_BYTES))


def check_counts(counts: Counts) -> Iterator[Finding]:
    """Yield where counters, rows and refusals do not agree (invariant I3)."""
    for key in sorted({*counts.kept, *counts.found}):
        kept, found = counts.kept.get(key, 0), counts.found.get(key, 0)
        if kept != found:
            place, text = " ".join(key), f"{kept} counted, {found} there"
            yield Finding(FindingCode.COUNTS_DIFFER, place, text)
    sent: Counter[str] = Counter()
    for (peer, box, _), found in counts.found.items():
        sent[peer] += found if box == Box.OUT else 0
    for peer in sorted({*sent, *counts.accepted}):
        accepted = counts.accepted.get(peer, 0)
        if accepted != sent[peer]:
            text = f"{accepted} accepted, {sent[peer]} there"
            yield Finding(FindingCode.COUNTS_DIFFER, f"{peer} accepted", text)
    for message_id in counts.refusals:
        text = "was refused without an entry"
        yield Finding(FindingCode.REFUSAL_UNLOGGED, f"message {message_id}", text)
