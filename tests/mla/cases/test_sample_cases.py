"""The sample cases take the states that they name, whatever order they arrive in."""

import random
from copy import deepcopy
from typing import cast

import pytest

from gateway.core.canonical import JsonObject
from gateway.mla.cases.fold import Flag
from gateway.mla.cases.messages import Message, message_of
from gateway.mla.cases.view import CaseView, view_of
from gateway.mla.docket import docket_entry
from gateway.mla.problems import ProblemCode, select, values_at
from tests.support.case_talk import path_of
from tests.support.forms import sample_cases

CASES = {str(case["key"]): case for case in sample_cases()}


def documents(key: str) -> list[JsonObject]:
    return [
        deepcopy(found.value)
        for found in select(CASES[key], "messages/*")
        if isinstance(found.value, dict)
    ]


def kept(document: JsonObject) -> Message:
    """Return a message as a docket keeps it."""
    return message_of(docket_entry(document))


def view(key: str) -> CaseView:
    return view_of([kept(one) for one in documents(key)])


def expected(key: str) -> JsonObject:
    return cast("JsonObject", CASES[key]["expected"])


def found_in(viewed: CaseView) -> JsonObject:
    """Return what a view says of what samples expect."""
    preservation = [
        step.state.value
        for track in viewed.sub_states
        if track.procedure == "preservation"
        for step in track.history
    ]
    return {
        "final_state": viewed.state.value,
        "state_path": list(path_of(viewed)),
        "preservation_path": list(preservation),
        "measure_states": {
            one.id: list(path_of(viewed, one.id)) for one in viewed.measures
        },
        "message_path": [one.message.type for one in viewed.conversation],
    }


@pytest.mark.parametrize("key", CASES)
def test_a_sample_case_takes_the_states_it_names(key: str) -> None:
    viewed = view(key)
    found = found_in(viewed)
    named = expected(key)

    for name in named.keys() & found.keys() - {"measure_states"}:
        assert found[name] == named[name], name
    for measure, path in cast("JsonObject", named.get("measure_states", {})).items():
        assert path_of(viewed, measure) == path
    assert viewed.is_whole
    assert all(not one.flags for one in viewed.conversation)


@pytest.mark.parametrize("key", CASES)
def test_any_order_of_arrival_gives_the_same_view(key: str) -> None:
    messages = [kept(one) for one in documents(key)]
    whole = view_of(messages)
    for seed in range(40):
        shuffled = list(messages)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - order, not secrets
        assert view_of(shuffled) == whole


@pytest.mark.parametrize("key", CASES)
def test_what_arrives_before_its_predecessor_is_shown_and_not_judged(key: str) -> None:
    messages = [kept(one) for one in documents(key)]
    for end in range(2, len(messages) + 1):
        for gone in range(end - 1):
            later = {one.sender for one in messages[gone + 1 : end]}
            if messages[gone].sender not in later:
                continue
            here = [*messages[:gone], *messages[gone + 1 : end]]
            viewed = view_of(here)
            flags = {flag for one in viewed.conversation for flag in one.flags}
            assert len(viewed.conversation) == len(here)
            assert Flag.AFTER_GAP in flags
            assert Flag.IGNORED not in flags


def test_a_final_response_before_the_conditions_are_accepted_is_out_of_place() -> None:
    messages = [
        kept(one) for one in documents("cyb-0001") if one["msg_type"] != "CND_RSP"
    ]
    response = next(one for one in messages if one.type == "RSP")
    before = [one for one in messages if one.created_at < response.created_at]

    placed = view_of([*before, response]).conversation[-1]

    assert placed.message is response
    assert placed.fault is not None
    assert placed.fault.code is ProblemCode.STATE
    assert placed.state == "CONDITIONS_OPEN"


def test_a_final_response_that_leaves_a_measure_pending_is_out_of_place() -> None:
    found = documents("aml-0002")
    response = next(one for one in found if one["msg_type"] == "RSP")
    before = found[: found.index(response)]
    cast("JsonObject", response["payload"])["final"] = True
    assert "PENDING" in values_at(response, "payload/results/*/result")

    placed = view_of([kept(one) for one in (*before, response)]).conversation[-1]

    assert placed.fault is not None
    assert placed.fault.code is ProblemCode.STATE


def test_a_hearing_is_not_confirmed_before_it_is_decided() -> None:
    found = documents("hrg-0004")
    early = next(one for one in found if one["msg_type"] == "HRG_CNF")
    early = early | {"seq": 2, "in_reply_to": found[0]["msg_id"]}

    placed = view_of([kept(one) for one in (*found[:2], early)]).conversation[-1]

    assert placed.fault is not None
    assert placed.fault.code is ProblemCode.STATE
