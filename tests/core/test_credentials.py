"""Passwords, passkeys and links as they are kept."""

import pytest

from gateway.core.credentials import (
    LINK_PREFIX,
    Passkey,
    check_new_password,
    check_password_hash,
    is_link,
    issue_link,
    normal_password,
    secret_digest,
)
from gateway.core.entries.disclosures import base64url, from_base64url
from gateway.core.errors import MalformedError, UsageError
from gateway.core.limits import MAX_OPERATOR_PASSKEYS
from gateway.core.operators import Operator, Role, can_act_as, somebody_can_log_in
from gateway.core.sessions import (
    SessionTimes,
    SignedInBy,
    Visitor,
    account_stamp,
    belongs_to,
    caller_of,
    csrf_token,
    is_alive,
    is_session_secret,
    new_session,
)
from gateway.core.values import UnixMs

NOW = UnixMs(1_790_000_000_000)
HASH = "$argon2id$v=19$m=65536,t=3,p=1$Q2FsbWx5IHNhbHRlZCE$" + "A" * 43
SECURITY = frozenset({Role.SECURITY, Role.OBSERVER})


def passkey(credential: bytes = b"id", label: str = "phone") -> Passkey:
    return Passkey(
        label=label, credential=credential, public_key=b"key", created_at=NOW
    )


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery",
        "été à la mer 1987",
        "x7$Kq2!mVb9z",
        "the admin of gateways sings",
    ],
)
def test_long_passwords_are_good(text: str) -> None:
    check_new_password(text, "anna-tamm")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("short", "5 characters"),
        ("x" * 257, "257 characters"),
        ("aaaabbbbaaaa", "different"),
        ("Password1234", "guessed first"),
        ("1234567890123", "guessed first"),
        ("anna-tamm2026", "guessed first"),
        ("administrator!", "guessed first"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_new_password(text, "anna-tamm")


def test_a_password_is_the_same_however_it_was_typed() -> None:
    assert normal_password("e\u0301te\u0301") == normal_password("\u00e9t\u00e9")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        HASH.replace("argon2id", "argon2i"),
        HASH.replace("v=19", "v=16"),
        HASH.replace("m=65536", "m=999999"),
        HASH.replace("t=3", "t=99"),
        HASH.replace("p=1", "p=0"),
        HASH + "\n",
    ],
)
def test_a_hash_that_costs_too_much_or_is_none_is_refused(text: str) -> None:
    check_password_hash(HASH)
    with pytest.raises(UsageError):
        check_password_hash(text)


def test_a_link_is_kept_as_its_digest() -> None:
    issued = issue_link(now=NOW, lifetime_ms=1000)
    assert is_link(issued.text)
    assert issued.text.startswith(LINK_PREFIX)
    assert issued.invitation.digest == secret_digest(issued.text)
    assert issued.invitation.expires_at == NOW + 1000
    assert issued.text not in repr(issued)
    assert not is_link("mlalink_short")


def test_a_passkey_has_a_name_and_bounds() -> None:
    assert len(passkey().id) == 16
    for credential, label in (
        (b"id", ""),
        (b"id", "a\nb"),
        (b"", "a"),
        (b"x" * 1025, "a"),
    ):
        with pytest.raises(UsageError):
            passkey(credential, label)


@pytest.mark.parametrize(
    "change",
    [
        {"display_name": "x" * 101},
        {"display_name": "a\x00"},
        {"language": "french"},
        {"password": "secret"},
        {"sso_subject": "x" * 256},
        {"passkeys": (passkey(), passkey())},
        {"passkeys": tuple(passkey(bytes([n])) for n in range(1, 12))},
    ],
)
def test_an_operator_with_something_odd_is_refused(
    change: dict[str, object],
) -> None:
    Operator("anna", SECURITY, display_name="Anna Tamm", language="et", password=HASH)
    assert MAX_OPERATOR_PASSKEYS == 10
    with pytest.raises(UsageError):
        Operator("anna", SECURITY, **change)  # type: ignore[arg-type]


def test_passwords_and_passkeys_are_ways_in_and_the_single_sign_on_half_a_one() -> None:
    without = Operator("anna", SECURITY)
    assert not can_act_as(without, Role.SECURITY, NOW)
    assert not somebody_can_log_in([without], NOW)
    for own in (
        Operator("anna", SECURITY, password=HASH),
        Operator("anna", SECURITY, passkeys=(passkey(),)),
    ):
        assert own.signs_in
        assert can_act_as(own, Role.SECURITY, NOW)
        assert not can_act_as(own, Role.APPROVER, NOW)
        assert somebody_can_log_in([without, own], NOW)
    theirs = Operator("anna", SECURITY, sso_subject="7f3a")
    assert can_act_as(theirs, Role.SECURITY, NOW)
    assert not somebody_can_log_in([theirs], NOW)
    reader = Operator("bob", frozenset({Role.OBSERVER}), password=HASH)
    assert not somebody_can_log_in([reader], NOW)


def test_base64url_has_one_spelling() -> None:
    for raw in (b"", b"\x00", bytes(range(256))):
        assert from_base64url(base64url(raw)) == raw
    for odd in ("AB", "A", "AA==", "A A", "+/8", "é"):
        with pytest.raises(MalformedError):
            from_base64url(odd)


# --- sessions ---


TIMES = SessionTimes(idle_ms=1_000, whole_ms=10_000)
ANNA = Operator("anna", SECURITY, password=HASH)


def test_a_session_is_alive_for_a_while() -> None:
    new = new_session(ANNA, SignedInBy.PASSWORD, Visitor("::1"), now=NOW, times=TIMES)
    session = new.session
    assert is_session_secret(new.secret)
    assert new.secret not in repr(new)
    assert session.digest == secret_digest(new.secret)
    assert is_alive(session, UnixMs(NOW + 999), TIMES)
    assert not is_alive(session, UnixMs(NOW + 1_000), TIMES)
    assert not is_alive(session, UnixMs(NOW + 10_000), SessionTimes(99_999, 10_000))
    found = caller_of(session, ANNA)
    assert (found.name, found.roles, found.is_system) == ("anna", SECURITY, False)
    assert found.session == session.id


def test_a_limited_session_has_no_role_that_the_account_has_not() -> None:
    new = new_session(
        ANNA,
        SignedInBy.SSO,
        Visitor("::1"),
        now=NOW,
        times=TIMES,
        roles=frozenset({Role.OBSERVER, Role.AUDITOR}),
    )
    assert caller_of(new.session, ANNA).roles == {Role.OBSERVER}


@pytest.mark.parametrize(
    "changed",
    [
        Operator("anna", frozenset({Role.OBSERVER}), password=HASH),
        Operator("anna", SECURITY),
        Operator("anna", SECURITY, password=HASH, passkeys=(passkey(),)),
        Operator("anna", SECURITY, password=HASH, sso_subject="7f3a"),
        Operator("bob", SECURITY, password=HASH),
        None,
    ],
)
def test_a_session_ends_with_what_its_account_was(changed: Operator | None) -> None:
    new = new_session(ANNA, SignedInBy.PASSWORD, Visitor("::1"), now=NOW, times=TIMES)
    same = Operator("anna", SECURITY, password=HASH, display_name="A", language="et")
    assert belongs_to(new.session, same)
    assert account_stamp(same) == account_stamp(ANNA)
    assert not belongs_to(new.session, changed)


def test_the_token_of_forms_follows_from_the_secret() -> None:
    assert csrf_token("a") == csrf_token("a") != csrf_token("b")
    assert len(csrf_token("a")) == 43
