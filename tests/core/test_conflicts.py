"""Contradictions of a log: their file, and what they prove (specification, 8.8)."""

import hashlib
from dataclasses import replace

import pytest

from gateway.core.conflicts import (
    ConflictKind,
    LogConflict,
    conflict_digest,
    conflict_name,
    encode_conflict,
    parse_conflict,
    prove_conflict,
)
from gateway.core.errors import LogProofError, MalformedError, TooLargeError
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.values import AuthorityId, UnixMs

LOG = "pgr.pt/audit/1"
SIGNER = LogSigner(LOG, ed25519_seed=b"\1" * 32, ml_dsa_seed=b"\2" * 32)
OTHER = LogSigner(LOG, ed25519_seed=b"\3" * 32, ml_dsa_seed=b"\4" * 32)


def note(size: int, root: bytes, signer: LogSigner = SIGNER) -> bytes:
    return signer.sign(Checkpoint(LOG, size, root))


def conflict(kind: ConflictKind = ConflictKind.SPLIT_VIEW) -> LogConflict:
    offered = {
        ConflictKind.SPLIT_VIEW: note(7, b"b" * 32),
        ConflictKind.ROLLBACK: note(3, b"b" * 32),
        ConflictKind.INCONSISTENT: note(9, b"b" * 32),
    }[kind]
    return LogConflict(
        origin=LOG,
        authority=AuthorityId("pgr.pt"),
        kind=kind,
        held=note(7, b"a" * 32),
        offered=offered,
        source=AuthorityId("bmj.de"),
        at=UnixMs(1_796_000_000_000),
    )


@pytest.mark.parametrize("kind", ConflictKind)
def test_a_file_gives_the_conflict_again_and_it_proves_itself(
    kind: ConflictKind,
) -> None:
    found = parse_conflict(encode_conflict(conflict(kind)))

    assert found == replace(conflict(kind), offered=found.offered, held=found.held)
    held, offered = prove_conflict(found, SIGNER.keys)
    assert held.size == 7
    assert (held.root, offered.root) == (b"a" * 32, b"b" * 32)


def test_its_name_tells_kind_log_and_size_and_its_digest_is_of_the_file() -> None:
    found = conflict()
    digest = hashlib.sha256(encode_conflict(found)).hexdigest()
    log = hashlib.sha256(LOG.encode()).hexdigest()[:16]

    assert conflict_digest(found) == digest
    assert conflict_name(found) == f"split-view-{log}-7-{digest[:16]}.conflict"


@pytest.mark.parametrize(
    "change",
    [
        {"held": note(7, b"a" * 32, OTHER)},
        {"offered": note(7, b"b" * 32, OTHER)},
        {"offered": note(7, b"a" * 32)},
        {"offered": note(8, b"b" * 32)},
        {"kind": ConflictKind.ROLLBACK},
        {"kind": ConflictKind.INCONSISTENT},
        {"origin": "pgr.pt/audit/2"},
    ],
    ids=["held", "offered", "same-root", "other-size", "rollback", "grown", "origin"],
)
def test_what_the_log_did_not_sign_or_is_no_contradiction_proves_nothing(
    change: dict[str, object],
) -> None:
    with pytest.raises(LogProofError):
        prove_conflict(replace(conflict(), **change), SIGNER.keys)  # type: ignore[arg-type]  # one changed field each


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}\n",
        encode_conflict(conflict())[:-1],
        encode_conflict(conflict()) + b"\n",
        encode_conflict(conflict()).replace(b'"split-view"', b'"opinion"'),
        encode_conflict(conflict()).replace(b'{"at"', b'{ "at"'),
        encode_conflict(conflict()).replace(b'"pgr.pt"', b'"PGR.PT"'),
    ],
)
def test_what_is_no_conflict_file_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_conflict(raw)


def test_a_file_over_its_limit_is_refused() -> None:
    with pytest.raises(TooLargeError):
        parse_conflict(b'"' + b"x" * 3_000_000 + b'"\n')
