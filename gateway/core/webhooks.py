"""Webhooks: what is told, how it is signed, what follows from how it went.

Signatures are those of the Standard Webhooks specification, version 1.0.0: an
HMAC-SHA256 over id, time and body, so that any of its libraries verifies them
(specification, section 16.1).
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import nacl.utils

from gateway.core import canonical
from gateway.core.alerts import ALERTS, Condition
from gateway.core.delivery import BackOff, InboundState, OutboundState
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import NEVER, UnixMs, format_time

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

SECRET_PREFIX = "whsec_"  # noqa: S105 - what makes a leaked secret easy to find
TEST_EVENT = "webhook.test"
ALERT_RAISED, ALERT_RESOLVED = "alert.raised", "alert.resolved"
EVENTS: tuple[str, ...] = tuple(
    sorted(
        {
            *(f"message.{state}" for state in (*OutboundState, *InboundState)),
            ALERT_RAISED,
            ALERT_RESOLVED,
        }
    )
)
"""Types of events that an endpoint can ask for."""

MAX_WEBHOOKS = 32
"""Endpoints of one node."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_SECRET_BYTES = 32
_LEAST_SECRET_BYTES, _MOST_SECRET_BYTES = 24, 64
_BACK_OFF = BackOff(first_delay_ms=10_000, max_delay_ms=6 * 3_600_000)
_LONGEST_PATIENCE_S = 3_600
_LEAST_SPREAD = 0.5


class Disabled(StrEnum):
    """Why an endpoint gets nothing any more, until a person says replay."""

    FAILING = "failing"  # it took nothing for days
    GONE = "gone"  # it answered that it is gone for good (410)
    FORGOTTEN = "forgotten"  # the feed no longer holds what comes next for it


@dataclass(frozen=True, slots=True, eq=False)
class WebhookSecret:
    """A secret that node and endpoint share; its text is shown once.

    Attributes:
        raw: 24 to 64 bytes.
    """

    raw: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """As it is shown."""
        return SECRET_PREFIX + base64.b64encode(self.raw).decode("ascii")


@dataclass(frozen=True, slots=True)
class Told:
    """What an endpoint is told of one change.

    Attributes:
        event_id: The same whenever the same change is told.
        event: Its type.
        body: Exact bytes; metadata only.
    """

    event_id: str
    event: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """A change of the feed, with what is known of its message.

    Attributes:
        cursor: Its place in the feed.
        msg_type: Type of the message, or empty while it is not known.
        case_id: Its case, or empty while it is not known.
    """

    cursor: int
    at: UnixMs
    box: str
    message_id: str
    peer: str
    state: str
    log_index: int
    msg_type: str = ""
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a call of an endpoint went.

    Attributes:
        status: Of HTTP; 0 if there was no answer.
        detail: What went wrong, in words without anything the endpoint said.
        retry_after_s: How long it asks to be left alone; 0 if it does not.
        duration_ms: How long it took.
    """

    status: int
    detail: str = ""
    retry_after_s: int = 0
    duration_ms: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has taken what it was told."""
        return 200 <= self.status < 300  # noqa: PLR2004 - success in HTTP

    @property
    def is_gone(self) -> bool:
        """Whether it wants to hear nothing any more."""
        return self.status == 410  # noqa: PLR2004 - Gone


@dataclass(frozen=True, slots=True)
class Retry:
    """What follows from a failure: another attempt, or none.

    Attributes:
        at: Moment of the next attempt; `NEVER` if there is none.
        disabled: Why there is none.
    """

    at: UnixMs
    disabled: Disabled | None = None


def check_webhook_name(name: str) -> None:
    """Refuse a name that could be mistaken.

    Raises:
        UsageError: Not 1 to 32 lower-case letters, digits and hyphens, a letter first.
    """
    if not _NAME.match(name):
        raise UsageError(
            f"webhook: {name[:80]!r}, expected 1 to 32 lower-case letters, digits and "
            "hyphens, a letter first",
        )


def check_events(events: Sequence[str]) -> tuple[str, ...]:
    """Return types of events in order, each once.

    Raises:
        UsageError: One that there is not.
    """
    for event in events:
        if event not in EVENTS:
            raise UsageError(
                f"event: {event[:80]!r}, expected some of {', '.join(EVENTS)}"
            )
    return tuple(sorted(set(events)))


def new_secret() -> WebhookSecret:
    """Return a fresh secret of 256 bits."""
    return WebhookSecret(nacl.utils.random(_SECRET_BYTES))


def parse_secret(text: str) -> WebhookSecret:
    """Return the secret that `text` spells.

    Raises:
        MalformedError: Not `whsec_` and 24 to 64 bytes in base64; the text is not
            repeated in the message.
    """
    try:
        raw = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not _LEAST_SECRET_BYTES <= len(raw) <= _MOST_SECRET_BYTES:
        raise MalformedError("secret: expected whsec_ and 24 to 64 bytes in base64")
    return WebhookSecret(raw)


