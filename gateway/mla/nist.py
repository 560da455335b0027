"""Biometric transaction files: ANSI/NIST-ITL 1 in its traditional encoding.

Such a file is a row of records. The first, of type 1, says what it is, from whom and
for whom, and which records follow. Of the others only the frame is read here: type,
number, length, and that they are as announced. No image is decoded.

Files come from others and may be made to harm: nothing is read twice or looked for
beyond its record, and all counts and lengths are bounded before they are used.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gateway.core.errors import MalformedError
from gateway.core.limits import MIB

FS, GS, RS, US = b"\x1c", b"\x1d", b"\x1e", b"\x1f"
"""What ends a record, a field, a subfield and an item."""

MAX_NIST_BYTES = 32 * MIB
"""Longest file that is read."""

_MAX_RECORDS = 1_000
_MAX_FIELDS = 1_000
_MAX_HEADER_BYTES = 65_536
_MAX_TEXT_CHARS = 1_000

# Types whose records are of fixed places, without tags (facsimile, binary, signature).
_UNTAGGED = frozenset({3, 4, 5, 6, 7, 8})
_LENGTH_BYTES = 4
_IMAGE_FIELD = 999
_LAST_TYPE = 99

_TAG = re.compile(rb"([1-9][0-9]?)\.([0-9]{3,9}):")
_NUMBER = re.compile(rb"[0-9]{1,10}\Z")
_VERSION = re.compile(r"0[2-6][0-9]{2}\Z", re.ASCII)
_TRANSACTION = re.compile(r"[A-Za-z0-9_-]{1,16}\Z", re.ASCII)
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z", re.ASCII)
_RESOLUTION = re.compile(r"[0-9]{2}\.[0-9]{2}\Z", re.ASCII)

_LENGTH, _COUNT = 1, 3
_HEADER = {
    2: "version (1.002)",
    3: "contents (1.003)",
    4: "type of transaction (1.004)",
    5: "date (1.005)",
    7: "destination (1.007)",
    8: "originator (1.008)",
    9: "control number (1.009)",
    11: "scanning resolution (1.011)",
    12: "transmitting resolution (1.012)",
}
_PRIORITY, _CONTROL, _REFERENCE, _DOMAIN = 6, 9, 10, 13


@dataclass(frozen=True, slots=True)
class NistRecord:
    """A record after the first: its type, its number (IDC), its bytes."""

    kind: int
    idc: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NistFile:
    """What the first record says, and the records that follow.

    Attributes:
        version: As in the file, `0502` being edition 2011 with its update of 2015.
        transaction: Type of transaction, agreed in the domain.
        day: Date of the transaction, `YYYYMMDD`.
        destination: Agency that is asked or told.
        originator: Agency that made the file.
        control: Its control number.
        reference: Control number that is answered, or empty.
        domain: Application profile, or empty.
    """

    version: str
    transaction: str
    day: str
    destination: str
    originator: str
    control: str
    reference: str
    domain: str
    records: tuple[NistRecord, ...]


def read_nist(data: bytes) -> NistFile:
    """Return what a file holds, if its structure is what it says of itself.

    Raises:
        MalformedError: It is not, or is over a limit; says where.
    """
    if len(data) > MAX_NIST_BYTES:
        raise MalformedError(f"NIST file: over {MAX_NIST_BYTES} bytes, not read")
    length = _tagged_length(data, 0, 1)
    if length > _MAX_HEADER_BYTES:
        raise MalformedError("NIST file: record 1 is longer than any header")
    header = dict(_fields(memoryview(data)[:length], 1, "record 1"))
    announced = _announced(header)
    texts = {number: _text(header, number) for number in header if number > _COUNT}
    texts[2] = _text(header, 2)
    _check_header(texts)
    records = tuple(_records(data, length, announced))
    return NistFile(
        version=texts[2],
        transaction=texts[4],
        day=texts[5],
        destination=texts[7],
        originator=texts[8],
        control=texts[_CONTROL],
        reference=texts.get(_REFERENCE, ""),
        domain=texts.get(_DOMAIN, "").replace(US.decode(), " "),
        records=records,
    )


def agency_country(agency: str) -> str:
    """Return the country that an agency's code begins with; empty if it tells none.

    Codes are given out by the domain; those of international exchange begin with the
    country's two letters, alone or before a separator: `PT/PJ`, `LU`, `fr-dcpj`.
    """
    head = re.match(r"([A-Za-z]{2})(?![A-Za-z0-9])", agency)
    return head[1].upper() if head else ""


# --- the first record ---


def _check_header(texts: dict[int, str]) -> None:
    for number, name in _HEADER.items():
        if number != _COUNT and not texts.get(number):
            raise MalformedError(f"NIST file: {name} is missing")
    _expect(_VERSION, texts[2], "version (1.002), expected like 0502")
    _expect(_TRANSACTION, texts[4], "type of transaction (1.004)")
    for number in (11, 12):
        _expect(_RESOLUTION, texts[number], f"{_HEADER[number]}, expected like 19.69")
    found = _DAY.match(texts[5])
    try:
        date(*map(int, found.groups() if found else ()))
    except (TypeError, ValueError) as error:
        raise MalformedError("NIST file: date (1.005), expected YYYYMMDD") from error
    if texts.get(_PRIORITY, "1") not in set("123456789"):
        raise MalformedError("NIST file: priority (1.006), expected 1 to 9")


def _expect(form: re.Pattern[str], text: str, name: str) -> None:
    if not form.match(text):
        raise MalformedError(f"NIST file: {name}, not of its form")


def _announced(header: dict[int, bytes]) -> list[tuple[int, int]]:
    """Return type and number of the records that the first one announces."""
    first, *rest = header.get(_COUNT, b"").split(RS)
    if len(rest) > _MAX_RECORDS:
        raise MalformedError(f"NIST file: over {_MAX_RECORDS} records")
    kind, count = _pair(first)
    if kind != 1 or count != len(rest):
        raise MalformedError(
            "NIST file: contents (1.003) name another count of records than they list",
        )
    announced = [_pair(item) for item in rest]
    if any(not 1 < kind <= _LAST_TYPE for kind, _ in announced):
        raise MalformedError("NIST file: contents (1.003) list a type there is not")
    return announced


def _pair(item: bytes) -> tuple[int, int]:
    parts = item.split(US)
    if len(parts) != 2 or not all(map(_NUMBER.match, parts)):  # noqa: PLR2004 - a pair
        raise MalformedError("NIST file: contents (1.003), expected pairs of numbers")
    return int(parts[0]), int(parts[1])


def _text(header: dict[int, bytes], number: int) -> str:
    raw = header.get(number, b"")
    text = raw.decode("utf-8", "replace")
    if len(text) > _MAX_TEXT_CHARS:
        raise MalformedError(f"NIST file: field 1.{number:03} is too long")
    if not text.replace(RS.decode(), "").replace(US.decode(), "").isprintable():
        raise MalformedError(f"NIST file: field 1.{number:03} has control characters")
    return text


# --- the records that follow ---


def _records(
    data: bytes, start: int, announced: list[tuple[int, int]]
) -> Iterator[NistRecord]:
    view = memoryview(data)
    for number, (kind, idc) in enumerate(announced, 2):
        name = f"record {number}"
        if kind in _UNTAGGED:
            length = _untagged_length(data, start, name)
            found = data[start + _LENGTH_BYTES]
        else:
            length = _tagged_length(data, start, number)
            found = _idc(view[start : start + length], kind, name)
        if found != idc:
            raise MalformedError(f"NIST file: {name} has another number than announced")
        yield NistRecord(kind, idc, length)
        start += length
    if start != len(data):
        raise MalformedError("NIST file: bytes follow the last record")


def _untagged_length(data: bytes, start: int, name: str) -> int:
    length = int.from_bytes(data[start : start + _LENGTH_BYTES], "big")
    if not _LENGTH_BYTES < length <= len(data) - start:
        raise MalformedError(f"NIST file: {name} is not as long as it says")
    return length


def _tagged_length(data: bytes, start: int, number: int) -> int:
    """Return the length that a record of tagged fields states in its first."""
    name = f"record {number}"
    # Tag, ten digits and a separator; what is longer states no length of a file.
    head = data[start : start + 24]
    tag = _TAG.match(head)
    if tag is None or int(tag[2]) != _LENGTH:
        raise MalformedError(f"NIST file: {name} does not begin with its length")
    digits = head[tag.end() :].partition(GS)[0]
    if not _NUMBER.match(digits):
        raise MalformedError(f"NIST file: {name} states no length")
    length = int(digits)
    if not tag.end() < length <= len(data) - start:
        raise MalformedError(f"NIST file: {name} is not as long as it says")
    if data[start + length - 1 : start + length] != FS:
        raise MalformedError(f"NIST file: {name} does not end where it says")
    return length


def _idc(record: memoryview, kind: int, name: str) -> int:
    for number, value in _fields(record, kind, name):
        if number == 2:  # noqa: PLR2004 - field T.002 is the number of a record
            if not _NUMBER.match(value):
                break
            return int(value)
    raise MalformedError(f"NIST file: {name} has no number")


def _fields(record: memoryview, kind: int, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a tagged record by number; an image's bytes are left out.

    Raises:
        MalformedError: They are of another type, repeated, too many, or not fields.
    """
    raw = bytes(record[:-1])
    seen: set[int] = set()
    start = 0
    while start <= len(raw):
        tag = _TAG.match(raw, start)
        if tag is None or int(tag[1]) != kind:
            raise MalformedError(f"NIST file: {name} has a field of another type")
        number = int(tag[2])
        if number in seen or len(seen) >= _MAX_FIELDS:
            raise MalformedError(f"NIST file: {name} repeats a field, or has too many")
        seen.add(number)
        if number == _IMAGE_FIELD:
            return
        end = raw.find(GS, tag.end())
        end = len(raw) if end < 0 else end
        value = raw[tag.end() : end]
        if FS in value:
            raise MalformedError(f"NIST file: {name} ends before its length")
        yield number, value
        start = end + 1
