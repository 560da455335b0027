"""Lists of messages as files: CSV that no spreadsheet runs, and JSON."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable

import msgspec

from gateway.admin.rendering import message_of
from gateway.admin.shapes import Message
from gateway.ports.messages import MessageRow

_LEFT_OUT = frozenset({"evidence"})
_COLUMNS = tuple(name for name in Message.__struct_fields__ if name not in _LEFT_OUT)
_ROWS_A_PIECE = 200
# What a spreadsheet takes for the begin of a formula (OWASP, CSV injection).
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)


async def as_csv(rows: AsyncIterator[MessageRow]) -> AsyncIterator[bytes]:
    """Yield a header and one line a message, some at a time."""
    yield _lines([_COLUMNS])
    async for piece in _pieces(rows):
        yield _lines(map(_cells, piece))


async def as_json(rows: AsyncIterator[MessageRow]) -> AsyncIterator[bytes]:
    """Yield an array with one message a line, some at a time."""
    encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
    before = b"[\n"
    async for piece in _pieces(rows):
        yield before + b",\n".join(encode(message_of(row)) for row in piece)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula.

    A text that could be one gets an apostrophe in front; a number is none.
    """
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    is_text = isinstance(value, str)
    return f"'{text}" if is_text and text.startswith(_FORMULA) else text


def _cells(row: MessageRow) -> list[str]:
    message = message_of(row)
    return [cell(getattr(message, name)) for name in _COLUMNS]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


async def _pieces(rows: AsyncIterator[MessageRow]) -> AsyncIterator[list[MessageRow]]:
    piece: list[MessageRow] = []
    async for row in rows:
        piece.append(row)
        if len(piece) == _ROWS_A_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
