"""Values of the node as the shapes of the API; nothing is looked up here."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from gateway.admin import (
    halt_shapes,
    node_shapes,
    opening_shapes,
    people_shapes,
    shapes,
)
from gateway.admin.evidence_shapes import CardCopy, StatementCopy
from gateway.core.entries.disclosures import SealedDisclosure, read_disclosure
from gateway.core.envelope import ManifestAttachment
from gateway.core.identity import VerifiedCard, verify_statement
from gateway.core.operators import Operator, Role, Token
from gateway.core.parts import bytes_there
from gateway.core.values import NEVER, UnixMs, format_time
from gateway.flows.halts import Halts
from gateway.flows.peer_standing import PeerStanding
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.halts import Incident
from gateway.ports.messages import Box, Change, MessageRow


def when(moment: UnixMs | None) -> str:
    """Return a moment as text, or empty for one that has not come."""
    return "" if moment is None or moment == NEVER else format_time(moment)


def message_of(row: MessageRow) -> shapes.Message:
    """Return the metadata of a message."""
    index = row.index
    return shapes.Message(
        id=row.id,
        box=row.box.value,
        peer=row.peer,
        state=row.state.value,
        priority=row.priority.value,
        created_at=when(row.created_at),
        accepted_at=when(row.accepted_at),
        updated_at=when(row.updated_at),
        index=row.log_index,
        expires_at=when(row.expires_at),
        digest=row.digest,
        content_digest=row.content_digest,
        size_bytes=row.size_bytes,
        seq=row.seq,
        type=index.msg_type if index else "",
        case=index.case_id if index else "",
        case_seq=index.case_seq if index else 0,
        urgency=index.urgency if index else "",
        in_reply_to=index.in_reply_to if index else "",
        sender_ref=index.sender_ref if index else "",
        recipient_ref=index.recipient_ref if index else "",
        attempts=row.attempts,
        next_attempt_at=when(row.next_attempt_at),
        last_code=row.last_code,
        hold_reason=row.hold_reason,
        unsettled=row.has_unknown_attempt,
        problems=row.problems,
        idempotency_key=row.idempotency_key,
        attachments=row.attachments,
        attachment_bytes=row.attachment_bytes,
        pending_until=when(row.pending_until),
    )


def attachment_of(row: Attachment, rate: int) -> shapes.AttachmentStanding:
    """Return how far an evidence file is."""
    return shapes.AttachmentStanding(
        aid=row.aid,
        length=row.length,
        there=bytes_there(row.length, row.parts),
        state=row.state.value,
        rate=rate,
    )


def opened_file_of(
    described: ManifestAttachment,
    state: AttachmentState | None,
) -> opening_shapes.OpenedAttachment:
    """Return an evidence file of an opened message."""
    return opening_shapes.OpenedAttachment(
        aid=described.aid,
        name=described.name,
        media_type=described.media_type,
        size=described.size,
        sha256=described.sha256,
        state=state.value if state else "gone",
        item_id=str(described.extra.get("item_id", "")),
    )


def change_of(change: Change) -> shapes.ChangeItem:
    """Return one step of the feed."""
    return shapes.ChangeItem(
        cursor=change.cursor,
        at=when(change.at),
        box=change.box.value,
        id=change.id,
        peer=change.peer,
        state=change.state,
        index=change.log_index,
    )


def incident_of(incident: Incident) -> halt_shapes.Incident:
    """Return an incident of a peer."""
    return halt_shapes.Incident(
        id=incident.number,
        peer=incident.peer,
        begun_at=when(incident.begun_at),
        begun_by=incident.begun_by,
        reason=incident.reason,
        index=incident.log_index,
        since=when(incident.since),
        ended_at=when(incident.ended_at),
        ended_by=incident.ended_by,
    )


def suspicion_of(row: MessageRow, halts: Halts) -> shapes.Suspicion | None:
    """Return why a message is to be looked at with care, if it came from a peer."""
    if row.box is not Box.IN:
        return None
    incident = halts.suspicion(row.peer, row.accepted_at)
    if incident is None:
        return None
    return shapes.Suspicion(
        incident=incident.number,
        since=when(incident.since),
        begun_at=when(incident.begun_at),
        open=incident.is_open,
    )


def peer_of(standing: PeerStanding) -> node_shapes.Peer:
    """Return a peer and how exchange with it goes."""
    card = standing.enrolled.peer.card
    enrolment = standing.enrolled.enrolment
    traffic = standing.traffic
    policy = standing.enrolled.peer.policy
    return node_shapes.Peer(
        id=card.authority,
        country=card.country,
        names=dict(card.names),
        fingerprint=card.fingerprint,
        card_number=card.number,
        card_issued_at=when(card.issued_at),
        urls=card.urls,
        stage=card.stage.value,
        paused=policy.is_paused,
        queued=traffic.queued,
        held=traffic.held,
        oldest_queued_at=when(traffic.oldest_queued_at),
        last_contact_at=when(traffic.last_contact_at),
        last_error=traffic.last_error,
        retry_at=when(traffic.retry_at) if traffic.failures else "",
        failures=traffic.failures,
        known_seen_size=traffic.known_seen_size,
        peer_log_size=standing.log.size if standing.log else 0,
        highest_seq=traffic.highest_seq,
        missing=traffic.missing_seqs,
        holes=tuple((one.first, one.last) for one in traffic.holes),
        missing_there=tuple(standing.missing_there),
        disagreement=standing.problem,
        log_standing=standing.log_standing,
        may_monitor=policy.may_monitor,
        may_gossip=policy.may_gossip,
        exchanges_despite_conflict=policy.exchanges_despite_conflict,
        compared_by=enrolment.compared_by,
        compared_how=enrolment.compared_how,
        compared_at=when(enrolment.compared_at),
        upload_kib_s=policy.upload_kib_s,
        upload_hours=policy.upload_hours,
        max_evidence_gib=policy.max_evidence_gib,
        evidence_bytes=standing.evidence_bytes,
        proxy=policy.proxy,
    )


def card_of(card: VerifiedCard) -> CardCopy:
    """Return a card as its file, with the fingerprint that people compare."""
    return CardCopy(
        authority=card.authority,
        fingerprint=card.fingerprint,
        card=base64.b64encode(card.raw).decode(),
    )


def statement_of(proof: bytes, card: VerifiedCard) -> StatementCopy:
    """Return a statement of the root of a card, from its proof file."""
    return StatementCopy(
        authority=card.authority,
        number=verify_statement(proof, card.root).statement.number,
        proof=proof.decode(),
    )


def operator_of(
    operator: Operator,
    units: Iterable[str] = (),
    uses: Mapping[tuple[str, str], UnixMs] = MappingProxyType({}),
) -> people_shapes.Operator:
    """Return an account with its tokens, its units, and when it was last used."""
    used = {one.label: uses.get((operator.name, one.label)) for one in operator.tokens}
    last = max(
        (at for (name, _), at in uses.items() if name == operator.name), default=NEVER
    )
    link = operator.invitation
    return people_shapes.Operator(
        name=operator.name,
        roles=in_order(operator.roles),
        tokens=tuple(token_of(one, used[one.label]) for one in operator.tokens),
        units=tuple(sorted(units)),
        last_seen_at=when(last),
        display_name=operator.display_name,
        language=operator.language,
        password=bool(operator.password),
        passkeys=len(operator.passkeys),
        sso_subject=operator.sso_subject,
        invited_until="" if link is None else when(link.expires_at),
    )


def token_of(token: Token, used_at: UnixMs | None) -> people_shapes.Token:
    """Return a token without its text, and when it was last used."""
    return people_shapes.Token(
        label=token.label,
        created_at=when(token.created_at),
        expires_at=when(token.expires_at),
        roles=in_order(token.roles),
        system=token.is_system,
        units=tuple(sorted(token.units)),
        last_used_at=when(used_at or NEVER),
        made_by=token.made_by,
    )


def in_order(roles: frozenset[Role]) -> tuple[Role, ...]:
    """Return roles in the order in which they are declared."""
    return tuple(role for role in Role if role in roles)


def disclosed(sealed: Sequence[SealedDisclosure]) -> dict[str, str]:
    """Return what disclosures say, by name.

    Raises:
        MalformedError: One of them is not a disclosure.
    """
    read = [read_disclosure(one.encoded) for one in sealed]
    return {one.name: one.value for one in read}
