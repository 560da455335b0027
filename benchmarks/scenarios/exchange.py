"""S1, S7: queued messages let go, delivered and then validated, beside L_msg; commits.

While the receiver is away, the sender takes messages in. Then it comes back, and the
clock runs until the sender holds a verified receipt of each, seal check and all; and on
until the receiver has validated and indexed each. L_msg is measured before and after.
"""

from collections.abc import Iterator
from statistics import median

from benchmarks.exchanging import Exchanged, exchange
from benchmarks.figures import Figure, Setting
from benchmarks.limits.run import message_limit
from benchmarks.neighbours import neighbours

_MESSAGES, _QUICK_MESSAGES = 20_000, 1_500
_LIMIT_MESSAGES, _QUICK_LIMIT_MESSAGES = 10_000, 2_000


def measure(setting: Setting) -> Iterator[Figure]:
    """Measure both goals, and the yardstick beside them."""
    messages = _QUICK_MESSAGES if setting.is_quick else _MESSAGES
    of_limit = _QUICK_LIMIT_MESSAGES if setting.is_quick else _LIMIT_MESSAGES
    limits = [message_limit(setting.folder, messages=of_limit).messages_per_s]
    with neighbours(setting.folder) as nodes:
        found = exchange(nodes, messages, setting.tell)
    limits.append(message_limit(setting.folder, messages=of_limit).messages_per_s)
    limit = median(limits)
    yield Figure(
        scenario="L",
        name="message_limit",
        what="L_msg, straight-line program",
        value=limit,
        unit="/s",
        context={"before": limits[0], "after": limits[1]},
    )
    yield from _figures(found, limit)


def _figures(found: Exchanged, limit: float) -> Iterator[Figure]:
    yield Figure(
        scenario="S1",
        name="exchange_to_limit",
        what="queued to delivered ÷ L_msg",
        value=found.per_s / limit,
        unit="ratio",
        goal=0.5,
        context={"messages": found.messages, "a_second": found.per_s},
    )
    yield Figure(
        scenario="S1",
        name="validated_to_limit",
        what="queued to validated and indexed ÷ L_msg",
        value=found.validated_per_s / limit,
        unit="ratio",
        goal=0.35,
        context={"messages": found.messages, "a_second": found.validated_per_s},
    )
    yield Figure(
        scenario="S7",
        name="commits_a_message",
        what="commits of both nodes ÷ messages delivered",
        value=found.commits / found.messages,
        unit="ratio",
        goal=0.05,
        is_at_most=True,
        context={"commits": found.commits, "messages": found.messages},
    )
