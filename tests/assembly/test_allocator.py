"""Memory of large buffers is kept for the next one."""

import gc
import subprocess
import sys

import pytest

from gateway.assembly.allocator import leave_out_what_stays

_PROGRAM = """
import resource
from gateway.assembly.allocator import keep_large_buffers

if {keeps}:
    assert keep_large_buffers()
bytearray(1 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(200):
    pages = [bytes([1]) * (1 << 20), bytes([2]) * (1 << 20)]
    del pages
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, keeps: bool) -> int:
    """Return how often the kernel had to map a page for buffers of a megabyte."""
    program = _PROGRAM.format(keeps=keeps)
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env={"MALLOC_MMAP_THRESHOLD_": "131072"},
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's mallopt")
def test_buffers_of_a_megabyte_are_mapped_once() -> None:
    assert faults(keeps=False) > 10 * faults(keeps=True)


def test_what_is_there_at_the_start_is_passed_over_by_the_collector() -> None:
    before = gc.get_threshold()
    try:
        leave_out_what_stays()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() > before
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
