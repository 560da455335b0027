"""Operators and their tokens: every change logged, in force at once, never the last."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.core.errors import (
    ConfigError,
    ConflictError,
    NotFoundError,
    UsageError,
)
from gateway.core.limits import MAX_TOKEN_LIFETIME_MS
from gateway.core.operators import Role
from gateway.flows.operators import Operators, TokenRequest
from tests.support.trusting import ACT, ADMIN, ADMIN_TOKEN, TrustingNode, trusting_node

BOTH = frozenset({Role.AUDITOR, Role.OBSERVER})


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[TrustingNode]:
    async with trusting_node(tmp_path) as made:
        yield made


@pytest.fixture
def operators(node: TrustingNode) -> Operators:
    return Operators(node.changes, node.clock)


async def test_adding_an_operator_is_logged_with_the_digest_of_all_files(
    node: TrustingNode, operators: Operators
) -> None:
    await operators.add("bob", BOTH, ACT)
    assert [one.name for one in operators.all()] == ["admin", "bob"]
    entry = (await node.logged())[-1]
    assert entry.fields == {"dig": node.listing_digest(), "res": "operator-added"}
    # Who did it and to whom is disclosed to those entitled, not in the clear.
    assert len(entry.disclosure_digests) == 4


async def test_a_name_is_taken_once(operators: Operators) -> None:
    with pytest.raises(ConflictError):
        await operators.add("admin", BOTH, ACT)


async def test_a_new_token_logs_in_at_once_and_a_revoked_one_no_more(
    node: TrustingNode, operators: Operators
) -> None:
    await operators.add("bob", BOTH, ACT)
    request = TokenRequest(label="desk", roles=frozenset({Role.AUDITOR}))
    issued = await operators.create_token("bob", request, ACT)
    caller = node.directory.authenticate(issued.text, node.clock.now())
    assert caller is not None
    assert caller.roles == {Role.AUDITOR}
    await operators.revoke_token("bob", "desk", ACT)
    assert node.directory.authenticate(issued.text, node.clock.now()) is None
    changes = [entry.fields["res"] for entry in await node.logged()]
    assert changes == ["initial", "operator-added"] + ["operator-changed"] * 2


async def test_a_tokens_text_is_kept_nowhere(
    node: TrustingNode, operators: Operators
) -> None:
    issued = await operators.create_token("admin", TokenRequest(label="desk"), ACT)
    kept = b"".join(
        path.read_bytes() for path in node.layout.folder.rglob("*") if path.is_file()
    )
    kept += b"".join(entry.data for entry in await node.store.entries(0, 100))
    assert issued.text.encode() not in kept
    assert issued.token.digest.encode() in kept


async def test_a_removed_operator_is_nobody_at_once(
    node: TrustingNode, operators: Operators
) -> None:
    await operators.add("bob", BOTH, ACT)
    issued = await operators.create_token("bob", TokenRequest(label="desk"), ACT)
    await operators.remove("bob", ACT)
    assert node.directory.authenticate(issued.text, node.clock.now()) is None
    assert (await node.logged())[-1].fields["res"] == "operator-removed"
    with pytest.raises(NotFoundError):
        operators.find("bob")


async def test_roles_can_be_changed(operators: Operators) -> None:
    await operators.add("bob", BOTH, ACT)
    await operators.set_roles("bob", frozenset({Role.APPROVER}), ACT)
    assert operators.find("bob").roles == {Role.APPROVER}


async def test_nobody_can_lock_everybody_out(
    node: TrustingNode, operators: Operators
) -> None:
    with pytest.raises(ConflictError, match="security"):
        await operators.remove("admin", ACT)
    with pytest.raises(ConflictError, match="security"):
        await operators.set_roles("admin", BOTH, ACT)
    with pytest.raises(ConflictError, match="security"):
        await operators.revoke_token("admin", ADMIN_TOKEN.token.label, ACT)
    assert operators.all() == [ADMIN]
    assert len(await node.logged()) == 1


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (TokenRequest(label="desk", lifetime_ms=0), UsageError),
        (TokenRequest(label="desk", lifetime_ms=MAX_TOKEN_LIFETIME_MS + 1), UsageError),
        (TokenRequest(label="desk", roles=frozenset({Role.SECURITY})), UsageError),
        (TokenRequest(label="My desk"), UsageError),
        (TokenRequest(label="used"), ConflictError),
    ],
)
async def test_a_token_out_of_bounds_is_refused(
    operators: Operators,
    request_: TokenRequest,
    error: type[Exception],
) -> None:
    await operators.add("bob", BOTH, ACT)
    await operators.create_token("bob", TokenRequest(label="used"), ACT)
    with pytest.raises(error):
        await operators.create_token("bob", request_, ACT)
    assert len(operators.find("bob").tokens) == 1


async def test_what_is_not_there_cannot_be_changed(operators: Operators) -> None:
    with pytest.raises(NotFoundError):
        await operators.create_token("bob", TokenRequest(label="desk"), ACT)
    with pytest.raises(NotFoundError):
        await operators.revoke_token("admin", "desk", ACT)
    with pytest.raises(NotFoundError):
        await operators.remove("bob", ACT)
    with pytest.raises(NotFoundError):
        await operators.set_roles("bob", BOTH, ACT)


async def test_a_file_changed_by_hand_stops_the_next_reload_and_nothing_else(
    node: TrustingNode, operators: Operators
) -> None:
    (node.layout.operators / "admin.toml").write_text("roles = []")
    with pytest.raises(ConfigError, match=r"admin\.toml"):
        await node.changes.load()
    assert operators.all() == [ADMIN]
