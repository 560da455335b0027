"""Evidence as its speed is taken: a real file, two real nodes."""

from pathlib import Path

import pytest

from benchmarks.neighbours import neighbours
from benchmarks.sending_evidence import (
    forget_peaks,
    peaks,
    send_evidence,
    sparse_file,
)


@pytest.mark.end_to_end
@pytest.mark.long
def test_a_file_arrives_and_every_stage_is_told(tmp_path: Path) -> None:
    with neighbours(tmp_path) as nodes:
        held = forget_peaks(nodes)
        sent = send_evidence(nodes, sparse_file(tmp_path, 9_000_000), "one")
        most = peaks(nodes)

    assert sent.size == 9_000_000
    assert min(sent.sent_in_s, sent.transferred_s, sent.checked_s) > 0
    assert sent.whole_s == sent.sent_in_s + sent.transferred_s + sent.checked_s
    assert sent.mb_per_s(sent.whole_s) < sent.mb_per_s(sent.between_nodes_s)
    assert all(now >= before > 0 for now, before in zip(most, held, strict=True))
