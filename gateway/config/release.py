"""Settings of four-eyes release."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.mla.codelists import is_code
from gateway.mla.handling import Stricter


def check_types(codes: tuple[str, ...]) -> None:
    """Refuse a code that is on no list.

    Raises:
        ValueError: Names it.
    """
    for code in codes:
        if not is_code("MSG_TYPE", code):
            raise ValueError(f"{code[:40]!r}, expected codes of list MSG_TYPE")


def check_markings(codes: tuple[str, ...]) -> None:
    """Refuse a code that is on no list.

    Raises:
        ValueError: Names it.
    """
    for code in codes:
        if not is_code("HANDLING", code):
            raise ValueError(f"{code[:40]!r}, expected codes of list HANDLING")


class ReleaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a second person lets go, beyond what the markings demand anyway."""

    four_eyes_types: Annotated[
        tuple[str, ...],
        Meta(
            description="Types of message that wait for a second person before they "
            "leave. Acknowledgements, withdrawals and notices never wait.",
            examples=[["MLA_REQ", "DEC", "RSP"]],
            max_length=64,
            extra={"check": check_types},
        ),
    ] = ()
    four_eyes_markings: Annotated[
        tuple[str, ...],
        Meta(
            description="Markings with which a message waits, beside SENSITIVE_PD, "
            "MINOR, SOURCE_PROTECTED, EYES_ONLY, COURT_ONLY and TLP:RED, with which "
            "it always does.",
            examples=[["SEALED"]],
            max_length=16,
            extra={"check": check_markings},
        ),
    ] = ()

    def stricter(self) -> Stricter:
        """Return what the node adds to the rules."""
        return Stricter(
            types=frozenset(self.four_eyes_types),
            markings=frozenset(self.four_eyes_markings),
        )
