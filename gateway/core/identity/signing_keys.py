"""Which keys must have signed a checkpoint of a log: by position, never by a clock.

`log.init` names the first keys. A `log.keys` entry names the pair that follows: with
rule `overlap` those before sign along, with rule `alone` they do so no longer. It
binds every checkpoint of a tree that holds it (specification, section 8.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core import canonical
from gateway.core.entries.leaf import Leaf
from gateway.core.errors import LogProofError, MalformedError
from gateway.core.translog.note import KeyType, VerifierKey, parse_vkey

INIT_KIND = "log.init"
KEYS_KIND = "log.keys"

_LOG_TYPES = frozenset({KeyType.ED25519, KeyType.ML_DSA_44})


class KeysRule(StrEnum):
    """What a `log.keys` entry says of the keys before; its `res`."""

    OVERLAP = "overlap"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class _Change:
    index: int
    keys: frozenset[VerifierKey]


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """What the entries of a log, read in order, say of the keys that sign it."""

    _changes: list[_Change] = field(default_factory=list)

    def read(self, leaf: Leaf) -> None:
        """Take in the next entry of the log.

        Raises:
            MalformedError: It is about keys, and they can't be read.
        """
        if leaf.kind not in {INIT_KIND, KEYS_KIND}:
            return
        texts = canonical.convert(leaf.fields["vkeys"], list[str])
        keys = frozenset(map(parse_vkey, texts))
        if {key.key_type for key in keys} != _LOG_TYPES:
            raise MalformedError(f"entry {leaf.index}: not a pair of log keys")
        if leaf.kind == KEYS_KIND and leaf.fields["res"] == KeysRule.OVERLAP.value:
            keys |= self.at(leaf.index)
        self._changes.append(_Change(leaf.index, keys))

    def at(self, size: int) -> frozenset[VerifierKey]:
        """Return the keys that sign the tree of a size; none if the log says none."""
        for change in reversed(self._changes):
            if change.index < size:
                return change.keys
        return frozenset()

    def check(self, size: int, signers: Sequence[VerifierKey]) -> None:
        """Check that those who signed a checkpoint had the say at that size.

        Args:
            size: Of the checkpoint.
            signers: Keys of the log whose signatures hold.

        Raises:
            LogProofError: Not one of each algorithm, of those at work at that size.
        """
        wanted = self.at(size)
        if not wanted:
            return
        signed = {key.key_type for key in signers if key in wanted}
        if signed != _LOG_TYPES:
            since = max(one.index for one in self._changes if one.index < size)
            raise LogProofError(
                f"checkpoint of size {size}: signed by keys that were retired at "
                f"entry {since}",
            )
