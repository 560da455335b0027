"""What another authority gave goes on with its markings and conditions, or not at all.

A node holds an item of one authority, with what was said about it in the case, and is
about to send it, or something made of it, to another.
"""

from dataclasses import replace
from typing import cast

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.admission import Outgoing
from gateway.flows.item_origins import ItemOrigins
from gateway.mla.problems import Problem
from gateway.ports.inbox import CheckDone
from tests.support.pair import Side
from tests.support.storing import PeerLog, index_of, new_id, outbound

Two = tuple[Side, Side]

GIVER = AuthorityId("minjus.cl")
CASE = "427e9a2a-abf7-5a80-8ba1-74738a72b086"
ITEM = "c6769fe5-d2a4-5755-b2eb-38dc4d8439ba"
DIGEST = "ab" * 32
KASK = Act("kask", "caseworker", "answer")


def digests(value: str = DIGEST) -> JsonObject:
    return {"digests": [{"alg": "SHA-256", "value": value}]}


class Held:
    """A node that has received something from a third authority."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.origins = ItemOrigins(side.exchange, side.keyring.subjects)
        self._log = PeerLog(GIVER)

    async def received(self, **fields: object) -> MessageId:
        """Keep a message of the authority as validation does."""
        document = self._document(fields)
        item = self._log.item(seq=self._log.leaves + 1)
        store, now = self.side.store, self.side.clock.now()
        await store.commit_inbound(self._log.link(), [item], now)
        await store.begin_checks(8, now)
        raw = canonical.encode_typed(document | {"msg_id": item.id})
        tags = self.origins.tags_of(document)
        index = replace(index_of(CASE), msg_type=str(document["msg_type"]))
        await store.finish_checks([CheckDone(item.id, GIVER, index, 0, raw, (), tags)])
        return item.id

    async def item(self, item: JsonObject | None = None, **fields: object) -> None:
        """Keep an answer with one item."""
        given = {"item_id": ITEM} | digests() | (item or {})
        await self.received(payload={"manifest": [given]}, **fields)

    async def granted(self, *conditions: str) -> None:
        """Ask for the consent to send it on to the other side of this node; get it."""
        asked = self._document(
            {
                "msg_type": "USE_REQ",
                "payload": {
                    "items": [ITEM],
                    "new_purpose": "TRIAL",
                    "new_country": self.side.other.card.country,
                },
            }
        )
        new = outbound(GIVER, index=index_of(CASE))
        raw = canonical.encode_typed(asked | {"msg_id": new.id})
        await self.side.store.accept(replace(new, docket=raw), self.side.clock.now())
        answer = "CONDITIONS" if conditions else "GRANTED"
        await self.received(
            msg_type="USE_RSP",
            in_reply_to=new.id,
            payload={"answer": answer, "conditions": list(conditions)},
        )

    async def judged(self, document: JsonObject) -> list[Problem]:
        """Return what is found of a message to the other side of this node."""
        whole: JsonObject = {"purpose": "TRIAL", "handling": ["TLP:AMBER"]}
        whole |= document
        outgoing = Outgoing(peer=self.side.other, document=whole, act=KASK)
        return await self.origins.check(outgoing)

    async def sent_on(self, item: JsonObject, **fields: object) -> list[Problem]:
        """Return what is found of a message with one item."""
        payload: JsonObject = {"payload": {"manifest": [item]}}
        return await self.judged(payload | cast("JsonObject", fields))

    def _document(self, fields: dict[str, object]) -> JsonObject:
        return cast(
            "JsonObject",
            {"msg_type": "RSP", "case_id": CASE, "handling": ["TLP:AMBER"], **fields},
        )


@pytest.fixture
def held(two: Two) -> Held:
    return Held(two[1])


MADE_OF_IT: tuple[JsonObject, ...] = (
    {},
    {"parent_item": ITEM},
    {"translation_of": ITEM},
    {"redaction_ref": {"source_sha256": DIGEST}},
)


@pytest.mark.parametrize("item", MADE_OF_IT, ids=["itself", "part", "words", "copy"])
async def test_a_derived_item_without_the_condition_of_its_origin_is_refused(
    held: Held, item: JsonObject
) -> None:
    item = item | digests("cd" * 32 if item else DIGEST)
    await held.item({"conditions": ["C02", "C07"]})
    await held.granted("C10")

    (lacking,) = await held.sent_on(item)

    # Costs (C07) are between the two authorities; what is on the data goes with them.
    assert "expected C02, C10," in lacking.sentence
    assert (lacking.code, lacking.article) == ("E_PURPOSE", "UNTOC 18(26)")
    assert (lacking.blocking, lacking.is_overridable) == (True, False)
    assert await held.sent_on(item | {"conditions": ["C02", "C10"]}) == []


async def test_conditions_that_were_set_for_the_case_go_with_its_items(
    held: Held,
) -> None:
    await held.item()
    await held.received(msg_type="DEC", payload={"conditions": [{"code": "C01"}]})
    await held.granted()
    (lacking,) = await held.sent_on(digests())
    assert "expected C01," in lacking.sentence
    # The message may say it of all that comes with it.
    manifest = [digests()]
    payload: JsonObject = {"conditions": ["C01"], "manifest": [*manifest]}
    assert await held.judged({"payload": payload}) == []


@pytest.mark.parametrize(
    ("given", "carried", "expected"),
    [
        (["TLP:RED"], ["TLP:AMBER"], "TLP:RED"),
        (["TLP:AMBER+STRICT"], ["TLP:AMBER"], "TLP:AMBER+STRICT"),
        (["TLP:AMBER", "H2", "MINOR"], ["TLP:AMBER", "MINOR"], "H2"),
        (["TLP:GREEN"], ["TLP:AMBER"], ""),
        (["TLP:AMBER", "H1"], ["TLP:RED", "H1", "SEALED"], ""),
    ],
)
async def test_markings_stay_and_do_not_become_laxer(
    held: Held, given: list[str], carried: list[str], expected: str
) -> None:
    await held.item(handling=given)
    await held.granted()

    problems = await held.sent_on(digests(), handling=carried)

    assert [one.sentence for one in problems] == [
        f"handling: expected {expected}, as it was given to us, or stricter"
    ] * bool(expected)
    # A convention between authorities, not law: with a reason it may go.
    assert all(one.blocking and one.is_overridable for one in problems)


async def test_a_marking_of_the_item_is_enough_and_has_to_be_kept(held: Held) -> None:
    await held.item({"handling": ["SOURCE_PROTECTED"]})
    await held.granted()
    assert len(await held.sent_on(digests())) == 1
    assert await held.sent_on(digests() | {"handling": ["SOURCE_PROTECTED"]}) == []


async def test_without_consent_the_marking_that_forbids_it_is_named(
    held: Held,
) -> None:
    await held.item({"conditions": ["C03"]}, handling=["TLP:AMBER", "H2"])
    (refused,) = await held.sent_on(digests())
    assert "marked C03, H2, expected its consent" in refused.sentence
    assert (refused.code, refused.is_overridable) == ("E_PURPOSE", False)


@pytest.mark.parametrize("marking", ["TLP:RED", "TLP:AMBER+STRICT", "H2", "SEALED"])
async def test_a_case_is_not_named_where_its_markings_forbid_it(
    held: Held, marking: str
) -> None:
    await held.received(handling=[marking])
    naming: JsonObject = {"payload": {"related": [{"case_id": CASE}]}}
    (refused,) = await held.judged(naming)
    assert (refused.pointer, refused.is_overridable) == (
        "/payload/related/0/case_id",
        True,
    )
    assert marking in refused.sentence
    await held.item()
    await held.granted()
    # With consent it is named, as strictly marked as what came in it.
    assert await held.judged(naming | {"handling": [marking, "TLP:AMBER"]}) == []
    (laxer,) = await held.judged(naming | {"handling": ["TLP:CLEAR"]})
    assert laxer.sentence.startswith("handling: expected ")


async def test_a_case_without_such_markings_may_be_named(held: Held) -> None:
    await held.received(handling=["TLP:GREEN"])
    assert await held.judged({"payload": {"related": [{"case_id": CASE}]}}) == []
    unknown: JsonObject = {"related": [{"case_id": new_id()}, {"case_id": 7}]}
    assert await held.judged({"payload": unknown}) == []


async def test_back_to_who_gave_it_nothing_is_asked(held: Held) -> None:
    await held.item(handling=["TLP:RED"])
    back = Outgoing(
        peer=replace(held.side.other, authority=GIVER),
        document={"payload": {"manifest": [digests()], "related": [{"case_id": CASE}]}},
        act=KASK,
    )
    assert await held.origins.check(back) == []
