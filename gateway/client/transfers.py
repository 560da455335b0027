"""Sending files in and fetching them, so that nothing is sent or fetched twice.

Both go on by themselves after a broken connection or a restart of the node, and after
a death of the calling program when they are called again in the same way.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.admin.opening_shapes import OpenedAttachment
from gateway.admin.upload_shapes import Upload, UploadRequest
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.client.call import Call
from gateway.client.digests import SHA256, Digester
from gateway.client.part_files import PartFile, TargetFolder
from gateway.client.patience import PASSING, Attempts, Patience
from gateway.client.progress import OnProgress, Phase, Progress, ignore_progress
from gateway.client.source_files import SourceFile, open_source
from gateway.client.streams import BLOCK_BYTES, too_short
from gateway.core.errors import (
    ConflictError,
    GatewayError,
    MaintenanceError,
    SourceChangedError,
    UnreachableError,
    VerificationError,
)

_DEFAULT_PATIENCE = Patience()


def send_file(
    client: BlockingClient,
    path: Path,
    *,
    idempotency_key: str,
    on_progress: OnProgress = ignore_progress,
    patience: Patience = _DEFAULT_PATIENCE,
    follows_links: bool = True,
) -> Upload:
    """Send a file in and return its upload, which a message can then name.

    Called again with the same key, it goes on where the node has got to.

    Raises:
        UsageError: The file can't be read, or is no plain file.
        MalformedError: Its name could be harmful to who receives it.
        SourceChangedError: It changed on the way.
        ConflictError: The key was used for another file.
        UnreachableError: There was no progress for too long.
        GatewayError: The node refused, with its code.
    """
    with open_source(path, follows_links=follows_links) as source:
        sending = _Sending(client, source, idempotency_key, on_progress, patience)
        upload = sending.run(path.name)
        source.check_unchanged()
        # What was used by a message was compared when the key was used again.
        if upload.state == "complete" and upload.sha256 != sending.sha256():
            # Nothing can be made of it by mistake.
            with contextlib.suppress(GatewayError):
                client.send(calls.drop_upload(upload.id))
            raise SourceChangedError(f"{path}: not what the node has got of it")
        source.check_unchanged()
    return upload


@dataclass(slots=True)
class _Sending:
    """One file on its way in.

    It is hashed as it is read to be sent; what is not sent now is read for that alone.
    """

    client: BlockingClient
    source: SourceFile
    idempotency_key: str
    on_progress: OnProgress
    patience: Patience
    digester: Digester = field(default_factory=Digester)
    attempts: Attempts = field(init=False)

    def __post_init__(self) -> None:
        self.attempts = Attempts(
            self.patience,
            remedy="the same again with the same idempotency key goes on",
        )

    def run(self, name: str) -> Upload:
        """Bring the upload to its end, wherever it is."""
        upload = self._begin(name)
        most = upload.offset
        while upload.state in {"open", "recovering"}:
            before, upload = upload, self._advance(upload)
            if upload.offset > most or _reads_back(before, upload):
                self.attempts.progressed()
            most = max(most, upload.offset)
        self._tell(Phase.SENDING, upload.size, upload.size)
        return upload

    def sha256(self) -> str:
        """Return the digest of the whole file."""
        self._digest_up_to(self.source.size)
        return self.digester.digests()[SHA256]

    def _begin(self, name: str) -> Upload:
        """Announce the file, or find what an earlier use of the key has led to.

        What a message has used already is the same file only if it has the same digest,
        and so is what was announced with one.
        """
        try:
            upload = self._announce(name, "")
        except ConflictError:
            return self._announce(name, self.sha256())
        return self._announce(name, self.sha256()) if upload.state == "used" else upload

    def _announce(self, name: str, sha256: str) -> Upload:
        request = UploadRequest(name=name, size=self.source.size, sha256=sha256)
        # Room that lacks at the start is for people to make.
        return self._ask(
            calls.create_upload(request, idempotency_key=self.idempotency_key),
            (UnreachableError, MaintenanceError),
        )

    def _advance(self, upload: Upload) -> Upload:
        if upload.state == "recovering":
            total = max(upload.offset, upload.recovered)
            self._tell(Phase.RECOVERING, upload.recovered, total)
            self.attempts.failed(
                MaintenanceError("the node is reading back", retry_after_s=1),
            )
            return self._ask(calls.show_upload(upload.id))
        try:
            answer = self._append(upload)
        except SourceChangedError:
            raise
        except (*PASSING, ConflictError) as error:
            # A conflict: what the node has is not what we thought.
            self.attempts.failed(error)
            return self._ask(calls.show_upload(upload.id))
        if answer.state == "open" and answer.offset <= upload.offset:
            self.attempts.failed(UnreachableError("the node took nothing"))
        return answer

    def _append(self, upload: Upload) -> Upload:
        self._digest_up_to(upload.offset)
        self.source.seek(upload.offset)
        call = calls.append_upload(upload.id, upload.offset)
        with self.attempts.moving():
            return self.client.upload(call, self, self.source.size - upload.offset)

    def read(self, size: int, /) -> bytes:
        """Read from the file, hash it and tell how far it is."""
        # Told before the next block is read: then the one before is on its way.
        self._tell(Phase.SENDING, self.source.position, self.source.size)
        block = self.source.read(size)
        # What is sent again was hashed already. If it was changed since, the node has
        # another digest.
        fresh = self.source.position - self.digester.size
        if fresh > 0:
            self.digester.update(block[-fresh:])
        return block

    def _digest_up_to(self, end: int) -> None:
        """Hash what was not read to be sent."""
        while (at := self.digester.size) < end:
            self.source.seek(at)
            block = self.source.read(min(BLOCK_BYTES, end - at))
            if not block:
                raise too_short(end - at)
            self.digester.update(block)
            self._tell(Phase.HASHING, self.digester.size, self.source.size)

    def _ask(
        self,
        call: Call[Upload],
        passing: tuple[type[GatewayError], ...] = PASSING,
    ) -> Upload:
        while True:
            try:
                return self.client.send(call)
            except passing as error:
                self.attempts.failed(error)

    def _tell(self, phase: Phase, done: int, total: int) -> None:
        self.on_progress(Progress(phase, done, total))


def _reads_back(before: Upload, after: Upload) -> bool:
    """Return whether the node has read back more of what it has."""
    is_recovering = before.state == after.state == "recovering"
    return is_recovering and after.recovered > before.recovered


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was compared and is under its name.

    Attributes:
        digests: Those that were compared, by name.
    """

    path: Path
    size: int
    digests: Mapping[str, str]


