"""The node over the API: peers, log, people, figures, health."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.admin import node_shapes, people_shapes, shapes
from gateway.client import calls
from gateway.core.errors import (
    ConflictError,
    MaintenanceError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    StoreError,
    UnreachableError,
    UntrustedCardError,
    UsageError,
)
from gateway.core.operators import Role
from gateway.core.translog.checkpoint import verify_checkpoint
from gateway.core.translog.merkle import leaf_hash, root_of
from gateway.core.translog.tiles import split_tile
from gateway.core.values import AuthorityId
from gateway.ports.checking import LogPage
from gateway.ports.log import StoredEntry
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.cards import CardMaker


async def _submit(node: AdminNode) -> str:
    request = shapes.SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


# --- peers ---


async def test_a_peer_is_shown_with_how_exchange_goes(node: AdminNode) -> None:
    await _submit(node)
    async with node.client("operator") as client:
        shown = await client.send(calls.show_peer(PT))
        every = await client.send(calls.list_peers())
    assert every.items == (shown,)
    assert shown.fingerprint == node.peer.root.fingerprint
    assert (shown.queued, shown.held, shown.failures) == (1, 0, 0)
    assert shown.compared_how == "read out by phone"
    assert shown.peer_log_size == 1


async def test_a_peer_is_added_by_card_and_compared_fingerprint(
    node: AdminNode,
) -> None:
    maker = CardMaker(authority=AuthorityId("bmj.de"))
    card = base64.b64encode(maker.make()).decode()
    wrong = node_shapes.AddPeerRequest(card=card, fingerprint="0" * 64, how="by phone")
    right = node_shapes.AddPeerRequest(
        card=card, fingerprint=maker.root.fingerprint.upper(), how="by phone"
    )
    async with node.client("security") as client:
        with pytest.raises(UntrustedCardError):
            await client.send(calls.add_peer(wrong))
        await node.approved_by_admin(client, calls.add_peer(right))
        added = await client.send(calls.show_peer("bmj.de"))
        with pytest.raises(ConflictError):
            await client.send(calls.add_peer(right))
    assert added.id == "bmj.de"
    assert added.compared_by == "security"
    entry = (await node.entries("config.trust"))[-1]
    assert (entry["res"], entry["actor"]) == ("peer-added", "security")


async def test_a_newer_card_is_taken_for_the_peer_that_is_named(
    node: AdminNode,
) -> None:
    newer = base64.b64encode(node.peer.make(number=2)).decode()
    other = CardMaker(authority=AuthorityId("bmj.de")).make()
    async with node.client("security") as client:
        await node.approved_by_admin(client, calls.update_card(PT, newer))
        updated = await client.send(calls.update_card(PT, newer))
        with pytest.raises(NotFoundError):
            await client.send(calls.update_card("bmj.de", newer))
        for wrong in ("not base64", base64.b64encode(other).decode()):
            with pytest.raises(UsageError):
                await client.send(calls.update_card(PT, wrong))
    assert updated.card_number == 2


async def test_a_paused_peer_holds_what_is_submitted(node: AdminNode) -> None:
    async with node.client("operator") as client:
        assert (await client.send(calls.pause_peer(PT))).paused
        await _submit(node)
        shown = await client.send(calls.show_peer(PT))
        assert (shown.queued, shown.held) == (0, 1)
        assert not (await client.send(calls.resume_peer(PT))).paused


async def test_a_peer_is_removed_but_not_while_messages_wait(node: AdminNode) -> None:
    await _submit(node)
    async with node.client("security") as client:
        with pytest.raises(ConflictError):
            await client.send(calls.remove_peer(PT))
        await client.send(calls.remove_peer(PT, is_forced=True))
        with pytest.raises(NotFoundError):
            await client.send(calls.show_peer(PT))


async def test_a_ping_says_how_long_it_took_or_that_nobody_answers(
    node: AdminNode,
) -> None:
    async with node.client("operator") as client:
        with pytest.raises(UnreachableError):
            await client.send(calls.ping_peer(PT))
        node.trust.peers.cards[PT] = b"reachable"
        answer = await client.send(calls.ping_peer(PT))
        with pytest.raises(NotFoundError):
            await client.send(calls.ping_peer("bmj.de"))
    assert (answer.peer, answer.clock_offset_ms, answer.problem) == (PT, 0, "")


async def test_our_card_and_fingerprint_are_what_peers_get(node: AdminNode) -> None:
    async with node.client("observer") as client:
        card = await client.send(calls.own_card())
    assert card.authority == "moj.ee"
    assert card.fingerprint == node.trust.keyring.fingerprint
    assert base64.b64decode(card.card) == node.services.our_card.current()


# --- the log ---


async def test_the_checkpoint_is_signed_and_of_the_log_as_it_stands(
    node: AdminNode,
) -> None:
    async with node.client("auditor") as client:
        shown = await client.send(calls.log_checkpoint())
    verified = verify_checkpoint(
        shown.note.encode(),
        origin=shown.origin,
        keys=node.trust.keyring.log.vkeys,
    )
    head = await node.trust.store.log_head()
    assert (verified.size, verified.root) == (head.size, head.root)
    assert shown.root == base64.b64encode(head.root).decode()


async def test_entries_are_shown_as_they_are_hashed_with_what_they_disclose(
    node: AdminNode,
) -> None:
    await _submit(node)
    async with node.client("auditor") as client:
        page = await client.send(calls.log_entries(node_shapes.EntriesQuery(start=0)))
        one = await client.send(calls.log_entry(0))
        last = await client.send(calls.log_entries(node_shapes.EntriesQuery(limit=1)))
        with pytest.raises(NotFoundError):
            await client.send(calls.log_entry(10**9))
    assert page.items[0] == one
    assert page.next == page.size == len(page.items)
    assert last.items[0].index == last.size - 1
    for entry in page.items:
        assert leaf_hash(entry.leaf.encode()).hex() == entry.leaf_hash
    (sent,) = [entry for entry in page.items if entry.kind == "msg.send"]
    assert sent.disclosed["actor"] == "caseworker"


async def test_following_the_log_waits_for_the_next_entry(node: AdminNode) -> None:
    async with node.client("auditor") as client:
        page = await client.send(calls.log_entries(node_shapes.EntriesQuery()))
        await _submit(node)
        query = node_shapes.EntriesQuery(start=page.next, wait=5)
        more = await client.send(calls.log_entries(query))
    assert [entry.kind for entry in more.items] == ["msg.send"]


async def test_tiles_and_bundles_give_the_signed_tree(node: AdminNode) -> None:
    await _submit(node)
    async with node.client("auditor") as client:
        await client.send(calls.log_entries(node_shapes.EntriesQuery()))
        checkpoint = await client.send(calls.log_checkpoint())
        width = checkpoint.size
        tile = await client.send(calls.log_tile(f"tile/0/000.p/{width}"))
        bundle = await client.send(calls.log_tile(f"tile/entries/000.p/{width}"))
        for path in ("tile/0/001", "tile/entries/000", "tile/9/000", "tile/x"):
            with pytest.raises(NotFoundError):
                await client.send(calls.log_tile(path))
    hashes = split_tile(tile, width)
    assert base64.b64encode(root_of(hashes)).decode() == checkpoint.root
    assert [leaf_hash(raw) for raw in _unbundled(bundle)] == list(hashes)


def _unbundled(raw: bytes) -> list[bytes]:
    entries = []
    while raw:
        length = int.from_bytes(raw[:2], "big")
        entries.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    return entries


async def test_the_whole_log_is_hashed_again(node: AdminNode) -> None:
    await _submit(node)
    async with node.client("auditor") as client:
        checkpoint = await client.send(calls.log_checkpoint())
        result = await client.send(calls.verify_log())
    assert result.verified
    assert result.size >= checkpoint.size
    assert result.checkpoint_size == checkpoint.size


def _rewritten(entry: StoredEntry) -> StoredEntry:
    leaf = json.loads(entry.data) | {"prev": "0" * 64}
    raw = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    return replace(entry, data=raw, leaf_hash=leaf_hash(raw))


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (
            lambda one: replace(one, data=one.data + b" "),
            "entry-changed",
            "entry 1",
        ),
        (lambda one: replace(one, kind="msg.send"), "entry-misplaced", "entry 1"),
        (lambda one: replace(one, index=one.index + 1), "entry-missing", "entry 1"),
        (_rewritten, "chain-broken", "entry 1"),
    ],
)
async def test_a_changed_entry_is_found_and_named(
    node: AdminNode,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[StoredEntry], StoredEntry],
    code: str,
    place: str,
) -> None:
    real = node.trust.store.log_page

    async def tampered(start: int, limit: int) -> LogPage:
        page = await real(start, limit)
        entries = [change(one) if one.index == 1 else one for one in page.entries]
        return replace(page, entries=entries)

    monkeypatch.setattr(node.trust.store, "log_page", tampered)
    async with node.client("auditor") as client:
        result = await client.send(calls.verify_log())
    assert not result.verified
    assert (result.findings[0].code, result.findings[0].place) == (code, place)
    assert result.problem.startswith(f"{code}: {place}: ")


async def test_a_log_that_was_signed_further_is_found(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = node.trust.store.log_page

    async def cut(start: int, limit: int) -> LogPage:
        page = await real(start, limit)
        return replace(page, head=replace(page.head, signed_size=10**6))

    monkeypatch.setattr(node.trust.store, "log_page", cut)
    async with node.client("auditor") as client:
        result = await client.send(calls.verify_log())
    assert [one.code for one in result.findings] == ["log-cut"]
    assert result.findings[0].contradicts_signed


# --- people ---


async def test_an_account_gets_in_with_a_token_and_out_without(
    node: AdminNode,
) -> None:
    async with node.client("security") as client:
        await node.approved_by_admin(
            client,
            calls.add_operator(
                people_shapes.AddOperatorRequest(name="bob", roles=(Role.AUDITOR,))
            ),
        )
        added = (await client.send(calls.list_operators())).items[3]
        issued = await client.send(
            calls.create_token(
                people_shapes.CreateTokenRequest(operator="bob", label="desk", days=30)
            )
        )
        node.tokens = {**node.tokens, "bob": issued.token}
        async with node.client("bob") as bob:
            session = await bob.send(calls.session())
            assert (session.name, session.roles) == ("bob", (Role.AUDITOR,))
            both = (Role.OBSERVER, Role.AUDITOR)
            await node.approved_by_admin(client, calls.set_roles("bob", both))
            await client.send(calls.set_roles("bob", (Role.OBSERVER,)))
            session = await bob.send(calls.session())
            assert session.roles == (Role.OBSERVER,)
            await client.send(calls.revoke_token("bob", "desk"))
            with pytest.raises(NotAuthenticatedError):
                await bob.send(calls.session())
        await client.send(calls.remove_operator("bob"))
        with pytest.raises(NotFoundError):
            await client.send(calls.remove_operator("bob"))
    assert added == people_shapes.Operator(name="bob", roles=(Role.AUDITOR,))


async def test_a_list_of_accounts_shows_no_token(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/operators"
    async with node.session.get(url, headers=node.headers("security")) as response:
        text = await response.text()
    assert {one["name"] for one in json.loads(text)["items"]} >= {"admin", "observer"}
    for token in node.tokens.values():
        assert token not in text


async def test_an_unknown_role_is_refused(node: AdminNode) -> None:
    body = json.dumps({"name": "bob", "roles": ["root"]}).encode()
    headers = node.headers("security") | {"Content-Type": "application/json"}
    url = f"{node.url}/api/v1/operators"
    async with node.session.post(url, data=body, headers=headers) as response:
        assert response.status == 400


async def test_nobody_can_lock_everybody_out(node: AdminNode) -> None:
    async with node.client("admin") as client:
        await client.send(calls.remove_operator("security"))
        with pytest.raises(ConflictError):
            await client.send(calls.remove_operator("admin"))


# --- figures and health ---


async def test_accepted_equals_the_sum_of_states_at_every_step(node: AdminNode) -> None:
    async with node.client("observer") as client:
        assert (await client.send(calls.stats())).balanced
        first, _ = await _submit(node), await _submit(node)
        await node.deliver(first)
        stats = await client.send(calls.stats())
    assert stats.balanced
    assert stats.accepted == 2
    assert (stats.states["queued"], stats.states["delivered"]) == (1, 1)
    (peer,) = stats.peers
    assert (peer.peer, peer.accepted, peer.balanced) == (PT, 2, True)


async def test_ready_means_that_a_durable_write_just_worked(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0

    async def broken() -> None:
        nonlocal writes
        writes += 1
        raise StoreError("storage: read-only")

    async with node.client() as client:
        assert (await client.send(calls.readyz())).status == "ready"
        monkeypatch.setattr(node.trust.store, "probe", broken)
        # Within a second the last result is given again: asking is not free.
        assert (await client.send(calls.readyz())).status == "ready"
        assert writes == 0
        node.trust.clock.advance(2)
        with pytest.raises(StoreError):
            await client.send(calls.readyz())
        assert (await client.send(calls.livez())).status == "live"


async def test_a_node_that_stops_is_not_ready(node: AdminNode) -> None:
    node.server._waiting.stop()
    async with node.client() as client:
        with pytest.raises(MaintenanceError):
            await client.send(calls.readyz())


async def test_figures_and_health_name_nobody(node: AdminNode) -> None:
    sent = await _submit(node)
    for path in ("/metrics", "/livez", "/readyz"):
        async with node.session.get(node.url + path) as response:
            text = await response.text()
        assert sent not in text
        assert response.status == 200
        assert "caseworker" not in text


async def test_the_description_is_served_to_anyone_here(node: AdminNode) -> None:
    async with node.session.get(f"{node.url}/api/openapi.json") as response:
        document = await response.json(content_type=None)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == "1.2.3"


async def test_the_way_to_a_peer_is_changed_by_security_alone(node: AdminNode) -> None:
    async with node.client("operator") as client:
        with pytest.raises(NotAllowedError):
            await client.send(calls.set_peer_proxy(PT, "direct"))
    async with node.client("security") as client:
        for way in ("direct", "http://proxy.moj.ee:3128", ""):
            changed = await client.send(calls.set_peer_proxy(PT, way))
            assert changed.proxy == way
            policy = node.services.peers.find(PT).peer.policy
            assert policy.proxy == way
        for way in ("proxy.moj.ee", "https://proxy.moj.ee:1", "http://u:p@proxy:1"):
            with pytest.raises(UsageError):
                await client.send(calls.set_peer_proxy(PT, way))
