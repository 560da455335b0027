"""How fast bytes move just now, for progress bars; nothing here is kept."""

from collections import deque
from dataclasses import dataclass, field

from gateway.ports.world import Clock

_WINDOW_S = 10.0
_MAX_WATCHED = 256


@dataclass(slots=True)
class _Flow:
    steps: deque[tuple[float, int]] = field(default_factory=deque)


class Rates:
    """Rates of files that are under way, by a name the caller chooses."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._flows: dict[str, _Flow] = {}

    def note(self, name: str, length: int) -> None:
        """Note that so many bytes moved now."""
        flow = self._flows.pop(name, None) or _Flow()
        # The last one noted stands last, so the first is the longest silent.
        self._flows[name] = flow
        if len(self._flows) > _MAX_WATCHED:
            del self._flows[next(iter(self._flows))]
        flow.steps.append((self._clock.monotonic_s(), length))
        self._forget_old(flow)

    def rate(self, name: str) -> int:
        """Return bytes a second over the last seconds; 0 if nothing moves."""
        flow = self._flows.get(name)
        if flow is None:
            return 0
        self._forget_old(flow)
        return round(sum(length for _, length in flow.steps) / _WINDOW_S)

    def _forget_old(self, flow: _Flow) -> None:
        oldest = self._clock.monotonic_s() - _WINDOW_S
        while flow.steps and flow.steps[0][0] < oldest:
            flow.steps.popleft()
