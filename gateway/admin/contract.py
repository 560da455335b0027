"""The admin API as one table: every route, who may call it, what goes in and out.

The server builds its routes from it, the client its calls, and the OpenAPI document
is written from it, so none can say something else (specification, section 13).
"""

from collections.abc import Mapping

from gateway.admin import node_shapes, peer_shapes
from gateway.admin.account_routes import ACCOUNT_ROUTES
from gateway.admin.alert_routes import ALERT_ROUTES
from gateway.admin.approval_routes import APPROVAL_ROUTES
from gateway.admin.case_routes import CASE_ROUTES
from gateway.admin.desk_routes import DESK_ROUTES
from gateway.admin.evidence_routes import EVIDENCE_ROUTES
from gateway.admin.figure_routes import FIGURE_ROUTES
from gateway.admin.form_routes import FORM_ROUTES
from gateway.admin.guard_routes import GUARD_ROUTES
from gateway.admin.halt_routes import HALT_ROUTES
from gateway.admin.job_routes import JOB_ROUTES
from gateway.admin.keeping_routes import KEEPING_ROUTES
from gateway.admin.legal_routes import LEGAL_ROUTES
from gateway.admin.lifecycle_routes import LIFECYCLE_ROUTES
from gateway.admin.message_routes import MESSAGE_ROUTES
from gateway.admin.people_routes import PEOPLE_ROUTES
from gateway.admin.retention_routes import RETENTION_ROUTES
from gateway.admin.route import PREFIX, Media, Route
from gateway.admin.stamp_routes import STAMP_ROUTES
from gateway.admin.statistics_routes import STATISTICS_ROUTES
from gateway.admin.supervision_routes import SUPERVISION_ROUTES
from gateway.admin.unit_routes import UNIT_ROUTES
from gateway.admin.verification_routes import VERIFICATION_ROUTES
from gateway.admin.watch_routes import WATCH_ROUTES
from gateway.admin.webhook_routes import WEBHOOK_ROUTES
from gateway.admin.witness_routes import WITNESS_ROUTES
from gateway.core.operators import Role

IDEMPOTENCY_HEADER = "Idempotency-Key"

ANYONE = frozenset(Role)
_OPERATOR = frozenset({Role.OPERATOR})
_AUDITOR = frozenset({Role.AUDITOR})
_SECURITY = frozenset({Role.SECURITY})
_CONNECTIVITY = _OPERATOR | _SECURITY

_PEERS = f"{PREFIX}/peers"
_LOG = f"{PREFIX}/log"

_PEER_ROUTES = (
    Route(
        name="list_peers",
        method="GET",
        path=_PEERS,
        roles=ANYONE,
        summary="All configured peers",
        answer=node_shapes.PeerList,
    ),
    Route(
        name="add_peer",
        method="POST",
        path=_PEERS,
        roles=_SECURITY,
        summary="Trust a peer whose fingerprint was compared",
        body=node_shapes.AddPeerRequest,
        answer=node_shapes.Peer,
        status=201,
        codes=("untrusted-card", "malformed", "stage", "conflict", "needs-approval"),
    ),
    Route(
        name="show_peer",
        method="GET",
        path=f"{_PEERS}/{{peer}}",
        roles=ANYONE,
        summary="A peer and how exchange with it goes",
        answer=node_shapes.Peer,
    ),
    Route(
        name="update_card",
        method="PUT",
        path=f"{_PEERS}/{{peer}}/card",
        roles=_SECURITY,
        summary="Take a newer card of a peer",
        body=node_shapes.UpdateCardRequest,
        answer=node_shapes.Peer,
        codes=("untrusted-card", "malformed", "stage", "needs-approval"),
    ),
    Route(
        name="pause_peer",
        method="POST",
        path=f"{_PEERS}/{{peer}}/pause",
        roles=_CONNECTIVITY,
        summary="Send nothing to a peer; hold what is submitted",
        answer=node_shapes.Peer,
    ),
    Route(
        name="resume_peer",
        method="POST",
        path=f"{_PEERS}/{{peer}}/resume",
        roles=_CONNECTIVITY,
        summary="Send to a peer again",
        answer=node_shapes.Peer,
        codes=("needs-approval",),
    ),
    Route(
        name="limit_peer",
        method="PUT",
        path=f"{_PEERS}/{{peer}}/limits",
        roles=_CONNECTIVITY,
        summary="How evidence may travel to and from a peer",
        body=node_shapes.PeerLimits,
        answer=node_shapes.Peer,
        codes=("config-invalid",),
    ),
    Route(
        name="set_peer_proxy",
        method="PUT",
        path=f"{_PEERS}/{{peer}}/proxy",
        roles=_SECURITY,
        summary="Through which proxy a peer is called, if through any",
        body=peer_shapes.PeerProxy,
        answer=node_shapes.Peer,
    ),
    Route(
        name="remove_peer",
        method="DELETE",
        path=f"{_PEERS}/{{peer}}",
        roles=_SECURITY,
        summary="Trust a peer no more",
        query=peer_shapes.RemovePeerQuery,
        status=204,
        codes=("conflict",),
    ),
    Route(
        name="ping_peer",
        method="POST",
        path=f"{_PEERS}/{{peer}}/ping",
        roles=_CONNECTIVITY,
        summary="Call a peer's node and compare what it has seen of our log",
        answer=node_shapes.PeerPing,
        codes=("unreachable", "maintenance", "clock", "quota"),
    ),
    Route(
        name="own_card",
        method="GET",
        path=f"{PREFIX}/card",
        roles=ANYONE,
        summary="Our card and fingerprint",
        answer=node_shapes.OwnCard,
    ),
)

