"""What the admin API gives of a message for a dispute (specification, section 13).

No plaintext: all of it is sealed or signed, or shown of a peer to any role. Who acted,
in which role and why is given to auditors only.
"""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, Answer, BoxName, Receipt, Request

MAX_ENTRIES = 200
"""Entries with their proofs in one answer: 3 MiB or so."""


class EvidenceQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of it.

    Attributes:
        start: The first of our entries that is wanted, to go on where the last answer
            ended. From 0 on, what there is once comes too.
        head: Size of the head that all is to be linked to; without it the newest.
    """

    start: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    head: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0


class CardCopy(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A card as it is in force here; `card` is base64."""

    authority: str
    fingerprint: str
    card: str


class ComparedBy(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """That one of us compared the peer's fingerprint, how and when."""

    fingerprint: str
    compared_by: str
    compared_how: str
    compared_at: str


class StatementCopy(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A statement of an authority's root, past or in force; `proof` is its file."""

    authority: str
    number: int
    proof: str


class EntryDisclosures(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The strings whose digests stand in an entry of ours, as far as not erased."""

    index: int
    disclosures: tuple[str, ...]


class HeadLink(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """That our log at size `new` begins with that at size `old`; base64 hashes."""

    old: int
    new: int
    hashes: tuple[str, ...]


class StampCopy(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A time stamp over the head of a size: what was stamped, the answer in base64."""

    size: int
    text: str
    response: str


class HeadCopy(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A signed head of our log, with its cosignatures."""

    size: int
    note: str


class ConflictCopy(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A file that shows that a log contradicts itself."""

    name: str
    content: str


class EvidenceParts(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of a dispute bundle.

    Attributes:
        envelope: The sealed bytes, base64; empty while the message is held, and once
            it was erased.
        proofs: Every proof there is of it, as `receipts` gives them.
        entries: Proofs of all other entries of our log about it, among them who
            accessed it.
        disclosures: What entries of ours disclose; to auditors only.
        cards: Ours, then the peer's unless it was removed.
        enrolment: Left out if the peer was removed.
        history: Every statement of both roots that was ever in force or believed
            here: which keys were vouched for when.
        head: The newest round checkpoint of our log, with its cosignatures.
        head_size: Its size; name it to have further answers linked to it as well.
        links: From the heads of `proofs` and `entries` of ours to `head`.
        held: The newest checkpoint of the peer's log that is held here, if any.
        stamps: The first time stamp after each group of entries, as far as there is
            one.
        heads: The heads that were stamped.
        conflicts: What is kept against the peer's log.
        next: Where to go on, if there are more entries.
    """

    id: str
    box: BoxName
    peer: str
    envelope: str = ""
    proofs: tuple[Receipt, ...] = ()
    entries: tuple[Receipt, ...] = ()
    disclosures: tuple[EntryDisclosures, ...] = ()
    cards: tuple[CardCopy, ...] = ()
    enrolment: ComparedBy | None = None
    history: tuple[StatementCopy, ...] = ()
    head: str = ""
    head_size: int = 0
    links: tuple[HeadLink, ...] = ()
    held: str = ""
    stamps: tuple[StampCopy, ...] = ()
    heads: tuple[HeadCopy, ...] = ()
    conflicts: tuple[ConflictCopy, ...] = ()
    next: int | None = None
