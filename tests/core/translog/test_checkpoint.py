"""Checkpoints: both signatures of the log, cosignatures, the bytes they cover."""

import json
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from gateway.core.errors import GatewayError, LogProofError, MalformedError
from gateway.core.translog.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    LogSigner,
    MlDsaCosigner,
    cosignature_lines,
    parse_checkpoint,
    verify_checkpoint,
    verify_cosignatures,
)
from gateway.core.translog.merkle import EMPTY_ROOT, leaf_hash, root_of
from gateway.core.translog.note import (
    Ed25519Signer,
    Note,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_vkey,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "translog"
ORIGIN = "mj.example/audit/1"
NOW_S = 1_793_000_000


def log_signer(number: int, origin: str = ORIGIN) -> LogSigner:
    return LogSigner(
        origin,
        ed25519_seed=bytes([number]) * 32,
        ml_dsa_seed=bytes([number + 100]) * 32,
    )


LOG = log_signer(1)
CHECKPOINT = Checkpoint(ORIGIN, 3, root_of([leaf_hash(b"x")] * 3))
LINES = LOG.sign_lines(CHECKPOINT)
WITNESS = "bmj.example/witness"
CLASSICAL = Ed25519Cosigner(WITNESS, b"w" * 32)
POST_QUANTUM = MlDsaCosigner(WITNESS, b"q" * 32)


def note_of(*lines: NoteSignature) -> bytes:
    return Note(CHECKPOINT.text, lines).to_bytes()


def test_a_checkpoint_has_three_lines_and_one_spelling() -> None:
    text = b"mj.example/audit/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert checkpoint.text == text
    assert parse_checkpoint(text) == checkpoint


def test_published_checkpoints_are_the_roots_of_their_entries() -> None:
    log = json.loads((VECTORS / "tessera-log.json").read_text())
    leaves = [leaf_hash(entry.encode()) for entry in log["entries"]]
    for size in range(len(leaves) + 1):
        note = parse_note(log["checkpoints"][f"checkpoint.{size}"].encode())
        assert parse_checkpoint(note.text) == Checkpoint(
            origin=log["origin"],
            size=size,
            root=root_of(leaves[:size]),
        )


ROOT_TEXT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"a\n1\n{ROOT_TEXT}", id="no line feed at the end"),
        pytest.param("a\n1\n", id="no root"),
        pytest.param(f"a\n1\n{ROOT_TEXT}\nextension\n", id="extension line"),
        pytest.param(f"a\n1\n{ROOT_TEXT}\n\n", id="empty line more"),
        pytest.param(f"a\n01\n{ROOT_TEXT}\n", id="leading zero"),
        pytest.param(f"a\n+1\n{ROOT_TEXT}\n", id="plus sign"),
        pytest.param(f"a\n-1\n{ROOT_TEXT}\n", id="minus sign"),
        pytest.param(f"a\n\n{ROOT_TEXT}\n", id="no size"),
        pytest.param(f"a\n1 \n{ROOT_TEXT}\n", id="space after the size"),
        pytest.param(f"a\n1_0\n{ROOT_TEXT}\n", id="underscore in the size"),
        pytest.param(f"a\n\u0661\n{ROOT_TEXT}\n", id="digit of another script"),
        pytest.param(f"a\n{2**63}\n{ROOT_TEXT}\n", id="size of 2^63"),
        pytest.param(f"a\n1\n{ROOT_TEXT[:-1]}\n", id="root without padding"),
        pytest.param(f"a\n1\n{ROOT_TEXT[:-2]}V=\n", id="root not canonical"),
        pytest.param(f"a\n1\n{ROOT_TEXT[:40]}\n", id="root too short"),
        pytest.param(f"\n1\n{ROOT_TEXT}\n", id="no origin"),
        pytest.param(f"a b\n1\n{ROOT_TEXT}\n", id="space in the origin"),
        pytest.param(f"a+b\n1\n{ROOT_TEXT}\n", id="plus in the origin"),
        pytest.param(f"cosignature/v1\n1\n{ROOT_TEXT}\n", id="reserved origin"),
        pytest.param(f"{'a' * 256}\n1\n{ROOT_TEXT}\n", id="origin too long"),
        pytest.param(f"{'a' * 999}\n1\n{ROOT_TEXT}\n", id="text too long"),
    ],
)
def test_a_text_that_is_not_exactly_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(GatewayError) as caught:
        parse_checkpoint(text.encode())
    assert caught.value.code in {"malformed", "too-large"}


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 0, EMPTY_ROOT),
        ("a\nb", 0, EMPTY_ROOT),
        ("a\x00b", 0, EMPTY_ROOT),
        ("a\ud800b", 0, EMPTY_ROOT),
        ("a", -1, EMPTY_ROOT),
        ("a", 2**63, EMPTY_ROOT),
        ("a", 0, EMPTY_ROOT[:-1]),
    ],
)
def test_a_checkpoint_that_could_not_be_read_again_is_never_made(
    origin: str,
    size: int,
    root: bytes,
) -> None:
    with pytest.raises(MalformedError):
        Checkpoint(origin, size, root)


