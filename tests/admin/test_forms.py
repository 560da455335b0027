"""Which types of message there are, told to everybody who may log in."""

import json

import pytest
from jsonschema import Draft202012Validator

from gateway.admin.form_shapes import Checked, CheckRequest, SchemaQuery
from gateway.admin.shapes import MessageQuery
from gateway.client import calls, form_calls
from gateway.client.call import Call
from gateway.core.canonical import JsonObject
from gateway.core.errors import NotFoundError, UsageError
from gateway.core.operators import Role
from gateway.mla.envelope_fields import Form
from gateway.mla.types import all_types
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.forms import in_form, sample


async def test_every_role_sees_all_types(node: AdminNode) -> None:
    for role in Role:
        async with node.client(role.value) as client:
            found = await client.send(form_calls.list_schemas())
        assert [one.type for one in found.items] == [one.name for one in all_types()]
        request = next(one for one in found.items if one.type == "MLA_REQ")
        assert request.titles["fr"] == "Demande d'entraide"
        assert request.opens_case


async def test_the_schema_of_a_type_judges_its_messages(node: AdminNode) -> None:
    async with node.client("observer") as client:
        raw = await client.send(form_calls.show_schema("MLA_REQ"))
        query = SchemaQuery(form="complete")
        raw_complete = await client.send(form_calls.show_schema("MLA_REQ", query))
    written, sent = json.loads(raw), json.loads(raw_complete)

    author = in_form(sample("MLA_REQ"), Form.AUTHOR)
    assert Draft202012Validator(written).is_valid(author)
    assert not Draft202012Validator(sent).is_valid(author)
    assert Draft202012Validator(sent).is_valid(sample("MLA_REQ"))


async def test_a_type_that_is_not_there_is_named_so(node: AdminNode) -> None:
    async with node.client("observer") as client:
        with pytest.raises(NotFoundError, match="MLA_REQ"):
            await client.send(form_calls.show_schema("NONSENSE"))


async def test_a_check_finds_what_submitting_would_and_keeps_nothing(
    node: AdminNode,
) -> None:
    form = request_form()
    bad = {**form, "urgency": "NONSENSE", "seq": 7}
    before = await node.services.exchange.store.log_head()

    async with node.client("caseworker") as client:
        good = await client.send(_check(form))
        found = await client.send(_check(bad))
        lost = await client.send(
            _check(in_form(sample("ACK"), Form.AUTHOR))
        )  # answers nothing that is known

    assert good.sendable
    assert not any(one.blocking for one in good.problems)
    assert not found.sendable
    assert [one.pointer for one in found.problems if one.blocking] == ["/urgency"]
    assert found.ignored == ("seq",)
    assert {one.code for one in lost.problems} == {"E_REF"}
    head = await node.services.exchange.store.log_head()
    assert head.size == before.size
    async with node.client("observer") as client:
        assert (await client.send(calls.list_messages(MessageQuery()))).items == ()


async def test_a_check_names_an_addressee_that_is_not_there(node: AdminNode) -> None:
    async with node.client("caseworker") as client:
        with pytest.raises(NotFoundError, match="not enrolled"):
            await client.send(_check(request_form(), to="nobody.example"))
        with pytest.raises(UsageError):
            await client.send(_check(request_form(), to="NOBODY"))


def _check(form: JsonObject, to: str = PT) -> Call[Checked]:
    return form_calls.check_message(CheckRequest(to=to, message=dict(form)))
