"""Fields that a form shows at once although it could do without them.

Most forms name a person by surname and birth, though no declaration can demand either:
a person may be unknown, or a company. What is listed here is what caseworkers look for
first; nothing is asked for because of it.
"""

from collections.abc import Mapping
from typing import Final

from gateway.mla.blocks import ASSET, IDENTIFIER, MEASURE, OFFENCE, PROCEEDINGS
from gateway.mla.fields import Block
from gateway.mla.parties import AUTHORITY, PERSON

_USUAL: Final[Mapping[Block, frozenset[str]]] = {
    PERSON: frozenset({"surname", "forenames", "birth_date", "nationalities", "name"}),
    AUTHORITY: frozenset({"address", "email", "contact_person"}),
    MEASURE: frozenset({"person_ids", "period", "identifiers"}),
    OFFENCE: frozenset({"from", "place"}),
    PROCEEDINGS: frozenset({"opened_on"}),
    ASSET: frozenset({"identifier", "est_value", "currency"}),
    IDENTIFIER: frozenset({"service"}),
}

_OF_PAYLOADS: Final = frozenset({"persons", "identifiers", "needed_by"})
_OF_PAYLOADS_AT: Final = "/payload"


def is_usual(block: Block, field_name: str, pointer: str) -> bool:
    """Tell whether a field of a block is shown at once.

    Args:
        block: Where it is declared.
        field_name: Its name.
        pointer: Where the block stands.
    """
    if pointer == _OF_PAYLOADS_AT:
        return field_name in _OF_PAYLOADS
    return field_name in _USUAL.get(block, frozenset())
