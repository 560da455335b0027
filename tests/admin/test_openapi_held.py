"""The served API does what its OpenAPI document says, whatever it is asked.

Requests are made up from the document itself: no answer may be a defect of the node, an
undocumented status, media type or shape, or a refusal with a code that is not declared.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.admin_api import PT, AdminNode, admin_node, request_form

if TYPE_CHECKING:
    from schemathesis.specs.openapi.schemas import OpenApiCase

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_EXAMPLES = 3
# It goes on for an hour; tests/admin/test_events.py listens to it.
_ENDLESS = "events"


async def test_whatever_is_asked_the_answer_is_one_of_the_documents(
    tmp_path: Path,
) -> None:
    async with admin_node(tmp_path) as node:
        known = await _something_there(node)
        document = await _document(node)
        found = await asyncio.to_thread(
            _ask_everything, node.url, node.headers(), document, known
        )
        assert found == {}
        # Who asked was not shut out on the way: the rest would have been 401.
        await _document(node, "/api/v1/session")


async def _something_there(node: AdminNode) -> Mapping[str, str]:
    """Put something behind the paths; return names of what is there."""
    received = await node.receive()
    body = {"to": PT, "message": request_form()}
    async with node.session.post(
        f"{node.url}/api/v1/messages", json=body, headers=node.headers()
    ) as answer:
        assert answer.status == 202
    return {
        "id": received,
        "peer": PT,
        "index": "0",
        "name": "observer",
        "operator": "observer",
        "type": "MLA_REQ",
    }


async def _document(
    node: AdminNode, where: str = "/api/openapi.json"
) -> dict[str, object]:
    async with aiohttp.ClientSession() as session:
        path = f"{node.url}{where}"
        async with session.get(path, headers=node.headers()) as answer:
            assert answer.status == HTTPStatus.OK
            document: dict[str, object] = await answer.json()
            return document


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks one operation and notes what was wrong with an answer."""

    headers: dict[str, str]
    known: Mapping[str, str]
    name: str
    codes: Collection[str]
    found: dict[str, str]

    def __call__(self, case: "OpenApiCase") -> None:
        """Ask with made-up names, then with those of something that is there."""
        if case.query and "wait" in case.query:
            case.query["wait"] = 0
        self._ask(case)
        if case.path_parameters:
            case.path_parameters = case.path_parameters | {
                key: text
                for key, text in self.known.items()
                if key in case.path_parameters
            }
            self._ask(case)

    def _ask(self, case: "OpenApiCase") -> None:
        try:
            answer = case.call(headers=self.headers, timeout=50)
            case.validate_response(answer, headers=self.headers, checks=_CHECKS)
            if answer.status_code >= HTTPStatus.BAD_REQUEST:
                assert answer.json()["code"] in self.codes
        except Exception as error:  # noqa: BLE001 - told with its operation
            self.found.setdefault(self.name, str(error))


def _ask_everything(
    url: str,
    headers: dict[str, str],
    document: dict[str, object],
    known: Mapping[str, str],
) -> dict[str, str]:
    """Return what was wrong, by operation."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    found: dict[str, str] = {}
    limits = settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    for one in schema.get_all_operations():
        assert isinstance(one, Ok)
        operation = one.ok()
        raw = operation.definition.raw
        name = raw["operationId"]
        if name == _ENDLESS:
            continue
        asking = Asking(headers, known, name, raw["x-codes"], found)
        limits(given(operation.as_strategy())(_plain(asking)))()
    return found


def _plain(asking: Asking) -> "Callable[[OpenApiCase], None]":
    # Hypothesis runs functions.
    def ask(case: "OpenApiCase") -> None:
        asking(case)

    return ask
