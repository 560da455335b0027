"""S11: checking an exported log offline, in time and memory of all its processes."""

from collections.abc import Iterator

from benchmarks.figures import Figure, Setting
from benchmarks.verify import build, verify

ENTRIES, ENTRIES_QUICK = 1_000_000, 20_000
GOAL_S, GOAL_MIB = 30.0, 256.0


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield seconds and memory; the time has a goal at full size only.

    Raises:
        AssertionError: The verifier did not find the log good.
    """
    entries = ENTRIES_QUICK if setting.is_quick else ENTRIES
    setting.tell(f"building a log of {entries:,} entries")
    exported = build(setting.folder, entries)
    setting.tell("verifying it")
    found = verify(exported)
    if found.result != "ok":
        raise AssertionError(f"internal: {found.result}: {found.text}")
    context: dict[str, float | str] = {
        "entries": entries,
        "cpu_seconds": found.cpu_seconds,
        "entries_per_s": round(entries / found.seconds),
    }
    yield Figure(
        scenario="S11",
        name="verify_seconds",
        what=f"verify {entries:,} exported entries offline",
        value=found.seconds,
        unit="s",
        goal=None if setting.is_quick else GOAL_S,
        is_at_most=True,
        context=context,
    )
    yield Figure(
        scenario="S11",
        name="verify_memory",
        what="all processes of the verifier together, at most",
        value=found.peak_rss_mib,
        unit="MiB",
        goal=None if setting.is_quick else GOAL_MIB,
        is_at_most=True,
        context=context,
    )
