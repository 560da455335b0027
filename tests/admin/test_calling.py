"""Operations asked in process: the same rules as on the wire."""

import pytest

from gateway.admin import shapes
from gateway.admin.asked import NOBODY
from gateway.admin.calling import Calls
from gateway.admin.contract import ROUTES
from gateway.admin.front import Front
from gateway.admin.operations import denials_of, handlers_of
from gateway.admin.waiting import Waiting
from gateway.config.settings import ListenAddress
from gateway.core.errors import NotAllowedError, UsageError
from gateway.core.operators import Caller, Role
from tests.support.admin_api import AdminNode

FRONT = Front(ListenAddress("127.0.0.1", 8444), has_tls=False)


@pytest.fixture
def calls(node: AdminNode) -> Calls:
    waiting = Waiting(1)
    return Calls(
        handlers_of(node.services, waiting, FRONT), denials_of(node.services, waiting)
    )


def _caller(*roles: Role) -> Caller:
    return Caller("somebody", frozenset(roles), "desk", is_system=False)


async def test_each_role_may_ask_what_the_table_says(calls: Calls) -> None:
    for route in ROUTES:
        for role in Role:
            caller = _caller(role)
            assert calls.may(route.name, caller) is (role in route.roles)
            if role in route.roles:
                await calls.admit(route, caller, {})


async def test_who_may_not_is_refused_before_anything_is_read(calls: Calls) -> None:
    with pytest.raises(NotAllowedError, match="list_operators: for the role security"):
        await calls("list_operators", _caller(Role.AUDITOR), query={"nonsense": "1"})


async def test_nobody_asks_only_what_is_open(calls: Calls) -> None:
    for route in ROUTES:
        if route.is_open or route.is_public:
            await calls.admit(route, NOBODY, {})
        else:
            with pytest.raises(NotAllowedError):
                await calls.admit(route, NOBODY, {"id": "none"})


async def test_a_refused_opening_is_logged_as_on_the_wire(
    calls: Calls, node: AdminNode
) -> None:
    message_id = await node.receive()
    with pytest.raises(NotAllowedError):
        await calls(
            "open_message",
            _caller(Role.OBSERVER),
            segments={"id": message_id},
            body={"purpose": "curiosity"},
        )
    (entry,) = await node.entries("msg.access")
    assert (entry["actor"], entry["res"]) == ("somebody", "not-allowed")


async def test_a_query_is_texts_or_the_declared_shape(
    calls: Calls, node: AdminNode
) -> None:
    message_id = await node.receive()
    as_text = await calls("list_messages", _caller(Role.OBSERVER), query={"limit": "1"})
    typed = await calls(
        "list_messages",
        _caller(Role.OBSERVER),
        query=shapes.MessageQuery(limit=1),
    )
    assert isinstance(as_text, shapes.MessagePage)
    assert as_text == typed
    assert [one.id for one in as_text.items] == [message_id]


async def test_a_value_of_the_shape_is_checked_too(calls: Calls) -> None:
    """Making one of these values checks nothing; asking with it does."""
    with pytest.raises(UsageError, match="limit"):
        await calls(
            "list_messages",
            _caller(Role.OBSERVER),
            query=shapes.MessageQuery(limit=0),
        )
    with pytest.raises(UsageError, match="purpose"):
        await calls(
            "open_message",
            _caller(Role.CASEWORKER),
            segments={"id": "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"},
            body={"purpose": ""},
        )
    with pytest.raises(TypeError, match="internal"):
        await calls("list_peers", _caller(Role.OBSERVER), query={"all": "1"})
