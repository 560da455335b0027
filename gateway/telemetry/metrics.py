"""Figures for operators in the Prometheus text format (specification, section 13.6).

The table below is every name there is: a name or label that is not in it is a defect,
so no message, case or person can become a label by accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)


class _Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class _Figure:
    kind: _Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3600.0)
_COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0)
_BATCH = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)

FIGURES: Mapping[str, _Figure] = {
    "mla_messages": _Figure(
        _Kind.GAUGE,
        "Messages by box and state.",
        ("box", "state"),
    ),
    "mla_message_seconds": _Figure(
        _Kind.HISTOGRAM,
        "From submit to verified receipt.",
        (),
        _SECONDS,
    ),
    "mla_deliveries_total": _Figure(
        _Kind.COUNTER,
        "Outcomes of attempts to deliver a message.",
        ("peer", "outcome"),
    ),
    "mla_queue_oldest_seconds": _Figure(
        _Kind.GAUGE,
        "Age of the oldest message waiting for a peer.",
        ("peer",),
    ),
    "mla_log_size": _Figure(_Kind.GAUGE, "Entries of the audit log."),
    "mla_log_uncosigned_entries": _Figure(
        _Kind.GAUGE,
        "Entries of the audit log that not enough witnesses have vouched for.",
    ),
    "mla_cosign_lag_entries": _Figure(
        _Kind.GAUGE,
        "Entries of the audit log that a witness has not vouched for.",
        ("witness",),
    ),
    "mla_cosign_requests_total": _Figure(
        _Kind.COUNTER,
        "Requests to witnesses to cosign our log.",
        ("witness", "outcome"),
    ),
    "mla_rounds_without_quorum_total": _Figure(
        _Kind.COUNTER,
        "Rounds that too few witnesses had cosigned when the next one began.",
    ),
    "mla_witness_answers_total": _Figure(
        _Kind.COUNTER,
        "Answers to requests to cosign a peer's log.",
        ("peer", "status"),
    ),
    "mla_log_conflicts_total": _Figure(
        _Kind.COUNTER,
        "Checkpoints of a peer's log that contradict what was seen of it.",
        ("peer", "kind"),
    ),
    "mla_stamp_age_seconds": _Figure(
        _Kind.GAUGE,
        "Time since the moment of the newest time stamp, or since the start.",
    ),
    "mla_stamp_failures_total": _Figure(
        _Kind.COUNTER,
        "Questions to the time-stamping authority that led to no stamp.",
        ("code",),
    ),
    "mla_log_recovery": _Figure(
        _Kind.GAUGE,
        "1 while our log is not whole and nothing is signed, else 0.",
    ),
    "mla_log_check_findings": _Figure(
        _Kind.GAUGE,
        "What the node has found wrong in its own store.",
    ),
    "mla_log_check_age_seconds": _Figure(
        _Kind.GAUGE,
        "Age of the last whole check of the store.",
    ),
    "mla_seq_holes": _Figure(
        _Kind.GAUGE,
        "Running numbers missing for ten minutes, by who was to receive them.",
        ("peer", "side"),
    ),
    "mla_owed": _Figure(
        _Kind.GAUGE,
        "What is owed between us and a peer, counted up to 1,000.",
        ("peer", "what"),
    ),
    "mla_alarms": _Figure(
        _Kind.GAUGE,
        "Open alarms, by kind and whether somebody looks after them.",
        ("kind", "claimed"),
    ),
    "mla_alert": _Figure(
        _Kind.GAUGE,
        "Open alerts about the node, by name and severity.",
        ("name", "severity"),
    ),
    "mla_alert_failures_total": _Figure(
        _Kind.COUNTER,
        "Attempts to tell of alerts that failed.",
        ("channel",),
    ),
    "mla_notify_failures_total": _Figure(
        _Kind.COUNTER,
        "Runs of the notify program that failed.",
    ),
    "mla_siem_lag_entries": _Figure(
        _Kind.GAUGE,
        "Entries of the log that were not sent to the SIEM yet.",
    ),
    "mla_siem_failures_total": _Figure(
        _Kind.COUNTER,
        "Attempts to reach the SIEM that failed.",
    ),
    "mla_webhook_calls_total": _Figure(
        _Kind.COUNTER,
        "Calls of endpoints that are told of changes.",
        ("webhook", "outcome"),
    ),
    "mla_webhook_lag": _Figure(
        _Kind.GAUGE,
        "Changes of the feed that an endpoint was not told of yet.",
        ("webhook",),
    ),
    "mla_peer_backoff_seconds": _Figure(
        _Kind.GAUGE,
        "Time for which a peer is left alone after failures.",
        ("peer",),
    ),
    "mla_refused_total": _Figure(
        _Kind.COUNTER,
        "What a peer sent and was refused.",
        ("peer", "code"),
    ),
    "mla_store_commit_seconds": _Figure(
        _Kind.HISTOGRAM,
        "Time of a durable commit.",
        (),
        _COMMIT_SECONDS,
    ),
    "mla_store_batch_size": _Figure(
        _Kind.HISTOGRAM,
        "Operations in one commit.",
        (),
        _BATCH,
    ),
    "mla_blob_bytes": _Figure(_Kind.GAUGE, "Room that evidence files take."),
    "mla_disk_free_bytes": _Figure(_Kind.GAUGE, "Free space where data is stored."),
    "mla_loop_stall_seconds": _Figure(
        _Kind.GAUGE,
        "Longest time in the last minute in which the process did not react.",
    ),
    "mla_loop_stall_longest_seconds": _Figure(
        _Kind.GAUGE,
        "Longest time since the start in which the process did not react.",
    ),
    "mla_certificate_expiry_seconds": _Figure(
        _Kind.GAUGE,
        "Time until a certificate or key runs out.",
        ("name",),
    ),
}


class PrometheusMetrics:
    """The `Metrics` port, with a registry of its own for each node."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, figure in FIGURES.items():
            self._register(name, figure)

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add a value to a histogram."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def gauge(self, name: str, value: float, /, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def forget_peer(self, peer: str) -> None:
        """Drop the gauges of a peer that is no longer configured."""
        for name, gauge in self._gauges.items():
            if "peer" in FIGURES[name].labels:
                gauge.remove_by_labels({"peer": peer})

    def expose(self) -> bytes:
        """Return all figures in the text format."""
        return generate_latest(self._registry)

    def _register(self, name: str, figure: _Figure) -> None:
        labels = figure.labels
        match figure.kind:
            case _Kind.COUNTER:
                self._counters[name] = Counter(
                    name, figure.help, labels, registry=self._registry
                )
            case _Kind.GAUGE:
                self._gauges[name] = Gauge(
                    name, figure.help, labels, registry=self._registry
                )
            case _Kind.HISTOGRAM:
                self._histograms[name] = Histogram(
                    name,
                    figure.help,
                    labels,
                    registry=self._registry,
                    buckets=figure.buckets,
                )
