"""What a message can begin with: addressees, types, and what the case says already."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.admin.case_shapes import Case, CaseMessage, CaseNext
from gateway.admin.form_shapes import MessageType, MessageTypes
from gateway.admin.legal_shapes import Country, OwnProfile
from gateway.admin.node_shapes import Peer, PeerList
from gateway.console.forms.drafting import Known, first_draft
from gateway.console.sheet import Sheet
from gateway.console.visit import Visit
from gateway.core.errors import UsageError
from gateway.core.values import new_uuid7
from gateway.mla.types import declared_type, message_type
from gateway.mla.types.model import MessageType as Declared

_ENGLISH: Final = "en"
_RECEIPT: Final = "ACK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds between us and an addressee.

    Attributes:
        in_force: Instruments in force with its country, by our table.
        languages: Languages that it says it accepts; none are all, or not told.
        zone: Our time zone.
    """

    peer: Peer
    in_force: tuple[str, ...]
    languages: tuple[str, ...]
    zone: str


async def addressees(visit: Visit) -> tuple[Peer, ...]:
    """Return whom messages can be sent to."""
    return (await visit.ask(PeerList, "list_peers", segments={})).items


async def opening_types(visit: Visit) -> tuple[MessageType, ...]:
    """Return the types of message that a case can begin with."""
    listed = await visit.ask(MessageTypes, "list_schemas", segments={})
    return tuple(one for one in listed.items if one.opens_case)


async def terms_with(visit: Visit, to: str) -> Terms:
    """Return what holds between us and an addressee.

    Raises:
        NotFoundError: It is not enrolled.
    """
    peer = await visit.ask(Peer, "show_peer", segments={"peer": to})
    country = await visit.ask(
        Country, "show_treaties", segments={"country": peer.country}
    )
    own = await visit.ask(OwnProfile, "show_profile", segments={})
    service = peer.service.profile if peer.service is not None else None
    return Terms(
        peer=peer,
        in_force=tuple(one.instrument for one in country.treaties if one.in_force),
        languages=service.languages if service is not None else (),
        zone=(own.profile.time_zone if own.profile is not None else "") or "UTC",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A sheet to begin with.

    Attributes:
        follows: Whether its type may come now in its case; None outside a case.
        answerable: Messages of the case that it could answer, the newest first.
    """

    sheet: Sheet
    follows: CaseNext | None = None
    answerable: tuple[CaseMessage, ...] = ()


async def fresh_start(visit: Visit, terms: Terms) -> Start:
    """Return a sheet that says what is known.

    Raises:
        NotFoundError: There is no such type, or no such case.
        UsageError: A type that opens no case, and no case was named.
    """
    declared = declared_type(visit.query.text("type"))
    case_id = visit.query.text("case")
    if not case_id and declared.needs_case and not declared.opens_case:
        raise UsageError(f"case: {declared.name} belongs into a case, expected its id")
    language = _language(visit, terms)
    start = Sheet(
        declared=declared, to=terms.peer.id, key=new_uuid7(visit.now), draft={}
    )
    if not case_id:
        only = terms.in_force if len(terms.in_force) == 1 else ()
        known = Known(language=language, instruments=only)
        return Start(sheet=start.with_draft(first_draft(declared, known)))
    case = await visit.ask(
        Case, "show_case", segments={"id": case_id}, query={"peer": terms.peer.id}
    )
    follows = next((one for one in case.next if one.type == declared.name), None)
    answerable = _answerable(case, declared)
    known = _known_of(case, follows, visit.query.text("reply"), language)
    if not known.reply_to and declared.needs_reply_to and answerable:
        known = replace(known, reply_to=likely_answered(answerable, declared).id)
    source = known.reply_to or next((one.id for one in case.conversation), "")
    sheet = replace(
        start,
        draft=first_draft(declared, known),
        source=source,
        measures=tuple(one.id for one in case.measures if one.id),
    )
    return Start(sheet=sheet, follows=follows, answerable=answerable)


def _answerable(case: Case, declared: Declared) -> tuple[CaseMessage, ...]:
    """Return messages of the other side that a type may answer, the newest first."""
    return tuple(
        one
        for one in reversed(case.conversation)
        if one.role != case.role
        and one.type not in declared.never_answers
        and (not declared.answers or one.type in declared.answers)
    )


def likely_answered(
    answerable: tuple[CaseMessage, ...], declared: Declared
) -> CaseMessage:
    """Return the message that is most likely meant; people can take another one.

    What is decided, reported or sent answers the request; a receipt the newest message.
    """
    if declared.name == _RECEIPT:
        return answerable[0]
    opening = (one for one in answerable if _opens(one.type))
    return next(opening, answerable[0])


def _opens(type_name: str) -> bool:
    declared = message_type(type_name)
    return declared is not None and declared.opens_case


def _known_of(case: Case, follows: CaseNext | None, reply: str, language: str) -> Known:
    ours = case.role == "REQ"
    open_ = follows.answers if follows is not None else ()
    return Known(
        language=language,
        case_id=case.case,
        # With several open messages a person says which one is answered.
        reply_to=reply or (open_[0] if len(open_) == 1 else ""),
        sender_ref=case.sender_ref if ours else case.recipient_ref,
        recipient_ref=case.recipient_ref if ours else case.sender_ref,
        urgency=case.urgency,
        measures=follows.measures if follows is not None else (),
    )


def _language(visit: Visit, terms: Terms) -> str:
    """Return the language to write in: the reader's, if the addressee takes it."""
    ours = visit.speech.language.value
    if not terms.languages or ours in terms.languages:
        return ours
    return _ENGLISH if _ENGLISH in terms.languages else ours
