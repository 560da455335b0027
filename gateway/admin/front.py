"""How browsers reach the admin listener: its names, its cookie, whose page asks.

What a browser sends of its own accord proves nobody's will. So a request that comes
with a session counts only if it was made by a page of ours: `Origin` or
`Sec-Fetch-Site` say so, and what changes anything carries a token that only our pages
know (specification, section 13.1).
"""

import hmac
import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from aiohttp.web import BaseRequest, StreamResponse

from gateway.admin.throttle import source_of
from gateway.config.settings import ListenAddress
from gateway.core.errors import NotAllowedError
from gateway.core.sessions import Visitor, csrf_token, is_session_secret
from gateway.ports.sign_in import Site

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_COOKIE = "mla-session"
_MAX_COOKIE_CHARS = 4_096
_MAX_AGENT_CHARS = 120
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::[0-9]{1,5})?\Z")


class Front:
    """The listener as browsers see it."""

    def __init__(self, listen: ListenAddress, *, has_tls: bool, url: str = "") -> None:
        """Settle what does not change.

        Args:
            listen: Where it listens.
            has_tls: It has a certificate of its own.
            url: Under which people reach it, if not under that address.
        """
        self._listen = listen
        self._scheme = "https" if has_tls else "http"
        self._given_url = url.rstrip("/")
        self._port = listen.port

    def listening(self, port: int) -> None:
        """Be told on which port it listens in the end."""
        self._port = port

    @property
    def url(self) -> str:
        """Where people find the console: scheme, host and port."""
        if self._given_url:
            return self._given_url
        # Passkeys belong to names, never to addresses.
        host = "localhost" if self._listen.is_loopback else str(self._listen.host)
        host = f"[{host}]" if ":" in host else host
        return f"{self._scheme}://{host}:{self._port}"

    @property
    def host(self) -> str:
        """The name in that address."""
        return urlsplit(self.url).hostname or ""

    def site(self, name: str) -> Site:
        """Return the site that passkeys belong to."""
        return Site(self.host, self.url, name)

    @property
    def names(self) -> frozenset[str]:
        """Host names it answers to; empty where a certificate says who we are."""
        if not self._listen.is_loopback:
            return frozenset()
        return LOOPBACK_NAMES | {self._listen.host, self.host}

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by TLS."""
        return self.url.startswith("https:")

    @property
    def cookie(self) -> str:
        """Name of the session's cookie."""
        # With this prefix no other host, path or plain connection can have set it.
        return f"__Host-{_COOKIE}" if self.is_secure else _COOKIE

    def is_local(self, request: BaseRequest) -> bool:
        """Tell whether a request names this machine, and the listener is on it."""
        name = host_name(request.headers.getall("Host", []))
        return self._listen.is_loopback and name in LOOPBACK_NAMES | {self._listen.host}

    def secret_of(self, request: BaseRequest) -> str:
        """Return what is in the session's cookie; empty if there is none."""
        given = request.headers.getall("Cookie", [])
        if len(given) != 1 or len(given[0]) > _MAX_COOKIE_CHARS:
            return ""
        try:
            morsel = SimpleCookie(given[0]).get(self.cookie)
        except CookieError:
            return ""
        return morsel.value if morsel and is_session_secret(morsel.value) else ""

    def visitor(self, request: BaseRequest) -> Visitor:
        """Return where a request comes from."""
        agent = request.headers.get("User-Agent", "")
        plain = "".join(one for one in agent if one.isprintable())
        return Visitor(
            source_of(request.remote),
            plain[:_MAX_AGENT_CHARS],
            self.secret_of(request),
        )

    def put_cookie(self, response: StreamResponse, secret: str) -> None:
        """Give a browser the secret of a session; an empty one takes it away."""
        response.set_cookie(
            self.cookie,
            secret,
            max_age=None if secret else 0,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="Strict",
        )

    def check_page(self, request: BaseRequest) -> None:
        """Refuse a request that a page of somebody else made.

        Programs say nothing of pages, and have no cookie that would matter.

        Raises:
            NotAllowedError: It comes from another site, or does not say from where
                although it has a session.
        """
        origins = request.headers.getall("Origin", [])
        site = request.headers.get("Sec-Fetch-Site", "")
        if origins:
            is_ours = len(origins) == 1 and origins[0] in self._origins(request)
        elif site:
            is_ours = site == "same-origin"
        else:
            is_ours = not self.secret_of(request)
        if not is_ours:
            raise NotAllowedError("request: not from a page of this console")

    def check_csrf(self, request: BaseRequest, given: str) -> None:
        """Refuse a change that no page of this session asked for.

        Raises:
            NotAllowedError: The token is not that of the session, or the request is
                of a page of somebody else.
        """
        self.check_page(request)
        expected = csrf_token(self.secret_of(request))
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise NotAllowedError(
                f"{CSRF_HEADER}: not of this session; load the page again"
            )

    def _origins(self, request: BaseRequest) -> set[str]:
        host = "".join(request.headers.getall("Host", [])).lower()
        return {self.url, f"{self._scheme}://{host}"}


def host_name(given: list[str]) -> str:
    """Return the name in a `Host` header, without its port; empty if there is none."""
    match = _HOST.match(given[0]) if len(given) == 1 else None
    return (match[1] or match[2]).lower() if match else ""
