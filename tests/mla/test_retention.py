"""The retention table, row by row, with cases made of docket entries."""

import pytest

from gateway.config.retention import RetentionSettings
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import UnixMs
from gateway.mla.kept import KeptMessage
from gateway.mla.retention import (
    BY_CLASS,
    RULES,
    Due,
    RetentionClass,
    Then,
    retention_of,
)

DAY = 86_400_000
NO_CHANGE: dict[RetentionClass, int] = {}


def message(
    at: int,
    msg_type: str,
    *,
    ours: bool = False,
    state: str = "opened",
    reply_to: str = "",
    **payload: JsonValue,
) -> KeptMessage:
    """Return a message of day `at`; its id says the day and the type."""
    entry: JsonObject = {"msg_type": msg_type, "payload": payload}
    if reply_to:
        entry["in_reply_to"] = reply_to
    return KeptMessage(
        id=f"{at}-{msg_type}",
        is_ours=ours,
        state=state,
        at=UnixMs(at * DAY),
        entry=entry,
    )


def found(*case: KeptMessage) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return class, day when due, and ids."""
    return [
        (str(due.rule.name), due.due_at // DAY, due.ids)
        for due in retention_of(case, NO_CHANGE)
    ]


REQUEST = message(0, "MLA_REQ", ours=True)
ANSWER = message(5, "RSP", measures=[{"measure_id": "M1"}])
OTHER_ANSWER = message(6, "RSP", measures=[{"measure_id": "M2"}])


@pytest.mark.parametrize("state", ["held", "expired", "cancelled"])
def test_a_draft_never_sent_is_due_after_90_days(state: str) -> None:
    case = message(0, "MLA_REQ", ours=True, state=state)
    assert found(case) == [("draft", 90, ("0-MLA_REQ",))]


def test_what_was_received_goes_at_once_after_a_withdrawal_with_delete() -> None:
    late = message(9, "RSP")
    wdr = message(8, "WDR", ours=True, data_action="DELETE", scope="ALL")
    assert found(REQUEST, ANSWER, wdr, late) == [
        ("withdrawn-data", 8, ("5-RSP", "9-RSP")),
        ("ended-without-data", 8 + 730, ("0-MLA_REQ", "8-WDR")),
    ]
    (due, _) = retention_of([REQUEST, ANSWER, wdr], NO_CHANGE)
    assert due.overdue_at - due.due_at == 3 * DAY
    assert due.rule.is_automatic
    assert due.rule.takes_unseen


def test_a_withdrawal_of_some_measures_takes_only_what_answers_no_other() -> None:
    wdr = message(
        8, "WDR", ours=True, data_action="DELETE", scope="SOME", measure_ids=["M1"]
    )
    both = message(7, "RSP", measures=[{"measure_id": "M1"}, {"measure_id": "M2"}])
    taken = found(REQUEST, ANSWER, OTHER_ANSWER, both, wdr)[0]
    assert taken == ("withdrawn-data", 8, ("5-RSP",))


@pytest.mark.parametrize("action", ["KEEP", "RESTRICT", "RETURN"])
def test_any_other_withdrawal_erases_nothing_by_itself(action: str) -> None:
    wdr = message(8, "WDR", ours=True, data_action=action)
    assert [one[0] for one in found(REQUEST, ANSWER, wdr)] == ["case"]


def test_the_withdrawal_of_the_other_side_takes_nothing_of_what_it_was_given() -> None:
    answer = message(5, "RSP", ours=True)
    wdr = message(8, "WDR", data_action="DELETE")
    case = (message(0, "MLA_REQ"), answer, wdr)
    assert [one[0] for one in found(*case)] == ["case"]


def test_information_whose_conditions_we_refused_goes_at_once() -> None:
    reply = message(4, "SPI_RSP", ours=True, conditions="REJECT")
    assert found(message(0, "SPI", state="received"), reply)[0] == (
        "refused-information",
        4,
        ("0-SPI",),
    )


def test_information_that_nothing_came_of_is_due_half_a_year_later() -> None:
    reply = message(4, "SPI_RSP", ours=True, conditions="ACCEPT")
    assert found(message(0, "SPI"), message(1, "ACK", ours=True), reply)[0] == (
        "unused-information",
        4 + 182,
        ("0-SPI",),
    )
    said = message(4, "SPI_RSP", ours=True, conditions="ACCEPT", usefulness="USED")
    assert [one[0] for one in found(message(0, "SPI"), said)] == ["case"]
    used = message(9, "USE_REQ", ours=True)
    assert [one[0] for one in found(message(0, "SPI"), reply, used)] == ["case"]


def test_an_answer_about_records_is_due_once_its_case_and_the_appeal_are_over() -> None:
    asked = message(0, "CR_REQ", ours=True)
    answer = message(3, "CR_RSP")
    assert [one[0] for one in found(asked, answer)] == ["case"]
    closed = message(40, "CLS", ours=True)
    assert found(asked, answer, closed)[0] == ("criminal-record", 130, ("3-CR_RSP",))


@pytest.mark.parametrize(
    "end",
    [
        message(9, "CLS"),
        message(9, "WDR", ours=True, data_action="KEEP"),
        message(9, "DEC", decisions=[{"measure_id": "M1", "outcome": "REFUSE"}]),
        message(9, "CR_CAN", ours=True),
    ],
    ids=lambda one: one.msg_type,
)
def test_a_case_that_ended_without_data_is_due_two_years_later(
    end: KeptMessage,
) -> None:
    expected = ("ended-without-data", 9 + 730, ("0-MLA_REQ", end.id))
    assert found(REQUEST, end) == [expected]


def test_a_case_of_which_something_was_accepted_has_not_ended() -> None:
    outcomes: list[JsonValue] = [
        {"measure_id": "M1", "outcome": "REFUSE"},
        {"measure_id": "M2", "outcome": "ACCEPT"},
    ]
    decision = message(9, "DEC", decisions=outcomes)
    assert [one[0] for one in found(REQUEST, decision)] == ["case"]


def test_evidence_in_a_request_is_data_too() -> None:
    asked = message(0, "MLA_REQ", ours=True, manifest=[{"item_id": "x"}])
    closed = message(9, "CLS")
    assert [one[0] for one in found(asked, closed)] == ["case"]


def test_our_copy_of_evidence_is_looked_at_once_the_other_side_has_verified_it() -> (
    None
):
    sent = message(5, "EVD", ours=True)
    receipt = message(6, "EVD_ACK", reply_to=sent.id)
    assert found(message(0, "MLA_REQ"), sent, receipt)[0] == (
        "transferred-evidence",
        6 + 45,
        ("5-EVD",),
    )
    refused = message(6, "EVD_ACK", reply_to=sent.id, items=[{"result": "REJECTED"}])
    assert [one[0] for one in found(message(0, "MLA_REQ"), sent, refused)] == ["case"]


def test_every_other_case_is_looked_at_every_three_years() -> None:
    (due,) = retention_of([REQUEST, ANSWER], NO_CHANGE)
    assert due.rule.then is Then.REVIEW
    assert due.due_at == (5 + 1_096) * DAY
    (again,) = retention_of(
        [REQUEST, ANSWER], NO_CHANGE, reviewed_at=UnixMs(1_000 * DAY)
    )
    assert again.due_at == (1_000 + 1_096) * DAY


def test_a_review_does_not_put_off_what_is_to_be_erased() -> None:
    case = [message(0, "MLA_REQ", ours=True, state="expired")]
    assert retention_of(case, NO_CHANGE, reviewed_at=UnixMs(80 * DAY)) == retention_of(
        case, NO_CHANGE
    )


def test_settings_change_the_periods_and_their_defaults_are_those_of_the_table() -> (
    None
):
    assert RetentionSettings().periods() == {rule.name: rule.days for rule in RULES}
    case = [message(0, "MLA_REQ", ours=True, state="expired")]
    (due,) = retention_of(case, {RetentionClass.DRAFT: 7})
    assert due.due_at == 7 * DAY


def test_no_message_is_taken_twice_and_none_is_left_out() -> None:
    wdr = message(8, "WDR", ours=True, data_action="DELETE", scope="ALL")
    draft = message(9, "AMD", ours=True, state="held")
    case = [REQUEST, ANSWER, wdr, draft]
    taken = [one for due in retention_of(case, NO_CHANGE) for one in due.ids]
    assert sorted(taken) == sorted(one.id for one in case)


def test_whatever_entries_hold_nothing_is_raised() -> None:
    crooked = KeptMessage(
        id="x", is_ours=True, state="opened", at=UnixMs(0), entry={"payload": 7}
    )
    due: list[Due] = retention_of([crooked], NO_CHANGE)
    assert [one.rule.name for one in due] == [RetentionClass.CASE]
    assert retention_of([], NO_CHANGE) == []


def test_only_what_has_to_go_at_once_goes_by_itself() -> None:
    assert {rule.name for rule in RULES if rule.is_automatic} == {
        RetentionClass.WDR_DELETE,
        RetentionClass.REFUSED,
    }
    assert BY_CLASS.keys() == set(RetentionClass)