@given(
    origin=st.text(min_size=1, max_size=60),
    size=st.integers(0, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32),
)
def test_a_checkpoint_survives_its_text(origin: str, size: int, root: bytes) -> None:
    try:
        checkpoint = Checkpoint(origin, size, root)
    except MalformedError:
        return
    assert parse_checkpoint(checkpoint.text) == checkpoint


def test_a_log_signs_with_both_keys_and_both_verify() -> None:
    raw = LOG.sign(CHECKPOINT)
    assert len(parse_note(raw).signatures) == 2
    assert verify_checkpoint(raw, origin=ORIGIN, keys=LOG.keys) == CHECKPOINT


def test_a_log_signs_no_checkpoint_of_another_log() -> None:
    with pytest.raises(LogProofError, match="expected"):
        LOG.sign(Checkpoint("mj.example/audit/2", 0, EMPTY_ROOT))


@pytest.mark.parametrize("line", LINES, ids=["Ed25519", "ML-DSA"])
def test_one_of_the_two_signatures_is_not_enough(line: NoteSignature) -> None:
    with pytest.raises(LogProofError, match="both algorithms"):
        verify_checkpoint(note_of(line), origin=ORIGIN, keys=LOG.keys)


@pytest.mark.parametrize("key", LOG.keys, ids=["Ed25519", "ML-DSA"])
def test_one_of_the_two_keys_is_not_enough(key: VerifierKey) -> None:
    with pytest.raises(LogProofError, match="both algorithms"):
        verify_checkpoint(LOG.sign(CHECKPOINT), origin=ORIGIN, keys=[key])


def test_without_keys_nothing_verifies() -> None:
    with pytest.raises(LogProofError, match="no configured key"):
        verify_checkpoint(LOG.sign(CHECKPOINT), origin=ORIGIN, keys=[])


def test_keys_under_another_name_verify_nothing() -> None:
    other = log_signer(1, "mj.example/root")
    raw = Note(CHECKPOINT.text, (other._ed25519.sign(CHECKPOINT.text), *LINES))
    with pytest.raises(LogProofError, match="no configured key"):
        verify_checkpoint(raw.to_bytes(), origin=ORIGIN, keys=other.keys)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = log_signer(1, "mj.example/audit/2")
    raw = other.sign(Checkpoint("mj.example/audit/2", 0, EMPTY_ROOT))
    with pytest.raises(LogProofError, match="expected 'mj"):
        verify_checkpoint(raw, origin=ORIGIN, keys=[*LOG.keys, *other.keys])


@pytest.mark.parametrize("forged", [0, 1], ids=["Ed25519", "ML-DSA"])
def test_a_forged_signature_spoils_the_checkpoint(forged: int) -> None:
    lines = list(LINES)
    signature = lines[forged].signature
    lines[forged] = NoteSignature(
        name=lines[forged].name,
        key_id=lines[forged].key_id,
        signature=signature[:-1] + bytes([signature[-1] ^ 1]),
    )
    with pytest.raises(LogProofError, match="does not hold"):
        verify_checkpoint(note_of(*lines), origin=ORIGIN, keys=LOG.keys)


def test_while_keys_change_either_pair_verifies() -> None:
    new = log_signer(2)
    raw = note_of(*LINES, *new.sign_lines(CHECKPOINT))
    for keys in (LOG.keys, new.keys, (*LOG.keys, *new.keys)):
        assert verify_checkpoint(raw, origin=ORIGIN, keys=keys) == CHECKPOINT


def test_two_signatures_of_one_algorithm_are_not_both_algorithms() -> None:
    new = log_signer(2)
    raw = note_of(LINES[0], new.sign_lines(CHECKPOINT)[0])
    with pytest.raises(LogProofError, match="both algorithms"):
        verify_checkpoint(raw, origin=ORIGIN, keys=(*LOG.keys, *new.keys))


def test_a_log_states_no_time_in_its_own_signature() -> None:
    timed = MlDsaCosigner(ORIGIN, bytes([101]) * 32)
    assert timed.key == LOG.keys[1]
    raw = note_of(LINES[0], timed.cosign(CHECKPOINT, time_s=NOW_S))
    with pytest.raises(LogProofError, match="both algorithms"):
        verify_checkpoint(raw, origin=ORIGIN, keys=LOG.keys)


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    text = b"hello\n"
    signer = Ed25519Signer(ORIGIN, bytes([1]) * 32)
    raw = Note(text, (signer.sign(text),)).to_bytes()
    with pytest.raises(MalformedError):
        verify_checkpoint(raw, origin=ORIGIN, keys=LOG.keys)
    with pytest.raises(MalformedError):
        verify_cosignatures(raw, [CLASSICAL.key])


