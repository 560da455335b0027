"""Which tests with real processes are part of every run, and which have their own."""

import pytest

# The way of a message, its evidence, and what people type. The rest, over long ways of
# whole nodes, is left to `make test-long`.
EVERY_RUN = frozenset(
    {
        "test_command_line.py",
        "test_evidence.py",
        "test_exchange.py",
        "test_guarding.py",
        "test_sample_cases.py",
    },
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "end_to_end" in item.path.parts and item.path.name not in EVERY_RUN:
            item.add_marker(pytest.mark.long)
