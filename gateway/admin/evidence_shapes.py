"""What the admin API gives of a message for a dispute (specification, section 13).

No plaintext: all of it is sealed or signed, or shown of a peer to any role.
"""

from gateway.admin.shapes import Answer, BoxName, Receipt


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


class EvidenceParts(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of a dispute bundle.

    Attributes:
        envelope: The sealed bytes, base64; empty while the message is held.
        proofs: Every proof there is of it, as `receipts` gives them.
        cards: Ours, then the peer's unless it was removed.
        enrolment: Left out if the peer was removed.
        history: Every statement of both roots that was ever in force or believed
            here: which keys were vouched for when.
    """

    id: str
    box: BoxName
    peer: str
    envelope: str = ""
    proofs: tuple[Receipt, ...] = ()
    cards: tuple[CardCopy, ...] = ()
    enrolment: ComparedBy | None = None
    history: tuple[StatementCopy, ...] = ()
