"""Hashes of complete subtrees held in memory, ready to prove from.

Reading them from tiles is in `tiles`; from a database, in the storage adapters.
"""

from collections.abc import Mapping, Sequence

from gateway.core.errors import LogProofError
from gateway.core.translog.merkle import Node, subtree_rows


class MemoryTree:
    """Reads from leaf hashes held in memory; for small logs."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._rows = subtree_rows(leaves)

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of a complete subtree.

        Raises:
            LogProofError: The subtree is not complete.
        """
        try:
            return self._rows[height][index]
        except IndexError as error:
            raise LogProofError(
                f"tree: no subtree {index} of height {height}"
            ) from error


class NodeTable:
    """Reads from hashes that were fetched beforehand, in one go."""

    def __init__(self, hashes: Mapping[Node, bytes]) -> None:
        self._hashes = hashes

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of a fetched subtree.

        Raises:
            LogProofError: The subtree was not fetched.
        """
        try:
            return self._hashes[height, index]
        except KeyError as error:
            raise LogProofError(
                f"tree: no subtree {index} of height {height}"
            ) from error
