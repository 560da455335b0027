"""Treaty table and service profiles at work: what is sent, owed, told on receipt."""

import json
from dataclasses import replace
from types import MappingProxyType

import msgspec
import pytest

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.disclosures import read_disclosure
from gateway.core.errors import ConfigError, InvalidFormError
from gateway.core.identity import ProfileRecord, VerifiedCard
from gateway.flows.admission import Admission
from gateway.flows.legal import LegalDesk
from gateway.flows.submission import Submission, Submitted
from gateway.mla.calendars import ASSUMED
from gateway.mla.envelope_fields import Form
from gateway.mla.treaty.country import CountryEntry, Treaty, TreatyTable
from gateway.mla.treaty.languages import translations_owed
from gateway.ports.messages import Box
from tests.support.forms import in_form, sample, without
from tests.support.legal import FixedLegalFiles, profile_record
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]


def table(*entries: CountryEntry) -> TreatyTable:
    return TreatyTable(MappingProxyType({one.country: one for one in entries}))


async def desk_of(side: Side, files: FixedLegalFiles | None = None) -> LegalDesk:
    """Give a side a treaty table and a profile, as a node has."""
    desk = LegalDesk(
        files or FixedLegalFiles(),
        side.directory,
        side.clock,
        ourselves=side.authority,
    )
    await desk.load()
    side.submit._admission = Admission(
        outgoing=(desk.judge,), translations_owed=desk.translations_owed
    )
    return desk


def publish(side: Side, other: Side, record: ProfileRecord | None) -> None:
    """Let the other side hold a card of this one with a profile."""
    (peer,) = other.directory.peers()
    card = msgspec.structs.replace(peer.card.card, profile=record)
    held: VerifiedCard = replace(peer.card, card=card)
    other.directory.known[side.authority] = replace(peer, card=held)


def request(**changes: JsonValue) -> JsonObject:
    form = in_form(sample("MLA_REQ", 1), Form.AUTHOR)
    form.pop("case_id", None)
    return form | changes


async def submit(side: Side, form: JsonObject, reason: str = "") -> Submitted:
    return await side.submit.submit(
        Submission(side.other.authority, form, CASEWORKER, override_reason=reason)
    )


async def sent_document(side: Side, submitted: Submitted) -> JsonObject:
    opened = await side.open.open(submitted.accepted.id, CASEWORKER)
    return dict(opened.message)


async def test_a_country_that_the_table_does_not_know_is_advice(two: Two) -> None:
    ee, _ = two
    await desk_of(ee)

    submitted = await submit(ee, request())

    (advice,) = submitted.advice
    assert "says nothing about PT" in advice.sentence


async def test_what_the_table_says_is_not_in_force_is_refused_whatever_the_reason(
    two: Two,
) -> None:
    ee, _ = two
    entry = CountryEntry(
        country="PT", treaties=(Treaty(instrument="UNTOC", is_in_force=False),)
    )
    await desk_of(ee, FixedLegalFiles(table(entry)))

    with pytest.raises(InvalidFormError) as caught:
        await submit(ee, request(), reason="they will do it for us")

    assert any("treaties.toml" in one.sentence for one in caught.value.problems)


async def test_a_duty_goes_unmet_for_a_reason_that_the_log_keeps(two: Two) -> None:
    ee, _ = two
    await desk_of(ee)
    form = without(request(instrument=["EIO"]), "/payload/remedies")
    with pytest.raises(InvalidFormError, match="override reason") as caught:
        await submit(ee, form)
    (problem,) = [one for one in caught.value.problems if one.blocking]
    assert problem.article == "EIO Annex A section J"

    submitted = await submit(ee, form, reason="remedies follow by post")

    sealed = await ee.store.disclosures(submitted.accepted.log_index)
    told = {
        one.name: one.value for one in map(read_disclosure, [s.encoded for s in sealed])
    }
    assert json.loads(told["override"])["rules"] == [
        "E_SCHEMA EIO Annex A section J /payload/remedies"
    ]


async def test_what_the_schema_demands_is_refused_with_the_article(two: Two) -> None:
    ee, _ = two
    await desk_of(ee)
    form = without(request(), "/payload/facts")
    form = without(form, "/payload/persons")

    with pytest.raises(InvalidFormError) as caught:
        await submit(ee, form)

    articles = {one.pointer: one.article for one in caught.value.problems}
    assert articles["/payload/facts"] == "UNTOC 18(15)(c); UNCAC 46(15)(c)"
    assert articles["/payload/persons"] == "UNTOC 18(15)(e); UNCAC 46(15)(e)"


