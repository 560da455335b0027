"""Calls of endpoints: bounded, to checked addresses, told apart when they fail."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from gateway.core.addresses import Target, parse_target
from gateway.core.errors import ConfigError, UsageError
from gateway.core.webhooks import Answer
from gateway.transport.webhook_client import WebhookClient, WebhookLimits

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
_SHORT = WebhookLimits(total_timeout_s=0.3)


@asynccontextmanager
async def endpoint(
    handler: Handler, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve an endpoint on a free port of loopback."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def call(client: WebhookClient, url: str) -> Answer:
    try:
        return await client.call(parse_target(url), {"webhook-id": "evt_1"}, b"{}")
    finally:
        await client.close()


async def test_a_listed_endpoint_is_called_with_what_was_signed() -> None:
    seen: list[tuple[str, str, bytes]] = []

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        told = request.headers["webhook-id"], request.headers["Content-Type"]
        seen.append((*told, await request.read()))
        return web.Response(status=204)

    async with endpoint(take) as port:
        origin = f"http://127.0.0.1:{port}"
        answer = await call(WebhookClient([origin]), f"{origin}/hook")
    assert (answer.status, answer.is_taken, answer.detail) == (204, True, "")
    assert seen == [("evt_1", "application/json", b"{}")]


async def test_connections_are_used_again() -> None:
    ports = set()

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername"))
        return web.Response(text="thanks")

    async with endpoint(take) as port:
        origin = f"http://127.0.0.1:{port}"
        client = WebhookClient([origin])
        for _ in range(3):
            answer = await client.call(parse_target(origin), {}, b"{}")
            assert answer.is_taken
        await client.close()
    assert len(ports) == 1


async def test_a_redirect_is_not_followed_and_patience_is_read() -> None:
    async def send_away(_request: web.BaseRequest) -> web.StreamResponse:
        headers = {"Location": "http://127.0.0.1:1/", "Retry-After": "17"}
        return web.Response(status=307, headers=headers)

    async with endpoint(send_away) as port:
        origin = f"http://127.0.0.1:{port}"
        answer = await call(WebhookClient([origin]), origin)
    assert (answer.status, answer.retry_after_s) == (307, 17)
    assert answer.detail == "HTTP status 307; redirects are not followed"


async def test_an_endless_answer_ends() -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async with endpoint(drip) as port:
        origin = f"http://127.0.0.1:{port}"
        answer = await call(WebhookClient([origin], limits=_SHORT), origin)
    assert answer.is_taken


async def test_no_answer_in_time_is_a_failure() -> None:
    over = asyncio.Event()

    async def wait(_request: web.BaseRequest) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    async with endpoint(wait) as port:
        origin = f"http://127.0.0.1:{port}"
        answer = await call(WebhookClient([origin], limits=_SHORT), origin)
        over.set()
    assert (answer.status, answer.detail) == (0, "no answer within 0.3 s")


@pytest.mark.parametrize(
    "url",
    [
        "http://cases.example.org/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://[::1]/",
        "https://10.0.0.1:8443/x",
        "https://169.254.169.254/latest/meta-data",
    ],
)
async def test_what_is_not_listed_has_to_be_public_and_encrypted(url: str) -> None:
    client = WebhookClient()
    with pytest.raises(UsageError):
        client.check(parse_target(url))
    # Also where an endpoint was stored under other settings.
    assert (await call(client, url)).status == 0
    WebhookClient([parse_target(url).origin]).check(parse_target(url))


def _resolving(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> list[str]:
    """Let names resolve by a script; return what was asked."""
    asked = []

    async def getaddrinfo(
        host: str, port: int, **_options: object
    ) -> list[tuple[object, ...]]:
        asked.append(host)
        found = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


async def test_a_name_that_leads_within_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _resolving(monkeypatch, [["93.184.215.14", "127.0.0.1"]])
    answer = await call(WebhookClient(), "https://cases.example.org/")
    assert answer.status == 0
    assert answer.detail == (
        "cases.example.org leads to 127.0.0.1, an address of a private network; "
        "list it in [webhooks] allow if it is meant"
    )


async def test_a_name_is_resolved_once_for_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a name leads to a moment after the check does not matter."""

    async def take(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response()

    async with endpoint(take) as port:
        asked = _resolving(monkeypatch, [["127.0.0.1"], ["10.0.0.1"]])
        origin = f"http://cases.example.org:{port}"
        answer = await call(WebhookClient([origin]), origin)
    assert answer.is_taken
    assert asked == ["cases.example.org"]


async def test_certificates_are_checked_and_authorities_can_be_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def take(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response()

    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("cases.example.org").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    async with endpoint(take, context) as port:
        _resolving(monkeypatch, [["127.0.0.1"]] * 3)
        right = f"https://cases.example.org:{port}"
        wrong = f"https://other.example.org:{port}"
        unknown = await call(WebhookClient([right]), right)
        taken = await call(WebhookClient([right], ca=ca_file), right)
        misnamed = await call(WebhookClient([wrong], ca=ca_file), wrong)
    assert taken.is_taken
    for answer in (unknown, misnamed):
        assert answer.status == 0
        assert answer.detail.startswith("certificate: ")


async def test_failures_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    origin = f"http://127.0.0.1:{unused_tcp_port}"
    answer = await call(WebhookClient([origin]), origin)
    assert answer.detail == f"no connection to 127.0.0.1 port {unused_tcp_port}"

    async def fail(_host: str, _port: int, **_options: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)
    answer = await call(WebhookClient(), "https://cases.example.org/")
    assert answer.detail == "name resolution: cases.example.org is not known"


async def test_plain_text_where_tls_is_expected_is_told(
    unused_tcp_port: int,
) -> None:
    async def babble(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"SSH-2.0-x\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", unused_tcp_port)
    async with server:
        target = f"127.0.0.1:{unused_tcp_port}"
        tls = await call(WebhookClient([f"https://{target}"]), f"https://{target}")
        http = await call(WebhookClient([f"http://{target}"]), f"http://{target}")
    assert tls.detail == "TLS: the handshake failed"
    assert http.detail.startswith("connection lost: ")


def test_a_file_of_authorities_that_is_none_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("nothing")
    for path in (broken, tmp_path / "absent.pem"):
        with pytest.raises(ConfigError, match=r"webhooks\.ca"):
            WebhookClient(ca=path)


def test_targets_are_compared_by_origin() -> None:
    client = WebhookClient(["http://127.0.0.1:80"])
    client.check(Target("http://127.0.0.1/x", "http", "127.0.0.1", 80))
    with pytest.raises(UsageError):
        client.check(parse_target("http://127.0.0.1:81/x"))
