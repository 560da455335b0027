"""Versions of messages and code lists: which there are, and which two sides share.

A version is MAJOR.MINOR. A minor version only adds: fields that may be left out, types,
ways to say more. So whoever speaks 1.1 speaks 1.0 too, and says so. A major version
changes what was there. The card of an authority lists what its node speaks; the sender
takes the highest version that is on both lists (specification, section 12).

1.0 is the first. 1.1 adds national declarations: a message may be of a type, or hold
fields, that an authority declares for itself, and then names the declarations it needs
in `national`; and `translations_owed`.
"""

from collections.abc import Iterable
from typing import Final

FIRST_VERSION: Final = "1.0"
NATIONAL_SINCE: Final = "1.1"
OWED_SINCE: Final = "1.1"

SCHEMA_VERSIONS: Final = (FIRST_VERSION, NATIONAL_SINCE)
"""Versions of messages that this node speaks, oldest first."""

CODE_LIST_VERSIONS: Final = ("1.0",)
"""Versions of the code lists that this node knows, oldest first."""


def number_of(version: str) -> tuple[int, int]:
    """Return a version as numbers that sort; what is none comes before all."""
    major, _, minor = version.partition(".")
    if major.isdecimal() and minor.isdecimal():
        return int(major), int(minor)
    return 0, 0


def includes(version: str, since: str) -> bool:
    """Tell whether `version` has what was added in version `since`."""
    return number_of(version) >= number_of(since)


def highest_common(ours: Iterable[str], theirs: Iterable[str]) -> str | None:
    """Return the highest version on both lists; None if there is none."""
    return max(set(ours) & set(theirs), key=number_of, default=None)
