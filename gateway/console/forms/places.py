"""Finding places: what is declared at a pointer, and what stands there in a draft."""

from gateway.core.canonical import JsonValue
from gateway.mla.fields import Block, Either, Kind, ListOf


def kind_at(block: Block, pointer: str) -> Kind | None:
    """Return the kind of value declared at a pointer; None if there is no such place.

    Args:
        block: Declares the message.
        pointer: Steps are names of fields, and numbers of items.
    """
    kind: Kind = block
    for step in pointer.split("/")[1:]:
        if isinstance(kind, Either):
            kind = kind.block
        match kind:
            case Block():
                found = next((one for one in kind.fields if one.name == step), None)
                if found is None:
                    return None
                kind = found.kind
            case ListOf() if step.isdigit():
                kind = kind.item
            case _:
                return None
    return kind


def value_at(draft: JsonValue, pointer: str) -> "JsonValue | None":
    """Return what stands at a pointer; None if nothing does."""
    here: JsonValue = draft
    for step in pointer.split("/")[1:]:
        match here:
            case dict() if step in here:
                here = here[step]
            case list() if step.isdigit() and int(step) < len(here):
                here = here[int(step)]
            case _:
                return None
    return here
