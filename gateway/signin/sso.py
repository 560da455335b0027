"""Single sign-on by OpenID Connect: authorization code, PKCE, state and nonce.

What a browser keeps between leaving and coming back is sealed under a key of this
process, so that nothing is kept for strangers here. The provider is read with bounds on
size and time; its word counts only as a signed ID token for us, of now, for this nonce.
"""

import asyncio
import hashlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import nacl.utils
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.credentials import new_secret
from gateway.core.entries.disclosures import base64url, from_base64url
from gateway.core.errors import (
    MalformedError,
    NotAuthenticatedError,
    NotFoundError,
    UnreachableError,
)
from gateway.core.limits import KIB, MAX_SUBJECT_CHARS
from gateway.core.operators import Role
from gateway.ports.sign_in import SsoBeginning, SsoPerson, SsoReturn
from gateway.ports.world import Clock

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_MAX_ANSWER_BYTES = 256 * KIB
_TIMEOUT_S = 10.0
_AT_ONCE = 4
_LEEWAY_S = 60
_PENDING_MS = 10 * 60_000
_FRESH_S = 3_600.0
_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class SsoPlan:
    """What is known of the provider; see `OidcSettings`."""

    issuer: str
    name: str
    client_id: str
    secret: str = field(default="", repr=False)
    ca_file: str = ""
    subject_claim: str = "sub"
    roles_claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)


class NoSingleSignOn:
    """Implements `SingleSignOn` where none is set."""

    name = ""

    async def begin(self, redirect_url: str) -> SsoBeginning:  # noqa: ARG002 - the port's
        """Refuse.

        Raises:
            NotFoundError: Always.
        """
        raise _none()

    async def finish(self, back: SsoReturn, redirect_url: str) -> SsoPerson:  # noqa: ARG002 - the port's
        """Refuse.

        Raises:
            NotFoundError: Always.
        """
        raise _none()


