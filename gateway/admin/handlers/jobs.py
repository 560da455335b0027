"""Jobs, and actions on many messages that run as such."""

import json
from collections.abc import Mapping

import msgspec

from gateway.admin.asked import Asked, Handler
from gateway.admin.filters import filter_of, filter_text
from gateway.admin.job_shapes import (
    BulkExcluded,
    BulkPreview,
    BulkPreviewRequest,
    BulkRequest,
    Job,
    JobCancelRequest,
    JobFailure,
    JobPage,
    JobQuery,
)
from gateway.admin.rendering import message_of, when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.delivery import BulkAction, BulkObstacle
from gateway.core.errors import NotAllowedError, NotFoundError
from gateway.core.operators import Role
from gateway.flows.bulk import BulkOrder
from gateway.ports import jobs as ports

_MAX_DIGITS = 15
_SHOWN_FAILURES = 100

_SENTENCES = {
    BulkObstacle.RECEIVED: "came from the peer",
    BulkObstacle.NOT_QUEUED: "not queued: there is nothing to try",
    BulkObstacle.OFFERED: "was offered to the peer, which may have it: recall it, or "
    "say that it went by another channel",
    BulkObstacle.ENDED: "has ended: delivered, refused, expired, cancelled or erased",
}
_MAY_HAVE_IT = (
    "{count} of these messages were offered to their peers, who may have them "
    "already, and would then have them twice."
)
_OTHER_CHANNEL = (
    "This node sends these messages no more, and no peer will confirm them."
)


class JobHandlers:
    """Answers about jobs, and begins them."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._jobs = services.jobs
        self._bulk = services.bulk
        self._log_jobs = services.log_jobs
        self._views = views

    def all(self) -> Mapping[str, Handler]:
        """Return what answers which operation."""
        return {
            "preview_bulk": self.preview,
            "begin_bulk": self.begin,
            "begin_log_verification": self.verify_log,
            "list_jobs": self.list,
            "show_job": self.show,
            "cancel_job": self.cancel,
        }

    async def preview(self, asked: Asked) -> BulkPreview:
        """Return what an action would do, after the look is logged."""
        form = asked.form(BulkPreviewRequest)
        action = BulkAction(form.action)
        preview = await self._bulk.preview(action, filter_of(form.filter))
        told = f"bulk {action} {filter_text(form.filter)}".strip()
        await self._views.note(asked, told, preview.matched)
        return BulkPreview(
            action=form.action,
            matched=preview.matched,
            count=len(preview.ids),
            digest=preview.digest,
            first=tuple(map(message_of, preview.first)),
            excluded=tuple(
                BulkExcluded(
                    why=one.why.value,
                    sentence=_SENTENCES[one.why],
                    count=one.count,
                    first=one.first,
                )
                for one in preview.excluded
            ),
            offered=preview.offered,
            warning=_warning(action, preview.offered),
        )

    async def begin(self, asked: Asked) -> Job:
        """Do exactly what a preview showed."""
        form = asked.form(BulkRequest)
        order = BulkOrder(
            action=BulkAction(form.action),
            wanted=filter_of(form.filter),
            digest=form.digest,
            reference=form.reference.strip(),
            key=asked.key,
        )
        return job_of(await self._bulk.begin(order, asked.act(form.reason)))

    async def verify_log(self, asked: Asked) -> Job:
        """Begin to hash every entry again."""
        return job_of(await self._log_jobs.begin(asked.act(), asked.key))

    async def list(self, asked: Asked) -> JobPage:
        """List jobs, after the look is logged."""
        query = asked.filters(JobQuery)
        wanted = ports.JobFilter(
            kind=query.kind,
            state=query.state,
            asked_by=query.asked_by,
            is_open=True if query.open else None,
        )
        found = await self._jobs.find(
            wanted, before=int(query.cursor or 0) or None, limit=query.limit
        )
        await self._views.note(asked, "jobs", len(found))
        is_more = len(found) == query.limit
        return JobPage(
            items=tuple(map(job_of, found)),
            next=str(found[-1].number) if is_more else "",
        )

    async def show(self, asked: Asked) -> Job:
        """Return one job, with what it could do nothing with."""
        job = await self._jobs.show(_number(asked))
        failed = await self._jobs.failed(job.number, _SHOWN_FAILURES)
        await self._views.note(asked, f"job {job.number}", 1)
        return msgspec.structs.replace(
            job_of(job),
            failures=tuple(
                JobFailure(id=one.subject, code=one.outcome) for one in failed
            ),
        )

    async def cancel(self, asked: Asked) -> Job:
        """Stop a job: one's own; an operator's job also another operator."""
        number = _number(asked)
        job = await self._jobs.show(number)
        caller = asked.caller
        is_theirs = caller.name == job.asked_by or (
            Role.OPERATOR in caller.roles and job.role == Role.OPERATOR
        )
        if not is_theirs and Role.SECURITY not in caller.roles:
            raise NotAllowedError(
                f"job {number}: for {job.asked_by}, who asked for it, an account of "
                "the same role, or the role security"
            )
        act = asked.act(asked.form(JobCancelRequest).reason)
        return job_of(await self._jobs.cancel(number, act))


def job_of(job: ports.Job) -> Job:
    """Return a job as the API shows it."""
    return Job(
        id=job.number,
        kind=job.kind.value,
        state=job.state.value,
        asked_by=job.asked_by,
        asked_at=when(job.asked_at),
        index=job.log_index,
        reason=job.reason,
        reference=job.reference,
        total=job.total,
        done=job.done,
        failed=job.failed,
        begun_at=when(job.begun_at),
        ended_at=when(job.ended_at),
        cancelled_by=job.cancelled_by,
        result=json.loads(job.result) if job.result else {},
    )


def _warning(action: BulkAction, offered: int) -> str:
    if action is not BulkAction.OTHER_CHANNEL:
        return ""
    may_have_it = _MAY_HAVE_IT.format(count=offered) if offered else ""
    return " ".join(filter(None, (_OTHER_CHANNEL, may_have_it)))


def _number(asked: Asked) -> int:
    text = asked.segments["job"]
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise NotFoundError(f"job: {text[:80]!r} is no number")
    return int(text)
