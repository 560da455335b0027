"""What the monitors say through the API."""

from dataclasses import replace

import pytest

from gateway.admin.opening_shapes import OpenRequest
from gateway.admin.shapes import SubmitRequest
from gateway.admin.watch_shapes import LogCheckState, OwedItem, OwedPage, OwedQuery
from gateway.client import calls, watch_calls
from gateway.core.errors import NotFoundError, UsageError
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.checking import LogPage
from gateway.ports.traffic import Hole, PeerTraffic
from tests.support.admin_api import PT, AdminNode, request_form

HOUR_S = 3_600
_PEER = f"peer {PT}"


async def _submit(node: AdminNode) -> str:
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


async def _check(node: AdminNode) -> LogCheckState:
    async with node.client("operator") as client:
        return await client.send(watch_calls.log_check())


async def _owed(node: AdminNode, query: OwedQuery) -> OwedPage:
    async with node.client("auditor") as client:
        return await client.send(watch_calls.log_owed(query))


async def _walk(node: AdminNode) -> None:
    monitor = node.services.monitor
    await monitor.begin()
    while monitor.state().whole is None:
        await monitor.walk_on()


async def test_a_sound_store_is_said_to_be_sound(node: AdminNode) -> None:
    await _submit(node)
    before = await _check(node)
    assert (before.sound, before.whole_at, before.followed) == (True, "", 0)
    await _walk(node)

    state = await _check(node)
    assert (state.sound, state.findings) == (True, ())
    assert state.whole_entries == state.followed == state.size
    assert (state.whole_messages, state.whole_at != "") == (1, True)


async def test_findings_are_shown_and_diagnosed(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = node.trust.store.log_page

    async def tampered(start: int, limit: int) -> LogPage:
        page = await real(start, limit)
        changed = [
            replace(one, kind="x.y") if one.index == 1 else one for one in page.entries
        ]
        return replace(page, entries=changed)

    monkeypatch.setattr(node.trust.store, "log_page", tampered)
    await _walk(node)

    state = await _check(node)
    assert not state.sound
    (finding,) = state.findings
    assert (finding.code, finding.place) == ("entry-misplaced", "entry 1")
    async with node.client("operator") as client:
        found = await client.send(calls.diagnostics(""))
    (check,) = [one for one in found.checks if one.name == "log check"]
    assert (check.level, "entry-misplaced: entry 1" in check.text) == ("fail", True)


async def test_a_check_that_is_a_day_old_is_worth_a_warning(node: AdminNode) -> None:
    await _walk(node)
    # Tokens last a day: the check is moved back, not the clock on.
    node.services.monitor._whole_s -= 25 * HOUR_S
    async with node.client("operator") as client:
        found = await client.send(calls.diagnostics(""))
    assert [one.level for one in found.checks if one.name == "log check"] == ["warn"]


async def test_what_a_peer_owes_is_listed_page_by_page(node: AdminNode) -> None:
    sent = [await _submit(node) for _ in range(3)]
    assert (await _owed(node, OwedQuery())).items == ()
    node.trust.clock.advance(HOUR_S)

    first = await _owed(node, OwedQuery(limit=2))
    second = await _owed(node, OwedQuery(limit=2, cursor=first.next))
    assert [one.message for one in (*first.items, *second.items)] == sent
    assert second.next == ""
    expected = ("pgr.pt", "peer", "receipt")
    item = first.items[0]
    assert (item.peer, item.debtor, item.what) == expected
    assert item.log_index > 0
    assert (await _owed(node, OwedQuery(peer=PT))).items == (
        *first.items,
        *second.items,
    )


async def test_what_we_owe_is_listed_as_well(node: AdminNode) -> None:
    message_id = await node.receive()
    async with node.client("caseworker") as client:
        await client.send(
            calls.open_message(message_id, OpenRequest(purpose="answering"))
        )
    node.trust.clock.advance(HOUR_S)

    page = await _owed(node, OwedQuery())
    assert [(one.debtor, one.what, one.message) for one in page.items] == [
        ("us", "our-receipt", message_id),
        ("us", "our-event", message_id),
    ]
    assert isinstance(page.items[0], OwedItem)


async def test_a_peer_or_cursor_that_is_none_is_refused(node: AdminNode) -> None:
    with pytest.raises(NotFoundError):
        await _owed(node, OwedQuery(peer="nobody.example"))
    for cursor in ("x", "receipt:1", "other:1:pgr.pt", "receipt:-1:pgr.pt"):
        with pytest.raises(UsageError):
            await _owed(node, OwedQuery(cursor=cursor))


async def test_holes_of_both_sides_are_shown_and_diagnosed(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = node.trust.store.traffic
    old = UnixMs(node.trust.clock.now() - 600_000)

    async def with_holes(peer: AuthorityId, now: UnixMs) -> PeerTraffic:
        return replace(await real(peer, now), holes=(Hole(3, 4, old), Hole(7, 7, now)))

    monkeypatch.setattr(node.trust.store, "traffic", with_holes)
    monkeypatch.setattr(
        node.services.peers._numbers, "_alarming", {(PT, "sent"): [(8, 9)]}
    )
    async with node.client("operator") as client:
        shown = await client.send(calls.show_peer(PT))
        found = await client.send(calls.diagnostics(""))
    assert (shown.holes, shown.missing_there) == (((3, 4), (7, 7)), ((8, 9),))
    checks = [one for one in found.checks if one.name == _PEER]
    assert [one.level for one in checks] == ["fail", "warn", "fail"]
    assert "messages 3 to 4 did not come" in checks[0].text
    assert "our messages 8 to 9 never came" in checks[2].text
