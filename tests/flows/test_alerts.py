"""Alerts: looked for, raised once, told over channels until they were taken."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from gateway.core.alerts import ALERTS, AlertPolicy, Condition, Settling, Severity
from gateway.core.errors import StoreError, UnreachableError
from gateway.core.values import UnixMs
from gateway.flows.alert_mail import AlertMail
from gateway.flows.alerts import Alerts
from gateway.ports.alerts import AlertEvent
from gateway.storage.store import TransactionalStore
from gateway.telemetry.metrics import PrometheusMetrics
from tests.support.storing import store_in_memory
from tests.support.surroundings import ManualClock

DISK = Condition(
    name="disk-low",
    subject="disk",
    severity=Severity.WARNING,
    text="17 MiB free on /srv/secret-path",
    remedy="free some disk",
)
PEER = replace(DISK, name="peer-unreachable", subject="moj.fr", remedy="doctor moj.fr")
WORSE = replace(DISK, severity=Severity.CRITICAL)


@dataclass
class Postbox:
    """Implements `Mailer`: keeps mails, or fails."""

    is_broken: bool = False
    mails: list[tuple[str, str, str]] = field(default_factory=list)

    async def send(self, mail_id: str, subject: str, text: str) -> None:
        if self.is_broken:
            raise UnreachableError("mail server: refuses us")
        self.mails.append((mail_id, subject, text))


@dataclass
class Bench:
    """Alerts over a store in memory, with a postbox."""

    store: TransactionalStore
    seen: list[Condition] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)
    metrics: PrometheusMetrics = field(default_factory=PrometheusMetrics)
    postbox: Postbox = field(default_factory=Postbox)
    least: Severity = Severity.WARNING
    has_mail: bool = True

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Make it anew over what is stored, as a start does."""
        mail = AlertMail(self.postbox, self.clock, ourselves="moj.ee", least=self.least)

        async def channels() -> Sequence[AlertMail]:
            return (mail,) if self.has_mail else ()

        self.alerts = Alerts(
            self.store, self.clock, self.metrics, AlertPolicy(), channels
        )

    async def look(self) -> Sequence[Condition]:
        return self.seen

    async def pass_minutes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.clock.advance(60)
            await self.alerts.watch(self.look)
            await self.alerts.tell()

    @property
    def subjects(self) -> list[str]:
        return [subject for _, subject, _ in self.postbox.mails]

    def figure(self, name: str, severity: str) -> float | None:
        wanted = f'mla_alert{{name="{name}",severity="{severity}"}} '
        for line in self.metrics.expose().decode().splitlines():
            if line.startswith(wanted):
                return float(line.removeprefix(wanted))
        return None


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with store_in_memory() as store:
        yield Bench(store)


async def test_people_are_told_once_and_when_it_is_over(bench: Bench) -> None:
    bench.seen = [DISK]
    await bench.pass_minutes(3)
    assert bench.figure("disk-low", "warning") == 1
    bench.seen = []
    await bench.pass_minutes(12)

    assert bench.subjects == [
        "[MLA gateway moj.ee] warning: The disk is nearly full (disk)",
        "[MLA gateway moj.ee] resolved: The disk is nearly full (disk)",
    ]
    _, _, text = bench.postbox.mails[0]
    assert "what to do: free some disk" in text
    assert "docs/runbooks.md#disk-low" in text
    assert "secret-path" not in text
    assert bench.figure("disk-low", "warning") == 0


async def test_what_happens_together_is_one_mail(bench: Bench) -> None:
    bench.seen = [DISK, PEER, replace(PEER, subject="moj.pt")]
    await bench.pass_minutes(1)

    assert bench.subjects == ["[MLA gateway moj.ee] warning: 3 alerts, 0 resolved"]
    _, _, text = bench.postbox.mails[0]
    assert "peer-unreachable moj.pt" in text


async def test_after_a_mail_only_what_is_critical_comes_at_once(bench: Bench) -> None:
    bench.seen = [DISK]
    await bench.pass_minutes(1)
    bench.seen = [DISK, PEER]
    await bench.pass_minutes(2)
    assert len(bench.subjects) == 1
    bench.seen = [WORSE, PEER]
    await bench.pass_minutes(1)
    assert bench.subjects[1:] == ["[MLA gateway moj.ee] critical: 2 alerts, 0 resolved"]
    bench.seen = [WORSE, PEER, replace(PEER, subject="moj.pt")]
    await bench.pass_minutes(6)
    assert len(bench.subjects) == 3


