"""How far the transfer of a file is, told while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Phase(StrEnum):
    """What is being done with the file."""

    HASHING = "hashing"
    SENDING = "sending"
    RECOVERING = "the node is reading back"
    CHECKING = "checking what is here"
    FETCHING = "fetching"
    DELIVERING = "delivering"

    @property
    def is_transfer(self) -> bool:
        """Whether bytes move from one machine to another."""
        return self in {Phase.SENDING, Phase.FETCHING, Phase.DELIVERING}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase is, in bytes.

    Attributes:
        done: May be less than before: what was on its way when a connection broke.
    """

    phase: Phase
    done: int
    total: int


OnProgress: TypeAlias = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """Tell nobody."""
