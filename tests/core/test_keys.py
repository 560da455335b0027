"""Keys: expansion, ids, records, the archive (specification, section 2)."""

import base64
import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import CannotOpenError, MalformedError, UnknownSuiteError
from gateway.core.keys import (
    KEM_PUBLIC_BYTES,
    SUITE,
    USE_OPEN,
    WRAP_BYTES,
    ArchiveKey,
    AttachmentKey,
    ContentKey,
    Direction,
    KemKeyRecord,
    KemPrivateKey,
    KemPublicKey,
    check_record,
    is_openable,
    is_sealable,
    key_id,
    new_kem_key,
    publish_kem_key,
    unwrap_content_key,
    wrap_content_key,
)
from gateway.core.limits import KEM_OPEN_AFTER_SEND_MS, KEM_SEND_PERIOD_MS
from gateway.core.values import AuthorityId, HexDigest, UnixMs, format_time

VECTORS = Path(__file__).parent.parent / "vectors" / "hpke" / "mlkem768-x25519.json"
NOW = UnixMs(1_795_129_509_123)
DAY_MS = 86_400_000
MOJ = AuthorityId("moj.ee")
SEED = bytes(range(32))
PRIVATE = KemPrivateKey.from_seed(SEED)
RECORD = publish_kem_key(PRIVATE, MOJ, NOW).record
DIGEST = HexDigest("ab" * 32)
KDFS = {1: KDF.HKDF_SHA256, 16: KDF.SHAKE128, 17: KDF.SHAKE256}


class Encryption(msgspec.Struct):
    """One message of a published vector."""

    aad: str
    ct: str
    pt: str


class HpkeVector(msgspec.Struct):
    """What we use of a published vector."""

    kem_id: int
    kdf_id: int
    aead_id: int
    info: str
    skRm: str  # noqa: N815 - the vector's name
    pkRm: str  # noqa: N815 - the vector's name
    enc: str
    encryptions: list[Encryption]


PUBLISHED = msgspec.json.decode(VECTORS.read_bytes(), type=list[HpkeVector])


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: f"kdf{vector.kdf_id}")
def test_published_seeds_give_their_keys_and_open(vector: HpkeVector) -> None:
    private = KemPrivateKey.from_seed(bytes.fromhex(vector.skRm))
    assert private.public.raw.hex() == vector.pkRm
    assert KemPublicKey.from_bytes(private.public.raw) == private.public

    first = vector.encryptions[0]
    assert (vector.kem_id, vector.aead_id) == (0x647A, 3)
    opened = openssl.hpke._decrypt_with_aad(
        Suite(KEM.MLKEM768_X25519, KDFS[vector.kdf_id], AEAD.CHACHA20_POLY1305),
        bytes.fromhex(vector.enc + first.ct),
        private._hpke,
        bytes.fromhex(vector.info),
        bytes.fromhex(first.aad),
    )
    assert opened.hex() == first.pt


def test_a_seed_gives_the_same_key_for_ever() -> None:
    digest = hashlib.sha256(PRIVATE.public.raw).hexdigest()
    assert digest == "c9a3565ffde4f72b51661be391ee13e46378d7f06dd5c8bf5af9d2cfb5b8336b"
    assert (
        RECORD.kid == "8c92e603d9bd44a9ed3271eabee7c249a4c046218e0efb9cac87e75740fdd5f0"
    )


def test_a_key_id_is_the_hash_the_specification_spells_out() -> None:
    spelled = b"mla-key/1\0" + b"\x01" + b"\x01" + b"\x06" + b"moj.ee" + b"public"
    expected = hashlib.sha256(spelled).hexdigest()
    assert key_id(SUITE, USE_OPEN, MOJ, b"public") == expected


def test_fresh_keys_differ() -> None:
    assert KemPrivateKey.new().public != KemPrivateKey.new().public
    assert ContentKey.new() != ContentKey.new()


def test_a_seed_is_thirty_two_bytes() -> None:
    for seed in (b"", SEED[:31], SEED + b"x"):
        with pytest.raises(MalformedError):
            KemPrivateKey.from_seed(seed)


def test_secrets_never_show() -> None:
    secret = ContentKey(b"S" * 32)
    for shown in (repr(PRIVATE), repr(secret), str(secret), f"{PRIVATE}"):
        assert "SSSS" not in shown
        assert str(SEED)[2:20] not in shown
        assert "\\x01\\x02" not in shown


def test_secrets_of_different_kinds_are_never_equal() -> None:
    raw = b"k" * 32
    assert ContentKey(raw) == ContentKey(raw)
    assert hash(ContentKey(raw)) == hash(ContentKey(raw))
    assert ContentKey(raw) != ContentKey(b"l" * 32)
    assert ContentKey(raw) != AttachmentKey(raw)
    assert ContentKey(raw) != raw


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_is_thirty_two_bytes(length: int) -> None:
    with pytest.raises(MalformedError):
        ContentKey(bytes(length))


