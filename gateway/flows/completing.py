"""What the node adds to a form: who sends it, and its place in its case."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.core.errors import InvalidFormError
from gateway.core.limits import MAX_LIST_ITEMS
from gateway.core.values import AuthorityId, HexDigest, MessageId, UnixMs, new_uuid7
from gateway.mla.document import (
    NodeFields,
    Party,
    complete,
    derive_roles,
    opens_case,
)
from gateway.mla.problems import text_at
from gateway.mla.speaking import (
    Spoken,
    common_version,
    declarations_of,
    not_spoken,
)
from gateway.mla.types import message_type
from gateway.mla.versions import OWED_SINCE, includes
from gateway.ports.cases import DocketRow
from gateway.ports.messages import Box
from gateway.ports.outbox import CaseHead
from gateway.ports.peers import Peer


@dataclass(frozen=True, slots=True)
class Ourselves:
    """The sending side, as documents name it."""

    authority: AuthorityId
    country: str


def completed(
    message: JsonObject,
    ourselves: Ourselves,
    peer: Peer,
    head: CaseHead,
    now: UnixMs,
    translations_owed: tuple[str, ...] = (),
) -> tuple[JsonObject, list[str]]:
    """Return a form as it is sent, and the names of fields that were ignored.

    Args:
        message: What the author gave; passed the check of its author form.
        ourselves: The sender.
        peer: The addressee.
        head: The end of our own messages in the case, which this one follows.
        now: When it is sent.
        translations_owed: Languages into one of which a translation has to follow.

    Raises:
        VersionError: No version of messages or code lists is spoken on both sides.
        InvalidFormError: It holds what the addressee does not understand.
    """
    version = understood_version(message, peer)
    msg_type = text_at(message, "/msg_type") or ""
    opener = head.opener or opener_if_new(msg_type)
    our_role, their_role = derive_roles(
        msg_type,
        sender_opened_case=opener is not Box.IN,
    )
    node_fields = NodeFields(
        msg_id=new_uuid7(now),
        case_id=head.case_id,
        seq=head.case_seq + 1,
        prev_hash=HexDigest(head.digest) if head.digest else None,
        sender=Party(
            country=ourselves.country,
            authority_id=ourselves.authority,
            role=our_role,
        ),
        recipient=Party(
            country=peer.card.country,
            authority_id=peer.authority,
            role=their_role,
        ),
        created_at=now,
        sent_at=now,
        schema_version=version,
        national=declarations_of(message),
        translations_owed=translations_owed if includes(version, OWED_SINCE) else (),
    )
    return complete(message, node_fields)


def understood_version(message: JsonObject, peer: Peer) -> str:
    """Return the version to send a form in, which the addressee understands whole.

    Raises:
        VersionError: No version of messages or code lists is spoken on both sides.
        InvalidFormError: It holds what the addressee does not understand.
    """
    versions = peer.card.versions
    spoken = Spoken(
        messages=versions.of_messages,
        code_lists=versions.of_code_lists,
        national=versions.declarations,
    )
    version = common_version(spoken)
    problems = not_spoken(message, spoken)
    if problems:
        raise InvalidFormError(
            f"form: {peer.authority} would not understand it", problems=problems
        )
    return version


def newest_received(docket: Sequence[DocketRow]) -> MessageId | None:
    """Return the newest message that we have read of the peer in a case."""
    received = [row.id for row in docket if row.box is Box.IN]
    return received[-1] if received else None


def with_last_seen(message: JsonObject, seen: MessageId | None) -> JsonObject:
    """Return a form that names the newest message its sender has seen in the case.

    So the other side can tell what had crossed it. It is named in `refs`, unless the
    author names it already.

    Args:
        message: What the author gave; passed the check of its author form.
        seen: The newest message received in the case; None for none.
    """
    named = message.get("refs", [])
    if (
        seen is None
        or not isinstance(named, list)
        or len(named) >= MAX_LIST_ITEMS
        or seen in {*named, message.get("in_reply_to")}
    ):
        return message
    return message | {"refs": [*named, seen]}


def opener_if_new(msg_type: str) -> Box | None:
    """Return who counts as the opener of a case this node does not know yet."""
    if opens_case(msg_type):
        return Box.OUT
    declared = message_type(msg_type)
    # An answer to what was never part of a case: the peer meant to open one.
    return None if declared is None or declared.needs_case else Box.IN
