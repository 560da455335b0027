"""What a lying peer or network makes of deliveries and answers under way."""

from collections.abc import Callable

import msgspec

from gateway.core.protocol import (
    DeliveryHead,
    DeliveryReply,
    encode_delivery,
    parse_delivery,
)


def edited(
    edit: Callable[[DeliveryHead, list[bytes]], tuple[DeliveryHead, list[bytes]]],
) -> Callable[[bytes], bytes]:
    """Return what changes a delivery under way."""

    def change(body: bytes) -> bytes:
        delivery = parse_delivery(body)
        return encode_delivery(*edit(delivery.head, list(delivery.envelopes)))

    return change


def edited_item(**changes: object) -> Callable[[bytes], bytes]:
    """Return what changes fields of the first item."""

    def edit(
        head: DeliveryHead, envelopes: list[bytes]
    ) -> tuple[DeliveryHead, list[bytes]]:
        first = msgspec.structs.replace(head.items[0], **changes)
        items = [first, *head.items[1:]]
        return msgspec.structs.replace(head, items=items), envelopes

    return edited(edit)


def edited_head(**changes: object) -> Callable[[bytes], bytes]:
    """Return what changes fields of the head."""

    def edit(
        head: DeliveryHead, envelopes: list[bytes]
    ) -> tuple[DeliveryHead, list[bytes]]:
        return msgspec.structs.replace(head, **changes), envelopes

    return edited(edit)


def flipped(
    head: DeliveryHead, envelopes: list[bytes]
) -> tuple[DeliveryHead, list[bytes]]:
    """Change one bit in the middle of the first envelope."""
    raw = bytearray(envelopes[0])
    raw[len(raw) // 2] ^= 1
    return head, [bytes(raw), *envelopes[1:]]


def with_checkpoint(note: str) -> Callable[[DeliveryReply], DeliveryReply]:
    """Return what puts another checkpoint into an answer."""
    return lambda reply: msgspec.structs.replace(reply, checkpoint=note)
