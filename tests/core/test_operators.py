"""Operators, their tokens, and who is calling."""

from dataclasses import replace

import pytest

from gateway.core.errors import UsageError
from gateway.core.limits import MAX_OPERATOR_TOKENS
from gateway.core.operators import (
    Operator,
    Role,
    Token,
    authenticate,
    can_act_as,
    issue_token,
    known_secrets,
    somebody_can_log_in,
    token_digest,
)
from gateway.core.values import HexDigest, UnixMs

NOW = UnixMs(1_790_000_000_000)
HOUR_MS = 3_600_000
ISSUED = issue_token("laptop", now=NOW, lifetime_ms=HOUR_MS)
ALICE = Operator("alice", frozenset({Role.AUDITOR, Role.SECURITY}), (ISSUED.token,))
BOB = Operator("bob", frozenset({Role.OBSERVER}))


def token(label: str) -> Token:
    return Token(
        label=label, digest=HexDigest("0" * 64), created_at=NOW, expires_at=NOW
    )


def test_a_token_shows_who_is_calling() -> None:
    caller = authenticate([BOB, ALICE], ISSUED.text, NOW)
    assert caller is not None
    assert (caller.name, caller.roles) == ("alice", ALICE.roles)
    assert (caller.token_label, caller.is_system) == ("laptop", False)


def test_a_token_is_worth_nothing_from_its_expiry_on() -> None:
    assert authenticate([ALICE], ISSUED.text, UnixMs(NOW + HOUR_MS - 1)) is not None
    assert authenticate([ALICE], ISSUED.text, UnixMs(NOW + HOUR_MS)) is None


@pytest.mark.parametrize(
    "text",
    ["", "mlagw_", "mlagw_" + "A" * 43, ISSUED.text + "\n", ISSUED.text[6:], "mlagw_é"],
    ids=["empty", "prefix", "another", "line feed", "no prefix", "not ASCII"],
)
def test_what_is_no_token_of_anybody_is_nobody(text: str) -> None:
    assert authenticate([ALICE, BOB], text, NOW) is None


def test_the_digest_of_a_token_is_no_token() -> None:
    assert authenticate([ALICE], f"mlagw_{ISSUED.token.digest}", NOW) is None


def test_a_limited_token_has_only_roles_that_its_holder_has_too() -> None:
    issued = issue_token(
        "ci",
        now=NOW,
        lifetime_ms=HOUR_MS,
        roles=frozenset({Role.AUDITOR, Role.CASEWORKER}),
        is_system=True,
    )
    carol = Operator("carol", frozenset({Role.AUDITOR, Role.SECURITY}), (issued.token,))
    caller = authenticate([carol], issued.text, NOW)
    assert caller is not None
    assert caller.roles == {Role.AUDITOR}
    assert caller.is_system


def test_tokens_are_long_random_and_not_shown_by_accident() -> None:
    other = issue_token("laptop", now=NOW, lifetime_ms=HOUR_MS)
    assert other.text != ISSUED.text
    assert len(other.text) == len("mlagw_") + 43
    assert other.text not in repr(other)
    assert other.token.digest == token_digest(other.text)


@pytest.mark.parametrize("name", ["", "Alice", "1a", "a/b", "a.b", "a" * 33, "a\n"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(UsageError):
        Operator(name, frozenset({Role.OBSERVER}))
    with pytest.raises(UsageError):
        Operator("alice", frozenset({Role.OBSERVER}), (token(name),))


def test_an_operator_has_a_role() -> None:
    with pytest.raises(UsageError, match="no role"):
        Operator("alice", frozenset())


def test_tokens_have_different_labels_and_are_few() -> None:
    with pytest.raises(UsageError, match="one label"):
        Operator("alice", frozenset({Role.OBSERVER}), (token("a"), token("a")))
    many = tuple(token(f"t{number}") for number in range(MAX_OPERATOR_TOKENS + 1))
    with pytest.raises(UsageError, match="at most"):
        Operator("alice", frozenset({Role.OBSERVER}), many)


def test_somebody_can_log_in_only_with_role_security_and_a_good_token() -> None:
    assert somebody_can_log_in([BOB, ALICE], NOW)
    assert not somebody_can_log_in([ALICE], UnixMs(NOW + HOUR_MS))
    assert not somebody_can_log_in([BOB], NOW)
    limited = issue_token(
        "ci", now=NOW, lifetime_ms=HOUR_MS, roles=frozenset({Role.AUDITOR})
    )
    carol = Operator("carol", ALICE.roles, (limited.token,))
    assert not somebody_can_log_in([carol], NOW)


def test_who_can_act_is_a_person_with_a_good_token_for_the_role() -> None:
    assert can_act_as(ALICE, Role.SECURITY, NOW)
    assert not can_act_as(ALICE, Role.APPROVER, NOW)
    assert not can_act_as(ALICE, Role.SECURITY, UnixMs(NOW + HOUR_MS))
    limited = issue_token(
        "audit", now=NOW, lifetime_ms=HOUR_MS, roles=frozenset({Role.AUDITOR})
    )
    system = issue_token("ci", now=NOW, lifetime_ms=HOUR_MS, is_system=True)
    held = Operator("alice", ALICE.roles, (limited.token, system.token))
    assert can_act_as(held, Role.AUDITOR, NOW)
    assert not can_act_as(held, Role.SECURITY, NOW)


def test_who_leaves_may_know_the_tokens_they_made_and_by_role_the_keys() -> None:
    made = replace(token("batch"), made_by="alice")
    system = Operator("cases", frozenset({Role.CASEWORKER}), (made, token("own")))

    found = known_secrets(ALICE, [BOB, system])

    assert [one.secret for one in found] == [
        "token batch of cases",
        "passphrase and copies of the node's keys",
        "root keys and their passphrase, if they kept them",
    ]
    assert found[0].remedy == "mla-gateway operator token cases --revoke batch"
    assert known_secrets(BOB, [ALICE, system]) == []
