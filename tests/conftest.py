"""What holds for every test run."""

import os
import threading
from collections.abc import Iterator

import coverage
import pytest
import structlog

# Workers are measured; the commands and nodes that tests start are not: they would be
# slowed down, and everything in them runs in some worker too.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in [one for one in os.environ if one.startswith("COVERAGE_PROCESS_")]:
        del os.environ[name]

# The lock of the measurement (seen in coverage 7.17) is not reentrant: a finaliser
# that the garbage collector runs while it is held would wait for itself for ever.
_measuring = coverage.Coverage.current()
if _measuring is not None and _measuring._collector is not None:
    _measuring._collector.data_lock = threading.RLock()


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Undo what a test did to logging: whatever makes a node in a test sets it up."""
    yield
    structlog.reset_defaults()
