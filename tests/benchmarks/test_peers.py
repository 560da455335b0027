"""The peer product really signs, encrypts and receipts, and refuses what is changed."""

import importlib.util
from pathlib import Path

import pytest

from benchmarks.peers.as2 import RECEIVER, SENDER, As2Error, Side, make_keys
from benchmarks.peers.as2_pair import Order, running_as2_pair

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pyas2lib") is None,
    reason="pyas2lib is installed for measuring only: make bench",
)


def test_pair_stores_every_payload_and_a_receipt_for_it(tmp_path: Path) -> None:
    payload = b'{"msg_type":"ACK"}'
    with running_as2_pair(tmp_path) as pair:
        assert pair.exchange(Order(payload, count=3, parallel=2)) > 0
        assert min(pair.memory_mib()) > 1
    received = list((tmp_path / "received").iterdir())
    assert [one.read_bytes() for one in received] == [payload] * 3
    receipts = {one.name for one in (tmp_path / "receipts").iterdir()}
    assert receipts == {one.name for one in received}


def test_changed_message_and_changed_receipt_are_refused(tmp_path: Path) -> None:
    make_keys(tmp_path)
    sender, receiver = Side(tmp_path, SENDER), Side(tmp_path, RECEIVER)
    sealed = sender.seal(b"payload")
    assert b"payload" not in sealed.body
    with pytest.raises(As2Error, match="refused"):
        receiver.take(sealed.headers, sealed.body[:-40] + bytes(40))
    taken = receiver.take(sealed.headers, sealed.body)
    assert taken.payload == b"payload"
    changed = taken.body.replace(b"processed", b"PROCESSED")
    with pytest.raises(As2Error, match="receipt refused"):
        sender.check_receipt(sealed.message, taken.headers, changed)
    sender.check_receipt(sealed.message, taken.headers, taken.body)
