"""What every request passes, in this order, before a handler sees it.

1. The `Host` is ours (loopback only: another site's name may resolve to us).
2. There is such a path and method; odd paths are refused.
3. A valid token, or a session and a page of ours that asks; unless the route is open
   and the listener on loopback, or the route is how people sign in.
4. A role that the route declares.
5. The account has not used up what it may ask.
6. Body and query are of the declared shape; counted before they are read.

Whatever goes wrong becomes one problem with a stable code; no traceback gets out.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

import msgspec
import nacl.utils
import structlog
from aiohttp.web import BaseRequest, RequestKey, Response, StreamResponse

from gateway.admin import reading
from gateway.admin.asked import (
    NOBODY,
    Answered,
    Asked,
    Feed,
    Incoming,
    SessionAnswer,
    Stream,
)
from gateway.admin.calling import Calls
from gateway.admin.contract import ROUTES
from gateway.admin.front import SAFE_METHODS, Front, host_name
from gateway.admin.giving import give
from gateway.admin.login import Login
from gateway.admin.matching import RouteTable, WrongMethodError
from gateway.admin.problems import problem_of, unexpected
from gateway.admin.route import Media, Route
from gateway.admin.services import AdminLimits, AdminServices
from gateway.admin.shapes import Problem
from gateway.admin.site import Door, SiteMaker
from gateway.admin.telling import tell
from gateway.admin.throttle import RequestRate, source_of
from gateway.core.errors import GatewayError, UsageError
from gateway.core.operators import Caller

log = structlog.get_logger()

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "mla-gateway",
    "X-Content-Type-Options": "nosniff",
}
_PROBLEM_TYPE = "application/problem+json"
_OPERATION = RequestKey("operation", str)
_SITE = "site"
_IS_KNOWN = RequestKey("is_known", bool)


class Pipeline:
    """Answers requests; the handler of the listener."""

    def __init__(
        self,
        services: AdminServices,
        *,
        calls: Calls,
        front: Front,
        limits: AdminLimits,
        site: SiteMaker | None = None,
    ) -> None:
        """Join the steps.

        Args:
            services: The node.
            calls: The operations.
            front: How browsers reach the listener.
            limits: Of every caller.
            site: Makes the pages beside the API, if there are any.
        """
        self._clock = services.exchange.clock
        self._front = front
        self._login = Login(services, front)
        self._calls = calls
        self._limits = limits
        self._routes = RouteTable(ROUTES)
        self._rate = RequestRate(limits)
        self._site = None if site is None else site(self._door())

    def _door(self) -> Door:
        return Door(
            caller=self._log_in,
            login=self._login,
            calls=self._calls,
            limits=self._limits,
            clock=self._clock,
        )

    async def __call__(self, request: BaseRequest) -> StreamResponse:
        """Return the answer to a request, whatever happens."""
        began_s = self._clock.monotonic_s()
        response: StreamResponse
        try:
            response = await self._answer(request)
        except GatewayError as error:
            response = self._refuse(request, error)
            log.info(
                "admin_request_refused",
                operation=request.get(_OPERATION, ""),
                code=error.code,
                status=response.status,
            )
        except Exception:
            reference = nacl.utils.random(6).hex()
            log.exception(
                "admin_request_failed",
                operation=request.get(_OPERATION, ""),
                reference=reference,
            )
            response = self._show(request, unexpected(reference))
        if not request.get(_IS_KNOWN, False):
            # There is room for a limited number of connections: none is kept open for
            # those who do not log in.
            response.force_close()
        log.debug(
            "admin_request_answered",
            operation=request.get(_OPERATION, ""),
            status=response.status,
            duration_ms=round((self._clock.monotonic_s() - began_s) * 1000),
        )
        return response

    async def finish(self) -> None:
        """Log what was counted and not logged yet."""
        await self._login.report(is_last=True)

    async def _answer(self, request: BaseRequest) -> StreamResponse:
        self._check_host(request)
        path = request.raw_path.partition("?")[0]
        if self._site is not None and self._site.owns(path):
            request[_OPERATION] = _SITE
            return await self._site.answer(request)
        try:
            route, segments = self._routes.find(request.method, path)
        except GatewayError:
            # Strangers learn nothing, not even which paths there are.
            await self._log_in(request)
            raise
        request[_OPERATION] = route.name
        caller = await self._caller(request, route)
        await self._calls.admit(route, caller, segments)
        asked = await self._read(request, route, caller, segments)
        if route.takes_stream:
            return await self._take(request, asked)
        answer = await self._calls.run(asked)
        if isinstance(answer, Stream):
            return await give(request, answer, headers=HEADERS, media=route.media.value)
        if isinstance(answer, Feed):
            return await self._tell(request, route, answer)
        return self._answered(route, answer)

    async def _tell(
        self,
        request: BaseRequest,
        route: Route,
        feed: Feed,
    ) -> StreamResponse:
        async def check_access() -> None:
            # Who was let in an hour ago may have been shut out since.
            caller = await self._login.caller(request)
            await self._calls.admit(route, caller, {})

        return await tell(
            request,
            feed,
            headers=HEADERS,
            check_access=check_access,
            clock=self._clock,
            write_s=self._limits.stream_idle_s,
        )

    async def _take(self, request: BaseRequest, asked: Asked) -> StreamResponse:
        """Have a file taken in as it comes."""
        with reading.taking(request) as intake:
            chunks = reading.pieces_of_body(intake, self._limits)
            answer = await self._calls.run(replace(asked, stream=Incoming(chunks)))
        response = self._answered(asked.route, answer)
        if not request.content.is_eof():
            response.force_close()
        return response

    def _check_host(self, request: BaseRequest) -> None:
        names = self._front.names
        if names and host_name(request.headers.getall("Host", [])) not in names:
            raise UsageError("Host: not a name of this listener")

    async def _caller(self, request: BaseRequest, route: Route) -> Caller:
        if route.is_open and self._front.is_local(request):
            return NOBODY
        if not route.is_public:
            return await self._log_in(request)
        if request.method not in SAFE_METHODS:
            self._front.check_page(request)
        self._rate.take(f"from {source_of(request.remote)}", self._clock.monotonic_s())
        return NOBODY

    async def _log_in(self, request: BaseRequest) -> Caller:
        is_page = request.get(_OPERATION, "") == _SITE
        caller = await self._login.caller(request, is_page=is_page)
        request[_IS_KNOWN] = True
        self._rate.take(caller.name, self._clock.monotonic_s())
        return caller

    async def _read(
        self,
        request: BaseRequest,
        route: Route,
        caller: Caller,
        segments: Mapping[str, str],
    ) -> Asked:
        query = reading.read_query(route, request)
        key = reading.read_key(route, request)
        wait_s = reading.read_wait(route, request)
        asked = Asked(
            route=route,
            caller=caller,
            segments=segments,
            query=query,
            key=key,
            wait_s=wait_s,
            range_start=reading.read_range(route, request),
            visitor=self._front.visitor(request),
            last_event=reading.read_last_event(route, request),
        )
        if route.takes_stream:
            reading.check_stream(request)
            return asked
        raw = await reading.read_body(request, self._limits)
        return replace(asked, body=reading.read_form(route, request, raw))

    def _answered(self, route: Route, answer: Answered) -> Response:
        if isinstance(answer, SessionAnswer):
            response = self._answered(route, answer.answer)
            self._front.put_cookie(response, answer.secret)
            return response
        if isinstance(answer, Stream | Feed):
            raise TypeError("internal: a file where none is given")
        if answer is None:
            return Response(status=route.status, headers=HEADERS)
        is_raw = isinstance(answer, bytes)
        return Response(
            status=route.status,
            body=answer if is_raw else msgspec.json.encode(answer),
            content_type=route.media.value,
            charset="utf-8" if route.media is Media.TEXT else None,
            headers=HEADERS,
        )

    def _refuse(self, request: BaseRequest, error: GatewayError) -> StreamResponse:
        response = self._show(request, problem_of(error))
        if isinstance(error, WrongMethodError):
            response.headers["Allow"] = ", ".join(error.allowed)
        return response

    def _show(self, request: BaseRequest, problem: Problem) -> StreamResponse:
        """Return a problem as the API or the site shows it."""
        if self._site is None or request.get(_OPERATION, "") != _SITE:
            return problem_response(problem)
        try:
            return self._site.refuse(request, problem)
        except Exception:
            log.exception("site_problem_not_shown", code=problem.code)
            return problem_response(problem)


def problem_response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    headers = dict(HEADERS)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="mla-gateway"'
    if problem.retry_after_s:
        headers["Retry-After"] = str(problem.retry_after_s)
    return Response(
        status=problem.status,
        body=msgspec.json.encode(problem),
        content_type=_PROBLEM_TYPE,
        headers=headers,
    )
