"""Sending against a rule that may be overridden: a reason, and the log keeps it."""

import json

import pytest

from gateway.core.entries.disclosures import read_disclosure
from gateway.core.errors import InvalidFormError
from gateway.core.values import MessageId
from gateway.flows.admission import Admission, Incoming, Outgoing
from gateway.flows.submission import Submission
from gateway.flows.trying import Trial
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import Problem, ProblemCode
from gateway.ports.log import StoredEntry
from gateway.ports.messages import Box, MessageFilter
from tests.support.forms import in_form, sample
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
REASON = "agreed by telephone with the desk there"
FACTS = Problem(
    "/payload/facts",
    ProblemCode.SCHEMA,
    "facts: missing, expected under this instrument",
    article="UNTOC 18(15)(c)",
    is_overridable=True,
)
LANGUAGE = Problem("/language", ProblemCode.BASIS, "language: not accepted")
ADVICE = Problem("/urgency", ProblemCode.CODE, "urgency: odd", blocking=False)


def judge(side: Side, *problems: Problem) -> None:
    """Let a side find these problems in whatever it sends or receives."""

    async def outgoing(message: Outgoing) -> list[Problem]:
        assert message.document
        return list(problems)

    async def incoming(message: Incoming) -> list[Problem]:
        assert message.document
        return list(problems)

    admission = Admission(outgoing=(outgoing,), incoming=(incoming,))
    side.submit._admission = admission
    side.validation._admission = admission


def submission(side: Side, *, reason: str = "", key: str = "") -> Submission:
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    return Submission(
        side.other.authority,
        form,
        CASEWORKER,
        idempotency_key=key,
        override_reason=reason,
    )


async def disclosed(side: Side, index: int) -> dict[str, str]:
    found = [
        read_disclosure(one.encoded) for one in await side.store.disclosures(index)
    ]
    return {one.name: one.value for one in found}


async def entries(side: Side) -> list[StoredEntry]:
    return list(await side.store.entries(0, 1000))


async def test_without_a_reason_the_rules_are_listed_and_nothing_is_kept(
    two: Two,
) -> None:
    ee, _ = two
    judge(ee, FACTS, ADVICE)
    before = await entries(ee)

    with pytest.raises(InvalidFormError, match="override reason") as caught:
        await ee.submit.submit(submission(ee))

    assert list(caught.value.problems) == [FACTS, ADVICE]
    assert await entries(ee) == before


async def test_with_a_reason_it_goes_out_and_the_log_keeps_reason_and_rules(
    two: Two,
) -> None:
    ee, _ = two
    judge(ee, FACTS, ADVICE)

    submitted = await ee.submit.submit(submission(ee, reason=REASON))

    assert list(submitted.advice) == [FACTS, ADVICE]
    told = await disclosed(ee, submitted.accepted.log_index)
    assert json.loads(told["override"]) == {
        "reason": REASON,
        "rules": ["E_SCHEMA UNTOC 18(15)(c) /payload/facts"],
    }
    assert told["purpose"] == CASEWORKER.purpose


async def test_a_reason_that_nothing_needs_is_not_logged(two: Two) -> None:
    ee, _ = two
    judge(ee, ADVICE)

    submitted = await ee.submit.submit(submission(ee, reason=REASON))

    assert "override" not in await disclosed(ee, submitted.accepted.log_index)


async def test_no_reason_lifts_what_refuses(two: Two) -> None:
    ee, _ = two
    judge(ee, FACTS, LANGUAGE)

    with pytest.raises(InvalidFormError) as caught:
        await ee.submit.submit(submission(ee, reason=REASON))

    assert list(caught.value.problems) == [FACTS, LANGUAGE]


async def test_a_repeated_submission_is_the_same_one_whatever_the_reason(
    two: Two,
) -> None:
    ee, _ = two
    judge(ee, FACTS)
    first = await ee.submit.submit(submission(ee, reason=REASON, key="k"))

    again = await ee.submit.submit(submission(ee, key="k"))

    assert again.accepted.is_repetition
    assert again.accepted.id == first.accepted.id


async def test_what_a_sender_may_override_is_not_answered_by_the_receiver(
    two: Two,
) -> None:
    ee, pt = two
    judge(pt, FACTS)
    submitted = await ee.send()
    await ee.deliver()

    await pt.validation.validate_some()

    row = await pt.store.message(MessageId(submitted.accepted.id))
    assert row.problems == 0
    sent = await pt.store.messages(MessageFilter(box=Box.OUT), cursor="", limit=10)
    assert not sent.rows


async def test_a_trial_finds_the_same_and_keeps_nothing(two: Two) -> None:
    ee, _ = two
    judge(ee, FACTS, ADVICE)
    trial = Trial(ee.exchange, ee.submit)
    before = await entries(ee)

    tried = await trial.check(submission(ee))
    judge(ee, LANGUAGE)
    refused = await trial.check(submission(ee))

    assert list(tried.problems) == [FACTS, ADVICE]
    assert list(refused.problems) == [LANGUAGE]
    assert await entries(ee) == before
    page = await ee.store.messages(MessageFilter(box=Box.OUT), cursor="", limit=10)
    assert not page.rows
