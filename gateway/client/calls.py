"""Every operation of the admin API as a value that either client can send.

A call is built without any I/O and checked against the contract, so the two clients
differ only in how they wait.
"""

from dataclasses import replace

import msgspec

from gateway.admin import (
    figure_shapes,
    node_shapes,
    opening_shapes,
    peer_shapes,
    people_shapes,
    shapes,
    stamp_shapes,
    statistics_shapes,
    upload_shapes,
    witness_shapes,
)
from gateway.admin.contract import BY_NAME, IDEMPOTENCY_HEADER
from gateway.admin.evidence_shapes import EvidenceParts, EvidenceQuery
from gateway.client.call import Call, fill
from gateway.client.call import call_of as _call
from gateway.core.operators import Role


def submit(
    request: shapes.SubmitRequest,
    *,
    idempotency_key: str = "",
    wait_s: int = 0,
) -> Call[shapes.Submitted]:
    """Send a message; with `wait_s`, answer once it is delivered or refused."""
    headers = {IDEMPOTENCY_HEADER: idempotency_key} if idempotency_key else {}
    if wait_s:
        headers["Prefer"] = f"wait={wait_s}"
    route = BY_NAME["submit"]
    return Call(
        route,
        shapes.Submitted,
        route.path,
        msgspec.json.encode(request),
        headers,
        wait_s,
    )


def create_upload(
    request: upload_shapes.UploadRequest,
    *,
    idempotency_key: str = "",
) -> Call[upload_shapes.Upload]:
    """Announce a file; the same key gives the same upload."""
    call = _call("create_upload", upload_shapes.Upload, body=request)
    headers = {IDEMPOTENCY_HEADER: idempotency_key} if idempotency_key else {}
    return replace(call, headers=headers)


def show_upload(upload_id: str) -> Call[upload_shapes.Upload]:
    """Return how much of a file is there."""
    return _call("show_upload", upload_shapes.Upload, id=upload_id)


def append_upload(upload_id: str, offset: int) -> Call[upload_shapes.Upload]:
    """Send the bytes of a file from `offset` on; the client streams them."""
    query = upload_shapes.UploadQuery(offset=offset)
    route = BY_NAME["append_upload"]
    # The offset has no default, so it always stands in the query.
    target = f"{fill(route.path, {'id': upload_id})}?offset={query.offset}"
    return Call(route, upload_shapes.Upload, target)


def drop_upload(upload_id: str) -> Call[None]:
    """Forget a file that no message has used."""
    return _call("drop_upload", type(None), id=upload_id)


def fetch_attachment(message_id: str, aid: str) -> Call[bytes]:
    """Return an evidence file of an opened message; the client streams it."""
    return _call("fetch_attachment", bytes, id=message_id, aid=aid)


def set_peer_proxy(peer: str, proxy: str) -> Call[node_shapes.Peer]:
    """Say through which proxy a peer is called: a URL, `direct`, or empty."""
    request = peer_shapes.PeerProxy(proxy=proxy)
    return _call("set_peer_proxy", node_shapes.Peer, body=request, peer=peer)


def limit_peer(peer: str, request: node_shapes.PeerLimits) -> Call[node_shapes.Peer]:
    """Change how evidence may travel to and from a peer."""
    return _call("limit_peer", node_shapes.Peer, body=request, peer=peer)


def list_messages(query: shapes.MessageQuery) -> Call[shapes.MessagePage]:
    """List messages, newest first."""
    return _call("list_messages", shapes.MessagePage, query=query)


def show_message(message_id: str) -> Call[shapes.Message]:
    """Return the metadata of a message."""
    return _call("show_message", shapes.Message, id=message_id)


def timeline(message_id: str) -> Call[shapes.Timeline]:
    """Return what happened to a message."""
    return _call("timeline", shapes.Timeline, id=message_id)


def receipts(message_id: str) -> Call[shapes.Receipts]:
    """Return every proof there is of a message."""
    return _call("receipts", shapes.Receipts, id=message_id)


def evidence(
    message_id: str,
    query: EvidenceQuery | None = None,
) -> Call[EvidenceParts]:
    """Return what a dispute about a message needs, or a further part of it."""
    asked = query or EvidenceQuery()
    return _call("evidence", EvidenceParts, query=asked, id=message_id)


def print_message(message_id: str, request: opening_shapes.PrintRequest) -> Call[bytes]:
    """Return a message as a PDF; the access is logged first."""
    return _call("print_message", bytes, body=request, id=message_id)


