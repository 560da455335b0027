"""Witnessing: the request's one spelling, and the order of the answers."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import GatewayError, MalformedError, TooLargeError
from gateway.core.translog.checkpoint import Checkpoint, Ed25519Cosigner, LogSigner
from gateway.core.translog.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    leaf_hash,
    root_of,
)
from gateway.core.translog.note import Note
from gateway.core.translog.readers import MemoryTree
from gateway.core.translog.witness import (
    AddCheckpoint,
    Decision,
    WitnessedLog,
    WitnessStatus,
    cosignature_reply,
    decide,
    encode_add_checkpoint,
    origin_hash,
    parse_add_checkpoint,
    parse_cosignatures,
    parse_size_reply,
    size_reply,
)

ORIGIN = "mj.example/audit/1"
LOG = LogSigner(ORIGIN, ed25519_seed=b"e" * 32, ml_dsa_seed=b"m" * 32)
LEAVES = [leaf_hash(bytes([number])) for number in range(20)]
TREE = MemoryTree(LEAVES)
FORK = [leaf_hash(b"fork"), *LEAVES[1:]]
FRESH = WitnessedLog(ORIGIN, LOG.keys)
AT_7 = WitnessedLog(ORIGIN, LOG.keys, size=7, root=root_of(LEAVES[:7]))


def checkpoint_at(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(leaves[:size]))


def request(old: int, size: int, leaves: list[bytes] = LEAVES) -> AddCheckpoint:
    """What a log with these leaves sends to have `size` cosigned."""
    proof = consistency_proof(min(old, size), size, MemoryTree(leaves))
    note = LOG.sign(checkpoint_at(size, leaves))
    return parse_add_checkpoint(encode_add_checkpoint(old, proof, note))


def test_the_origin_hash_is_that_of_the_published_example() -> None:
    assert origin_hash("fr.mla.example/audit/2026") == (
        "f290a31f270754f237de683c4827a5ade160bbdac6ed171633499e9b39e0daf4"
    )


def test_a_request_is_spelled_as_documented() -> None:
    note = LOG.sign(checkpoint_at(8))
    proof = consistency_proof(7, 8, TREE)
    lines = b"".join(base64.b64encode(item) + b"\n" for item in proof)
    body = b"old 7\n" + lines + b"\n" + note
    assert encode_add_checkpoint(7, proof, note) == body
    assert parse_add_checkpoint(body) == AddCheckpoint(
        old_size=7,
        proof=proof,
        checkpoint_note=note,
        checkpoint=checkpoint_at(8),
    )


NOTE = LOG.sign(checkpoint_at(1))
LINES = NOTE.split(b"\n\n")[1]
HASH_LINE = base64.b64encode(bytes(32)) + b"\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"old 0\n" + NOTE, id="no empty line"),
        pytest.param(b"\n" + NOTE, id="no old size"),
        pytest.param(b"old \n\n" + NOTE, id="old size missing"),
        pytest.param(b"old 00\n\n" + NOTE, id="old size with leading zero"),
        pytest.param(b"old -1\n\n" + NOTE, id="old size negative"),
        pytest.param(b"new 0\n\n" + NOTE, id="another keyword"),
        pytest.param(b"old 0\nAAAA\n\n" + NOTE, id="hash too short"),
        pytest.param(b"old 0\n****\n\n" + NOTE, id="hash not base64"),
        pytest.param(b"old 0\n" + HASH_LINE * 64 + b"\n" + NOTE, id="64 hashes"),
        pytest.param(b"old 0\r\n\n" + NOTE, id="carriage return"),
        pytest.param(b"old 0\n\n" + NOTE[:-1], id="note cut"),
        pytest.param(b"old 0\n\n\n" + NOTE, id="empty line more"),
        pytest.param(b"old 0\n\nhello\n\n" + LINES, id="no checkpoint"),
    ],
)
def test_a_malformed_request_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_add_checkpoint(body)


def test_a_request_holds_up_to_63_hashes_and_is_bounded() -> None:
    body = b"old 0\n" + HASH_LINE * 63 + b"\n" + NOTE
    assert len(parse_add_checkpoint(body).proof) == 63
    with pytest.raises(TooLargeError):
        parse_add_checkpoint(body + bytes(2**20))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read_in_one_way(raw: bytes) -> None:
    for body in (raw, raw + b"\n\n" + NOTE, b"old " + raw + b"\n\n" + NOTE):
        try:
            found = parse_add_checkpoint(body)
        except GatewayError:
            continue
        again = encode_add_checkpoint(
            found.old_size,
            found.proof,
            found.checkpoint_note,
        )
        assert again == body


@pytest.mark.parametrize("size", range(21))
def test_the_first_checkpoint_of_a_log_is_cosigned(size: int) -> None:
    assert decide(request(0, size), FRESH) == Decision(WitnessStatus.COSIGN)


@pytest.mark.parametrize("size", range(7, 21))
def test_a_tree_that_grew_is_cosigned_and_so_is_the_same_again(size: int) -> None:
    assert decide(request(7, size), AT_7) == Decision(WitnessStatus.COSIGN)


def test_a_log_no_one_configured_is_unknown_whatever_its_signatures() -> None:
    unsigned = replace(request(7, 9), checkpoint_note=b"")
    assert decide(unsigned, None).status == 404
    elsewhere = replace(AT_7, origin="mj.example/audit/2")
    assert decide(unsigned, elsewhere).status == 404


def test_a_checkpoint_without_both_good_signatures_is_refused_first() -> None:
    stranger = LogSigner(ORIGIN, ed25519_seed=b"x" * 32, ml_dsa_seed=b"y" * 32)
    single = Note(checkpoint_at(9).text, LOG.sign_lines(checkpoint_at(9))[:1])
    for note in (stranger.sign(checkpoint_at(9)), single.to_bytes()):
        for old in (7, 6, 99):
            body = encode_add_checkpoint(old, (), note)
            decision = decide(parse_add_checkpoint(body), AT_7)
            assert decision.status == 403
            assert not decision.is_evidence


def test_an_old_size_above_the_new_one_is_malformed_not_out_of_step() -> None:
    assert decide(request(9, 8), AT_7).status == 400
    assert decide(request(7, 6), AT_7).status == 400


@pytest.mark.parametrize(("old", "size"), [(6, 9), (8, 9), (0, 9), (6, 7), (0, 6)])
def test_another_old_size_is_answered_with_ours(old: int, size: int) -> None:
    decision = decide(request(old, size), AT_7)
    assert decision.status == 409
    assert not decision.is_evidence
    assert size_reply(AT_7) == b"7\n"


def test_a_second_root_for_the_size_we_cosigned_is_kept_as_evidence() -> None:
    decision = decide(request(6, 7, FORK), AT_7)
    assert decision.status == 409
    assert decision.is_evidence


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(request(7, 7, FORK), id="same size, other root"),
        pytest.param(request(7, 9, FORK), id="grown from another past"),
        pytest.param(replace(request(7, 9), proof=()), id="no proof"),
        pytest.param(replace(request(7, 7), proof=(EMPTY_ROOT,)), id="needless proof"),
    ],
)
def test_a_tree_that_does_not_follow_is_never_cosigned(bad: AddCheckpoint) -> None:
    decision = decide(bad, AT_7)
    assert decision.status == 422
    assert decision.is_evidence


def test_a_proof_from_nothing_is_inconsistent() -> None:
    bad = replace(request(0, 9), proof=(EMPTY_ROOT,))
    assert decide(bad, FRESH).status == 422


def test_size_0_with_a_root_is_inconsistent() -> None:
    note = LOG.sign(Checkpoint(ORIGIN, 0, LEAVES[0]))
    bad = parse_add_checkpoint(encode_add_checkpoint(0, (), note))
    assert decide(bad, FRESH).status == 422


def test_the_answers_read_back() -> None:
    assert parse_size_reply(size_reply(AT_7)) == 7
    witness = Ed25519Cosigner("w.example/witness", bytes(32))
    line = witness.cosign(checkpoint_at(7), time_s=1_793_000_000)
    assert parse_cosignatures(cosignature_reply([line, line])) == (line, line)


@pytest.mark.parametrize("raw", [b"", b"7", b"7\n\n", b"07\n", b"7 \n", b"x\n"])
def test_a_size_answer_is_one_decimal_on_a_line(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_size_reply(raw)


@pytest.mark.parametrize("raw", [b"", b"\n", b"ok\n", "— w AAAAAAA=".encode()])
def test_a_cosignature_answer_is_signature_lines(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_cosignatures(raw)
