"""Every refusal of an envelope has a frozen vector and a code (section 7)."""

from pathlib import Path

import msgspec
import pytest

from gateway.core.errors import GatewayError
from tests.support.envelope_vectors import FOLDER, Vector, read_vector, receive
from tests.vectors.make_envelope_vectors import CASES

PATHS = sorted(FOLDER.glob("*.json"))
CODES = {
    "ok",
    "malformed",
    "too-large",
    "unknown-suite",
    "not-addressee",
    "sender-mismatch",
    "expired",
    "key-retired",
    "cannot-open",
}


def outcome(vector: Vector) -> str:
    """Return `ok` with the expected content, or the code of the refusal."""
    try:
        opened = receive(vector)
    except GatewayError as refusal:
        return refusal.code
    assert opened.message == vector.message
    assert len(opened.attachment_keys) == len(opened.manifest.attachments)
    return "ok"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_receiver_comes_to_the_expected_code(path: Path) -> None:
    vector = read_vector(path.read_bytes())
    assert outcome(vector) == vector.expect


def test_there_is_a_vector_for_every_case_and_a_case_for_every_vector() -> None:
    assert {path.stem for path in PATHS} == set(CASES)
    for path in PATHS:
        vector = read_vector(path.read_bytes())
        case = CASES[path.stem]
        assert (vector.comment, vector.expect) == (case.comment, case.expect)


def test_every_code_occurs() -> None:
    assert {read_vector(path.read_bytes()).expect for path in PATHS} == CODES


def test_a_vector_with_an_unknown_or_missing_key_fails_the_run() -> None:
    fields = msgspec.json.decode(PATHS[0].read_bytes())
    for wrong in (
        fields | {"expects": "ok"},
        {name: value for name, value in fields.items() if name != "expect"},
    ):
        with pytest.raises(msgspec.ValidationError):
            read_vector(msgspec.json.encode(wrong))
