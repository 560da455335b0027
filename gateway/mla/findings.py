"""What looking at one evidence file has shown, as codes that may be kept unsealed.

Nothing of a file's content, name or signer is in it. It is what the receipt of evidence
(`EVD_ACK`) is drafted from, and what a report of custody cites.
"""

from enum import StrEnum

from gateway.core.canonical import Wire


class Result(StrEnum):
    """What one kind of look has shown."""

    GOOD = "good"
    WRONG = "wrong"  # it is not what was said of it
    HINT = "hint"  # something a person should look at
    NOT_CHECKED = "not-checked"


class SignatureResult(StrEnum):
    """What the check of a person's signature has shown."""

    VALID = "valid"  # intact, over the whole file, under an authority we trust
    UNTRUSTED = "untrusted"  # intact, but under no authority that we trust
    PARTIAL = "partial"  # intact, but something was added to the file after it
    BROKEN = "broken"  # over other bytes, or not made with the key it names
    UNREADABLE = "unreadable"  # looks like a signature, and is none
    NOT_CHECKED = "not-checked"  # see the reason


class SignatureKind(StrEnum):
    """How a signature is made."""

    PADES = "PAdES"  # inside a PDF file
    CADES = "CAdES"  # a file of its own (.p7s) beside the one it is over
    XADES = "XAdES"  # inside an XML file


class NotChecked(StrEnum):
    """Why a signature was not checked."""

    NO_LIBRARY = "no-library"  # the extra `signatures` is not installed
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"  # over the time or memory that a file may cost
    NO_PROCESS = "no-process"  # none could be started to look at it
    NO_FILE = "no-file"  # the file that it is over does not travel here
    NO_DIGEST = "no-digest"  # no digest of that file by the algorithm it uses
    FURTHER = "further"  # of several in one XML file the first is checked


class SignatureFinding(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one signature.

    Attributes:
        kind: A `SignatureKind`.
        result: A `SignatureResult`.
        is_intact: The bytes it is over are those that were signed.
        is_trusted: Its certificate leads to an authority in the trust list of the
            sender's country, and was valid at the time of signing.
        is_whole: It is over the whole file.
        signed_at: When, as the signer says; empty if the signature does not.
        certificate: SHA-256 of the signer's certificate.
        reason: A `NotChecked`, if it was not.
    """

    kind: str
    result: str
    is_intact: bool = False
    is_trusted: bool = False
    is_whole: bool = False
    signed_at: str = ""
    certificate: str = ""
    reason: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether it speaks against the file.

        A file of its own that should be a signature and is none does; a PDF file that
        our library cannot read does not.
        """
        return self.result == SignatureResult.BROKEN or (
            self.result == SignatureResult.UNREADABLE
            and self.kind == SignatureKind.CADES
        )


class Remark(Wire, frozen=True, kw_only=True):
    """One thing that is wrong or worth a look: a code of list ERR, and a sentence."""

    code: str
    sentence: str


class FileFindings(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one file.

    Attributes:
        item_id: The item that describes it, or empty.
        decrypts: Whether it could be opened to its end.
        size_ok: Whether it has the size that was announced.
        digest_ok: Whether every digest that was announced is its own.
        compared: Algorithms whose digests were compared.
        differing: Those of them that are not its own.
        media_type: What its content begins like; empty if that tells nothing else
            than was announced.
        structure: Of a file whose form is known: a `Result`.
        custody: Of the item's chain of custody: a `Result`.
        remarks: What is behind a `Result` other than `good`.
        signatures: Signatures of persons in it, or in this file over another.
    """

    item_id: str = ""
    decrypts: bool
    size_ok: bool
    digest_ok: bool
    compared: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    media_type: str = ""
    structure: str = Result.NOT_CHECKED
    custody: str = Result.NOT_CHECKED
    remarks: tuple[Remark, ...] = ()
    signatures: tuple[SignatureFinding, ...] = ()

    @property
    def has_broken_signature(self) -> bool:
        """Whether a signature in it does not hold."""
        return any(one.is_bad for one in self.signatures)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why a recipient would not accept it; empty if nothing speaks against that."""
        differing = ", ".join(self.differing) or "SHA-256"
        found = {
            "it could not be decrypted": not self.decrypts,
            "its size is not the one announced": not self.size_ok,
            f"digest {differing} is not the one announced": not self.digest_ok,
            "its structure is not what its type says": self.structure == Result.WRONG,
            "its chain of custody contradicts itself": self.custody == Result.WRONG,
            "a signature does not hold": self.has_broken_signature,
        }
        return tuple(sentence for sentence, holds in found.items() if holds)
