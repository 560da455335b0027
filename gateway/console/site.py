"""The console as a site of the admin listener: finds a page, lets in, shows.

In this order: static files, which everybody may have; a page that exists for the
caller; a form that is ours; then the page's handler.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from aiohttp.web import BaseRequest, RequestKey, Response, StreamResponse

from gateway.admin.asked import NOBODY, SessionAnswer
from gateway.admin.matching import RouteTable
from gateway.admin.shapes import Problem
from gateway.admin.site import Door
from gateway.console import wording
from gateway.console.fields import read_form, read_query
from gateway.console.language import Speech, load_speeches, preferred
from gateway.console.menu import is_there, menu_of
from gateway.console.page import PREFIX, Download, Outcome, Redirect, View
from gateway.console.pages import HOME, PAGES, check_pages
from gateway.console.responses import (
    HEADERS,
    NOTICE_COOKIE,
    download_response,
    page_response,
    redirect_response,
)
from gateway.console.session import sign_in_url
from gateway.console.statics import STATIC_PREFIX, Statics
from gateway.console.templating import Templates
from gateway.console.visit import Visit
from gateway.core.errors import NotFoundError

_VISIT = RequestKey("visit", Visit)
_THEME: Final = "mla-theme"
_THEMES: Final = frozenset({"light", "dark"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What every page says of the node.

    Attributes:
        authority: Its id.
        stage: `test` or `production`; everybody sees which.
    """

    authority: str
    stage: str


class ConsoleSite:
    """Serves all pages."""

    def __init__(self, door: Door, info: SiteInfo) -> None:
        """Read templates, files and catalogues.

        Raises:
            AssertionError: A page and what it needs do not fit; a defect of ours.
        """
        self._door = door
        self._info = info
        self._statics = Statics()
        self._speeches = load_speeches()
        self._templates = Templates(self._speeches, self._statics)
        check_pages(PAGES)
        self._pages = RouteTable(PAGES)

    def owns(self, path: str) -> bool:
        """Tell whether a path is of the console; the bare address leads there."""
        return path in {"/", PREFIX} or path.startswith(f"{PREFIX}/")

    async def answer(self, request: BaseRequest) -> StreamResponse:
        """Answer a request for a page or a file.

        Raises:
            GatewayError: A refusal.
        """
        path = request.raw_path.partition("?")[0]
        if path in {"/", PREFIX}:
            return Response(status=303, headers={**HEADERS, "Location": HOME})
        if path.startswith(STATIC_PREFIX):
            return self._statics.answer(request, path.removeprefix(STATIC_PREFIX))
        visit = await self._let_in(request, path)
        request[_VISIT] = visit
        if visit.page.method == "POST":
            form = await read_form(request, self._door.limits)
            self._door.login.check_form(request, form.text("csrf"))
            visit = replace(visit, form=form)
        return await self._shown(visit, await visit.page.answer(visit))

    def refuse(self, request: BaseRequest, problem: Problem) -> StreamResponse:
        """Return a problem as a page, or as a part that a script puts into one."""
        if problem.status == HTTPStatus.UNAUTHORIZED:
            return redirect_response(request, Redirect(to=sign_in_url(request)))
        visit = request.get(_VISIT)
        is_partial = request.headers.get("HX-Request") == "true"
        speech = self._speech(request) if visit is None else visit.speech
        values: dict[str, object] = {
            "problem": problem,
            "title": speech.say(wording.problem_title(problem.code, problem.title)),
            "advice": speech.say(wording.problem_advice(problem.code)),
        }
        template = "parts/problem_part.html" if is_partial else "problem.html"
        values |= self._frame(request, visit)
        html = self._templates.render(speech.language, template, values)
        response = page_response(request, html, status=problem.status)
        if is_partial:
            response.headers["HX-Retarget"] = "#problems"
            response.headers["HX-Reswap"] = "innerHTML"
            response.headers["HX-Reselect"] = "#problem"
        if problem.retry_after_s:
            response.headers["Retry-After"] = str(problem.retry_after_s)
        return response

    async def _let_in(self, request: BaseRequest, path: str) -> Visit:
        """Return a visit to a page that is there for the caller."""
        try:
            page, segments = self._pages.find(request.method, path)
        except NotFoundError:
            # Strangers learn nothing, not even which pages there are.
            await self._door.caller(request)
            raise
        caller = NOBODY
        if not page.is_open:
            caller = await self._door.caller(request)
        if not is_there(page, self._door.calls, caller):
            raise NotFoundError("path: there is no such page")
        return Visit(
            page=page,
            caller=caller,
            calls=self._door.calls,
            speech=self._speech(request),
            now=self._door.clock.now(),
            request=request,
            segments=segments,
            query=read_query(request),
            csrf=self._door.login.csrf_of(request),
            is_partial=request.headers.get("HX-Request") == "true",
            visitor=self._door.login.front.visitor(request),
        )

    async def _shown(self, visit: Visit, outcome: Outcome) -> StreamResponse:
        match outcome:
            case Redirect():
                response = redirect_response(visit.request, outcome)
                self._sign(response, outcome.session)
                return response
            case Download():
                return await download_response(visit.request, outcome)
            case View():
                values = self._frame(visit.request, visit)
                html = self._templates.render(
                    visit.speech.language,
                    outcome.template,
                    {**values, **outcome.values},
                )
                response = page_response(
                    visit.request, html, status=outcome.status, cookies=outcome.cookies
                )
                self._sign(response, outcome.session)
                if NOTICE_COOKIE in visit.request.cookies:
                    response.del_cookie(NOTICE_COOKIE, path="/")
                return response

    def _sign(self, response: StreamResponse, session: SessionAnswer | None) -> None:
        if session is not None:
            self._door.login.front.put_cookie(response, session.secret)

    def _frame(self, request: BaseRequest, visit: Visit | None) -> dict[str, object]:
        """Return what the layout shows around every page."""
        theme = request.cookies.get(_THEME, "")
        caller = NOBODY if visit is None else visit.caller
        calls = self._door.calls
        return {
            "visit": visit,
            "site": self._info,
            "caller": caller,
            "is_signed_in": caller is not NOBODY,
            "menu": menu_of(PAGES, calls, caller) if caller is not NOBODY else (),
            "page_name": "" if visit is None else visit.page.name,
            "path": request.path,
            "csrf": "" if visit is None else visit.csrf,
            "notice": unquote(request.cookies.get(NOTICE_COOKIE, "")),
            "theme": theme if theme in _THEMES else "",
            "now": self._door.clock.now(),
        }

    def _speech(self, request: BaseRequest) -> Speech:
        wanted = self._door.login.language_of(request)
        accepted = request.headers.get("Accept-Language", "")
        return self._speeches[preferred(wanted, accepted)]
