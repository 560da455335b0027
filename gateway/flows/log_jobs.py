"""Verifying the whole log as a job: its progress is seen, and it can be stopped."""

import base64
from dataclasses import dataclass
from typing import Final

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.disclosures import Act
from gateway.flows.exchange import Exchange
from gateway.flows.jobs import Jobs
from gateway.flows.log_monitor import LogMonitor
from gateway.flows.self_check import CheckReport
from gateway.ports.jobs import Job, JobKind, NewJob

_LANE = "log"
_TOLD_EVERY_S: Final = 1.0


class Stopped(Exception):  # noqa: N818 - not an error
    """Somebody has stopped the job."""


@dataclass
class _Told:
    """When progress was last stored."""

    at_s: float


class LogJobs:
    """Begins verifications, and runs them."""

    def __init__(self, exchange: Exchange, jobs: Jobs, monitor: LogMonitor) -> None:
        self._exchange = exchange
        self._jobs = jobs
        self._monitor = monitor
        jobs.runs(JobKind.VERIFY_LOG, self._run, lane=_LANE)

    async def begin(self, act: Act, key: str = "") -> Job:
        """Begin to hash every entry again, after the job that does it now, if any.

        Raises:
            ConflictError: The idempotency key was used for something else.
        """
        head = await self._exchange.store.log_head()
        new = NewJob(kind=JobKind.VERIFY_LOG, total=head.size, key=key)
        return await self._jobs.begin(new, act)

    async def _run(self, job: Job) -> JsonObject:
        clock, store = self._exchange.clock, self._exchange.store
        began_s = clock.monotonic_s()
        told = _Told(began_s)

        async def progress(entries: int) -> None:
            if clock.monotonic_s() - told.at_s < _TOLD_EVERY_S:
                return
            told.at_s = clock.monotonic_s()
            total = max(job.total, entries)
            now = await store.advance_job(job.number, done=entries, total=total)
            self._jobs.tell()
            if not now.is_open:
                raise Stopped

        try:
            report = await self._monitor.check_now(progress)
        except Stopped:
            return {}
        await store.advance_job(job.number, done=report.entries, total=report.entries)
        return _result(report, round((clock.monotonic_s() - began_s) * 1000))


def _result(report: CheckReport, duration_ms: int) -> JsonObject:
    findings: list[JsonValue] = [
        {"code": one.code.value, "place": one.place, "text": one.text}
        for one in report.findings
    ]
    return {
        "verified": not findings,
        "size": report.entries,
        "root": base64.b64encode(report.root).decode(),
        "checkpoint_size": report.signed_size,
        "pruned": report.pruned,
        "messages": report.messages,
        "findings": findings,
        "duration_ms": duration_ms,
    }
