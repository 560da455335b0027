"""The ZIP file of a dispute bundle, which has one spelling only.

Files lie in it as they are, in the order of their names, at one fixed date, with
nothing before, between or behind them. So reading needs no decompressor, and no small
file becomes a large one; and whatever this program would not have written byte for
byte is refused: a second directory, a hidden comment, a link, a cut or added byte.
Structures: PKWARE APPNOTE, section 4.3.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import MIB
from gateway.verifier.files import check_safe_path

ZIP_START = b"PK\x03\x04"

MAX_ARCHIVE_BYTES = 16 * MIB
"""An envelope, a manifest and two cards take 4 MiB at most, a proof 10 KiB."""

MAX_ARCHIVE_FILES = 256
"""A message has five proofs, and two more for each time that it was sealed again."""

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_CENTRAL_START = b"PK\x01\x02"
_END_START = b"PK\x05\x06"

_VERSION = 20
_MADE_ON_UNIX = 3 << 8 | _VERSION
_PLAIN_FLAGS = 0
_ENCRYPTED_FLAGS = 1 | 1 << 6
_AS_IT_IS = 0
_MIDNIGHT = 0
_FIRST_DATE = 1 << 5 | 1  # 1980-01-01, the earliest there is
_PRIVATE_FILE = 0o100600 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the archive that holds these files.

    Raises:
        MalformedError: A name could leave a folder or hide something.
        TooLargeError: More files or bytes than a reader takes.
    """
    if len(files) > MAX_ARCHIVE_FILES:
        raise TooLargeError(f"archive: {len(files)} files, at most {MAX_ARCHIVE_FILES}")
    contents, directory, offset = [], [], 0
    for name, content in sorted(files.items()):
        check_safe_path(name)
        sizes = (zlib.crc32(content), len(content), len(content), len(name))
        local = _local_header(*sizes) + name.encode()
        directory.append(_central_header(*sizes, offset=offset) + name.encode())
        contents += [local, content]
        offset += len(local) + len(content)
    central = b"".join(directory)
    count = len(directory)
    end = _END.pack(_END_START, 0, 0, count, count, len(central), offset, 0)
    raw = b"".join((*contents, central, end))
    if len(raw) > MAX_ARCHIVE_BYTES:
        raise TooLargeError(f"archive: over {MAX_ARCHIVE_BYTES} bytes")
    return raw


def unpack(raw: bytes, max_bytes_of: Callable[[str], int]) -> dict[str, bytes]:
    """Return the files of an archive by name; nothing is written anywhere.

    Args:
        raw: The archive.
        max_bytes_of: Largest size of a file of that name; refuses a name it does not
            know.

    Raises:
        MalformedError: Anything but what `pack` gives.
        TooLargeError: The whole, a file or their number is over its limit.
    """
    if len(raw) > MAX_ARCHIVE_BYTES:
        raise TooLargeError(f"archive: over {MAX_ARCHIVE_BYTES} bytes")
    files: dict[str, bytes] = {}
    for name, content in _walk(raw, max_bytes_of):
        if len(files) == MAX_ARCHIVE_FILES:
            raise TooLargeError(f"archive: more than {MAX_ARCHIVE_FILES} files")
        if name in files:
            raise MalformedError(f"{name}: twice in the archive")
        files[name] = content
    if pack(files) != raw:
        raise MalformedError(
            "archive: not as this program packs: order, dates, attributes or "
            "directory differ, or there are bytes that belong to no file",
        )
    return files


def _walk(
    raw: bytes,
    max_bytes_of: Callable[[str], int],
) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents as they lie one after the other."""
    offset = 0
    while raw.startswith(ZIP_START, offset):
        if len(raw) - offset < _LOCAL.size:
            raise MalformedError("archive: cut within a file's header")
        _, _, flags, method, _, _, crc, packed, size, name_length, extra = (
            _LOCAL.unpack_from(raw, offset)
        )
        start = offset + _LOCAL.size + name_length
        name = _name(raw[offset + _LOCAL.size : start])
        _check_plain(name, flags=flags, method=method, extra=extra)
        max_bytes = max_bytes_of(name)
        if size > max_bytes:
            raise TooLargeError(f"{name}: {size} bytes, at most {max_bytes}")
        offset = start + size
        content = raw[start:offset]
        if packed != size or len(content) != size or zlib.crc32(content) != crc:
            raise MalformedError(f"{name}: damaged, or not of the length it says")
        yield name, content


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{raw[:120]!r}: not the name of an evidence file") from (
            error
        )
    check_safe_path(name)
    return name


def _check_plain(name: str, *, flags: int, method: int, extra: int) -> None:
    if flags & _ENCRYPTED_FLAGS:
        raise MalformedError(f"{name}: encrypted, expected as it is")
    if method != _AS_IT_IS:
        raise MalformedError(f"{name}: compressed, expected as it is")
    if flags != _PLAIN_FLAGS or extra:
        raise MalformedError(f"{name}: its header says more than name and length")


def _local_header(crc: int, packed: int, size: int, name_length: int) -> bytes:
    return _LOCAL.pack(
        ZIP_START,
        _VERSION,
        _PLAIN_FLAGS,
        _AS_IT_IS,
        _MIDNIGHT,
        _FIRST_DATE,
        crc,
        packed,
        size,
        name_length,
        0,
    )


def _central_header(
    crc: int,
    packed: int,
    size: int,
    name_length: int,
    *,
    offset: int,
) -> bytes:
    return _CENTRAL.pack(
        _CENTRAL_START,
        _MADE_ON_UNIX,
        _VERSION,
        _PLAIN_FLAGS,
        _AS_IT_IS,
        _MIDNIGHT,
        _FIRST_DATE,
        crc,
        packed,
        size,
        name_length,
        0,
        0,
        0,
        0,
        _PRIVATE_FILE,
        offset,
    )
