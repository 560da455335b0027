"""Frames of the peer protocol (specification, section 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from gateway.core import canonical
from gateway.core.errors import GatewayError, MalformedError, TooLargeError
from gateway.core.limits import (
    MAX_DELIVERY_BYTES,
    MAX_DELIVERY_HEAD_BYTES,
    MAX_PARTS,
)
from gateway.core.protocol import (
    MAX_ANNOUNCE_BYTES,
    MAX_LINKS,
    STATUS_OF_CODE,
    Consistency,
    DeliveryHead,
    DeliveryItem,
    DeliveryReply,
    EventItem,
    EventReply,
    EventsRequest,
    ItemReply,
    LostItem,
    PartsAnnounced,
    PartsReply,
    encode_delivery,
    hashes_from_text,
    hashes_to_text,
    parse_announced,
    parse_content_digest,
    parse_delivery,
    parse_delivery_reply,
    parse_events,
    spell_content_digest,
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


# --- evidence ---


@given(st.binary(min_size=32, max_size=32))
def test_a_content_digest_is_read_as_it_was_written(digest: bytes) -> None:
    assert parse_content_digest(spell_content_digest(digest)) == digest


GOOD_DIGEST = "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD_DIGEST.replace("sha-256", "sha-512"),
        GOOD_DIGEST.replace("sha-256", "SHA-256"),
        GOOD_DIGEST.replace(":", ""),
        GOOD_DIGEST.replace("A=", "B="),
        GOOD_DIGEST.replace("A=", "="),
        GOOD_DIGEST.replace("AAAA", "-_-_", 1),
        f" {GOOD_DIGEST}",
        f"{GOOD_DIGEST}\n",
        f"{GOOD_DIGEST}, {GOOD_DIGEST}",
        f"{GOOD_DIGEST};q=1",
        "sha-256=" + "00" * 32,
    ],
)
def test_a_content_digest_has_one_spelling(text: str) -> None:
    assert parse_content_digest(GOOD_DIGEST) == bytes(32)
    with pytest.raises(MalformedError):
        parse_content_digest(text)


def announcement(parts: int) -> bytes:
    listed = ["ab" * 32] * parts
    return canonical.encode(PartsAnnounced(aid="a" * 32, message="m", parts=listed))


def test_an_announcement_is_read_as_it_was_written() -> None:
    assert len(parse_announced(announcement(3)).parts) == 3


def test_the_longest_list_of_parts_can_be_announced_and_one_more_cannot() -> None:
    assert len(parse_announced(announcement(MAX_PARTS)).parts) == MAX_PARTS
    assert len(announcement(MAX_PARTS)) <= MAX_ANNOUNCE_BYTES


def test_an_announcement_over_its_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLargeError):
        parse_announced(b"\xff" * (MAX_ANNOUNCE_BYTES + 1))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"aid":"a","message":"m","parts":[1]}'],
)
def test_what_is_no_announcement_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_announced(body)


@pytest.mark.parametrize("index", [-1, -(2**40), MAX_PARTS])
def test_a_part_that_no_attachment_has_cannot_be_missing(index: int) -> None:
    reply = canonical.encode(PartsReply(missing=[0, MAX_PARTS - 1]))
    assert canonical.decode_as(reply, PartsReply, max_bytes=999).missing[0] == 0
    lie = reply.replace(b"[0,", f"[{index},".encode())
    with pytest.raises(MalformedError):
        canonical.decode_as(lie, PartsReply, max_bytes=999)


def test_more_missing_parts_than_any_attachment_has_are_refused() -> None:
    with pytest.raises(ValueError, match="more than any attachment has"):
        PartsReply(missing=[0] * (MAX_PARTS + 1))


@pytest.mark.parametrize("code", ["", "Disk", "two words", "-x", "x" * 65])
def test_a_code_that_cannot_be_shown_is_refused(code: str) -> None:
    assert EventReply(status="later", code="disk").code == "disk"
    with pytest.raises(ValueError, match="code"):
        EventReply(status="later", code=code)
