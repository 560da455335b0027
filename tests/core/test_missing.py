"""What a node says of running numbers it misses (specification, section 10.7)."""

import pytest

from gateway.core.canonical import convert
from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_PENDING_RANGES
from gateway.core.missing import MissingReply


def test_ranges_of_missing_numbers_are_read() -> None:
    full = [[1, 1], [3, 9]] * (MAX_PENDING_RANGES // 2)
    assert convert({"missing": full}, MissingReply).missing[:2] == [(1, 1), (3, 9)]


@pytest.mark.parametrize(
    "ranges",
    [[[0, 1]], [[5, 4]], [[1, 2]] * (MAX_PENDING_RANGES + 1)],
    ids=["numbers begin at one", "backwards", "too many"],
)
def test_what_is_no_list_of_ranges_is_refused(ranges: list[list[int]]) -> None:
    with pytest.raises(MalformedError, match="missing"):
        convert({"missing": ranges}, MissingReply)