async def test_a_mail_that_is_not_taken_is_sent_later(bench: Bench) -> None:
    bench.postbox.is_broken = True
    bench.seen = [DISK]
    await bench.pass_minutes(20)
    # 1, 2, 4 and 8 minutes after one another.
    state = await bench.store.alert_channel("mail")
    assert (state.failures, state.cursor) == (5, 0)
    assert "refuses us" in state.error
    assert [one.name for one in await bench.alerts.failing_channels()] == ["mail"]
    assert b'mla_alert_failures_total{channel="mail"} 5.0' in bench.metrics.expose()

    bench.restart()  # the process died: what was not told is still to be told
    bench.postbox.is_broken = False
    await bench.pass_minutes(20)
    assert len(bench.subjects) == 1
    assert await bench.alerts.failing_channels() == []


async def test_a_mail_has_the_same_id_if_its_telling_was_not_stored(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.seen = [DISK]

    async def broken(_state: object) -> None:
        raise StoreError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "put_alert_channel", broken)
        with pytest.raises(StoreError):
            await bench.pass_minutes(1)
    await bench.pass_minutes(1)

    first, second = bench.postbox.mails
    assert first == second


async def test_less_grave_alerts_are_not_mailed(bench: Bench) -> None:
    bench.least = Severity.CRITICAL
    bench.restart()
    bench.seen = [DISK]
    await bench.pass_minutes(2)
    assert bench.subjects == []
    bench.seen = [WORSE]
    await bench.pass_minutes(1)
    assert bench.subjects == [
        "[MLA gateway moj.ee] critical: The disk is nearly full (disk)"
    ]


async def test_old_news_are_not_told_to_a_new_channel(bench: Bench) -> None:
    bench.has_mail = False
    bench.seen = [DISK]
    await bench.pass_minutes(1)
    bench.seen = []
    await bench.pass_minutes(12)
    bench.clock.advance(8 * 86_400)
    bench.has_mail = True
    bench.seen = [PEER]
    await bench.pass_minutes(1)

    assert len(bench.postbox.mails) == 1
    assert "disk-low" not in bench.postbox.mails[0][2]


async def test_what_heals_by_itself_wakes_nobody(bench: Bench) -> None:
    card = replace(PEER, name="card-not-acknowledged")
    bench.seen = [card]
    await bench.pass_minutes(59)
    bench.seen = []
    await bench.pass_minutes(1)
    bench.seen = [card]
    await bench.pass_minutes(60)
    assert await bench.alerts.page(is_open=True, before=None, limit=9) == []
    await bench.pass_minutes(1)
    (alert,) = await bench.alerts.page(is_open=True, before=None, limit=9)
    assert alert.seen == card
    known = await bench.alerts.acknowledge(alert.number, "kask")
    assert known.acknowledged_by == "kask"


async def test_a_restart_resolves_nothing_that_it_has_not_looked_for(
    bench: Bench,
) -> None:
    bench.seen = [DISK]
    await bench.pass_minutes(1)
    bench.clock.advance(3600)
    bench.restart()
    bench.seen = []
    await bench.pass_minutes(5)
    bench.seen = [DISK]
    await bench.pass_minutes(1)

    assert len(bench.subjects) == 1


async def test_a_channel_can_be_tried(bench: Bench) -> None:
    (taken,) = await bench.alerts.test()
    bench.postbox.is_broken = True
    (refused,) = await bench.alerts.test()

    assert (taken.name, taken.error) == ("mail", "")
    assert "refuses us" in refused.error
    assert bench.subjects == ["[MLA gateway moj.ee] test: nothing has happened"]


def test_several_conditions_of_one_thing_are_one() -> None:
    settled = Settling().settled(
        [DISK, replace(WORSE, text="b", remedy="r")], UnixMs(9)
    )
    (one,) = settled
    assert (one.severity, one.remedy) == (Severity.CRITICAL, "r")
    assert one.text == f"{DISK.text}; b"


async def test_a_failing_store_does_not_end_the_loops(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    class LookedEnoughError(Exception):
        """Ends the loop for this test."""

    async def look() -> Sequence[Condition]:
        looked.append(1)
        if len(looked) > 2:
            raise LookedEnoughError
        raise StoreError("no disk")

    async def nothing(**_wanted: int) -> list[AlertEvent]:
        raise StoreError("no disk")

    monkeypatch.setattr(bench.store, "alert_events", nothing)
    with pytest.RaisesGroup(LookedEnoughError):
        await bench.alerts.run(look)
    assert len(looked) == 3


def test_every_alert_has_a_name_for_programs_and_a_sentence_for_people() -> None:
    for name, kind in ALERTS.items():
        assert name == name.lower()
        assert name.replace("-", "").isalpha()
        assert kind.title[0].isupper()
        assert kind.title[-1] != "."
        assert 0 <= kind.settle_minutes <= 120


def test_never_reminding_is_possible() -> None:
    assert AlertPolicy(repeat_ms=0).repeat_at(3, UnixMs(5)) == 0
