"""Taking a message from our own authority: check, complete, seal, commit, answer.

Submits of one case take turns from reading its head to the commit, so that `seq` and
`prev_hash` of the case have neither gap nor fork (specification, section 12).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog

from gateway.core.canonical import JsonObject
from gateway.core.envelope import AttachmentToSeal
from gateway.core.errors import (
    GatewayError,
    InvalidFormError,
    NotFoundError,
)
from gateway.core.limits import MAX_ENVELOPE_BYTES
from gateway.core.routing import HoldReason
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    UnixMs,
    new_uuid7,
)
from gateway.flows.admission import Admission, Outgoing, docket_with
from gateway.flows.completing import (
    Ourselves,
    completed,
    newest_received,
    opener_if_new,
    with_last_seen,
)
from gateway.flows.digests import digest_of_request, document_digest
from gateway.flows.exchange import Exchange
from gateway.flows.four_eyes import FourEyes
from gateway.flows.indexing import docket_json, message_index
from gateway.flows.inspection import Inspection
from gateway.flows.kept_files import KeptFile
from gateway.flows.orders import WITHDRAWAL, order_in
from gateway.flows.originals import files_of
from gateway.flows.sealing import Draft, Sealer
from gateway.flows.subjects import SubjectIndex
from gateway.flows.submission import Judged, Place, Submission, Submitted
from gateway.flows.units import UnitDesk
from gateway.flows.uploads import Uploads, to_seal
from gateway.mla.attached import AttachedFile, describe, item_ids
from gateway.mla.cases.place import CaseSoFar, misplaced
from gateway.mla.document import case_of, priority_of
from gateway.mla.envelope_fields import Form
from gateway.mla.overrides import act_against
from gateway.mla.problems import Problem, text_at
from gateway.mla.redaction import with_redactions
from gateway.mla.treaty.contents import with_articles
from gateway.mla.validate import check_completed, refusing, validate
from gateway.ports.cases import DocketRow
from gateway.ports.evidence import Upload
from gateway.ports.outbox import Accepted, CaseHead, NewOutbound
from gateway.ports.peers import Peer
from gateway.ports.world import DiskGuard

log = structlog.get_logger()


class Submit:
    """Accepts messages of this authority."""

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        exchange: Exchange,
        sealer: Sealer,
        *,
        country: str,
        disk: DiskGuard,
        uploads: Uploads,
        wake: Callable[[AuthorityId], None],
        inspection: Inspection,
        admission: Admission | None = None,
        subjects: SubjectIndex | None = None,
        four_eyes: FourEyes | None = None,
        units: UnitDesk | None = None,
    ) -> None:
        self._exchange = exchange
        self._sealer = sealer
        self._uploads = uploads
        self._country = country
        self._disk = disk
        self._wake = wake
        self._inspection = inspection
        self._subjects = subjects or SubjectIndex()
        self._four_eyes = four_eyes
        self._for_opened = units.for_opened if units else lambda _account: None
        self._admission = admission or Admission()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def submit(self, submission: Submission) -> Submitted:
        """Accept a message durably, or store nothing.

        Raises:
            NotFoundError: The addressee is not a configured peer, or the submitter
                has no such upload.
            InvalidFormError: The form is not what its type asks for.
            ConflictError: The idempotency key was used for another request, or an
                upload is not complete.
            TooLargeError: The form is over its limit.
            DiskReserveError: Too little disk is free.
        """
        peer = self.peer(submission.to)
        request_digest = digest_of_request(
            submission.message, submission.to, submission.files
        )
        try:
            return await self._submit(peer, submission, request_digest)
        except GatewayError:
            # Looked for last: the commit itself finds a repetition that gets so far,
            # and few requests are one. What stopped this one may be what came of the
            # first: its uploads are used, its case has ended.
            earlier = await self._repetition(submission, request_digest)
            if earlier is None:
                raise
            return Submitted(earlier)

    def peer(self, authority: AuthorityId) -> Peer:
        """Return an addressee.

        Raises:
            NotFoundError: It is not a configured peer.
        """
        peer = self._exchange.directory.peer(authority)
        if peer is None:
            raise NotFoundError(f"peer: {authority} is not enrolled; use peer add")
        return peer

    async def _submit(
        self,
        peer: Peer,
        submission: Submission,
        request_digest: str,
    ) -> Submitted:
        self._disk.check(MAX_ENVELOPE_BYTES)
        submission, place = await self.prepared(peer, submission, request_digest)
        with self._exchange.giving_way.handling_message(1):
            submitted = await self._in_turn(peer, submission, place)
        if submitted.accepted.is_repetition:
            return Submitted(submitted.accepted)
        self._wake(peer.authority)
        log.info(
            "message_accepted",
            message_id=submitted.accepted.id,
            peer=peer.authority,
            state=submitted.accepted.state,
        )
        return submitted

    async def prepared(
        self,
        peer: Peer,
        submission: Submission,
        request_digest: str,
    ) -> tuple[Submission, Place]:
        """Return a submission with what was measured of its files, and its place.

        Raises:
            InvalidFormError: The form or its files are not what the type asks for,
                and no reason could change that.
            NotFoundError: The submitter has no such upload.
            ConflictError: An upload is not complete.
        """
        files, originals = await files_of(submission, self._uploads, self._sealer)
        described, found = self._describe(submission, files)
        seen, of_files = await self._inspection.before_sending(described, files, peer)
        found += of_files
        if refusing(of_files):
            raise InvalidFormError("form: cannot be sent as it is", problems=found)
        case = case_of(described)
        place = Place(case, request_digest, files, found, seen, originals)
        return replace(submission, message=described), place

    def _describe(
        self,
        submission: Submission,
        files: Sequence[tuple[Upload, KeptFile]],
    ) -> tuple[JsonObject, list[Problem]]:
        """Return the form with what was measured of its files, and what was found.

        Raises:
            InvalidFormError: The form or its files are not what the type asks for,
                and no reason could change that.
        """
        described, problems = describe(
            submission.message,
            [
                AttachedFile(
                    name=kept.name,
                    media_type=kept.media_type,
                    size=upload.size,
                    sha256=HexDigest(kept.sha256),
                )
                for upload, kept in files
            ],
            new_id=lambda: new_uuid7(self._exchange.clock.now()),
        )
        records = [one.record for one in submission.originals]
        described, uncommitted = with_redactions(described, records)
        found = [*problems, *uncommitted, *validate(described, form=Form.AUTHOR)]
        if refusing(found):
            found = with_articles(described, found)
            raise InvalidFormError("form: cannot be sent as it is", problems=found)
        return described, found

    async def _repetition(
        self,
        submission: Submission,
        request_digest: str,
    ) -> Accepted | None:
        if not submission.idempotency_key:
            return None
        return await self._exchange.store.find_accepted(
            submission.act.actor,
            submission.idempotency_key,
            request_digest,
        )

    async def _in_turn(
        self,
        peer: Peer,
        submission: Submission,
        place: Place,
    ) -> Submitted:
        """Accept a message at the end of its case, or as the first of a new one."""
        if place.case_id is None:  # nobody else can know the case: no turn
            head = await self.head_of(peer, place)
            return await self._accept(peer, submission, place, head)
        name = f"{peer.authority} {place.case_id}"
        async with self._turns.setdefault(name, asyncio.Lock()):
            head = await self.head_of(peer, place)
            return await self._accept(peer, submission, place, head)

    async def head_of(self, peer: Peer, place: Place) -> CaseHead:
        """Return the end of our own messages in a case, new or known."""
        if place.case_id is None:
            return CaseHead(new_uuid7(self._exchange.clock.now()), 0, "", None)
        return await self._exchange.store.case_head(place.case_id, peer.authority)

    async def _accept(
        self,
        peer: Peer,
        submission: Submission,
        place: Place,
        head: CaseHead,
    ) -> Submitted:
        now = self._exchange.clock.now()
        judged = await self.judged(peer, submission, head, now)
        document, advice = judged.document, [*place.found, *judged.found]
        act = act_against(advice, submission.override_reason, submission.act)
        submission = replace(submission, act=act)
        draft = Draft(
            id=MessageId(str(document["msg_id"])),
            created_at=now,
            priority=priority_of(document),
            message=document,
            attachments=_to_seal(place.files, item_ids(document)),
        )
        new = self._new_outbound(peer, submission, draft, place)
        if new.index.msg_type == WITHDRAWAL:
            order = order_in(document, judged.docket, now, is_ours=True)
            new = replace(new, order=order)
        accepted = await self._exchange.store.accept(new, now)
        return Submitted(accepted, judged.ignored, tuple(advice))

    async def judged(
        self, peer: Peer, submission: Submission, head: CaseHead, now: UnixMs
    ) -> Judged:
        """Return a form as it would be sent, and what was found of it.

        Raises:
            VersionError: No version is spoken on both sides.
            InvalidFormError: It must not be sent there, whatever reason is given.
        """
        ours = Ourselves(self._exchange.ourselves, self._country)
        owed = self._admission.translations_owed(peer, submission.message)
        docket = await self._docket(head, peer.authority)
        message = with_last_seen(submission.message, newest_received(docket))
        document, ignored = completed(message, ours, peer, head, now, owed)
        check_completed(document)
        so_far = await case_so_far(
            self._exchange, peer.authority, document, head=head, docket=docket
        )
        outgoing = Outgoing(
            peer=peer, document=document, act=submission.act, docket=docket
        )
        found = await self._check_place(outgoing, so_far)
        return Judged(document, tuple(ignored), tuple(found), docket)

    async def _check_place(
        self, outgoing: Outgoing, so_far: CaseSoFar
    ) -> list[Problem]:
        """Return what is found of a message at this point of its case.

        Raises:
            InvalidFormError: It does not belong there, whatever reason is given.
        """
        problems = misplaced(outgoing.document, so_far)
        if not refusing(problems):
            problems += await self._admission.of_outgoing(outgoing)
        if refusing(problems):
            raise InvalidFormError("form: out of place in its case", problems=problems)
        return problems

    def waits_for(self, submission: Submission) -> tuple[str, ...]:
        """Return why a second person would have to let a message go, if one would."""
        if self._four_eyes is None:
            return ()
        return self._four_eyes.reasons(submission.message, submission.act.actor)

    async def _docket(self, head: CaseHead, peer: AuthorityId) -> list[DocketRow]:
        if head.opener is None:
            return []
        return await docket_with(self._exchange.store, head.case_id, peer)

    def _new_outbound(
        self,
        peer: Peer,
        submission: Submission,
        draft: Draft,
        place: Place,
    ) -> NewOutbound:
        index, act = message_index(draft.message), submission.act
        base = NewOutbound(
            id=draft.id,
            peer=peer.authority,
            priority=draft.priority,
            created_at=draft.created_at,
            index=index,
            document_digest=document_digest(draft.message),
            act=replace(act, case=index.case_id),
            opener_if_new=opener_if_new(index.msg_type),
            submitter=act.actor,
            idempotency_key=submission.idempotency_key,
            request_digest=place.request_digest,
            uploads=submission.uploads,
            originals=place.originals,
            findings=place.seen,
            docket=docket_json(draft.message),
            subjects=self._subjects.tags_of(draft.message),
            assignee=self._for_opened(act.actor) if place.case_id is None else None,
        )
        now = self._exchange.clock.now()
        route = self._sealer.route(peer, created_at=draft.created_at, now=now)
        expires_at = self._sealer.expiry_of_draft(draft.created_at)
        if self._four_eyes is not None:
            approval = self._four_eyes.needed_for(draft, base, expires_at)
            if approval is not None:
                base, route = replace(base, approval=approval), HoldReason.APPROVAL
        if isinstance(route, HoldReason):
            return replace(
                base,
                draft=self._sealer.keep(draft),
                hold_reason=route,
                draft_expires_at=expires_at,
            )
        return replace(base, sealing=self._sealer.seal(draft, peer, route))


def _to_seal(
    files: Sequence[tuple[Upload, KeptFile]],
    items: Mapping[str, str],
) -> tuple[AttachmentToSeal, ...]:
    return tuple(
        to_seal(upload, kept, items.get(kept.name, "")) for upload, kept in files
    )


async def case_so_far(
    exchange: Exchange,
    peer: AuthorityId,
    document: JsonObject,
    *,
    head: CaseHead,
    docket: Sequence[DocketRow],
) -> CaseSoFar:
    """Return what this node knows of the case of a document that it is to send."""
    answered = text_at(document, "/in_reply_to")
    return CaseSoFar(
        is_known=head.opener is not None,
        answered_type=await _type_of(exchange, peer, answered) if answered else None,
        messages=docket,
        is_ours=True,
    )


async def _type_of(exchange: Exchange, peer: AuthorityId, answered: str) -> str | None:
    """Return the type of a message exchanged with a peer; None if there is none."""
    try:
        row = await exchange.store.message(MessageId(answered))
    except NotFoundError:
        return None
    return row.index.msg_type if row.peer == peer and row.index is not None else None