def open_message(
    message_id: str,
    request: opening_shapes.OpenRequest,
) -> Call[opening_shapes.Opened]:
    """Return the content of a message; the access is logged first."""
    return _call("open_message", opening_shapes.Opened, body=request, id=message_id)


def open_originals(
    message_id: str,
    request: opening_shapes.OpenRequest,
) -> Call[opening_shapes.Originals]:
    """Return what redacted copies were made of; the access is logged first."""
    return _call(
        "open_originals", opening_shapes.Originals, body=request, id=message_id
    )


def fetch_original(message_id: str, aid: str) -> Call[bytes]:
    """Return the original of a redacted copy; the client streams it."""
    return _call("fetch_original", bytes, id=message_id, aid=aid)


def confirm_message(message_id: str) -> Call[shapes.Message]:
    """Record that the recipient has taken a message."""
    return _call("confirm_message", shapes.Message, id=message_id)


def retry_message(message_id: str) -> Call[shapes.Retried]:
    """Try a queued message now."""
    return _call("retry_message", shapes.Retried, id=message_id)


def retry_messages(request: shapes.RetryRequest) -> Call[shapes.Retried]:
    """Try some messages, or all queued for a peer, now."""
    return _call("retry_messages", shapes.Retried, body=request)


def cancel_message(message_id: str, reason: str) -> Call[shapes.Message]:
    """Withdraw a message that no attempt was made for."""
    body = shapes.CancelRequest(reason=reason)
    return _call("cancel_message", shapes.Message, body=body, id=message_id)


def changes(query: shapes.ChangesQuery) -> Call[shapes.Changes]:
    """Return changes of state after a cursor, waiting for some if asked to."""
    return _call("changes", shapes.Changes, query=query, wait_s=query.wait)


def list_peers() -> Call[node_shapes.PeerList]:
    """Return all configured peers."""
    return _call("list_peers", node_shapes.PeerList)


def show_peer(peer: str) -> Call[node_shapes.Peer]:
    """Return a peer and how exchange with it goes."""
    return _call("show_peer", node_shapes.Peer, peer=peer)


def add_peer(request: node_shapes.AddPeerRequest) -> Call[node_shapes.Peer]:
    """Trust a peer whose fingerprint was compared."""
    return _call("add_peer", node_shapes.Peer, body=request)


def update_card(peer: str, card: str) -> Call[node_shapes.Peer]:
    """Take a newer card of a peer; `card` is base64."""
    body = node_shapes.UpdateCardRequest(card=card)
    return _call("update_card", node_shapes.Peer, body=body, peer=peer)


def pause_peer(peer: str) -> Call[node_shapes.Peer]:
    """Send nothing to a peer for now."""
    return _call("pause_peer", node_shapes.Peer, peer=peer)


def resume_peer(peer: str) -> Call[node_shapes.Peer]:
    """Send to a peer again."""
    return _call("resume_peer", node_shapes.Peer, peer=peer)


def remove_peer(peer: str, *, is_forced: bool = False) -> Call[None]:
    """Trust a peer no more; if forced, also when messages wait for it."""
    query = peer_shapes.RemovePeerQuery(force=is_forced)
    return _call("remove_peer", type(None), query=query, peer=peer)


def ping_peer(peer: str) -> Call[node_shapes.PeerPing]:
    """Call a peer's node."""
    return _call("ping_peer", node_shapes.PeerPing, peer=peer, wait_s=30)


def own_card() -> Call[node_shapes.OwnCard]:
    """Return our card and fingerprint."""
    return _call("own_card", node_shapes.OwnCard)


def log_entries(query: node_shapes.EntriesQuery) -> Call[node_shapes.LogEntries]:
    """Return entries of the log, waiting for some if asked to."""
    return _call("log_entries", node_shapes.LogEntries, query=query, wait_s=query.wait)


def log_entry(index: int) -> Call[node_shapes.LogEntry]:
    """Return one entry of the log."""
    return _call("log_entry", node_shapes.LogEntry, index=str(index))


def log_checkpoint() -> Call[node_shapes.LogCheckpoint]:
    """Return a signed checkpoint of the log as it stands."""
    return _call("log_checkpoint", node_shapes.LogCheckpoint)


def log_tile(path: str) -> Call[bytes]:
    """Return a hash tile or entry bundle.

    Args:
        path: As C2SP writes it, like `tile/0/000` or `tile/entries/001.p/44`.
    """
    return _call("log_tile", bytes, rest=path.removeprefix("tile/"))


def witnesses() -> Call[witness_shapes.Witnesses]:
    """Return who cosigns our log, and how far."""
    return _call("witnesses", witness_shapes.Witnesses)


