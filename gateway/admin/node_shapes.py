"""What the admin API takes and gives about the node: peers, log, people, figures.

The companion of `shapes`, which holds the messages; the same rules apply.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.admin.evidence_shapes import StatementCopy
from gateway.admin.halt_shapes import Incident
from gateway.admin.legal_shapes import PublishedProfile
from gateway.admin.shapes import (
    MAX_NUMBER,
    MAX_PAGE,
    MAX_WAIT_S,
    Answer,
    CheckLevel,
    Request,
)
from gateway.admin.watch_shapes import LogFinding
from gateway.core.limits import MAX_EVIDENCE_GIB, MAX_UPLOAD_KIB_S

_Card = Annotated[
    str,
    Meta(max_length=400_000, description="The card file, base64."),
]


# --- peers ---


class Peer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A configured peer and how exchange with it goes.

    Attributes:
        names: What the authority is called, by language.
        paused: Nothing is sent to it; what is submitted is held.
        last_contact_at: Last success in either direction; empty if there was none.
        retry_at: Nothing is tried before; empty when nothing is wrong.
        failures: Failed attempts in a row.
        known_seen_size: Size of our log that the peer is known to have linked.
        peer_log_size: Size of its log that we have linked.
        missing: Running numbers of it that did not come yet, as ranges.
        holes: Those of them that it does not say are under way.
        missing_there: Running numbers of ours that it says it misses.
        disagreement: How its memory of our log contradicts the log; empty if not.
        log_standing: What its log is worth to us: good, suspect or quarantined.
        may_monitor: It may read the hash tiles of our log.
        may_gossip: We tell each other of third logs.
        exchanges_despite_conflict: A log of its that was forked stops nothing.
        compared_by: Who of us compared the fingerprint, how and when.
        upload_kib_s: KiB a second that evidence is sent with at most; 0 for no limit.
        upload_hours: When evidence is sent, in UTC; empty for always.
        max_evidence_gib: GiB of its evidence that may lie here unopened.
        evidence_bytes: Bytes of it that do.
        proxy: Its own way: a proxy, or `direct`; left out if it has none.
        through: The proxy that it is called through now; left out for none.
        incident: Why exchange with it is stopped altogether.
        service: What it publishes of its service, and what contradicts it here.
    """

    id: str
    country: str
    names: dict[str, str]
    fingerprint: str
    card_number: int
    card_issued_at: str
    urls: tuple[str, ...]
    stage: str
    paused: bool = False
    queued: int = 0
    held: int = 0
    oldest_queued_at: str = ""
    last_contact_at: str = ""
    last_error: str = ""
    retry_at: str = ""
    failures: int = 0
    known_seen_size: int = 0
    peer_log_size: int = 0
    highest_seq: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    holes: tuple[tuple[int, int], ...] = ()
    missing_there: tuple[tuple[int, int], ...] = ()
    disagreement: str = ""
    log_standing: str = "good"
    may_monitor: bool = False
    may_gossip: bool = False
    exchanges_despite_conflict: bool = False
    compared_by: str = ""
    compared_how: str = ""
    compared_at: str = ""
    upload_kib_s: int = 0
    upload_hours: str = ""
    max_evidence_gib: int = 0
    evidence_bytes: int = 0
    proxy: str = ""
    through: str = ""
    incident: Incident | None = None
    service: PublishedProfile | None = None


class PeerList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """All configured peers, by id."""

    items: tuple[Peer, ...]


