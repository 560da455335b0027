"""Which message types exist. A type is added by declaring it and listing it here."""

from gateway.core.errors import NotFoundError
from gateway.mla.types.answers import DEC, EVD, EVD_ACK, RSP
from gateway.mla.types.dialogue import CLR_REQ, CLR_RSP, CLS, STS
from gateway.mla.types.model import MessageType
from gateway.mla.types.receipts import ACK, ERR
from gateway.mla.types.requests import MLA_REQ

_TYPES = {
    declared.name: declared
    for declared in (
        MLA_REQ,
        CLR_REQ,
        CLR_RSP,
        DEC,
        STS,
        RSP,
        EVD,
        EVD_ACK,
        CLS,
        ACK,
        ERR,
    )
}


def message_type(name: str) -> MessageType | None:
    """Return the declaration of the type called `name`; None if there is none."""
    return _TYPES.get(name)


def all_types() -> tuple[MessageType, ...]:
    """Return the declarations of all types."""
    return tuple(_TYPES.values())


def declared_type(name: str) -> MessageType:
    """Return the declaration of the type called `name`.

    Raises:
        NotFoundError: There is none; says which there are.
    """
    found = message_type(name)
    if found is None:
        names = ", ".join(declared.name for declared in all_types())
        raise NotFoundError(f"type of message: no such one, there are {names}")
    return found