async def test_a_language_that_the_peer_does_not_publish_is_refused(two: Two) -> None:
    ee, pt = two
    await desk_of(ee)
    publish(pt, ee, profile_record("pt"))

    with pytest.raises(InvalidFormError) as caught:
        await submit(ee, request(), reason="no time")
    (problem,) = [one for one in caught.value.problems if one.blocking]
    assert problem.code == "E_LANG"

    row: JsonObject = {"of": "the request", "lang": "pt", "certified": True}
    form = request()
    payload = form["payload"]
    assert isinstance(payload, dict)
    payload["translations"] = [row]
    assert (await submit(ee, form)).accepted.id


async def test_an_emergency_goes_out_and_says_what_it_owes(two: Two) -> None:
    ee, pt = two
    await desk_of(ee)
    publish(pt, ee, profile_record("pt", "es"))
    form = request(urgency="EMERGENCY")
    payload = form["payload"]
    assert isinstance(payload, dict)
    text: list[JsonValue] = [{"lang": "en", "text": "x", "is_translation": False}]
    payload["emergency"] = {
        "facts": text,
        "threatened_interest": "life",
        "how_data_help": text,
    }
    payload["urgency_reason"] = "U07"

    submitted = await submit(ee, form)

    document = await sent_document(ee, submitted)
    assert document["translations_owed"] == ["pt", "es"]
    rows = await ee.store.docket(str(document["case_id"]), 10)
    (owed,) = translations_owed([(row.box is Box.OUT, row.entry) for row in rows])
    assert (owed.by_us, owed.languages) == (True, ("pt", "es"))
    await ee.deliver()
    await pt.validation.validate_some()
    theirs = await pt.store.docket(str(document["case_id"]), 10)
    (due,) = translations_owed([(row.box is Box.OUT, row.entry) for row in theirs])
    assert not due.by_us


async def test_what_arrives_is_advice_for_our_people_and_no_refusal(two: Two) -> None:
    ee, pt = two
    desk = await desk_of(pt, FixedLegalFiles(record=profile_record("pt")))
    submitted = await submit(ee, request())
    await ee.deliver()
    await pt.validation.validate_some()

    document = (await pt.open.open(submitted.accepted.id, CASEWORKER)).message
    found = desk.advice(ee.authority, dict(document))

    assert {str(one.code) for one in found} == {"E_LANG", "E_BASIS"}
    assert not any(one.blocking for one in found)
    assert (await pt.store.message(submitted.accepted.id)).problems == 0
    assert desk.advice(pt.authority, dict(document)) == []


async def test_wrong_files_change_nothing(two: Two) -> None:
    ee, _ = two
    files = FixedLegalFiles(table(CountryEntry(country="PT")), profile_record("et"))
    desk = await desk_of(ee, files)

    class Wrong(FixedLegalFiles):
        def profile(self) -> ProfileRecord | None:
            raise ConfigError("profile.toml:1: wrong")

    desk._files = Wrong(table(), None)
    with pytest.raises(ConfigError):
        await desk.load()

    assert desk.table.entry("PT") is not None
    assert desk.record == files.record


async def test_calendars_come_from_whoever_has_to_act(two: Two) -> None:
    ee, pt = two
    desk = await desk_of(ee, FixedLegalFiles(record=profile_record("et")))

    assert desk.calendar(pt.authority) is ASSUMED
    publish(pt, ee, profile_record("pt"))
    assert desk.calendar(pt.authority).zone == "Europe/Lisbon"
    assert desk.calendar(ee.authority).zone == "Europe/Lisbon"
    assert set(desk.calendars()) == {ee.authority, pt.authority}
    publish(pt, ee, None)
    assert set(desk.calendars()) == {ee.authority}


async def test_contradictions_of_a_peer_are_told(two: Two) -> None:
    ee, pt = two
    entry = CountryEntry(country="PT", languages=("en",))
    desk = await desk_of(ee, FixedLegalFiles(table(entry)))
    assert desk.conflicts(ee.other) == []

    publish(pt, ee, profile_record("pt"))

    (sentence,) = desk.conflicts(ee.other)
    assert "en for PT" in sentence
    assert [one.authority for one in desk.peers_in("PT")] == [pt.authority]
