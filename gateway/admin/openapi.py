"""The OpenAPI 3.1 document, written from the table that the server enforces."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from gateway.admin.contract import IDEMPOTENCY_HEADER
from gateway.admin.problems import status_of_code
from gateway.admin.route import Media, Route
from gateway.admin.shapes import Problem
from gateway.core.operators import Role

_Json: TypeAlias = dict[str, object]

_REF = "#/components/schemas/{name}"
_PLACEHOLDER = re.compile(r"\{(\w+)(\.\.\.)?\}")
# Refusals that every route with a login can give.
_COMMON_CODES = (
    "usage",
    "not-authenticated",
    "not-allowed",
    "quota",
    "internal",
    "store-unusable",
)
_BODY_CODES = ("malformed", "too-large")


def openapi_document(routes: Iterable[Route], *, version: str) -> bytes:
    """Return the document as JSON, the same bytes for the same table."""
    table = tuple(routes)
    shapes = _shapes(table)
    _, components = msgspec.json.schema_components(
        shapes,
        schema_hook=_free_form,
        ref_template=_REF,
    )
    paths: dict[str, _Json] = {}
    for route in table:
        path = _PLACEHOLDER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Admin API of the MLA gateway",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-mla-session",
                    "description": "Of a person at the console; what changes anything "
                    "has the header X-CSRF-Token, too.",
                },
            },
        },
        "security": [{"token": []}, {"session": []}],
    }
    raw = msgspec.json.encode(document, order="sorted")
    # Patterns are ours; the schema language writes the end of a text in another way.
    return raw.replace(rb'\\Z"', b'$"')


def _shapes(table: tuple[Route, ...]) -> list[type[msgspec.Struct]]:
    used = {
        shape
        for route in table
        for shape in (route.body, route.query, route.answer)
        if shape is not None
    }
    return sorted({*used, Problem}, key=lambda shape: shape.__name__)


def _operation(route: Route) -> _Json:
    roles = [role.value for role in Role if role in route.roles]
    operation: _Json = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"For: {', '.join(roles)}.",
        "x-roles": roles,
        "x-codes": list(codes_of(route)),
        "parameters": [*_path_parameters(route), *_query(route), *_headers(route)],
        "responses": _responses(route),
    }
    if route.is_public:
        operation["security"] = []
    elif route.is_open:
        operation["security"] = [{}, {"token": []}, {"session": []}]
    if route.takes_stream:
        operation["requestBody"] = {
            "required": True,
            "content": {Media.BYTES.value: {}},
        }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {Media.JSON.value: {"schema": _ref(route.body)}},
        }
    return operation


def codes_of(route: Route) -> tuple[str, ...]:
    """Return the codes of all refusals that an operation declares, each once."""
    # What a path names may not be there, or not for this caller.
    missing = ("not-found",) if "{" in route.path else ()
    of_body = _BODY_CODES if route.body is not None or route.takes_stream else ()
    return tuple(dict.fromkeys([*_COMMON_CODES, *of_body, *missing, *route.codes]))


def _path_parameters(route: Route) -> list[_Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name, _ in _PLACEHOLDER.findall(route.path)
    ]


def _query(route: Route) -> list[_Json]:
    if route.query is None:
        return []
    _, components = msgspec.json.schema_components(
        [route.query],
        schema_hook=_free_form,
        ref_template=_REF,
    )
    shape = components[route.query.__name__]
    properties: Mapping[str, object] = shape["properties"]
    needed = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": schema}
        for name, schema in properties.items()
    ]


def _headers(route: Route) -> list[_Json]:
    taken = (
        (IDEMPOTENCY_HEADER, route.takes_key),
        ("Prefer", route.takes_wait),
        ("Range", route.gives_stream),
        ("Last-Event-ID", route.gives_events),
    )
    return [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for name, is_taken in taken
        if is_taken
    ]


def _responses(route: Route) -> _Json:
    problem = {"application/problem+json": {"schema": _ref(Problem)}}
    refusals: dict[str, list[str]] = {}
    for code in codes_of(route):
        refusals.setdefault(str(int(status_of_code(code))), []).append(code)
    success: _Json = {"description": route.summary}
    if route.answer is not None:
        success["content"] = {route.media.value: {"schema": _ref(route.answer)}}
    elif route.media is not Media.JSON or route.gives_stream:
        success["content"] = {route.media.value: {}}
    answers: _Json = {str(route.status): success}
    if route.gives_stream:
        answers["206"] = {
            **success,
            "description": "From the byte asked for to the end",
        }
    for status, codes in sorted(refusals.items()):
        answers[status] = {
            "description": f"Refused: {', '.join(codes)}",
            "content": problem,
        }
    return answers


def _ref(shape: type[msgspec.Struct]) -> _Json:
    return {"$ref": _REF.format(name=shape.__name__)}


def _free_form(_kind: type) -> _Json:
    """Return the schema of what has its rules elsewhere: any JSON."""
    return {"description": "Any JSON of the profile; see the message types."}
