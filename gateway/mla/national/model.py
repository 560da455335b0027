"""What a national declaration consists of, and how it joins the common types."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.core.values import HexDigest
from gateway.mla.fields import Field
from gateway.mla.rules import Rule
from gateway.mla.types import common_types
from gateway.mla.types.model import MessageType


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NationalDeclaration:
    """What one file declares.

    Attributes:
        name: That of the file, without its suffix.
        digest: Of all it says, but for its rules: both sides of an exchange must have
            the same.
        declared: A type of its own, if it has one.
        added: Fields for the payload of common types, by type; never mandatory.
        rules: Rules for messages of our own authority, by type.
    """

    name: str
    digest: HexDigest
    declared: MessageType | None = None
    added: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)

    @property
    def is_shared(self) -> bool:
        """Whether a peer has to know it; rules alone concern nobody else."""
        return self.declared is not None or bool(self.added)


def clashes(declarations: Sequence[NationalDeclaration]) -> list[tuple[str, str]]:
    """Return what is declared twice: name of the later declaration, and a sentence."""
    found: list[tuple[str, str]] = []
    owners: dict[str, str] = {}
    for one in declarations:
        names = [f"type {one.declared.name}"] if one.declared else []
        names += [
            f"field {field.name} of {msg_type}"
            for msg_type, fields in one.added.items()
            for field in fields
        ]
        for name in names:
            owner = owners.setdefault(name, one.name)
            if owner != one.name:
                found.append((one.name, f"{name}: declared by {owner} already"))
    return found


def types_with(declarations: Iterable[NationalDeclaration]) -> dict[str, MessageType]:
    """Return the types that some declarations add or change, by name."""
    listed = list(declarations)
    known = {one.name: one for one in common_types()}
    for one in listed:
        if one.declared is not None:
            known[one.declared.name] = one.declared
    return {
        name: joined
        for name, declared in known.items()
        if (joined := _joined(declared, listed)) is not declared or declared.declaration
    }


def digests_of(declarations: Iterable[NationalDeclaration]) -> dict[str, str]:
    """Return the digests that cards and messages tell, by name of the declaration."""
    return {one.name: one.digest for one in declarations if one.is_shared}


def _joined(
    declared: MessageType, declarations: Sequence[NationalDeclaration]
) -> MessageType:
    """Return a type with what declarations add to it; the same if that is nothing."""
    fields = [one for each in declarations for one in each.added.get(declared.name, ())]
    rules = [one for each in declarations for one in each.rules.get(declared.name, ())]
    if not fields and not rules:
        return declared
    payload = declared.payload
    if fields:
        payload = replace(payload, fields=(*payload.fields, *fields))
    return replace(declared, payload=payload, rules=(*declared.rules, *rules))
