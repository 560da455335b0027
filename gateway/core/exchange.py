"""What makes the other side's word believable (specification, section 10.3).

A checkpoint is believed when both its lines verify and it extends what was linked
before; a leaf when it says exactly what it should and lies under that checkpoint.
Pure: the callers hold what was seen and store what is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import (
    LogForkError,
    LogOutOfStepError,
    LogProofError,
    MalformedError,
)
from gateway.core.protocol import Consistency, hashes_from_text
from gateway.core.translog.checkpoint import Checkpoint, verify_checkpoint
from gateway.core.translog.merkle import leaf_hash, verify_consistency, verify_inclusion
from gateway.core.translog.note import VerifierKey
from gateway.core.values import AuthorityId, HexDigest, MessageId


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """A log we were told to believe: by configuration, never by what a peer says."""

    origin: str
    keys: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class SeenTree:
    """The newest tree of a log that was linked; size 0 if none was."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class OfferedLeaf:
    """A leaf as it came, not believed yet."""

    index: int
    data: bytes
    path: tuple[bytes, ...]


def link_checkpoint(
    note: bytes,
    log: LogIdentity,
    *,
    seen: SeenTree,
    proofs: Sequence[Consistency],
) -> Checkpoint:
    """Return the checkpoint of `note` after proving that it extends `seen`.

    Raises:
        MalformedError: The note is not one.
        LogProofError: A signature or the consistency proof fails.
        LogForkError: Another root for the same size.
        LogOutOfStepError: Older than what was seen, or no proof starts where we are.
    """
    checkpoint = verify_checkpoint(note, origin=log.origin, keys=log.keys)
    if checkpoint.size < seen.size:
        raise LogOutOfStepError(
            f"log {log.origin}: size {checkpoint.size} after {seen.size} was seen",
            seen=seen.size,
        )
    if checkpoint.size == seen.size:
        if checkpoint.root != seen.root:
            raise LogForkError(
                f"log {log.origin}: two roots for size {seen.size}",
                seen=seen.size,
            )
        return checkpoint
    if seen.size > 0:
        _check_growth(checkpoint, seen=seen, proofs=proofs)
    return checkpoint


def _check_growth(
    checkpoint: Checkpoint,
    *,
    seen: SeenTree,
    proofs: Sequence[Consistency],
) -> None:
    for proof in proofs:
        if proof.from_size == seen.size:
            verify_consistency(
                old_size=seen.size,
                new_size=checkpoint.size,
                old_root=seen.root,
                new_root=checkpoint.root,
                proof=hashes_from_text(proof.proof),
            )
            return
    raise LogOutOfStepError(
        f"log {checkpoint.origin}: no proof from size {seen.size}",
        seen=seen.size,
    )


def verify_leaf(
    offered: OfferedLeaf,
    checkpoint: Checkpoint,
    *,
    kinds: Sequence[str],
    peer: AuthorityId,
) -> Leaf:
    """Return an offered leaf that lies in the tree, is of `kinds`, and is for `peer`.

    Raises:
        MalformedError: Not a canonical leaf of that log.
        LogProofError: Not in the tree, of another kind, or for somebody else.
    """
    leaf = parse_leaf(offered.data, log=checkpoint.origin)
    if leaf.kind not in kinds:
        raise LogProofError(f"leaf: kind {leaf.kind}, expected {' or '.join(kinds)}")
    if leaf.index != offered.index:
        raise LogProofError(f"leaf: index {leaf.index}, offered as {offered.index}")
    if leaf.fields.get("peer") != peer:
        raise LogProofError("leaf: concerns another authority")
    verify_inclusion(
        index=offered.index,
        size=checkpoint.size,
        leaf=leaf_hash(offered.data),
        path=offered.path,
        root=checkpoint.root,
    )
    return leaf


def verify_message_leaf(
    offered: OfferedLeaf,
    checkpoint: Checkpoint,
    *,
    kinds: Sequence[str],
    peer: AuthorityId,
    digest: HexDigest,
    message_id: MessageId | None = None,
) -> Leaf:
    """Return a believed leaf about exactly one sealed message.

    Raises:
        MalformedError: Not a canonical leaf of that log.
        LogProofError: As `verify_leaf`; or about another message or other bytes.
    """
    leaf = verify_leaf(offered, checkpoint, kinds=kinds, peer=peer)
    if leaf.fields.get("dig") != digest:
        raise LogProofError("leaf: names another digest")
    if message_id is not None and leaf.fields.get("m") != message_id:
        raise LogProofError("leaf: names another message")
    return leaf


def offered_leaf(
    *,
    index: int,
    leaf: str,
    path: Sequence[str],
) -> OfferedLeaf:
    """Return a leaf as spelled on the wire.

    Raises:
        MalformedError: The path is not a list of hashes.
    """
    if index < 0:
        raise MalformedError("leaf: negative index")
    return OfferedLeaf(index, leaf.encode(), hashes_from_text(path))
