"""Endpoints of other systems, for those who set them up: add, rotate, test, replay."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway.core.addresses import parse_target
from gateway.core.entries.disclosures import Act
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import NEVER, UnixMs
from gateway.core.webhooks import (
    Answer,
    Told,
    WebhookSecret,
    check_events,
    check_webhook_name,
    headers_of,
    new_secret,
    told_as_test,
)
from gateway.flows.exchange import Exchange
from gateway.ports.webhooks import (
    Standing,
    Webhook,
    WebhookCall,
    WebhookSecrets,
    WebhookTransport,
)

log = structlog.get_logger()

MAX_OVERLAP_MS = 7 * 86_400_000
"""How long the old secret of a rotation may stay valid."""


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """An endpoint with its new secret, which is shown once."""

    webhook: Webhook
    secret: WebhookSecret


class Webhooks:
    """Sets up endpoints; every change is logged.

    Args:
        exchange: The store and the clock.
        transport: Calls endpoints.
        secrets: Seals their secrets.
    """

    def __init__(
        self, exchange: Exchange, transport: WebhookTransport, secrets: WebhookSecrets
    ) -> None:
        self._exchange = exchange
        self._transport = transport
        self._secrets = secrets

    async def all(self) -> Sequence[Webhook]:
        """Return all endpoints by name."""
        return await self._exchange.store.webhooks()

    async def find(self, name: str) -> Webhook:
        """Return an endpoint.

        Raises:
            NotFoundError: There is none of that name.
        """
        return await self._exchange.store.webhook(name)

    async def calls(
        self, name: str, *, before: int | None, limit: int
    ) -> Sequence[WebhookCall]:
        """Return calls of an endpoint, newest first.

        Raises:
            NotFoundError: There is none of that name.
        """
        return await self._exchange.store.webhook_calls(
            name, before=before, limit=limit
        )

    async def add(
        self, name: str, url: str, events: Sequence[str], act: Act
    ) -> IssuedSecret:
        """Add an endpoint; it is told of what happens from now on.

        Raises:
            UsageError: The name, the URL or an event is none, or the URL leads where
                a node does not call.
            ConflictError: There is one of that name, or there are too many.
        """
        check_webhook_name(name)
        try:
            self._transport.check(parse_target(url))
        except MalformedError as error:
            raise UsageError(str(error)) from error
        secret, now = new_secret(), self._exchange.clock.now()
        webhook = Webhook(
            name=name,
            url=url,
            events=check_events(events),
            sealed_secret=self._secrets.seal(name, secret),
            created_at=now,
        )
        stored = await self._exchange.store.add_webhook(webhook, act, now)
        return IssuedSecret(stored, secret)

    async def remove(self, name: str, act: Act) -> None:
        """Remove an endpoint.

        Raises:
            NotFoundError: There is none of that name.
        """
        now = self._exchange.clock.now()
        await self._exchange.store.remove_webhook(name, act, now)

    async def rotate(self, name: str, overlap_ms: int, act: Act) -> IssuedSecret:
        """Give an endpoint a new secret.

        Args:
            name: The endpoint.
            overlap_ms: How long calls are signed with the old one too.
            act: Who asks.

        Raises:
            NotFoundError: There is none of that name.
            UsageError: The overlap is out of bounds.
        """
        if not 0 <= overlap_ms <= MAX_OVERLAP_MS:
            raise UsageError(f"overlap: {overlap_ms} ms, expected 0 to a week")
        secret, now = new_secret(), self._exchange.clock.now()
        webhook = await self._exchange.store.rotate_webhook(
            name,
            self._secrets.seal(name, secret),
            old_until=UnixMs(now + overlap_ms) if overlap_ms else NEVER,
            act=act,
            now=now,
        )
        return IssuedSecret(webhook, secret)

    async def replay(self, name: str, since: UnixMs | None, act: Act) -> Webhook:
        """Let an endpoint be called again, from a moment or where it stands.

        Raises:
            NotFoundError: There is none of that name.
            ConflictError: The feed no longer holds what comes next for it.
        """
        now = self._exchange.clock.now()
        return await self._exchange.store.replay_webhook(
            name, since=since, act=act, now=now
        )

    async def test(self, name: str) -> Answer:
        """Tell an endpoint that this is a test, and return how it took that.

        Raises:
            NotFoundError: There is none of that name.
        """
        webhook = await self._exchange.store.webhook(name)
        return await self.tell(webhook, told_as_test(name, self._exchange.clock.now()))

    async def tell(self, webhook: Webhook, told: Told) -> Answer:
        """Tell an endpoint what is not in the change feed; return how it took that."""
        now = self._exchange.clock.now()
        answer = await signed_call(self._transport, self._secrets, webhook, told, now)
        call = WebhookCall(
            webhook=webhook.number,
            at=now,
            event_id=told.event_id,
            event=told.event,
            cursor=0,
            message_id="",
            attempt=1,
            answer=answer,
        )
        await self._exchange.store.record_webhook_call(call, Standing(), start=-1)
        return answer


async def signed_call(
    transport: WebhookTransport,
    secrets: WebhookSecrets,
    webhook: Webhook,
    told: Told,
    now: UnixMs,
) -> Answer:
    """Call an endpoint, signed with every secret that is valid; return its answer.

    Raises:
        KeystoreError: A secret can't be opened.
    """
    signed = headers_of(valid_secrets(webhook, secrets, now), told, now)
    return await transport.call(parse_target(webhook.url), signed, told.body)


def valid_secrets(
    webhook: Webhook, secrets: WebhookSecrets, now: UnixMs
) -> list[WebhookSecret]:
    """Return what calls are signed with now, the newest first."""
    found = [secrets.open(webhook.name, webhook.sealed_secret)]
    if webhook.sealed_old_secret and now < webhook.old_until:
        found.append(secrets.open(webhook.name, webhook.sealed_old_secret))
    return found
