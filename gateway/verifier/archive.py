"""The ZIP file of a dispute bundle, which has one spelling only.

Files lie in it as they are, in the order of their names, at one fixed date, with
nothing before, between or behind them. So reading needs no decompressor, and no small
file becomes a large one; and whatever this program would not have written byte for
byte is refused: a second directory, a hidden comment, a link, a cut or added byte.
One file at a time is in memory, both ways. Structures: PKWARE APPNOTE, section 4.3.
"""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from gateway.core.errors import MalformedError, NotFoundError, TooLargeError
from gateway.core.limits import MIB
from gateway.verifier.files import check_safe_path

ZIP_START = b"PK\x03\x04"

MAX_ARCHIVE_BYTES = 4096 * MIB - 1
"""What offsets of 32 bits reach; a case of a thousand messages takes 100 MiB."""

MAX_ARCHIVE_FILES = 65_534
"""The format's own limit; a message has about ten files."""

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
_OTHER_SPELLING = (
    "archive: not as this program packs: order, dates, attributes or "
    "directory differ, or there are bytes that belong to no file"
)


@dataclass(slots=True)
class _Directory:
    """The part of an archive behind its files, as it grows with them."""

    rows: list[bytes] = field(default_factory=list)
    offset: int = 0

    def add(self, name: str, content: bytes) -> bytes:
        """Take in the next file; return the header that stands before it."""
        if len(self.rows) == MAX_ARCHIVE_FILES:
            raise TooLargeError(f"archive: more than {MAX_ARCHIVE_FILES} files")
        sizes = (zlib.crc32(content), len(content), len(content), len(name))
        header = _local_header(*sizes) + name.encode()
        row = _central_header(*sizes, offset=self.offset) + name.encode()
        self.rows.append(row)
        self.offset += len(header) + len(content)
        if self.offset > MAX_ARCHIVE_BYTES:
            raise TooLargeError(f"archive: over {MAX_ARCHIVE_BYTES} bytes")
        return header

    def encode(self) -> bytes:
        """Return the directory of the files that were taken in, and the end."""
        central, count = b"".join(self.rows), len(self.rows)
        end = (_END_START, 0, 0, count, count, len(central), self.offset, 0)
        return central + _END.pack(*end)


def write_archive(
    out: BinaryIO,
    names: Iterable[str],
    content_of: Callable[[str], bytes],
) -> int:
    """Write the archive that holds these files; return its length in bytes.

    Raises:
        MalformedError: A name could leave a folder or hide something.
        TooLargeError: More files or bytes than the format has room for.
    """
    directory = _Directory()
    for name in sorted(names):
        check_safe_path(name)
        content = content_of(name)
        out.write(directory.add(name, content))
        out.write(content)
    end = directory.encode()
    out.write(end)
    return directory.offset + len(end)


@dataclass(frozen=True, slots=True)
class _Member:
    """Where a file lies in an archive, and the digest it had when it was checked."""

    offset: int
    size: int
    digest: str


class Archive:
    """An archive that was read through once: every byte is where it has to be."""

    def __init__(self, file: BinaryIO, members: dict[str, _Member]) -> None:
        self._file = file
        self._members = members

    @classmethod
    def open(cls, file: BinaryIO, max_bytes_of: Callable[[str], int]) -> "Archive":
        """Return the archive in an open file, which is used from now on.

        Args:
            file: Can be read from any place.
            max_bytes_of: Largest size of a file of that name; refuses a name it does
                not know.

        Raises:
            MalformedError: Anything but what `write_archive` writes.
            TooLargeError: The whole, a file or their number is over its limit.
        """
        if file.seek(0, io.SEEK_END) > MAX_ARCHIVE_BYTES:
            raise TooLargeError(f"archive: over {MAX_ARCHIVE_BYTES} bytes")
        file.seek(0)
        directory = _Directory()
        members: dict[str, _Member] = {}
        last, is_as_packed = "", True
        for header, name, content in _walk(file, max_bytes_of):
            if name in members:
                raise MalformedError(f"{name}: twice in the archive")
            start = directory.offset + len(header)
            is_as_packed &= header == directory.add(name, content) and name > last
            digest = hashlib.sha256(content).hexdigest()
            members[name] = _Member(start, len(content), digest)
            last = name
        file.seek(directory.offset)
        end = directory.encode()
        if not is_as_packed or file.read(len(end) + 1) != end:
            raise MalformedError(_OTHER_SPELLING)
        return cls(file, members)

    def names(self) -> frozenset[str]:
        """Return the names of all files."""
        return frozenset(self._members)

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Return the content of a file.

        Raises:
            NotFoundError: There is none of that name.
            TooLargeError: It is over the limit; nothing was read.
            MalformedError: It is not any more what was checked.
        """
        member = self._member(name)
        if member.size > max_bytes:
            raise TooLargeError(f"{name}: {member.size} bytes, at most {max_bytes}")
        self._file.seek(member.offset)
        content = self._file.read(member.size)
        if hashlib.sha256(content).hexdigest() != member.digest:
            raise MalformedError(f"{name}: changed while it was being checked")
        return content

    def chunks(self, name: str, *, max_bytes: int | None = None) -> Iterator[bytes]:
        """Yield the content of a file, whole; errors as for `read`."""
        limit = MAX_ARCHIVE_BYTES if max_bytes is None else max_bytes
        yield self.read(name, max_bytes=limit)

    def _member(self, name: str) -> _Member:
        if name not in self._members:
            raise NotFoundError(f"{name}: missing")
        return self._members[name]


def _walk(
    file: BinaryIO,
    max_bytes_of: Callable[[str], int],
) -> Iterator[tuple[bytes, str, bytes]]:
    """Yield headers, names and contents as they lie one after the other."""
    while (fixed := file.read(_LOCAL.size)).startswith(ZIP_START):
        if len(fixed) < _LOCAL.size:
            raise MalformedError("archive: cut within a file's header")
        _, _, flags, method, _, _, crc, packed, size, name_length, extra = (
            _LOCAL.unpack(fixed)
        )
        raw_name = file.read(name_length)
        name = _name(raw_name)
        _check_plain(name, flags=flags, method=method, extra=extra)
        max_bytes = max_bytes_of(name)
        if size > max_bytes:
            raise TooLargeError(f"{name}: {size} bytes, at most {max_bytes}")
        content = file.read(size)
        if packed != size or len(content) != size or zlib.crc32(content) != crc:
            raise MalformedError(f"{name}: damaged, or not of the length it says")
        yield fixed + raw_name, name, content


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
