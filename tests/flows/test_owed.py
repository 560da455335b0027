"""Who owes whom a receipt, between two authorities (specification, section 8.12)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.core.errors import UnreachableError, UsageError
from gateway.flows.owed import OwedReport
from gateway.ports.owed import OwedKind
from tests.flows.test_numbers import Gauges
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
HOUR_S = 3_600


def report(side: Side, covered: Callable[[], int] = lambda: 2**40) -> OwedReport:
    async def size(_origin: str) -> int:
        return covered()

    return OwedReport(side.exchange, size)


async def owed(side: Side, asked: OwedReport | None = None) -> list[tuple[str, str]]:
    """Return what and of which message, page by page."""
    asked = asked or report(side)
    found, cursor = [], ""
    while True:
        lines, cursor = await asked.page([side.other], cursor=cursor, limit=1)
        found += [(one.kind.value, str(one.owed.message_id)) for one in lines]
        if not cursor:
            return found


async def test_between_two_that_exchange_nothing_stays_owed(two: Two) -> None:
    ee, pt = two
    message_id = (await ee.send()).accepted.id
    assert await owed(ee) == []
    ee.clock.advance(HOUR_S)
    assert await owed(ee) == [("receipt", message_id)]

    await ee.deliver()
    await pt.validation.validate_some()
    await pt.open.open(message_id, CASEWORKER)
    pt.clock.advance(HOUR_S)
    assert await owed(ee) == []
    assert await owed(pt) == [("our-receipt", message_id), ("our-event", message_id)]

    assert await pt.telling.tell_due(pt.other) == 1
    await ee.send()
    await ee.deliver()
    assert await owed(pt) == []


async def test_a_receipt_that_was_lost_on_the_way_is_owed_on_both_sides(
    two: Two,
) -> None:
    ee, pt = two
    message_id = (await ee.send()).accepted.id
    ee.wire.loses_replies = True
    with pytest.raises(UnreachableError):
        await ee.deliver()
    ee.clock.advance(HOUR_S)

    assert await owed(ee) == [("receipt", message_id)]
    assert await owed(pt) == [("our-receipt", message_id)]


async def test_a_receipt_that_only_its_own_log_speaks_for_is_owed_a_witness(
    two: Two,
) -> None:
    ee, pt = two
    message_id = (await ee.send()).accepted.id
    await ee.deliver()
    ee.clock.advance(HOUR_S)
    (proof,) = await ee.store.proofs(message_id)

    assert await owed(ee, report(ee, lambda: proof.proof.index)) == [
        ("witness", message_id)
    ]
    assert await owed(ee, report(ee, lambda: proof.proof.index + 1)) == []
    assert pt.authority == proof.origin.partition("/")[0]


async def test_what_is_owed_is_counted_for_each_peer(two: Two) -> None:
    ee, _ = two
    gauges = Gauges()
    for _ in range(3):
        await ee.send()
    ee.clock.advance(HOUR_S)
    asked = report(ee)
    asked._exchange = replace(ee.exchange, metrics=gauges)
    await asked.measure()

    assert gauges.values == {
        ("mla_owed", "pgr.pt", kind.value): 3 if kind is OwedKind.RECEIPT else 0
        for kind in OwedKind
    }


@pytest.mark.parametrize("cursor", ["receipt", "other:1:pgr.pt", "receipt:x:pgr.pt"])
async def test_a_cursor_of_another_list_is_refused(two: Two, cursor: str) -> None:
    with pytest.raises(UsageError):
        await report(two[0]).page([two[0].other], cursor=cursor, limit=1)
