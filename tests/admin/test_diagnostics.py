"""Diagnostics: what is well, what is not, and what to do about it."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from gateway.admin.handlers.diagnostics import DiagnosticHandlers
from gateway.admin.node_shapes import Check
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.core.errors import (
    KeystoreError,
    NotFoundError,
    PeerRefusalError,
    StoreError,
)
from gateway.core.translog.merkle import EMPTY_ROOT
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.trusting import ACT

_PEER = f"peer {PT}"


async def _checks(node: AdminNode, peer: str = "") -> dict[str, Check]:
    async with node.client("operator") as client:
        found = await client.send(calls.diagnostics(peer))
    worst = {check.level for check in found.checks}
    assert found.level == next(one for one in ("fail", "warn", "ok") if one in worst)
    for check in found.checks:
        assert bool(check.remedy) is (check.level != "ok"), check
    return {check.name: check for check in found.checks}


async def _submit(node: AdminNode) -> None:
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        await client.send(calls.submit(request))


async def test_a_node_that_is_well_says_so_line_by_line(node: AdminNode) -> None:
    found = await _checks(node)
    names = ("storage", "log", "disk", _PEER)
    assert [found[name].level for name in names] == ["ok"] * 4


async def test_storage_and_log_that_fail_are_named(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise StoreError("storage: read-only")

    async def locked() -> None:
        raise KeystoreError("log key: locked")

    monkeypatch.setattr(node.trust.store, "probe", broken)
    monkeypatch.setattr(node.services.exchange.checkpoints, "newest", locked)
    found = await _checks(node)
    assert (found["storage"].level, found["log"].level) == ("fail", "fail")
    assert found["storage"].text == "storage: read-only"


async def test_a_queue_that_stands_still_is_seen(node: AdminNode) -> None:
    await _submit(node)
    node.trust.clock.advance(600)
    found = await _checks(node)
    assert found[_PEER].level == "warn"
    assert "10 minutes" in found[_PEER].text


async def test_a_paused_peer_is_not_forgotten(node: AdminNode) -> None:
    async with node.client("operator") as client:
        await client.send(calls.pause_peer(PT))
    assert "paused" in (await _checks(node))[_PEER].text


async def test_one_person_with_all_power_is_warned_of(node: AdminNode) -> None:
    async with node.client("admin") as client:
        await client.send(calls.revoke_token("security", "desk"))
    assert (await _checks(node))["two-persons"].level == "warn"


async def test_a_last_token_that_ends_is_announced(node: AdminNode) -> None:
    assert (await _checks(node))["token"].remedy.startswith("mla-gateway operator")


async def test_a_peer_nobody_listens_for_has_no_route(node: AdminNode) -> None:
    found = await _checks(node, PT)
    assert found["route"].level == "fail"
    assert found["call"].text.startswith("unreachable")


async def test_a_peer_that_answers_is_well_all_along_the_way(node: AdminNode) -> None:
    server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    card = node.peer.make(
        number=2, change=lambda one: msgspec.structs.replace(one, urls=[url])
    )
    await node.services.peers.update(card, ACT)
    node.trust.peers.cards[PT] = card
    found = await _checks(node, PT)
    server.close()
    assert (found["route"].level, found["call"].level) == ("ok", "ok")


@pytest.mark.parametrize(
    ("stage", "name", "code"),
    [("production", "", "stage"), ("test", "evil.example", "untrusted-card")],
)
async def test_who_answers_in_another_way_is_told_apart(
    node: AdminNode, stage: str, name: str, code: str
) -> None:
    node.trust.peers.cards[PT] = b"reachable"
    node.trust.peers.stage = stage
    node.trust.peers.name = name
    assert (await _checks(node, PT))["call"].text.startswith(code)


async def test_a_peer_that_remembers_another_log_of_ours_is_the_worst(
    node: AdminNode,
) -> None:
    node.trust.peers.cards[PT] = b"reachable"
    node.trust.peers.seen = (10**6, EMPTY_ROOT)
    found = await _checks(node, PT)
    assert found["call"].level == "fail"
    assert found["call"].text.startswith("log-out-of-step")


async def test_a_name_that_does_not_resolve_is_told_apart(node: AdminNode) -> None:
    card = node.peer.make(
        number=2,
        change=lambda one: msgspec.structs.replace(one, urls=["https://x.invalid"]),
    )
    await node.services.peers.update(card, ACT)
    assert (await _checks(node, PT))["name"].level == "fail"


async def test_a_peer_that_is_not_configured_is_not_there(node: AdminNode) -> None:
    async with node.client("operator") as client:
        for name in ("nobody.example", "Not An Id"):
            with pytest.raises(NotFoundError):
                await client.send(calls.diagnostics(name))


async def test_a_peer_that_has_not_taken_our_card_is_named(node: AdminNode) -> None:
    name = f"our card at {PT}"
    ours = node.services.our_card.verified().number
    assert (await _checks(node))[name].level == "warn"
    await node.trust.store.record_card_acknowledged(PT, ours)
    assert name not in await _checks(node)
    await node.services.our_card.issue("asked-for", ACT)
    found = (await _checks(node))[name]
    assert found.text == f"number {ours + 1} was not taken yet, the last was {ours}"


async def test_a_peer_that_has_not_added_us_is_told_what_it_saw(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_peer: str) -> None:
        raise PeerRefusalError("they do not know us", code="stranger")

    monkeypatch.setattr(node.services.peers, "ping", refused)
    seen = replace(node.services, certificate_seen=lambda: "ab" * 32)
    checks = await DiagnosticHandlers(seen).way_to(PT)
    (call,) = [check for check in checks if check.name == "call"]
    assert call.text == (
        "stranger: they do not know us; they saw a certificate with SHA-256 "
        + "ab" * 32
    )
    assert "peer card" in call.remedy


async def test_messages_that_will_expire_are_told_by_peer(node: AdminNode) -> None:
    async def found() -> list[str]:
        checks = await DiagnosticHandlers(node.services).node()
        return [one.level for one in checks if one.alert == "message-near-expiry"]

    await _submit(node)
    assert await found() == []
    node.trust.clock.advance(29 * 86_400)
    assert await found() == ["warn"]
    node.trust.clock.advance(86_400 - 3_600)
    assert await found() == ["fail"]


async def test_keys_of_a_peer_that_end_are_announced(node: AdminNode) -> None:
    node.trust.clock.advance(400 * 86_400)
    found = [
        check
        for check in await DiagnosticHandlers(node.services).node()
        if check.alert == "peer-key-ending"
    ]
    assert [check.level for check in found] == ["fail"]
