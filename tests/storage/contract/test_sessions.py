"""Sessions begin and end with their log entries; what is dead just goes."""

from dataclasses import replace

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.errors import NotAuthenticatedError, NotFoundError
from gateway.core.limits import MAX_LEAF_BYTES, MAX_OPERATOR_SESSIONS
from gateway.core.operators import Operator, Role
from gateway.core.sessions import (
    NewSession,
    Session,
    SessionTimes,
    SignedInBy,
    Visitor,
    new_session,
)
from gateway.core.values import HexDigest, UnixMs
from gateway.ports.sessions import PasskeyUse, SignIn
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW

ANNA = Operator("anna", frozenset({Role.OBSERVER, Role.AUDITOR}))
BERT = Operator("bert", frozenset({Role.SECURITY}))
OWN = Act("anna", "observer")
THEIRS = Act("bert", "security")
TIMES = SessionTimes(idle_ms=1_000, whole_ms=10_000)
LATER = UnixMs(NOW + 5_000)


def made(operator: Operator = ANNA, now: int = NOW) -> NewSession:
    visitor = Visitor("192.0.2.1", "Browser/1")
    return new_session(
        operator, SignedInBy.PASSWORD, visitor, now=UnixMs(now), times=TIMES
    )


async def begun(
    store: TransactionalStore, operator: Operator = ANNA, now: int = NOW
) -> Session:
    session = made(operator, now).session
    await store.begin_session(SignIn(session=session, act=Act(operator.name, "")))
    return session


async def logged(store: TransactionalStore) -> list[tuple[JsonObject, dict[str, str]]]:
    """Return all entries of sessions with what they disclose."""
    head = await store.log_head()
    found = []
    for index, entry in enumerate(await store.entries(0, head.size)):
        leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
        assert isinstance(leaf, dict)
        if str(leaf["k"]).startswith("admin.sign-"):
            sealed = await store.disclosures(index)
            told = [read_disclosure(one.encoded) for one in sealed]
            found.append((leaf, {one.name: one.value for one in told}))
    return found


async def test_a_session_is_found_by_the_digest_of_its_secret(
    store: TransactionalStore,
) -> None:
    limited = replace(
        made().session,
        roles=frozenset({Role.OBSERVER, Role.AUDITOR}),
        method=SignedInBy.SSO,
    )
    await store.begin_session(SignIn(session=limited, act=OWN))
    assert await store.session(limited.digest) == limited
    assert await store.session(HexDigest("00" * 32)) is None
    assert await store.sessions("anna") == [limited]
    assert await store.sessions("bert") == []

    ((leaf, told),) = await logged(store)
    assert (leaf["k"], leaf["res"]) == ("admin.sign-in", "sso")
    assert told["actor"] == "anna"
    assert told["source"] == "192.0.2.1"
    assert told["detail"] == f"session {limited.id}"


async def test_what_the_browser_had_before_ends_with_the_new_one(
    store: TransactionalStore,
) -> None:
    old = await begun(store)
    new = made(BERT).session
    await store.begin_session(SignIn(session=new, act=THEIRS, replaces=old.digest))
    assert await store.session(old.digest) is None
    assert await store.sessions() == [new]
    _, (out, told), (back, _) = await logged(store)
    assert (out["k"], out["res"]) == ("admin.sign-out", "replaced")
    assert told["actor"] == "anna"
    assert back["k"] == "admin.sign-in"
    gone = HexDigest("00" * 32)
    await store.begin_session(SignIn(session=made().session, act=OWN, replaces=gone))


async def test_the_oldest_of_too_many_goes(store: TransactionalStore) -> None:
    sessions = [
        await begun(store, now=NOW + at) for at in range(MAX_OPERATOR_SESSIONS + 2)
    ]
    other = await begun(store, BERT)
    kept = await store.sessions("anna")
    assert kept == sessions[:1:-1]
    assert len(kept) == MAX_OPERATOR_SESSIONS
    assert other in await store.sessions()


async def test_ending_is_logged_and_says_by_whom(store: TransactionalStore) -> None:
    first, second = await begun(store), await begun(store)
    await store.end_session(first.id, OWN, LATER, account="anna")
    await store.end_session(second.id, THEIRS, LATER)
    assert await store.sessions() == []
    own, theirs = (await logged(store))[-2:]
    assert (own[0]["res"], theirs[0]["res"]) == ("signed-out", "revoked")
    assert theirs[1]["detail"] == f"session {second.id} of anna"
    with pytest.raises(NotFoundError):
        await store.end_session(first.id, OWN, LATER, account="anna")


async def test_nobody_ends_a_session_of_somebody_else_as_their_own(
    store: TransactionalStore,
) -> None:
    session = await begun(store)
    with pytest.raises(NotFoundError):
        await store.end_session(session.id, THEIRS, LATER, account="bert")
    assert await store.sessions() == [session]


async def test_all_but_one_are_ended_with_one_entry(store: TransactionalStore) -> None:
    kept, *_ = [await begun(store, now=NOW + at) for at in range(3)]
    other = await begun(store, BERT)
    assert await store.end_sessions("anna", OWN, LATER, but=kept.id) == 2
    assert await store.sessions("anna") == [kept]
    assert await store.sessions("bert") == [other]
    size = (await store.log_head()).size
    assert await store.end_sessions("anna", OWN, LATER, but=kept.id) == 0
    assert await store.end_sessions("", OWN, LATER) == 0
    assert (await store.log_head()).size == size


async def test_being_in_use_and_a_new_stamp_are_not_logged(
    store: TransactionalStore,
) -> None:
    session = await begun(store)
    size = (await store.log_head()).size
    await store.touch_session(session.id, LATER)
    await store.touch_session(session.id, NOW)
    stamp = HexDigest("11" * 32)
    await store.restamp_session(session.id, stamp)
    await store.touch_session("gone", LATER)
    await store.restamp_session("gone", stamp)
    assert await store.sessions() == [replace(session, used_at=LATER, stamp=stamp)]
    await store.drop_sessions([session.id, "gone"])
    assert await store.sessions() == []
    assert (await store.log_head()).size == size


async def test_places_are_known_for_a_while(store: TransactionalStore) -> None:
    await begun(store)
    assert await store.knows_place("anna", "192.0.2.1", NOW)
    assert not await store.knows_place("anna", "192.0.2.1", LATER)
    assert not await store.knows_place("bert", "192.0.2.1", NOW)
    await begun(store, now=LATER)
    await store.forget_places(LATER)
    assert await store.knows_place("anna", "192.0.2.1", LATER)
    await store.forget_places(UnixMs(LATER + 1))
    assert not await store.knows_place("anna", "192.0.2.1", NOW)


async def test_a_counter_that_does_not_rise_lets_nobody_in(
    store: TransactionalStore,
) -> None:
    async def use(passkey: str, count: int) -> None:
        new = SignIn(
            session=made().session, act=OWN, passkey=PasskeyUse(passkey, count)
        )
        await store.begin_session(new)

    for count in (0, 0, 3, 4, 9):
        await use("one", count)
    before = await store.sessions()
    for count in (9, 5, 0):
        with pytest.raises(NotAuthenticatedError, match="copied"):
            await use("one", count)
    assert await store.sessions() == before
    await use("two", 0)
