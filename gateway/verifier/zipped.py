"""Reading a log folder from a ZIP file that any program may have packed.

Nothing is unpacked to disk. A file's length is checked before it is read, and reading
stops there whatever the compressed bytes hold: no small file becomes a large one.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import (
    GatewayError,
    MalformedError,
    NotFoundError,
    TooLargeError,
)
from gateway.verifier.files import check_safe_path

MAX_ZIP_FILES = 65_534
"""More take a ZIP64 file; a log of eight million entries fits."""

_MAX_DIRECTORY_BYTES = MAX_ZIP_FILES * 512
_CHUNK_BYTES = 1024 * 1024
# Number of files, size of the directory, its offset, length of a comment.
_END = struct.Struct("<4s6xH2I2s")
_END_START = b"PK\x05\x06"
_LOCATOR_START = b"PK\x06\x07"  # of ZIP64
_LOCATOR_BYTES = 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_LOG_NAME = "checkpoint"
_BUNDLE_NAMES = frozenset({"envelope.bin", "messages"})
_DAMAGE = (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error)


class EvidenceZip:
    """A ZIP file whose content is not trusted.

    If all its files lie in one folder, as when a folder was packed from outside, that
    is taken for the root.

    Attributes:
        path: Where it is.

    Raises:
        MalformedError: Not a ZIP file, or one with files that no evidence has.
        TooLargeError: More files than are read from one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip = _open(path)
        self._members = _members(self._zip)

    def __reduce__(self) -> tuple[type["EvidenceZip"], tuple[Path]]:
        """Open it anew where it arrives."""
        return EvidenceZip, (self.path,)

    def names(self) -> frozenset[str]:
        """Return the paths of all files."""
        return frozenset(self._members)

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Return the content of a file.

        Raises:
            NotFoundError: There is none.
            MalformedError: It is damaged.
            TooLargeError: Over the limit; nothing was read.
        """
        return b"".join(self.chunks(name, max_bytes=max_bytes))

    def chunks(self, name: str, *, max_bytes: int | None = None) -> Iterator[bytes]:
        """Yield the content of a file piece by piece; errors as for `read`."""
        member = self._members.get(name)
        if member is None:
            raise NotFoundError(f"{name}: missing")
        left = member.file_size
        if max_bytes is not None and left > max_bytes:
            raise TooLargeError(f"{name}: {left} bytes, at most {max_bytes}")
        try:
            with self._zip.open(member) as file:
                while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
                    left -= len(chunk)
                    yield chunk
                # Reading its end, too, makes the library compare the check sum.
                if left or file.read(1):
                    raise MalformedError(f"{name}: not of the length it says")
        except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
            raise MalformedError(f"{name}: damaged in the ZIP file: {error}") from error


def is_log_zip(path: Path) -> bool:
    """Tell a ZIP file with a log folder in it from one with a bundle, by its names.

    An odd name or member makes it no other kind: whoever checks it refuses that.
    """
    try:
        names = _open(path).namelist()
    except GatewayError:
        return False
    tops = {part for name in names for part in name.split("/")[:2]}
    return _LOG_NAME in tops and tops.isdisjoint(_BUNDLE_NAMES)


def _open(path: Path) -> zipfile.ZipFile:
    _check_end(path)
    try:
        return zipfile.ZipFile(path)
    except (*_DAMAGE, NotImplementedError) as error:
        raise MalformedError(f"{path.name}: not a ZIP file: {error}") from error


def _check_end(path: Path) -> None:
    """Check how long the directory is, before the library reads it into memory."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - _LOCATOR_BYTES - _END.size))
            tail = file.read()
    except OSError as error:
        raise MalformedError(f"{path.name}: {error.strerror}") from error
    if len(tail) < _END.size:
        raise MalformedError(f"{path.name}: not a ZIP file")
    start, count, size, _, comment = _END.unpack(tail[-_END.size :])
    if start != _END_START or comment != bytes(2):
        raise MalformedError(f"{path.name}: not a ZIP file, or one with a comment")
    is_zip64 = tail.startswith(_LOCATOR_START)
    if is_zip64 or count > MAX_ZIP_FILES or size > _MAX_DIRECTORY_BYTES:
        raise TooLargeError(
            f"{path.name}: more than {MAX_ZIP_FILES} files; unpack it and check the "
            "folder",
        )


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files by path, all of them plain."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename
        if member.is_dir():
            check_safe_path(name.removesuffix("/"))
            continue
        check_safe_path(name)
        _check_plain(member)
        if name in found:
            raise MalformedError(f"{name}: twice in the ZIP file")
        found[name] = member
    roots = {name.partition("/")[0] for name in found}
    if len(roots) == 1 and not roots & found.keys():
        return {name.partition("/")[2]: member for name, member in found.items()}
    return found


def _check_plain(member: zipfile.ZipInfo) -> None:
    name, mode = member.filename, member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise MalformedError(f"{name}: a link or special file, expected a file")
    if member.flag_bits & _ENCRYPTED:
        raise MalformedError(f"{name}: encrypted")
    if member.compress_type not in _METHODS:
        raise MalformedError(f"{name}: compressed in a way that is not read here")
