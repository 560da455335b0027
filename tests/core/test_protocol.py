"""Frames of the peer protocol (specification, section 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from gateway.core import canonical
from gateway.core.errors import GatewayError, MalformedError, TooLargeError
from gateway.core.limits import MAX_DELIVERY_BYTES, MAX_DELIVERY_HEAD_BYTES
from gateway.core.protocol import (
    MAX_LINKS,
    STATUS_OF_CODE,
    Consistency,
    DeliveryHead,
    DeliveryItem,
    DeliveryReply,
    EventItem,
    EventsRequest,
    ItemReply,
    LostItem,
    encode_delivery,
    hashes_from_text,
    hashes_to_text,
    parse_delivery,
    parse_delivery_reply,
    parse_events,
)

NO_PROOF = Consistency(from_size=0, proof=[])


def item(length: int = 3) -> DeliveryItem:
    return DeliveryItem(digest="ab", index=0, leaf="{}", length=length, path=[])


def head(items: list[DeliveryItem], **changes: object) -> DeliveryHead:
    fields: dict[str, object] = {
        "checkpoint": "line\nline\n",
        "consistency": NO_PROOF,
        "items": items,
        "now": "2026-11-21T23:05:09.123Z",
        "pending": [(1, 2)],
        "seen": 4,
    }
    return DeliveryHead(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_delivery_is_read_as_it_was_written() -> None:
    written = head([item(3), item(2)])
    delivery = parse_delivery(encode_delivery(written, [b"one", b"ab"]))
    assert delivery.head == written
    assert delivery.envelopes == (b"one", b"ab")


def test_envelopes_may_hold_any_bytes_line_feeds_too() -> None:
    delivery = parse_delivery(encode_delivery(head([item(3)]), [b"\n\n\n"]))
    assert delivery.envelopes == (b"\n\n\n",)


@pytest.mark.parametrize("envelope", [b"", b"12", b"1234"])
def test_lengths_that_do_not_add_up_are_refused(envelope: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_delivery(encode_delivery(head([item(3)]), [envelope]))


@pytest.mark.parametrize("length", [0, -1, 2 * 1024 * 1024 + 1])
def test_an_impossible_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedError):
        parse_delivery(encode_delivery(head([item(length), item(3)]), [b"123"]))


def test_a_head_without_its_end_is_refused() -> None:
    with pytest.raises(MalformedError, match="head line"):
        parse_delivery(b"{" * (MAX_DELIVERY_HEAD_BYTES + 2))


def test_a_body_over_its_limit_is_refused_unread() -> None:
    with pytest.raises(TooLargeError):
        parse_delivery(bytes(MAX_DELIVERY_BYTES + 1))


@pytest.mark.parametrize(
    "items",
    [[], [item()] * 257],
)
def test_a_delivery_of_no_or_too_many_items_is_refused(
    items: list[DeliveryItem],
) -> None:
    body = canonical.encode(
        {
            "checkpoint": "x",
            "consistency": {"from": 0, "proof": []},
            "items": [
                {"digest": "ab", "index": 0, "leaf": "{}", "length": 3, "path": []}
                for _ in items
            ],
            "now": "x",
            "pending": [],
            "seen": 0,
        },
    )
    with pytest.raises(MalformedError, match="items"):
        parse_delivery(body + b"\n" + b"123" * len(items))


def test_lists_over_their_bounds_are_refused() -> None:
    links = [NO_PROOF] * (MAX_LINKS + 1)
    with pytest.raises(ValueError, match="links"):
        head([item()], links=links)
    with pytest.raises(ValueError, match="pending"):
        head([item()], pending=[(1, 1)] * 65)
    with pytest.raises(ValueError, match="proof"):
        Consistency(from_size=0, proof=["x"] * 65)
    with pytest.raises(ValueError, match="items"):
        DeliveryReply(
            checkpoint="x",
            consistency=NO_PROOF,
            items=[ItemReply(status="later")] * 257,
            now="x",
        )


def test_lists_of_events_are_bounded() -> None:
    def events(count: int, lost: int) -> EventsRequest:
        return EventsRequest(
            checkpoint="x",
            consistency=NO_PROOF,
            items=[EventItem(index=0, leaf="{}", path=[])] * count,
            now="x",
            seen=0,
            lost=[LostItem(dig="x", m="y")] * lost if lost else UNSET,
        )

    assert parse_events(canonical.encode(events(1, 1))) == events(1, 1)
    with pytest.raises(ValueError, match="items"):
        events(257, 0)
    with pytest.raises(ValueError, match="lost"):
        events(0, 257)


def test_a_reply_is_read_as_it_was_written() -> None:
    reply = DeliveryReply(
        checkpoint="one\ntwo\n",
        consistency=NO_PROOF,
        items=[
            ItemReply(status="received", index=1, leaf="{}", path=[]),
            ItemReply(status="later", code="quota", retry_after=5),
            ItemReply(status="refused", code="expired", index=2, leaf="{}", path=[]),
        ],
        now="x",
        links=[NO_PROOF],
    )
    assert parse_delivery_reply(canonical.encode(reply)) == reply


def test_absent_fields_are_left_out_not_null() -> None:
    assert canonical.encode(ItemReply(status="later")) == b'{"status":"later"}'


def test_an_unknown_status_is_refused() -> None:
    raw = canonical.encode(
        {
            "checkpoint": "x",
            "consistency": {"from": 0, "proof": []},
            "items": [{"status": "perhaps"}],
            "now": "x",
        },
    )
    with pytest.raises(MalformedError):
        parse_delivery_reply(raw)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=5))
def test_hashes_survive_their_spelling(hashes: list[bytes]) -> None:
    assert hashes_from_text(hashes_to_text(hashes)) == tuple(hashes)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_delivery_or_refused(raw: bytes) -> None:
    try:
        delivery = parse_delivery(raw)
    except GatewayError:
        return
    assert encode_delivery(delivery.head, delivery.envelopes) == raw


def test_every_batch_code_has_a_status() -> None:
    codes = {
        "malformed": 400,
        "log-proof-invalid": 403,
        "log-out-of-step": 409,
        "too-large": 413,
        "version": 426,
        "quota": 429,
        "maintenance": 503,
    }
    assert codes.items() <= STATUS_OF_CODE.items()
