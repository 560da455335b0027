"""Retention by class: what is due, erasing it, saying that it was done."""

from datetime import timedelta

from gateway.admin import keeping_shapes as shapes
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.errors import UsageError
from gateway.core.values import UnixMs
from gateway.flows.days import parse_day
from gateway.flows.lifecycle import ids_subject
from gateway.flows.retention import RetentionDone, RetentionItem
from gateway.mla.disposal import GivenBack
from gateway.mla.retention import RULES, RetentionClass, Then
from gateway.ports.approvals import ApprovalKind, NewApproval


class KeepingHandlers:
    """Follows the table of retention classes for those who answer for it."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._retention = services.lifecycle.retention
        self._disposing = services.lifecycle.disposing
        self._approvals = services.approvals
        self._clock = services.exchange.clock
        self._views = views

    async def rules(self, _asked: Asked) -> shapes.RetentionRules:
        """Return the table."""
        periods = self._retention.periods
        return shapes.RetentionRules(
            items=tuple(
                shapes.RetentionRule(
                    name=rule.name.value,
                    about=rule.about,
                    counted_from=rule.counted_from,
                    days=periods.get(rule.name, rule.days),
                    default_days=rule.days,
                    then=rule.then.value,
                    automatic=rule.is_automatic,
                    source=rule.source,
                )
                for rule in RULES
            ),
        )

    async def preview(self, asked: Asked) -> shapes.RetentionPreview:
        """Return what is due."""
        ahead = timedelta(days=asked.filters(shapes.RetentionQuery).within)
        now = self._clock.now()
        until = UnixMs(now + int(ahead.total_seconds() * 1000))
        found = await self._retention.preview(until)
        await self._views.note(asked, "retention", len(found.items))
        return shapes.RetentionPreview(
            items=tuple(_item(one, now) for one in found.items),
            more=found.is_cut,
            cases=found.cases,
            prunable=found.prunable,
        )

    async def run(self, asked: Asked) -> shapes.RetentionReport:
        """Erase what is due; a second person approves exactly these messages."""
        form = asked.form(shapes.RetentionRunRequest)
        classes = tuple(RetentionClass(one) for one in form.classes)
        act = asked.act(form.reason)
        due = await self._retention.due_for_erasure(classes)
        ids = [message for one in due for message in one.erasable]
        if ids:
            named = ", ".join(sorted({one.due.rule.name.value for one in due}))
            detail = f"{len(ids)} message(s) by retention: {named}"
            await self._approvals.demand(
                NewApproval(
                    kind=ApprovalKind.ERASE, subject=ids_subject(ids), detail=detail
                ),
                act,
            )
        done = await self._retention.erase(due, act)
        return shapes.RetentionReport(
            items=tuple(map(_done, done)),
            erased=sum(len(one.digests) for one in done),
        )

    async def review(self, asked: Asked) -> shapes.Reviewed:
        """Record that a case is still needed."""
        form = asked.form(shapes.ReviewRequest)
        index = await self._retention.review(form.case, asked.act(form.reason))
        return shapes.Reviewed(case=form.case, index=index)

    async def disposals(self, asked: Asked) -> shapes.DisposalReport:
        """Return what was erased of a case, and the form that confirms it."""
        case = asked.segments["case"]
        found = await self._disposing.report(case, _given_back(asked))
        await self._views.note(asked, "disposals", len(found.disposals))
        return shapes.DisposalReport(
            case=case,
            peer=found.peer,
            tasks=tuple(
                shapes.DisposalTask(
                    asked_by=one.asked_by.id, action=one.action, by=one.by
                )
                for one in found.tasks
            ),
            disposals=tuple(
                shapes.Disposed(
                    rule=one.rule,
                    basis=one.basis,
                    erased_at=when(one.erased_at),
                    digests=one.digests,
                    evidence_files=one.evidence_files,
                )
                for one in found.disposals
            ),
            form=dict(found.form),
        )


def _given_back(asked: Asked) -> GivenBack | None:
    """Return that things were given back, if the caller says so.

    Raises:
        UsageError: It says only half of it, or no day.
    """
    query = asked.filters(shapes.DisposalQuery)
    if not query.returned_on and not query.how:
        return None
    if not query.how.strip():
        raise UsageError("how: expected how it was given back")
    day = parse_day(query.returned_on, "returned_on").isoformat()
    return GivenBack(day, query.how)


def _item(item: RetentionItem, now: UnixMs) -> shapes.RetentionItem:
    due = item.due
    is_late = due.overdue_at < now and (
        due.rule.then is Then.REVIEW or due.rule.is_automatic
    )
    return shapes.RetentionItem(
        case=item.case_id,
        peer=item.peer,
        rule=due.rule.name.value,
        then=due.rule.then.value,
        since=when(due.since),
        due=when(due.due_at),
        overdue=is_late,
        held=item.is_held,
        ids=due.ids,
        kept={one: obstacle.value for one, obstacle in item.kept.items()},
    )


def _done(done: RetentionDone) -> shapes.RetentionDone:
    item = done.item
    return shapes.RetentionDone(
        case=item.case_id,
        peer=item.peer,
        rule=item.due.rule.name.value,
        erased=len(done.digests),
        digests=done.digests,
        indices=done.log_indices,
        rings=done.rings,
        kept={one: obstacle.value for one, obstacle in item.kept.items()},
        failed=done.failed,
    )
