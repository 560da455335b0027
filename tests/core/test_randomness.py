"""Random bytes: as many as asked for, and none twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.core.randomness import MOST_BYTES, random_bytes


def test_nobody_is_given_what_another_one_was_given() -> None:
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: random_bytes(MOST_BYTES), range(2_000)))
    assert len(set(given)) == len(given)


@pytest.mark.parametrize("count", [1, 10, 12, 16])
def test_they_are_as_many_as_were_asked_for(count: int) -> None:
    assert len(random_bytes(count)) == count


@pytest.mark.parametrize("count", [0, 17])
def test_more_are_drawn_where_they_are_needed(count: int) -> None:
    with pytest.raises(AssertionError):
        random_bytes(count)