def test_an_ed25519_cosignature_covers_the_documented_bytes() -> None:
    line = CLASSICAL.cosign(CHECKPOINT, time_s=NOW_S)
    assert len(line.signature) == 8 + 64
    assert line.signature[:8] == struct.pack(">Q", NOW_S)
    covered = b"cosignature/v1\ntime 1793000000\n" + CHECKPOINT.text
    VerifyKey(CLASSICAL.key.public).verify(covered, line.signature[8:])


def test_an_ml_dsa_signature_covers_the_documented_bytes() -> None:
    for line, name, time_s in (
        (POST_QUANTUM.cosign(CHECKPOINT, time_s=NOW_S), WITNESS, NOW_S),
        (LINES[1], ORIGIN, 0),
    ):
        covered = (
            bytes.fromhex("737562747265652f76310a00")
            + bytes([len(name)])
            + name.encode()
            + struct.pack(">Q", time_s)
            + bytes([len(ORIGIN)])
            + ORIGIN.encode()
            + struct.pack(">QQ", 0, 3)
            + CHECKPOINT.root
        )
        assert line.signature[:8] == struct.pack(">Q", time_s)
        assert len(line.signature) == 8 + 2420
        public = (POST_QUANTUM.key if time_s else LOG.keys[1]).public
        MLDSA44PublicKey.from_public_bytes(public).verify(line.signature[8:], covered)


def test_cosignatures_tell_who_and_when() -> None:
    third = Ed25519Cosigner("third.example/witness", b"t" * 32)
    raw = note_of(
        *LINES,
        CLASSICAL.cosign(CHECKPOINT, time_s=NOW_S),
        POST_QUANTUM.cosign(CHECKPOINT, time_s=NOW_S + 5),
        third.cosign(CHECKPOINT, time_s=NOW_S + 9),
    )
    keys = [CLASSICAL.key, POST_QUANTUM.key, third.key]
    assert verify_cosignatures(raw, keys) == {
        WITNESS: NOW_S + 5,
        "third.example/witness": NOW_S + 9,
    }
    assert [line.key for line in cosignature_lines(raw, keys)] == keys
    assert verify_checkpoint(raw, origin=ORIGIN, keys=LOG.keys) == CHECKPOINT


def test_the_later_of_a_witness_s_two_times_counts_in_any_order() -> None:
    lines = (
        CLASSICAL.cosign(CHECKPOINT, time_s=NOW_S),
        POST_QUANTUM.cosign(CHECKPOINT, time_s=NOW_S + 5),
    )
    keys = [CLASSICAL.key, POST_QUANTUM.key]
    for ordered in (lines, lines[::-1]):
        assert verify_cosignatures(note_of(*ordered), keys) == {WITNESS: NOW_S + 5}


def test_no_cosignature_is_an_empty_answer() -> None:
    assert verify_cosignatures(LOG.sign(CHECKPOINT), [CLASSICAL.key]) == {}


def test_a_cosignature_of_another_tree_is_refused() -> None:
    other = Checkpoint(ORIGIN, 4, CHECKPOINT.root)
    for cosigner in (CLASSICAL, POST_QUANTUM):
        raw = note_of(*LINES, cosigner.cosign(other, time_s=NOW_S))
        with pytest.raises(LogProofError, match="does not hold"):
            verify_cosignatures(raw, [cosigner.key])


def test_a_cosignature_without_a_time_is_refused() -> None:
    raw = note_of(*LINES)
    with pytest.raises(LogProofError, match="no time"):
        verify_cosignatures(raw, [LOG.keys[1]])


@pytest.mark.parametrize("time_s", [0, -1, 253_402_300_800])
@pytest.mark.parametrize("cosigner", [CLASSICAL, POST_QUANTUM], ids=["04", "06"])
def test_a_witness_states_a_real_time(
    cosigner: Ed25519Cosigner | MlDsaCosigner,
    time_s: int,
) -> None:
    with pytest.raises(MalformedError, match="no date"):
        cosigner.cosign(CHECKPOINT, time_s=time_s)


def test_the_published_post_quantum_log_lacks_an_ed25519_line() -> None:
    vector = json.loads((VECTORS / "checkpoint-mldsa44.json").read_text())
    key = parse_vkey(vector["vkey"])
    with pytest.raises(LogProofError, match="both algorithms"):
        verify_checkpoint(vector["note"].encode(), origin=key.name, keys=[key])


def test_a_log_signer_shows_its_origin_only() -> None:
    assert repr(LOG) == f"LogSigner({ORIGIN!r})"
