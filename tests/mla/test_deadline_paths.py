"""Every place that a rule about time looks at is one that a message can have."""

from collections.abc import Iterator

import pytest

from gateway.mla.codelists import code_list
from gateway.mla.deadlines import RULES, DeadlineRule
from gateway.mla.deadlines.model import Event
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block, Choice, Code, Either, Flag, Kind, ListOf
from gateway.mla.types import message_type


def _step(kind: Kind, name: str) -> Kind | None:
    """Return the kind of what stands one step below; None if nothing does."""
    match kind:
        case Block():
            found = [field.kind for field in kind.fields if field.name == name]
            return found[0] if found else None
        case ListOf():
            return kind.item if name == "*" else None
        case Either():
            return _step(kind.block, name)
        case _:
            return None


def _at(msg_type: str, path: str) -> Kind | None:
    declared = message_type(msg_type)
    assert declared is not None, msg_type
    kind: Kind | None = message_block(declared, Form.COMPLETE)
    for name in path.strip("/").split("/"):
        kind = _step(kind, name) if kind is not None else None
    return kind


def _events(rule: DeadlineRule) -> Iterator[Event]:
    for event in (
        rule.start,
        rule.about,
        rule.met,
        rule.ended,
        rule.restarted,
        rule.kept_open,
        rule.kept_until,
    ):
        if event is not None:
            yield event


def _spellings(kind: Kind) -> set[str]:
    match kind:
        case Flag():
            return {"true", "false"}
        case Choice():
            return set(kind.values)
        case Code():
            return set(kind.only or code_list(kind.list_name).rows) - set(kind.never)
        case _:
            return set()


PATHS = sorted(
    (rule.name, path, tuple(sorted(rule.start.types)))
    for rule in RULES
    for path in (*rule.dates, *rule.moments)
)


@pytest.mark.parametrize(("name", "path", "types"), PATHS)
def test_some_message_that_starts_it_tells_the_moment(
    name: str, path: str, types: tuple[str, ...]
) -> None:
    kinds = [_at(msg_type, path) for msg_type in types]

    assert any(kind is not None for kind in kinds), (name, path)


CONDITIONS = sorted(
    {
        (condition.path, tuple(sorted(event.types)), tuple(sorted(condition.values)))
        for rule in RULES
        for event in _events(rule)
        for condition in event.conditions
    }
)


@pytest.mark.parametrize(("path", "types", "values"), CONDITIONS)
def test_what_a_rule_asks_of_a_message_can_stand_there(
    path: str, types: tuple[str, ...], values: tuple[str, ...]
) -> None:
    kinds = [kind for one in types if (kind := _at(one, path)) is not None]

    assert kinds, path
    for value in values:
        assert any(value in _spellings(kind) for kind in kinds), (path, value)