def fetch_file(  # noqa: PLR0913 - what, from where, to where, and how
    client: BlockingClient,
    message_id: str,
    attachment: OpenedAttachment,
    folder: TargetFolder,
    *,
    call: Call[bytes] | None = None,
    digests: Mapping[str, str] | None = None,
    on_progress: OnProgress = ignore_progress,
    patience: Patience = _DEFAULT_PATIENCE,
) -> Fetched:
    """Fetch an evidence file of a message that was opened, and compare it.

    Called again after it was broken off, it goes on from the part file. Only a file
    whose size and digests are right gets its name, and it replaces none.

    Args:
        client: Sends the calls.
        message_id: The message.
        attachment: As the opening described it.
        folder: Where to put it.
        call: Gives it; as an attachment of the message if left out.
        digests: Further ones to compare, by name; unknown names are left out.
        on_progress: Told how far it is.
        patience: When to try again.

    Raises:
        ConflictError: Something has the name already, or the file is still coming.
        MalformedError: A name that could be harmful.
        VerificationError: What came is not what the manifest describes.
        NotAllowedError: The grant has ended: open the message again.
        DamagedError: The node no longer has it as it was.
        UnreachableError: There was no progress for too long.
        UsageError: It can't be written.
        GatewayError: The node refused, with its code.
    """
    wanted = {**(digests or {}), SHA256: attachment.sha256}
    with folder.part(attachment.name) as part:
        fetching = _Fetching(
            client,
            call or calls.fetch_attachment(message_id, attachment.aid),
            part,
            attachment.size,
            on_progress,
        )
        is_continued = part.size > 0
        found = fetching.run(wanted, patience)
        if is_continued and found.size and _wrong(found, attachment.size, wanted):
            # Perhaps it was part of another file, or a crash lost a piece of it.
            part.empty()
            found = fetching.run(wanted, patience)
        if wrong := _wrong(found, attachment.size, wanted):
            part.discard()
            raise _other_content(attachment.name, wrong)
        return Fetched(part.finish(), found.size, found.digests())


