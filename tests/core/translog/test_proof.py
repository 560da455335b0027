"""Proof files: their one spelling, and what they prove."""

import base64
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import (
    GatewayError,
    LogProofError,
    MalformedError,
    TooLargeError,
)
from gateway.core.limits import MAX_LOG_PROOF_BYTES
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import inclusion_path, leaf_hash, root_of
from gateway.core.translog.proof import (
    LogProof,
    encode_log_proof,
    parse_log_proof,
    proof_file_name,
    verify_log_proof,
)
from gateway.core.translog.readers import MemoryTree

ORIGIN = "mj.example/audit/1"
LOG = LogSigner(ORIGIN, ed25519_seed=b"e" * 32, ml_dsa_seed=b"m" * 32)
ENTRIES = [b"entry %d" % number for number in range(11)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
CHECKPOINT = Checkpoint(ORIGIN, len(LEAVES), root_of(LEAVES))
PROOF = LogProof(
    index=5,
    path=inclusion_path(5, len(LEAVES), MemoryTree(LEAVES)),
    checkpoint_note=LOG.sign(CHECKPOINT),
    extra=ENTRIES[5],
)

H1 = hashlib.sha256(b"hash1").digest()
H2 = hashlib.sha256(b"hash2").digest()
H1_TEXT = base64.b64encode(H1).decode()
HASH_LINE = f"{H1_TEXT}\n"
HEAD = "c2sp.org/tlog-proof@v1\n"


def test_a_proof_file_is_spelled_as_documented() -> None:
    plain = LogProof(5, (H1, H2), b"test checkpoint\n")
    spelled = (
        f"{HEAD}index 5\n{H1_TEXT}\n{base64.b64encode(H2).decode()}\n"
        "\ntest checkpoint\n"
    ).encode()
    assert encode_log_proof(plain) == spelled
    assert parse_log_proof(spelled) == plain


def test_a_proof_file_may_carry_the_leaf() -> None:
    proof = LogProof(10, (H1,), b"checkpoint data\n", b"extra information")
    spelled = (
        f"{HEAD}extra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n{H1_TEXT}\n"
        "\ncheckpoint data\n"
    ).encode()
    assert encode_log_proof(proof) == spelled
    assert parse_log_proof(spelled) == proof


def test_the_path_of_an_only_leaf_is_empty() -> None:
    proof = LogProof(0, (), b"checkpoint\n")
    assert encode_log_proof(proof) == f"{HEAD}index 0\n\ncheckpoint\n".encode()
    assert parse_log_proof(encode_log_proof(proof)) == proof


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("wrong\nindex 0\n\nnote\n", id="another first line"),
        pytest.param("c2sp.org/tlog-proof@v2\nindex 0\n\nnote\n", id="version"),
        pytest.param(f"{HEAD}index 0\nnote\n", id="no empty line"),
        pytest.param(f"{HEAD}\nnote\n", id="no index"),
        pytest.param(f"{HEAD}extra eHg=\n\nnote\n", id="no index after extra"),
        pytest.param(f"{HEAD}index 0\nextra eHg=\n\nnote\n", id="extra after index"),
        pytest.param(f"{HEAD}extra eA==\nextra eA==\nindex 0\n\nn\n", id="two extras"),
        pytest.param(f"{HEAD}extra !!\nindex 0\n\nnote\n", id="extra not base64"),
        pytest.param(f"{HEAD}extra eHg\nindex 0\n\nnote\n", id="extra not padded"),
        pytest.param(f"{HEAD}extra eHh=\nindex 0\n\nnote\n", id="extra not canonical"),
        pytest.param(f"{HEAD}index\n\nnote\n", id="index without number"),
        pytest.param(f"{HEAD}index x\n\nnote\n", id="index no number"),
        pytest.param(f"{HEAD}index -5\n\nnote\n", id="negative index"),
        pytest.param(f"{HEAD}index 05\n\nnote\n", id="leading zero"),
        pytest.param(f"{HEAD}index  5\n\nnote\n", id="two spaces"),
        pytest.param(f"{HEAD}index 5 \n\nnote\n", id="space at the end"),
        pytest.param(f"{HEAD}index {2**63}\n\nnote\n", id="index of 2^63"),
        pytest.param(f"{HEAD}index 0\n!!\n\nnote\n", id="hash not base64"),
        pytest.param(f"{HEAD}index 0\n{'A' * 40}\n\nnote\n", id="hash of 30 bytes"),
        pytest.param(f"{HEAD}index 0\n{'A' * 88}\n\nnote\n", id="hash of 66 bytes"),
        pytest.param(f"{HEAD}index 0\r\n\nnote\n", id="carriage return"),
        pytest.param(f"{HEAD}index 0\n{HASH_LINE * 64}\nnote\n", id="64 hashes"),
    ],
)
def test_what_is_not_exactly_a_proof_file_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_log_proof(text.encode())


