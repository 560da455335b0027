"""Policies: reading the file, and when a quorum is reached."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import (
    GatewayError,
    LogProofError,
    MalformedError,
    TooLargeError,
)
from gateway.core.limits import MAX_POLICY_BYTES
from gateway.core.translog.checkpoint import Ed25519Cosigner, LogSigner, MlDsaCosigner
from gateway.core.translog.policy import PolicyGroup, parse_policy

ORIGIN = "mj.example/audit/1"
LOG = LogSigner(ORIGIN, ed25519_seed=b"e" * 32, ml_dsa_seed=b"m" * 32)
DE_ED = Ed25519Cosigner("de.example/witness", b"1" * 32).key
DE_PQ = MlDsaCosigner("de.example/witness", b"2" * 32).key
IT = Ed25519Cosigner("it.example/witness", b"3" * 32).key
NL = Ed25519Cosigner("nl.example/witness", b"4" * 32).key
ED, PQ = (key.to_text() for key in LOG.keys)

FULL = f"""\
# Who is believed.
log {ED} https://mj.example/log
\t log\t{PQ}

witness de-ed {DE_ED.to_text()} https://de.example/w
witness de-pq {DE_PQ.to_text()}
witness it {IT.to_text()}
witness nl {NL.to_text()}  \t
group de any de-ed de-pq
  # An authority with two keys counts once.
