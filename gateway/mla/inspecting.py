"""Looking at an evidence file while it is read once: digests, content, structure.

Pure: whoever reads the file feeds its pieces. Of most files nothing is held; of those
whose form or signatures are looked at, as much as the limit allows.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import MalformedError
from gateway.core.limits import MIB
from gateway.core.values import HexDigest
from gateway.mla.custody_rules import custody_problems
from gateway.mla.findings import FileFindings, Remark, Result, SignatureKind
from gateway.mla.media_types import UNKNOWN, media_type_of
from gateway.mla.nist import NistFile, agency_country, read_nist
from gateway.mla.problems import ProblemCode, select, text_at

MAX_HELD_BYTES = 32 * MIB
"""Of a file whose form or signatures are looked at, at most so much is in memory."""

SIGNATURE_SUFFIX = ".p7s"
"""A file of this name is a signature over the file whose name stands before it."""

_MAX_REMARKS = 8
_HEAD_BYTES = 64
_SHA256 = "SHA-256"
_NIST = "BIO_NIST"
# How a PDF file and an XML file say that they hold a signature.
_PDF_MARK = b"/ByteRange"
_XML_MARK = b"http://www.w3.org/2000/09/xmldsig#"

# List HASH without what is no digest of the whole (SSDEEP tells likeness).
_ALGORITHMS: Mapping[str, str] = {
    _SHA256: "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-512": "sha3_512",
    "BLAKE2b-512": "blake2b",
    "SHA-1": "sha1",
    "MD5": "md5",
}


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The file that is looked at, and what was said of it.

    Attributes:
        item: Its item in the manifest; an empty object if there is none.
        name: Its name.
        size: Announced, in bytes.
        sha256: Announced.
        sender: Country of who sends it.
        recipient: Country of whom it is sent to.
    """

    item: JsonObject = field(repr=False)
    name: str = field(repr=False)
    size: int
    sha256: HexDigest
    sender: str = ""
    recipient: str = ""


def item_of(document: JsonObject, name: str) -> JsonObject:
    """Return the item of a document that describes a file; empty if none does."""
    for found in select(document, "/payload/manifest/*"):
        if isinstance(found.value, dict) and text_at(found.value, "file_name") == name:
            return found.value
    return {}


def stated_digests(item: JsonObject) -> dict[str, str]:
    """Return the digests of the plaintext that an item states, by algorithm."""
    if text_at(item, "digest_over") == "CIPHER":
        return {}
    stated = {
        text_at(found.value, "alg"): text_at(found.value, "value")
        for found in select(item, "digests/*")
    }
    return {
        algorithm: value
        for algorithm, value in stated.items()
        if algorithm in _ALGORITHMS and algorithm is not None and value is not None
    }


def is_worth_reading(item: JsonObject, name: str, media_type: str) -> bool:
    """Tell whether reading a file shows more than that it is what was measured."""
    lowered = name.lower()
    return (
        text_at(item, "type") == _NIST
        or bool(stated_digests(item).keys() - {_SHA256})
        or lowered.endswith((SIGNATURE_SUFFIX, ".pdf", ".xml"))
        or media_type in {"application/pdf", "application/xml", "text/xml"}
    )


