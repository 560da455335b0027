"""Which keys an authority's root ever vouched for, and until which statement.

Evidence is checked with the keys of its time. Statements may come from anywhere: they
count because the root has signed each of them (specification, section 6).
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import chain_hash, parse_leaf
from gateway.core.errors import UntrustedCardError
from gateway.core.identity.fingerprint import RootKeys
from gateway.core.identity.names import root_origin
from gateway.core.identity.statement import ProvenStatement, verify_statement
from gateway.core.translog.note import VerifierKey


@dataclass(frozen=True, slots=True)
class VouchedKey:
    """A log or witness key, and which of the known statements name it.

    Attributes:
        first: Number of the first one.
        last: Number of the last one.
        retired_by: Number of the first known one after that, which names it no more;
            None while the key is at work.
    """

    key: VerifierKey
    first: int
    last: int
    retired_by: int | None


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """The statements of one root that are known, in the order of their numbers."""

    statements: tuple[ProvenStatement, ...]

    @property
    def newest(self) -> ProvenStatement:
        """The statement with the highest number."""
        return self.statements[-1]

    def vouched(self) -> tuple[VouchedKey, ...]:
        """Return every log and witness key that was ever vouched for."""
        named: dict[VerifierKey, list[int]] = {}
        for at, proven in enumerate(self.statements):
            statement = proven.statement
            for key in (*statement.log_keys, *statement.witness_keys):
                named.setdefault(key, []).append(at)
        return tuple(self._vouched(key, places) for key, places in named.items())

    def retired(self) -> tuple[VouchedKey, ...]:
        """Return the keys that the newest statement no longer names."""
        return tuple(key for key in self.vouched() if key.retired_by is not None)

    def _vouched(self, key: VerifierKey, places: Sequence[int]) -> VouchedKey:
        last = places[-1]
        later = self.statements[last + 1 :]
        return VouchedKey(
            key=key,
            first=self.statements[places[0]].statement.number,
            last=self.statements[last].statement.number,
            retired_by=later[0].statement.number if later else None,
        )


def key_history(root: RootKeys, proofs: Iterable[bytes]) -> KeyHistory:
    """Return what the statements in proof files say, all of them by this root.

    Args:
        root: The root whose fingerprint was compared.
        proofs: One at least; an equal statement may come more than once.

    Raises:
        MalformedError: One is not a proof file, or not of a statement.
        TooLargeError: One is over the limit of proof files.
        UntrustedCardError: One is not by this root, or two contradict each other.
    """
    return history_of(verify_statement(proof, root) for proof in proofs)


def history_of(proven: Iterable[ProvenStatement]) -> KeyHistory:
    """Return what statements of one root say; one at least.

    Raises:
        UntrustedCardError: Two contradict each other.
    """
    known: dict[int, ProvenStatement] = {}
    for one in proven:
        number = one.statement.number
        if known.setdefault(number, one).leaf != one.leaf:
            raise UntrustedCardError(f"statement: two contents under number {number}")
    statements = tuple(known[number] for number in sorted(known))
    _check_chain(statements)
    return KeyHistory(statements)


def _check_chain(statements: Sequence[ProvenStatement]) -> None:
    """Refuse statements that can't all stand in one root log."""
    origin = root_origin(statements[0].statement.authority)
    leaves = [parse_leaf(proven.leaf, log=origin) for proven in statements]
    for before, after in itertools.pairwise(leaves):
        follows = after.index == before.index + 1
        if after.index <= before.index or (
            follows and after.prev != chain_hash(before.raw)
        ):
            raise UntrustedCardError(
                f"statement: number {after.number('number')} does not follow number "
                f"{before.number('number')} in one log of the root",
            )
