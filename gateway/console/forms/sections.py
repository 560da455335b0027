"""The parts of a form in the order in which a caseworker fills it in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.console.forms.building import Place, Setting, members_of
from gateway.console.forms.nodes import Node
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block
from gateway.mla.types.model import MessageType


class Part(StrEnum):
    """A part of the form."""

    BASIS = "basis"
    CONTENT = "content"
    FILES = "files"
    SIGNING = "signing"


HIDDEN: Final = ("msg_type", "case_id", "in_reply_to")
"""Fields that the page knows by itself."""

_BASIS: Final = (
    *("instrument", "bilateral_treaty", "purpose", "urgency", "handling", "language"),
    *("sender_ref", "recipient_ref", "expires_at"),
)
_SIGNING: Final = ("approval", "personal_data", "refs", "cc", "evidence")
_MANIFEST: Final = "/payload/manifest"
_PAYLOAD: Final = "/payload"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a form.

    Attributes:
        first: Fields that are needed, asked for, usual or filled in.
        more: The others.
    """

    part: Part
    first: tuple[Node, ...]
    more: tuple[Node, ...]


def author_block(declared: MessageType) -> Block:
    """Return all fields of a message that its author may give."""
    return message_block(declared, Form.AUTHOR)


def sections_of(declared: MessageType, setting: Setting) -> tuple[Section, ...]:
    """Return the form of a message; a part without fields is left out."""
    block = author_block(declared)
    placed: dict[Part, list[tuple[bool, Node]]] = {part: [] for part in Part}
    top = {
        node.head.pointer: (first, node) for first, node in members_of(block, setting)
    }
    for part, names in ((Part.BASIS, _BASIS), (Part.SIGNING, _SIGNING)):
        found = (top.get(f"/{name}") for name in names)
        placed[part] = [one for one in found if one is not None]
    for is_first, node in members_of(declared.payload, setting, Place.at(_PAYLOAD)):
        is_files = node.head.pointer == _MANIFEST
        # The place where files are chosen is not one of the parts to unfold.
        part = Part.FILES if is_files else Part.CONTENT
        placed[part].append((is_first or is_files, node))
    return tuple(
        Section(
            part,
            tuple(node for is_first, node in nodes if is_first),
            tuple(node for is_first, node in nodes if not is_first),
        )
        for part, nodes in placed.items()
        if nodes
    )


def nodes_of(sections: tuple[Section, ...]) -> tuple[Node, ...]:
    """Return all fields of a form in the order of the page."""
    return tuple(node for one in sections for node in (*one.first, *one.more))
