"""Two authorities' flows in one process, joined by a wire that can misbehave.

Real keys, real envelopes, real logs and the in-memory store; only TLS is left out:
the wire says who is calling, as the peer listener would.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.assembly.spoken import spoken_versions
from gateway.config.retention import RetentionSettings
from gateway.core.canonical import JsonObject
from gateway.core.delivery import BackOff
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.envelope import SealRequest, seal
from gateway.core.errors import NotFoundError, UnreachableError
from gateway.core.gossip import GossipReply
from gateway.core.identity import (
    VerifiedCard,
    card_digest,
    verify_card,
)
from gateway.core.keys import new_kem_key
from gateway.core.missing import MissingReply
from gateway.core.operators import Operator
from gateway.core.protocol import (
    CardReply,
    Consistency,
    DeliveryReply,
    EventsReply,
    Limits,
    PartReply,
    PartsReply,
    PingReply,
    Seen,
    hashes_to_text,
)
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.values import (
    AuthorityId,
    MessageId,
    Priority,
    Stage,
    UnixMs,
    format_time,
    new_uuid7,
)
from gateway.flows.admission import Admission
from gateway.flows.agreement import Agreement
from gateway.flows.approvals import Approvals
from gateway.flows.checkpoints import Checkpoints
from gateway.flows.completing import Ourselves, completed
from gateway.flows.conflicts import LogConflicts
from gateway.flows.deliver import Delivery
from gateway.flows.delivery_policy import DeliveryPolicy
from gateway.flows.digests import document_digest
from gateway.flows.erasure import Erasure
from gateway.flows.events import EventTaking, EventTelling
from gateway.flows.evidence_care import EvidenceCare
from gateway.flows.evidence_check import EvidenceCheck
from gateway.flows.evidence_room import EvidenceRoom
from gateway.flows.exchange import Exchange
from gateway.flows.four_eyes import FourEyes
from gateway.flows.gossip import Gossip
from gateway.flows.indexing import message_index
from gateway.flows.inspection import Inspection
from gateway.flows.item_origins import ItemOrigins
from gateway.flows.numbers import NumberWatch
from gateway.flows.open import Open
from gateway.flows.our_card import OurCard, prove_entry
from gateway.flows.peer_logs import OurLogSeen, PeerLogs
from gateway.flows.queue import Queue
from gateway.flows.rates import Rates
from gateway.flows.receive import Receive
from gateway.flows.recovery import LogWitnessing, Recovery
from gateway.flows.release import Release
from gateway.flows.reseal import Reseal
from gateway.flows.retention import Retention
from gateway.flows.rounds import Rounds
from gateway.flows.sealing import Draft, Sealer
from gateway.flows.spool import Spool
from gateway.flows.submission import Place, Submission, Submitted
from gateway.flows.submit import Submit
from gateway.flows.take_parts import PartTaking
from gateway.flows.transfers import Transfers
from gateway.flows.uploads import Uploads
from gateway.flows.validate import Validation
from gateway.flows.witness import Witnessing
from gateway.flows.witness_asker import WitnessPlan
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.own_card import CardDetails, log_init_draft
from gateway.mla.envelope_fields import Form
from gateway.ports.approvals import ApprovalKind
from gateway.ports.evidence import UploadId
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import Box, MessageRow
from gateway.ports.outbox import DueMessage, NewOutbound, Sealing
from gateway.ports.peers import PartName, Peer, PeerPolicy
from gateway.ports.store import Store
from gateway.ports.witness import WitnessAnswer
from gateway.signatures.process import NoSignatureLibrary
from gateway.storage.blobs import FolderBlobs
from gateway.transport.witness_client import WitnessClient
from gateway.trust.own_card import KeptCard
from tests.support.forms import in_form, sample
from tests.support.homes import copy_home, unlocked
from tests.support.stores import memory_store
from tests.support.surroundings import (
    ManualClock,
    MemoryMark,
    NoConflictFiles,
    NoMetrics,
)

EE = AuthorityId("moj.ee")
PT = AuthorityId("pgr.pt")
CASEWORKER = Act("ann", "caseworker", "answering the request")


@dataclass
class Directory:
    """Peers by id, changed at will."""

    known: dict[AuthorityId, Peer] = field(default_factory=dict)

    def peer(self, authority: AuthorityId) -> Peer | None:
        """Return a configured peer."""
        return self.known.get(authority)

    def peers(self) -> Sequence[Peer]:
        """Return all peers."""
        return list(self.known.values())


class PlentyOfDisk:
    """A disk that is never full."""

    def check(self, wanted_bytes: int) -> None:
        """Return."""


PartChange = Callable[
    [PartName, AsyncIterator[bytes]],
    tuple[PartName, AsyncIterator[bytes]],
]


@dataclass
class Wire:
    """The way from one side to the other; implements `PeerTransport`.

    Attributes:
        is_cut: Nothing arrives.
        loses_replies: Requests arrive, answers do not.
        change_request: What the network, or a lying sender, makes of a delivery.
        change_reply: What it makes of the answer.
        deliveries: Bodies that were sent.
        change_part: What the network makes of a part.
        announcements: Bodies of announced part lists.
        parts_put: Parts that were taken, in order.
        change_proof: What the peer's log says of its growth.
        before_reply: Runs after the request was answered, before the answer is seen.
    """

    caller: AuthorityId
    other: "Side | None" = None
    is_cut: bool = False
    loses_replies: bool = False
    change_request: Callable[[bytes], bytes] = lambda body: body
    change_reply: Callable[[DeliveryReply], DeliveryReply] = lambda reply: reply
    deliveries: list[bytes] = field(default_factory=list)
    change_part: PartChange = lambda part, chunks: (part, chunks)
    announcements: list[bytes] = field(default_factory=list)
    parts_put: list[PartName] = field(default_factory=list)
    change_proof: Callable[[Consistency], Consistency] = lambda proof: proof

    async def ping(self, peer: AuthorityId) -> PingReply:
        """Ask who is there."""
        return await self._reach(peer).answer_ping(self.caller)

    async def deliver(self, peer: AuthorityId, body: bytes) -> DeliveryReply:
        """Offer a batch."""
        side = self._reach(peer)
        self.deliveries.append(body)
        body = self.change_request(body)
        reply = await side.receive.take(side.directory.known[self.caller], body)
        if self.loses_replies:
            raise UnreachableError("the answer was lost")
        return self.change_reply(reply)

    async def events(self, peer: AuthorityId, body: bytes) -> EventsReply:
        """Tell later events."""
        side = self._reach(peer)
        reply = await side.taking.take(side.directory.known[self.caller], body)
        if self.loses_replies:
            raise UnreachableError("the answer was lost")
        return reply

    async def log_consistency(
        self,
        peer: AuthorityId,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Ask for a proof about the peer's log."""
        side = self._reach(peer)
        hashes = await side.store.consistency(old_size, new_size)
        return self.change_proof(
            Consistency(from_size=old_size, proof=hashes_to_text(hashes)),
        )

    async def add_checkpoint(self, peer: AuthorityId, body: bytes) -> WitnessAnswer:
        """Ask to cosign."""
        side = self._reach(peer)
        return await side.witnessing.add_checkpoint(self.caller, body)

    async def gossip(self, peer: AuthorityId, body: bytes) -> GossipReply:
        """Tell of third logs."""
        side = self._reach(peer)
        return await side.gossip.take(side.directory.known[self.caller], body)

    async def missing_numbers(self, peer: AuthorityId) -> MissingReply:
        """Ask which of our numbers the peer misses."""
        return await self._reach(peer).numbers.answer(self.caller)

    async def announce_parts(self, peer: AuthorityId, body: bytes) -> PartsReply:
        """Name the parts of an attachment."""
        side = self._reach(peer)
        self.announcements.append(body)
        return await side.parts.announce(side.directory.known[self.caller], body)

    async def put_part(
        self,
        peer: AuthorityId,
        part: PartName,
        chunks: Callable[[], AsyncIterator[bytes]],
    ) -> PartReply:
        """Send a part, or as much of it as the network carries."""
        side = self._reach(peer)
        part, carried = self.change_part(part, chunks())
        reply = await side.parts.take(side.directory.known[self.caller], part, carried)
        self.parts_put.append(part)
        if self.loses_replies:
            raise UnreachableError("the answer was lost")
        return reply

    async def log_first(self, peer: AuthorityId) -> bytes:
        """Return how the peer's log begins."""
        return await prove_entry(self._reach(peer).exchange, 0)

    async def log_seen(self, peer: AuthorityId) -> bytes:
        """Return the note of the caller's log that the peer holds."""
        return await self._reach(peer).answer_seen(self.caller)

    async def fetch_card(self, peer: AuthorityId) -> bytes:
        """Return the peer's card."""
        return self._reach(peer).card.raw

    async def push_card(self, peer: AuthorityId, card: bytes) -> CardReply:
        """Acknowledge a card."""
        self._reach(peer)
        return CardReply(number=1 if card else 0)

    def _reach(self, peer: AuthorityId) -> "Side":
        if self.is_cut or self.other is None or self.other.authority != peer:
            raise UnreachableError(f"{peer}: no route")
        return self.other


