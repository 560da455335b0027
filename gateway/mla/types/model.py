"""What the declaration of a message type consists of."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.mla.fields import Block
from gateway.mla.rules import Rule
from gateway.mla.versions import FIRST_VERSION


class Role(StrEnum):
    """Role of a sender in one case: the codes of list NODE_ROLE a node can have."""

    REQUESTING = "REQ"
    REQUESTED = "RQD"
    INFORMING = "INFO"


ANY_ROLE = frozenset(Role)
REQUESTING = frozenset({Role.REQUESTING})
REQUESTED = frozenset({Role.REQUESTED})
INFORMING = frozenset({Role.INFORMING})


# Compared by identity: there is one of each, and comparing whole declarations is slow.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MessageType:
    """The declaration of one type of message.

    Attributes:
        name: Its code in list MSG_TYPE.
        title_en: What it is, in English.
        title_fr: The same in French.
        senders: Roles that may send it.
        payload: The fields of its payload.
        rules: Rules between its fields, beside those of every message.
        opens_case: Whether it may be the first of a case.
        answers: Types it may answer; empty for any but those below.
        never_answers: Types it must not answer, lest two nodes answer for ever.
        needs_case: Whether a case, and the message answered, must be known where it
            is sent and received, unless it opens the case.
        needs_reply_to: Whether it must name the message it answers.
        needs_approval: Whether a person must have approved it.
        needs_receipt: Whether the recipient is to acknowledge it.
        needs_sender_ref: Whether the sender's file number must be given.
        without: Fields of every message that may be missing in this type.
        since: The version of messages that added it.
        declaration: Name of the national declaration it comes from; empty if common.
    """

    name: str
    title_en: str
    title_fr: str
    senders: frozenset[Role]
    payload: Block
    rules: tuple[Rule, ...] = ()
    opens_case: bool = False
    answers: frozenset[str] = frozenset()
    never_answers: frozenset[str] = frozenset()
    needs_case: bool = True
    needs_reply_to: bool = False
    needs_approval: bool = False
    needs_receipt: bool = True
    needs_sender_ref: bool = False
    without: frozenset[str] = frozenset()
    since: str = FIRST_VERSION
    declaration: str = ""