def test_a_proof_file_is_bounded() -> None:
    head = f"{HEAD}index 0\n\n".encode()
    note = b"a" * (MAX_LOG_PROOF_BYTES - len(head))
    assert parse_log_proof(head + note).checkpoint_note == note
    with pytest.raises(TooLargeError):
        parse_log_proof(head + note + b"a")


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_refused_or_read_in_one_way(raw: bytes) -> None:
    for candidate in (raw, f"{HEAD}index 3\n".encode() + raw):
        try:
            proof = parse_log_proof(candidate)
        except GatewayError:
            continue
        assert encode_log_proof(proof) == candidate


@given(
    index=st.integers(0, 2**63 - 1),
    path=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    extra=st.none() | st.binary(max_size=100),
)
def test_every_proof_reads_back(
    index: int,
    path: list[bytes],
    extra: bytes | None,
) -> None:
    proof = LogProof(index, tuple(path), b"note\n\nlines\n", extra)
    assert parse_log_proof(encode_log_proof(proof)) == proof


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_a_proof_yields_checkpoint_and_leaf(index: int) -> None:
    proof = LogProof(
        index=index,
        path=inclusion_path(index, len(LEAVES), MemoryTree(LEAVES)),
        checkpoint_note=PROOF.checkpoint_note,
        extra=ENTRIES[index],
    )
    again = parse_log_proof(encode_log_proof(proof))
    verified = verify_log_proof(again, origin=ORIGIN, keys=LOG.keys)
    assert verified == (CHECKPOINT, ENTRIES[index])


OTHER = LogSigner(ORIGIN, ed25519_seed=b"o" * 32, ml_dsa_seed=b"p" * 32)


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param(replace(PROOF, extra=None), id="no leaf"),
        pytest.param(replace(PROOF, extra=ENTRIES[4]), id="another leaf"),
        pytest.param(replace(PROOF, extra=b""), id="empty leaf"),
        pytest.param(replace(PROOF, index=4), id="another index"),
        pytest.param(replace(PROOF, index=11), id="index outside"),
        pytest.param(replace(PROOF, path=PROOF.path[1:]), id="path cut"),
        pytest.param(
            replace(PROOF, checkpoint_note=OTHER.sign(CHECKPOINT)),
            id="signed by another",
        ),
        pytest.param(
            replace(PROOF, checkpoint_note=LOG.sign(Checkpoint(ORIGIN, 11, H1))),
            id="another root",
        ),
    ],
)
def test_a_proof_that_does_not_hold_is_refused(proof: LogProof) -> None:
    with pytest.raises(LogProofError):
        verify_log_proof(proof, origin=ORIGIN, keys=LOG.keys)


def test_a_proof_in_another_log_is_refused() -> None:
    with pytest.raises(LogProofError):
        verify_log_proof(PROOF, origin="mj.example/audit/2", keys=LOG.keys)


def test_a_proof_whose_checkpoint_is_no_note_is_refused() -> None:
    with pytest.raises(MalformedError):
        verify_log_proof(
            replace(PROOF, checkpoint_note=b"no note\n"),
            origin=ORIGIN,
            keys=LOG.keys,
        )


@pytest.mark.parametrize(
    ("role", "origin", "name"),
    [
        ("origin", "moj.ee/audit/1", "origin-moj.ee-audit-1-42.tlog-proof"),
        ("receipt", "pgr.pt/audit/2", "receipt-pgr.pt-audit-2-42.tlog-proof"),
        ("key-refusal", "pgr.pt/audit/1", "key-refusal-pgr.pt-audit-1-42.tlog-proof"),
        ("opening", "Ä/../x", "opening---..-x-42.tlog-proof"),
    ],
)
def test_a_proof_file_is_called_after_role_log_and_index(
    role: str,
    origin: str,
    name: str,
) -> None:
    assert proof_file_name(role, origin, 42) == name


@pytest.mark.parametrize(
    ("role", "origin", "index"),
    [
        ("", "a", 0),
        ("../x", "a", 0),
        ("-refusal", "a", 0),
        ("key-", "a", 0),
        ("receipt", "", 0),
        ("receipt", "two words", 0),
        ("receipt", "a\n", 0),
        ("receipt", "a", -1),
        ("receipt", "a", 2**63),
        ("receipt", "a" * 250, 0),
    ],
)
def test_what_no_proof_can_be_of_names_no_file(
    role: str,
    origin: str,
    index: int,
) -> None:
    with pytest.raises(MalformedError):
        proof_file_name(role, origin, index)
