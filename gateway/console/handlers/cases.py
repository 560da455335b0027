"""Cases: the list, and one case as a conversation with what is owed in it."""

from dataclasses import dataclass
from typing import Final

from gateway.admin.case_shapes import Case, CaseNext, CasePage, CaseQuestion
from gateway.admin.desk_shapes import Deadline
from gateway.admin.guard_shapes import ReaderList
from gateway.admin.node_shapes import PeerList
from gateway.console import case_wording
from gateway.console.page import Outcome, View
from gateway.console.visit import Visit
from gateway.core.errors import GatewayError, MalformedError
from gateway.core.values import parse_time
from gateway.mla.codelists import code_list

FILTERS: Final = ("state", "peer", "type", "measure", "urgency", "open")

_PAGE: Final = "50"
_DAY_MS: Final = 86_400_000
_SOON_DAYS: Final = 7
_DONE: Final = frozenset({"met", "ended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A deadline as the page shows it.

    Attributes:
        title: What has to be done, in the reader's language.
        days: Whole days until its end, negative after it; None if it has no end.
        tone: How pressing it is.
    """

    deadline: Deadline
    title: str
    days: int | None
    tone: str


async def cases(visit: Visit) -> Outcome:
    """Show a page of cases that some filters let through."""
    filters = visit.query.given(*FILTERS)
    asked = filters | visit.query.given("before") | {"limit": _PAGE}
    page = await visit.ask(CasePage, "list_cases", query=asked)
    peers = (await visit.ask(PeerList, "list_peers")).items
    language = visit.speech.language.value
    values = {
        "page": page,
        "filters": filters,
        "peers": peers,
        "states": case_wording.STATES,
        "measures": _labels("ASSIST", language),
        "urgencies": _labels("URGENCY", language),
        "wording": case_wording,
        "next_url": page.next and visit.query.url_with(visit.path, before=page.next),
        "first_url": visit.query.text("before")
        and visit.query.url_with(visit.path, before=""),
    }
    return View(template="cases/list.html", values=values)


async def case(visit: Visit) -> Outcome:
    """Show a case with one peer."""
    query = visit.query.given("peer")
    found = await visit.ask(Case, "show_case", query=query)
    language = visit.speech.language.value
    terms = _terms(found, visit)
    values = {
        "case": found,
        "terms": tuple(one for one in terms if one.deadline.state not in _DONE),
        "terms_done": tuple(one for one in terms if one.deadline.state in _DONE),
        "owed_by_us": _questions(found, ours=True),
        "owed_by_them": _questions(found, ours=False),
        "next_first": _next(found, is_answer=True),
        "next_other": _next(found, is_answer=False),
        "not_now": tuple(one for one in found.next if not one.allowed),
        "readers": await _readers(visit),
        "assist": dict(_labels("ASSIST", language)),
        "conditions": dict(_labels("CONDITION", language)),
        "urgencies": dict(_labels("URGENCY", language)),
        "wording": case_wording,
        "may_write": visit.may("submit", "check_message"),
    }
    return View(template="cases/case.html", values=values)


async def _readers(visit: Visit) -> ReaderList | None:
    """Return who is named for the case; None where that is not for the caller."""
    if not visit.may("list_readers"):
        return None
    try:
        return await visit.ask(
            ReaderList, "list_readers", segments={"case": visit.segments["id"]}
        )
    except GatewayError:
        return None  # the case itself is shown all the same


def _questions(case: Case, *, ours: bool) -> tuple[CaseQuestion, ...]:
    return tuple(one for one in case.questions if (one.role == case.role) is ours)


def _next(case: Case, *, is_answer: bool) -> tuple[CaseNext, ...]:
    """Return what we may send: answers to open messages, or the rest."""
    return tuple(
        one for one in case.next if one.allowed and bool(one.answers) is is_answer
    )


def _terms(case: Case, visit: Visit) -> tuple[Term, ...]:
    """Return the deadlines, what is pressing first."""
    found = [_term(one, visit) for one in case.deadlines]
    return tuple(sorted(found, key=lambda one: (one.days is None, one.days or 0)))


def _term(deadline: Deadline, visit: Visit) -> Term:
    days = None
    if deadline.due:
        try:
            days = (parse_time(deadline.due) - visit.now) // _DAY_MS
        except MalformedError:
            days = None
    _, tone = case_wording.DEADLINE_STATES[deadline.state]
    if deadline.state == "open" and days is not None and days < _SOON_DAYS:
        tone = "wait"
    title = case_wording.deadline_title(deadline, visit.speech.language)
    return Term(deadline=deadline, title=title, days=days, tone=tone)


def _labels(name: str, language: str) -> tuple[tuple[str, str], ...]:
    codes = code_list(name)
    return tuple((code, codes.label(code, language)) for code in codes.rows)
