"""All of storage, as one port with one contract suite."""

from typing import Protocol

from gateway.ports.alarms import AlarmStore
from gateway.ports.alerts import AlertStore
from gateway.ports.approvals import ApprovalStore
from gateway.ports.cases import CaseStore
from gateway.ports.checking import CheckStore
from gateway.ports.disposals import DisposalStore
from gateway.ports.erasure import ErasureStore
from gateway.ports.evidence import EvidenceStore
from gateway.ports.findings import FindingStore
from gateway.ports.guarding import GuardStore
from gateway.ports.halts import HaltStore
from gateway.ports.holds import HoldStore
from gateway.ports.inbox import InboxStore
from gateway.ports.jobs import JobStore
from gateway.ports.log import LogStore
from gateway.ports.messages import MessageViews
from gateway.ports.originals import OriginalStore
from gateway.ports.outbox import OutboxStore
from gateway.ports.owed import OwedStore
from gateway.ports.people import PeopleStore
from gateway.ports.recovery import RecoveryStore
from gateway.ports.saved_views import ViewStore
from gateway.ports.sessions import SessionStore
from gateway.ports.stamps import StampStore
from gateway.ports.statistics import StatisticsStore
from gateway.ports.subject_requests import SubjectRequestStore
from gateway.ports.subjects import SubjectStore
from gateway.ports.traffic import TrafficStore
from gateway.ports.webhooks import StreamStore, WebhookStore
from gateway.ports.witness import WitnessStore


class Store(
    LogStore,
    OutboxStore,
    InboxStore,
    EvidenceStore,
    FindingStore,
    OriginalStore,
    RecoveryStore,
    ErasureStore,
    MessageViews,
    TrafficStore,
    WitnessStore,
    StampStore,
    CheckStore,
    OwedStore,
    AlarmStore,
    AlertStore,
    ApprovalStore,
    GuardStore,
    HaltStore,
    JobStore,
    ViewStore,
    SessionStore,
    CaseStore,
    StatisticsStore,
    SubjectStore,
    SubjectRequestStore,
    HoldStore,
    DisposalStore,
    WebhookStore,
    StreamStore,
    PeopleStore,
    Protocol,
):
    """A node's durable state.

    A method returns after its transaction is durable. A caller that is cancelled
    knows nothing of the outcome and asks again; nothing is ever half done.
    """

    async def probe(self) -> None:
        """Make one durable write, to show that writing works.

        Raises:
            StoreError: It does not.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun and release the storage."""
        ...
