"""The OpenAPI document says what the table says, all of it."""

import json
from collections.abc import Iterator

from gateway.admin.contract import ROUTES
from gateway.admin.openapi import openapi_document

RAW = openapi_document(ROUTES, version="1.2.3")
DOCUMENT = json.loads(RAW)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_every_route_is_an_operation() -> None:
    operations = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {
        route.name: (route.method, route.path.replace("...", "")) for route in ROUTES
    }


def test_every_reference_leads_to_a_schema() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for reference in _references(DOCUMENT):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_every_placeholder_is_a_parameter() -> None:
    for path, methods in DOCUMENT["paths"].items():
        names = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for operation in methods.values():
            taken = {
                one["name"] for one in operation["parameters"] if one["in"] == "path"
            }
            assert taken == names


def test_roles_and_codes_are_named() -> None:
    operation = DOCUMENT["paths"]["/api/v1/messages/{id}/open"]["post"]
    assert operation["x-roles"] == ["caseworker", "approver"]
    assert {"not-found", "not-allowed", "cannot-open"} <= set(operation["x-codes"])


def test_only_open_routes_and_ways_in_go_without_a_login() -> None:
    assert DOCUMENT["security"] == [{"token": []}, {"session": []}]
    open_paths = {
        path
        for path, methods in DOCUMENT["paths"].items()
        for operation in methods.values()
        if "security" in operation
    }
    ways_in = {route.path for route in ROUTES if route.is_public}
    assert open_paths == ways_in | {
        "/livez",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
    }


def test_bodies_refuse_what_they_do_not_declare() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for route in ROUTES:
        if route.body is not None:
            assert schemas[route.body.__name__]["additionalProperties"] is False


def test_the_same_table_gives_the_same_bytes() -> None:
    assert openapi_document(ROUTES, version="1.2.3") == RAW


def test_patterns_are_written_as_the_schema_language_has_them() -> None:
    assert rb"\\Z" not in RAW
