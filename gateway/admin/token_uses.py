"""When tokens were last used: remembered to a few minutes, not at every request."""

from collections import OrderedDict

from gateway.core.operators import Caller
from gateway.ports.people import PeopleStore
from gateway.ports.world import Clock

_EXACT_TO_S = 300.0
_MAX_REMEMBERED = 4_096


class TokenUses:
    """Stores a token's use once in five minutes: that is one small write of many."""

    def __init__(self, store: PeopleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted_at_s: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def note(self, caller: Caller) -> None:
        """Remember that a caller's token was used now."""
        key = caller.name, caller.token_label
        now_s = self._clock.monotonic_s()
        noted_at_s = self._noted_at_s.get(key)
        if noted_at_s is not None and now_s - noted_at_s < _EXACT_TO_S:
            return
        # Before the write: requests of the same token at once store it once.
        self._noted_at_s[key] = now_s
        self._noted_at_s.move_to_end(key)
        if len(self._noted_at_s) > _MAX_REMEMBERED:
            self._noted_at_s.popitem(last=False)
        await self._store.note_token_use(*key, self._clock.now())
