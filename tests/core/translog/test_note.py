"""Signed notes and verifier keys: published examples, strictness, refusals."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import (
    GatewayError,
    LogProofError,
    MalformedError,
    TooLargeError,
)
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.core.translog.checkpoint import Checkpoint, Ed25519Cosigner, MlDsaCosigner
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.translog.note import (
    Ed25519Signer,
    KeyType,
    Note,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_vkey,
    verified_lines,
    verify_note,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "translog"

EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
    "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

SIGNER = Ed25519Signer("log.example/a", bytes(range(32)))
OTHER = Ed25519Signer("log.example/b", bytes(range(1, 33)))
TEXT = b"One line.\n"
LINE = SIGNER.sign(TEXT).line()


def note_with(*lines: str, text: bytes = TEXT) -> bytes:
    return text + b"\n" + "".join(lines).encode()


def test_the_published_example_verifies() -> None:
    key = parse_vkey(EXAMPLE_VKEY)
    assert key.key_id.hex() == "530d903a"
    assert key.to_text() == EXAMPLE_VKEY
    note = parse_note(EXAMPLE_NOTE)
    assert note.to_bytes() == EXAMPLE_NOTE
    assert verify_note(note, [key]) == ((key, 0),)


def test_every_published_checkpoint_of_the_tessera_log_verifies() -> None:
    log = json.loads((VECTORS / "tessera-log.json").read_text())
    key = parse_vkey(log["vkey"])
    for raw in log["checkpoints"].values():
        assert verify_note(parse_note(raw.encode()), [key]) == ((key, 0),)


def test_the_published_post_quantum_checkpoint_verifies() -> None:
    vector = json.loads((VECTORS / "checkpoint-mldsa44.json").read_text())
    key = parse_vkey(vector["vkey"])
    note = parse_note(vector["note"].encode())
    assert key.key_type is KeyType.ML_DSA_44
    assert note.to_bytes() == vector["note"].encode()
    assert verify_note(note, [key]) == ((key, 0),)


@pytest.mark.parametrize(
    "key",
    [
        SIGNER.key,
        Ed25519Cosigner("witness.example", bytes(32)).key,
        MlDsaCosigner("witness.example", bytes(32)).key,
    ],
    ids=lambda key: key.key_type.name,
)
def test_a_key_survives_its_text(key: VerifierKey) -> None:
    assert parse_vkey(key.to_text()) == key


def test_keys_of_one_name_differ_in_their_ids() -> None:
    seed = bytes(32)
    ids = {
        signer.key.key_id
        for signer in (
            Ed25519Signer("w.example", seed),
            Ed25519Cosigner("w.example", seed),
            MlDsaCosigner("w.example", seed),
        )
    }
    assert len(ids) == 3


NAME, HEX_ID, PAYLOAD = EXAMPLE_VKEY.split("+", 2)
NOT_ON_THE_CURVE = bytes([2]) + bytes(31)
SMALL_ORDER = bytes([1]) + bytes(31)
NOT_CANONICAL = bytes([0xF0]) + b"\xff" * 30 + b"\x7f"


def vkey_of(key_type: int, public: bytes) -> str:
    payload = base64.b64encode(bytes([key_type]) + public).decode()
    return f"{NAME}+{HEX_ID}+{payload}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"{NAME}+{HEX_ID}", id="no key"),
        pytest.param(f"+{HEX_ID}+{PAYLOAD}", id="no name"),
        pytest.param(f"a b+{HEX_ID}+{PAYLOAD}", id="space in the name"),
        pytest.param(f"{NAME}+530D903A+{PAYLOAD}", id="upper-case id"),
        pytest.param(f"{NAME}+530d903b+{PAYLOAD}", id="id of another key"),
        pytest.param(f"{NAME}+0530d903a+{PAYLOAD}", id="id with a zero more"),
        pytest.param(f"{NAME}+{HEX_ID}+{PAYLOAD}\n", id="line feed at the end"),
        pytest.param(f"{NAME}+{HEX_ID}+!", id="not base64"),
        pytest.param(f"{NAME}+{HEX_ID}+", id="empty key"),
        pytest.param(vkey_of(0x02, bytes(91)), id="ECDSA"),
        pytest.param(vkey_of(0xFF, bytes(32)), id="private extension"),
        pytest.param(vkey_of(0x01, bytes(31)), id="Ed25519 key too short"),
        pytest.param(vkey_of(0x06, bytes(1311)), id="ML-DSA key too short"),
        pytest.param(vkey_of(0x01, NOT_ON_THE_CURVE), id="not on the curve"),
        pytest.param(vkey_of(0x01, SMALL_ORDER), id="small order"),
        pytest.param(vkey_of(0x04, NOT_CANONICAL), id="point not canonical"),
    ],
)
def test_an_improper_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_vkey(text)


def test_a_post_quantum_key_has_a_name_that_its_signatures_can_hold() -> None:
    MlDsaCosigner("n" * 255, bytes(32))
    with pytest.raises(MalformedError, match="255"):
        MlDsaCosigner("n" * 256, bytes(32))


def test_an_emdash_note_with_empty_lines_in_its_text_splits_at_the_last() -> None:
    text = "a\n\n\n— no signature\n\nb\n\n".encode()
    raw = note_with(SIGNER.sign(text).line(), text=text)
    note = parse_note(raw)
    assert note.text == text
    assert note.to_bytes() == raw
    assert verify_note(note, [SIGNER.key])


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(TEXT, id="no signatures"),
        pytest.param(TEXT + b"\n", id="no signature line"),
        pytest.param(LINE.encode(), id="no text"),
        pytest.param(b"\n" + LINE.encode(), id="text without a line"),
        pytest.param(TEXT + LINE.encode(), id="no empty line"),
        pytest.param(note_with(LINE[:-1]), id="no line feed at the end"),
        pytest.param(note_with(LINE, "\n"), id="empty line at the end"),
        pytest.param(note_with(LINE, "x"), id="something after the last line"),
        pytest.param(note_with(LINE.replace("—", "-")), id="a hyphen for the dash"),
        pytest.param(note_with(LINE.replace("— ", "—")), id="no space after the dash"),
        pytest.param(note_with(LINE.replace("— ", "—  ")), id="two spaces"),
        pytest.param(note_with("— name\n"), id="no signature in the line"),
        pytest.param(note_with("— name AAAAAA==\n"), id="a key id alone"),
        pytest.param(note_with("— name AAAA\n"), id="shorter than a key id"),
        pytest.param(note_with("— name AAAAAAA\n"), id="no padding"),
        pytest.param(note_with("— name AAAAAAB=\n"), id="base64 not canonical"),
        pytest.param(note_with("— name AAAA-_8=\n"), id="another base64 alphabet"),
        pytest.param(note_with("— name AAAA AAA=\n"), id="space in the base64"),
        pytest.param(note_with("— näme AAAAAÄA=\n"), id="base64 not ASCII"),
        pytest.param(note_with("— a+b AAAAAAA=\n"), id="plus in a name"),
        pytest.param(note_with("—  AAAAAAA=\n"), id="empty name"),
        pytest.param(note_with("— a\u00a0b AAAAAAA=\n"), id="no-break space"),
        pytest.param(note_with("— a\u2028b AAAAAAA=\n"), id="line separator"),
        pytest.param(note_with(LINE, text=b"\xff\n"), id="not UTF-8"),
        pytest.param(note_with(LINE, text=b"a\r\n"), id="carriage return"),
        pytest.param(note_with(LINE, text=b"a\tb\n"), id="tab"),
        pytest.param(note_with(LINE, text=b"a\x00\n"), id="NUL"),
    ],
)
def test_what_is_not_exactly_a_note_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_note(raw)


def test_notes_are_bounded() -> None:
    lines = ["— name AAAAAAA=\n"] * 64
    assert len(parse_note(note_with(*lines)).signatures) == 64
    with pytest.raises(TooLargeError, match="64"):
        parse_note(note_with(*lines, LINE))
    text = b"a" * (MAX_NOTE_BYTES - len(LINE.encode()) - 2) + b"\n"
    assert parse_note(note_with(LINE, text=text)).text == text
    with pytest.raises(TooLargeError):
        parse_note(note_with(LINE, text=b"a" + text))


def test_signatures_of_unknown_keys_are_ignored_and_kept() -> None:
    raw = note_with(OTHER.sign(b"else\n").line(), LINE, "— name AAAAAAA=\n" * 2)
    note = parse_note(raw)
    assert verify_note(note, [SIGNER.key]) == ((SIGNER.key, 0),)
    assert note.to_bytes() == raw


def test_one_bad_signature_of_a_configured_key_spoils_the_note() -> None:
    note = parse_note(note_with(LINE, OTHER.sign(b"else\n").line()))
    with pytest.raises(LogProofError, match=r"example/b .* does not hold"):
        verify_note(note, [SIGNER.key, OTHER.key])


def test_a_configured_key_may_not_sign_twice() -> None:
    note = parse_note(note_with(LINE, LINE))
    with pytest.raises(LogProofError, match="twice"):
        verify_note(note, [SIGNER.key])


def test_a_note_without_a_configured_signer_is_no_proof() -> None:
    note = parse_note(note_with(LINE))
    assert verified_lines(note, [OTHER.key]) == ()
    for keys in ([OTHER.key], []):
        with pytest.raises(LogProofError, match="no configured key"):
            verify_note(note, keys)


def test_a_key_given_twice_counts_once() -> None:
    note = parse_note(note_with(LINE))
    assert len(verify_note(note, [SIGNER.key, SIGNER.key])) == 1


def test_two_keys_with_one_name_and_id_are_refused() -> None:
    twin = VerifierKey(SIGNER.key.name, KeyType.ED25519, OTHER.key.public)
    object.__setattr__(twin, "key_id", SIGNER.key.key_id)
    with pytest.raises(LogProofError, match="share one id"):
        verified_lines(parse_note(note_with(LINE)), [SIGNER.key, twin])


@pytest.mark.parametrize("length", [1, 63, 65])
def test_a_signature_of_another_length_does_not_hold(length: int) -> None:
    line = NoteSignature(SIGNER.key.name, SIGNER.key.key_id, bytes(length))
    with pytest.raises(LogProofError):
        verify_note(Note(TEXT, (line,)), [SIGNER.key])


@pytest.mark.parametrize(
    "cosigner",
    [Ed25519Cosigner("w.example", bytes(32)), MlDsaCosigner("w.example", bytes(32))],
    ids=["Ed25519", "ML-DSA"],
)
def test_a_changed_time_or_signature_does_not_hold(
    cosigner: Ed25519Cosigner | MlDsaCosigner,
) -> None:
    checkpoint = Checkpoint("log.example", 0, EMPTY_ROOT)
    signature = cosigner.cosign(checkpoint, time_s=1_700_000_000).signature
    assert cosigner.key.verify(checkpoint.text, signature) == 1_700_000_000
    beyond_dates = b"\xff" + signature[1:]
    later = signature[:7] + bytes([signature[7] ^ 1]) + signature[8:]
    other = signature[:-1] + bytes([signature[-1] ^ 1])
    for changed in (beyond_dates, later, other, signature[:-1]):
        with pytest.raises(LogProofError, match="does not hold"):
            cosigner.key.verify(checkpoint.text, changed)


def test_a_post_quantum_key_signs_nothing_but_checkpoints() -> None:
    key = MlDsaCosigner("w.example", bytes(32)).key
    with pytest.raises(MalformedError, match="three lines"):
        key.verify(b"no checkpoint\n", bytes(8 + 2420))


@given(st.integers(0, len(EXAMPLE_NOTE) - 1), st.integers(1, 255))
def test_a_changed_note_never_verifies(at: int, change: int) -> None:
    raw = bytearray(EXAMPLE_NOTE)
    raw[at] ^= change
    with pytest.raises(GatewayError):
        verify_note(parse_note(bytes(raw)), [parse_vkey(EXAMPLE_VKEY)])


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_refused_or_read_in_one_way(raw: bytes) -> None:
    for candidate in (raw, note_with(LINE, text=raw), TEXT + b"\n" + raw):
        try:
            note = parse_note(candidate)
        except GatewayError:
            continue
        assert note.to_bytes() == candidate


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_has_32_bytes_and_errors_do_not_show_it(length: int) -> None:
    seed = b"S" * length
    for make in (Ed25519Signer, Ed25519Cosigner, MlDsaCosigner):
        with pytest.raises(MalformedError) as caught:
            make("n.example", seed)
        assert "SS" not in str(caught.value)


def test_private_keys_do_not_show() -> None:
    seed = bytes(range(32))
    for make in (Ed25519Signer, Ed25519Cosigner, MlDsaCosigner):
        shown = repr(make("n.example", seed))
        assert "n.example" in shown
        assert seed.hex()[:8] not in shown
        assert repr(seed)[2:20] not in shown
