"""Webhooks: endpoints of other systems that are told of every change they ask for.

What is told is not queued: the change feed is the queue, and each endpoint has its
place in it. The feed is written in the transaction of the change, so nothing is told
that did not happen, and nothing that happened is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.addresses import Target
from gateway.core.entries.disclosures import Act
from gateway.core.values import NEVER, UnixMs
from gateway.core.webhooks import Answer, Disabled, WebhookSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An endpoint.

    Attributes:
        number: Never used again; 0 before it is stored.
        name: What people call it.
        url: Where it is called.
        events: Types of events that it asks for; empty for all.
        sealed_secret: The secret, sealed by the key store.
        sealed_old_secret: The one before, also signed with until `old_until`; empty
            for none.
        old_until: `NEVER` for no such secret.
        cursor: Place in the change feed up to which it was told everything.
        failures: In a row.
        failing_since: When the first of them was; `NEVER` if the last call was taken.
        next_at: Not called before; `NEVER` for at once.
        disabled: Why it gets nothing any more.
        last_taken_at: When it last took something; `NEVER` if it never did.
    """

    number: int = 0
    name: str
    url: str
    events: tuple[str, ...]
    sealed_secret: bytes = field(repr=False)
    sealed_old_secret: bytes = field(default=b"", repr=False)
    old_until: UnixMs = NEVER
    created_at: UnixMs
    cursor: int = 0
    failures: int = 0
    failing_since: UnixMs = NEVER
    next_at: UnixMs = NEVER
    disabled: Disabled | None = None
    last_taken_at: UnixMs = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    """One call of an endpoint, as it is kept for people.

    Attributes:
        number: Later ones are greater; 0 before it is stored.
        webhook: Number of the endpoint.
        cursor: Place of the change in the feed; 0 for a test.
        message_id: The message that changed; empty for a test.
        attempt: 1 for the first of this change.
    """

    number: int = 0
    webhook: int
    at: UnixMs
    event_id: str
    event: str
    cursor: int
    message_id: str
    attempt: int
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an endpoint stands after a call.

    Attributes:
        next_at: When it is called next; `NEVER` for at once.
        disabled: Why it is not called any more.
    """

    next_at: UnixMs = NEVER
    disabled: Disabled | None = None


class WebhookStore(Protocol):
    """Keeping endpoints. Each method is one transaction, with its log entry."""

    async def add_webhook(self, webhook: Webhook, act: Act, now: UnixMs) -> Webhook:
        """Store an endpoint; it is told of what happens from now on.

        Raises:
            ConflictError: There is one of that name, or there are too many.
        """
        ...

    async def remove_webhook(self, name: str, act: Act, now: UnixMs) -> None:
        """Remove an endpoint with what is kept of its calls.

        Raises:
            NotFoundError: There is none of that name.
        """
        ...

    async def rotate_webhook(
        self, name: str, sealed: bytes, *, old_until: UnixMs, act: Act, now: UnixMs
    ) -> Webhook:
        """Give an endpoint another secret; the one before is good until then.

        Raises:
            NotFoundError: There is none of that name.
        """
        ...

    async def replay_webhook(
        self, name: str, *, since: UnixMs | None, act: Act, now: UnixMs
    ) -> Webhook:
        """Let an endpoint be called again at once, also one that was disabled.

        Args:
            name: The endpoint.
            since: Tell it everything that happened since then once more; None to go
                on where it stands.
            act: Who asks.
            now: The time.

        Raises:
            NotFoundError: There is none of that name.
            ConflictError: The feed no longer holds what comes next for it.
        """
        ...

    async def webhook(self, name: str) -> Webhook:
        """Return an endpoint.

        Raises:
            NotFoundError: There is none of that name.
        """
        ...

    async def webhooks(self) -> list[Webhook]:
        """Return all endpoints by name."""
        ...

    async def newest_change(self) -> int:
        """Return the cursor of the newest change; 0 before the first."""
        ...

    async def pass_over(self, number: int, *, start: int, end: int) -> None:
        """Move an endpoint on past changes that it does not ask for.

        Nothing happens if it does not stand at `start` any more.
        """
        ...

    async def record_webhook_call(
        self, call: WebhookCall, standing: Standing, *, start: int
    ) -> None:
        """Record how a call went; one that was taken moves the endpoint on.

        Disabling it raises an alarm in the same transaction.

        Args:
            call: The call; one of a test changes nothing of the endpoint.
            standing: What follows from a failure.
            start: Where the endpoint stood; if it stands elsewhere now, or is gone,
                only what happened is kept.
        """
        ...

    async def disable_webhook(self, number: int, why: Disabled, now: UnixMs) -> None:
        """Tell an endpoint nothing any more until a person says replay.

        Raises an alarm in the same transaction; repeating is harmless.
        """
        ...

    async def webhook_calls(
        self, name: str, *, before: int | None, limit: int
    ) -> list[WebhookCall]:
        """Return calls of an endpoint with a number below `before`, newest first.

        Raises:
            NotFoundError: There is none of that name.
        """
        ...


class StreamStore(Protocol):
    """Keeping how far a stream of what is stored got, to go on there after a stop."""

    async def stream_position(self, name: str) -> int | None:
        """Return how far a stream got; None if it never began."""
        ...

    async def put_stream_position(self, name: str, position: int) -> None:
        """Record how far a stream got."""
        ...


class WebhookTransport(Protocol):
    """Calls endpoints."""

    def check(self, target: Target) -> None:
        """Refuse a target that could never be called.

        Raises:
            UsageError: Not encrypted, or a private address, and not listed.
        """
        ...

    async def call(
        self, target: Target, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Make a call and return how it went, whatever happened."""
        ...

    async def close(self) -> None:
        """End all connections."""
        ...


class WebhookSecrets(Protocol):
    """Seals secrets of endpoints for storage."""

    def seal(self, name: str, secret: WebhookSecret) -> bytes:
        """Return the secret of an endpoint, sealed."""
        ...

    def open(self, name: str, sealed: bytes) -> WebhookSecret:
        """Return a secret that was sealed for this endpoint.

        Raises:
            KeystoreError: Sealed by another key or for another endpoint.
        """
        ...
