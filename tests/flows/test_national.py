"""A national type travels between nodes that both have it, and nowhere else."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import InvalidFormError
from gateway.mla.envelope_fields import Form
from gateway.mla.types import use_national
from gateway.ports.messages import Box, MessageFilter
from tests.flows.test_versions import let_speak
from tests.support.forms import in_form, sample
from tests.support.national import NAME, declaration, in_force, notary_form
from tests.support.pair import CASEWORKER, Side, pair

NOTARY = declaration()
Two = tuple[Side, Side]


@pytest.fixture
def known() -> Iterator[None]:
    with in_force(NOTARY):
        yield


@pytest.fixture
async def two(tmp_path: Path, known: None) -> AsyncIterator[Two]:
    assert known is None
    async with pair(tmp_path) as sides:
        yield sides


async def test_it_is_delivered_and_names_its_declaration(two: Two) -> None:
    ee, pt = two

    submitted = await ee.send(notary_form())
    await ee.deliver()
    await pt.validation.validate_some()

    row = await pt.row(submitted.accepted.id)
    assert row.problems == 0
    assert row.index is not None
    assert row.index.msg_type == "X_EE_NOTARY"
    opened = await pt.open.open(submitted.accepted.id, CASEWORKER)
    assert opened.message["schema_version"] == "1.1"
    assert opened.message["national"] == [{"name": NAME, "digest": NOTARY.digest}]


async def test_it_is_answered_like_any_other(two: Two) -> None:
    ee, pt = two
    submitted = await ee.send(notary_form())
    await ee.deliver()
    await pt.validation.validate_some()
    opened = await pt.open.open(submitted.accepted.id, CASEWORKER)
    receipt = in_form(sample("ACK"), Form.AUTHOR) | {
        "case_id": opened.message["case_id"],
        "in_reply_to": submitted.accepted.id,
    }

    answered = await pt.send(receipt)
    await pt.deliver()
    await ee.validation.validate_some()

    assert (await ee.row(answered.accepted.id)).problems == 0


async def test_for_a_peer_without_it_nothing_is_logged(two: Two) -> None:
    ee, _ = two
    let_speak(ee, "1.0", "1.1")
    before = await ee.logged()

    with pytest.raises(InvalidFormError) as caught:
        await ee.send(notary_form())

    assert [one.pointer for one in caught.value.problems] == ["/msg_type"]
    assert await ee.logged() == before


async def test_a_receiver_that_does_not_have_it_answers_with_an_error(two: Two) -> None:
    ee, pt = two
    submitted = await ee.send(notary_form())
    await ee.deliver()
    use_national({}, {})  # from here on nobody knows it

    await pt.validation.validate_some()
    await pt.deliver()
    await ee.validation.validate_some()

    assert (await pt.row(submitted.accepted.id)).problems > 0
    box = await ee.store.messages(MessageFilter(box=Box.IN), cursor="", limit=10)
    types = [row.index.msg_type for row in box.rows if row.index]
    assert types == ["ERR"]


async def test_a_receiver_with_another_of_its_name_answers_with_an_error(
    two: Two,
) -> None:
    ee, pt = two
    submitted = await ee.send(notary_form())
    await ee.deliver()

    with in_force(declaration(NOTARY_WITH_MORE)):
        await pt.validation.validate_some()

    assert (await pt.row(submitted.accepted.id)).problems == 1


NOTARY_WITH_MORE = """\
[type]
name = "X_EE_NOTARY"
en = "Notary register extract"
fr = "Extrait du registre notarial"
senders = ["REQ"]
opens_case = true

[[type.fields]]
name = "deeds"
need = "mandatory"
holds = "1 or more of block Deed"
en = "The deeds asked for"
fr = "Les actes demandés"

[blocks.Deed]
fields = [
    { name = "number", need = "mandatory", holds = "line", en = "No.", fr = "N°" },
    { name = "kind", need = "mandatory", holds = "line", en = "Kind", fr = "Type" },
]
"""