class FileInspector:
    """Takes a file piece by piece, and tells in the end what it has shown.

    Whoever reads the file compares its SHA-256 with the announced one and feeds no end
    to a file that has another: it is the digest that the seal binds.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        stated = stated_digests(subject.item)
        self._has_other_sha256 = stated.pop(_SHA256, subject.sha256) != subject.sha256
        self._stated = stated
        self._digests: dict[str, _Digest] = {
            name: hashlib.new(_ALGORITHMS[name], usedforsecurity=False)
            for name in stated
        }
        self._length = 0
        self._head = b""
        self._held: list[bytes] | None = [] if subject.size <= MAX_HELD_BYTES else None

    @property
    def has_little_to_do(self) -> bool:
        """Whether the next piece is only counted."""
        return bool(self._head) and not self._digests and self._held is None

    def feed(self, data: bytes) -> None:
        """Take the next piece."""
        if not self._head:
            self._head = data[:_HEAD_BYTES]
            if not self._is_to_be_held():
                self._held = None
        self._length += len(data)
        for digest in self._digests.values():
            digest.update(data)
        if self._held is not None:
            if self._length > MAX_HELD_BYTES:
                self._held = None
            else:
                self._held.append(data)

    @property
    def held(self) -> bytes | None:
        """The whole file, if it is one to be held and within the limit."""
        if self._held is None:
            return None
        if len(self._held) != 1:
            self._held = [b"".join(self._held)]
        return self._held[0]

    @property
    def signature_kind(self) -> SignatureKind | None:
        """How signatures in this file are made; None if it is not of such a form.

        Of a file that is held it also says that there is one.
        """
        for kind, is_form, mark in (
            (SignatureKind.CADES, self._is_detached, b""),
            (SignatureKind.PADES, self._head.startswith(b"%PDF-"), _PDF_MARK),
            (SignatureKind.XADES, self._is_xml, _XML_MARK),
        ):
            if is_form:
                held = self.held
                return kind if held is None or mark in held else None
        return None

    def findings(self) -> FileFindings:
        """Return what the whole file has shown; signatures are added by others."""
        differing = [_SHA256] if self._has_other_sha256 else []
        differing += [
            name
            for name, digest in self._digests.items()
            if digest.hexdigest() != self._stated[name]
        ]
        structure, remarks = self._structure()
        custody, of_custody = _custody(self.subject.item)
        looks_like = self._looks_like()
        return FileFindings(
            item_id=text_at(self.subject.item, "item_id") or "",
            decrypts=True,
            size_ok=self._length == self.subject.size,
            digest_ok=not differing,
            compared=(_SHA256, *self._digests),
            differing=tuple(differing),
            media_type=looks_like,
            structure=structure,
            custody=custody,
            remarks=tuple([*remarks, *of_custody][:_MAX_REMARKS]),
        )

    @property
    def _is_detached(self) -> bool:
        return self.subject.name.lower().endswith(SIGNATURE_SUFFIX)

    @property
    def _is_xml(self) -> bool:
        return self._head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")

    @property
    def _is_nist(self) -> bool:
        return text_at(self.subject.item, "type") == _NIST

    def _is_to_be_held(self) -> bool:
        is_pdf = self._head.startswith(b"%PDF-")
        return self._is_nist or self._is_detached or is_pdf or self._is_xml

    def _looks_like(self) -> str:
        """Return the media type of the content, if it is not the announced one."""
        found = media_type_of("", self._head)
        stated = text_at(self.subject.item, "media_type")
        # Office documents are archives, and are rightly said to be what they are.
        told = found not in {UNKNOWN, "application/zip"} and stated not in {None, found}
        return found if told else ""

    def _structure(self) -> tuple[Result, list[Remark]]:
        if not self._is_nist or self._is_xml:
            return Result.NOT_CHECKED, []
        held = self.held
        if held is None:
            return Result.NOT_CHECKED, []
        try:
            file = read_nist(held)
        except MalformedError as error:
            return Result.WRONG, [Remark(code=ProblemCode.SCHEMA, sentence=str(error))]
        hints = list(_agencies(file, self.subject))
        return (Result.HINT if hints else Result.GOOD), hints


def as_measured(item: JsonObject) -> FileFindings:
    """Return what is known of a file of our own that is not worth reading again.

    Its size and SHA-256 were measured as it came in, and the item agrees with them.
    """
    custody, remarks = _custody(item)
    return FileFindings(
        item_id=text_at(item, "item_id") or "",
        decrypts=True,
        size_ok=True,
        digest_ok=True,
        compared=(_SHA256,),
        custody=custody,
        remarks=tuple(remarks[:_MAX_REMARKS]),
    )


def unopened(item: JsonValue) -> FileFindings:
    """Return what is known of a file that could not be opened."""
    item_id = text_at(item, "item_id") or ""
    return FileFindings(item_id=item_id, decrypts=False, size_ok=False, digest_ok=False)


def _custody(item: JsonObject) -> tuple[Result, list[Remark]]:
    if not item:
        return Result.NOT_CHECKED, []
    problems = custody_problems(item)
    remarks = [
        Remark(code=problem.code, sentence=problem.sentence) for problem in problems
    ]
    if any(problem.blocking for problem in problems):
        return Result.WRONG, remarks
    return (Result.HINT if remarks else Result.GOOD), remarks


def _agencies(file: NistFile, subject: Subject) -> Iterator[Remark]:
    """Yield where the agencies of a biometric file are not those of its message."""
    for name, agency, country in (
        ("originator (1.008)", file.originator, subject.sender),
        ("destination (1.007)", file.destination, subject.recipient),
    ):
        told = agency_country(agency)
        if told and country and told != country:
            sentence = f"NIST file: {name} names another country than the message"
            yield Remark(code=ProblemCode.REF, sentence=sentence)
