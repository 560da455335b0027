"""Everything that is published about the messages: schemas and pages, as texts."""

import json
from collections.abc import Sequence

from gateway.core.canonical import JsonObject
from gateway.mla.envelope_fields import Form
from gateway.mla.pages import pages_of
from gateway.mla.schema import schema_of_all
from gateway.mla.types.model import MessageType

SCHEMAS = "schemas"
PAGES = "messages"


def publication(types: Sequence[MessageType]) -> dict[str, str]:
    """Return the text of each file, by its path; the same for the same declarations."""
    texts = {
        f"{SCHEMAS}/{form.name.lower()}.json": schema_text(schema_of_all(types, form))
        for form in Form
    }
    pages = {f"{PAGES}/{name}": text for name, text in pages_of(types).items()}
    return texts | pages


def schema_text(schema: JsonObject) -> str:
    """Return a schema as a file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