class PeerLimits(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits to change; what is left out stays as it is.

    Attributes:
        upload_kib_s: KiB a second that evidence is sent with at most; 0 for no limit.
        upload_hours: When evidence is sent, in UTC, like 20:00-06:00; empty for always.
        max_evidence_gib: GiB of its evidence that may lie here unopened.
    """

    upload_kib_s: Annotated[int, Meta(ge=0, le=MAX_UPLOAD_KIB_S)] | None = None
    upload_hours: Annotated[str, Meta(max_length=11)] | None = None
    max_evidence_gib: Annotated[int, Meta(ge=0, le=MAX_EVIDENCE_GIB)] | None = None


class AddPeerRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A peer to trust: its card, and the fingerprint that two people compared.

    Attributes:
        fingerprint: 64 hex digits; blanks and hyphens do not count.
        how: How it was compared: by phone, on paper, face to face; logged.
    """

    card: _Card
    fingerprint: Annotated[str, Meta(min_length=64, max_length=200)]
    how: Annotated[str, Meta(min_length=1, max_length=200)]


class UpdateCardRequest(
    Request,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
):
    """A newer card of a configured peer."""

    card: _Card


class PeerPing(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The answer of a peer's node.

    Attributes:
        duration_ms: From the call to its verified answer.
        clock_offset_ms: Its clock minus ours.
        seen: Size of our log that it has linked.
        problem: Why nothing is released to it: what it has seen is not our log, or
            the clocks disagree. Empty if all is well.
    """

    peer: str
    duration_ms: int
    clock_offset_ms: int
    seen: int
    problem: str = ""


class OwnCard(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Our card, base64, the fingerprint to compare, and all our root ever stated."""

    authority: str
    fingerprint: str
    number: int
    card: str
    history: tuple[StatementCopy, ...] = ()


# --- the audit log ---


class EntriesQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries; without `start` the last ones.

    Attributes:
        wait: Seconds to wait for an entry at `start` if the log ends there.
    """

    start: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100
    wait: Annotated[int, Meta(ge=0, le=MAX_WAIT_S)] = 0


class LogEntry(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An entry.

    Attributes:
        leaf: The exact bytes that are hashed, as text; empty once pruned.
        leaf_hash: Their RFC 6962 leaf hash, hex.
        disclosed: What it discloses and was not erased.
        disclosures: The same as the strings whose digests stand in the leaf.
    """

    index: int
    kind: str
    leaf_hash: str
    at: str = ""
    message: str = ""
    leaf: str = ""
    disclosed: dict[str, str] = msgspec.field(default_factory=dict)
    disclosures: tuple[str, ...] = ()


class LogEntries(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Entries in order; `next` is the `start` to go on with, `size` the log's."""

    items: tuple[LogEntry, ...]
    next: int
    size: int


class LogCheckpoint(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A signed checkpoint of the log as it stands; `note` is the exact text.

    Attributes:
        minimum: Entries below it were pruned; their hashes and all tiles are there.
    """

    origin: str
    size: int
    root: str
    note: str
    minimum: int = 0


class LogVerification(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What hashing every entry again has shown.

    Attributes:
        verified: Whether all agrees; if not, `problem` names the first that does not.
        size: Entries of the log when the check began.
        pruned: Entries of which only the hash is left.
        checkpoint_size: Size of the newest signed checkpoint, also compared.
        messages: Messages that were compared with their entries.
        findings: All that does not agree; at most 100.
    """

    verified: bool
    origin: str
    size: int
    root: str
    pruned: int = 0
    checkpoint_size: int = 0
    messages: int = 0
    problem: str = ""
    findings: tuple[LogFinding, ...] = ()
    duration_ms: int = 0


# --- figures and health ---


class PeerStats(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Our messages to a peer: `accepted` equals the sum of `states`, always."""

    peer: str
    accepted: int
    states: dict[str, int]
    balanced: bool


class Stats(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Figures of the node.

    Attributes:
        states: Our messages by state; their sum is `accepted` at every instant.
    """

    authority: str
    log_size: int
    accepted: int
    states: dict[str, int]
    balanced: bool
    peers: tuple[PeerStats, ...]
    started_at: str
    version: str


class DiagnosticsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which peer to look at; without it, the node itself and all peers in short."""

    peer: Annotated[str, Meta(max_length=64)] = ""


class Check(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One thing looked at; `remedy` says what to do if it is not ok.

    Attributes:
        alert: Name of the alert that is raised about it; empty if none is.
        subject: What that alert is about, where there can be several.
    """

    name: str
    level: CheckLevel
    text: str
    remedy: str = ""
    alert: str = ""
    subject: str = ""


class Diagnostics(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What was looked at; `level` is the worst of it."""

    level: CheckLevel
    checks: tuple[Check, ...]


class Health(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the node lives, or is ready; names nobody.

    Attributes:
        status: `live`; `ready`, `recovery` or `maintenance`.
        until: When maintenance ends by itself.
    """

    status: str
    until: str = ""
