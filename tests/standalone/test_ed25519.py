"""Ed25519 in the one-file verifier: the verdicts are libsodium's, to the last byte."""

import hashlib

import nacl.exceptions
import nacl.signing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_core_ed25519_is_valid_point

from standalone import ed25519
from standalone.ed25519 import (
    _ORDER,
    _P,
    BadSignatureError,
    SigningKey,
    VerifyKey,
    _add,
    _decode,
    _multiply,
    _Point,
    is_valid_point,
)

GENERATOR = _decode((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or ed25519._ZERO
SIGNER = nacl.signing.SigningKey(bytes(32))
PUBLIC = SIGNER.verify_key.encode()
SECRET = hashlib.sha512(bytes(32)).digest()[:32]
FACTOR = (int.from_bytes(SECRET, "little") & 2**254 - 8) | 2**254


def encode(point: _Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def small_points() -> list[_Point]:
    """Return the eight points whose order divides eight."""
    for number in range(100):
        found = _decode(hashlib.sha256(b"%d" % number).digest())
        if found is None:
            continue
        point = _multiply(_ORDER, found)
        multiples = [_multiply(count, point) for count in range(8)]
        if len({encode(one) for one in multiples}) == 8:
            return multiples
    raise AssertionError("none of a hundred points has all of them")


SMALL = small_points()


def libsodium_takes(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        nacl.signing.VerifyKey(public).verify(message, signature)
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def ours_takes(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(public).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def crafted(message: bytes, public: bytes, start: _Point, secret: int) -> bytes:
    """Return a signature whose first half its maker chose, as only an owner can."""
    first = encode(start)
    hashed = hashlib.sha512(first + public + message).digest()
    scalar = (secret + int.from_bytes(hashed, "little") * FACTOR) % _ORDER
    return first + scalar.to_bytes(32, "little")


@given(message=st.binary(max_size=100))
def test_what_libsodium_signed_holds(message: bytes) -> None:
    assert ours_takes(PUBLIC, message, SIGNER.sign(message).signature)


@settings(max_examples=300)
@given(at=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_changed_signature_does_not_hold(at: int, bit: int) -> None:
    raw = bytearray(SIGNER.sign(b"text").signature)
    raw[at] ^= 1 << bit
    assert not ours_takes(PUBLIC, b"text", bytes(raw))


@pytest.mark.parametrize("secret", [0, 12345678901234567890])
@pytest.mark.parametrize("number", range(8))
def test_an_owners_odd_signatures_get_the_same_verdict(
    number: int,
    secret: int,
) -> None:
    start = _add(
        _multiply(secret, GENERATOR) if secret else ed25519._ZERO, SMALL[number]
    )
    signature = crafted(b"text", PUBLIC, start, secret)
    expected = libsodium_takes(PUBLIC, b"text", signature)
    assert ours_takes(PUBLIC, b"text", signature) == expected
    # The plain one holds; `cryptography` alone would take one of the others, too.
    assert expected == (number == 0 and secret > 0)


def test_a_second_spelling_of_s_does_not_hold() -> None:
    signature = SIGNER.sign(b"text").signature
    scalar = int.from_bytes(signature[32:], "little") + _ORDER
    other = signature[:32] + scalar.to_bytes(32, "little")
    assert not libsodium_takes(PUBLIC, b"text", other)
    assert not ours_takes(PUBLIC, b"text", other)


@pytest.mark.parametrize("number", range(8))
def test_keys_of_or_with_small_order_are_refused(number: int) -> None:
    small = encode(SMALL[number])
    mixed = encode(_add(_decode(PUBLIC) or ed25519._ZERO, SMALL[number]))
    assert not crypto_core_ed25519_is_valid_point(small)
    assert not is_valid_point(small)
    assert is_valid_point(mixed) == crypto_core_ed25519_is_valid_point(mixed)
    assert is_valid_point(mixed) == (number == 0)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*range(20), *range(_P - 5, 2**255)])
def test_keys_at_the_edge_get_the_same_verdict(y: int, sign: int) -> None:
    raw = (y | sign << 255).to_bytes(32, "little")
    assert is_valid_point(raw) == crypto_core_ed25519_is_valid_point(raw)


@settings(deadline=None)
@given(raw=st.binary(min_size=32, max_size=32))
def test_any_bytes_as_a_key_get_the_same_verdict(raw: bytes) -> None:
    assert is_valid_point(raw) == crypto_core_ed25519_is_valid_point(raw)


def test_it_signs_nothing() -> None:
    with pytest.raises(NotImplementedError, match="signs nothing"):
        SigningKey(bytes(32))
