"""What moved in the last minutes, over the API."""

from gateway.admin.figure_shapes import FiguresQuery
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.flows.pulse import WINDOW_MINUTES
from tests.support.admin_api import AdminNode, request_form


async def test_what_moves_is_counted_and_names_nobody(node: AdminNode) -> None:
    request = SubmitRequest(to="pgr.pt", message=dict(request_form()))
    async with node.client() as client:
        submitted = await client.send(calls.submit(request))
        await node.deliver(submitted.id)
        await node.receive()
        figures = await client.send(calls.figures(5))
    counts = (figures.queued, figures.delivered, figures.received, figures.failed)
    assert [sum(one) for one in counts] == [1, 1, 1, 0]
    assert {len(one) for one in counts} == {5}
    assert await node.entries("msg.list") == []


async def test_the_window_is_that_of_the_counts(node: AdminNode) -> None:
    async with node.client() as client:
        figures = await client.send(calls.figures(WINDOW_MINUTES))
    assert len(figures.queued) == WINDOW_MINUTES
    url = f"{node.url}/api/v1/figures?minutes={WINDOW_MINUTES + 1}"
    async with node.session.get(url, headers=node.headers()) as response:
        assert response.status == 400
    assert FiguresQuery().minutes == 60
