"""Small biometric transaction files, made here: no print of anybody is in them."""

from collections.abc import Mapping, Sequence

FS, GS, RS, US = b"\x1c", b"\x1d", b"\x1e", b"\x1f"

HEADER: Mapping[int, bytes] = {
    2: b"0502",
    4: b"CPS",
    5: b"20260924",
    6: b"4",
    7: b"GE/CA01",
    8: b"PT/CA01",
    9: b"PT-2026-0000331",
    11: b"19.69",
    12: b"19.69",
    13: b"INT-I" + US + b"4.22",
}


def tagged(kind: int, fields: Mapping[int, bytes]) -> bytes:
    """Return a record of tagged fields; its length counts itself."""
    body = b"".join(
        GS + b"%d.%03d:%s" % (kind, number, value) for number, value in fields.items()
    )
    for digits in range(1, 11):
        head = b"%d.001:" % kind
        length = len(head) + digits + len(body) + 1
        if len(str(length)) == digits:
            return head + str(length).encode() + body + FS
    raise AssertionError("no such length")


def finger(idc: int, image: bytes = b"\xff\xa0" + bytes(62)) -> bytes:
    """Return a record of type 4, which has no tags."""
    rest = bytes([idc, 1]) + b"\x01" + bytes(5) + b"\x00" + bytes(6) + image
    return (len(rest) + 4).to_bytes(4, "big") + rest


def image(idc: int, data: bytes = b"\x1c\x1d" + bytes(range(256))) -> bytes:
    """Return a record of type 14, whose image holds separators as plain bytes."""
    return tagged(14, {2: b"%02d" % idc, 3: b"1", 4: b"PT/CA01", 999: data})


def user_text(idc: int) -> bytes:
    """Return a record of type 2."""
    return tagged(2, {2: b"%02d" % idc, 3: b"sample"})


def transaction(
    records: Sequence[tuple[int, int, bytes]] = (
        (2, 0, user_text(0)),
        (4, 1, finger(1)),
        (14, 2, image(2)),
    ),
    **changes: bytes,
) -> bytes:
    """Return a whole file; `f5=b"…"` replaces field 1.005, an empty one drops it."""
    count = RS.join(
        [b"1" + US + str(len(records)).encode()]
        + [b"%d" % kind + US + b"%02d" % idc for kind, idc, _ in records]
    )
    fields = {**HEADER, 3: count}
    fields |= {int(name[1:]): value for name, value in changes.items()}
    kept = {number: value for number, value in sorted(fields.items()) if value}
    return tagged(1, kept) + b"".join(raw for _, _, raw in records)
