"""What a request must look like, and what a refusal looks like."""

import asyncio
import io
import json
from collections.abc import Mapping

import pytest

from tests.support.admin_api import PT, AdminNode, request_form

MIB = 1024 * 1024
SUBMIT = "/api/v1/messages"


async def _post(
    node: AdminNode,
    path: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    account: str = "caseworker",
) -> tuple[int, dict[str, object]]:
    given = {"Content-Type": "application/json", **node.headers(account)}
    async with node.session.post(
        node.url + path, data=io.BytesIO(body), headers={**given, **(headers or {})}
    ) as response:
        assert response.content_type == "application/problem+json", response.status
        problem: dict[str, object] = json.loads(await response.read())
        assert problem["status"] == response.status
        assert problem["type"] == f"urn:mla-gateway:problem:{problem['code']}"
        assert problem["title"]
        assert problem["detail"]
        return response.status, problem


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"[]", "malformed"),
        (b"null", "malformed"),
        (b'{"to":"pgr.pt","to":"pgr.pt","message":{}}', "malformed"),
        (b'{"to":"pgr.pt","message":{"a":1.5}}', "malformed"),
        (b'{"to":"pgr.pt","message":{"a":null}}', "malformed"),
        (b'{"to":"pgr.pt","message":{"a":"\\u0000"}}', "malformed"),
        (b'{"to":"pgr.pt","message":' + b'{"a":' * 40 + b"1" + b"}" * 41, "malformed"),
        (b"\xff\xfe", "malformed"),
        (b'{"to":"pgr.pt"}', "usage"),
        (b'{"to":1,"message":{}}', "usage"),
        (b'{"to":"pgr.pt","message":{},"state":"delivered"}', "usage"),
        (b'{"to":"Not An Id","message":{}}', "usage"),
    ],
)
async def test_a_body_of_another_form_is_refused_with_what_is_wrong(
    node: AdminNode, body: bytes, code: str
) -> None:
    status, problem = await _post(node, SUBMIT, body)
    assert (status, problem["code"]) == (400, code)


async def test_a_body_over_its_limit_is_refused_before_it_is_read(
    node: AdminNode,
) -> None:
    status, problem = await _post(node, SUBMIT, b"x" * (MIB + 1))
    assert (status, problem["code"]) == (413, "too-large")


async def test_a_body_that_hides_its_size_is_counted_while_it_comes(
    node: AdminNode,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    token = node.tokens["caseworker"].encode()
    writer.write(
        b"POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Bearer %b\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" % token
    )
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(17):
        writer.write(piece)
    head = await asyncio.wait_for(reader.read(64), 5)
    writer.close()
    assert head.split()[1] == b"413"


async def test_a_body_that_is_not_json_by_its_type_is_refused(node: AdminNode) -> None:
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Encoding": "gzip"},
    ):
        status, problem = await _post(node, SUBMIT, b"{}", headers)
        assert (status, problem["code"]) == (400, "usage"), headers


async def test_a_body_where_none_is_taken_is_refused(node: AdminNode) -> None:
    path = "/api/v1/messages/01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a/confirm"
    status, problem = await _post(node, path, b'{"force":true}')
    assert (status, problem["code"]) == (400, "usage")


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=1&limit=2",
        "box=both",
        "state=lost",
        "since=yesterday",
        "cursor=abc",
    ],
)
async def test_a_query_of_another_form_is_refused(node: AdminNode, query: str) -> None:
    url = f"{node.url}/api/v1/messages?{query}"
    async with node.session.get(url, headers=node.headers("observer")) as response:
        assert response.status == 400
        assert (await response.json(content_type=None))["code"] == "usage"


@pytest.mark.parametrize("query", ["changes?after=", "log/entries?start="])
@pytest.mark.parametrize("number", [-1, 2**53, 2**63, 10**30])
async def test_a_number_that_no_place_has_is_refused(
    node: AdminNode,
    query: str,
    number: int,
) -> None:
    url = f"{node.url}/api/v1/{query}{number}"
    async with node.session.get(url, headers=node.headers("auditor")) as response:
        assert response.status == 400
        assert (await response.json(content_type=None))["code"] == "usage"


async def test_a_parameter_where_none_is_taken_is_refused(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/stats?deep=1"
    async with node.session.get(url, headers=node.headers()) as response:
        assert response.status == 400


@pytest.mark.parametrize("key", ["with space", "x" * 129, ""])
async def test_an_idempotency_key_of_another_form_is_refused(
    node: AdminNode, key: str
) -> None:
    body = json.dumps({"to": PT, "message": request_form()}).encode()
    status, problem = await _post(node, SUBMIT, body, {"Idempotency-Key": key})
    assert (status, problem["code"]) == (400, "usage")


async def test_a_wait_that_is_no_number_is_refused(node: AdminNode) -> None:
    body = json.dumps({"to": PT, "message": request_form()}).encode()
    status, problem = await _post(node, SUBMIT, body, {"Prefer": "wait=soon"})
    assert (status, problem["code"]) == (400, "usage")


async def test_another_method_is_told_which_there_are(node: AdminNode) -> None:
    url = f"{node.url}/api/v1/messages"
    async with node.session.delete(url, headers=node.headers()) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET, POST"


async def test_every_answer_carries_the_headers_that_keep_it_inert(
    node: AdminNode,
) -> None:
    for path in ("/livez", "/api/v1/nothing", "/api/openapi.json"):
        async with node.session.get(node.url + path) as response:
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "Python" not in response.headers["Server"]


async def test_what_is_not_http_gets_one_refusal_and_no_traceback(
    node: AdminNode,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert b"400" in answer
    assert b"Traceback" not in answer
    assert b"problem+json" in answer


async def test_a_defect_is_told_by_reference_only(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down() -> None:
        raise ValueError("the suspect is hush")

    monkeypatch.setattr(node.trust.store, "log_head", break_down)
    url = f"{node.url}/api/v1/stats"
    async with node.session.get(url, headers=node.headers()) as response:
        text = await response.text()
    assert response.status == 500
    assert json.loads(text)["code"] == "internal"
    assert "hush" not in text
    assert "Traceback" not in text
