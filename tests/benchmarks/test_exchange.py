"""The exchange that speeds are taken of: two real nodes, a few messages."""

from pathlib import Path

import pytest

from benchmarks.exchanging import exchange
from benchmarks.loop_stalls import longest_stall_ms
from benchmarks.neighbours import api, neighbours
from benchmarks.node_metrics import NoFigureError, value_of
from gateway.client import calls


@pytest.mark.end_to_end
@pytest.mark.long
def test_all_messages_arrive_and_what_it_took_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    with neighbours(tmp_path) as nodes:
        found = exchange(nodes, 20, told.append)

        sender = api(nodes[0])
        assert sender.send(calls.stats()).states["delivered"] == 20
        with pytest.raises(NoFigureError):
            value_of(sender, "mla_no_such_figure")
    assert found.messages == 20
    assert 0 < found.delivered_s <= found.validated_s
    assert found.per_s >= found.validated_per_s > 0
    assert found.commits >= 2
    assert found.commit_ms > 0
    assert told == [told[0]]
    assert told[0].startswith("queued 20 of 20")
    assert longest_stall_ms(tmp_path) is not None
