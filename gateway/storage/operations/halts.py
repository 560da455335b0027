"""Stopping exchange: with all peers for a while, or with one that is suspect."""

from dataclasses import replace

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NeedsApprovalError
from gateway.core.values import AuthorityId, UnixMs, format_time
from gateway.ports.approvals import ApprovalKind
from gateway.ports.halts import Incident, Window
from gateway.storage.operations import approvals
from gateway.storage.operations.steps import optional
from gateway.storage.transaction import Transaction


def begin_window(tx: Transaction, until: UnixMs, act: Act, now: UnixMs) -> Window:
    """Begin a maintenance window; one that is open gets another end."""
    detail = f"until {format_time(until)}"
    index = _log(tx, "admin.maintenance-begin", act, now, detail=detail)
    window = tx.open_window()
    if window is not None:
        return tx.put_window(replace(window, until=until))
    return tx.put_window(
        Window(
            number=0,
            begun_at=now,
            until=until,
            begun_by=act.actor,
            reason=act.purpose,
            log_index=index,
        )
    )


def end_window(tx: Transaction, act: Act, now: UnixMs) -> Window:
    """End the open window.

    Raises:
        ConflictError: There is none.
    """
    window = tx.open_window()
    if window is None:
        raise ConflictError("maintenance: there is no window to end")
    _log(tx, "admin.maintenance-end", act, now)
    return tx.put_window(replace(window, ended_at=now, ended_by=act.actor))


def begin_incident(
    tx: Transaction, peer: AuthorityId, since: UnixMs, act: Act, now: UnixMs
) -> Incident:
    """Stop exchange with a peer; an earlier `since` widens an open incident."""
    known = tx.open_incident(peer)
    if known is not None and known.since <= since:
        return known
    detail = f"since {format_time(since)}"
    index = _log(tx, "admin.incident-begin", act, now, peer=peer, detail=detail)
    if known is not None:
        return tx.put_incident(replace(known, since=since))
    return tx.put_incident(
        Incident(
            number=0,
            peer=peer,
            begun_at=now,
            since=since,
            begun_by=act.actor,
            reason=act.purpose,
            log_index=index,
        )
    )


def end_incident(
    tx: Transaction, peer: AuthorityId, act: Act, now: UnixMs, *, uses_approval: bool
) -> Incident:
    """Allow exchange with a peer again, using up an approval if that is needed.

    Raises:
        ConflictError: It has no open incident.
        NeedsApprovalError: There is no approval to use.
    """
    incident = tx.open_incident(peer)
    if incident is None:
        raise ConflictError(f"incident: {peer} has none that is open")
    kind = ApprovalKind.REENABLE
    if uses_approval and approvals.use(tx, kind, peer, act, now) is None:
        raise NeedsApprovalError(f"incident: exchange with {peer} needs an approval")
    _log(tx, "admin.incident-end", act, now, peer=peer)
    return tx.put_incident(replace(incident, ended_at=now, ended_by=act.actor))


def _log(
    tx: Transaction,
    kind: str,
    act: Act,
    now: UnixMs,
    *,
    peer: str = "",
    detail: str = "",
) -> int:
    about = (Disclosure("detail", detail),) if detail else ()
    disclosures = (*act.disclosures(), *about)
    return tx.append_entry(EntryDraft(kind, now, optional("peer", peer), disclosures))
