"""Both clients: typed answers, errors by code, and nothing sent twice."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.admin import peer_shapes, shapes
from gateway.client import calls
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.client.call import Call
from gateway.client.client import GatewayClient
from gateway.core.errors import (
    ConflictError,
    GatewayError,
    InvalidFormError,
    MaintenanceError,
    NotAuthenticatedError,
    NotFoundError,
    QuotaError,
    UnreachableError,
    UsageError,
)
from tests.support.scripted_api import TOKEN, Refused, ScriptedApi, scripted_api

T = TypeVar("T")

ID = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"
MESSAGE = shapes.Message(
    id=ID,
    box="out",
    peer="pgr.pt",
    state="queued",
    priority="routine",
    created_at="2026-11-21T23:05:09.123Z",
    accepted_at="2026-11-21T23:05:09.123Z",
    updated_at="2026-11-21T23:05:09.123Z",
    index=3,
)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ScriptedApi]:
    with scripted_api(tmp_path / "home") as running:
        yield running


@pytest.fixture(params=["blocking", "asynchronous"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _endpoint(api: ScriptedApi, token: str = TOKEN) -> Endpoint:
    return Endpoint(f"http://127.0.0.1:{api.port}", token)


def _send(api: ScriptedApi, style: str, call: Call[T]) -> T:
    if style == "blocking":
        return BlockingClient(_endpoint(api)).send(call)

    async def send() -> T:
        async with GatewayClient(_endpoint(api)) as client:
            return await client.send(call)

    return asyncio.run(send())


def test_an_answer_comes_in_its_declared_shape(api: ScriptedApi, style: str) -> None:
    api.answers["show_message"] = MESSAGE
    assert _send(api, style, calls.show_message(ID)) == MESSAGE
    assert api.last.segments == {"id": ID}


def test_a_submission_carries_its_key_and_how_long_it_waits(
    api: ScriptedApi, style: str
) -> None:
    api.answers["submit"] = shapes.Submitted(id=ID, index=3, state="delivered")
    request = shapes.SubmitRequest(to="pgr.pt", message={"msg_type": "MLA_REQ"})
    answer = _send(api, style, calls.submit(request, idempotency_key="k-1", wait_s=5))
    assert answer.state == "delivered"
    assert api.last.body == request
    assert api.last.headers["idempotency-key"] == "k-1"
    assert api.last.headers["prefer"] == "wait=5"


def test_only_what_differs_from_the_default_is_asked(
    api: ScriptedApi, style: str
) -> None:
    api.answers["list_messages"] = shapes.MessagePage(items=())
    query = shapes.MessageQuery(box="in", since="2026-11-21T23:05:09.123Z")
    _send(api, style, calls.list_messages(query))
    assert api.last.query == query


def test_a_forced_removal_says_so(api: ScriptedApi, style: str) -> None:
    api.answers["remove_peer"] = None
    call = calls.remove_peer("pgr.pt", is_forced=True)
    assert _send(api, style, call) is None
    assert api.last.query == peer_shapes.RemovePeerQuery(force=True)


def test_bytes_come_as_they_are(api: ScriptedApi, style: str) -> None:
    api.answers["log_tile"] = bytes(range(256))
    assert _send(api, style, calls.log_tile("tile/0/x001/234.p/7")) == bytes(range(256))
    assert api.last.segments == {"rest": "0/x001/234.p/7"}


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("not-found", 404, NotFoundError),
        ("conflict", 409, ConflictError),
        ("quota", 429, QuotaError),
        ("maintenance", 503, MaintenanceError),
        ("usage", 400, UsageError),
    ],
)
def test_a_refusal_is_the_error_of_its_code(
    api: ScriptedApi, style: str, code: str, status: int, error: type[GatewayError]
) -> None:
    api.answers["stats"] = Refused(code, status, "what: found, expected")
    with pytest.raises(error, match="what: found, expected"):
        _send(api, style, calls.stats())


def test_a_code_of_a_newer_node_is_still_told_apart(
    api: ScriptedApi, style: str
) -> None:
    api.answers["stats"] = Refused("brand-new", 418, "x")
    with pytest.raises(GatewayError) as refused:
        _send(api, style, calls.stats())
    assert refused.value.code == "brand-new"


def test_every_defect_of_a_form_is_told(api: ScriptedApi, style: str) -> None:
    problem = {
        "pointer": "/payload",
        "code": "E_SCHEMA",
        "sentence": "payload: missing",
        "blocking": True,
    }
    api.answers["submit"] = Refused("invalid-form", 422, "form", (problem,))
    request = shapes.SubmitRequest(to="pgr.pt", message={})
    with pytest.raises(InvalidFormError) as refused:
        _send(api, style, calls.submit(request))
    assert refused.value.problems[0].pointer == "/payload"


def test_waiting_time_of_a_refusal_is_kept(api: ScriptedApi, style: str) -> None:
    api.answers["stats"] = Refused("quota", 429, "x", retry_after_s=17)
    with pytest.raises(QuotaError) as refused:
        _send(api, style, calls.stats())
    assert refused.value.retry_after_s == 17


def test_another_token_is_not_let_in(api: ScriptedApi) -> None:
    api.answers["stats"] = Refused("internal", 500, "x")
    with pytest.raises(NotAuthenticatedError):
        BlockingClient(_endpoint(api, "mlagw_other")).send(calls.stats())


def test_a_node_that_is_not_there_is_unreachable_and_the_token_is_not_told(
    api: ScriptedApi, style: str
) -> None:
    api.port = 1
    with pytest.raises(UnreachableError) as refused:
        _send(api, style, calls.stats())
    assert "127.0.0.1:1" in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_what_is_no_gateway_is_told(api: ScriptedApi, style: str) -> None:
    api.answers["stats"] = b"<html>hello</html>"
    with pytest.raises(UnreachableError):
        _send(api, style, calls.stats())


def test_a_token_is_not_shown() -> None:
    assert "hush" not in repr(Endpoint("http://127.0.0.1:1", "hush"))


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8444", "", "http://"])
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        BlockingClient(Endpoint(url))


def test_a_segment_cannot_leave_its_place() -> None:
    assert calls.show_message("../peers?x").target == "/api/v1/messages/..%2Fpeers%3Fx"


@pytest.mark.parametrize(
    "url",
    [
        "http://node.moj.ee:8444",
        "http://192.0.2.1:8444",
        "http://127.0.0.1.evil.example",
    ],
)
def test_no_token_is_ever_sent_in_the_clear_to_another_machine(url: str) -> None:
    with pytest.raises(UsageError, match="https"):
        Endpoint(url, TOKEN)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "https://node.moj.ee",
    ],
)
def test_this_machine_and_https_may_be_called(url: str) -> None:
    assert Endpoint(url, TOKEN).url == url
