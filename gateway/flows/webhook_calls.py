"""Telling endpoints what happened: in the order of the feed, until they took it.

The change feed is the queue and an endpoint's cursor its place in it, so a call is
never made of what was not committed, and nothing is left out by a crash: what was told
and not recorded is told again, under the same id (specification, section 16.1).
"""

import asyncio
from contextlib import suppress

import structlog

from gateway.core.errors import GatewayError, KeystoreError, NotFoundError
from gateway.core.values import NEVER, UnixMs
from gateway.core.webhooks import (
    Answer,
    Disabled,
    Told,
    ToldChange,
    after_failure,
    event_of,
    told_of,
)
from gateway.flows.exchange import Exchange
from gateway.flows.webhooks import signed_call
from gateway.ports.messages import Change
from gateway.ports.webhooks import (
    Standing,
    Webhook,
    WebhookCall,
    WebhookSecrets,
    WebhookTransport,
)

log = structlog.get_logger()

_LOOK_S = 1.0
_CHANGES_A_READ = 100


class WebhookCalls:
    """Runs one worker for each endpoint that has something to be told.

    Args:
        exchange: The store, the clock and figures.
        transport: Calls endpoints.
        secrets: Opens their secrets.
        give_up_ms: An endpoint that takes nothing for so long is disabled.
    """

    def __init__(
        self,
        exchange: Exchange,
        transport: WebhookTransport,
        secrets: WebhookSecrets,
        *,
        give_up_ms: int,
    ) -> None:
        self._exchange = exchange
        self._transport = transport
        self._secrets = secrets
        self._give_up_ms = give_up_ms
        self._news = asyncio.Event()
        self._measured: set[str] = set()

    def nudge(self) -> None:
        """Look now: something was stored."""
        self._news.set()

    async def run(self) -> None:
        """Tell all endpoints, for ever."""
        working: dict[int, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as workers:
                while True:
                    self._news.clear()
                    for webhook in await self.due():
                        task = working.get(webhook.number)
                        if task is None or task.done():
                            working[webhook.number] = workers.create_task(
                                self.tell(webhook.name),
                                name=f"webhook-{webhook.name}",
                            )
                    if not self._measured:
                        # Nobody is to be told: a busy node is not asked at each commit.
                        await self._exchange.clock.sleep(_LOOK_S)
                        continue
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_S):
                            await self._news.wait()
        finally:
            await self._transport.close()

    async def due(self) -> list[Webhook]:
        """Return the endpoints that are to be told something now."""
        store, now = self._exchange.store, self._exchange.clock.now()
        found = await store.webhooks()
        if not found and not self._measured:
            return []
        newest = await store.newest_change()
        self._measure(found, newest)
        return [
            one
            for one in found
            if one.disabled is None and one.next_at <= now and one.cursor < newest
        ]

    def _measure(self, found: list[Webhook], newest: int) -> None:
        lags = {one.name: newest - one.cursor for one in found}
        # Of one that was removed nothing is late any more.
        for name in self._measured - lags.keys():
            self._exchange.metrics.gauge("mla_webhook_lag", 0, webhook=name)
        for name, lag in lags.items():
            self._exchange.metrics.gauge("mla_webhook_lag", lag, webhook=name)
        self._measured = set(lags)

    async def tell(self, name: str) -> None:
        """Tell an endpoint everything it was not told yet, until it fails."""
        try:
            while await self._tell_next(name):
                pass
        except NotFoundError:
            return  # removed meanwhile
        except GatewayError as error:
            # Storage or a secret: looked at again with the next turn.
            log.error("webhook_not_told", webhook=name, code=error.code)  # noqa: TRY400 - expected, and said in full

    async def _tell_next(self, name: str) -> bool:
        """Tell one change; tell whether to go on at once.

        The endpoint is read anew each time: a secret may have been rotated, a replay
        begun.
        """
        store = self._exchange.store
        webhook = await store.webhook(name)
        if webhook.disabled or webhook.next_at > self._exchange.clock.now():
            return False
        changes = await store.changes(webhook.cursor, _CHANGES_A_READ)
        if not changes:
            return False
        if changes[0].cursor != webhook.cursor + 1:
            now = self._exchange.clock.now()
            await store.disable_webhook(webhook.number, Disabled.FORGOTTEN, now)
            log.error("webhook_disabled", webhook=name, why=Disabled.FORGOTTEN.value)
            return False
        wanted = next((one for one in changes if _is_wanted(webhook, one)), None)
        if wanted is None:
            end = changes[-1].cursor
            await store.pass_over(webhook.number, start=webhook.cursor, end=end)
            return True
        return await self._call(webhook, wanted)

    async def _call(self, webhook: Webhook, change: Change) -> bool:
        """Make a call and record how it went; tell whether it was taken."""
        told = await self._told(change)
        now = self._exchange.clock.now()
        answer = await self._attempt(webhook, told, now)
        now, standing = self._exchange.clock.now(), Standing()
        if not answer.is_taken:
            retry = after_failure(
                answer,
                failures=webhook.failures + 1,
                failing_since=webhook.failing_since or now,
                now=now,
                give_up_ms=self._give_up_ms,
                spread=self._exchange.clock.spread(),
            )
            standing = Standing(next_at=retry.at, disabled=retry.disabled)
        call = WebhookCall(
            webhook=webhook.number,
            at=now,
            event_id=told.event_id,
            event=told.event,
            cursor=change.cursor,
            message_id=change.id,
            attempt=webhook.failures + 1,
            answer=answer,
        )
        await self._exchange.store.record_webhook_call(
            call, standing, start=webhook.cursor
        )
        self._report(webhook, call, standing)
        return answer.is_taken

    async def _attempt(self, webhook: Webhook, told: Told, now: UnixMs) -> Answer:
        try:
            return await signed_call(self._transport, self._secrets, webhook, told, now)
        except KeystoreError as error:
            return Answer(status=0, detail=str(error))

    async def _told(self, change: Change) -> Told:
        msg_type = case_id = ""
        # A message may have been erased since, and its index with it.
        with suppress(NotFoundError):
            row = await self._exchange.store.message(change.id)
            case_id = row.case_id
            msg_type = row.index.msg_type if row.index else ""
        return told_of(
            ToldChange(
                cursor=change.cursor,
                at=change.at,
                box=change.box.value,
                message_id=change.id,
                peer=change.peer,
                state=change.state,
                log_index=change.log_index,
                msg_type=msg_type,
                case_id=case_id,
            )
        )

    def _report(self, webhook: Webhook, call: WebhookCall, standing: Standing) -> None:
        outcome = "taken" if call.answer.is_taken else "failed"
        self._exchange.metrics.count(
            "mla_webhook_calls_total", webhook=webhook.name, outcome=outcome
        )
        wait_ms = standing.next_at - call.at if standing.next_at != NEVER else 0
        log.info(
            "webhook_called",
            webhook=webhook.name,
            event_id=call.event_id,
            status=call.answer.status,
            detail=call.answer.detail,
            attempt=call.attempt,
            duration_ms=call.answer.duration_ms,
            next_in_ms=wait_ms,
        )
        if standing.disabled is not None:
            log.error(
                "webhook_disabled", webhook=webhook.name, why=standing.disabled.value
            )


def _is_wanted(webhook: Webhook, change: Change) -> bool:
    return not webhook.events or event_of(change.state) in webhook.events
