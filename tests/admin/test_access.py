"""Who gets in, who may do what: every route and every role."""

import asyncio
import json
import resource
from pathlib import Path

import pytest
import trustme

from gateway.admin.asked import Asked
from gateway.admin.contract import BY_NAME, ROUTES
from gateway.admin.operations import check_declared
from gateway.admin.route import Route
from gateway.admin.server import AdminServer
from gateway.admin.services import AdminLimits
from gateway.client import calls
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.client.client import GatewayClient
from gateway.config.settings import ListenAddress
from gateway.core.errors import (
    ConfigError,
    NotAuthenticatedError,
    UnreachableError,
)
from tests.support.admin_api import AdminNode, admin_node


async def _ask(
    node: AdminNode, route: Route, headers: dict[str, str]
) -> tuple[int, dict[str, object]]:
    async with node.session.request(
        route.method, node.url + route.path, headers=headers
    ) as response:
        raw = await response.read()
        is_json = response.content_type.endswith("json")
        return response.status, json.loads(raw) if is_json and raw else {}


async def test_without_a_token_health_and_the_description_answer(
    node: AdminNode,
) -> None:
    # What else there is answers nobody: tests/admin/test_matrix.py.
    for route in ROUTES:
        if route.is_open:
            status, _ = await _ask(node, route, {})
            assert status == 200, route.name


@pytest.mark.parametrize(
    "value",
    [
        "Bearer mlagw_" + "x" * 43,
        "Bearer ",
        "Bearer",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer " + "x" * 600,
        "Bearer mlagw_\x00",
    ],
)
async def test_a_token_that_is_none_is_refused(node: AdminNode, value: str) -> None:
    # A raw connection, because clients refuse to send some of these.
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    writer.write(
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: %b\r\nConnection: close\r\n\r\n" % value.encode()
    )
    head = await reader.read(64)
    writer.close()
    await writer.wait_closed()
    assert head.split()[1] in {b"401", b"400"}


async def test_an_expired_or_revoked_token_is_worth_nothing(node: AdminNode) -> None:
    status, answer = await _ask(node, BY_NAME["session"], node.headers("expired"))
    assert (status, answer["code"]) == (401, "not-authenticated")
    admin = node.headers()
    url = f"{node.url}/api/v1/tokens/auditor/desk"
    async with node.session.delete(url, headers=admin) as response:
        assert response.status == 204
    status, _ = await _ask(node, BY_NAME["session"], node.headers("auditor"))
    assert status == 401


async def test_two_authorizations_are_none(node: AdminNode) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    line = b"Authorization: Bearer %b\r\n" % node.tokens["admin"].encode()
    writer.write(
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
        + line * 2
        + b"Connection: close\r\n\r\n"
    )
    head = await reader.read(64)
    writer.close()
    await writer.wait_closed()
    assert head.split()[1] in {b"401", b"400"}


async def test_a_stranger_does_not_learn_which_paths_there_are(node: AdminNode) -> None:
    async with node.session.get(f"{node.url}/api/v1/nothing") as response:
        assert response.status == 401
    headers = node.headers("observer")
    async with node.session.get(
        f"{node.url}/api/v1/nothing", headers=headers
    ) as response:
        assert response.status == 404


async def test_failed_logins_are_logged_at_most_once_a_minute_with_their_count(
    node: AdminNode,
) -> None:
    wrong = {"Authorization": "Bearer mlagw_" + "x" * 43}
    for _ in range(5):
        await _ask(node, BY_NAME["session"], wrong)
    assert [entry["count"] for entry in await node.entries("auth.fail")] == ["1"]
    node.trust.clock.advance(61)
    await _ask(node, BY_NAME["session"], node.headers())
    entries = await node.entries("auth.fail")
    assert [entry["count"] for entry in entries] == ["1", "4"]
    assert entries[0]["source"] == "127.0.0.1"
    assert entries[0]["res"] == "not-authenticated"


