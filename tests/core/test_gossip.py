"""Gossip bodies: bounded and strict (specification, section 8.9)."""

import pytest

from gateway.core import canonical
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.gossip import MAX_GOSSIP_BYTES, GossipRequest, parse_gossip


def test_notes_come_through_as_they_were() -> None:
    told = GossipRequest(checkpoints=["a\n1\nb\n\n— c d\n", "x"])
    assert parse_gossip(canonical.encode(told)) == told


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b'{"checkpoints":[]}', b'{"checkpoints":[1]}', b"[]"],
)
def test_what_is_no_gossip_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_gossip(raw)


def test_more_than_eight_notes_are_refused() -> None:
    with pytest.raises(MalformedError):
        parse_gossip(b'{"checkpoints":[' + b",".join([b'"x"'] * 9) + b"]}")


def test_more_than_the_limit_is_not_read() -> None:
    with pytest.raises(TooLargeError):
        parse_gossip(b" " * (MAX_GOSSIP_BYTES + 1))
