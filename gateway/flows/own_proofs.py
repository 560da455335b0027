"""Proofs of entries of our own log, under the heads that say most about them.

An entry is proven under the first head that a witness cosigned after it: that bounds
from outside when it was written. One that nobody has cosigned yet is proven under a
head of ours. Each head is then linked to the newest one of a round, which all
witnesses were asked to cosign (specification, section 8.5).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.core.errors import NotFoundError
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.flows.checkpoints import Checkpoints
from gateway.ports.log import SignedCheckpoint
from gateway.ports.stamps import KeptStamp
from gateway.ports.store import Store
from gateway.ports.witness import with_cosignatures

_ANY_SIZE = 2**53
_STAMPS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class OwnProof:
    """A proof of one entry.

    Attributes:
        size: Of the tree that it is proven under.
        raw: The proof file, with the entry in it.
    """

    index: int
    leaf: bytes
    size: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class HeadLink:
    """A proof that our log grew from one size to another."""

    old_size: int
    new_size: int
    hashes: tuple[bytes, ...]


class OwnProofs:
    """Proves entries of our log and links their heads."""

    def __init__(self, store: Store, checkpoints: Checkpoints) -> None:
        self._store = store
        self._checkpoints = checkpoints

    async def head(self, size: int = 0) -> SignedCheckpoint:
        """Return the newest checkpoint of a round or, before the first, of the log.

        Args:
            size: The one that is wanted instead, if it is not 0.

        Raises:
            NotFoundError: There is none of that size.
        """
        if not size:
            rounds = await self._store.rounds(_ANY_SIZE, 1)
            if rounds:
                return rounds[0]
            size = (await self._store.log_head()).size
            return await self._checkpoints.for_our_people(size)
        found = await self._store.checkpoint_at(size)
        if found is None:
            raise NotFoundError(f"log: no checkpoint of size {size} was signed")
        return found

    async def cosigned_note(self, checkpoint: SignedCheckpoint) -> bytes:
        """Return the signed note of a checkpoint with all its cosignatures."""
        lines = await self._store.cosignatures(checkpoint.size)
        return with_cosignatures(checkpoint, lines)

    async def prove(
        self,
        indices: Sequence[int],
        main: SignedCheckpoint,
    ) -> list[OwnProof]:
        """Return proofs of entries; of pruned ones there is none.

        Args:
            indices: The entries.
            main: What is not cosigned is proven under this head, if it holds it.
        """
        by_size: defaultdict[int, list[int]] = defaultdict(list)
        heads: dict[int, SignedCheckpoint] = {}
        uncovered = []
        for index in sorted(set(indices)):
            head = await self._store.cosigned_after(index)
            if index < main.size and (head is None or head.size > main.size):
                head = main
            if head is None:
                uncovered.append(index)
                continue
            heads[head.size] = head
            by_size[head.size].append(index)
        if uncovered:
            head = await self._checkpoints.for_our_people(uncovered[-1] + 1)
            heads[head.size] = head
            by_size[head.size] += [one for one in uncovered if one < head.size]
        return [
            proof
            for size, group in sorted(by_size.items())
            for proof in await self._under(heads[size], group)
        ]

    async def _under(
        self,
        head: SignedCheckpoint,
        indices: Sequence[int],
    ) -> list[OwnProof]:
        note = await self.cosigned_note(head)
        return [
            OwnProof(
                one.index,
                one.data,
                head.size,
                encode_log_proof(LogProof(one.index, one.path, note, one.data)),
            )
            for one in await self._store.prove(indices, head.size)
            if one.data
        ]

    async def first_stamp(
        self,
        proven: Sequence[OwnProof],
        head_size: int,
    ) -> KeptStamp | None:
        """Return the first time stamp after some entries, up to a head; None if none.

        Args:
            proven: The entries.
            head_size: The stamped checkpoint must not be of a larger tree.
        """
        last = max((one.index for one in proven), default=head_size)
        first: KeptStamp | None = None
        before = head_size + 1
        while found := await self._store.stamps(before, _STAMPS_AT_ONCE):
            beyond = [stamp for stamp in found if stamp.size > last]
            first = beyond[-1] if beyond else first
            if len(beyond) < len(found):
                break
            before = found[-1].size
        return first

    async def links(self, sizes: Iterable[int], head_size: int) -> list[HeadLink]:
        """Return how heads of some sizes are one log with the head of another."""
        found = []
        for size in sorted(set(sizes) - {head_size}):
            old_size, new_size = sorted((size, head_size))
            hashes = await self._store.consistency(old_size, new_size)
            found.append(HeadLink(old_size, new_size, hashes))
        return found