def check_file(
    attachment: OpenedAttachment,
    folder: TargetFolder,
    *,
    digests: Mapping[str, str] | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Fetched:
    """Compare a file that is there already with what it should be.

    Raises:
        VerificationError: It has other content.
        ConflictError: It is no file.
        UsageError: It can't be read, perhaps because it is a link.
    """
    wanted = {**(digests or {}), SHA256: attachment.sha256}
    found = Digester(wanted)
    with folder.existing(attachment.name) as descriptor:
        if os.fstat(descriptor).st_size != attachment.size:
            raise _other_content(attachment.name, "size")
        while block := os.read(descriptor, BLOCK_BYTES):
            found.update(block)
            on_progress(Progress(Phase.CHECKING, found.size, attachment.size))
    if wrong := _wrong(found, attachment.size, wanted):
        raise _other_content(attachment.name, wrong)
    path = folder.path / attachment.name
    return Fetched(path, found.size, found.digests())


@dataclass(frozen=True, slots=True)
class _Fetching:
    """One file on its way to a part file."""

    client: BlockingClient
    call: Call[bytes]
    part: PartFile
    size: int
    on_progress: OnProgress

    def run(self, wanted: Mapping[str, str], patience: Patience) -> Digester:
        """Bring the part file to the size of the file; return its digests."""
        digester = self._what_is_here(wanted)
        attempts = Attempts(patience, remedy="the same again goes on from what is here")
        while digester.size < self.size:
            before = digester.size
            try:
                self._receive(digester)
            except PASSING as error:
                if digester.size > before:
                    attempts.progressed()
                attempts.failed(error)
        self._report(Phase.FETCHING, digester)
        return digester

    def _what_is_here(self, wanted: Mapping[str, str]) -> Digester:
        digester = Digester(wanted)
        if self.part.size > self.size:
            self.part.empty()
        for block in self.part.blocks():
            digester.update(block)
            self._report(Phase.CHECKING, digester)
        return digester

    def _receive(self, digester: Digester) -> None:
        stream = self.client.download(self.call, offset=digester.size)
        with contextlib.closing(stream):
            self._report(Phase.FETCHING, digester)
            for block in stream:
                if digester.size + len(block) > self.size:
                    raise VerificationError(f"answer: over {self.size} bytes")
                self.part.append(block)
                digester.update(block)
                self._report(Phase.FETCHING, digester)
        if digester.size < self.size:
            raise UnreachableError(
                f"answer: ended at {digester.size} of {self.size} bytes"
            )

    def _report(self, phase: Phase, digester: Digester) -> None:
        self.on_progress(Progress(phase, digester.size, self.size))


def _wrong(found: Digester, size: int, wanted: Mapping[str, str]) -> str:
    """Return what is not as it should be; nothing if all is well."""
    if found.size != size:
        return "size"
    for name, digest in found.digests().items():
        if digest != wanted[name].lower():
            return name
    return ""


def _other_content(name: str, wrong: str) -> VerificationError:
    return VerificationError(f"{name}: not the content that was announced: {wrong}")
