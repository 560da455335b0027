"""A node, joined from its home: every adapter and flow, each built once."""

import asyncio
from dataclasses import dataclass

from gateway.assembly.base import Base, join_base, join_exchange
from gateway.assembly.desk import DeskSide, join_desk
from gateway.assembly.legal import HomeLegalFiles
from gateway.assembly.lifecycle import join_lifecycle
from gateway.assembly.monitors import Monitors, join_monitors
from gateway.assembly.siem import join_siem
from gateway.assembly.signatures import signature_check
from gateway.assembly.spoken import spoken_versions
from gateway.assembly.time_stamps import time_stamping
from gateway.assembly.webhooks import WebhookSide, join_webhooks
from gateway.assembly.witnessing import WitnessSide, join_witnessing
from gateway.assembly.work import WorkSide, join_work
from gateway.config.settings import Settings
from gateway.core.delivery import BackOff
from gateway.core.values import AuthorityId
from gateway.flows.admission import Admission
from gateway.flows.answering import Answering
from gateway.flows.approvals import Approvals
from gateway.flows.couriers import Couriers
from gateway.flows.deliver import Delivery
from gateway.flows.delivery_policy import DeliveryPolicy
from gateway.flows.erasure import Erasure
from gateway.flows.events import EventTaking, EventTelling
from gateway.flows.evidence_care import EvidenceCare
from gateway.flows.evidence_check import EvidenceCheck
from gateway.flows.evidence_room import EvidenceRoom
from gateway.flows.exchange import Exchange
from gateway.flows.four_eyes import FourEyes
from gateway.flows.housekeeping import Housekeeping
from gateway.flows.inspection import Inspection
from gateway.flows.item_origins import ItemOrigins
from gateway.flows.legal import LegalDesk
from gateway.flows.lifecycle import Lifecycle
from gateway.flows.numbers import NumberWatch
from gateway.flows.open import Open
from gateway.flows.operators import Operators
from gateway.flows.our_card import OurCard
from gateway.flows.peers import PeerCare
from gateway.flows.pruning import PruneLog
from gateway.flows.queue import Queue
from gateway.flows.rates import Rates
from gateway.flows.receive import Receive
from gateway.flows.release import Release
from gateway.flows.reseal import Reseal
from gateway.flows.sealing import Sealer
from gateway.flows.siem import SiemStream
from gateway.flows.spool import Spool
from gateway.flows.stamping import Stamping
from gateway.flows.subjects import SubjectIndex
from gateway.flows.submit import Submit
from gateway.flows.take_parts import PartTaking
from gateway.flows.transfers import Transfers
from gateway.flows.trust import TrustChanges
from gateway.flows.two_persons import TwoPersons
from gateway.flows.units import UnitDesk
from gateway.flows.uploads import Uploads
from gateway.flows.validate import Validation
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring
from gateway.keystore.own_card import CardDetails
from gateway.ports.approvals import ApprovalKind
from gateway.storage.blobs import FolderBlobs
from gateway.storage.store import TransactionalStore
from gateway.telemetry.metrics import PrometheusMetrics
from gateway.transport.peer_server import PeerServer
from gateway.trust.own_card import KeptCard

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Everything of a node, joined but not running.

    Attributes:
        exchange: What every exchange with a peer goes through.
        answering: Answers the peers.
        peer_server: Where they call.
    """

    base: Base
    exchange: Exchange
    changes: TrustChanges
    our_card: OurCard
    legal: LegalDesk
    peer_care: PeerCare
    operators: Operators
    two_persons: TwoPersons
    unit_desk: UnitDesk
    submit: Submit
    uploads: Uploads
    spool: Spool
    rates: Rates
    open: Open
    queue: Queue
    validation: Validation
    transfers: Transfers
    evidence_check: EvidenceCheck
    inspection: Inspection
    evidence_care: EvidenceCare
    erasure: Erasure
    pruning: PruneLog
    lifecycle: Lifecycle
    approvals: Approvals
    couriers: Couriers
    housekeeping: Housekeeping
    witnessing: WitnessSide
    stamping: Stamping
    monitors: Monitors
    desk: DeskSide
    webhooks: WebhookSide
    siem: SiemStream
    work: WorkSide
    answering: Answering
    peer_server: PeerServer


def join(  # noqa: PLR0915 - everything is joined in one place
    home: HomeLayout,
    settings: Settings,
    keyring: Keyring,
    store: TransactionalStore,
    blobs: FolderBlobs,
    metrics: PrometheusMetrics | None = None,
) -> Node:
    """Return the node of a home whose keys are unlocked and whose store is open.

    Args:
        home: Where its files lie.
        settings: Its configuration.
        keyring: Its keys, unlocked.
        store: Its database, open.
        blobs: Its folder of evidence, open.
        metrics: Those the store reports to; None for fresh ones.
    """
    base = join_base(
        home, settings, keyring, store, blobs, metrics or PrometheusMetrics()
    )
    exchange = join_exchange(base)
    sealer = Sealer(
        exchange.ourselves,
        keyring.archive,
        lifetime_ms=settings.delivery.lifetime_days * _DAY_MS,
    )
    received, to_check = asyncio.Event(), asyncio.Event()
    rates = Rates(base.clock)
    spool = Spool(exchange, keyring.archive, blobs, rates)
    uploads = Uploads(exchange, blobs, spool)

    witnessing = join_witnessing(
        exchange,
        settings.log,
        lambda: base.keys.keyring.witness,
        lambda: exchange.clock_hold.is_held,
    )

    def wake(peer: AuthorityId) -> None:
        couriers.wake(peer)

    def contacted(peer: AuthorityId) -> None:
        couriers.contacted(peer)
        transfers.contacted(peer)

    async def refresh(peer: AuthorityId) -> bool:
        return await peer_care.refresh_card(peer)

    approvals = Approvals(exchange, base.directory.operators)
    origins = ItemOrigins(exchange, keyring.subjects)
    open_ = Open(exchange, keyring.archive, blobs, wake=wake, approvals=approvals)
    policy = _policy(settings)
    transfers = Transfers(
        exchange,
        blobs,
        rates,
        back_off=policy.back_off,
        offer=wake,
    )
    release = Release(exchange, sealer, wake)
    approvals.runs(ApprovalKind.RELEASE, release.approved)
    couriers = Couriers(
        exchange,
        delivery=Delivery(exchange, policy, send_evidence=transfers.wake),
        telling=EventTelling(exchange),
        release=release,
        reseal=Reseal(
            exchange,
            sealer,
            open_=open_,
            refresh=refresh,
        ),
    )
    numbers = NumberWatch(exchange)
    changes = TrustChanges(base.directory, store, base.clock)

    def policy_changed(peer: AuthorityId) -> None:
        couriers.wake(peer)
        transfers.wake(peer)

    peer_care = PeerCare(
        exchange,
        changes,
        stage=settings.authority.stage,
        numbers=numbers,
        wake=policy_changed,
    )
    operators = Operators(changes, base.clock)
    unit_desk = UnitDesk(exchange, changes)
    legal = LegalDesk(
        HomeLegalFiles(home.folder),
        base.directory,
        base.clock,
        ourselves=exchange.ourselves,
    )
    our_card = OurCard(exchange, _kept_card(base, legal))
    answering = Answering(
        exchange,
        stage=settings.authority.stage,
        receive=Receive(
            exchange,
            opening_keys=keyring.opening,
            archive_keys=keyring.archive,
            disk=base.disk,
            evidence=EvidenceRoom(exchange, blobs),
            received=received,
        ),
        parts=PartTaking(exchange, blobs, rates),
        events=EventTaking(exchange),
        our_card=our_card,
        peer_care=peer_care,
        witnessing=witnessing.answering,
        gossip=witnessing.gossip,
        numbers=numbers,
        contacted=contacted,
    )
    inspection = Inspection(
        exchange,
        keyring.archive,
        signature_check(settings),
        open_=open_,
        country=settings.authority.country,
    )
    desk = join_desk(exchange, settings.desk, legal.calendars)
    admission = Admission(
        outgoing=(legal.judge, origins.check),
        incoming=(desk.advice,),
        translations_owed=legal.translations_owed,
    )
    submit = Submit(
        exchange,
        sealer,
        country=settings.authority.country,
        disk=base.disk,
        uploads=uploads,
        wake=couriers.queued,
        inspection=inspection,
        admission=admission,
        subjects=SubjectIndex(keyring.subjects),
        four_eyes=FourEyes(approvals, settings.release.stricter()),
        units=unit_desk,
    )
    webhooks = join_webhooks(exchange, settings.webhooks, keyring.webhooks)
    couriers.subscribe(webhooks.calls.nudge)
    evidence_care = EvidenceCare(exchange, blobs, uploads)
    erasure = Erasure(
        exchange,
        blobs,
        keyring.disclosures,
        keyring.opening,
        backup_days=settings.retention.backup_days,
    )
    monitors = join_monitors(
        exchange,
        lambda: base.keys.keyring.log,
        numbers=numbers,
        submit=submit,
    )
    lifecycle = join_lifecycle(exchange, erasure, keyring.subjects, settings.retention)
    return Node(
        base=base,
        exchange=exchange,
        changes=changes,
        our_card=our_card,
        legal=legal,
        peer_care=peer_care,
        operators=operators,
        two_persons=TwoPersons(exchange, approvals, peer_care, operators),
        unit_desk=unit_desk,
        submit=submit,
        uploads=uploads,
        spool=spool,
        rates=rates,
        open=open_,
        queue=Queue(exchange, couriers.wake),
        validation=Validation(
            exchange,
            open_=open_,
            submit=submit,
            received=received,
            validated=to_check.set,
            wake=couriers.wake,
            admission=admission,
            subjects=SubjectIndex(keyring.subjects),
            origins=origins,
            units=unit_desk,
        ),
        transfers=transfers,
        evidence_check=EvidenceCheck(
            exchange,
            blobs,
            inspection=inspection,
            received=to_check,
            wake=couriers.wake,
        ),
        evidence_care=evidence_care,
        inspection=inspection,
        erasure=erasure,
        pruning=PruneLog(
            exchange,
            keyring.disclosures,
            log_days=settings.retention.log_days,
        ),
        lifecycle=lifecycle,
        approvals=approvals,
        couriers=couriers,
        housekeeping=Housekeeping(
            exchange,
            couriers=couriers,
            our_card=our_card,
            peer_care=peer_care,
            keys=base.keys,
            evidence=evidence_care,
            erasure=erasure,
            retention=lifecycle.retention,
            approvals=approvals,
            rounds=witnessing.rounds,
            gossip=witnessing.gossip,
            round_minutes=settings.log.round_minutes,
        ),
        witnessing=witnessing,
        stamping=Stamping(
            exchange,
            time_stamping(settings),
            every_hours=settings.log.tsa_hours,
        ),
        monitors=monitors,
        desk=desk,
        webhooks=webhooks,
        siem=join_siem(exchange, settings.siem),
        work=join_work(
            exchange,
            monitors.log,
            peers=peer_care,
            approvals=approvals,
            wake=policy_changed,
        ),
        answering=answering,
        peer_server=PeerServer(
            answering,
            base.clock,
            address=(settings.peer.listen.host, settings.peer.listen.port),
            strangers=base.strangers,
        ),
    )


def _kept_card(base: Base, legal: LegalDesk) -> KeptCard:
    details = CardDetails.of(base.settings, spoken_versions())
    return KeptCard(lambda: base.keys.keyring, details, lambda: legal.record)


def _policy(settings: Settings) -> DeliveryPolicy:
    delivery = settings.delivery
    return DeliveryPolicy(
        max_items=delivery.batch_items,
        # Longer than any call: a claimed message is not claimed twice.
        lease_ms=2_000 * delivery.attempt_timeout_s,
        back_off=BackOff(
            first_delay_ms=delivery.first_delay_ms,
            max_delay_ms=delivery.max_delay_ms,
        ),
    )
