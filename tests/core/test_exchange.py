"""What makes the other side's word believable (specification, section 10.3)."""

import dataclasses

import pytest

from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import LogOutOfStepError, LogProofError, MalformedError
from gateway.core.exchange import (
    SeenTree,
    link_checkpoint,
    offered_leaf,
    verify_leaf,
    verify_message_leaf,
)
from gateway.core.protocol import Consistency, hashes_to_text
from gateway.core.values import AuthorityId, HexDigest, MessageId, new_uuid7
from tests.support.logs import NOW, SmallLog

ORIGIN = "moj.ee/audit/1"
US = AuthorityId("pgr.pt")
MESSAGE = new_uuid7(NOW)
DIGEST = HexDigest("ab" * 32)
RECEIPT = EntryDraft("msg.receive", NOW, {"m": MESSAGE, "peer": US, "dig": DIGEST})


@pytest.fixture
def log() -> SmallLog:
    log = SmallLog(ORIGIN)
    log.grow(5)
    log.append(RECEIPT)
    log.grow(3)
    return log


def seen(log: SmallLog, size: int) -> SeenTree:
    return SeenTree(size, log.root(size))


def test_a_checkpoint_that_extends_what_was_seen_is_linked(log: SmallLog) -> None:
    checkpoint = link_checkpoint(
        log.note(),
        log.identity,
        seen=seen(log, 4),
        proofs=[log.consistency(4)],
    )
    assert (checkpoint.size, checkpoint.root) == (9, log.root())


def test_any_fitting_proof_links(log: SmallLog) -> None:
    proofs = [log.consistency(2), log.consistency(4), log.consistency(7)]
    for size in (2, 4, 7):
        linked = link_checkpoint(
            log.note(), log.identity, seen=seen(log, size), proofs=proofs
        )
        assert linked.size == 9


def test_the_first_checkpoint_of_a_log_needs_no_proof(log: SmallLog) -> None:
    nothing = SeenTree(0, b"")
    assert link_checkpoint(log.note(), log.identity, seen=nothing, proofs=[]).size == 9


def test_the_same_checkpoint_again_links(log: SmallLog) -> None:
    linked = link_checkpoint(log.note(), log.identity, seen=seen(log, 9), proofs=[])
    assert linked.size == 9


def test_a_shorter_log_is_out_of_step(log: SmallLog) -> None:
    with pytest.raises(LogOutOfStepError) as caught:
        link_checkpoint(log.note(6), log.identity, seen=seen(log, 9), proofs=[])
    assert caught.value.seen == 9


def test_two_roots_for_one_size_are_out_of_step(log: SmallLog) -> None:
    fork = SmallLog(ORIGIN)
    fork.grow(9)
    with pytest.raises(LogOutOfStepError, match="two roots"):
        link_checkpoint(fork.note(), log.identity, seen=seen(log, 9), proofs=[])


def test_a_proof_from_elsewhere_is_out_of_step(log: SmallLog) -> None:
    with pytest.raises(LogOutOfStepError, match="no proof") as caught:
        link_checkpoint(
            log.note(),
            log.identity,
            seen=seen(log, 4),
            proofs=[log.consistency(3)],
        )
    assert caught.value.seen == 4


def test_a_longer_fork_does_not_link(log: SmallLog) -> None:
    fork = SmallLog(ORIGIN)
    fork.grow(12)
    with pytest.raises(LogProofError):
        link_checkpoint(
            fork.note(),
            log.identity,
            seen=seen(log, 9),
            proofs=[fork.consistency(9)],
        )


def test_a_checkpoint_of_other_keys_is_refused(log: SmallLog) -> None:
    thief = SmallLog(ORIGIN, seed=7)
    thief.leaves = log.leaves
    with pytest.raises(LogProofError):
        link_checkpoint(thief.note(), log.identity, seen=SeenTree(0, b""), proofs=[])


def test_a_leaf_in_the_tree_about_our_message_is_believed(log: SmallLog) -> None:
    leaf = verify_message_leaf(
        log.offered(5),
        log.checkpoint(),
        kinds=("msg.receive",),
        peer=US,
        digest=DIGEST,
        message_id=MESSAGE,
    )
    assert leaf.text("m") == MESSAGE


def test_the_message_may_be_left_open(log: SmallLog) -> None:
    leaf = verify_message_leaf(
        log.offered(5),
        log.checkpoint(),
        kinds=("msg.receive",),
        peer=US,
        digest=DIGEST,
    )
    assert leaf.kind == "msg.receive"


def test_a_leaf_of_another_kind_is_refused(log: SmallLog) -> None:
    with pytest.raises(LogProofError, match="kind"):
        verify_leaf(log.offered(5), log.checkpoint(), kinds=("msg.reject",), peer=US)


def test_a_leaf_for_another_authority_is_refused(log: SmallLog) -> None:
    other = AuthorityId("mj.fr")
    with pytest.raises(LogProofError, match="another authority"):
        verify_leaf(
            log.offered(5), log.checkpoint(), kinds=("msg.receive",), peer=other
        )


def test_a_leaf_offered_at_another_index_is_refused(log: SmallLog) -> None:
    offered = dataclasses.replace(log.offered(5), index=4)
    with pytest.raises(LogProofError, match="index"):
        verify_leaf(offered, log.checkpoint(), kinds=("msg.receive",), peer=US)


def test_a_leaf_that_is_not_in_the_tree_is_refused(log: SmallLog) -> None:
    other = SmallLog(ORIGIN)
    other.grow(5)
    other.append(RECEIPT)
    with pytest.raises(LogProofError):
        verify_leaf(other.offered(5), log.checkpoint(), kinds=("msg.receive",), peer=US)


def test_a_leaf_about_another_digest_or_message_is_refused(log: SmallLog) -> None:
    with pytest.raises(LogProofError, match="digest"):
        verify_message_leaf(
            log.offered(5),
            log.checkpoint(),
            kinds=("msg.receive",),
            peer=US,
            digest=HexDigest("cd" * 32),
        )
    with pytest.raises(LogProofError, match="message"):
        verify_message_leaf(
            log.offered(5),
            log.checkpoint(),
            kinds=("msg.receive",),
            peer=US,
            digest=DIGEST,
            message_id=MessageId("another"),
        )


def test_a_leaf_is_read_from_its_spelling_on_the_wire(log: SmallLog) -> None:
    offered = log.offered(5)
    path = hashes_to_text(offered.path)
    assert offered_leaf(index=5, leaf=offered.data.decode(), path=path) == offered


def test_a_negative_index_or_a_broken_path_is_refused() -> None:
    with pytest.raises(MalformedError):
        offered_leaf(index=-1, leaf="{}", path=[])
    with pytest.raises(MalformedError):
        offered_leaf(index=1, leaf="{}", path=["short"])


def test_an_unreadable_proof_is_malformed(log: SmallLog) -> None:
    broken = Consistency(from_size=4, proof=["x"])
    with pytest.raises(MalformedError):
        link_checkpoint(log.note(), log.identity, seen=seen(log, 4), proofs=[broken])
