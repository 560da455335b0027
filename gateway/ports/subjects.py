"""People whom messages are about, as tags that say nothing without a key.

Who asks gets candidates: which message, in which case, in what role, and what agrees.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.mla.subjects import SubjectKind
from gateway.ports.messages import Box


@dataclass(frozen=True, slots=True)
class SubjectTag:
    """What a person or account in a message can be found by.

    Attributes:
        person: Which one of the message, counted in the order of the document.
        role: Code of list PERSON_ROLE; empty of an identifier.
        tag: Sixteen bytes.
    """

    kind: SubjectKind
    tag: bytes = field(repr=False)
    person: int
    role: str


@dataclass(frozen=True, slots=True)
class WantedTag:
    """What to look for."""

    kind: SubjectKind
    tag: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectHit:
    """Somebody in a message of whom something agrees.

    Attributes:
        case_id: Empty of a message whose case is not known.
        msg_type: Its type; empty until it is known.
        kinds: What agrees.
    """

    id: MessageId
    box: Box
    peer: AuthorityId
    case_id: str
    msg_type: str
    accepted_at: UnixMs
    person: int
    role: str
    kinds: frozenset[SubjectKind]


class SubjectTagger(Protocol):
    """Makes tags, with a key that is used for nothing else."""

    def tag(self, kind: int, text: str) -> bytes:
        """Return the tag of a folded text; the same text of two kinds has two."""
        ...


class SubjectStore(Protocol):
    """Searching for people; what is found comes and goes with its messages."""

    async def find_subjects(
        self, wanted: Collection[WantedTag], limit: int
    ) -> list[SubjectHit]:
        """Return people of whom something agrees, newest message first.

        At most `limit` of each wanted tag; whether enough agrees is not judged.
        """
        ...

    async def unsearchable(self) -> int:
        """Return how many kept messages were stored before they could be searched."""
        ...
