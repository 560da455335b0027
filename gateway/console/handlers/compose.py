"""Composing a message: choose, fill in, look through, send."""

from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from gateway.admin.form_shapes import Checked, CheckRequest
from gateway.admin.opening_shapes import Opened
from gateway.admin.problems import problem_of
from gateway.admin.shapes import SubmitRequest, Submitted
from gateway.admin.upload_shapes import Upload
from gateway.console import wording
from gateway.console.forms.drafting import item_of, taken_over
from gateway.console.forms.editing import Change, Edit, edit_of, edited
from gateway.console.forms.names import anchor_of
from gateway.console.forms.nodes import filled
from gateway.console.forms.places import value_at
from gateway.console.forms.sections import Section, author_block, sections_of
from gateway.console.handlers.compose_start import (
    Start,
    Terms,
    addressees,
    fresh_start,
    opening_types,
    terms_with,
)
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.sheet import ACTION, Attached, Sheet, file_names, sheet_of
from gateway.console.sheet_view import TITLES, setting_of, view_of
from gateway.console.visit import Visit
from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import FormProblem, GatewayError, InvalidFormError
from gateway.core.limits import MAX_ATTACHMENTS
from gateway.mla.problems import text_at

COMPOSE: Final = f"{PREFIX}/compose"

_ATTACH: Final = "attach:"
_MANIFEST: Final = "/payload/manifest"
_OPENING_PURPOSE: Final = "_opening_purpose"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What the node says of a sheet.

    Attributes:
        waits_for: Why a second person has to let it go.
        refusal: Why it could not be judged or sent at all, if so.
    """

    problems: tuple[FormProblem, ...] = field(default=(), repr=False)
    waits_for: tuple[str, ...] = ()
    refusal: GatewayError | None = None

    @property
    def is_sendable(self) -> bool:
        """Whether nothing forbids sending it, at least with a reason."""
        return self.refusal is None and not any(map(_refuses, self.problems))

    @property
    def needs_reason(self) -> bool:
        """Whether it goes only with a reason."""
        return any(one.blocking and one.is_overridable for one in self.problems)


# --- the pages ---


async def choose(visit: Visit) -> Outcome:
    """Show whom to write to, and what a case can begin with."""
    values = {
        "peers": await addressees(visit),
        "types": await opening_types(visit),
        "to": visit.query.text("to"),
        "type": visit.query.text("type"),
    }
    return View(template="compose/choose.html", values=values)


async def fresh(visit: Visit) -> Outcome:
    """Show the form of a message, with what is known filled in."""
    if not visit.query.text("to") or not visit.query.text("type"):
        return Redirect(to=visit.query.url_with(COMPOSE))
    terms = await terms_with(visit, visit.query.text("to"))
    start = await fresh_start(visit, terms)
    judged = await _judged(visit, start.sheet)
    return _form(visit, start.sheet, terms, judged, start=start)


async def posted(visit: Visit) -> Outcome:
    """Do what a button of the form asks for."""
    sheet = sheet_of(visit.form)
    terms = await terms_with(visit, sheet.to)
    action = visit.form.text(ACTION, "check")
    if action == "send":
        return await _sent(visit, sheet, terms)
    focus = ""
    try:
        sheet, focus = await _changed(visit, sheet, action)
    except GatewayError as error:
        return _form(visit, sheet, terms, _Judged(refusal=error))
    judged = await _judged(visit, sheet)
    is_ready = judged.is_sendable and (sheet.reason or not judged.needs_reason)
    if action == "review" and is_ready:
        return _review(visit, sheet, terms, judged)
    return _form(visit, sheet, terms, judged, focus=focus)


# --- what buttons do ---


async def _changed(visit: Visit, sheet: Sheet, action: str) -> tuple[Sheet, str]:
    """Return a sheet after what a button asks for, and where to look then."""
    if action in {"review", "check-all"}:
        return replace(sheet, is_whole=True), "findings"
    if action == "take":
        return await _with_answered(visit, sheet), ""
    if action.startswith(_ATTACH):
        return await _with_file(visit, sheet, action.removeprefix(_ATTACH))
    edit = edit_of(action)
    if edit is None:
        return sheet, ""
    return await _edited(visit, sheet, edit)


async def _edited(visit: Visit, sheet: Sheet, edit: Edit) -> tuple[Sheet, str]:
    block = author_block(sheet.declared)
    draft, pointer = edited(sheet.draft, edit, block)
    if edit.change is Change.REMOVE and edit.pointer.startswith(f"{_MANIFEST}/"):
        sheet = await _without_lost_files(visit, sheet, draft)
    return sheet.with_draft(draft), anchor_of(pointer)


async def _without_lost_files(visit: Visit, sheet: Sheet, draft: JsonObject) -> Sheet:
    """Return a sheet without the files whose item went; the node drops them."""
    lost = set(file_names(sheet.draft)) - set(file_names(draft))
    for one in sheet.attached:
        if one.name in lost:
            await visit.do("drop_upload", segments={"id": one.id})
    kept = tuple(one for one in sheet.attached if one.name not in lost)
    return replace(sheet, attached=kept)


async def _with_answered(visit: Visit, sheet: Sheet) -> Sheet:
    """Return a sheet with what a message of its case settles; opening it is logged."""
    opened = await visit.ask(
        Opened,
        "open_message",
        segments={"id": sheet.source},
        body={"purpose": visit.form.text(_OPENING_PURPOSE)},
    )
    answered = canonical.convert(opened.message, dict)
    return sheet.with_draft(taken_over(sheet.draft, sheet.declared, answered))


async def _with_file(visit: Visit, sheet: Sheet, upload_id: str) -> tuple[Sheet, str]:
    """Return a sheet with one more item, for a file that was sent in."""
    upload = await visit.ask(Upload, "show_upload", segments={"id": upload_id})
    items = value_at(sheet.draft, _MANIFEST)
    listed = list(items) if isinstance(items, list) else []
    kept = tuple(one for one in sheet.attached if one.name != upload.name)
    attached = (*kept, Attached(id=upload_id, name=upload.name))[:MAX_ATTACHMENTS]
    sheet = replace(sheet, attached=attached)
    if upload.name in file_names(sheet.draft):
        return sheet, ""
    payload = sheet.draft.get("payload")
    fields = payload if isinstance(payload, dict) else {}
    item = item_of(sheet.draft, upload.name)
    draft = sheet.draft | {"payload": fields | {"manifest": [*listed, item]}}
    return sheet.with_draft(draft), anchor_of(f"{_MANIFEST}/{len(listed)}")


# --- asking the node ---


async def _judged(visit: Visit, sheet: Sheet) -> _Judged:
    """Return what the node says of a sheet, with nothing kept."""
    request = CheckRequest(
        to=sheet.to, message=dict(sheet.draft), attachments=sheet.uploads
    )
    try:
        found = await visit.ask(Checked, "check_message", segments={}, body=request)
    except GatewayError as error:
        return _Judged(refusal=error)
    return _Judged(problems=found.problems, waits_for=found.waits_for)


async def _sent(visit: Visit, sheet: Sheet, terms: Terms) -> Outcome:
    """Submit a message, once however often the button is pressed."""
    request = SubmitRequest(
        to=sheet.to,
        message=dict(sheet.draft),
        attachments=sheet.uploads,
        override_reason=sheet.reason,
    )
    try:
        done = await visit.ask(
            Submitted, "submit", segments={}, body=request, key=sheet.key
        )
    except InvalidFormError as error:
        whole = replace(sheet, is_whole=True)
        return _form(visit, whole, terms, _Judged(problems=tuple(error.problems)))
    except GatewayError as error:
        return _form(visit, sheet, terms, _Judged(refusal=error))
    notice = visit.say("The message was accepted. It is sealed, logged and on its way.")
    if done.approval:
        notice = visit.say("Accepted. It leaves when a second person has approved it.")
    return Redirect(to=f"{PREFIX}/messages/{done.id}", notice=notice)


def _refuses(problem: FormProblem) -> bool:
    return problem.blocking and not problem.is_overridable


# --- what is shown ---


def _form(
    visit: Visit,
    sheet: Sheet,
    terms: Terms,
    judged: _Judged,
    *,
    focus: str = "",
    start: Start | None = None,
) -> View:
    view = view_of(sheet, judged.problems, visit.speech.language, terms.zone)
    values = _common(visit, sheet, terms, judged) | {
        "view": view,
        "focus": focus,
        "follows": start.follows if start is not None else None,
        "answerable": start.answerable if start is not None else (),
        "section_titles": TITLES,
        "in_reply_to": text_at(sheet.draft, "/in_reply_to") or "",
        "case_id": text_at(sheet.draft, "/case_id") or "",
        "max_files": MAX_ATTACHMENTS,
    }
    return View(template="compose/form.html", values=values)


def _review(visit: Visit, sheet: Sheet, terms: Terms, judged: _Judged) -> View:
    setting = setting_of(sheet, visit.speech.language, terms.zone)
    sections = tuple(
        Section(one.part, shown, ())
        for one in sections_of(sheet.declared, setting)
        if (shown := filled((*one.first, *one.more)))
    )
    view = view_of(sheet, judged.problems, visit.speech.language, terms.zone)
    values = _common(visit, sheet, terms, judged) | {
        "sections": sections,
        "section_titles": TITLES,
        "findings": view.findings,
        "document": msgspec.json.encode(sheet.draft).decode(),
    }
    return View(template="compose/review.html", values=values)


def _common(
    visit: Visit, sheet: Sheet, terms: Terms, judged: _Judged
) -> dict[str, object]:
    refusal = None
    if judged.refusal is not None:
        problem = problem_of(judged.refusal)
        refusal = {
            "title": visit.say(wording.problem_title(problem.code, problem.title)),
            "detail": problem.detail,
            "advice": visit.say(wording.problem_advice(problem.code)),
        }
    return {
        "sheet": sheet,
        "terms": terms,
        "peer": terms.peer,
        "needs_reason": judged.needs_reason,
        "waits_for": judged.waits_for,
        "refusal": refusal,
    }
