"""Reading back what our own log says last about a thing."""

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.ports.log import LogStore


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
