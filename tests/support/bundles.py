"""One message between two authorities, and dispute bundles about it, right or wrong."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO

from gateway.core.canonical import JsonObject
from gateway.core.envelope import (
    AttachmentKey,
    AttachmentToSeal,
    ManifestAttachment,
    SealedEnvelope,
    SealRequest,
    open_envelope,
    parse_envelope,
    seal,
)
from gateway.core.keys import KemPrivateKey, publish_kem_key
from gateway.core.sizes import attachment_length
from gateway.core.translog.proof import encode_log_proof, proof_file_name
from gateway.core.values import AuthorityId, HexDigest, MessageId, Priority, UnixMs
from gateway.verifier.archive import Archive, write_archive
from gateway.verifier.bundle import (
    EnrolmentRecord,
    card_name,
    encode_enrolment,
    max_file_bytes,
    read_card,
)
from gateway.verifier.bundle_writer import MessageParts, SharedParts
from gateway.verifier.manifest import encode_manifest
from tests.support.cards import NOW, CardMaker, seed

EE = AuthorityId("moj.ee")
PT = AuthorityId("pgr.pt")
MESSAGE_ID = MessageId("01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a")
FILES = {"ekspertiis.pdf": b"%PDF-1.7 report", "välja võte.csv": b"a;b\n" * 9}

Proofs = dict[str, bytes]


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the ZIP file that holds these files."""
    out = BytesIO()
    write_archive(out, files, files.__getitem__)
    return out.getvalue()


def unpack(
    raw: bytes,
    max_bytes_of: Callable[[str], int] = max_file_bytes,
) -> dict[str, bytes]:
    """Return the files in a ZIP file."""
    archive = Archive.open(BytesIO(raw), max_bytes_of)
    return {name: archive.read(name, max_bytes=2**32) for name in archive.names()}


def pack_listed(files: Mapping[str, bytes]) -> bytes:
    """Return the ZIP file of these files and a list of them."""
    digests = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    return pack({**files, "MANIFEST.sha256": encode_manifest(digests)})


@dataclass(frozen=True, kw_only=True)
class BundleParts:
    """What goes into a bundle of the first form."""

    envelope: bytes
    proofs: Mapping[str, bytes]
    cards: Sequence[bytes]
    enrolment: EnrolmentRecord | None = None
    content: bytes = b""


def encode_bundle(parts: BundleParts) -> bytes:
    """Return a bundle as they were written at first, with one message at its top."""
    files = {
        "envelope.bin": parts.envelope,
        "README.txt": b"how to check it\n",
        **{f"proofs/{name}": raw for name, raw in parts.proofs.items()},
        **{card_name(read_card(raw).authority): raw for raw in parts.cards},
    }
    if parts.content:
        files["manifest.json"] = parts.content
    if parts.enrolment is not None:
        files["enrolment.json"] = encode_enrolment(parts.enrolment)
    return pack_listed(files)


def attachment(number: int, name: str, content: bytes) -> AttachmentToSeal:
    """Return an attachment as if its ciphertext lay in the spool."""
    described = ManifestAttachment(
        aid=f"{number:032x}",
        media_type="application/octet-stream",
        name=name,
        sha256=HexDigest(hashlib.sha256(content).hexdigest()),
        size=len(content),
    )
    return AttachmentToSeal(
        attachment_length(len(content)),
        HexDigest("ab" * 32),
        AttachmentKey(seed(name)),
        described,
    )


def seal_message(
    files: Mapping[str, bytes] = FILES,
    *,
    message_id: MessageId = MESSAGE_ID,
    kem: str = "kem",
) -> SealedEnvelope:
    """Return a message from `moj.ee` to `pgr.pt`."""
    private = KemPrivateKey.from_seed(seed(f"{PT} {kem}"))
    return seal(
        SealRequest(
            id=message_id,
            sender=EE,
            addressee=PT,
            created=NOW,
            expires=UnixMs(NOW + 86_400_000),
            priority=Priority.ROUTINE,
            recipients=(publish_kem_key(private, PT, NOW).record,),
            message={"msg_type": "EVD", "subject": "Tõendid\nkaks"},
            attachments=tuple(
                attachment(number, name, content)
                for number, (name, content) in enumerate(files.items())
            ),
        ),
    )


def content_of(sealed: SealedEnvelope) -> bytes:
    """Return the manifest that was sealed."""
    return open_envelope(
        parse_envelope(sealed.raw),
        sealed.content_key,
        expected_content_digest=sealed.content_digest,
    ).manifest_raw


