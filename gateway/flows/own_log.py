"""Reading back what our own log says last about a thing."""

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.translog.note import VerifierKey, parse_vkey
from gateway.core.values import MessageId
from gateway.ports.keys import LogSigning
from gateway.ports.log import LogStore, StoredEntry
from gateway.ports.store import Store

_KEY_KINDS = ("log.init", "log.keys")


async def log_keys(store: LogStore, signing: LogSigning) -> tuple[VerifierKey, ...]:
    """Return all keys of our log, past and present.

    Those that the root ever vouched for, and those in its own entries.

    Raises:
        MalformedError: An entry is not one.
    """
    keys = list(signing.known_vkeys)
    for kind in _KEY_KINDS:
        fields = await newest_fields(store, kind)
        texts = canonical.convert((fields or {}).get("vkeys", []), list[str])
        keys += [key for key in map(parse_vkey, texts) if key not in keys]
    return tuple(keys)


async def newest_fields(store: LogStore, kind: str) -> JsonObject | None:
    """Return the fields of the last entry of a kind; None if there is none.

    Raises:
        MalformedError: The entry is not one, or was pruned.
    """
    entry = await store.newest_entry(kind)
    if entry is None:
        return None
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    if not isinstance(leaf, dict):
        raise MalformedError(f"log: entry {entry.index} is not an object")
    return leaf


async def entries_about(store: Store, message_id: MessageId) -> list[StoredEntry]:
    """Return all entries of our log about a message, in order."""
    return [
        entry
        for index in await store.log_indices(message_id)
        for entry in await store.entries(index, 1)
        if entry.index == index
    ]
