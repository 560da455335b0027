"""Endpoints: added, rotated, told, disabled, replayed; each act with its log entry."""

from dataclasses import replace

from gateway.core.addresses import parse_target
from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import NEVER, UnixMs, format_time
from gateway.core.webhooks import MAX_WEBHOOKS, Disabled
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.webhooks import Standing, Webhook, WebhookCall
from gateway.storage.operations.alarms import raise_alarm
from gateway.storage.transaction import Lookup, Transaction

# Of each endpoint: some days of an ordinary one, and nobody reads further back.
KEPT_CALLS = 200

_NODE = Act("node", "node")


def add(tx: Transaction, webhook: Webhook, act: Act, now: UnixMs) -> Webhook:
    """Store an endpoint; it is told of what happens from now on.

    Raises:
        ConflictError: There is one of that name, or there are too many.
    """
    known = tx.webhooks()
    if any(one.name == webhook.name for one in known):
        raise ConflictError(f"webhook: {webhook.name} is there already")
    if len(known) >= MAX_WEBHOOKS:
        raise ConflictError(f"webhook: {len(known)} there, at most {MAX_WEBHOOKS}")
    _log(tx, "add", webhook, act, now)
    return tx.put_webhook(replace(webhook, cursor=tx.newest_change()))


def remove(tx: Transaction, name: str, act: Act, now: UnixMs) -> None:
    """Remove an endpoint with what is kept of its calls.

    Raises:
        NotFoundError: There is none of that name.
    """
    webhook = require_webhook(tx, name)
    _log(tx, "remove", webhook, act, now)
    tx.drop_webhook(webhook.number)


def rotate(
    tx: Transaction,
    name: str,
    sealed: bytes,
    *,
    old_until: UnixMs,
    act: Act,
    now: UnixMs,
) -> Webhook:
    """Give an endpoint another secret; the one before is good until then.

    Raises:
        NotFoundError: There is none of that name.
    """
    webhook = require_webhook(tx, name)
    _log(tx, "rotate", webhook, act, now)
    is_kept = old_until > now
    return tx.put_webhook(
        replace(
            webhook,
            sealed_secret=sealed,
            sealed_old_secret=webhook.sealed_secret if is_kept else b"",
            old_until=old_until if is_kept else NEVER,
        )
    )


def replay(
    tx: Transaction, name: str, *, since: UnixMs | None, act: Act, now: UnixMs
) -> Webhook:
    """Let an endpoint be called again at once, also one that was disabled.

    Raises:
        NotFoundError: There is none of that name.
        ConflictError: The feed no longer holds what comes next for it.
    """
    webhook = require_webhook(tx, name)
    oldest = tx.oldest_change() or tx.newest_change() + 1
    cursor = webhook.cursor
    if since is not None:
        cursor = max(tx.change_before(since), oldest - 1)
    elif cursor < oldest - 1:
        raise ConflictError(
            f"webhook {name}: {oldest - 1 - cursor} changes that it was not told of "
            "are kept no more; name a moment to go on from, and compare by the list "
            "of messages",
        )
    detail = "" if since is None else f" since {format_time(since)}"
    _log(tx, "replay", webhook, act, now, detail)
    return tx.put_webhook(
        replace(
            webhook,
            cursor=cursor,
            failures=0,
            failing_since=NEVER,
            next_at=NEVER,
            disabled=None,
        )
    )


def pass_over(tx: Transaction, number: int, *, start: int, end: int) -> None:
    """Move an endpoint on past changes that it does not ask for."""
    webhook = tx.webhook_numbered(number)
    if webhook is not None and webhook.cursor == start and end > start:
        tx.put_webhook(replace(webhook, cursor=end))


def record_call(
    tx: Transaction, call: WebhookCall, standing: Standing, *, start: int
) -> None:
    """Record how a call went; one that was taken moves the endpoint on."""
    webhook = tx.webhook_numbered(call.webhook)
    if webhook is None:
        return
    tx.add_webhook_call(call, keep=KEPT_CALLS)
    if not call.cursor or webhook.cursor != start or webhook.disabled is not None:
        return
    if call.answer.is_taken:
        tx.put_webhook(
            replace(
                webhook,
                cursor=call.cursor,
                failures=0,
                failing_since=NEVER,
                next_at=NEVER,
                last_taken_at=call.at,
            )
        )
        return
    failing_since = webhook.failing_since or call.at
    failing = replace(
        webhook,
        failures=webhook.failures + 1,
        failing_since=failing_since,
        next_at=standing.next_at,
    )
    if standing.disabled is None:
        tx.put_webhook(failing)
    else:
        _disable(tx, failing, standing.disabled, call.at)


def disable(tx: Transaction, number: int, why: Disabled, now: UnixMs) -> None:
    """Tell an endpoint nothing any more until a person says replay."""
    webhook = tx.webhook_numbered(number)
    if webhook is not None and webhook.disabled is None:
        _disable(tx, webhook, why, now)


def require_webhook(tx: Lookup, name: str) -> Webhook:
    """Return an endpoint.

    Raises:
        NotFoundError: There is none of that name.
    """
    webhook = tx.webhook_named(name)
    if webhook is None:
        raise NotFoundError(f"webhook: no {name[:80]!r} here")
    return webhook


def _disable(tx: Transaction, webhook: Webhook, why: Disabled, now: UnixMs) -> None:
    tx.put_webhook(replace(webhook, disabled=why, next_at=NEVER))
    _log(tx, "disable", webhook, _NODE, now, f" {why}")
    # An alarm of its own each time: the one before may be resolved.
    subject = f"{webhook.name}:{now}"
    kind = AlarmKind.WEBHOOK_DISABLED
    raise_alarm(tx, NewAlarm(kind=kind, subject=subject), _NODE, now)


def _log(
    tx: Transaction, step: str, webhook: Webhook, act: Act, now: UnixMs, more: str = ""
) -> None:
    """Log an act; the path of a URL may hold what only the endpoint should know."""
    detail = f"{webhook.name} {parse_target(webhook.url).origin}{more}"
    disclosed = (*act.disclosures(), Disclosure("detail", detail))
    tx.append_entry(EntryDraft(f"admin.webhook-{step}", now, {}, disclosed))
