"""Outcomes of pages as answers on the wire, with headers that let nothing else in."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from aiohttp.web import BaseRequest, Response, StreamResponse

from gateway.admin.asked import Stream
from gateway.admin.giving import give
from gateway.console.page import PREFIX, Download, Redirect, SetCookie

NOTICE_COOKIE: Final = "mla-notice"
_NOTICE_S = 60
_MAX_NOTICE_CHARS = 300

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not `no-referrer`: with it, browsers say nothing of where a form comes from.
    "Referrer-Policy": "same-origin",
    "Server": "mla-gateway",
    "Vary": "Cookie, HX-Request",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def page_response(
    request: BaseRequest,
    html: str,
    *,
    status: int = 200,
    cookies: tuple[SetCookie, ...] = (),
) -> Response:
    """Return a page."""
    response = Response(
        status=status,
        body=html.encode(),
        content_type="text/html",
        charset="utf-8",
        headers=HEADERS,
    )
    return _with_cookies(request, response, cookies)


def redirect_response(request: BaseRequest, outcome: Redirect) -> Response:
    """Send the browser on; a script of ours is told, since it would follow unseen.

    Raises:
        ValueError: To another place than the console; a defect of ours.
    """
    if not outcome.to.startswith(PREFIX) or "\n" in outcome.to:
        raise ValueError("internal: a redirect that leaves the console")
    cookies = outcome.cookies
    if outcome.notice:
        told = quote(outcome.notice[:_MAX_NOTICE_CHARS])
        cookies += (SetCookie(name=NOTICE_COOKIE, value=told, max_age_s=_NOTICE_S),)
    is_script = request.headers.get("HX-Request") == "true"
    place = {"HX-Redirect": outcome.to} if is_script else {"Location": outcome.to}
    response = Response(status=204 if is_script else 303, headers={**HEADERS, **place})
    return _with_cookies(request, response, cookies)


async def download_response(request: BaseRequest, outcome: Download) -> StreamResponse:
    """Give a file under its name.

    Raises:
        GatewayError: It can't be read at all.
    """
    headers = {
        **HEADERS,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(outcome.name)}",
    }
    if isinstance(outcome.content, Stream):
        return await give(
            request, outcome.content, headers=headers, media=outcome.media_type
        )
    return Response(
        body=outcome.content, content_type=outcome.media_type, headers=headers
    )


def _with_cookies(
    request: BaseRequest, response: Response, cookies: tuple[SetCookie, ...]
) -> Response:
    for cookie in cookies:
        response.set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.max_age_s or None if cookie.value else 0,
            path=cookie.path,
            secure=request.secure,
            httponly=True,
            samesite="Lax" if cookie.is_lax else "Strict",
        )
    return response
