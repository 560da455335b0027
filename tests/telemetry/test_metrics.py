"""Figures: only declared names and labels; a stall shows."""

import asyncio
import re
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

import gateway
from gateway.assembly.world import SystemClock
from gateway.telemetry.metrics import FIGURES, PrometheusMetrics
from gateway.telemetry.watchdog import LoopWatchdog
from tests.support.surroundings import ManualClock

PACKAGE = Path(gateway.__file__).parent


def _value(metrics: PrometheusMetrics, sample: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.expose().decode()):
        for one in family.samples:
            if one.name == sample and one.labels == labels:
                return float(one.value)
    return None


def test_each_kind_of_figure_is_exposed() -> None:
    metrics = PrometheusMetrics()
    metrics.count("mla_deliveries_total", 2, peer="pgr.pt", outcome="receipt")
    metrics.count("mla_deliveries_total", peer="pgr.pt", outcome="receipt")
    metrics.gauge("mla_log_size", 7)
    metrics.observe("mla_store_batch_size", 3)
    labels = {"peer": "pgr.pt", "outcome": "receipt"}
    assert _value(metrics, "mla_deliveries_total", **labels) == 3
    assert _value(metrics, "mla_log_size") == 7
    assert _value(metrics, "mla_store_batch_size_count") == 1


def test_two_nodes_in_one_process_do_not_mix_their_figures() -> None:
    ours, theirs = PrometheusMetrics(), PrometheusMetrics()
    ours.gauge("mla_log_size", 7)
    assert _value(theirs, "mla_log_size") == 0


def test_an_undeclared_name_or_label_is_refused() -> None:
    metrics = PrometheusMetrics()
    with pytest.raises(KeyError):
        metrics.gauge("mla_anything", 1)
    with pytest.raises(ValueError, match="label"):
        metrics.gauge("mla_log_size", 1, message="0190")


def test_no_label_names_a_message_a_case_or_a_person() -> None:
    labels = {label for figure in FIGURES.values() for label in figure.labels}
    authorities = {"peer", "witness", "name"}
    words = {"box", "state", "outcome", "code", "kind", "status", "side", "what"}
    words |= {"claimed", "severity", "channel", "webhook"}
    assert labels <= authorities | words


def test_every_name_used_in_the_code_is_declared() -> None:
    used = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r'"(mla_[a-z_]+)"', path.read_text())
    }
    assert used <= FIGURES.keys()


def test_a_peer_that_is_gone_is_no_longer_shown() -> None:
    metrics = PrometheusMetrics()
    metrics.gauge("mla_peer_backoff_seconds", 3, peer="pgr.pt")
    metrics.gauge("mla_peer_backoff_seconds", 4, peer="moj.ee")
    metrics.forget_peer("pgr.pt")
    assert _value(metrics, "mla_peer_backoff_seconds", peer="pgr.pt") is None
    assert _value(metrics, "mla_peer_backoff_seconds", peer="moj.ee") == 4


def _tick(watchdog: LoopWatchdog, clock: ManualClock, late_s: float = 0.0) -> None:
    """End a tick of a twentieth of a second so much later."""
    before_s = clock.monotonic_s()
    clock.advance(0.05 + late_s)
    watchdog.tick(before_s)


def test_the_longest_stall_of_the_last_minute_shows() -> None:
    clock, metrics = ManualClock(), PrometheusMetrics()
    watchdog = LoopWatchdog(clock, metrics)
    _tick(watchdog, clock, 0.4)
    _tick(watchdog, clock)
    assert _value(metrics, "mla_loop_stall_seconds") == pytest.approx(0.4, abs=0.002)
    for _ in range(1300):
        _tick(watchdog, clock)
    assert _value(metrics, "mla_loop_stall_seconds") == pytest.approx(0.0, abs=0.002)


async def test_the_longest_stall_since_the_start_shows_and_is_said_at_the_end() -> None:
    clock, metrics = ManualClock(), PrometheusMetrics()
    watchdog = LoopWatchdog(clock, metrics)
    _tick(watchdog, clock, 0.07)
    for _ in range(1300):
        _tick(watchdog, clock)
    longest = _value(metrics, "mla_loop_stall_longest_seconds")
    assert longest == pytest.approx(0.07, abs=0.002)
    with capture_logs() as lines:
        task = asyncio.get_running_loop().create_task(watchdog.run())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert {
        "event": "loop_watched",
        "log_level": "info",
        "longest_stall_ms": 70,
    } in lines


async def test_a_loop_that_stands_still_is_noticed_while_it_is_watched() -> None:
    metrics = PrometheusMetrics()
    watchdog = LoopWatchdog(SystemClock(), metrics)
    task = asyncio.get_running_loop().create_task(watchdog.run())
    await asyncio.sleep(0.01)
    time.sleep(0.25)  # noqa: ASYNC251 - the stall
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert watchdog.longest_s > 0.15
