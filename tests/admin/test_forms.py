"""Which types of message there are, told to everybody who may log in."""

import json

import pytest
from jsonschema import Draft202012Validator

from gateway.admin.form_shapes import SchemaQuery
from gateway.client import form_calls
from gateway.core.errors import NotFoundError
from gateway.core.operators import Role
from gateway.mla.envelope_fields import Form
from gateway.mla.types import all_types
from tests.support.admin_api import AdminNode
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
