"""Growing a tree tile by tile, in constant memory; for writing tiles and for checking.

Every hash is computed from the leaf hashes given, none is taken from a file.
"""

from collections.abc import Sequence

from gateway.core.translog.merkle import Frontier, root_of
from gateway.core.translog.tiles import TILE_HEIGHT, TILE_WIDTH, Tile


class TileTree:
    """The right edge of a tree as the tiles that are not full yet.

    Attributes:
        size: Number of leaves.
    """

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[list[bytes]] = [[]]

    def add(self, leaves: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Append the hashes of one entry bundle.

        Returns:
            The tiles that became full, lower levels first, with their content.

        Raises:
            AssertionError: More leaves than fill the lowest tile; a defect of ours.
        """
        if len(self._rows[0]) + len(leaves) > TILE_WIDTH:
            raise AssertionError("internal: leaves of more than one tile")
        self.size += len(leaves)
        self._rows[0].extend(leaves)
        full = []
        level = 0
        while len(self._rows[level]) == TILE_WIDTH:
            row, self._rows[level] = self._rows[level], []
            index = (self.size >> TILE_HEIGHT * (level + 1)) - 1
            full.append((Tile(level, index), b"".join(row)))
            level += 1
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(root_of(row))
        return full

    def partial(self) -> list[tuple[Tile, bytes]]:
        """Return the tiles that are not full, lower levels first."""
        return [
            (
                Tile(level, self.size >> TILE_HEIGHT * (level + 1), len(row)),
                b"".join(row),
            )
            for level, row in enumerate(self._rows)
            if row
        ]

    def root_after(self, leaves: Sequence[bytes] = ()) -> bytes:
        """Return the root as it is once these leaves are appended too."""
        # The largest subtrees stand in the highest level.
        hashes = [
            item
            for row in reversed(self._rows)
            for item in Frontier().extend(row).hashes
        ]
        return Frontier(self.size, tuple(hashes)).extend(leaves).root()
