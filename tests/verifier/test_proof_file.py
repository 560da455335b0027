"""Checking proof files: what they prove, and what they are compared with."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import UsageError
from gateway.core.limits import MAX_ENVELOPE_BYTES, MAX_LOG_PROOF_BYTES
from gateway.core.translog.proof import encode_log_proof
from gateway.core.values import HexDigest
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome, Report
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker
from tests.support.exports import problems, write_keys

ENVELOPE = b"sealed"
MANIFEST = b"manifest"
MESSAGE_ID = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


MAKER = CardMaker()
CARD = MAKER.make()
MAKER.log(
    "msg.send",
    {
        "m": MESSAGE_ID,
        "peer": "pgr.pt",
        "dig": digest(ENVELOPE),
        "man": digest(MANIFEST),
        "seq": 1,
    },
)
MAKER.log("auth.fail", {})
PROOF = MAKER.prove(1)


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    (tmp_path / "moj.card").write_bytes(CARD)
    path = tmp_path / "origin.tlog-proof"
    path.write_bytes(encode_log_proof(PROOF))
    return path


def options(proof: Path) -> VerifyOptions:
    return VerifyOptions(keys=(proof.with_name("moj.card"),))


def verify(proof: Path) -> Report:
    return verify_path(proof, options(proof))


def test_a_proof_shows_the_entry_it_proves(proof: Path) -> None:
    report = verify(proof)
    assert report.outcome is Outcome.OK
    rendered = report.render()
    assert "ENTRY 1      msg.send 2026-09-21T14:13:20.000Z  included" in rendered
    assert f"message {MESSAGE_ID}" in rendered
    assert f"digest {digest(ENVELOPE)}" in rendered
    assert "peer pgr.pt" in rendered
    assert report.leaf is not None
    assert report.leaf["m"] == MESSAGE_ID


def test_a_proof_is_recognised_without_its_name(proof: Path) -> None:
    other = proof.rename(proof.with_name("proof"))
    assert verify(other).exit_code == 0


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_changed_bit_of_a_proof_is_found(proof: Path, data: st.DataObject) -> None:
    raw = bytearray(encode_log_proof(PROOF))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    proof.write_bytes(raw)
    assert verify(proof).exit_code == 7


@pytest.mark.parametrize("length", [0, 1, 30, 200, -200, -1])
def test_a_proof_that_was_cut_is_found(proof: Path, length: int) -> None:
    proof.write_bytes(encode_log_proof(PROOF)[:length])
    assert verify(proof).exit_code == 7


def test_another_entry_is_not_proven_by_the_path_of_this_one(proof: Path) -> None:
    forged = replace(PROOF, extra=MAKER.log_entries[2])
    proof.write_bytes(encode_log_proof(forged))
    assert "ENTRY 1" in problems(verify(proof))["log-proof-invalid"]


def test_a_proof_without_its_entry_shows_nothing(proof: Path) -> None:
    proof.write_bytes(encode_log_proof(replace(PROOF, extra=None)))
    assert "holds no leaf" in problems(verify(proof))["log-proof-invalid"]


def test_an_entry_at_another_place_than_it_names_is_refused(proof: Path) -> None:
    maker = CardMaker()
    maker.log_entries = [MAKER.log_entries[1], MAKER.log_entries[0]]
    proof.write_bytes(encode_log_proof(maker.prove(0)))
    assert "says it is entry 1" in problems(verify(proof))["entry-index"]


def test_a_signed_entry_that_is_no_entry_is_refused(proof: Path) -> None:
    maker = CardMaker(log_entries=[b"{}"])
    proof.write_bytes(encode_log_proof(maker.prove()))
    assert "ENTRY 0" in problems(verify(proof))["malformed"]


def test_a_proof_signed_by_somebody_else_is_refused(proof: Path) -> None:
    maker = CardMaker(log_label="thief", log_entries=MAKER.log_entries)
    proof.write_bytes(encode_log_proof(maker.prove(1)))
    assert "NO CONFIGURED KEY" in problems(verify(proof))["no-configured-key"]


def test_a_statement_of_the_root_is_proven_by_the_root_keys(proof: Path) -> None:
    proof.write_bytes(CardMaker().state())
    report = verify(proof)
    assert report.exit_code == 0
    assert "root.keys" in report.render()


# --- what the entry is about ---


def test_envelope_and_manifest_are_compared_with_the_entry(proof: Path) -> None:
    envelope, manifest = proof.with_name("e"), proof.with_name("m")
    envelope.write_bytes(ENVELOPE)
    manifest.write_bytes(MANIFEST)
    good = replace(options(proof), envelope=envelope, manifest=manifest)
    assert verify_path(proof, good).exit_code == 0
    assert "ENVELOPE     e has the digest" in verify_path(proof, good).render()

    swapped = replace(good, envelope=manifest, manifest=envelope)
    report = verify_path(proof, swapped)
    assert report.exit_code == 7
    found = [line for line in report.lines if line.outcome is Outcome.FAILED]
    assert [line.subject for line in found] == ["ENVELOPE", "MANIFEST"]


def test_an_entry_without_digest_is_about_no_envelope(proof: Path) -> None:
    proof.write_bytes(encode_log_proof(MAKER.prove(2)))
    envelope = proof.with_name("e")
    envelope.write_bytes(ENVELOPE)
    report = verify_path(proof, replace(options(proof), envelope=envelope))
    assert "the entry names none" in problems(report)["digest-differs"]


@pytest.mark.parametrize("size", [MAX_ENVELOPE_BYTES + 1, 2**40])
def test_a_given_file_is_bounded(proof: Path, size: int) -> None:
    envelope = proof.with_name("e")
    with envelope.open("wb") as file:
        file.truncate(size)
    with pytest.raises(UsageError, match="over"):
        verify_path(proof, replace(options(proof), envelope=envelope))


def test_a_huge_proof_is_refused(proof: Path) -> None:
    with proof.open("wb") as file:
        file.truncate(MAX_LOG_PROOF_BYTES + 1)
    with pytest.raises(UsageError, match="over"):
        verify(proof)


# --- demands ---


def test_a_smaller_log_than_demanded_is_incomplete(proof: Path) -> None:
    report = verify_path(proof, replace(options(proof), min_size=4))
    assert report.exit_code == 8
    assert "below-min-size" in problems(report)


def test_a_head_of_the_same_size_must_be_the_same(proof: Path) -> None:
    seen = proof.with_name("seen")
    with_seen = replace(options(proof), seen=(seen,))
    seen.write_bytes(MAKER.prove(0).checkpoint_note)
    assert verify_path(proof, with_seen).exit_code == 0

    fork = CardMaker(log_entries=[*MAKER.log_entries[:2], b"other"])
    seen.write_bytes(fork.prove(0).checkpoint_note)
    assert "SPLIT VIEW" in problems(verify_path(proof, with_seen))["split-view"]
    out = proof.with_name("conflicts")
    verify_path(proof, replace(with_seen, conflicts_out=out))
    assert fork.prove(0).checkpoint_note.partition(b"\n\n")[0] in {
        path.read_bytes().partition(b"\n\n")[0] for path in out.iterdir()
    }

    shorter = CardMaker(log_entries=MAKER.log_entries[:2])
    seen.write_bytes(shorter.prove(0).checkpoint_note)
    report = verify_path(proof, with_seen)
    assert report.exit_code == 8
    assert "only the log folder can show" in problems(report)["not-compared"]


def test_no_keys_no_check(proof: Path) -> None:
    with pytest.raises(UsageError, match="--keys"):
        verify_path(proof, VerifyOptions())


def test_a_proof_has_no_fingerprint(proof: Path) -> None:
    given_one = replace(options(proof), fingerprint=HexDigest("0" * 64))
    with pytest.raises(UsageError, match="--fingerprint: says nothing"):
        verify_path(proof, given_one)


def test_plain_keys_are_enough(proof: Path) -> None:
    keys = write_keys(proof.with_name("vkeys"), MAKER.audit_signer.keys)
    report = verify_path(proof, VerifyOptions(keys=(keys,)))
    assert report.exit_code == 0
    assert (
        f"moj.ee/audit/1+{MAKER.audit_signer.keys[0].key_id.hex()}" in report.render()
    )