class OpenIdConnect:
    """Implements `SingleSignOn`."""

    def __init__(self, plan: SsoPlan, clock: Clock) -> None:
        self.name = plan.name or urlsplit(plan.issuer).hostname or "single sign-on"
        self._plan = plan
        self._clock = clock
        self._box = SecretBox(nacl.utils.random(SecretBox.KEY_SIZE))
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._known: JsonObject = {}
        self._known_at_s = float("-inf")

    async def begin(self, redirect_url: str) -> SsoBeginning:
        """Return where to send a browser.

        Raises:
            UnreachableError: The provider can't be asked.
        """
        known = await self._discover()
        state, nonce, verifier = new_secret(), new_secret(), new_secret()
        ends = self._clock.now() + _PENDING_MS
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "ends": ends}
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._plan.client_id,
            "redirect_uri": redirect_url,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64url(digest),
            "code_challenge_method": "S256",
        }
        sealed = base64url(bytes(self._box.encrypt(json.dumps(kept).encode())))
        place = _address(known, "authorization_endpoint")
        joint = "&" if "?" in place else "?"
        return SsoBeginning(f"{place}{joint}{urlencode(query)}", sealed)

    async def finish(self, back: SsoReturn, redirect_url: str) -> SsoPerson:
        """Return who came back.

        Raises:
            NotAuthenticatedError: What came back proves nobody.
            UnreachableError: The provider can't be asked.
        """
        kept = self._opened(back)
        known = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": back.code,
            "redirect_uri": redirect_url,
            "client_id": self._plan.client_id,
            "code_verifier": str(kept["verifier"]),
        }
        answer = await self._ask(_address(known, "token_endpoint"), form)
        keys = await self._ask(_address(known, "jwks_uri"))
        claims = self._claims(str(answer.get("id_token", "")), keys, str(kept["nonce"]))
        subject = claims.get(self._plan.subject_claim)
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS:
            raise _refused(f"its token has no {self._plan.subject_claim}")
        return SsoPerson(subject, self._roles(claims))

    def _opened(self, back: SsoReturn) -> JsonObject:
        try:
            raw = self._box.decrypt(from_base64url(back.pending))
            kept = canonical.parse_object(raw, max_bytes=len(raw))
        except (CryptoError, MalformedError, ValueError) as error:
            raise _refused("it was not begun in this browser") from error
        is_late = self._clock.now() >= int(str(kept["ends"]))
        if is_late or kept["state"] != back.state:
            raise _refused("it was begun too long ago, or elsewhere")
        return kept

    def _claims(self, token: str, keys: JsonObject, nonce: str) -> JsonObject:
        now_s = self._clock.now() // 1000
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # checked there
            read = jwt.decode(token, key_set, algorithms=_ALGORITHMS)
            jwt.JWTClaimsRegistry(
                now=now_s,
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self._plan.issuer},
                aud={"essential": True, "value": self._plan.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(read.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _refused("its token does not verify") from error
        audience = read.claims["aud"]
        authorized = read.claims.get("azp", self._plan.client_id)
        is_shared = isinstance(audience, list) and len(audience) > 1
        if authorized != self._plan.client_id or (
            is_shared and "azp" not in read.claims
        ):
            raise _refused("its token is for somebody else")
        return dict(read.claims)

    def _roles(self, claims: JsonObject) -> frozenset[Role] | None:
        if not self._plan.roles_claim:
            return None
        groups = claims.get(self._plan.roles_claim)
        listed = groups if isinstance(groups, list) else [groups]
        known = self._plan.roles
        return frozenset(
            known[one] for one in listed if isinstance(one, str) and one in known
        )

    async def _discover(self) -> JsonObject:
        """Return what the provider says of itself, read anew each hour."""
        now_s = self._clock.monotonic_s()
        if now_s - self._known_at_s < _FRESH_S:
            return self._known
        known = await self._ask(self._plan.issuer.rstrip("/") + _DISCOVERY)
        if known.get("issuer") != self._plan.issuer:
            raise UnreachableError("single sign-on: it calls itself something else")
        self._known, self._known_at_s = known, now_s
        return known

    async def _ask(self, url: str, form: Mapping[str, str] | None = None) -> JsonObject:
        context: ssl.SSLContext | bool = True
        if self._plan.ca_file:
            context = ssl.create_default_context(cafile=self._plan.ca_file)
        headers = {}
        if form is not None and self._plan.secret:
            # Both percent-encoded before they are joined (RFC 6749, section 2.3.1).
            told = quote(self._plan.client_id, ""), quote(self._plan.secret, "")
            headers["Authorization"] = aiohttp.encode_basic_auth(*told)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with (
                self._room,
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(
                    "GET" if form is None else "POST",
                    url,
                    data=form,
                    headers=headers,
                    ssl=context,
                    allow_redirects=False,
                ) as response,
            ):
                raw, status = await _bounded(response), response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnreachableError(
                "single sign-on: the provider does not answer"
            ) from error
        if status == 400 and form is not None:  # noqa: PLR2004 - RFC 6749, 5.2
            raise _refused("the provider does not know the code")
        return _object(raw, status)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return a body, and of one that is too long a byte too many."""
    raw = b""
    while len(raw) <= _MAX_ANSWER_BYTES:
        piece = await response.content.read(_MAX_ANSWER_BYTES + 1 - len(raw))
        if not piece:
            break
        raw += piece
    return raw


def _object(raw: bytes, status: int) -> JsonObject:
    if status != 200 or len(raw) > _MAX_ANSWER_BYTES:  # noqa: PLR2004 - OK
        raise UnreachableError(f"single sign-on: the provider answers {status}")
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise UnreachableError("single sign-on: the provider sends no JSON") from error
    if not isinstance(value, dict):
        raise UnreachableError("single sign-on: the provider sends no object")
    return value


def _address(known: JsonObject, name: str) -> str:
    """Return an endpoint that the provider names: https, or this machine."""
    place = str(known.get(name, ""))
    parts = urlsplit(place)
    is_local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}
    if not (parts.scheme == "https" or is_local) or not parts.hostname:
        raise UnreachableError(f"single sign-on: the provider has no {name}")
    return place


def _refused(why: str) -> NotAuthenticatedError:
    return NotAuthenticatedError(f"single sign-on: {why}")


def _none() -> NotFoundError:
    return NotFoundError("single sign-on: there is none here ([oidc] issuer)")