def test_what_is_sealed_opens_with_its_key_and_info_only() -> None:
    wrap = PRIVATE.public.seal(b"c" * 32, info=b"a")
    assert len(wrap) == WRAP_BYTES
    assert PRIVATE.open(wrap, info=b"a") == b"c" * 32
    for key, sealed, info in (
        (PRIVATE, wrap, b"b"),
        (KemPrivateKey.new(), wrap, b"a"),
        (PRIVATE, wrap[:-1], b"a"),
        (PRIVATE, wrap + b"x", b"a"),
        (PRIVATE, b"", b"a"),
        # A low-order X25519 half makes the library say something else.
        (PRIVATE, wrap[:1088] + bytes(32) + wrap[1120:], b"a"),
    ):
        with pytest.raises(CannotOpenError):
            key.open(sealed, info=info)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        PRIVATE.public.raw[:-1],
        PRIVATE.public.raw + b"x",
        b"\xff" * 1184 + PRIVATE.public.raw[1184:],
        PRIVATE.public.raw[:1184] + bytes(32),
        PRIVATE.public.raw[:1184] + (1).to_bytes(32, "little"),
        PRIVATE.public.raw[:1184] + (2**255 - 19 + 9).to_bytes(32, "little"),
        PRIVATE.public.raw[:1215] + bytes((PRIVATE.public.raw[1215] | 0x80,)),
    ],
    ids=["empty", "short", "long", "lattice", "zero", "one", "unreduced", "top-bit"],
)
def test_unusable_and_second_spellings_of_public_keys_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        KemPublicKey.from_bytes(raw)


@given(st.binary(min_size=KEM_PUBLIC_BYTES, max_size=KEM_PUBLIC_BYTES))
def test_any_bytes_are_a_public_key_that_seals_or_refused(raw: bytes) -> None:
    try:
        public = KemPublicKey.from_bytes(raw)
    except MalformedError:
        return
    assert len(public.seal(b"c" * 32, info=b"")) == WRAP_BYTES


def test_a_new_key_comes_with_a_record_in_order() -> None:
    made = new_kem_key(MOJ, NOW)
    key = check_record(made.record, MOJ)
    assert key.public == made.private.public
    assert key.kid == made.record.kid
    assert key.not_before == NOW
    assert key.send_until == NOW + KEM_SEND_PERIOD_MS
    assert key.open_until == key.send_until + KEM_OPEN_AFTER_SEND_MS
    assert new_kem_key(MOJ, NOW, send_period_ms=DAY_MS).record.send_until == (
        format_time(UnixMs(NOW + DAY_MS))
    )


def change(**fields: str | int) -> KemKeyRecord:
    """Return the record with some fields changed."""
    return msgspec.structs.replace(RECORD, **fields)


@pytest.mark.parametrize(
    "record",
    [
        change(kid="00" * 32),
        change(public="!"),
        change(public=base64.b64encode(bytes(1216)).decode()),
        change(public=RECORD.public + "\n"),
        change(not_before=RECORD.open_until),
        change(open_until=RECORD.send_until),
        change(open_until=format_time(UnixMs(NOW + 121 * DAY_MS - 1))),
        change(send_until="tomorrow"),
    ],
    ids=["kid", "text", "key", "spelling", "start", "end", "91-days", "time"],
)
def test_a_record_that_is_not_in_order_is_refused(record: KemKeyRecord) -> None:
    with pytest.raises(MalformedError):
        check_record(record, MOJ)


def test_a_record_of_another_authority_or_suite_is_refused() -> None:
    with pytest.raises(MalformedError):
        check_record(RECORD, AuthorityId("pgr.pt"))
    with pytest.raises(UnknownSuiteError):
        check_record(change(suite=2), MOJ)


def test_a_key_is_sealed_to_and_opened_with_within_its_times() -> None:
    send_until = UnixMs(NOW + KEM_SEND_PERIOD_MS)
    open_until = UnixMs(send_until + KEM_OPEN_AFTER_SEND_MS)
    assert is_sealable(RECORD, NOW)
    assert is_sealable(RECORD, send_until)
    assert not is_sealable(RECORD, UnixMs(NOW - 1))
    assert not is_sealable(RECORD, UnixMs(send_until + 1))
    assert is_openable(RECORD, open_until)
    assert not is_openable(RECORD, UnixMs(open_until + 1))


def test_an_archived_content_key_comes_back_for_its_box_and_envelope_only() -> None:
    archive, key = ArchiveKey.new(), ContentKey.new()
    wrapped = wrap_content_key(archive, key, direction="out", envelope_digest=DIGEST)
    assert len(wrapped) == 12 + 32 + 16
    assert (
        unwrap_content_key(archive, wrapped, direction="out", envelope_digest=DIGEST)
        == key
    )
    other = HexDigest("cd" * 32)
    flipped = bytes((wrapped[0] ^ 1,)) + wrapped[1:]
    outward: Direction = "out"
    inward: Direction = "in"
    for by, sealed, direction, digest in (
        (archive, wrapped, inward, DIGEST),
        (archive, wrapped, outward, other),
        (ArchiveKey.new(), wrapped, outward, DIGEST),
        (archive, flipped, outward, DIGEST),
        (archive, wrapped[:5], outward, DIGEST),
        (archive, b"", outward, DIGEST),
    ):
        with pytest.raises(CannotOpenError):
            unwrap_content_key(by, sealed, direction=direction, envelope_digest=digest)


def test_the_archive_format_is_frozen() -> None:
    wrapped = bytes.fromhex(
        "6e6e6e6e6e6e6e6e6e6e6e6eb78dfda07a25579924c90dc0e75618b8e24dc9f9"
        "0e52a3822d61208a6cd9ca4a2b2cf2286bf98fa53ef2629804aa611e",
    )
    opened = unwrap_content_key(
        ArchiveKey(b"a" * 32),
        wrapped,
        direction="in",
        envelope_digest=DIGEST,
    )
    assert opened == ContentKey(b"c" * 32)


def test_a_record_is_spelled_as_the_card_spells_it() -> None:
    assert sorted(json.loads(msgspec.json.encode(RECORD))) == [
        "kid",
        "not_before",
        "open_until",
        "public",
        "send_until",
        "suite",
    ]
