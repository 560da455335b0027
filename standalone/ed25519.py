"""Ed25519 as libsodium checks it, on top of `cryptography`.

The gateway verifies with libsodium, which is stricter about a few bytes that only the
owner of a key can make. Both programs must come to the same verdict about every byte,
so this adds what `cryptography` leaves out:

1. A public key is a canonical point of the prime-order subgroup, and not its zero.
2. The first half of a signature is a point that is not of small order.

Nothing secret is handled here, so nothing needs to take constant time.
"""

from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_POINT_BYTES: Final = 32

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

_Point: TypeAlias = tuple[int, int, int, int]
"""X, Y, Z, T with x = X/Z, y = Y/Z, x y = T/Z (RFC 8032, section 5.1.4)."""

_ZERO: Final[_Point] = (0, 1, 1, 0)


class BadSignatureError(Exception):
    """A signature does not hold."""


class SigningKey:
    """Stands where the gateway signs; this program holds no private keys."""

    def __init__(self, seed: bytes) -> None:
        raise NotImplementedError("this program signs nothing")


class VerifyKey:
    """A public key that checks signatures."""

    __slots__ = ("_public",)

    def __init__(self, public: bytes) -> None:
        self._public = public

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a signature of 64 bytes.

        Raises:
            BadSignatureError: It does not hold.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self._public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise BadSignatureError("signature was forged or corrupt") from error
        start = _decode(signature[:_POINT_BYTES])
        if start is None or _is_small(start):
            raise BadSignatureError("signature was forged or corrupt")


@lru_cache(maxsize=1024)
def is_valid_point(public: bytes) -> bool:
    """Tell whether a public key is a point of the prime-order subgroup, not zero."""
    point = _decode(public)
    if point is None or _is_small(point):
        return False
    return _is_zero(_multiply(_ORDER, point))


def _decode(raw: bytes) -> _Point | None:
    """Return the point that 32 bytes spell, if they do and in its one spelling."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & 2**255 - 1
    if y >= _P:
        return None
    # x^2 = (y^2 - 1) / (d y^2 + 1) (RFC 8032, section 5.1.3)
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if v * x * x % _P != u:
        return None
    if x & 1 != sign:
        x = -x % _P
    return x, y, 1, x * y % _P


def _add(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(factor: int, point: _Point) -> _Point:
    total = _ZERO
    for bit in f"{factor:b}":
        total = _add(total, total)
        if bit == "1":
            total = _add(total, point)
    return total


def _is_zero(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


def _is_small(point: _Point) -> bool:
    """Tell whether eight times the point is zero."""
    for _ in range(3):
        point = _add(point, point)
    return _is_zero(point)