group q 2 de it nl
quorum q
"""
POLICY = parse_policy(FULL.encode())


def test_a_policy_names_logs_and_witnesses() -> None:
    assert POLICY.log_keys(ORIGIN) == LOG.keys
    assert POLICY.log_keys("other.example/audit/1") == ()
    assert POLICY.witness_keys() == (DE_ED, DE_PQ, IT, NL)
    assert [log.url for log in POLICY.logs] == ["https://mj.example/log", ""]
    assert POLICY.witnesses[0].url == "https://de.example/w"
    assert POLICY.groups == (
        PolicyGroup("de", 1, ("de-ed", "de-pq")),
        PolicyGroup("q", 2, ("de", "it", "nl")),
    )
    assert POLICY.quorum == "q"


def test_an_authority_with_two_keys_counts_once() -> None:
    with pytest.raises(LogProofError, match="quorum 'q' not reached"):
        POLICY.check_quorum({DE_ED, DE_PQ})


def test_every_set_of_witnesses_is_judged_by_the_rule() -> None:
    keys = (DE_ED, DE_PQ, IT, NL)
    for count in range(5):
        for cosigned in combinations(keys, count):
            held = {key.name for key in cosigned}
            assert ("q" in POLICY.counting(cosigned)) == (len(held) >= 2)


def test_below_quorum_the_message_names_who_cosigned() -> None:
    with pytest.raises(LogProofError, match="cosigned by no one"):
        POLICY.check_quorum(())
    with pytest.raises(LogProofError, match="cosigned by it"):
        POLICY.check_quorum([IT])
    POLICY.check_quorum([IT, NL])


def test_keys_the_policy_does_not_know_count_nothing() -> None:
    strangers = {Ed25519Cosigner("it.example/witness", b"9" * 32).key, *LOG.keys}
    assert POLICY.counting(strangers) == frozenset()


def test_quorum_none_is_reached_by_no_one() -> None:
    policy = parse_policy(f"log {ED}\nquorum none\n".encode())
    policy.check_quorum(())
    assert policy.quorum == "none"


def test_a_single_witness_can_be_the_quorum() -> None:
    policy = parse_policy(f"witness it {IT.to_text()}\nquorum it\n".encode())
    policy.check_quorum([IT])
    with pytest.raises(LogProofError):
        policy.check_quorum([NL])


@pytest.mark.parametrize(
    ("word", "threshold"),
    [("all", 2), ("any", 1), ("1", 1), ("2", 2)],
)
def test_a_threshold_is_a_number_or_a_word(word: str, threshold: int) -> None:
    text = (
        f"witness a {IT.to_text()}\nwitness b {NL.to_text()}\n"
        f"group g {word} a b\nquorum g\n"
    )
    assert parse_policy(text.encode()).groups[0].threshold == threshold


A = f"witness a {IT.to_text()}\n"
B = f"witness b {NL.to_text()}\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no quorum"),
        pytest.param(A, id="witness but no quorum"),
        pytest.param("quorum none", id="last line does not end"),
        pytest.param("quorum none\nquorum none\n", id="two quorum lines"),
        pytest.param("quorum\n", id="quorum of nothing"),
        pytest.param(f"{A}quorum a a\n", id="quorum of two"),
        pytest.param("quorum a\n", id="quorum not defined"),
        pytest.param(f"quorum a\n{A}", id="quorum defined below"),
        pytest.param("Quorum none\n", id="keyword in capitals"),
        pytest.param("quorum none # comment\n", id="comment behind a line"),
        pytest.param("log\nquorum none\n", id="log without key"),
        pytest.param(f"log {ED} u v\nquorum none\n", id="log with two URLs"),
        pytest.param(f"log {ED}\nlog {ED}\nquorum none\n", id="log twice"),
        pytest.param(f"log {IT.to_text()}\nquorum none\n", id="log with witness key"),
        pytest.param(f"witness a {ED}\nquorum none\n", id="witness with log key"),
        pytest.param(f"log {ED[:-4]}\nquorum none\n", id="broken key"),
        pytest.param("witness a\nquorum none\n", id="witness without key"),
        pytest.param(f"{A[:-1]} u v\nquorum none\n", id="witness with two URLs"),
        pytest.param(f"{A}{A}quorum a\n", id="witness twice"),
        pytest.param(f"{A}{B.replace(' b ', ' a ')}quorum a\n", id="name twice"),
        pytest.param(f"{A}{A.replace(' a ', ' b ')}quorum a\n", id="key twice"),
        pytest.param(f"log {PQ}\nwitness a {PQ}\nquorum a\n", id="log its own witness"),
        pytest.param(f"{A.replace(' a ', ' none ')}quorum none\n", id="named none"),
        pytest.param(f"{A}group g any\nquorum g\n", id="group of no one"),
        pytest.param("group g\nquorum none\n", id="group without rule"),
        pytest.param(f"{A}group g any b\n{B}quorum g\n", id="member defined below"),
        pytest.param("group g any g\nquorum g\n", id="group in itself"),
        pytest.param(f"{A}group g any none\nquorum g\n", id="none as a member"),
        pytest.param(f"{A}{B}group g any a a\nquorum g\n", id="member twice"),
        pytest.param(f"{A}group g 1 a\ngroup h 1 a\nquorum g\n", id="in two groups"),
        pytest.param(f"{A}group a any a\nquorum a\n", id="group named as witness"),
        pytest.param(f"{A}group g 0 a\nquorum g\n", id="threshold 0"),
        pytest.param(f"{A}group g 2 a\nquorum g\n", id="threshold above members"),
        pytest.param(f"{A}group g 01 a\nquorum g\n", id="threshold with zero"),
        pytest.param(f"{A}group g most a\nquorum g\n", id="threshold no number"),
        pytest.param("quorum none\r\n", id="carriage return"),
        pytest.param("quorum none\n#\x7f\n", id="control character"),
        pytest.param("quorum\u00a0none\n", id="no-break space"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="policy"):
        parse_policy(text.encode())


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(MalformedError, match="line 3: quorum 'b' is not defined"):
        parse_policy(f"# one\n{A}quorum b\n".encode())


def test_a_policy_is_utf_8_and_bounded() -> None:
    with pytest.raises(MalformedError, match="UTF-8"):
        parse_policy(b"# \xff\nquorum none\n")
    with pytest.raises(TooLargeError):
        parse_policy(b"#" * MAX_POLICY_BYTES + b"\nquorum none\n")


def test_64_witnesses_and_groups_are_taken() -> None:
    lines = []
    for number in range(64):
        key = MlDsaCosigner(f"w{number}.example", bytes([number]) * 32).key
        lines += [f"witness w{number} {key.to_text()}", f"group g{number} 1 w{number}"]
    members = " ".join(f"g{number}" for number in range(64))
    lines += [f"group q 43 {members}", "quorum q", ""]
    policy = parse_policy("\n".join(lines).encode())
    policy.check_quorum(policy.witness_keys()[:43])
    with pytest.raises(LogProofError):
        policy.check_quorum(policy.witness_keys()[:42])


@given(st.text(alphabet="logwitnesgrupqm any12#\n\t", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        policy = parse_policy(text.encode())
    except GatewayError:
        return
    assert policy.quorum == "none"
