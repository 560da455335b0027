"""What the command line reads in message documents: the items of evidence."""

from collections.abc import Iterator, Mapping


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
