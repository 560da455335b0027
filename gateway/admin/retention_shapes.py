"""What the admin API takes and gives about erasing messages and pruning the log."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.admin.shapes import (
    MAX_NUMBER,
    MAX_PAGE,
    Answer,
    BoxName,
    Reason,
    Request,
)
from gateway.core.limits import MAX_BASIS_CHARS

Basis = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_BASIS_CHARS,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/()-]*\Z",
        description="Code of the legal basis; stands in the log in the clear.",
    ),
]


class EraseRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages to erase: some, or all of a case; all of them or none.

    Attributes:
        reason: Who reads the log sees it: no name, no case number.
        preview: Only say what would be removed.
    """

    basis: Basis
    reason: Reason
    ids: Annotated[tuple[str, ...], Meta(max_length=MAX_PAGE)] = ()
    case: Annotated[str, Meta(max_length=200)] = ""
    preview: bool = False


class ErasureItem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A message that is erased, or would be.

    Attributes:
        obstacle: Why it can't be erased now.
        index: Log index of its `msg.erase`, once it is erased.
    """

    id: str
    box: BoxName
    state: str
    obstacle: str = ""
    index: int | None = None


class Erasure(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What was erased, or would be.

    Attributes:
        until: When the last copy dies: backups, and keys that open envelopes.
        content_bytes: Sealed bytes of the messages themselves.
        files: Evidence files.
        file_bytes: Their ciphertext, together.
        disclosures: Case data beside entries of the log.
        rings: Cases that ended with it, whose keys were destroyed.
        erased: False for a preview.
    """

    items: tuple[ErasureItem, ...]
    until: str
    content_bytes: int = 0
    files: int = 0
    file_bytes: int = 0
    disclosures: int = 0
    rings: int = 0
    erased: bool = False


class PruneRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Below which entry to prune the log: a multiple of 256.

    Attributes:
        reason: Who reads the log sees it.
        preview: Only say what would be removed.
    """

    below: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
    basis: Basis
    reason: Annotated[str, Meta(max_length=500)] = ""
    preview: bool = False


class Pruning(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What was pruned, or would be.

    Attributes:
        minimum: Index below which entries about people have only their hash.
        entries: Entries that lost their bytes.
        disclosures: Disclosures that went, of people and of cases.
        rings: Keys of people's disclosures that were destroyed.
        indices: Log indices of the `log.prune` entries.
        pruned: False for a preview.
    """

    minimum: int
    entries: int
    disclosures: int
    rings: int = 0
    indices: tuple[int, ...] = msgspec.field(default=())
    pruned: bool = False