async def test_after_ten_failures_the_source_is_told_to_wait_and_others_get_in(
    node: AdminNode,
) -> None:
    wrong = {"Authorization": "Bearer mlagw_" + "x" * 43}
    statuses = [(await _ask(node, BY_NAME["session"], wrong))[0] for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    # Somebody who guesses must not lock out who has a good token.
    assert (await _ask(node, BY_NAME["session"], node.headers()))[0] == 200


async def test_failures_not_yet_logged_are_logged_when_the_node_stops(
    node: AdminNode,
) -> None:
    wrong = {"Authorization": "Bearer mlagw_" + "x" * 43}
    for _ in range(3):
        await _ask(node, BY_NAME["session"], wrong)
    await node.server.drain(1.0)
    counts = [entry["count"] for entry in await node.entries("auth.fail")]
    assert counts == ["1", "2"]


async def test_an_account_that_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    async with admin_node(tmp_path, AdminLimits(burst=3)) as node:
        route = BY_NAME["session"]
        answers = [await _ask(node, route, node.headers()) for _ in range(5)]
        assert [status for status, _ in answers] == [200] * 3 + [429] * 2
        assert answers[-1][1]["retry_after_s"] == 1
        other, _ = await _ask(node, route, node.headers("observer"))
        assert other == 200
        node.trust.clock.advance(1)
        assert (await _ask(node, route, node.headers()))[0] == 200


async def test_another_sites_name_that_resolves_to_us_is_refused(
    node: AdminNode,
) -> None:
    for host, status in (
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("evil@127.0.0.1", 400),
        ("127.0.0.1/evil", 400),
        ("127.0.0.1:x", 400),
        ("localhost", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8444", 200),
    ):
        headers = {"Host": host}
        async with node.session.get(f"{node.url}/livez", headers=headers) as response:
            assert response.status == status, host


async def test_the_api_never_listens_beyond_this_machine_without_tls(
    node: AdminNode,
) -> None:
    with pytest.raises(ConfigError, match="not loopback"):
        AdminServer(node.services, ListenAddress("0.0.0.0", 0))  # noqa: S104 - refused


@pytest.fixture
def pem(tmp_path: Path) -> dict[str, Path]:
    """Give a certificate for this machine, its key and its CA."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    paths = {name: tmp_path / f"{name}.pem" for name in ("chain", "key", "ca")}
    for blob in issued.cert_chain_pems:
        blob.write_to_path(paths["chain"], append=True)
    issued.private_key_pem.write_to_path(paths["key"])
    authority.cert_pem.write_to_path(paths["ca"])
    return paths


async def test_beyond_this_machine_there_is_tls_and_even_health_asks_for_a_token(
    node: AdminNode, pem: dict[str, Path]
) -> None:
    server = AdminServer(
        node.services,
        ListenAddress("0.0.0.0", 0),  # noqa: S104 - what is tested
        tls_certificate=pem["chain"],
        tls_key=pem["key"],
    )
    await server.start()
    url = f"https://127.0.0.1:{server.port}"
    stranger = GatewayClient(Endpoint(url, ca_file=str(pem["ca"])))
    admin = GatewayClient(Endpoint(url, node.tokens["admin"], str(pem["ca"])))
    async with stranger, admin:
        with pytest.raises(NotAuthenticatedError):
            await stranger.send(calls.livez())
        assert (await admin.send(calls.livez())).status == "live"
        blocking = BlockingClient(Endpoint(url, node.tokens["admin"], str(pem["ca"])))
        found = await asyncio.to_thread(blocking.send, calls.session())
        assert found.name == "admin"
        elsewhere = BlockingClient(Endpoint(url, node.tokens["admin"]))
        with pytest.raises(UnreachableError):
            await asyncio.to_thread(elsewhere.send, calls.session())
    await server.drain(1.0)


async def test_handshakes_that_say_nothing_are_bounded_in_number(
    node: AdminNode, pem: dict[str, Path]
) -> None:
    server = AdminServer(
        node.services,
        ListenAddress("127.0.0.1", 0),
        tls_certificate=pem["chain"],
        tls_key=pem["key"],
        limits=AdminLimits(half_open=2),
    )
    await server.start()
    url = f"https://127.0.0.1:{server.port}"
    lines = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
    assert await asyncio.wait_for(lines[2][0].read(), 5) == b""
    lines[0][1].transport.abort()
    admin = BlockingClient(Endpoint(url, node.tokens["admin"], str(pem["ca"])))
    async with asyncio.timeout(5):
        while not await asyncio.to_thread(_is_let_in, admin):  # noqa: ASYNC110 - what it watches has no event
            await asyncio.sleep(0.01)
    await server.drain(1.0)
    assert await asyncio.wait_for(lines[1][0].read(), 5) == b""
    for _, writer in lines:
        writer.close()


def _is_let_in(client: BlockingClient) -> bool:
    try:
        return client.send(calls.livez()).status == "live"
    except UnreachableError:
        return False


async def test_descriptors_are_kept_in_reserve(
    node: AdminNode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (64, 64))
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_a_certificate_that_is_none_is_said_in_one_sentence(
    node: AdminNode, pem: dict[str, Path]
) -> None:
    listen = ListenAddress("127.0.0.1", 0)
    for chain, key in (
        (pem["ca"], pem["key"]),
        (pem["key"].with_name("no"), pem["ca"]),
    ):
        with pytest.raises(ConfigError, match="admin tls"):
            AdminServer(node.services, listen, tls_certificate=chain, tls_key=key)
    with pytest.raises(ConfigError, match="expected both"):
        AdminServer(node.services, listen, tls_certificate=pem["chain"])


async def test_who_connects_and_says_nothing_is_let_go(tmp_path: Path) -> None:
    limits = AdminLimits(header_timeout_s=0.1, connections=2)
    async with admin_node(tmp_path, limits) as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: loc")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
@pytest.mark.parametrize("path", ["/livez", "/api/v1/session", "/api/v1/nothing"])
async def test_who_does_not_log_in_keeps_no_connection(
    path: str,
    host: str,
    node: AdminNode,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 ")
    writer.close()


async def test_who_logs_in_keeps_the_connection(node: AdminNode) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    token = node.headers()["Authorization"]
    request = f"GET /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\n\
Authorization: {token}\r\n\r\n"
    for _ in range(2):
        writer.write(request.encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 404 ")
        length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()


async def test_connections_beyond_the_limit_are_closed_at_once(tmp_path: Path) -> None:
    async with admin_node(tmp_path, AdminLimits(connections=2)) as node:
        port = node.server.port
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        assert await asyncio.wait_for(lines[2][0].read(), 5) == b""
        for _, writer in lines:
            writer.close()


async def test_a_taken_port_is_said_in_one_sentence(node: AdminNode) -> None:
    second = AdminServer(node.services, ListenAddress("127.0.0.1", node.server.port))
    with pytest.raises(ConfigError, match="another node"):
        await second.start()


def test_a_route_without_a_role_or_a_handler_does_not_start() -> None:
    async def handler(_: Asked) -> None:
        """Answer nothing."""

    handlers = dict.fromkeys(BY_NAME, handler)
    check_declared(BY_NAME, handlers)
    bare = Route(
        name="bare", method="GET", path="/x", roles=frozenset(), summary="Nobody's"
    )
    with pytest.raises(AssertionError, match="no role"):
        check_declared({**BY_NAME, "bare": bare}, {**handlers, "bare": handler})
    with pytest.raises(AssertionError, match="not handled"):
        check_declared({**BY_NAME, "bare": bare}, handlers)