def rounds(query: witness_shapes.RoundsQuery) -> Call[witness_shapes.RoundList]:
    """Return round checkpoints of our log with their cosignatures, newest first."""
    return _call("rounds", witness_shapes.RoundList, query=query)


def begin_round() -> Call[witness_shapes.Round]:
    """Sign a round checkpoint now and ask witnesses for it."""
    return _call("begin_round", witness_shapes.Round)


def conflicts() -> Call[witness_shapes.ConflictList]:
    """Return what is held against logs of peers."""
    return _call("conflicts", witness_shapes.ConflictList)


def set_log_policy(
    peer: str,
    policy: witness_shapes.LogPolicy,
) -> Call[node_shapes.Peer]:
    """Change what a peer may see of logs."""
    return _call("set_log_policy", node_shapes.Peer, body=policy, peer=peer)


def verify_log() -> Call[node_shapes.LogVerification]:
    """Hash every entry again and compare with what was signed; may take minutes."""
    return _call("verify_log", node_shapes.LogVerification, wait_s=3_600)


def log_stamps(query: stamp_shapes.StampsQuery) -> Call[stamp_shapes.LogStamps]:
    """Return time stamps of the log."""
    return _call("log_stamps", stamp_shapes.LogStamps, query=query)


def stamp_log() -> Call[stamp_shapes.LogStamp]:
    """Get a time stamp over the log as it stands."""
    return _call("stamp_log", stamp_shapes.LogStamp, wait_s=60)


def session() -> Call[people_shapes.Session]:
    """Return who the caller is to the node."""
    return _call("session", people_shapes.Session)


def list_operators() -> Call[people_shapes.OperatorList]:
    """Return all accounts."""
    return _call("list_operators", people_shapes.OperatorList)


def add_operator(
    request: people_shapes.AddOperatorRequest,
) -> Call[people_shapes.Operator]:
    """Add an account."""
    return _call("add_operator", people_shapes.Operator, body=request)


def set_roles(name: str, roles: tuple[Role, ...]) -> Call[people_shapes.Operator]:
    """Give an account other roles."""
    body = people_shapes.SetRolesRequest(roles=roles)
    return _call("set_roles", people_shapes.Operator, body=body, name=name)


def remove_operator(
    name: str, handover: str = ""
) -> Call[people_shapes.RemovedOperator]:
    """Remove an account with all its tokens; somebody may take over its tasks."""
    query = people_shapes.RemoveOperatorQuery(handover=handover)
    answer = people_shapes.RemovedOperator
    return _call("remove_operator", answer, query=query, name=name)


def create_token(
    request: people_shapes.CreateTokenRequest,
) -> Call[people_shapes.IssuedToken]:
    """Create a token; its secret is shown this once."""
    return _call("create_token", people_shapes.IssuedToken, body=request)


def revoke_token(operator: str, label: str) -> Call[None]:
    """Make a token of an account worth nothing."""
    return _call("revoke_token", type(None), operator=operator, label=label)


def stats() -> Call[node_shapes.Stats]:
    """Return the node's figures."""
    return _call("stats", node_shapes.Stats)


def figures(minutes: int) -> Call[figure_shapes.Figures]:
    """Return what moved in the last minutes."""
    query = figure_shapes.FiguresQuery(minutes=minutes)
    return _call("figures", figure_shapes.Figures, query=query)


def diagnostics(peer: str = "") -> Call[node_shapes.Diagnostics]:
    """Return what is well and what is not, of the node or of one peer."""
    query = node_shapes.DiagnosticsQuery(peer=peer)
    return _call("diagnostics", node_shapes.Diagnostics, query=query, wait_s=30)


def livez() -> Call[node_shapes.Health]:
    """Ask whether the process answers."""
    return _call("livez", node_shapes.Health)


def readyz() -> Call[node_shapes.Health]:
    """Ask whether a durable write just worked."""
    return _call("readyz", node_shapes.Health)


def metrics() -> Call[bytes]:
    """Return the figures in the Prometheus text format."""
    return _call("metrics", bytes)


def openapi() -> Call[bytes]:
    """Return the OpenAPI document."""
    return _call("openapi", bytes)


def statistics(
    query: statistics_shapes.StatisticsQuery,
) -> Call[statistics_shapes.Statistics]:
    """Return the figures of a period."""
    return _call("statistics", statistics_shapes.Statistics, query=query)


def statistics_csv(query: statistics_shapes.StatisticsQuery) -> Call[bytes]:
    """Return the figures of a period as CSV."""
    return _call("statistics_csv", bytes, query=query)
