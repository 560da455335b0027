"""What looking at evidence files has shown, and the receipt that is drafted from it."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import Answer, BoxName, Document, Reason, Request
from gateway.core.limits import MAX_ATTACHMENTS

ResultName: TypeAlias = Literal["good", "wrong", "hint", "not-checked"]
SignatureKindName: TypeAlias = Literal["PAdES", "CAdES", "XAdES"]
SignatureResultName: TypeAlias = Literal[
    "valid", "untrusted", "partial", "broken", "unreadable", "not-checked"
]
_ItemId = Annotated[str, Meta(min_length=1, max_length=64)]


class SignatureShown(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A person's signature on a file.

    Attributes:
        intact: The bytes it is over are those that were signed.
        trusted: Its certificate leads to an authority in the trust list of the
            sender's country.
        whole: It is over the whole file.
        signed_at: As the signer says; empty if the signature does not.
        certificate: SHA-256 of the signer's certificate.
        signer: Who signed; only to a caseworker who has opened the message.
        reason: Why it was not checked.
        revocation: Nobody was asked whether the certificate was withdrawn.
    """

    kind: SignatureKindName
    result: SignatureResultName
    intact: bool = False
    trusted: bool = False
    whole: bool = False
    signed_at: str = ""
    certificate: str = ""
    signer: str = ""
    reason: str = ""
    revocation: Literal["not-checked"] = "not-checked"


class Remark(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong or worth a look; `code` is one of list ERR."""

    code: str
    sentence: str


class FileVerification(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one file.

    Attributes:
        state: As in `Message`; `stored` until it was looked at.
        item_id: The item that describes it.
        checked_at: When it was looked at; empty if it was not yet, or before results
            were kept.
        decrypts: Whether it could be opened to its end.
        compared: Algorithms whose digests were compared.
        differing: Those of them that are another than announced.
        looks_like: Media type of its content, if another than announced.
        structure: Of a biometric file: whether it is one.
        custody: Whether the item's chain of custody holds.
        faults: Why it would not be accepted; empty if nothing speaks against that.
    """

    aid: str
    state: str
    item_id: str = ""
    checked_at: str = ""
    decrypts: bool = False
    size_ok: bool = False
    digest_ok: bool = False
    compared: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    looks_like: str = ""
    structure: ResultName = "not-checked"
    custody: ResultName = "not-checked"
    faults: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    signatures: tuple[SignatureShown, ...] = ()


class Verification(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What looking at the files of a message has shown.

    Attributes:
        complete: All files that came with it were looked at.
        names_shown: Whether signers are named: the caller has opened the message.
    """

    id: str
    box: BoxName
    peer: str
    complete: bool
    names_shown: bool = False
    files: tuple[FileVerification, ...] = ()


class Rejection(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item that is not accepted, and why; the sender reads the reason."""

    item: _ItemId
    reason: Reason


class AckRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decides beside what the node has found.

    Attributes:
        vouched: Items that came by another way, and are whole.
    """

    rejected: Annotated[tuple[Rejection, ...], Meta(max_length=MAX_ATTACHMENTS)] = ()
    vouched: Annotated[tuple[_ItemId, ...], Meta(max_length=MAX_ATTACHMENTS)] = ()


class AckDraft(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A receipt of evidence, as an author would write it; nothing is sent.

    Attributes:
        to: Authority to send it to.
        document: The author's form of an `EVD_ACK`.
        left_out: Items without a file here that nobody vouched for.
    """

    to: str
    document: Document
    left_out: tuple[str, ...] = ()
