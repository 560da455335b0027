"""What a person says of having compared a fingerprint, and whether a card has it."""

from dataclasses import dataclass

from gateway.core.errors import MalformedError, UntrustedCardError, UsageError
from gateway.core.identity import VerifiedCard, parse_fingerprint
from gateway.core.values import HexDigest

_MAX_HOW_CHARS = 500


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a person says of having compared the fingerprint.

    Attributes:
        fingerprint: As the other side's person read it out.
        how: In which way: by phone, on paper, face to face.
    """

    fingerprint: str
    how: str


def check_compared(card: VerifiedCard, expected: HexDigest) -> None:
    """Refuse a card of anybody but the one whose fingerprint was compared.

    Raises:
        UntrustedCardError: It has another fingerprint.
    """
    if card.fingerprint != expected:
        raise UntrustedCardError(
            f"fingerprint: the card has {card.fingerprint}, expected {expected}; "
            "it is not the card of whom you spoke to",
        )


def read_comparison(comparison: Comparison) -> HexDigest:
    """Return the fingerprint that a person says was compared.

    Raises:
        UsageError: It is not one, or the way of comparing is not told.
    """
    how = comparison.how
    if not (0 < len(how) <= _MAX_HOW_CHARS and how.isprintable()):
        raise UsageError(
            f"enrolment: say how the fingerprint was compared, in 1 to "
            f"{_MAX_HOW_CHARS} characters",
        )
    try:
        return parse_fingerprint(comparison.fingerprint)
    except MalformedError as error:
        raise UsageError(str(error)) from error
