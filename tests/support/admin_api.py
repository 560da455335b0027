"""A node whose admin API is really served: real flows, files, log and connections.

Only the peer is scripted: what it would have said is put into the store with real
proofs of its own log.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec
import pytest

from gateway.admin.approval_shapes import ApprovalQuery
from gateway.admin.node_shapes import Check
from gateway.admin.server import AdminServer
from gateway.admin.services import AdminLimits, AdminServices
from gateway.assembly.accounts import join_accounts, session_times
from gateway.assembly.alerts import join_alerts
from gateway.assembly.lifecycle import join_lifecycle
from gateway.assembly.monitors import join_monitors
from gateway.assembly.work import join_work
from gateway.client.answers import Endpoint
from gateway.client.approval_calls import approve, list_approvals
from gateway.client.call import Call
from gateway.client.client import GatewayClient
from gateway.config.alerts import AlertSettings
from gateway.config.retention import RetentionSettings
from gateway.config.settings import ListenAddress
from gateway.console.site import ConsoleSite, SiteInfo
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import read_disclosure
from gateway.core.envelope import SealRequest, parse_envelope, seal
from gateway.core.errors import KeyRetiredError, NeedsApprovalError
from gateway.core.identity import Card
from gateway.core.operators import Operator, Role, issue_token
from gateway.core.translog.merkle import leaf_hash, root_of
from gateway.core.values import (
    AuthorityId,
    MessageId,
    Priority,
    UnixMs,
    new_uuid7,
)
from gateway.flows.approvals import Approvals
from gateway.flows.break_glass import BreakGlass
from gateway.flows.deadline_book import DeadlineBook
from gateway.flows.enrolment import Comparison
from gateway.flows.erasure import Erasure
from gateway.flows.four_eyes import FourEyes
from gateway.flows.guarded import Readers
from gateway.flows.inspection import Inspection
from gateway.flows.legal import LegalDesk
from gateway.flows.numbers import NumberWatch
from gateway.flows.open import Open
from gateway.flows.operators import Operators
from gateway.flows.originals import Originals
from gateway.flows.our_card import OurCard
from gateway.flows.peers import PeerCare
from gateway.flows.printing import PrintMessage
from gateway.flows.pruning import PruneLog
from gateway.flows.queue import Queue
from gateway.flows.rates import Rates
from gateway.flows.recall import Recall
from gateway.flows.release import Release
from gateway.flows.rounds import Rounds
from gateway.flows.sealing import Sealer
from gateway.flows.spool import Spool
from gateway.flows.stamping import Stamping
from gateway.flows.statistics import Statistics
from gateway.flows.subjects import SubjectIndex
from gateway.flows.submit import Submit
from gateway.flows.trust import TrustNote
from gateway.flows.two_persons import TwoPersons
from gateway.flows.units import UnitDesk
from gateway.flows.uploads import Uploads
from gateway.flows.webhooks import Webhooks
from gateway.flows.witness_asker import WitnessPlan
from gateway.mla.deadlines import Terms
from gateway.mla.envelope_fields import Form
from gateway.mla.roster import OnCall, Roster
from gateway.ports.approvals import ApprovalKind
from gateway.ports.inbox import InboundItem
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import PeerProof
from gateway.ports.outbox import AttemptOutcome, OutcomeKind
from gateway.ports.peers import PeerPolicy
from gateway.ports.sign_in import SingleSignOn
from gateway.ports.trust import TrustChange, TrustEdit
from gateway.ports.world import Clock
from gateway.printing.typesetter import Typesetter
from gateway.signatures.process import NoSignatureLibrary
from gateway.signin.passwords import Argon2Passwords
from gateway.signin.sso import NoSingleSignOn
from gateway.storage.blobs import FolderBlobs
from gateway.telemetry.metrics import PrometheusMetrics
from gateway.transport.webhook_client import WebhookClient
from gateway.transport.witness_client import WitnessClient
from gateway.trust.own_card import KeptCard
from tests.support.cards import CardMaker
from tests.support.forms import in_form, sample
from tests.support.legal import FixedLegalFiles
from tests.support.trusting import (
    ACT,
    ADMIN_TOKEN,
    DETAILS,
    TrustingNode,
    trusting_node,
)

PT = AuthorityId("pgr.pt")
_T = TypeVar("_T")
_DAY_MS = 86_400_000


class PlentyOfDisk:
    """A disk that is never full."""

    def check(self, wanted_bytes: int) -> None:
        """Return."""


@dataclass
class AdminNode:
    """A node with an admin API, an account of each role, and one peer.

    Attributes:
        tokens: By account: `admin` (all roles), one named like each role, `system`
            (caseworker, a system's), `expired`.
        peer: The peer `pgr.pt`, which can log and prove what a test wants.
    """

    trust: TrustingNode
    services: AdminServices
    server: AdminServer
    tokens: Mapping[str, str]
    peer: CardMaker
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def client(self, account: str = "admin") -> GatewayClient:
        """Return a client with the token of an account."""
        return GatewayClient(Endpoint(self.url, self.tokens[account]))

    def headers(self, account: str = "admin") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[account]}"}

    async def approved_by_admin(
        self, client: GatewayClient, call: Call[_T], *, again: bool = False
    ) -> None:
        """Ask for what needs a second person, and have `admin` approve it.

        Args:
            client: Of who asks.
            call: What for.
            again: It is asked again then, for the asker does it.
        """
        with pytest.raises(NeedsApprovalError, match=r"mla-gateway approve \d+"):
            await client.send(call)
        query = ApprovalQuery(state="waiting", limit=1)
        async with self.client() as admin:
            (waiting,) = (await admin.send(list_approvals(query))).items
            decided = await admin.send(approve(waiting.id, "seen"))
        assert decided.state == ("approved" if again else "done")

    async def entries(self, kind: str) -> list[dict[str, str]]:
        """Return what the entries of a kind disclose, each with its `res`."""
        found = []
        for leaf in await self.trust.logged(kind):
            sealed = await self.trust.store.disclosures(leaf.index)
            read = [read_disclosure(one.encoded) for one in sealed]
            named = {one.name: one.value for one in read}
            found.append(
                named | {name: str(value) for name, value in leaf.fields.items()},
            )
        return found

    async def receive(self, form: JsonObject | None = None) -> MessageId:
        """Take a message of the peer, as the peer listener would."""
        now = self.trust.clock.now()
        keyring = self.trust.keyring
        message_id = new_uuid7(now)
        sealed = seal(
            SealRequest(
                id=message_id,
                sender=PT,
                addressee=keyring.authority,
                created=now,
                expires=UnixMs(now + 30 * _DAY_MS),
                priority=Priority.ROUTINE,
                recipients=tuple(keyring.opening.card_records()),
                message=(form or request_form()) | {"msg_id": message_id},
            ),
        )
        index = self._peer_logs(
            "msg.send",
            message_id,
            {"dig": sealed.digest, "man": sealed.content_digest, "seq": 1},
        )
        key = keyring.opening.check_seal(parse_envelope(sealed.raw), now)
        item = InboundItem(
            id=message_id,
            digest=sealed.digest,
            proof=self._prove(index),
            seq=1,
            content_digest=sealed.content_digest,
            envelope=sealed.raw,
            archived_key=keyring.archive.wrap(key, box="in", digest=sealed.digest),
            created_at=now,
            expires_at=UnixMs(now + 30 * _DAY_MS),
        )
        await self.trust.store.commit_inbound(await self._link(), [item], now)
        return message_id

    async def deliver(
        self,
        message_id: str,
        *,
        meanwhile: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Record the peer's receipt of a queued message.

        Args:
            message_id: The message.
            meanwhile: Done between the offer and what comes of it.
        """
        await self._answer(
            message_id, OutcomeKind.RECEIPT, "msg.receive", meanwhile=meanwhile
        )

    async def refuse_key(self, message_id: str) -> None:
        """Record that the peer has retired the key a queued message is sealed to."""
        code = KeyRetiredError.code
        await self._answer(message_id, OutcomeKind.REFUSAL, "msg.reject", code)

    async def put_off(self, message_id: str) -> None:
        """Record that the peer could not be reached for a queued message."""
        now = self.trust.clock.now()
        found = await self.trust.store.claim_due(
            PT, now=now, lease_ms=1000, max_items=64, max_bytes=2**24
        )
        (due,) = [one for one in found if one.id == message_id]
        outcome = AttemptOutcome(
            due.id,
            due.digest,
            OutcomeKind.UNKNOWN,
            code="unreachable",
            next_attempt_at=now,
        )
        await self.trust.store.record_outcomes(PT, [outcome], None, now)

    async def _answer(
        self,
        message_id: str,
        outcome_kind: OutcomeKind,
        kind: str,
        code: str = "",
        *,
        meanwhile: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        now = self.trust.clock.now()
        (due,) = [
            one
            for one in await self.trust.store.claim_due(
                PT, now=now, lease_ms=1000, max_items=64, max_bytes=2**24
            )
            if one.id == message_id
        ]
        if meanwhile is not None:
            await meanwhile()
        fields: JsonObject = {"dig": due.digest}
        if code:
            fields["res"] = code
        index = self._peer_logs(kind, due.id, fields)
        outcome = AttemptOutcome(
            due.id, due.digest, outcome_kind, code=code, proof=self._prove(index)
        )
        await self.trust.store.record_outcomes(PT, [outcome], await self._link(), now)

    def _peer_logs(self, kind: str, message_id: str, fields: JsonObject) -> int:
        named: JsonObject = {"m": message_id, "peer": self.trust.keyring.authority}
        self.peer.log(kind, named | fields)
        return len(self.peer.log_entries) - 1

    def _prove(self, index: int) -> PeerProof:
        proof = self.peer.prove(index)
        return PeerProof(index, self.peer.log_entries[index], proof.path)

    async def _link(self) -> PeerLogLink:
        state = await self.trust.store.peer_log(PT)
        note = self.peer.prove().checkpoint_note
        return PeerLogLink(
            authority=PT,
            origin=self.peer.audit_signer.origin,
            seen_size=state.size if state else 0,
            size=len(self.peer.log_entries),
            root=root_of(map(leaf_hash, self.peer.log_entries)),
            note=note,
        )


def request_form() -> JsonObject:
    """Return a request as its author gives it; it opens a case."""
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    return form


@asynccontextmanager
async def admin_node(
    folder: Path,
    limits: AdminLimits | None = None,
    sso: Callable[[Clock], SingleSignOn] | None = None,
) -> AsyncIterator[AdminNode]:
    """Serve the admin API of a node on a free port."""
    async with trusting_node(folder) as trust, AsyncExitStack() as stack:
        tokens = await _people(trust)
        blobs = FolderBlobs(folder / "blobs", PlentyOfDisk(), owner="moj.ee")
        stack.callback(blobs.close)
        webhooks = WebhookClient()
        stack.push_async_callback(webhooks.close)
        services = _services(trust, blobs, webhooks, sso)
        await services.our_card.renew_if_due()
        peer = CardMaker(authority=PT)
        comparison = Comparison(peer.root.fingerprint, "read out by phone")
        card = peer.make(change=_nowhere)
        await services.peers.add(card, comparison, PeerPolicy(), ACT)
        server = AdminServer(
            services,
            ListenAddress("127.0.0.1", 0),
            limits=limits or AdminLimits(burst=100_000),
            site=lambda door: ConsoleSite(
                door, SiteInfo(authority="moj.ee", stage="test")
            ),
        )
        await server.start()
        async with aiohttp.ClientSession() as session:
            node = AdminNode(trust, services, server, tokens, peer, session)
            try:
                yield node
            finally:
                await server.drain(1.0)


def _nowhere(card: Card) -> Card:
    # A port of this machine that nobody listens on: no test asks the network.
    return msgspec.structs.replace(card, urls=["https://127.0.0.1:1"])


async def _people(trust: TrustingNode) -> dict[str, str]:
    now = trust.clock.now()
    operators, tokens = [], {"admin": ADMIN_TOKEN.text}
    for role in Role:
        issued = issue_token("desk", now=now, lifetime_ms=_DAY_MS)
        tokens[role.value] = issued.text
        kept = [issued.token]
        if role is Role.CASEWORKER:
            system = issue_token("app", now=now, lifetime_ms=_DAY_MS, is_system=True)
            expired = issue_token("old", now=now, lifetime_ms=0)
            tokens |= {"system": system.text, "expired": expired.text}
            kept += [system.token, expired.token]
        operators.append(Operator(role.value, frozenset({role}), tuple(kept)))
    async with trust.changes.turn:
        await trust.changes.commit(
            TrustEdit(put_operators=tuple(operators)),
            TrustNote(TrustChange.OPERATOR_ADDED, ACT),
        )
    return tokens


def _services(
    trust: TrustingNode,
    blobs: FolderBlobs,
    webhooks: WebhookClient,
    sso: Callable[[Clock], SingleSignOn] | None = None,
) -> AdminServices:
    exchange, keyring = trust.exchange, trust.keyring
    rates = Rates(trust.clock)
    spool = Spool(exchange, keyring.archive, blobs, rates)
    uploads = Uploads(exchange, blobs, spool)
    sealer = Sealer(keyring.authority, keyring.archive, lifetime_ms=30 * _DAY_MS)

    approvals = Approvals(exchange, trust.changes.register.operators)
    open_ = Open(
        exchange,
        keyring.archive,
        blobs,
        wake=lambda _peer: None,
        approvals=approvals,
    )

    async def further_checks() -> list[Check]:
        return [Check(name="disk", level="ok", text="plenty")]

    release = Release(exchange, sealer, trust.woken.append)
    approvals.runs(ApprovalKind.RELEASE, release.approved)
    inspection = Inspection(
        exchange, keyring.archive, NoSignatureLibrary(), open_=open_, country="EE"
    )
    erasure = Erasure(
        exchange,
        blobs,
        keyring.disclosures,
        keyring.opening,
        backup_days=35,
    )
    unit_desk = UnitDesk(exchange, trust.changes)
    submit = Submit(
        exchange,
        sealer,
        country="EE",
        disk=PlentyOfDisk(),
        uploads=uploads,
        wake=trust.woken.append,
        inspection=inspection,
        subjects=SubjectIndex(keyring.subjects),
        four_eyes=FourEyes(approvals),
        units=unit_desk,
    )
    monitors = join_monitors(
        exchange,
        lambda: keyring.log,
        numbers=NumberWatch(exchange),
        submit=submit,
    )
    queue = Queue(exchange, trust.woken.append)
    operators = Operators(trust.changes, trust.clock)
    peers = PeerCare(
        exchange,
        trust.changes,
        stage=DETAILS.stage,
        numbers=monitors.numbers,
        wake=trust.woken.append,
    )

    async def roster() -> Roster:
        return Roster((OnCall(name="operator"),))

    work = join_work(
        exchange,
        monitors.log,
        peers=peers,
        approvals=approvals,
        wake=trust.woken.append,
    )
    return AdminServices(
        exchange=exchange,
        submit=submit,
        recall=Recall(exchange, queue, submit),
        jobs=work.jobs,
        bulk=work.bulk,
        log_jobs=work.log_jobs,
        maintenance=work.maintenance,
        incidents=work.incidents,
        readers=Readers(exchange, trust.changes.register.operators),
        webhooks=Webhooks(exchange, webhooks, keyring.webhooks),
        uploads=uploads,
        inspection=inspection,
        rates=rates,
        open=open_,
        originals=Originals(exchange, keyring.archive, open_, approvals),
        printing=PrintMessage(exchange, open_, Typesetter()),
        queue=queue,
        peers=peers,
        operators=operators,
        two_persons=TwoPersons(exchange, approvals, peers, operators),
        unit_desk=unit_desk,
        roster=roster,
        people=join_accounts(
            trust.store,
            operators,
            trust.directory.operator,
            trust.clock,
            passwords=Argon2Passwords(passes=1, memory_bytes=8 * 1024),
            times=session_times(idle_minutes=30, hours=12),
            sso=sso(trust.clock) if sso else NoSingleSignOn(),
        ),
        stamping=Stamping(exchange, None, every_hours=24),
        statistics=Statistics(exchange, Terms),
        our_card=OurCard(exchange, KeptCard(lambda: keyring, DETAILS)),
        legal=LegalDesk(
            FixedLegalFiles(),
            exchange.directory,
            exchange.clock,
            ourselves=exchange.ourselves,
        ),
        rounds=Rounds(exchange, WitnessClient(), WitnessPlan(quorum=2)),
        monitor=monitors.log,
        owed=monitors.owed,
        alerts=join_alerts(
            exchange,
            AlertSettings(),
            Webhooks(exchange, webhooks, keyring.webhooks),
        ),
        deadlines=DeadlineBook(exchange.store, exchange.clock, Terms),
        terms=Terms,
        erasure=erasure,
        approvals=approvals,
        break_glass=BreakGlass(exchange, approvals),
        pruning=PruneLog(
            exchange,
            keyring.disclosures,
            log_days=3_650,
        ),
        lifecycle=join_lifecycle(
            exchange, erasure, keyring.subjects, RetentionSettings()
        ),
        log_origin=keyring.log.origin,
        authenticate=trust.directory.authenticate,
        expose_metrics=PrometheusMetrics().expose,
        further_checks=further_checks,
        version="1.2.3",
        started_at=trust.clock.now(),
    )
