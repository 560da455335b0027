"""Looking at evidence files: of what arrived, and of our own before it is sent.

Every byte of a file is read once; what that shows is kept with its message, as codes.
Who signed is kept too, sealed to ourselves, for those who may open the message.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.envelope import AttachmentToSeal, ManifestAttachment
from gateway.core.errors import CannotOpenError
from gateway.core.limits import MIB
from gateway.flows.exchange import Exchange
from gateway.flows.kept_files import KeptFile
from gateway.flows.open import Open
from gateway.flows.uploads import to_seal
from gateway.mla.finding_problems import finding_problems
from gateway.mla.findings import FileFindings, SignatureKind
from gateway.mla.inspecting import (
    MAX_HELD_BYTES,
    SIGNATURE_SUFFIX,
    FileInspector,
    Subject,
    as_measured,
    is_worth_reading,
    item_of,
    stated_digests,
    unopened,
)
from gateway.mla.problems import Problem, text_at
from gateway.ports.evidence import HandOut, Upload
from gateway.ports.findings import KeptFinding
from gateway.ports.keys import ArchiveKeys
from gateway.ports.messages import Box
from gateway.ports.peers import Peer
from gateway.ports.signatures import CheckedSignature, SignatureCheck, SignedFile

MAX_READ_BEFORE_SENDING_BYTES = 64 * MIB
"""Of all files of one submission; what is beyond is only known as it was measured."""

_MAX_SIGNERS_BYTES = 64 * 1024
_SHA256 = "SHA-256"

Files = Sequence[tuple[Upload, KeptFile]]


class Inspection:
    """Looks at files, and makes what is kept of them."""

    def __init__(
        self,
        exchange: Exchange,
        archive_keys: ArchiveKeys,
        signatures: SignatureCheck,
        *,
        open_: Open,
        country: str,
    ) -> None:
        self._exchange = exchange
        self._archive_keys = archive_keys
        self._signatures = signatures
        self._open = open_
        self._country = country

    # --- what arrived ---

    async def of_arrived(self, handed: HandOut) -> KeptFinding:
        """Read a file whose check is logged, once and to its end.

        Raises:
            CannotOpenError: It is not what its manifest says.
            BlobError: It can't be read.
        """
        plaintext = self._open.unseal(handed.sealed)
        file = self._open.read(handed)
        document = plaintext.message
        subject = Subject(
            item=item_of(document, file.described.name),
            name=file.described.name,
            size=file.described.size,
            sha256=file.described.sha256,
            sender=text_at(document, "/from/country") or "",
            recipient=text_at(document, "/to/country") or "",
        )
        inspector = await _read(subject, file.chunks)
        others = [one.described for one in plaintext.attachments]
        signed = await self._signed(
            inspector, self._signers_country(handed), _digests_of(document, others)
        )
        findings = await asyncio.to_thread(inspector.findings)
        return self._kept(handed.attachment.aid, findings, signed)

    def of_unopened(self, handed: HandOut) -> KeptFinding:
        """Return what is known of a file that can't be opened."""
        aid = handed.attachment.aid
        return self._kept(aid, unopened(self._item(handed)), ())

    def _item(self, handed: HandOut) -> JsonObject:
        try:
            plaintext = self._open.unseal(handed.sealed)
        except CannotOpenError:
            return {}
        for file in plaintext.attachments:
            if file.described.aid == handed.attachment.aid:
                return item_of(plaintext.message, file.described.name)
        return {}

    def _signers_country(self, handed: HandOut) -> str:
        """Return under whose authorities its signatures are believed."""
        if handed.sealed.box is Box.OUT:
            return self._country
        peer = self._exchange.directory.peer(handed.sealed.peer)
        return "" if peer is None else peer.card.country

    # --- our own ---

    async def before_sending(
        self, document: JsonObject, files: Files, peer: Peer
    ) -> tuple[tuple[KeptFinding, ...], list[Problem]]:
        """Return what is known of files that are to be sent, and what is wrong.

        Raises:
            CannotOpenError: What an account has sent in is damaged here.
            BlobError: It can't be read.
        """
        left = MAX_READ_BEFORE_SENDING_BYTES
        kept: list[KeptFinding] = []
        problems: list[Problem] = []
        sealed = [to_seal(upload, known, "") for upload, known in files]
        described = [one.described for one in sealed]
        for (upload, _), file in zip(files, sealed, strict=True):
            name = file.described.name
            item = item_of(document, name)
            size = file.described.size
            findings = as_measured(item)
            signed: Sequence[CheckedSignature] = ()
            is_read = is_worth_reading(item, name, file.described.media_type)
            if is_read and size <= min(left, MAX_HELD_BYTES):
                left -= size
                digests = _digests_of(document, described)
                inspector = await self._read_own(upload, file, item, peer)
                signed = await self._signed(inspector, self._country, digests)
                findings = await asyncio.to_thread(inspector.findings)
            finding = self._kept(file.described.aid, findings, signed)
            kept.append(finding)
            problems += finding_problems(document, name, report_of(finding))
        return tuple(kept), problems

    async def _read_own(
        self, upload: Upload, file: AttachmentToSeal, item: JsonObject, peer: Peer
    ) -> FileInspector:
        subject = Subject(
            item=item,
            name=file.described.name,
            size=file.described.size,
            sha256=file.described.sha256,
            sender=self._country,
            recipient=peer.card.country,
        )
        return await _read(
            subject, self._open.decrypted(upload.blob, upload.length, file)
        )

    # --- both ---

    async def _signed(
        self,
        inspector: FileInspector,
        country: str,
        digests: Mapping[str, Mapping[str, str]],
    ) -> Sequence[CheckedSignature]:
        # Up to 32 MiB are searched for the marks of a signature.
        kind = await asyncio.to_thread(lambda: inspector.signature_kind)
        if kind is None:
            return ()
        name = inspector.subject.name
        over = name[: -len(SIGNATURE_SUFFIX)] if kind is SignatureKind.CADES else ""
        return await self._signatures.check(
            SignedFile(
                kind=kind,
                data=inspector.held,
                country=country,
                now=self._exchange.clock.now(),
                content_digests=digests.get(over, {}),
            )
        )

    def _kept(
        self, aid: str, findings: FileFindings, signed: Sequence[CheckedSignature]
    ) -> KeptFinding:
        report = FileFindings(
            item_id=findings.item_id,
            decrypts=findings.decrypts,
            size_ok=findings.size_ok,
            digest_ok=findings.digest_ok,
            compared=findings.compared,
            differing=findings.differing,
            media_type=findings.media_type,
            structure=findings.structure,
            custody=findings.custody,
            remarks=findings.remarks,
            signatures=tuple(one.finding for one in signed),
        )
        signers = b""
        if signed:
            names = canonical.encode([one.signer for one in signed])
            signers = self._archive_keys.seal_draft(names, message_id=_context(aid))
        now = self._exchange.clock.now()
        return KeptFinding(aid, now, canonical.encode(report), signers)

    def signers_of(self, finding: KeptFinding) -> list[str]:
        """Return who signed, in the order of the signatures; for those who may know.

        Raises:
            CannotOpenError: What was kept is damaged.
        """
        if not finding.signers:
            return []
        context = _context(finding.aid)
        raw = self._archive_keys.open_draft(finding.signers, message_id=context)
        return canonical.decode_as(raw, list[str], max_bytes=_MAX_SIGNERS_BYTES)


def report_of(finding: KeptFinding) -> FileFindings:
    """Return what is kept of a file.

    Raises:
        MalformedError: It is damaged.
    """
    return canonical.decode_as(
        finding.report, FileFindings, max_bytes=_MAX_SIGNERS_BYTES
    )


async def _read(subject: Subject, chunks: AsyncIterator[bytes]) -> FileInspector:
    inspector = FileInspector(subject)
    async for chunk in chunks:
        if inspector.has_little_to_do:
            inspector.feed(chunk)
            await asyncio.sleep(0)
        elif chunk:
            await asyncio.to_thread(inspector.feed, chunk)
    return inspector


def _digests_of(
    document: JsonObject, files: Iterable[ManifestAttachment]
) -> dict[str, dict[str, str]]:
    """Return the digests of all files that travel together, by name.

    SHA-256 is what the seal binds; others are those that the item states, which are
    compared when that file is read.
    """
    return {
        file.name: stated_digests(item_of(document, file.name))
        | {_SHA256: str(file.sha256)}
        for file in files
    }


def _context(aid: str) -> str:
    return f"signers of {aid}"
