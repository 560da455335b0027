"""What a system drops: one folder a message, taken when it is whole.

`NAME/message.json` with addressee and message, and beside it the evidence files.
A folder is whole when it holds a file `.ready`, or when nothing in it has changed for a
while. Folders whose name begins with a point are still being written.
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.admin.shapes import Document
from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import MalformedError, UsageError
from gateway.core.limits import MAX_ATTACHMENTS, MAX_MANIFEST_BYTES
from gateway.core.values import check_attachment_name
from gateway.folder.layout import names_in, read_file

MESSAGE_FILE = "message.json"
READY_MARK = ".ready"
RESULTS = frozenset({"receipt.json", "state.json", "problem.json", "proofs"})
"""Names of what is put beside; a drop that has one is refused."""

_MOST_NAME_CHARS = 100
_MOST_DROPS = 1_000
_MOST_ENTRIES = MAX_ATTACHMENTS + len(RESULTS) + 2


class _DropFile(Wire, frozen=True, kw_only=True):
    """`message.json` of a drop, as `POST /api/v1/messages` takes it."""

    to: str
    message: Document
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A message to send, read from its folder.

    Attributes:
        key: Idempotency key: the same name with the same content is sent once.
        files: Evidence files, in order of name.
    """

    to: str
    message: Document
    override_reason: str
    key: str
    files: tuple[Path, ...]


@dataclass(slots=True)
class Waiting:
    """Watches folders until they are whole.

    Args:
        settle_s: How long nothing must have changed.
    """

    settle_s: float
    _seen: dict[str, tuple[object, float]] = field(default_factory=dict)

    def whole(self, out: Path, now_s: float) -> list[str]:
        """Return the names of folders in `out` that can be taken.

        Raises:
            UsageError: `out` can't be read.
        """
        names = names_in(out, most=_MOST_DROPS)
        self._seen = {name: self._seen[name] for name in names if name in self._seen}
        return [name for name in names if self._is_whole(out / name, now_s)]

    def _is_whole(self, drop: Path, now_s: float) -> bool:
        try:
            found = _look(drop)
        except OSError:
            return False  # taken away, or not for us to read yet
        if found is None or READY_MARK in found:
            return True
        state, since_s = self._seen.get(drop.name, (None, now_s))
        if state != found:
            self._seen[drop.name] = (found, now_s)
            return False
        return MESSAGE_FILE in found and now_s - since_s >= self.settle_s


def _look(drop: Path) -> Mapping[str, tuple[int, int, int]] | None:
    """Return what is in a folder, with size and times; None if it is no folder."""
    if not stat.S_ISDIR(os.lstat(drop).st_mode):
        return None
    found = {}
    with os.scandir(drop) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            found[entry.name] = (status.st_size, status.st_mtime_ns, status.st_ino)
            if len(found) > _MOST_ENTRIES:
                return found  # refused for it when it is read
    return found


def check_names(drop: Path) -> None:
    """Refuse a drop that holds anything but plain files under harmless names.

    Raises:
        UsageError: Says what.
        MalformedError: A name that could harm who receives it.
    """
    if len(drop.name) > _MOST_NAME_CHARS or not drop.name.isprintable():
        raise UsageError(f"name: {drop.name[:40]!r}…, expected up to 100 characters")
    found = _look(drop)
    if found is None:
        raise UsageError(f"{drop.name}: no folder; one folder holds one message")
    if len(found) > _MOST_ENTRIES:
        raise UsageError(f"{drop.name}: more than {MAX_ATTACHMENTS} files")
    for name in found:
        if name in RESULTS:
            raise UsageError(f"{name}: a name that is used for results; rename it")
        if name.startswith(".") and name != READY_MARK:
            raise UsageError(f"{name}: hidden; rename or remove it")
        _check_plain(drop / name)


def read_drop(drop: Path) -> Drop:
    """Return the message in a folder that is ours.

    Raises:
        UsageError: Something is missing, or is no plain file.
        MalformedError: `message.json` is not as it should be.
    """
    raw = read_file(drop / MESSAGE_FILE, max_bytes=MAX_MANIFEST_BYTES)
    try:
        told = canonical.parse_object(raw, max_bytes=MAX_MANIFEST_BYTES)
        read = canonical.convert(told, _DropFile)
    except MalformedError as error:
        raise MalformedError(f"{MESSAGE_FILE}: {error}") from error
    names = [
        name
        for name in names_in(drop, most=_MOST_ENTRIES)
        if name != MESSAGE_FILE and name not in RESULTS
    ]
    digest = hashlib.sha256(b"mla-folder/1\0" + drop.name.encode() + b"\0" + raw)
    for name in names:
        check_attachment_name(name)
        size = _check_plain(drop / name).st_size
        digest.update(b"\0%b\0%d" % (name.encode(), size))
    return Drop(
        to=read.to,
        message=read.message,
        override_reason=read.override_reason,
        key=f"folder:{digest.hexdigest()[:40]}",
        files=tuple(drop / name for name in names),
    )


def _check_plain(path: Path) -> os.stat_result:
    """Refuse links, pipes, folders, and files that have another name elsewhere."""
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path.name}: is no plain file")
    if status.st_nlink != 1:
        raise UsageError(f"{path.name}: has another name elsewhere (a hard link)")
    return status
