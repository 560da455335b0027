"""What a message can begin with: addressees, types, and what the case says already."""

from dataclasses import dataclass
from typing import Final

from gateway.admin.case_shapes import Case, CaseNext
from gateway.admin.form_shapes import MessageType, MessageTypes
from gateway.admin.legal_shapes import Country, OwnProfile
from gateway.admin.node_shapes import Peer, PeerList
from gateway.console.forms.drafting import Known, first_draft
from gateway.console.sheet import Sheet
from gateway.console.visit import Visit
from gateway.core.errors import UsageError
from gateway.core.values import new_uuid7
from gateway.mla.types import declared_type

_ENGLISH: Final = "en"


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


async def fresh_sheet(visit: Visit, terms: Terms) -> tuple[Sheet, CaseNext | None]:
    """Return a sheet that says what is known, and whether its type may come now.

    Raises:
        NotFoundError: There is no such type, or no such case.
        UsageError: A type that opens no case, and no case was named.
    """
    declared = declared_type(visit.query.text("type"))
    case_id = visit.query.text("case")
    if not case_id and declared.needs_case and not declared.opens_case:
        raise UsageError(f"case: {declared.name} belongs into a case, expected its id")
    language = _language(visit, terms)
    follows: CaseNext | None = None
    if case_id:
        peer_id = terms.peer.id
        case = await visit.ask(
            Case, "show_case", segments={"id": case_id}, query={"peer": peer_id}
        )
        follows = next((one for one in case.next if one.type == declared.name), None)
        known = _known_of(case, follows, visit.query.text("reply"), language)
    else:
        only = terms.in_force if len(terms.in_force) == 1 else ()
        known = Known(language=language, instruments=only)
    sheet = Sheet(
        declared=declared,
        to=terms.peer.id,
        key=new_uuid7(visit.now),
        draft=first_draft(declared, known),
    )
    return sheet, follows


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
