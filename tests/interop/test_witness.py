"""Our side of the witness protocol, against a witness that other people wrote."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.translog.checkpoint import (
    Checkpoint,
    cosignature_lines,
    verify_checkpoint,
)
from gateway.core.translog.merkle import Path as Proof
from gateway.core.translog.merkle import consistency_proof, leaf_hash, root_of
from gateway.core.translog.note import Note, parse_note
from gateway.core.translog.readers import MemoryTree
from gateway.core.translog.witness import (
    SIZE_CONTENT_TYPE,
    encode_add_checkpoint,
    origin_hash,
    parse_cosignatures,
    parse_size_reply,
)
from tests.support.exports import ORIGIN, leaves, signer_of
from tests.support.witness_process import NAME, Answer, OtherWitness, other_witness

pytestmark = pytest.mark.timeout(240)

HASHES = [leaf_hash(entry.data) for entry in leaves(300)]
SIGNER = signer_of()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[OtherWitness]:
    with other_witness(tmp_path, [(ORIGIN, SIGNER.keys[0])]) as running:
        yield running


def note(size: int, *, root: bytes | None = None) -> bytes:
    return SIGNER.sign(Checkpoint(ORIGIN, size, root or root_of(HASHES[:size])))


def proof(old_size: int, new_size: int) -> Proof:
    if not old_size:
        return ()
    return consistency_proof(old_size, new_size, MemoryTree(HASHES[:new_size]))


def ask(witness: OtherWitness, old_size: int, new_size: int) -> Answer:
    body = encode_add_checkpoint(old_size, proof(old_size, new_size), note(new_size))
    return witness.add_checkpoint(body)


def test_it_cosigns_what_has_grown_and_we_verify_its_line(
    witness: OtherWitness,
) -> None:
    assert witness.key.name == NAME
    for old_size, new_size in ((0, 200), (200, 256), (256, 256), (256, 300)):
        answer = ask(witness, old_size, new_size)
        assert answer.status == 200, answer

        signed = parse_note(note(new_size))
        lines = parse_cosignatures(answer.body)
        cosigned = Note(signed.text, (*signed.signatures, *lines)).to_bytes()
        ((key, time_s),) = cosignature_lines(cosigned, [witness.key])
        assert key == witness.key
        assert time_s > 0


def test_it_tells_the_size_it_holds_as_we_read_it(witness: OtherWitness) -> None:
    assert ask(witness, 0, 200).status == 200
    for old_size in (0, 100):
        answer = ask(witness, old_size, 300)
        assert (answer.status, answer.content_type) == (409, SIZE_CONTENT_TYPE)
        assert parse_size_reply(answer.body) == 200
    assert ask(witness, 200, 300).status == 200


def test_it_never_cosigns_a_fork(witness: OtherWitness) -> None:
    assert ask(witness, 0, 200).status == 200
    forked = note(200, root=bytes(32))
    answer = witness.add_checkpoint(encode_add_checkpoint(200, (), forked))
    assert answer.status == 422
    longer = note(300, root=bytes(32))
    body = encode_add_checkpoint(200, proof(200, 300), longer)
    assert witness.add_checkpoint(body).status == 422


def test_it_refuses_what_we_would_refuse(witness: OtherWitness) -> None:
    stranger = signer_of("pgr.pt/audit/1")
    checkpoint = Checkpoint("pgr.pt/audit/1", 200, root_of(HASHES[:200]))
    unknown = encode_add_checkpoint(0, (), stranger.sign(checkpoint))
    assert witness.add_checkpoint(unknown).status == 404
    signed = parse_note(note(200))
    unsigned = replace(signed, signatures=signed.signatures[1:])
    body = encode_add_checkpoint(0, (), unsigned.to_bytes())
    assert witness.add_checkpoint(body).status == 403
    assert witness.add_checkpoint(b"old 0\n").status == 400


def test_what_it_publishes_is_where_we_look_and_what_we_verify(
    witness: OtherWitness,
) -> None:
    path = f"{origin_hash(ORIGIN)}/checkpoint"
    assert witness.fetch(path).status == 404
    assert ask(witness, 0, 300).status == 200

    published = witness.fetch(path)

    assert published.status == 200
    assert [key for key, _ in cosignature_lines(published.body, [witness.key])]
    # It keeps the lines that it knows; ours with ML-DSA-44 is not one of them.
    opened = parse_note(published.body)
    ours = parse_note(note(300)).signatures
    whole = Note(opened.text, (*opened.signatures, ours[1])).to_bytes()
    head = verify_checkpoint(whole, origin=ORIGIN, keys=SIGNER.keys)
    assert head.size == 300
