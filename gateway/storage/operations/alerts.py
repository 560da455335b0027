"""Alerts: raised once for a thing, repeated politely, resolved by themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.core.alerts import MAX_OPEN_ALERTS, AlertPolicy, AlertStep, Condition
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import NEVER, UnixMs
from gateway.ports.alerts import Alert, AlertEvent
from gateway.storage.transaction import Transaction


def observe(
    tx: Transaction,
    seen: Sequence[Condition],
    *,
    policy: AlertPolicy,
    since: UnixMs,
    now: UnixMs,
) -> list[AlertEvent]:
    """Take in what is not well now; return the steps that follow.

    Args:
        tx: The transaction.
        seen: One condition for each thing.
        policy: When alerts end and are repeated.
        since: When this process began to look.
        now: The time.
    """
    known = {alert.seen.key: alert for alert in tx.open_alerts()}
    room = MAX_OPEN_ALERTS - len(known)
    steps: list[AlertEvent] = []
    for condition in seen:
        alert = known.pop(condition.key, None)
        if alert is not None:
            steps += _seen_again(tx, alert, condition, policy, now)
        elif room > 0:
            room -= 1
            steps.append(_raise(tx, condition, policy, now))
    for alert in known.values():
        if now - max(alert.seen_at, since) >= policy.quiet_ms:
            ended = tx.put_alert(replace(alert, resolved_at=now, repeat_at=NEVER))
            steps.append(_step(tx, AlertStep.RESOLVED, ended, now))
    return steps


def acknowledge(tx: Transaction, number: int, who: str, now: UnixMs) -> Alert:
    """Note that somebody knows of an alert; repeating is harmless.

    Raises:
        NotFoundError: No such alert.
        ConflictError: It is resolved.
    """
    alert = tx.alert(number)
    if alert is None:
        raise NotFoundError(f"alert {number}: not found")
    if not alert.is_open:
        raise ConflictError(f"alert {number}: was resolved")
    if alert.acknowledged_by:
        return alert
    return tx.put_alert(
        replace(alert, acknowledged_by=who, acknowledged_at=now, repeat_at=NEVER)
    )


def _raise(
    tx: Transaction, condition: Condition, policy: AlertPolicy, now: UnixMs
) -> AlertEvent:
    alert = tx.put_alert(
        Alert(
            seen=condition,
            raised_at=now,
            seen_at=now,
            repeat_at=policy.repeat_at(0, now),
        )
    )
    return _step(tx, AlertStep.RAISED, alert, now)


def _seen_again(
    tx: Transaction,
    alert: Alert,
    condition: Condition,
    policy: AlertPolicy,
    now: UnixMs,
) -> Iterator[AlertEvent]:
    """Store what is seen now; yield what there is to tell of it."""
    is_worse = condition.severity.rank > alert.seen.severity.rank
    is_due = alert.repeat_at != NEVER and now >= alert.repeat_at
    alert = replace(alert, seen=condition, seen_at=now)
    if is_worse:
        # Who knew of a warning does not know of this.
        alert = replace(
            alert,
            acknowledged_by="",
            acknowledged_at=NEVER,
            repeats=0,
            repeat_at=policy.repeat_at(0, now),
        )
    elif is_due:
        repeats = alert.repeats + 1
        alert = replace(
            alert, repeats=repeats, repeat_at=policy.repeat_at(repeats, now)
        )
    alert = tx.put_alert(alert)
    if is_worse:
        yield _step(tx, AlertStep.WORSENED, alert, now)
    elif is_due:
        yield _step(tx, AlertStep.REPEATED, alert, now)


def _step(tx: Transaction, step: AlertStep, alert: Alert, now: UnixMs) -> AlertEvent:
    return tx.add_alert_event(
        AlertEvent(step=step, at=now, severity=alert.seen.severity, alert=alert)
    )
