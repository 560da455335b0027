"""What the node's codes are called on pages; marked here, translated where shown."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.admin.shapes import (
    AttemptShown,
    Receipt,
    Receipts,
    Timeline,
    TimelineStep,
)
from gateway.console.language import mark
from gateway.mla.types import message_type
from gateway.mla.wording import Language, title_of

_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "held": (mark("held"), "wait"),
    "queued": (mark("queued"), "wait"),
    "delivered": (mark("delivered"), "good"),
    "opened": (mark("opened"), "good"),
    "refused": (mark("refused"), "bad"),
    "expired": (mark("expired"), "bad"),
    "cancelled": (mark("cancelled"), "idle"),
    "erased": (mark("erased"), "idle"),
    "pending": (mark("evidence still coming"), "wait"),
    "received": (mark("received"), "new"),
    "quarantined": (mark("quarantined"), "bad"),
    "handed_over": (mark("handed over"), "good"),
}

_KINDS: Final[Mapping[str, str]] = {
    "msg.send": mark("Sealed, logged and queued"),
    "msg.hold": mark("Accepted and held"),
    "msg.release": mark("Released"),
    "msg.deliver": mark("Delivered: the receipt was verified"),
    "msg.opened": mark("Opened by the recipient for the first time"),
    "msg.refused": mark("Refused by the recipient, with proof"),
    "msg.expire": mark("Expired"),
    "msg.cancel": mark("Withdrawn"),
    "msg.receive": mark("Received and stored"),
    "msg.reject": mark("Refused here"),
    "msg.check": mark("Opened by the node to check it"),
    "msg.access": mark("Opened by a person"),
    "msg.export": mark("Evidence file given out"),
    "msg.confirm": mark("Taken over by the recipient"),
    "msg.quarantine": mark("Set aside: it is not what was announced"),
    "msg.lost": mark("Lost with a restored database"),
    "msg.carry": mark("Carried over into a new log"),
    "msg.unreceived": mark("Put on record: a receipt is overdue"),
    "msg.restrict": mark("Use restricted by the sender"),
    "msg.restricted": mark("The recipient proved the restriction"),
    "msg.erase": mark("Content destroyed"),
}

_DISCLOSED: Final[Mapping[str, str]] = {
    "actor": mark("by"),
    "role": mark("as"),
    "purpose": mark("purpose"),
    "purpose_code": mark("ground"),
    "case": mark("case"),
    "case_number": mark("other case"),
    "reason": mark("reason"),
    "on_behalf_of": mark("on behalf of"),
    "file": mark("file"),
}

_FILTERS: Final[Mapping[str, str]] = {
    "box": mark("Direction"),
    "state": mark("State"),
    "peer": mark("Peer"),
    "type": mark("Type"),
    "case": mark("Case"),
    "sender_ref": mark("Reference"),
    "since": mark("Since"),
    "until": mark("Before"),
    "id": mark("Id begins with"),
    "urgency": mark("Urgency"),
    "code": mark("Last answer"),
}

_GOOD_STEPS: Final = frozenset(
    {"msg.deliver", "msg.opened", "msg.confirm", "msg.receive"}
)
_BAD_STEPS: Final = frozenset(
    {"msg.refused", "msg.reject", "msg.expire", "msg.quarantine", "msg.lost"}
)
# The proof of the other side that an entry of ours rests on.
_PROOF_BEHIND: Final[Mapping[str, str]] = {
    "msg.deliver": "receipt",
    "msg.opened": "opening",
    "msg.refused": "refusal",
}

_PROOFS: Final[Mapping[str, str]] = {
    "origin": mark("Sent"),
    "receipt": mark("Received"),
    "refusal": mark("Refused"),
    "key-refusal": mark("Refused for its key; sealed again"),
    "opening": mark("Opened for the first time"),
    "expiry": mark("Expired"),
    "cancellation": mark("Withdrawn"),
}

_CAUSES: Final[Mapping[str, str]] = {
    "unreachable": mark("The peer's node could not be reached"),
    "maintenance": mark("The peer asks to come back later: maintenance"),
    "quota": mark("The peer asks to come back later: too much at once"),
    "clock": mark("The clocks of the two nodes differ too much"),
    "disk": mark("The peer has too little disk free"),
    "blob-failed": mark("The peer could not write an evidence file"),
    "key-retired": mark("Sealed to a key that the peer has retired"),
    "expired": mark("The last moment passed without a receipt"),
    "stage": mark("A test node and a production node"),
    "version": mark("No protocol version in common"),
    "untrusted-card": mark("A card that proves nothing"),
    "stranger": mark("The peer has not added us"),
    "log-proof-invalid": mark("A proof of a log that does not hold"),
    "log-out-of-step": mark("The two sides remember different logs"),
    "root-mismatch": mark("A file that is not the one announced"),
    "no-key": mark("No key of the peer may be sealed to"),
    "peer-paused": mark("The peer is paused here"),
    "approval": mark("Waits for a second person"),
    "attachments": mark("Evidence files did not come"),
}

_TITLES: Final[Mapping[str, str]] = {
    "usage": mark("The request is not understood"),
    "malformed": mark("The request is not in the format asked for"),
    "not-authenticated": mark("You are not signed in"),
    "not-allowed": mark("Your roles do not cover this"),
    "E_PURPOSE": mark("The data were not given for this purpose"),
    "needs-approval": mark("Another person has to approve this first"),
    "not-found": mark("There is no such page or thing here"),
    "conflict": mark("This contradicts the state of things"),
    "stale-case": mark("The case has moved on meanwhile"),
    "not-erasable": mark("This is not ended, or must be kept"),
    "too-large": mark("This is over a limit"),
    "invalid-form": mark("The form breaks the rules of its type"),
    "untrusted-card": mark("The card does not prove who it says it is"),
    "quota": mark("Too many requests for now"),
    "cannot-open": mark("The stored message cannot be opened"),
    "cannot-print": mark("This node has no typesetter"),
    "damaged": mark("The stored file is not what it was"),
    "unreachable": mark("The peer's node could not be reached"),
    "maintenance": mark("The node is not ready"),
    "disk": mark("Too little disk is free"),
    "clock": mark("The clocks differ too much"),
    "store-unusable": mark("Storage does not work"),
    "internal": mark("The node could not answer"),
}

_ADVICE: Final[Mapping[str, str]] = {
    "usage": mark("Go back and correct what you entered."),
    "not-allowed": mark("Ask a person with role “security” if you need this."),
    "E_PURPOSE": mark("Choose the purpose the data were given for, or ask the sender."),
    "needs-approval": mark("It is in the list of approvals. You will be told."),
    "not-found": mark("The address may be wrong, or your roles do not show it."),
    "conflict": mark("Load the page again and look at the present state."),
    "stale-case": mark("Load the case again and look at the newest message."),
    "quota": mark("Wait a moment, then try again."),
    "too-large": mark("Send less at once."),
    "cannot-open": mark("Note the id and ask whoever runs the node."),
    "cannot-print": mark("Whoever runs the node can install the extra “print”."),
    "unreachable": mark("Test the connection on the page of the peer."),
    "maintenance": mark("Try again in a few minutes."),
    "store-unusable": mark("Whoever runs the node has to look at disk and log."),
    "internal": mark("Whoever runs the node finds the cause in its log."),
}
_GENERAL_ADVICE: Final = mark("Go back, look at the present state and try again.")
_RULE_ADVICE: Final = mark("The sentence above says what to change.")


def state_label(state: str) -> str:
    """Return what a state of a message is called."""
    return _STATES[state][0] if state in _STATES else state


def state_tone(state: str) -> str:
    """Return the tone a state is shown in: good, wait, new, bad or idle."""
    return _STATES[state][1] if state in _STATES else "idle"


def kind_label(kind: str) -> str:
    """Return what an entry of the log about a message says."""
    return _KINDS.get(kind, kind)


def proof_label(role: str) -> str:
    """Return what a proof shows."""
    return _PROOFS.get(role, role)


def filter_label(name: str) -> str:
    """Return what a filter of the list of messages is called."""
    return _FILTERS.get(name, name)


def step_tone(kind: str) -> str:
    """Return the tone that a step of a timeline is shown in."""
    if kind in _BAD_STEPS:
        return "bad"
    return "good" if kind in _GOOD_STEPS else ""


def disclosed_label(name: str) -> str:
    """Return what a disclosed value of an entry is called."""
    return _DISCLOSED.get(name, name)


def proofs_of(step: TimelineStep, receipts: Receipts) -> tuple[Receipt, ...]:
    """Return the proofs that belong to a step: of the entry, or what it rests on."""
    behind = _PROOF_BEHIND.get(step.kind)
    return tuple(
        one
        for one in receipts.items
        if (one.kind, one.index) == (step.kind, step.index) or one.role == behind
    )


def history_of(timeline: Timeline) -> Sequence[TimelineStep | AttemptShown]:
    """Return entries of the log and attempts that failed, in the order of time."""
    return sorted((*timeline.steps, *timeline.attempts), key=lambda one: one.at)


def cause_label(code: str) -> str:
    """Return why an attempt failed or a message is held."""
    return _CAUSES.get(code, code)


def trouble_label(told: str) -> str:
    """Return what an error of a peer is about: it is told as `code: sentence`."""
    code = told.partition(":")[0]
    return _CAUSES.get(code, code)


def type_label(msg_type: str, language: Language) -> str:
    """Return what a type of message is called; the code of one that is not known."""
    declared = message_type(msg_type)
    return msg_type if declared is None else title_of(declared, language)


def problem_title(code: str, otherwise: str) -> str:
    """Return what a refusal is about."""
    return _TITLES.get(code, otherwise)


def problem_advice(code: str) -> str:
    """Return what to do about a refusal."""
    is_rule = code.startswith("E_") and code not in _ADVICE
    return _RULE_ADVICE if is_rule else _ADVICE.get(code, _GENERAL_ADVICE)