@dataclass
class Dispute:
    """Both sides with their logs, and the message the dispute is about.

    Attributes:
        sealed: The message.
        content: Its manifest.
        ee: The sender; `pt` the addressee. Whatever they log can be proven.
        cards: Of the sender, then of the addressee.
    """

    sealed: SealedEnvelope
    content: bytes
    ee: CardMaker
    pt: CardMaker
    cards: tuple[bytes, bytes]
    enrolment: EnrolmentRecord = field(init=False)
    message_id: MessageId = MESSAGE_ID

    def __post_init__(self) -> None:
        self.enrolment = EnrolmentRecord(
            peer=PT,
            fingerprint=self.pt.root.fingerprint,
            compared_by="anna",
            compared_how="read out by phone",
            compared_at=NOW,
        )

    def log(self, maker: CardMaker, kind: str, **fields: str | int) -> int:
        """Log an entry about the message; a field that is empty is left out."""
        said = self._usual(maker, kind) | fields
        maker.log(kind, {name: value for name, value in said.items() if value != ""})
        return len(maker.log_entries) - 1

    def _usual(self, maker: CardMaker, kind: str) -> JsonObject:
        fields: JsonObject = {
            "m": self.message_id,
            "peer": PT if maker is self.ee else EE,
        }
        if kind != "msg.access":
            fields["dig"] = self.sealed.digest
        if kind == "msg.send":
            fields |= {"man": self.sealed.content_digest, "seq": 1}
        return fields

    def prove(self, maker: CardMaker, role: str, index: int) -> Proofs:
        """Return the proof of an entry under the name it should have."""
        name = proof_file_name(role, maker.audit_signer.origin, index)
        return {name: encode_log_proof(maker.prove(index))}

    def entry(
        self,
        maker: CardMaker,
        role: str,
        kind: str,
        **fields: str | int,
    ) -> Proofs:
        """Log an entry about the message and return its proof."""
        return self.prove(maker, role, self.log(maker, kind, **fields))

    def origin(self, **fields: str | int) -> Proofs:
        """Return a proof that the sender sent it."""
        return self.entry(self.ee, "origin", "msg.send", **fields)

    def receipt(self, **fields: str | int) -> Proofs:
        """Return a proof that the recipient had it."""
        return self.entry(self.pt, "receipt", "msg.receive", **fields)

    def parts(
        self,
        *proofs: Proofs,
        envelope: bytes | None = None,
        content: bytes = b"",
        cards: Sequence[bytes] | None = None,
        enrolment: EnrolmentRecord | None = None,
    ) -> BundleParts:
        """Return the parts of a bundle, the usual ones where nothing is said."""
        return BundleParts(
            envelope=self.sealed.raw if envelope is None else envelope,
            proofs={name: raw for one in proofs for name, raw in one.items()},
            cards=self.cards if cards is None else cards,
            enrolment=enrolment or self.enrolment,
            content=content,
        )

    def message(
        self,
        *proofs: Proofs,
        envelope: bytes | None = None,
        content: bytes = b"",
        disclosures: Mapping[int, Sequence[str]] | None = None,
    ) -> MessageParts:
        """Return the message as a part of a bundle."""
        return MessageParts(
            id=self.message_id,
            envelope=self.sealed.raw if envelope is None else envelope,
            proofs={name: raw for one in proofs for name, raw in one.items()},
            disclosures=disclosures or {},
            content=content,
        )

    def shared(self) -> SharedParts:
        """Return what a bundle of both sides holds at least."""
        return SharedParts(cards=self.cards, enrolment=self.enrolment)

    def files(self, *proofs: Proofs, content: bytes = b"") -> dict[str, bytes]:
        """Return the files of a bundle without their list, to spoil and pack again."""
        found = unpack(encode_bundle(self.parts(*proofs, content=content)))
        del found["MANIFEST.sha256"]
        return found


def make_dispute(files: Mapping[str, bytes] = FILES) -> Dispute:
    """Return two sides of which neither has logged anything about the message."""
    ee, pt = CardMaker(), CardMaker(authority=PT)
    sealed = seal_message(files)
    return Dispute(sealed, content_of(sealed), ee, pt, (ee.make(), pt.make()))


def further(dispute: Dispute, message_id: MessageId) -> Dispute:
    """Return another message between the same sides, logged in the same logs."""
    sealed = seal_message({}, message_id=message_id)
    found = replace(dispute, sealed=sealed, content=content_of(sealed))
    found.message_id = message_id
    return found


@lru_cache
def delivered() -> tuple[Dispute, tuple[Proofs, ...]]:
    """Return a message that was sent, received and opened, with its proofs."""
    dispute = make_dispute()
    sent = dispute.log(dispute.ee, "msg.send")
    received = dispute.log(dispute.pt, "msg.receive")
    opened = dispute.log(dispute.pt, "msg.access", ref=received)
    return dispute, (
        dispute.prove(dispute.ee, "origin", sent),
        dispute.prove(dispute.pt, "receipt", received),
        dispute.prove(dispute.pt, "opening", opened),
    )
