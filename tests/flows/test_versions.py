"""The version of a message: the highest both speak, or nothing is logged."""

from dataclasses import replace

import msgspec
import pytest

from gateway.core.errors import InvalidFormError, VersionError
from gateway.core.identity import CardVersions
from gateway.flows import completing
from gateway.mla.envelope_fields import Form
from gateway.mla.types import declared_type, use_national
from gateway.ports.messages import Box, MessageFilter
from tests.support.forms import in_form, sample
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]


def let_speak(side: Side, *messages: str, code_lists: str = "1.0") -> None:
    """Let the card that a side holds of its peer list other versions."""
    peer = side.other
    versions = CardVersions(
        code_lists=code_lists, messages=" ".join(messages), protocol=[1]
    )
    card = msgspec.structs.replace(peer.card.card, versions=versions)
    known = replace(peer, card=replace(peer.card, card=card))
    side.directory.known[peer.authority] = known


async def sent_version(side: Side) -> object:
    submitted = await side.send()
    opened = await side.open.open(submitted.accepted.id, CASEWORKER)
    return opened.message["schema_version"]


async def test_two_nodes_of_today_speak_the_newest(two: Two) -> None:
    ee, _ = two

    assert await sent_version(ee) == "1.1"


@pytest.mark.parametrize("messages", [("1.0",), ("0.9", "1.0"), ("1.0", "2.0")])
async def test_an_older_peer_gets_the_older_version_and_takes_it(
    two: Two, messages: tuple[str, ...]
) -> None:
    ee, pt = two
    let_speak(ee, *messages)

    submitted = await ee.send()
    await ee.deliver()
    await pt.validation.validate_some()

    assert await sent_version(ee) == "1.0"
    assert (await pt.row(submitted.accepted.id)).problems == 0


@pytest.mark.parametrize("code_lists", ["1.0", "9.9"])
async def test_without_a_common_version_nothing_is_logged(
    two: Two, code_lists: str
) -> None:
    ee, _ = two
    let_speak(ee, "1.1" if code_lists == "9.9" else "2.0", code_lists=code_lists)
    before = await ee.logged()

    with pytest.raises(VersionError, match="must be upgraded"):
        await ee.send()

    assert await ee.logged() == before


async def test_what_the_peer_does_not_know_is_named_and_nothing_is_logged(
    two: Two,
) -> None:
    ee, _ = two
    let_speak(ee, "1.0")
    before = await ee.logged()
    use_national({"MLA_REQ": replace(declared_type("MLA_REQ"), since="1.1")}, {})
    try:
        with pytest.raises(InvalidFormError) as caught:
            await ee.send()
    finally:
        use_national({}, {})

    assert [one.pointer for one in caught.value.problems] == ["/msg_type"]
    assert await ee.logged() == before


async def test_a_message_of_an_unknown_version_is_answered_with_an_error(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    ee, pt = two
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    with monkeypatch.context() as later:
        later.setattr(completing, "understood_version", lambda *_: "2.0")
        sent = await ee.send_unchecked(form)
    await ee.deliver()

    await pt.validation.validate_some()
    await pt.deliver()
    await ee.validation.validate_some()

    assert (await pt.row(sent)).problems == 1
    box = await ee.store.messages(MessageFilter(box=Box.IN), cursor="", limit=10)
    (error,) = [row for row in box.rows if row.index and row.index.msg_type == "ERR"]
    opened = await ee.open.open(error.id, CASEWORKER)
    payload = opened.message["payload"]
    assert isinstance(payload, dict)
    assert payload["pointer"] == "/schema_version"
    assert payload["msg_id"] == sent
