"""What the user asks a check to believe and to demand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gateway.core.errors import UsageError
from gateway.core.values import HexDigest

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many entries have been checked, and of how many."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """The options of a check.

    Attributes:
        keys: Cards, or files of vkeys, of the authorities that are believed.
        history: Statements of the roots of those cards, for retired keys.
        policy: A tlog-policy file: which witnesses must have cosigned.
        seen: Checkpoints, proof files or cards of the log that others hold.
        min_size: Entries that the log is known to have at least.
        envelope: The sealed envelope that the proven entry must name.
        manifest: The manifest that the proven entry must name.
        fingerprint: The fingerprint that a card must have.
        attachments: Folder with the files that a bundle's manifest names.
        tsa_ca: Certificates of the time-stamping authorities that are believed.
        conflicts_out: Folder for the notes of a log that contradict each other.
        progress: Is told how far a long check has come.
    """

    keys: tuple[Path, ...] = ()
    history: tuple[Path, ...] = ()
    policy: Path | None = None
    seen: tuple[Path, ...] = ()
    min_size: int | None = None
    envelope: Path | None = None
    manifest: Path | None = None
    fingerprint: HexDigest | None = None
    attachments: Path | None = None
    tsa_ca: Path | None = None
    conflicts_out: Path | None = None
    progress: Progress | None = None

    def given(self) -> frozenset[str]:
        """Return the names of the options that were given."""
        return frozenset(
            name
            for name in self.__dataclass_fields__
            if getattr(self, name) not in {None, ()}
        )

    def refuse(self, kind: str, *names: str) -> None:
        """Refuse options that mean nothing for this kind of evidence.

        Raises:
            UsageError: One was given: ignoring it would look like having checked.
        """
        for name in sorted(self.given().intersection(names)):
            option = name.replace("_", "-")
            raise UsageError(f"--{option}: says nothing about a {kind}")

    def demand_keys(self) -> None:
        """Refuse to check signatures without keys.

        Raises:
            UsageError: No file of keys was given.
        """
        if not self.keys:
            raise UsageError(
                "--keys: give the authority's card, or a file of its vkeys, that you "
                "compared; keys inside the evidence prove nothing",
            )

    def refuse_inside(self, evidence: Path) -> None:
        """Refuse to believe the evidence about itself.

        Raises:
            UsageError: A file that says what to believe is, or lies in, what is
                checked.
        """
        inside = evidence.resolve()
        files = (*self.keys, *self.seen, self.policy, self.tsa_ca)
        for file in files:
            if file and file.resolve().is_relative_to(inside):
                raise UsageError(
                    f"{file}: part of what is checked; use a copy that you have "
                    "compared with the authority",
                )
