"""The verbs of all rooms that have tables of their own, joined."""

from gateway.storage.sqlite.alarms import (
    AlarmLookupSql,
    AlarmReaderSql,
    AlarmWritesSql,
)
from gateway.storage.sqlite.alerts import (
    AlertLookupSql,
    AlertReaderSql,
    AlertWritesSql,
)
from gateway.storage.sqlite.approvals import (
    ApprovalLookupSql,
    ApprovalReaderSql,
    ApprovalWritesSql,
)
from gateway.storage.sqlite.attempts import AttemptLookupSql, AttemptWritesSql
from gateway.storage.sqlite.cases import CaseLookupSql, CaseReaderSql, CaseWritesSql
from gateway.storage.sqlite.erasure import ErasureReaderSql, ErasureWritesSql
from gateway.storage.sqlite.evidence import (
    EvidenceLookupSql,
    EvidenceReaderSql,
    EvidenceWritesSql,
)
from gateway.storage.sqlite.findings import FindingLookupSql, FindingWritesSql
from gateway.storage.sqlite.guarding import GuardLookupSql, GuardWritesSql
from gateway.storage.sqlite.halts import HaltLookupSql, HaltWritesSql
from gateway.storage.sqlite.jobs import JobLookupSql, JobReaderSql, JobWritesSql
from gateway.storage.sqlite.lifecycle import (
    LifecycleLookupSql,
    LifecycleReaderSql,
    LifecycleWritesSql,
)
from gateway.storage.sqlite.originals import OriginalLookupSql, OriginalWritesSql
from gateway.storage.sqlite.people import PeopleLookupSql, PeopleWritesSql
from gateway.storage.sqlite.recovery import RecoveryLookupSql, RecoveryWritesSql
from gateway.storage.sqlite.saved_views import SavedViewLookupSql, SavedViewWritesSql
from gateway.storage.sqlite.sessions import SessionLookupSql, SessionWritesSql
from gateway.storage.sqlite.stamps import StampLookupSql, StampWritesSql
from gateway.storage.sqlite.statistics import (
    StatisticsLookupSql,
    StatisticsReaderSql,
    StatisticsWritesSql,
)
from gateway.storage.sqlite.webhooks import (
    WebhookLookupSql,
    WebhookReaderSql,
    WebhookWritesSql,
)
from gateway.storage.sqlite.witness import (
    WitnessLookupSql,
    WitnessReaderSql,
    WitnessWritesSql,
)


class RoomsLookup(
    EvidenceLookupSql,
    FindingLookupSql,
    OriginalLookupSql,
    AttemptLookupSql,
    WitnessLookupSql,
    StampLookupSql,
    RecoveryLookupSql,
    CaseLookupSql,
    StatisticsLookupSql,
    AlarmLookupSql,
    AlertLookupSql,
    LifecycleLookupSql,
    ApprovalLookupSql,
    GuardLookupSql,
    WebhookLookupSql,
    HaltLookupSql,
    JobLookupSql,
    SavedViewLookupSql,
    PeopleLookupSql,
    SessionLookupSql,
):
    """What can be read in any transaction."""


class RoomsReader(
    EvidenceReaderSql,
    WitnessReaderSql,
    ErasureReaderSql,
    CaseReaderSql,
    StatisticsReaderSql,
    AlarmReaderSql,
    AlertReaderSql,
    LifecycleReaderSql,
    ApprovalReaderSql,
    WebhookReaderSql,
    JobReaderSql,
):
    """What is only read."""


class RoomsWrites(
    EvidenceWritesSql,
    FindingWritesSql,
    OriginalWritesSql,
    AttemptWritesSql,
    WitnessWritesSql,
    StampWritesSql,
    RecoveryWritesSql,
    ErasureWritesSql,
    CaseWritesSql,
    StatisticsWritesSql,
    AlarmWritesSql,
    AlertWritesSql,
    LifecycleWritesSql,
    ApprovalWritesSql,
    GuardWritesSql,
    WebhookWritesSql,
    HaltWritesSql,
    JobWritesSql,
    SavedViewWritesSql,
    PeopleWritesSql,
    SessionWritesSql,
):
    """What changes rows."""
