"""Every route for every role, also without a login, expired, of a system, out of sight.

Made from the table of routes: a new route is in it by itself. What somebody may not see
has to look like what is not there, whichever route they try, and no list tells of it.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import pytest
import pytest_asyncio

from gateway.admin.asked import Asked, Feed, Stream
from gateway.admin.calling import Calls
from gateway.admin.contract import ROUTES
from gateway.admin.operations import denials_of, handlers_of
from gateway.admin.route import PREFIX, Route
from gateway.admin.shapes import Answer
from gateway.admin.sight import Sight
from gateway.admin.waiting import Waiting
from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError, NotAllowedError, NotFoundError
from gateway.core.operators import Caller, Role
from gateway.core.units import Assignee, Unit
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.messages import MessageFilter
from tests.admin.test_calling import FRONT
from tests.admin.test_units import people, received
from tests.support.admin_api import PT, AdminNode, admin_node
from tests.support.trusting import ACT

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Names in paths, of things that are not there.
SEGMENTS = {
    "id": "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a",
    "aid": "00" * 16,
    "peer": "nobody.example",
    "rest...": "0/000",
    "name": "nobody",
    "operator": "nobody",
    "label": "none",
    "index": "0",
    "alarm": "1",
    "alert": "1",
    "type": "ACK",
    "hold": "none",
    "case": "none",
    "request": "none",
    "approval": "1",
    "session": "none",
    "passkey": "none",
}

GUARDED = [one for one in ROUTES if not one.is_open and not one.is_public]
_ABOUT = ("messages/{id}", "cases/{", "alarms/{", "approvals/{")

# What a message, or a person in it, says: never for who looks after queues, keys, logs.
CONTENT = {
    "open_message",
    "print_message",
    "fetch_attachment",
    "open_originals",
    "fetch_original",
}

# Queries of lists that can't be asked for without one.
QUERIES = {
    "statistics": {"since": "2026-01-01", "until": "2026-12-31"},
    "statistics_csv": {"since": "2026-01-01", "until": "2026-12-31"},
}


@dataclass(frozen=True)
class Scene:
    """A node on which unit south has a case with all that goes with it.

    Attributes:
        ids: What must not be told to who is not of unit south.
        values: By the first placeholder of a path.
    """

    node: AdminNode
    calls: Calls
    ids: tuple[str, ...]
    values: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with admin_node(tmp_path_factory.mktemp("node")) as node:
        await people(node, "anna", "bert")
        desk, store = node.services.unit_desk, node.trust.store
        await desk.put(Unit(code="north", name="North", members=("anna",)), ACT)
        await desk.put(Unit(code="south", name="South", members=("bert",)), ACT)
        await desk.route((), Assignee(unit="south"), ACT)
        message = await received(node)
        case = (await store.message(message)).case_id
        now, by = node.trust.clock.now(), Act("bert", "caseworker")
        alarm = await store.raise_alarm(
            NewAlarm(kind=AlarmKind.EMERGENCY, subject=message, case_id=case, peer=PT),
            by,
            now,
        )
        assert alarm is not None
        approval = await store.ask_approval(
            NewApproval(
                kind=ApprovalKind.OPEN, subject=message, message_id=message, peer=PT
            ),
            by,
            now,
        )
        page = await store.messages(MessageFilter(), cursor="", limit=9)
        waiting = Waiting(16)
        calls = Calls(
            handlers_of(node.services, waiting, FRONT),
            denials_of(node.services, waiting),
            Sight(store, desk),
        )
        yield Scene(
            node,
            calls,
            (case, *(row.id for row in page.rows)),
            {
                "messages": message,
                "cases": case,
                "alarms": str(alarm.number),
                "approvals": str(approval.number),
            },
        )


def caller(name: str, *roles: Role, is_system: bool = False) -> Caller:
    return Caller(name, frozenset(roles), "desk", is_system=is_system)


def segments_of(route: Route, value: str = "") -> dict[str, str]:
    """Return values of a path's placeholders; the first one is what it is about."""
    names = [part.partition("}")[0] for part in route.path.split("{")[1:]]
    found = {name: SEGMENTS.get(name, "1") for name in names}
    if value:
        found[names[0]] = value
    return {name.removesuffix("..."): one for name, one in found.items()}


