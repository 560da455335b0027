"""How far a transfer is, as people are told it."""

import pytest

from gateway.cli import meters
from gateway.cli.units import duration_text, share_text, size_text
from gateway.client.progress import Phase, Progress


def test_without_a_terminal_there_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 100.0
    lines = meters._Lines("f", clock=lambda: now)
    for second in range(25):
        now = 100.0 + second
        lines.show(Progress(Phase.SENDING, 1024 * second, 1024 * 100))
    now = 200.0
    for _ in range(2):
        lines.show(Progress(Phase.SENDING, 1024 * 100, 1024 * 100))

    whole = "of 100.0 KiB, 1.0 KiB/s"
    assert capsys.readouterr().err.splitlines() == [
        f"f: sending, 10 %, 10.0 KiB {whole}, 1 min 30 s left",
        f"f: sending, 20 %, 20.0 KiB {whole}, 1 min 20 s left",
        f"f: sending, 100 %, 100.0 KiB {whole}, took 1 min 40 s",
    ]


def test_what_is_no_transfer_is_told_only_if_it_takes_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with meters.meter("a\x1b\n") as show:
        show(Progress(Phase.HASHING, 5, 5))
        show(Progress(Phase.FETCHING, 0, 0))

    told = capsys.readouterr().err
    assert told == "a\\u001b\\u000a: fetching, 100 %, 0 bytes of 0 bytes\n"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (3 << 29, "1.5 GiB"),
        (5000 << 50, "5000.0 PiB"),
    ],
)
def test_a_size_has_the_unit_that_suits_it(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (61, "1 min 1 s"), (7500, "2 h 5 min"), (180_000, "2 d 2 h")],
)
def test_a_duration_is_as_exact_as_it_matters(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_100_per_cent_is_said_of_the_whole_only() -> None:
    assert share_text(999, 1000) == "99 %"
    assert share_text(1000, 1000) == "100 %"
    assert share_text(0, 0) == "100 %"
