"""A message that vanishes between two nodes alarms both (section 10.7)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from gateway.core.errors import NotFoundError
from gateway.core.missing import MissingReply
from gateway.core.values import AuthorityId, MessageId
from gateway.storage.operations import sequences
from gateway.storage.sqlite.transaction import SqliteTransaction
from gateway.storage.store import TransactionalStore
from tests.support.pair import Side, Wire
from tests.support.surroundings import NoMetrics

Two = tuple[Side, Side]
TEN_MINUTES_S = 600
LATER = 2**50


@dataclass
class Gauges(NoMetrics):
    """Remembers what figures were set to."""

    values: dict[tuple[str, ...], float] = field(default_factory=dict)

    def gauge(self, name: str, value: float, /, **labels: str) -> None:
        self.values[name, *labels.values()] = value


async def change(side: Side, work: Callable[[SqliteTransaction], object]) -> None:
    """Change a side's database by force."""

    def operation(tx: object) -> None:
        assert isinstance(tx, SqliteTransaction)
        work(tx)

    assert isinstance(side.store, TransactionalStore)
    await side.store._runner.write(operation)


async def lose(side: Side, message_id: MessageId) -> None:
    """Take a message out of a store, with its number, as if it had never been."""
    row = await side.row(message_id)

    def work(tx: SqliteTransaction) -> None:
        sequences.settle(tx, row.peer, [row.seq])
        tx._engine.execute("DELETE FROM message WHERE id = ?", (message_id,))

    await change(side, work)


async def keep_back(side: Side, message_id: MessageId, until: int) -> None:
    """Let a queued message not be tried before a moment."""
    statement = "UPDATE message SET next_attempt_at = ? WHERE id = ?"
    await change(side, lambda tx: tx._engine.execute(statement, (until, message_id)))


async def sent(side: Side, count: int) -> list[MessageId]:
    return [(await side.send()).accepted.id for _ in range(count)]


def watched(two: Two) -> tuple[Gauges, Gauges]:
    made = []
    for side in two:
        gauges = Gauges()
        side.numbers._exchange = replace(side.exchange, metrics=gauges)
        made.append(gauges)
    return made[0], made[1]


async def look(two: Two) -> None:
    # The receiver first: the sender asks what it found.
    for side in reversed(two):
        await side.numbers.look()


async def test_a_message_that_vanished_alarms_both_sides_after_ten_minutes(
    two: Two,
) -> None:
    ee, pt = two
    at_ee, at_pt = watched(two)
    first, second, *_ = await sent(ee, 4)
    await lose(ee, first)
    await lose(ee, second)
    assert await ee.deliver() == 2
    (hole,) = (await pt.store.traffic(ee.authority, pt.clock.now())).holes
    assert (hole.first, hole.last) == (1, 2)

    await look(two)
    assert at_pt.values["mla_seq_holes", "moj.ee", "received"] == 0
    assert ee.numbers.missing_there(pt.authority) == ()

    pt.clock.advance(TEN_MINUTES_S)
    await look(two)
    assert at_pt.values["mla_seq_holes", "moj.ee", "received"] == 2
    assert at_ee.values["mla_seq_holes", "pgr.pt", "sent"] == 2
    assert ee.numbers.missing_there(pt.authority) == [(1, 2)]
    assert pt.numbers.missing_there(ee.authority) == ()


async def test_what_its_sender_says_is_under_way_is_no_hole(two: Two) -> None:
    ee, pt = two
    at_ee, at_pt = watched(two)
    kept, _ = await sent(ee, 2)
    await keep_back(ee, kept, LATER)
    assert await ee.deliver() == 1
    traffic = await pt.store.traffic(ee.authority, pt.clock.now())
    assert (traffic.missing_seqs, traffic.holes) == (((1, 1),), ())

    pt.clock.advance(TEN_MINUTES_S)
    await look(two)
    assert at_pt.values["mla_seq_holes", "moj.ee", "received"] == 0
    assert at_ee.values["mla_seq_holes", "pgr.pt", "sent"] == 0

    await keep_back(ee, kept, 0)
    assert await ee.deliver() == 1
    assert (await pt.store.traffic(ee.authority, pt.clock.now())).missing_seqs == ()


async def test_what_was_under_way_and_is_not_any_more_becomes_a_hole(two: Two) -> None:
    ee, pt = two
    kept, _ = await sent(ee, 2)
    await keep_back(ee, kept, LATER)
    await ee.deliver()
    await lose(ee, kept)
    pt.clock.advance(60)
    await sent(ee, 1)
    await ee.deliver()

    (hole,) = (await pt.store.traffic(ee.authority, pt.clock.now())).holes
    assert (hole.first, hole.last, hole.since) == (1, 1, pt.clock.now())


async def test_a_hole_that_closes_ends_the_alarm(two: Two) -> None:
    ee, pt = two
    at_ee, at_pt = watched(two)
    lost, _ = await sent(ee, 2)
    row = await ee.row(lost)
    await keep_back(ee, lost, LATER)
    await change(ee, lambda tx: sequences.settle(tx, row.peer, [row.seq]))
    await ee.deliver()
    pt.clock.advance(TEN_MINUTES_S)
    await look(two)
    assert at_ee.values["mla_seq_holes", "pgr.pt", "sent"] == 1

    await keep_back(ee, lost, 0)
    await ee.deliver()
    await look(two)
    assert at_pt.values["mla_seq_holes", "moj.ee", "received"] == 0
    assert at_ee.values["mla_seq_holes", "pgr.pt", "sent"] == 0
    assert ee.numbers.missing_there(pt.authority) == ()


class Older(Wire):
    """A way to a node of a version that knows no such call."""

    async def missing_numbers(self, peer: AuthorityId) -> MissingReply:
        raise NotFoundError(f"{peer}: no such method and path")


async def test_a_peer_without_this_call_is_not_asked_in_vain(two: Two) -> None:
    ee, pt = two
    wire = Older(ee.authority, other=pt)
    ee.numbers._exchange = replace(ee.exchange, transport=wire)

    await ee.numbers.look()

    assert ee.numbers.missing_there(pt.authority) == ()


@pytest.mark.parametrize("wrong", [[(0, 1)], [(5, 3)], [(1, 1)] * 65])
def test_a_reply_that_can_not_be_is_refused(wrong: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="missing"):
        MissingReply(missing=wrong)
