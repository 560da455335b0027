"""Changing trust: what the log says is in force, wherever a change was cut off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConfigError, StoreError
from gateway.core.operators import Operator, Role
from gateway.core.values import Stage, UnixMs
from gateway.flows.trust import TrustChanges, TrustNote
from gateway.ports.people import Beside, Moved
from gateway.ports.store import Store
from gateway.ports.trust import TrustChange, TrustEdit
from gateway.trust.directory import TrustDirectory
from tests.support.trusting import ACT, ADMIN, TrustingNode, trusting_node

BOB = Operator("bob", frozenset({Role.OBSERVER}))
CAROL = Operator("carol", frozenset({Role.OBSERVER}))
NOTE = TrustNote(TrustChange.OPERATOR_ADDED, ACT)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        yield made


def append_with(
    store: Store,
    patch: pytest.MonkeyPatch,
    act: Callable[[Callable[[], Awaitable[list[Moved]]]], Awaitable[list[Moved]]],
) -> None:
    """Have the store append in a way of the test's."""
    append = store.commit_trust

    async def appended(entry: EntryDraft, beside: Beside, now: UnixMs) -> list[Moved]:
        return await act(lambda: append(entry, beside, now))

    patch.setattr(store, "commit_trust", appended)


async def put(node: TrustingNode, operator: Operator) -> None:
    async with node.changes.turn:
        await node.changes.commit(TrustEdit(put_operators=(operator,)), NOTE)


async def test_a_change_that_could_not_be_logged_is_not_in_force(
    node: TrustingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_append: Callable[[], Awaitable[list[Moved]]]) -> list[Moved]:
        raise StoreError("disk is gone")

    with monkeypatch.context() as patch:
        append_with(node.store, patch, fail)
        with pytest.raises(StoreError):
            await put(node, BOB)
    assert node.directory.operators() == [ADMIN]
    await put(node, CAROL)
    assert node.directory.operators() == [ADMIN, CAROL]


async def test_a_change_that_was_logged_is_in_force_though_the_answer_was_lost(
    node: TrustingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(append: Callable[[], Awaitable[list[Moved]]]) -> list[Moved]:
        await append()
        raise StoreError("unknown outcome")

    with monkeypatch.context() as patch:
        append_with(node.store, patch, lose)
        with pytest.raises(StoreError):
            await put(node, BOB)
    assert node.directory.operators() == [ADMIN, BOB]


async def test_what_could_not_be_found_out_at_once_is_found_out_before_the_next_change(
    node: TrustingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(append: Callable[[], Awaitable[list[Moved]]]) -> list[Moved]:
        await append()
        raise StoreError("unknown outcome")

    async def fail() -> None:
        raise StoreError("still away")

    with monkeypatch.context() as patch:
        append_with(node.store, patch, lose)
        patch.setattr(node.store, "probe", fail)
        with pytest.raises(StoreError, match="still away"):
            await put(node, BOB)
    assert node.directory.operators() == [ADMIN]
    await put(node, CAROL)
    # The change that was logged is not lost under the next one.
    assert node.directory.operators() == [ADMIN, BOB, CAROL]


async def test_a_caller_that_goes_away_leaves_nothing_half_done(
    node: TrustingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(append: Callable[[], Awaitable[list[Moved]]]) -> list[Moved]:
        await append()
        return await asyncio.Future()

    with monkeypatch.context() as patch:
        append_with(node.store, patch, hang)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await put(node, BOB)
    assert node.directory.operators() == [ADMIN, BOB]
    await put(node, CAROL)
    assert node.directory.operators() == [ADMIN, BOB, CAROL]


async def test_a_restart_finishes_what_was_logged(
    node: TrustingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_digest: object) -> None:
        raise ConfigError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(node.directory, "load", die)
        with pytest.raises(ConfigError, match="killed"):
            await put(node, BOB)
    restarted = TrustDirectory(node.layout.folder, Stage.TEST)
    await TrustChanges(restarted, node.store, node.clock).load()
    assert restarted.operators() == [ADMIN, BOB]


async def test_changes_take_turns(node: TrustingNode) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(put(node, BOB))
        tasks.create_task(put(node, CAROL))
    assert node.directory.operators() == [ADMIN, BOB, CAROL]
    assert (await node.logged())[-1].fields["dig"] == node.listing_digest()


async def test_an_old_state_of_all_files_is_refused(
    node: TrustingNode,
) -> None:
    old = {path: path.read_bytes() for path in trust_files(node)}
    await put(node, BOB)
    for path in trust_files(node):
        path.unlink()
    for path, content in old.items():
        path.touch(mode=0o600)
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"trust\.sha256: digest"):
        await node.changes.load()


async def test_without_any_logged_trust_nothing_starts(
    node: TrustingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_kind: str) -> None:
        return None

    monkeypatch.setattr(node.store, "newest_entry", nothing)
    with pytest.raises(ConfigError, match="init"):
        await node.changes.load()


def trust_files(node: TrustingNode) -> list[Path]:
    folder = node.layout.folder
    return [*folder.glob("operators/*.toml"), folder / "trust.sha256"]