_LOG_ROUTES = (
    Route(
        name="log_entries",
        method="GET",
        path=f"{_LOG}/entries",
        roles=_AUDITOR,
        summary="Entries of the log with what they disclose",
        query=node_shapes.EntriesQuery,
        answer=node_shapes.LogEntries,
    ),
    Route(
        name="log_entry",
        method="GET",
        path=f"{_LOG}/entries/{{index}}",
        roles=_AUDITOR,
        summary="One entry",
        answer=node_shapes.LogEntry,
    ),
    Route(
        name="log_checkpoint",
        method="GET",
        path=f"{_LOG}/checkpoint",
        roles=_AUDITOR | _SECURITY,
        summary="A signed checkpoint of the log as it stands",
        answer=node_shapes.LogCheckpoint,
    ),
    Route(
        name="log_tile",
        method="GET",
        path=f"{_LOG}/tile/{{rest...}}",
        roles=_AUDITOR,
        summary="A hash tile or entry bundle, by its C2SP path",
        media=Media.BYTES,
    ),
    Route(
        name="verify_log",
        method="POST",
        path=f"{_LOG}/verify",
        roles=_AUDITOR,
        summary="Hash every entry again and compare with what was signed",
        answer=node_shapes.LogVerification,
        codes=("conflict",),
    ),
)

_NODE_ROUTES = (
    Route(
        name="stats",
        method="GET",
        path=f"{PREFIX}/stats",
        roles=ANYONE,
        summary="Figures; accepted equals the sum of states at every instant",
        answer=node_shapes.Stats,
    ),
    Route(
        name="diagnostics",
        method="GET",
        path=f"{PREFIX}/diagnostics",
        roles=_CONNECTIVITY,
        summary="What is well, what is not, and the remedy",
        query=node_shapes.DiagnosticsQuery,
        answer=node_shapes.Diagnostics,
        codes=("not-found",),
    ),
    Route(
        name="openapi",
        method="GET",
        path="/api/openapi.json",
        roles=ANYONE,
        summary="This table as an OpenAPI 3.1 document",
        media=Media.OPENAPI,
        is_open=True,
    ),
    Route(
        name="livez",
        method="GET",
        path="/livez",
        roles=ANYONE,
        summary="The process answers",
        answer=node_shapes.Health,
        is_open=True,
    ),
    Route(
        name="readyz",
        method="GET",
        path="/readyz",
        roles=ANYONE,
        summary="A durable write just worked",
        answer=node_shapes.Health,
        codes=("maintenance", "store-unusable"),
        is_open=True,
    ),
    Route(
        name="metrics",
        method="GET",
        path="/metrics",
        roles=ANYONE,
        summary="Figures in the Prometheus text format",
        media=Media.TEXT,
        is_open=True,
    ),
)

ROUTES: tuple[Route, ...] = (
    *MESSAGE_ROUTES,
    *JOB_ROUTES,
    *HALT_ROUTES,
    *CASE_ROUTES,
    *FORM_ROUTES,
    *EVIDENCE_ROUTES,
    *VERIFICATION_ROUTES,
    *_PEER_ROUTES,
    *_LOG_ROUTES,
    *WITNESS_ROUTES,
    *STAMP_ROUTES,
    *STATISTICS_ROUTES,
    *FIGURE_ROUTES,
    *WATCH_ROUTES,
    *APPROVAL_ROUTES,
    *GUARD_ROUTES,
    *DESK_ROUTES,
    *ALERT_ROUTES,
    *LEGAL_ROUTES,
    *RETENTION_ROUTES,
    *KEEPING_ROUTES,
    *LIFECYCLE_ROUTES,
    *SUPERVISION_ROUTES,
    *WEBHOOK_ROUTES,
    *ACCOUNT_ROUTES,
    *PEOPLE_ROUTES,
    *UNIT_ROUTES,
    *_NODE_ROUTES,
)

BY_NAME: Mapping[str, Route] = {route.name: route for route in ROUTES}
