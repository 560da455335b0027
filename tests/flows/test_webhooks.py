"""Endpoints are told everything in order, once they have taken it and not before."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.assembly.alerts import join_alerts
from gateway.config.alerts import AlertSettings
from gateway.core.addresses import Target
from gateway.core.alerts import Condition, Severity
from gateway.core.errors import NotFoundError, UsageError
from gateway.core.values import NEVER, UnixMs
from gateway.core.webhooks import Answer, Disabled
from gateway.flows.webhook_calls import WebhookCalls
from gateway.flows.webhooks import MAX_OVERLAP_MS, Webhooks
from gateway.keystore.sealed import Secret
from gateway.keystore.webhook_secrets import SealedWebhookSecrets
from gateway.ports.webhooks import WebhookSecrets
from tests.support.storing import NOW, outbound
from tests.support.trusting import ACT, TrustingNode, trusting_node

URL = "https://cms.example.org/hook"
DAY_MS = 86_400_000


@dataclass
class ScriptedEndpoint:
    """Implements `WebhookTransport`: answers by script, then always with 200."""

    script: list[Answer] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    is_closed: bool = False
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def check(self, target: Target) -> None:
        if not target.is_encrypted:
            raise UsageError("url: not encrypted")

    async def call(
        self, target: Target, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        assert target.url == URL
        self.bodies.append(body)
        self.headers.append(headers)
        self.called.set()
        return self.script.pop(0) if self.script else Answer(status=200)

    async def close(self) -> None:
        self.is_closed = True

    @property
    def cursors(self) -> list[int]:
        return [json.loads(body)["data"]["cursor"] for body in self.bodies]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers in self.headers]


@dataclass
class Desk:
    node: TrustingNode
    endpoint: ScriptedEndpoint
    webhooks: Webhooks
    calls: WebhookCalls

    async def change(self) -> None:
        await self.node.store.accept(outbound(), UnixMs(self.now))

    @property
    def now(self) -> int:
        return self.node.exchange.clock.now()

    async def advance(self, seconds: float) -> None:
        await self.node.exchange.clock.sleep(seconds)


def _desk(node: TrustingNode, secrets: WebhookSecrets) -> Desk:
    endpoint = ScriptedEndpoint()
    return Desk(
        node,
        endpoint,
        Webhooks(node.exchange, endpoint, secrets),
        WebhookCalls(node.exchange, endpoint, secrets, give_up_ms=5 * DAY_MS),
    )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with trusting_node(tmp_path) as node:
        yield _desk(node, node.keyring.webhooks)


async def test_everything_is_told_in_order_and_signed(desk: Desk) -> None:
    await desk.change()
    await desk.webhooks.add("cms", URL, (), ACT)
    for _ in range(3):
        await desk.change()
    assert [one.name for one in await desk.calls.due()] == ["cms"]
    await desk.calls.tell("cms")
    assert desk.endpoint.cursors == [2, 3, 4]
    assert len(set(desk.endpoint.ids)) == 3
    assert {one.partition(",")[0] for one in _signatures(desk)} == {"v1"}
    assert await desk.calls.due() == []
    calls = await desk.webhooks.calls("cms", before=None, limit=9)
    assert [one.cursor for one in calls] == [4, 3, 2]
    told = json.loads(desk.endpoint.bodies[0])
    assert told["type"] == "message.queued"
    assert told["data"]["case"]


def _signatures(desk: Desk) -> list[str]:
    return [headers["webhook-signature"] for headers in desk.endpoint.headers]


async def test_who_asks_for_alerts_is_told_of_them_beside_the_changes(
    desk: Desk,
) -> None:
    disk = Condition(
        name="disk-low",
        subject="disk",
        severity=Severity.WARNING,
        text="seen in detail",
        remedy="free some disk",
    )
    seen = [disk]
    alerts = join_alerts(desk.node.exchange, AlertSettings(), desk.webhooks)

    async def look() -> list[Condition]:
        return seen

    async def turn() -> None:
        await alerts.watch(look)
        await alerts.tell()

    await desk.webhooks.add("cms", URL, ("alert.raised", "alert.resolved"), ACT)
    await desk.change()
    desk.endpoint.script = [Answer(status=503)]
    await turn()
    await desk.advance(60)
    await turn()
    seen = [replace(disk, severity=Severity.CRITICAL)]
    await turn()
    seen = []
    await desk.advance(900)
    await turn()

    told = [json.loads(body) for body in desk.endpoint.bodies]
    assert [(one["type"], one["data"]["severity"]) for one in told] == [
        ("alert.raised", "warning"),
        ("alert.raised", "warning"),
        ("alert.raised", "critical"),
        ("alert.resolved", "critical"),
    ]
    first, again, worse, _ = desk.endpoint.ids
    assert first == again != worse
    assert told[0]["data"]["title"] == "The disk is nearly full"
    assert b"seen in detail" not in b"".join(desk.endpoint.bodies)
    (tested,) = await alerts.test()
    assert (tested.name, tested.error) == ("webhook:cms", "")
    # Of the changes it is told nothing.
    await desk.calls.tell("cms")
    assert len(desk.endpoint.bodies) == 5


async def test_what_was_not_taken_is_told_again_first_and_later(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    await desk.change()
    desk.endpoint.script = [Answer(status=500, detail="HTTP status 500")]
    await desk.calls.tell("cms")
    assert desk.endpoint.cursors == [1]
    assert await desk.calls.due() == []
    await desk.calls.tell("cms")  # too early: nothing happens
    assert desk.endpoint.cursors == [1]
    await desk.advance(10)
    await desk.calls.tell("cms")
    assert desk.endpoint.cursors == [1, 1, 2]
    assert desk.endpoint.ids[0] == desk.endpoint.ids[1]
    attempts = await desk.webhooks.calls("cms", before=None, limit=9)
    assert [one.attempt for one in attempts] == [1, 2, 1]


async def test_what_was_told_and_not_recorded_is_told_again(desk: Desk) -> None:
    """As after a crash between the call and its record."""
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    wait = asyncio.Event()

    class Dying(ScriptedEndpoint):
        async def call(
            self, target: Target, headers: Mapping[str, str], body: bytes
        ) -> Answer:
            await super().call(target, headers, body)
            wait.set()
            await asyncio.sleep(60)
            return Answer(status=200)

    dying = Dying()
    calls = WebhookCalls(
        desk.node.exchange, dying, desk.node.keyring.webhooks, give_up_ms=DAY_MS
    )
    async with asyncio.TaskGroup() as tasks:
        worker = tasks.create_task(calls.run())
        await wait.wait()
        worker.cancel()
    assert dying.is_closed
    await desk.calls.tell("cms")
    assert desk.endpoint.ids == dying.ids
    assert (await desk.webhooks.find("cms")).cursor == 1


async def test_only_wanted_events_are_told(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, ("message.delivered",), ACT)
    await desk.change()
    await desk.calls.tell("cms")
    assert desk.endpoint.bodies == []
    assert (await desk.webhooks.find("cms")).cursor == 1


async def test_days_without_success_end_in_an_alarm(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    desk.endpoint.script = [Answer(status=0, detail="away")] * 60
    tries = 0
    while (await desk.webhooks.find("cms")).disabled is None:
        await desk.calls.tell("cms")
        await desk.advance(6 * 3600)
        tries += 1
    assert tries == 21  # every six hours for five days
    assert (await desk.webhooks.find("cms")).disabled is Disabled.FAILING
    assert await desk.calls.due() == []
    (alarm,) = await desk.node.store.open_alarms(after=0, limit=9)
    assert alarm.new.kind == "webhook-disabled"
    desk.endpoint.script = []
    await desk.webhooks.replay("cms", None, ACT)
    await desk.calls.tell("cms")
    assert (await desk.webhooks.find("cms")).cursor == 1
    assert len(set(desk.endpoint.ids)) == 1


async def test_a_replay_tells_again_under_the_same_ids(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    await desk.change()
    await desk.calls.tell("cms")
    await desk.webhooks.replay("cms", NOW, ACT)
    await desk.calls.tell("cms")
    assert desk.endpoint.ids[:2] == desk.endpoint.ids[2:]


async def test_a_hole_in_the_feed_is_never_passed_in_silence(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    await desk.advance(1)
    await desk.node.store.prune_changes(UnixMs(desk.now))
    await desk.change()
    await desk.calls.tell("cms")
    assert desk.endpoint.bodies == []
    assert (await desk.webhooks.find("cms")).disabled is Disabled.FORGOTTEN


async def test_while_a_secret_is_rotated_two_signatures_go_out(desk: Desk) -> None:
    first = await desk.webhooks.add("cms", URL, (), ACT)
    second = await desk.webhooks.rotate("cms", 3_600_000, ACT)
    assert first.secret.raw != second.secret.raw
    await desk.webhooks.test("cms")
    await desk.advance(3601)
    await desk.webhooks.test("cms")
    await desk.webhooks.rotate("cms", 0, ACT)
    await desk.webhooks.test("cms")
    assert [len(one.split(" ")) for one in _signatures(desk)] == [2, 1, 1]
    with pytest.raises(UsageError):
        await desk.webhooks.rotate("cms", MAX_OVERLAP_MS + 1, ACT)


async def test_a_test_moves_nothing(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    desk.endpoint.script = [Answer(status=404, detail="HTTP status 404")]
    assert (await desk.webhooks.test("cms")).status == 404
    after = await desk.webhooks.find("cms")
    assert (after.cursor, after.failures, after.next_at) == (0, 0, NEVER)
    (call,) = await desk.webhooks.calls("cms", before=None, limit=9)
    assert (call.event, call.message_id) == ("webhook.test", "")


async def test_a_lost_key_fails_the_call_and_says_what_to_do(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    other = _desk(desk.node, SealedWebhookSecrets(Secret(bytes(32))))
    await other.calls.tell("cms")
    (call,) = await desk.webhooks.calls("cms", before=None, limit=9)
    assert "webhook rotate" in call.answer.detail
    assert other.endpoint.bodies == []


async def test_what_can_not_be_called_is_not_added(desk: Desk) -> None:
    for name, url, events in [
        ("Cms", URL, ()),
        ("cms", "http://cms.example.org/", ()),
        ("cms", "nonsense", ()),
        ("cms", URL, ("message.read",)),
    ]:
        with pytest.raises(UsageError):
            await desk.webhooks.add(name, url, events, ACT)
    assert await desk.webhooks.all() == []


async def test_one_that_was_removed_is_told_nothing(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    await desk.change()
    assert len(await desk.calls.due()) == 1
    await desk.webhooks.remove("cms", ACT)
    await desk.calls.tell("cms")
    assert await desk.calls.due() == []
    assert desk.endpoint.bodies == []
    with pytest.raises(NotFoundError):
        await desk.webhooks.test("cms")


async def test_the_worker_tells_what_is_stored_while_it_runs(desk: Desk) -> None:
    await desk.webhooks.add("cms", URL, (), ACT)
    async with asyncio.TaskGroup() as tasks:
        worker = tasks.create_task(desk.calls.run())
        await desk.change()
        desk.calls.nudge()
        await desk.endpoint.called.wait()
        worker.cancel()
    assert desk.endpoint.cursors == [1]
