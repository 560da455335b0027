"""A small OpenID Connect provider: real HTTP, real keys, lies on demand."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.core.entries.disclosures import base64url


@dataclass
class Provider:
    """What it knows and says.

    Attributes:
        claims: Put into every token, over the right ones.
        asked: Queries of the authorizations, by code.
        now_s: What it takes for the time.
    """

    url: str = ""
    client_id: str = "mla-gateway"
    secret: str = "provider-secret"  # noqa: S105 - of tests
    now_s: int = 0
    claims: dict[str, object] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    signing: ECKey | None = None
    padding: int = 0

    def authorize(self, url: str) -> tuple[str, str]:
        """Do what a person does there; return code and state."""
        query = {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return code, query["state"]

    async def discovery(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "padding": "x" * self.padding,
            }
        )

    async def keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.asked.pop(str(form["code"]), None)
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        is_right = (
            asked is not None
            and asked["code_challenge"] == base64url(verifier)
            and asked["redirect_uri"] == form["redirect_uri"]
            and request.headers.get("Authorization", "").startswith("Basic ")
        )
        if not is_right or asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {
            "iss": self.url,
            "aud": self.client_id,
            "sub": "7f3a",
            "iat": self.now_s,
            "exp": self.now_s + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        kept = {name: one for name, one in claims.items() if one is not None}
        signed = jwt.encode({"alg": "ES256"}, kept, self.signing or self.key)
        return web.json_response({"id_token": signed, "token_type": "Bearer"})


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Serve one on a free port."""
    made = Provider()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", made.discovery)
    app.router.add_get("/keys", made.keys)
    app.router.add_post("/token", made.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (address, *_) = runner.addresses
    made.url = f"http://127.0.0.1:{address[1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
