"""The certificates in a time stamp, put into the order that DER asks for.

Common authorities enclose their chain in another order, and the library takes DER
alone. The order is not signed and means nothing, so it is mended before reading; what
is kept is the answer as it came.
"""

from collections.abc import Sequence

_SEQUENCE = 0x30
_EXPLICIT_0 = 0xA0  # the content of a ContentInfo
_CERTIFICATES = 0xA0  # of SignedData: [0] IMPLICIT SET OF
_LONG_TAG = 0x1F
_LONG_LENGTH = 0x80
_MAX_LENGTH_BYTES = 3
# TimeStampResp (RFC 3161) → its token → content (RFC 5652) → SignedData: at which place
# the next one lies, and its tag.
_WAY_DOWN = ((0, _SEQUENCE), (1, _SEQUENCE), (1, _EXPLICIT_0), (0, _SEQUENCE))
# Version, digest algorithms and what is signed come first.
_CERTIFICATES_AT = 3


def in_der_order(response: bytes) -> bytes:
    """Return a response with the certificates in it in ascending order.

    What has another structure comes back as it is, for the reader to refuse.
    """
    found = _certificates(response)
    parts = _elements(response, *found) if found else ()
    if not found or not parts:
        return response
    start, end = found
    ordered = b"".join(sorted(response[a:b] for _, a, _, b in parts))
    return response[:start] + ordered + response[end:]


def _certificates(raw: bytes) -> tuple[int, int] | None:
    """Return where the content of the set of certificates lies."""
    start, end = 0, len(raw)
    for place, wanted in (*_WAY_DOWN, (_CERTIFICATES_AT, _CERTIFICATES)):
        elements = _elements(raw, start, end)
        if len(elements) <= place or elements[place][0] != wanted:
            return None
        _, _, start, end = elements[place]
    return start, end


def _elements(raw: bytes, start: int, end: int) -> Sequence[tuple[int, int, int, int]]:
    """Return tag, start, content start and end of each element in a range.

    Empty if the range is not a run of elements of definite length.
    """
    found = []
    at = start
    while at < end:
        header = _header(raw, at, end)
        if header is None:
            return ()
        content, after = header
        found.append((raw[at], at, content, after))
        at = after
    return found


def _header(raw: bytes, at: int, end: int) -> tuple[int, int] | None:
    """Return where the content of an element begins and ends, if it fits."""
    content = at + 2
    if content > end or raw[at] & _LONG_TAG == _LONG_TAG:
        return None
    length = raw[at + 1]
    if length >= _LONG_LENGTH:
        count = length - _LONG_LENGTH
        if not 0 < count <= _MAX_LENGTH_BYTES or content + count > end:
            return None
        length = int.from_bytes(raw[content : content + count], "big")
        content += count
    return None if content + length > end else (content, content + length)