@dataclass
class Side:
    """One authority."""

    authority: AuthorityId
    keyring: Keyring
    store: Store
    clock: ManualClock
    wire: Wire
    directory: Directory
    exchange: Exchange
    card: VerifiedCard
    submit: Submit
    delivery: Delivery
    telling: EventTelling
    taking: EventTaking
    receive: Receive
    parts: PartTaking
    transfers: Transfers
    uploads: Uploads
    spool: Spool
    blobs: FolderBlobs
    check: EvidenceCheck
    inspection: Inspection
    care: EvidenceCare
    erasure: Erasure
    retention: Retention
    people: list[Operator]
    approvals: Approvals
    validation: Validation
    open: Open
    queue: Queue
    release: Release
    reseal: Reseal
    our_card: OurCard
    numbers: NumberWatch
    witnessing: Witnessing
    gossip: Gossip
    rounds: Rounds
    conflict_files: NoConflictFiles
    mark: MemoryMark
    refresh: Callable[[AuthorityId], Awaitable[bool]]
    shown_note: bytes = b""

    @property
    def other(self) -> Peer:
        """The peer."""
        (peer,) = self.directory.peers()
        return peer

    async def send(
        self,
        form: JsonObject | None = None,
        *,
        key: str = "",
        uploads: tuple[UploadId, ...] = (),
    ) -> Submitted:
        """Submit a sample request, or the given form."""
        if form is None:
            form = in_form(sample("MLA_REQ"), Form.AUTHOR)
            form.pop("case_id", None)
        submission = Submission(
            to=self.other.authority,
            message=form,
            act=CASEWORKER,
            idempotency_key=key,
            uploads=uploads,
        )
        return await self.submit.submit(submission)

    async def send_unchecked(self, form: JsonObject) -> MessageId:
        """Accept a form that breaks rules, as a node with other rules would."""
        now = self.clock.now()
        submission = Submission(self.other.authority, form, CASEWORKER)
        head = await self.store.case_head(new_uuid7(now), self.other.authority)
        ours = Ourselves(self.keyring.authority, self.submit._country)
        document, _ = completed(form, ours, self.other, head, now)
        draft = Draft(
            id=MessageId(str(document["msg_id"])),
            created_at=now,
            priority=Priority.ROUTINE,
            message=document,
        )
        new = self.submit._new_outbound(
            self.other, submission, draft, Place(head.case_id, "", ())
        )
        return (await self.store.accept(new, now)).id

    async def send_sealed(
        self,
        spoil: Callable[[Sealing], Sealing] = lambda sealing: sealing,
        *,
        addressee: AuthorityId | None = None,
    ) -> MessageId:
        """Log and queue an envelope as a lying sender would make it."""
        now = self.clock.now()
        message_id = new_uuid7(now)
        sealing = spoil(self._seal(message_id, addressee or self.other.authority))
        document = sample("MLA_REQ") | {"msg_id": message_id}
        new = NewOutbound(
            id=message_id,
            peer=self.other.authority,
            priority=Priority.ROUTINE,
            created_at=now,
            index=message_index(document | {"case_id": message_id, "seq": 1}),
            document_digest=document_digest(document),
            act=CASEWORKER,
            opener_if_new=Box.OUT,
            sealing=sealing,
        )
        return (await self.store.accept(new, now)).id

    def _seal(self, message_id: MessageId, addressee: AuthorityId) -> Sealing:
        now = self.clock.now()
        keys = self.other.card.keys
        if addressee != self.other.authority:
            keys = (new_kem_key(addressee, now).record,)
        sealed = seal(
            SealRequest(
                id=message_id,
                sender=self.authority,
                addressee=addressee,
                created=now,
                expires=UnixMs(now + 86_400_000),
                priority=Priority.ROUTINE,
                recipients=tuple(keys),
                message=sample("MLA_REQ"),
            ),
        )
        return Sealing(
            envelope=sealed.raw,
            digest=sealed.digest,
            content_digest=sealed.content_digest,
            archived_key=self.keyring.archive.wrap(
                sealed.content_key,
                box="out",
                digest=sealed.digest,
            ),
            expires_at=UnixMs(now + 86_400_000),
        )

    async def twin_of(self, message_id: MessageId) -> bytes:
        """Return a delivery of other bytes under a used id, logged like any other."""
        sealing = self._seal(message_id, self.other.authority)
        draft = EntryDraft(
            "msg.send",
            self.clock.now(),
            {
                "m": message_id,
                "peer": self.other.authority,
                "dig": sealing.digest,
                "man": sealing.content_digest,
                "seq": 2,
            },
        )
        (index,) = await self.store.append([draft])
        due = DueMessage(
            id=message_id,
            digest=sealing.digest,
            envelope=sealing.envelope,
            send_index=index,
            seq=2,
            expires_at=sealing.expires_at,
            attempts=1,
        )
        body, _ = await self.delivery._frame(self.other, [due], None)
        return body

    async def retire_key(self, *, issues_card: bool = True) -> None:
        """Make a new KEM key, destroy the ones before, and say so in a card."""
        opening = self.keyring.opening
        old = opening.ids()
        opening.rotate(UnixMs(self.clock.now() + 1))
        for kid in old:
            opening.destroy(kid)
        self.clock.advance(1)
        if issues_card:
            await self.our_card.renew_if_due()
            self.card = self.our_card.verified()

    async def deliver(self) -> int:
        """Offer what is due."""
        return await self.delivery.deliver_due(self.other)

    async def row(self, message_id: str) -> MessageRow:
        """Return the metadata of a message."""
        return await self.store.message(MessageId(message_id))

    async def state(self, message_id: str) -> str:
        """Return the state of a message."""
        return (await self.row(message_id)).state.value

    async def logged(self) -> int:
        """Return the size of the log."""
        return (await self.store.log_head()).size

    async def answer_ping(self, caller: AuthorityId) -> PingReply:
        """Answer as the peer listener would."""
        state = await self.store.peer_log(caller)
        size, root = (state.size, state.root) if state else (0, EMPTY_ROOT)
        return PingReply(
            authority=self.authority,
            limits=Limits(body_bytes=1, envelope_bytes=1, items=1),
            now=format_time(self.clock.now()),
            seen=Seen(root=encode_base64(root), size=size),
            stage="test",
            suites=[1],
            versions=[1],
        )

    async def answer_seen(self, caller: AuthorityId) -> bytes:
        """Answer which note of the caller's log is held."""
        state = await self.store.peer_log(caller)
        if state is None:
            raise NotFoundError("log: nothing was linked of it")
        return self.shown_note or state.note

    def pause(self, *, is_paused: bool) -> None:
        """Stop or resume sending."""
        peer = self.other
        policy = PeerPolicy(is_paused=is_paused)
        self.directory.known[peer.authority] = replace(peer, policy=policy)


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[tuple[Side, Side]]:
    """Give two authorities that have enrolled each other."""
    clock = ManualClock()
    async with (
        _side(folder, EE, "EE", clock) as first,
        _side(folder, PT, "PT", clock) as second,
    ):
        for side, peer in ((first, second), (second, first)):
            side.wire.other = peer
            side.directory.known[peer.authority] = _peer(peer.card)
            await side.store.link_peer_log(_first_link(peer.card))
        yield first, second


