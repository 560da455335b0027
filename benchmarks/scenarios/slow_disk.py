"""S8: the same exchange on a disk whose flushes take 5 ms longer.

Throughput kept is the median of a few rounds with the delay ÷ the median of those
without, in turns. Both nodes are delayed, each flush, whoever asks for it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from benchmarks.exchanging import Exchanged, exchange
from benchmarks.figures import Figure, Setting
from benchmarks.neighbours import neighbours
from benchmarks.slow_flush import build, slow_flushes

_ADDED_MS = 5.0
_MESSAGES, _QUICK_MESSAGES = 4_000, 500
_ROUNDS, _QUICK_ROUNDS = 2, 1


def measure(setting: Setting) -> Iterator[Figure]:
    """Measure what is kept of the throughput.

    Raises:
        NoCompilerError: Nothing here can delay flushes.
    """
    library = build(setting.folder)
    messages = _QUICK_MESSAGES if setting.is_quick else _MESSAGES
    found: dict[bool, list[Exchanged]] = {False: [], True: []}
    with neighbours(setting.folder) as nodes:
        for number in range(_QUICK_ROUNDS if setting.is_quick else _ROUNDS):
            for is_slow in (False, True):
                first_key = (2 * number + is_slow) * messages
                with ExitStack() as stack:
                    if is_slow:
                        stack.enter_context(slow_flushes(library, _ADDED_MS))
                    # The exchange starts the receiver, so that is in the block, too.
                    if found[False]:
                        nodes[0].stop()
                        nodes[0].start()
                    found[is_slow].append(
                        exchange(nodes, messages, setting.tell, first_key=first_key),
                    )
    commit_ms = median(one.commit_ms for one in found[True])
    if commit_ms < _ADDED_MS:
        raise AssertionError(f"commits of delayed nodes took {commit_ms:.2f} ms")
    quick, slow = (median(one.per_s for one in found[key]) for key in (False, True))
    yield Figure(
        scenario="S8",
        name="throughput_kept_on_a_slow_disk",
        what="throughput kept with 5 ms more a flush",
        value=slow / quick,
        unit="ratio",
        goal=0.8,
        context={
            "a_second": quick,
            "a_second_slow": slow,
            "commit_ms": median(one.commit_ms for one in found[False]),
            "commit_ms_slow": commit_ms,
        },
    )
