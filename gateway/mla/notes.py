"""Explanations in drafts, and how they are left out.

What begins with `//` in a key is an explanation, or a field that is not used: the
command line leaves it out, with all that stands in it, before it checks or sends. On
the wire there is no such thing: a node refuses such a key like any other field that is
not declared.
"""

from gateway.core.canonical import JsonObject, JsonValue

NOTE_PREFIX = "//"


def without_notes(document: JsonObject) -> JsonObject:
    """Return a document without the keys that begin with `//`, here and below."""
    return {
        key: _without_notes(value)
        for key, value in document.items()
        if not key.startswith(NOTE_PREFIX)
    }


def _without_notes(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return without_notes(value)
    if isinstance(value, list):
        return [_without_notes(item) for item in value]
    return value
