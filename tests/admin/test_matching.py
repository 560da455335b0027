"""Paths: one spelling each, literal before template, nothing repaired."""

import pytest

from gateway.admin.contract import ROUTES
from gateway.admin.matching import RouteTable, WrongMethodError
from gateway.core.errors import NotFoundError

TABLE = RouteTable(ROUTES)


def test_every_declared_route_is_found_by_its_own_path() -> None:
    for route in ROUTES:
        path = (
            route.path.replace("{rest...}", "0/000").replace("{", "").replace("}", "")
        )
        assert TABLE.find(route.method, path)[0] is route


def test_a_literal_path_goes_before_a_template() -> None:
    assert TABLE.find("POST", "/api/v1/messages/retry")[0].name == "retry_messages"


def test_the_rest_of_a_path_may_have_several_segments() -> None:
    route, segments = TABLE.find("GET", "/api/v1/log/tile/entries/x001/234.p/7")
    assert route.name == "log_tile"
    assert segments == {"rest": "entries/x001/234.p/7"}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "*",
        "/api/v1/messages/",
        "//api/v1/messages",
        "/api//v1/messages",
        "/api/v1/../v1/messages",
        "/api/v1/./messages",
        "/api/v1/messages/%61",
        "/api/v1/messages/a%2Fopen",
        "/API/v1/messages",
        "/api/v1/messages;x",
        "http://localhost/api/v1/messages",
        "/api/v1/messages/" + "a" * 256,
        "/a" * 13,
    ],
)
def test_an_odd_path_is_not_there(path: str) -> None:
    with pytest.raises(NotFoundError):
        TABLE.find("GET", path)


def test_another_method_is_told_which_there_are() -> None:
    with pytest.raises(WrongMethodError) as refused:
        TABLE.find("DELETE", "/api/v1/messages")
    assert refused.value.allowed == ("GET", "POST")


def test_no_two_routes_have_one_name_or_one_place() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
