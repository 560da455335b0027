"""Purpose and speciality: what received data may be used for, and on which conditions.

Data may be used for the purpose it was given for, in the case it was given for. More
needs the consent of who gave it, by a `USE_RSP`; the few exceptions that treaties make
are rows of a table (UNTOC article 18(19); Directive (EU) 2016/680, articles 4 and 9;
Framework Decision 2009/315/JHA, article 9).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.problems import text_at, texts_at, values_at


@dataclass(frozen=True, slots=True)
class UseException:
    """A use that a treaty allows without the other side's consent.

    Attributes:
        purpose: Code of list PURPOSE.
        instruments: Instruments it holds under; one of the message is enough.
        source: The provision.
    """

    purpose: str
    instruments: frozenset[str]
    source: str


EXCEPTIONS: Final = (
    UseException(
        "EXCULPATORY", frozenset({"UNTOC", "UNCAC"}), "UNTOC 18(19), UNCAC 46(19)"
    ),
    UseException(
        "PUBLIC_SECURITY", frozenset({"ECRIS"}), "Framework Decision 2009/315, 9(3)"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMessage:
    """What is known of a message of a case.

    Attributes:
        is_ours: We sent it.
        entry: Its docket entry.
    """

    id: str
    is_ours: bool
    entry: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A further use that who gave the data agreed to.

    Attributes:
        items: Items it covers; none stands for all of the case.
        purpose: Code of list PURPOSE.
        case_number: The case it may be used in; empty where it says nothing.
        country: To which they may go; empty where it says nothing.
        conditions: Codes of list CONDITION that it was given under.
    """

    items: frozenset[str]
    purpose: str
    case_number: str
    country: str
    conditions: frozenset[str]

    def covers(self, items: frozenset[str]) -> bool:
        """Tell whether all of some items are among those it is about."""
        return not self.items or items <= self.items


_GRANTING: Final = frozenset({"GRANTED", "CONDITIONS"})


def consents(case: Sequence[CaseMessage]) -> tuple[Consent, ...]:
    """Return what the other side of a case has agreed to, oldest first.

    Args:
        case: The messages of a case, oldest first. Consent is theirs to a question of
            ours: nobody grants themselves anything.
    """
    asked = {
        one.id: one.entry
        for one in case
        if one.is_ours and text_at(one.entry, "/msg_type") == "USE_REQ"
    }
    return tuple(
        _consent(asked[answered], one.entry)
        for one in case
        if not one.is_ours
        and text_at(one.entry, "/msg_type") == "USE_RSP"
        and text_at(one.entry, "/payload/answer") in _GRANTING
        and (answered := text_at(one.entry, "/in_reply_to") or "") in asked
    )


def _consent(asked: JsonObject, answer: JsonObject) -> Consent:
    items = texts_at(answer, "/payload/items/*") or texts_at(asked, "/payload/items/*")
    # Names are not kept beside sealed content: a question about another country or case
    # names it by its code or number.
    return Consent(
        items=frozenset(items),
        purpose=text_at(asked, "/payload/new_purpose") or "",
        case_number=text_at(asked, "/payload/case_number") or "",
        country=text_at(asked, "/payload/new_country") or "",
        conditions=frozenset(conditions_of(answer)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What somebody wants a received message for.

    Attributes:
        purpose: Code of list PURPOSE.
        case_number: Another case than that of the message; empty for its own.
    """

    purpose: str
    case_number: str = ""


OWN_USE: Final = Use(purpose="")
"""What a message was given for, in its own case."""


def own_purposes(entry: JsonObject) -> frozenset[str]:
    """Return what a message and its items were given for."""
    found = texts_at(entry, "/purpose") | texts_at(entry, "/payload/manifest/*/purpose")
    return frozenset(found)


def items_of(entry: JsonObject) -> frozenset[str]:
    """Return the ids of the items of a message."""
    return frozenset(texts_at(entry, "/payload/manifest/*/item_id"))


def refusal_of(use: Use, entry: JsonObject, case: Sequence[CaseMessage]) -> str:
    """Return why a received message may not be used so, or nothing if it may.

    Args:
        use: What for.
        entry: The message's docket entry.
        case: All messages of its case, oldest first.
    """
    if use.case_number and use.case_number not in _numbers(case):
        if _is_agreed(use, entry, case):
            return ""
        return (
            "given for another case: ask whoever sent it with a USE_REQ that names "
            "this one, or make a new request"
        )
    if use.purpose in own_purposes(entry) or _is_excepted(use.purpose, entry):
        return ""
    if _is_agreed(use, entry, case):
        return ""
    own = ", ".join(sorted(own_purposes(entry)))
    return f"given for {own}: another purpose needs a USE_REQ that was granted"


def _is_agreed(use: Use, entry: JsonObject, case: Sequence[CaseMessage]) -> bool:
    items = items_of(entry)
    return any(
        consent.purpose == use.purpose
        and (not items or consent.covers(items))
        and use.case_number in {"", consent.case_number}
        for consent in consents(case)
    )


def _is_excepted(purpose: str, entry: JsonObject) -> bool:
    instruments = texts_at(entry, "/instrument/*")
    return any(
        one.purpose == purpose and instruments & one.instruments for one in EXCEPTIONS
    )


def _numbers(case: Sequence[CaseMessage]) -> frozenset[str]:
    """Return the numbers that a case is known by, at both authorities."""
    paths = (
        "/case_id",
        "/sender_ref",
        "/recipient_ref",
        "/payload/case_number",
        "/payload/proceedings/case_number",
        "/payload/recipient_ref",
    )
    return frozenset(
        number for one in case for path in paths for number in texts_at(one.entry, path)
    )


# --- conditions ---


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of who gave the data.

    Attributes:
        code: Of list CONDITION.
        message_id: The message that sets it.
        item_id: The item it is about, or empty for all of the case.
    """

    code: str
    message_id: str
    item_id: str = ""


def conditions_on(
    message: CaseMessage, case: Sequence[CaseMessage]
) -> tuple[Condition, ...]:
    """Return the conditions that a received message is to be used under.

    Those of its own items, and those that its sender set for the case: with a
    decision, an answer or a consent.

    Args:
        message: The message.
        case: All messages of its case.
    """
    found = [*_item_conditions(message)]
    for one in case:
        if not one.is_ours:
            found += [Condition(code, one.id) for code in conditions_of(one.entry)]
    return tuple(dict.fromkeys(found))


def _item_conditions(message: CaseMessage) -> Iterator[Condition]:
    for item in values_at(message.entry, "/payload/manifest/*"):
        item_id = text_at(item, "item_id") or ""
        for code in sorted(texts_at(item, "conditions/*")):
            yield Condition(code, message.id, item_id)


def conditions_of(entry: JsonObject) -> list[str]:
    """Return the codes of a message's conditions, given as such or in blocks."""
    plain = texts_at(entry, "/payload/conditions/*")
    in_blocks = texts_at(entry, "/payload/conditions/*/code")
    in_decisions = texts_at(entry, "/payload/decisions/*/conditions/*/code")
    return sorted(plain | in_blocks | in_decisions)
