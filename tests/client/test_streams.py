"""Bodies that are streams, in both clients: nothing is lost, mixed up or held whole."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import aclosing, closing

import pytest

from gateway.admin.upload_shapes import Upload, UploadRequest
from gateway.client import calls
from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.client.client import GatewayClient
from gateway.core.errors import (
    ConflictError,
    GatewayError,
    MaintenanceError,
    NotAllowedError,
    SourceChangedError,
    UnreachableError,
)
from tests.support.evidence_node import Cut, EvidenceNode, Kept, Raw, Refusal
from tests.support.scripted_api import TOKEN, ScriptedApi

CONTENT = bytes(range(256)) * 10_000  # over two blocks


@pytest.fixture(params=["blocking", "asynchronous"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _endpoint(api: ScriptedApi) -> Endpoint:
    return Endpoint(f"http://127.0.0.1:{api.port}", TOKEN)


def _upload(
    api: ScriptedApi, style: str, content: bytes, offset: int = 0, extra: int = 0
) -> Upload:
    call = calls.append_upload("u", offset)
    length = len(content) + extra
    if style == "blocking":
        source = io.BytesIO(content)
        return BlockingClient(_endpoint(api)).upload(call, source, length)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    async def upload() -> Upload:
        async with GatewayClient(_endpoint(api)) as client:
            return await client.upload(call, pieces(), length)

    return asyncio.run(upload())


def _download(api: ScriptedApi, style: str, offset: int = 0) -> bytes:
    call = calls.fetch_attachment("m", "a")
    if style == "blocking":
        client = BlockingClient(_endpoint(api))
        return b"".join(client.download(call, offset=offset))

    async def download() -> bytes:
        async with GatewayClient(_endpoint(api)) as client:
            blocks = client.download(call, offset=offset)
            return b"".join([block async for block in blocks])

    return asyncio.run(download())


def _expect(node: EvidenceNode, size: int) -> Kept:
    # Not compared by this node before it is whole.
    kept = Kept(UploadRequest(name="f", size=size))
    node.uploads["u"] = kept
    return kept


def test_a_stream_arrives_as_it_is(
    api: ScriptedApi, node: EvidenceNode, style: str
) -> None:
    kept = _expect(node, len(CONTENT) + 1)
    assert _upload(api, style, CONTENT).offset == len(CONTENT)
    assert kept.content == CONTENT


def test_a_stream_goes_on_at_an_offset(
    api: ScriptedApi, node: EvidenceNode, style: str
) -> None:
    kept = _expect(node, 100)
    _upload(api, style, b"abc")
    assert _upload(api, style, b"def", offset=3).offset == 6
    assert kept.content == b"abcdef"


def test_an_empty_stream_is_one(
    api: ScriptedApi, node: EvidenceNode, style: str
) -> None:
    _expect(node, 1)
    assert _upload(api, style, b"").offset == 0


def test_a_source_that_ends_too_early_has_changed(
    api: ScriptedApi, node: EvidenceNode, style: str
) -> None:
    _expect(node, len(CONTENT) + 7)
    with pytest.raises(SourceChangedError, match="7 bytes"):
        _upload(api, style, CONTENT, extra=7)


def test_an_asynchronous_source_that_goes_on_too_long_has_changed(
    api: ScriptedApi, node: EvidenceNode
) -> None:
    _expect(node, len(CONTENT))
    with pytest.raises(SourceChangedError, match="longer"):
        _upload(api, "asynchronous", CONTENT, extra=-7)


@pytest.mark.parametrize("after", [0, 1, 1_500_000])
def test_a_broken_connection_is_told_and_costs_nothing_that_was_there(
    api: ScriptedApi, node: EvidenceNode, style: str, after: int
) -> None:
    kept = _expect(node, len(CONTENT))
    node.faults["append_upload"] = [Cut(after)]
    with pytest.raises(UnreachableError):
        _upload(api, style, CONTENT)
    assert kept.content == CONTENT[:after]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal("conflict", 409), ConflictError),
        (Refusal("source-changed", 409), SourceChangedError),
        (Refusal("maintenance", 503, 3), MaintenanceError),
    ],
    ids=lambda value: value.code if isinstance(value, Refusal) else "",
)
def test_a_refusal_is_the_error_of_its_code(
    api: ScriptedApi,
    node: EvidenceNode,
    style: str,
    refusal: Refusal,
    error: type[GatewayError],
) -> None:
    node.faults["append_upload"] = [refusal]
    with pytest.raises(error, match=f"said by the node: {refusal.code}"):
        _upload(api, style, b"abc")


@pytest.mark.parametrize("lingers", [True, False])
def test_a_refusal_in_the_midst_of_a_stream_is_read(
    api: ScriptedApi, node: EvidenceNode, *, lingers: bool
) -> None:
    node.lingers = lingers
    node.faults["append_upload"] = [Refusal("conflict", 409)]
    with pytest.raises(ConflictError):
        _upload(api, "blocking", CONTENT * 4)


@pytest.mark.parametrize("offset", [0, 1, len(CONTENT) - 1])
def test_a_file_comes_from_any_offset_on(
    api: ScriptedApi, node: EvidenceNode, style: str, offset: int
) -> None:
    node.files["m", "a"] = CONTENT
    assert _download(api, style, offset) == CONTENT[offset:]


@pytest.mark.parametrize("after", [0, 1, len(CONTENT) - 1])
def test_an_answer_that_is_too_short_is_never_taken_for_whole(
    api: ScriptedApi, node: EvidenceNode, style: str, after: int
) -> None:
    node.files["m", "a"] = CONTENT
    node.faults["fetch_attachment"] = [Cut(after)]
    with pytest.raises(UnreachableError):
        _download(api, style)


def test_a_grant_that_has_ended_is_told(
    api: ScriptedApi, node: EvidenceNode, style: str
) -> None:
    node.faults["fetch_attachment"] = [Refusal("not-allowed", 403)]
    with pytest.raises(NotAllowedError):
        _download(api, style)


@pytest.mark.parametrize(
    "answer",
    [
        Raw(200, b"from the start"),
        Raw(206, b"x", {"Content-Range": "bytes 4-5/6"}),
        Raw(206, b"x"),
        Raw(404, b"<html>"),
    ],
    ids=["whole", "elsewhere", "unsaid", "no-gateway"],
)
def test_what_does_not_begin_where_it_should_is_refused(
    api: ScriptedApi, node: EvidenceNode, style: str, answer: Raw
) -> None:
    node.faults["fetch_attachment"] = [answer]
    with pytest.raises(UnreachableError):
        _download(api, style, offset=5)


def test_a_download_can_be_ended_early(
    api: ScriptedApi, node: EvidenceNode, client: BlockingClient
) -> None:
    node.files["m", "a"] = CONTENT * 10
    call = calls.fetch_attachment("m", "a")

    with closing(client.download(call)) as blocks:
        assert (CONTENT * 10).startswith(next(blocks))

    async def end_early() -> None:
        async with (
            GatewayClient(_endpoint(api)) as other,
            aclosing(other.download(call)) as pieces,
        ):
            assert (CONTENT * 10).startswith(await anext(pieces))

    asyncio.run(end_early())