@asynccontextmanager
async def _side(
    folder: Path,
    authority: AuthorityId,
    country: str,
    clock: ManualClock,
) -> AsyncIterator[Side]:
    layout = copy_home(folder / authority, authority)
    keyring = load_keyring(layout.keys, authority, unlocked(layout, authority))
    async with memory_store(keyring.log.origin, keyring.disclosures) as store:
        await store.append([log_init_draft(keyring, clock.now())])
        blobs = FolderBlobs(
            folder / f"blobs-{authority}",
            PlentyOfDisk(),
            owner=authority,
        )
        try:
            side = await _joined(authority, country, clock, keyring, store, blobs)
            await side.care.recover()
            yield side
        finally:
            blobs.close()


async def _joined(
    authority: AuthorityId,
    country: str,
    clock: ManualClock,
    keyring: Keyring,
    store: Store,
    blobs: FolderBlobs,
) -> Side:
    wire = Wire(authority)
    directory = Directory()
    seen = OurLogSeen(store)
    files = NoConflictFiles()
    conflicts = LogConflicts(store, files, clock, NoMetrics())
    mark = MemoryMark()
    recovery = Recovery(
        store,
        LogWitnessing(keyring.log, mark),
        clock,
        NoMetrics(),
    )
    exchange = Exchange(
        ourselves=authority,
        store=store,
        transport=wire,
        directory=directory,
        checkpoints=Checkpoints(store, keyring.log, clock, recovery),
        peer_logs=PeerLogs(store, conflicts),
        our_log_seen=seen,
        agreement=Agreement(store, wire, seen, clock, recovery),
        recovery=recovery,
        clock=clock,
        metrics=NoMetrics(),
        conflicts=conflicts,
    )
    details = CardDetails(
        country=country,
        names={"en": authority},
        stage=Stage.TEST,
        urls=("https://127.0.0.1:8443",),
        versions=spoken_versions(),
    )
    our_card = OurCard(exchange, KeptCard(lambda: keyring, details))
    await our_card.renew_if_due()
    sealer = Sealer(authority, keyring.archive, lifetime_ms=30 * 86_400_000)
    received = asyncio.Event()

    async def refresh(peer: AuthorityId) -> bool:
        held = directory.known[peer]
        card = verify_card(
            await wire.fetch_card(peer), stage=Stage.TEST, previous=held.card
        )
        directory.known[peer] = replace(_peer(card), policy=held.policy)
        return card.number > held.card.number

    rates = Rates(clock)
    spool = Spool(exchange, keyring.archive, blobs, rates)
    uploads = Uploads(exchange, blobs, spool)
    people: list[Operator] = []
    approvals = Approvals(exchange, lambda: people)
    origins = ItemOrigins(exchange, keyring.subjects)
    admission = Admission(outgoing=(origins.check,))
    open_ = Open(
        exchange, keyring.archive, blobs, wake=lambda _: None, approvals=approvals
    )
    release = Release(exchange, sealer)
    approvals.runs(ApprovalKind.RELEASE, release.approved)
    inspection = Inspection(
        exchange,
        keyring.archive,
        NoSignatureLibrary(),
        open_=open_,
        country=country,
    )
    submit = Submit(
        exchange,
        sealer,
        country=country,
        disk=PlentyOfDisk(),
        uploads=uploads,
        wake=lambda _: None,
        inspection=inspection,
        admission=admission,
        four_eyes=FourEyes(approvals),
    )
    erasure = Erasure(
        exchange,
        blobs,
        keyring.disclosures,
        keyring.opening,
        backup_days=35,
    )
    return Side(
        authority=authority,
        keyring=keyring,
        store=store,
        clock=clock,
        wire=wire,
        directory=directory,
        exchange=exchange,
        card=our_card.verified(),
        submit=submit,
        delivery=Delivery(exchange, DeliveryPolicy(), send_evidence=lambda _: None),
        telling=EventTelling(exchange),
        taking=EventTaking(exchange),
        receive=Receive(
            exchange,
            opening_keys=keyring.opening,
            archive_keys=keyring.archive,
            disk=PlentyOfDisk(),
            evidence=EvidenceRoom(exchange, blobs),
            received=received,
        ),
        parts=PartTaking(exchange, blobs, rates),
        transfers=Transfers(
            exchange,
            blobs,
            rates,
            back_off=BackOff(),
            offer=lambda _: None,
        ),
        uploads=uploads,
        spool=spool,
        blobs=blobs,
        check=EvidenceCheck(
            exchange,
            blobs,
            inspection=inspection,
            received=asyncio.Event(),
            wake=lambda _: None,
        ),
        inspection=inspection,
        care=EvidenceCare(exchange, blobs, uploads),
        people=people,
        approvals=approvals,
        erasure=erasure,
        retention=Retention(
            exchange,
            erasure,
            periods=RetentionSettings().periods(),
            log_days=3_650,
        ),
        validation=Validation(
            exchange,
            open_=open_,
            submit=submit,
            received=received,
            validated=lambda: None,
            wake=lambda _: None,
            admission=admission,
            origins=origins,
        ),
        open=open_,
        queue=Queue(exchange, lambda _: None),
        release=release,
        reseal=Reseal(exchange, sealer, open_=open_, refresh=refresh),
        our_card=our_card,
        witnessing=Witnessing(exchange, lambda: keyring.witness, lambda: False),
        gossip=Gossip(exchange),
        rounds=Rounds(exchange, WitnessClient(), WitnessPlan(quorum=1)),
        conflict_files=files,
        mark=mark,
        numbers=NumberWatch(exchange),
        refresh=refresh,
    )


async def restarted(side: Side, keyring: Keyring) -> Side:
    """Return a side as it is after a restart with other keys; it takes its place."""
    card = side.card.card
    again = await _joined(
        side.authority,
        card.country,
        side.clock,
        keyring,
        side.store,
        side.blobs,
    )
    again.directory.known.update(side.directory.known)
    again.wire.other = side.wire.other
    assert side.wire.other is not None
    side.wire.other.wire.other = again
    return again


def _peer(card: VerifiedCard) -> Peer:
    return Peer(card.authority, card, PeerPolicy(), card_digest(card.line))


def _first_link(card: VerifiedCard) -> PeerLogLink:
    return PeerLogLink(
        authority=card.authority,
        origin=card.log_origin,
        seen_size=0,
        size=card.checkpoint.size,
        root=card.checkpoint.root,
        note=card.checkpoint_note,
    )
