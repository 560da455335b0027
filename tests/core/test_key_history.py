"""Which keys a root ever vouched for, and which sign a log at which size."""

from dataclasses import replace

import pytest

from gateway.core.canonical import JsonValue
from gateway.core.entries.leaf import EntryDraft, parse_leaf
from gateway.core.errors import GatewayError, LogProofError, UntrustedCardError
from gateway.core.identity import (
    SigningKeys,
    Statement,
    append_statement,
    encode_request,
    key_history,
    parse_request,
    prove_statement,
)
from gateway.core.translog.note import VerifierKey
from tests.support.cards import NOW, CardMaker, log_signer
from tests.support.logs import SmallLog

ORIGIN = "moj.ee/audit/1"
OLD = log_signer(ORIGIN, "old").keys
NEW = log_signer(ORIGIN, "new").keys
NEWER = log_signer(ORIGIN, "newer").keys


def state(maker: CardMaker, keys: tuple[VerifierKey, ...]) -> bytes:
    """Have the root vouch for these log keys; return the proof file."""
    statement: Statement = replace(maker.statement(), log_keys=keys)
    request = parse_request(encode_request(statement))
    maker.root_entries.append(append_statement(request, maker.root_entries, NOW))
    return prove_statement(maker.root_entries, maker.root_signer)


@pytest.fixture
def maker() -> CardMaker:
    return CardMaker()


def test_keys_past_and_present_are_known_by_the_statements_that_name_them(
    maker: CardMaker,
) -> None:
    proofs = [state(maker, OLD), state(maker, (*OLD, *NEW)), state(maker, NEW)]

    history = key_history(maker.root, reversed(proofs))

    found = {
        one.key: (one.first, one.last, one.retired_by)
        for one in history.vouched()
        if one.key.name == ORIGIN
    }
    assert found == {
        **dict.fromkeys(OLD, (1, 2, 3)),
        **dict.fromkeys(NEW, (2, 3, None)),
    }
    assert {one.key for one in history.retired()} == set(OLD)
    assert history.newest.statement.number == 3


def test_with_gaps_a_key_is_retired_by_the_next_known_statement(
    maker: CardMaker,
) -> None:
    proofs = [state(maker, OLD), state(maker, (*OLD, *NEW)), state(maker, NEW)]

    history = key_history(maker.root, [proofs[0], proofs[2], proofs[0]])

    assert [(one.last, one.retired_by) for one in history.retired()] == [(1, 3)] * 2


def test_witness_keys_have_a_history_too(maker: CardMaker) -> None:
    history = key_history(maker.root, [state(maker, OLD)])

    named = {one.key for one in history.vouched()}
    assert named == {*OLD, *maker.statement().witness_keys}


def test_a_statement_of_another_root_is_no_history(maker: CardMaker) -> None:
    thief = CardMaker(root_label="thief")

    with pytest.raises(UntrustedCardError) as refused:
        key_history(maker.root, [state(maker, OLD), state(thief, NEW)])

    assert refused.value.code == "untrusted-card"


def test_two_contents_under_one_number_are_refused(maker: CardMaker) -> None:
    twin = CardMaker()
    proofs = [state(maker, OLD), state(twin, NEW)]

    with pytest.raises(UntrustedCardError, match="two contents under number 1"):
        key_history(maker.root, proofs)


def test_a_root_that_forked_its_own_log_is_refused(maker: CardMaker) -> None:
    """Number 2 does not follow number 1, though it stands right after it."""
    twin = CardMaker()
    state(twin, NEW)
    proofs = [state(maker, OLD), state(twin, NEWER)]

    with pytest.raises(UntrustedCardError, match="does not follow"):
        key_history(maker.root, proofs)


# --- by position ---


def vkeys(keys: tuple[VerifierKey, ...]) -> list[JsonValue]:
    return [key.to_text() for key in keys]


@pytest.fixture
def said() -> SigningKeys:
    """A log: begun with the old keys, the new ones beside them, then alone."""
    log = SmallLog(ORIGIN)
    log.append(EntryDraft("log.init", NOW, {"vkeys": vkeys(OLD), "pol": "0" * 64}))
    log.grow(3)
    log.append(EntryDraft("log.keys", NOW, {"vkeys": vkeys(NEW), "res": "overlap"}))
    log.grow(3)
    log.append(EntryDraft("log.keys", NOW, {"vkeys": vkeys(NEW), "res": "alone"}))
    log.grow(3)
    signing = SigningKeys()
    for raw in log.leaves:
        signing.read(parse_leaf(raw, log=ORIGIN))
    return signing


@pytest.mark.parametrize(
    ("size", "keys"),
    [(1, OLD), (4, OLD), (5, OLD + NEW), (8, OLD + NEW), (9, NEW), (12, NEW)],
)
def test_an_entry_about_keys_binds_every_tree_that_holds_it(
    said: SigningKeys,
    size: int,
    keys: tuple[VerifierKey, ...],
) -> None:
    assert said.at(size) == set(keys)


@pytest.mark.parametrize(
    ("size", "signers"),
    [(4, OLD), (5, OLD), (5, NEW), (8, OLD + NEW), (8, (OLD[0], NEW[1])), (9, NEW)],
)
def test_whoever_had_the_say_is_believed(
    said: SigningKeys,
    size: int,
    signers: tuple[VerifierKey, ...],
) -> None:
    said.check(size, signers)


@pytest.mark.parametrize(
    ("size", "signers"),
    [(9, OLD), (12, OLD), (12, (OLD[0], NEW[1])), (4, NEW), (12, ()), (9, NEW[:1])],
)
def test_keys_out_of_their_time_are_refused(
    said: SigningKeys,
    size: int,
    signers: tuple[VerifierKey, ...],
) -> None:
    with pytest.raises(LogProofError, match=f"checkpoint of size {size}"):
        said.check(size, signers)


def test_a_log_that_says_nothing_of_its_keys_limits_none() -> None:
    SigningKeys().check(7, OLD)


@pytest.mark.parametrize("texts", [["no key"], vkeys(OLD[:1]), vkeys(OLD * 2)[1:2]])
def test_an_entry_that_names_no_pair_of_keys_is_refused(
    texts: list[JsonValue],
) -> None:
    log = SmallLog(ORIGIN)
    log.append(EntryDraft("log.keys", NOW, {"vkeys": texts, "res": "alone"}))

    with pytest.raises(GatewayError):
        SigningKeys().read(parse_leaf(log.leaves[0], log=ORIGIN))
