"""Keys that succeed one another: each generation has files of its own, never moved.

What is at work is written in one place only, the root's statement. A generation that
it names works; a newer one waits for a statement; an older one is retired, and its
files are destroyed. So the one step of a rotation that counts is putting a statement
in the place of another, and a crash leaves either (specification, section 6).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from gateway.core.errors import KeystoreError
from gateway.core.translog.note import VerifierKey
from gateway.keystore.files import destroy
from gateway.keystore.home import (
    LOG_ED25519,
    LOG_ML_DSA,
    TLS_CA_CERTIFICATE,
    TLS_CA_KEY,
    WITNESS_ED25519,
    WITNESS_ML_DSA,
)
from gateway.keystore.sealed import KeyLock

K_co = TypeVar("K_co", covariant=True)


class KeyUse(StrEnum):
    """What keys are for that only the root can vouch for."""

    LOG = "log"
    WITNESS = "witness"
    TLS_CA = "tls-ca"


_FILES = {
    KeyUse.LOG: (LOG_ED25519, LOG_ML_DSA),
    KeyUse.WITNESS: (WITNESS_ED25519, WITNESS_ML_DSA),
    KeyUse.TLS_CA: (TLS_CA_KEY, TLS_CA_CERTIFICATE),
}


@dataclass(frozen=True, slots=True)
class Generation(Generic[K_co]):
    """Keys that came and go together.

    Attributes:
        number: From 1; grows with every rotation.
        public: The public halves, or the certificate (DER), as a statement names them.
        keys: What works with the private halves.
    """

    number: int
    public: tuple[VerifierKey | bytes, ...]
    keys: K_co


@dataclass(frozen=True, slots=True)
class Succession(Generic[K_co]):
    """The generations of a use, sorted by what the statement in force names.

    Attributes:
        at_work: Those it names, oldest first; two while one succeeds the other.
        pending: A newer one that waits for a statement.
        retired: Numbers of older ones whose files are still there.
    """

    use: KeyUse
    at_work: tuple[Generation[K_co], ...]
    pending: Generation[K_co] | None
    retired: tuple[int, ...]

    @property
    def newest_number(self) -> int:
        """Number of the newest generation at work; 0 if there is none."""
        return self.at_work[-1].number if self.at_work else 0

    @property
    def is_overlap(self) -> bool:
        """Whether old and new keys work side by side."""
        return len(self.at_work) > 1

    def public(self, *, newest_only: bool = False) -> list[VerifierKey | bytes]:
        """Return what a request names: what is at work, then what waits.

        Args:
            newest_only: Leave out those that the newest at work succeeds.
        """
        kept = self.at_work[-1:] if newest_only else self.at_work
        waiting = () if self.pending is None else (self.pending,)
        return [one for each in (*kept, *waiting) for one in each.public]


def sort_out(
    use: KeyUse,
    generations: Sequence[Generation[K_co]],
    named: Collection[VerifierKey | bytes] | None,
    *,
    present: Collection[int],
) -> Succession[K_co]:
    """Return which generations are at work, wait, or are retired.

    Args:
        use: What the keys are for.
        generations: All that are whole, oldest first.
        named: What the statement names; None before the first one.
        present: Numbers of all generations of which any file is there.
    """
    at_work = tuple(
        one for one in generations if named is None or set(one.public) <= set(named)
    )
    newest = at_work[-1].number if at_work else 0
    later = [one for one in generations if one.number > newest]
    works = {one.number for one in at_work}
    return Succession(
        use=use,
        at_work=at_work,
        pending=later[-1] if later and at_work else None,
        retired=tuple(
            number
            for number in sorted(present)
            if number < newest and number not in works
        ),
    )


def file_names(use: KeyUse, number: int) -> tuple[str, str]:
    """Return the names, within the key store, of a generation's two files."""
    first, second = _FILES[use]
    return _numbered(first, number), _numbered(second, number)


def present_numbers(folder: Path, use: KeyUse) -> tuple[int, ...]:
    """Return the numbers of generations of which any file is there, oldest first.

    Raises:
        KeystoreError: The folder can't be read.
    """
    first, second = (_found(folder, name) for name in _FILES[use])
    return tuple(sorted(first | second))


def whole_numbers(folder: Path, use: KeyUse) -> tuple[int, ...]:
    """Return the numbers of generations whose files are both there, oldest first.

    Raises:
        KeystoreError: The folder can't be read, or the first is missing a file.
    """
    first, second = (_found(folder, name) for name in _FILES[use])
    whole = tuple(sorted(first & second))
    if not whole:
        names = " and ".join(_FILES[use])
        raise KeystoreError(f"{folder}: {names} are not both there")
    return whole


def next_number(folder: Path, use: KeyUse) -> int:
    """Return the number of a generation to be made.

    One that a crash left half made is completed: nobody has seen its keys.

    Raises:
        KeystoreError: The folder can't be read.
    """
    newest = max(present_numbers(folder, use), default=0)
    return newest if newest not in whole_numbers(folder, use) else newest + 1


def destroy_retired(lock: KeyLock, succession: Succession[K_co]) -> None:
    """Destroy the files of retired generations; may be done again.

    Raises:
        KeystoreError: A file can't be removed.
    """
    for number in succession.retired:
        # The private half first: without it the other is of no use to anybody.
        for name in file_names(succession.use, number):
            destroy(lock.folder / name)


def _numbered(name: str, number: int) -> str:
    stem, _, ending = name.rpartition(".")
    return name if number == 1 else f"{stem}.{number}.{ending}"


def _found(folder: Path, name: str) -> set[int]:
    path = folder / name
    pattern = re.compile(
        rf"{re.escape(path.stem)}(?:\.([2-9]|[1-9][0-9]{{1,5}}))?"
        rf"{re.escape(path.suffix)}\Z",
    )
    try:
        names = [one.name for one in path.parent.iterdir()]
    except OSError as error:
        raise KeystoreError(f"{path.parent}: {error.strerror}") from error
    matches = (pattern.match(one) for one in names)
    return {int(match[1] or 1) for match in matches if match is not None}
