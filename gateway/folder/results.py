"""What became of messages, as files: states and proofs of ours, messages of others.

The feed of changes is followed from a place that is kept on disk. It moves on after
what a change wants done is durably there, so a death in between does it again: states
and proofs are the same then, and a message that was received may be opened, and so
logged, once more.
"""

import contextlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from gateway.admin.opening_shapes import OnBehalfOf, Opened, OpenRequest
from gateway.admin.shapes import ChangeItem, ChangesQuery, Submitted
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.client.part_files import TargetFolder, target_folder
from gateway.client.patience import Patience
from gateway.client.transfers import fetch_file
from gateway.core.canonical import parse_base64
from gateway.core.errors import GatewayError, UsageError
from gateway.core.limits import MIB
from gateway.core.values import check_attachment_name
from gateway.folder.judging import is_for_people
from gateway.folder.layout import (
    FolderLayout,
    flush,
    make_folder,
    names_in,
    place,
    read_file,
    write_file,
)

log = structlog.get_logger()

_PATIENCE = Patience(limit_s=60)
_CHANGES_A_READ = 100
_MOST_SENT = 100_000
_CURSOR = re.compile(rb"(0|[1-9][0-9]{0,15})\n\Z")
_WITH_PROOFS = frozenset({"delivered", "opened", "refused", "expired", "cancelled"})
# What is here, and was not taken by whom it is for.
_TO_BE_HAD = frozenset({"received", "opened"})


@dataclass(frozen=True, slots=True)
class Reading:
    """On whose behalf received messages are opened, and why."""

    person: OnBehalfOf
    purpose: str


@dataclass(slots=True)
class Results:
    """Follows the changes of the node.

    Args:
        layout: The folder.
        client: Sends the calls.
        reading: How received messages are opened; None if they are not.
    """

    layout: FolderLayout
    client: BlockingClient
    reading: Reading | None
    _sent: dict[str, Path] = field(default_factory=dict)

    def load(self) -> None:
        """Find the messages whose results are waited for.

        Raises:
            UsageError: A folder can't be read.
        """
        for name in names_in(self.layout.sent, most=_MOST_SENT):
            folder = self.layout.sent / name
            # What the system has put away or changed is no longer ours to follow.
            with contextlib.suppress(UsageError, msgspec.MsgspecError):
                raw = read_file(folder / "receipt.json", max_bytes=MIB)
                self._sent[msgspec.json.decode(raw, type=Submitted).id] = folder

    def note(self, message_id: str, folder: Path) -> None:
        """Remember where the results of a message go."""
        self._sent[message_id] = folder

    def turn(self, wait_s: int = 0) -> int:
        """Handle what has changed; return how many changes there were.

        Raises:
            GatewayError: The node can't be reached; nothing was passed over.
        """
        after = self._cursor()
        query = ChangesQuery(after=after, wait=wait_s, limit=_CHANGES_A_READ)
        found = self.client.send(calls.changes(query))
        for change in found.items:
            if change.box == "out":
                self._tell_state(change)
            elif change.state == "received" and self.reading is not None:
                self._hand_over(change.id, self.reading)
        if found.next != after:
            write_file(self.layout.place, b"%d\n" % found.next)
        return len(found.items)

    def _cursor(self) -> int:
        if not self.layout.place.exists():
            return 0
        raw = read_file(self.layout.place, max_bytes=32)
        if not _CURSOR.match(raw):
            raise UsageError(f"{self.layout.place}: no number; remove it to begin anew")
        return int(raw)

    def _tell_state(self, change: ChangeItem) -> None:
        folder = self._sent.get(change.id)
        if folder is None:
            return
        if not folder.is_dir():
            del self._sent[change.id]  # the system has taken it away
            return
        if change.state in _WITH_PROOFS:
            proofs = folder / "proofs"
            make_folder(proofs)
            for one in self.client.send(calls.receipts(change.id)).items:
                check_attachment_name(one.name)
                write_file(proofs / one.name, one.proof.encode())
        told = {
            "at": change.at,
            "cursor": change.cursor,
            "id": change.id,
            "index": change.index,
            "state": change.state,
        }
        write_file(folder / "state.json", _json(told))

    def _hand_over(self, message_id: str, reading: Reading) -> None:
        """Put a received message into the folder, and confirm that it was taken."""
        final = self.layout.inbound / message_id
        problem = self.layout.inbound / f"{message_id}.problem.json"
        if final.exists() or problem.exists():
            return
        if self.client.send(calls.show_message(message_id)).state not in _TO_BE_HAD:
            return
        request = OpenRequest(purpose=reading.purpose, on_behalf_of=reading.person)
        try:
            opened = self.client.send(calls.open_message(message_id, request))
            self._write(opened)
            self.client.send(calls.confirm_message(message_id))
        except GatewayError as error:
            if not is_for_people(error):
                raise
            # Markings, a second person, damage: for people, and no reason to wait.
            told: dict[str, object] = {"code": error.code, "detail": str(error)}
            write_file(problem, _json(told))
            log.warning(
                "folder_not_handed_over", message_id=message_id, code=error.code
            )
            return
        log.info("folder_handed_over", message_id=message_id)

    def _write(self, opened: Opened) -> None:
        """Write a message with its files into a folder that then gets its name."""
        making = self.layout.work / f".inbound-{opened.id}"
        make_folder(making)
        files = making / "files"
        make_folder(files)
        with target_folder(files) as target:
            self._fetch(opened, target)
        write_file(making / "message.json", _json(opened.message))
        if opened.manifest:
            write_file(making / "manifest.json", parse_base64(opened.manifest))
        about = msgspec.to_builtins(opened)
        for name in ("message", "manifest"):
            about.pop(name, None)
        write_file(making / "opened.json", _json(about))
        flush(making)
        place(making, self.layout.inbound / opened.id)

    def _fetch(self, opened: Opened, target: TargetFolder) -> None:
        for one in opened.attachments:
            if one.state in {"stored", "verified"} and not target.has(one.name):
                fetch_file(self.client, opened.id, one, target, patience=_PATIENCE)


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"
