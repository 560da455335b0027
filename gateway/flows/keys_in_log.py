"""Our log says itself which keys sign it, from which entry on.

So a reader can tell by position, with no clock, which keys a checkpoint must have: an
old key that was stolen signs nothing after the entry that ends it (specification,
section 8.2).
"""

import structlog

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.leaf import EntryDraft
from gateway.core.identity import INIT_KIND, KEYS_KIND, KeysRule
from gateway.flows.own_log import newest_fields
from gateway.ports.keys import LogSigning
from gateway.ports.log import LogStore
from gateway.ports.world import Clock

log = structlog.get_logger()


async def log_keys_if_changed(
    store: LogStore,
    signing: LogSigning,
    clock: Clock,
) -> bool:
    """Append `log.keys` if other keys sign than the log says; return whether.

    To be done at start, before a card names them. Done twice it adds nothing.

    Raises:
        MalformedError: The newest such entry is not one.
    """
    newest = list[JsonValue](key.to_text() for key in signing.newest_vkeys)
    is_alone = set(signing.vkeys) == set(signing.newest_vkeys)
    rule = KeysRule.ALONE if is_alone else KeysRule.OVERLAP
    said = await _newest_kept(store, KEYS_KIND)
    if said is None:
        first = await _newest_kept(store, INIT_KIND)
        if first is not None and is_alone and first.get("vkeys") == newest:
            return False
    elif said.get("vkeys") == newest and said.get("res") == rule.value:
        return False
    entry = EntryDraft(KEYS_KIND, clock.now(), {"vkeys": newest, "res": rule.value})
    (index,) = await store.append([entry])
    log.info("log_keys_changed", index=index, rule=rule.value)
    return True


async def _newest_kept(store: LogStore, kind: str) -> JsonObject | None:
    """Return the fields of the last entry of a kind, unless it was pruned.

    Where it was, the log says it again: the entry is of use to those who read on.
    """
    entry = await store.newest_entry(kind)
    if entry is None or not entry.data:
        return None
    return await newest_fields(store, kind)
