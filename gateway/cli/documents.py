"""What the command line reads in message documents: fields, and items of evidence."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject
    from gateway.mla.redaction import RedactionRecord


def read_document(path: Path) -> "JsonObject":
    """Return the message document in a file, without explanations of a draft.

    Raises:
        UsageError: It can't be read.
        TooLargeError: It is over its limit.
        MalformedError: It is not JSON of the profile.
    """
    from gateway.cli.files import read_input
    from gateway.core import canonical
    from gateway.core.errors import MalformedError
    from gateway.core.limits import MAX_MANIFEST_BYTES
    from gateway.mla.notes import without_notes

    raw = read_input(path, max_bytes=MAX_MANIFEST_BYTES)
    try:
        document = canonical.parse_object(raw, max_bytes=MAX_MANIFEST_BYTES)
    except MalformedError as error:
        raise MalformedError(f"{path}: {error}") from error
    return without_notes(document)


def read_record_file(path: Path) -> "RedactionRecord":
    """Return the record of a redaction in a file.

    Raises:
        UsageError: It can't be read.
        TooLargeError: It is over its limit.
        MalformedError: It is not one that redact has written.
    """
    from gateway.cli.files import read_input
    from gateway.core import canonical
    from gateway.core.limits import KIB
    from gateway.mla.redaction import read_record

    raw = read_input(path, max_bytes=64 * KIB)
    return read_record(canonical.parse_object(raw, max_bytes=64 * KIB))


def items_by_file_name(
    document: Mapping[str, object],
) -> dict[str, Mapping[str, object]]:
    """Return the evidence items of a message, by the name of their file."""
    found = {}
    for item in _items(document):
        name = item.get("file_name")
        if isinstance(name, str):
            found[name] = item
    return found


def listed_digests(item: Mapping[str, object]) -> dict[str, str]:
    """Return the digests that an item lists of the file as it travels, by name."""
    if item.get("digest_over", "PLAIN") != "PLAIN":
        return {}
    listed = item.get("digests")
    found = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping):
            name, value = one.get("alg"), one.get("value")
            if isinstance(name, str) and isinstance(value, str):
                found[name] = value
    return found


def _items(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    payload = document.get("payload")
    items = payload.get("manifest") if isinstance(payload, Mapping) else None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, Mapping):
            yield item