def signature(secrets: Sequence[WebhookSecret], told: Told, at_s: int) -> str:
    """Return the value of `webhook-signature`: one signature for each secret.

    Args:
        secrets: Those that are valid; two while one replaces the other.
        told: What is signed.
        at_s: Moment of the attempt, in seconds since 1970.
    """
    signed = b"%b.%d.%b" % (told.event_id.encode("ascii"), at_s, told.body)
    return " ".join(
        "v1,"
        + base64.b64encode(hmac.digest(secret.raw, signed, "sha256")).decode("ascii")
        for secret in secrets
    )


def headers_of(
    secrets: Sequence[WebhookSecret], told: Told, now: UnixMs
) -> dict[str, str]:
    """Return the headers that make a call a signed webhook."""
    at_s = now // 1000
    return {
        "webhook-id": told.event_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signature(secrets, told, at_s),
    }


def event_of(state: str) -> str:
    """Return the type of event of a change to a state."""
    return f"message.{state}"


def told_of(change: ToldChange) -> Told:
    """Return what is told of a change; its id is made of the change alone.

    So the same change has one id at every attempt, replay and endpoint, also after
    the database was restored, and the id of another change is never used again.
    """
    named = (change.at, change.box, change.message_id, change.state, change.log_index)
    digest = hashlib.sha256(b"mla-webhook/1\0" + canonical.encode(list(named)))
    # What is not known of the message yet is left out.
    known: JsonObject = {
        name: value
        for name, value in (("case", change.case_id), ("type", change.msg_type))
        if value
    }
    told: JsonObject = {
        "type": event_of(change.state),
        "timestamp": format_time(change.at),
        "data": {
            "box": change.box,
            "cursor": change.cursor,
            "id": change.message_id,
            "index": change.log_index,
            "peer": change.peer,
            "state": change.state,
            **known,
        },
    }
    return Told(
        f"evt_{digest.hexdigest()[:32]}",
        event_of(change.state),
        canonical.encode(told),
    )


def told_of_alert(
    number: int, condition: Condition, *, raised_at: UnixMs, resolved_at: UnixMs
) -> Told:
    """Return what is told of an alert: names of ours, and nothing of a case.

    Args:
        number: Of the alert.
        condition: What was seen; its text is not told.
        raised_at: When it was raised.
        resolved_at: `NEVER` while its reason is there.
    """
    is_over = resolved_at != NEVER
    event = ALERT_RESOLVED if is_over else ALERT_RAISED
    severity = condition.severity.value
    named = [number, condition.name, raised_at, event, severity]
    digest = hashlib.sha256(b"mla-webhook-alert/1\0" + canonical.encode(named))
    data: JsonObject = {
        "alert": number,
        "name": condition.name,
        "raised_at": format_time(raised_at),
        "remedy": condition.remedy,
        "severity": severity,
        "subject": condition.subject,
        "title": ALERTS[condition.name].title,
    }
    if is_over:
        data["resolved_at"] = format_time(resolved_at)
    told: JsonObject = {
        "type": event,
        "timestamp": format_time(resolved_at if is_over else raised_at),
        "data": data,
    }
    return Told(f"evt_{digest.hexdigest()[:32]}", event, canonical.encode(told))


def told_as_test(name: str, now: UnixMs) -> Told:
    """Return what a test tells: nothing has happened."""
    told: JsonObject = {
        "type": TEST_EVENT,
        "timestamp": format_time(now),
        "data": {"webhook": name},
    }
    event_id = f"evt_test_{nacl.utils.random(12).hex()}"
    return Told(event_id, TEST_EVENT, canonical.encode(told))


def after_failure(
    answer: Answer,
    *,
    failures: int,
    failing_since: UnixMs,
    now: UnixMs,
    give_up_ms: int,
    spread: float,
) -> Retry:
    """Return what follows from a call that was not taken.

    The wait doubles from ten seconds to six hours, and half of it is chance, so that
    endpoints that failed together are not called together. An endpoint that names a
    wait of its own gets it, up to an hour.

    Args:
        answer: How the call went.
        failures: In a row, this one counted; at least 1.
        failing_since: When the first of them was.
        now: The time.
        give_up_ms: After failing so long no further attempt is made.
        spread: Chance, 0 to 1.
    """
    if answer.is_gone:
        return Retry(NEVER, Disabled.GONE)
    if now - failing_since >= give_up_ms:
        return Retry(NEVER, Disabled.FAILING)
    share = _LEAST_SPREAD + spread * (1 - _LEAST_SPREAD)
    asked_ms = 1000 * min(answer.retry_after_s, _LONGEST_PATIENCE_S)
    return Retry(UnixMs(now + max(_BACK_OFF.delay_ms(failures, share), asked_ms)))