async def outcome(calls: Calls, asked: Asked) -> str:
    """Return what becomes of it: the refusal in words, or nothing special."""
    try:
        await calls.run(asked)
    except GatewayError as error:
        return f"{error.code}: {error}"
    except (TypeError, KeyError):
        pass  # it got as far as its body, which is not given here
    return ""


async def test_a_role_is_let_in_where_the_table_says_and_nowhere_else(
    scene: Scene,
) -> None:
    for route in GUARDED:
        segments = segments_of(route)
        for role in (*Role, None):
            somebody = caller("observer", *([role] if role else []))
            try:
                await scene.calls.admit(route, somebody, segments)
            except NotAllowedError:
                assert role not in route.roles, (route.name, role)
            else:
                assert role in route.roles, (route.name, role)


async def test_nobody_gets_in_without_a_token_that_is_good(scene: Scene) -> None:
    node = scene.node
    expired = node.headers("expired")
    for route in GUARDED:
        path = re.sub(r"\{.+?\}", "1", route.path)
        for headers in ({}, expired):
            async with node.session.request(
                route.method, node.url + path, headers=headers
            ) as response:
                assert response.status in {401, 429}, (route.name, headers)
            # Guessing from one place is slowed down; that is another test's.
            node.trust.clock.advance(1_000)


async def test_what_is_out_of_sight_looks_like_what_is_not_there(
    scene: Scene,
) -> None:
    seen = []
    for route in GUARDED:
        below = route.path.removeprefix(f"{PREFIX}/")
        if not below.startswith(_ABOUT) or Role.CASEWORKER not in route.roles:
            continue
        kind = below.partition("/")[0]
        value = scene.values[kind]
        hidden = f"not-found: {kind.removesuffix('s')} {value}: not found"
        others = sorted(route.roles - {Role.CASEWORKER})
        for name, role in (
            ("anna", Role.CASEWORKER),
            ("bert", Role.CASEWORKER),
            *(("observer", role) for role in others),
        ):
            asked = Asked(
                route=route,
                caller=caller(name, role),
                segments=segments_of(route, value),
            )
            is_hidden = await outcome(scene.calls, asked) == hidden
            assert is_hidden is (name == "anna"), (route.name, name, role)
        seen.append(kind)
    assert set(seen) == set(scene.values)


async def test_no_list_tells_of_what_is_out_of_sight(scene: Scene) -> None:
    telling = set()
    for route in GUARDED:
        if route.method != "GET" or "{" in route.path:
            continue
        if Role.CASEWORKER in route.roles:
            assert not await told(scene, route, "anna"), route.name
            if await told(scene, route, "bert"):
                telling.add(route.name)
    assert telling >= {"list_messages", "list_cases", "changes", "list_alarms"}


async def first_of(feed: Feed) -> Answer | None:
    """Return what a feed tells at once, if anything."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            return await feed.look(feed.after)
    return None


async def told(scene: Scene, route: Route, name: str) -> list[str]:
    """Return the ids of what unit south has that an answer names."""
    query = QUERIES.get(route.name, {})
    somebody = caller(name, Role.CASEWORKER)
    try:
        answer = await scene.calls(route.name, somebody, query=query)
    except (NotAllowedError, NotFoundError):
        return []
    if isinstance(answer, Stream):
        answer = b"".join([chunk async for chunk in answer.chunks])
    if isinstance(answer, Feed):
        answer = await first_of(answer)
    raw = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    return [one for one in scene.ids if one.encode() in raw]


async def test_content_is_for_caseworkers_and_who_decides_on_its_release() -> None:
    for route in GUARDED:
        if route.name in CONTENT:
            assert route.roles <= {Role.CASEWORKER, Role.APPROVER}, route.name


@pytest.mark.parametrize("name", ["approve", "reject", "break_glass"])
async def test_a_system_decides_on_nothing(scene: Scene, name: str) -> None:
    system = caller("bert", *Role, is_system=True)
    with pytest.raises(NotAllowedError):
        await scene.calls(
            name,
            system,
            segments={"approval": scene.values["approvals"]},
            body={"reason": "x"},
        )


async def test_a_system_that_names_nobody_opens_nothing(scene: Scene) -> None:
    system = caller("bert", Role.CASEWORKER, is_system=True)
    for name in ("open_message", "print_message"):
        with pytest.raises(NotAllowedError, match="names the person"):
            await scene.calls(
                name,
                system,
                segments={"id": scene.values["messages"]},
                body={"purpose": "to see"},
            )
