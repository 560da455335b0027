"""What is in force with whom, in which language, and what the other side takes."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.cases.model import Side
from gateway.mla.problems import Problem, ProblemCode
from gateway.mla.treaty.comparing import conflicts
from gateway.mla.treaty.country import (
    CountryEntry,
    Effect,
    Reservation,
    Standing,
    Treaty,
    TreatyTable,
)
from gateway.mla.treaty.languages import is_understood, translations_owed
from gateway.mla.treaty.pair import (
    Pair,
    advice_on_receipt,
    translation_owed,
    treaty_problems,
)
from gateway.mla.treaty.services import ServiceProfile
from tests.support.case_talk import REQ, Talk
from tests.support.forms import evidence_message, sample, with_value, without
from tests.support.legal import profile_record

TODAY = date(2026, 11, 28)
LU = CountryEntry(
    country="LU",
    treaties=(Treaty(instrument="UNTOC"), Treaty(instrument="UNCAC")),
)


def request() -> JsonObject:
    """Return the sample request under the two UN conventions, in English."""
    return sample("MLA_REQ", 1)


def pair(
    entry: CountryEntry | None = LU, *languages: str, max_evidence_mib: int = 0
) -> Pair:
    record = profile_record(*languages, max_evidence_mib=max_evidence_mib)
    return Pair(
        addressee="ca01.lu.example",
        country="LU",
        entry=entry,
        profile=ServiceProfile(record),
        today=TODAY,
    )


def told(problems: list[Problem], code: ProblemCode) -> list[Problem]:
    return [one for one in problems if one.code is code]


# --- in force ---


def test_what_is_in_force_and_readable_has_no_problem() -> None:
    assert treaty_problems(request(), pair(LU, "fr", "en")) == []


def test_a_country_without_an_entry_is_advice_and_never_an_obstacle() -> None:
    (advice,) = treaty_problems(request(), pair(None))

    assert not advice.blocking
    assert advice.sentence == "instrument: your treaty table says nothing about LU"


@pytest.mark.parametrize(
    "treaty",
    [
        Treaty(instrument="UNCAC", is_in_force=False),
        Treaty(instrument="UNCAC", since=date(2026, 11, 29)),
        Treaty(instrument="UNCAC", until=date(2026, 11, 27)),
    ],
)
def test_an_instrument_said_not_in_force_refuses_and_names_the_remedy(
    treaty: Treaty,
) -> None:
    entry = replace(LU, treaties=(LU.treaties[0], treaty))

    (refusal,) = treaty_problems(request(), pair(entry))

    assert refusal.refuses
    assert refusal.pointer == "/instrument/1"
    assert refusal.code is ProblemCode.BASIS
    assert "treaties.toml" in refusal.sentence


@pytest.mark.parametrize(
    ("since", "until"),
    [(TODAY, None), (None, TODAY), (TODAY, TODAY), (None, None)],
)
def test_first_and_last_day_count(since: date | None, until: date | None) -> None:
    assert Treaty(instrument="UNTOC", since=since, until=until).binds(TODAY)


def test_an_instrument_that_is_not_listed_is_advice_unless_the_list_is_complete() -> (
    None
):
    entry = replace(LU, treaties=LU.treaties[:1])
    assert [one.blocking for one in treaty_problems(request(), pair(entry))] == [False]

    (refusal,) = treaty_problems(request(), pair(replace(entry, is_complete=True)))
    assert refusal.refuses


def test_an_earlier_and_a_later_period_of_one_instrument_both_count() -> None:
    entry = CountryEntry(
        country="LU",
        treaties=(
            Treaty(instrument="UNTOC", until=date(2020, 1, 1)),
            Treaty(instrument="UNTOC", since=date(2024, 1, 1)),
        ),
    )
    assert entry.standing("UNTOC", TODAY) is Standing.IN_FORCE
    assert entry.standing("UNTOC", date(2022, 1, 1)) is Standing.NOT_IN_FORCE


def test_reciprocity_needs_no_treaty() -> None:
    form = request() | {"instrument": ["RECIPROCITY"]}
    empty = CountryEntry(country="LU", is_complete=True)

    for entry in (None, empty):
        found = told(treaty_problems(form, pair(entry)), ProblemCode.BASIS)
        assert found == []


def test_follow_ups_are_not_judged_by_what_is_in_force_now() -> None:
    entry = CountryEntry(country="LU", is_complete=True)

    assert treaty_problems(sample("CLR_RSP"), pair(entry)) == []


# --- reservations ---


def reserved(effect: Effect, **further: object) -> CountryEntry:
    reservation = Reservation(
        instrument="UNTOC", article="18(14)", text="Words.", effect=effect
    )
    return replace(LU, reservations=(replace(reservation, **further),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "pointer", "code"),
    [
        (
            reserved(Effect.EXCLUDES, assist=frozenset({"A31"})),
            "/payload/measures/0/assist",
            ProblemCode.BASIS,
        ),
        (reserved(Effect.EXCLUDES), "/instrument", ProblemCode.BASIS),
        (
            reserved(Effect.DEMANDS_TRANSLATION, languages=("fr",)),
            "/language",
            ProblemCode.LANG,
        ),
        (
            reserved(Effect.DEMANDS_CHANNEL, channel="DIPLOMATIC"),
            "/instrument",
            ProblemCode.BASIS,
        ),
    ],
)
def test_a_reservation_blocks_with_its_article_and_may_be_overridden(
    entry: CountryEntry, pointer: str, code: ProblemCode
) -> None:
    form = request()
    payload = form["payload"]
    assert isinstance(payload, dict)
    assert isinstance(payload["measures"], list)
    kept: list[JsonValue] = [
        measure
        for measure in payload["measures"]
        if isinstance(measure, dict) and measure["assist"] == "A31"
    ]
    payload["measures"] = kept[:1]

    (problem,) = treaty_problems(form, pair(entry))

    assert (problem.pointer, problem.code) == (pointer, code)
    assert problem.article == "UNTOC 18(14)"
    assert problem.blocking
    assert problem.is_overridable


def test_a_note_is_told_in_the_words_of_the_table() -> None:
    (advice,) = treaty_problems(request(), pair(reserved(Effect.NOTE)))

    assert not advice.blocking
    assert "LU has declared: Words." in advice.sentence


def test_fiscal_offences_are_told_by_their_category() -> None:
    entry = reserved(Effect.REFUSES_FISCAL)
    assert treaty_problems(request(), pair(entry)) == []

    fiscal = with_value(request(), "/payload/offences/0/ecris", "1401 00")
    (problem,) = treaty_problems(fiscal, pair(entry))

    assert problem.pointer == "/payload/offences/0/ecris"
    assert problem.is_overridable


def test_dual_criminality_asks_for_the_law_where_a_measure_is_coercive() -> None:
    entry = reserved(Effect.DUAL_CRIMINALITY)
    form = without(request(), "/payload/offences/0/statute_text")
    form["instrument"] = ["UNTOC"]

    (problem,) = treaty_problems(form, pair(entry))

    assert problem.pointer == "/payload/offences/0/statute_text"
    assert problem.is_overridable


def test_a_channel_that_this_is_asks_for_nothing() -> None:
    entry = reserved(Effect.DEMANDS_CHANNEL, channel="GATEWAY")
    assert treaty_problems(request(), pair(entry)) == []


def test_a_reservation_about_other_measures_or_instruments_does_not_count() -> None:
    other = reserved(Effect.EXCLUDES, assist=frozenset({"A47"}))
    assert treaty_problems(request(), pair(other)) == []
    elsewhere = reserved(Effect.EXCLUDES, instrument="UN1988")
    assert treaty_problems(request(), pair(elsewhere)) == []


# --- languages ---


@pytest.mark.parametrize(
    ("tag", "accepted", "is_readable"),
    [
        ("en", ["en"], True),
        ("EN-gb", ["en"], True),
        ("de", ["de-AT"], True),
        ("de-CH-1996", ["de-AT"], True),
        ("sr-Latn", ["sr"], True),
        ("sr", ["sr-Latn"], True),
        ("sr-Latn-RS", ["sr-Latn"], True),
        ("sr-Cyrl", ["sr-Latn"], False),
        ("nb", ["no"], True),
        ("iw", ["he"], True),
        ("en", ["fr", "pt"], False),
        ("est", ["et"], False),
        ("", ["en"], False),
    ],
)
def test_who_reads_which_language(
    tag: str,
    accepted: list[str],
    is_readable: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert is_understood(tag, accepted) is is_readable


@given(st.from_regex(r"[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2})?", fullmatch=True))
def test_everybody_reads_what_they_accept_whatever_the_region(tag: str) -> None:
    assert is_understood(tag, [tag])
    assert is_understood(f"{tag}-x-y", [tag.upper()])


def test_a_language_that_is_not_published_refuses() -> None:
    (problem,) = treaty_problems(request(), pair(LU, "fr", "de"))

    assert problem.code is ProblemCode.LANG
    assert problem.refuses
    assert "ca01.lu.example" in problem.sentence
    assert "fr or de" in problem.sentence


def test_by_our_own_table_alone_it_may_be_overridden() -> None:
    entry = replace(LU, languages=("fr",))

    (problem,) = treaty_problems(request(), pair(entry))

    assert problem.code is ProblemCode.LANG
    assert problem.is_overridable


def test_the_peers_own_word_goes_before_our_table() -> None:
    entry = replace(LU, languages=("fr",))

    found = treaty_problems(request(), pair(entry, "en"))

    assert [one.blocking for one in found] == [False]
    assert "publishes en" in found[0].sentence


@pytest.mark.parametrize(
    "translated",
    [
        with_value(
            request(),
            "/payload/translations",
            [{"of": "request", "lang": "fr", "certified": True}],
        ),
        with_value(
            request(),
            "/payload/manifest",
            [
                {
                    "translation_of": "01990000-0000-7000-8000-000000000009",
                    "language": "fr",
                }
            ],
        ),
        with_value(request(), "/language", "fr-LU"),
    ],
)
def test_a_translation_makes_it_readable(translated: JsonObject) -> None:
    assert told(treaty_problems(translated, pair(LU, "fr")), ProblemCode.LANG) == []


def test_texts_that_are_all_there_in_an_accepted_language_need_no_translation() -> None:
    text: list[JsonValue] = [
        {"lang": "es", "text": "a", "is_translation": False},
        {"lang": "fr", "text": "b", "is_translation": True},
    ]
    form: JsonObject = {"msg_type": "STS", "language": "es", "payload": {"x": text}}
    assert treaty_problems(form, pair(LU, "fr")) == []

    form["payload"] = {"x": text, "y": text[:1]}
    assert told(treaty_problems(form, pair(LU, "fr")), ProblemCode.LANG)


def test_a_message_without_texts_needs_none() -> None:
    assert treaty_problems(sample("ACK"), pair(LU, "fr")) == []


# --- emergencies ---


def emergency() -> JsonObject:
    return request() | {"urgency": "EMERGENCY"}


def test_an_emergency_goes_out_and_owes_the_translation() -> None:
    both = pair(LU, "fr", "de")

    (problem,) = told(treaty_problems(emergency(), both), ProblemCode.LANG)

    assert not problem.blocking
    assert translation_owed(emergency(), both) == ("fr", "de")
    assert translation_owed(request(), both) == ()
    assert translation_owed(emergency(), pair(LU, "en")) == ()


def test_it_owes_what_a_declaration_demands_as_well() -> None:
    both = pair(reserved(Effect.DEMANDS_TRANSLATION, languages=("fr",)))

    assert translation_owed(emergency(), both) == ("fr",)
    (problem,) = told(treaty_problems(emergency(), both), ProblemCode.LANG)
    assert not problem.blocking


SENT: JsonObject = {
    "msg_id": "01990000-0000-7000-8000-000000000001",
    "msg_type": "EMR_REQ",
    "language": "en",
    "sent_at": "2026-11-28T09:00:00Z",
    "translations_owed": ["fr", "de"],
}
ROW: JsonObject = {"lang": "fr", "certified": False}
ITEM: JsonObject = {"translation_of": "x", "language": "de-LU"}


@pytest.mark.parametrize(
    "settling",
    [
        {"msg_type": "CLR_RSP", "payload": {"translations": [ROW]}},
        {"msg_type": "EVD", "payload": {"manifest": [ITEM]}},
        {"msg_type": "AMD", "language": "fr"},
    ],
)
def test_what_is_owed_is_settled_by_the_sender(settling: JsonObject) -> None:
    (owed,) = translations_owed([(True, SENT)])
    assert (owed.by_us, owed.languages) == (True, ("fr", "de"))
    assert owed.since == "2026-11-28T09:00:00Z"

    assert translations_owed([(True, SENT), (False, settling)]) == [owed]
    assert translations_owed([(True, SENT), (True, settling)]) == []


@pytest.mark.parametrize(
    "other",
    [
        {"msg_type": "AMD", "language": "es"},
        {"msg_type": "STS", "language": "fr"},
        {"msg_type": "AMD", "payload": {"translations": [{"lang": "es"}]}},
        {"payload": "junk"},
    ],
)
def test_what_is_something_else_settles_nothing(other: JsonObject) -> None:
    assert len(translations_owed([(True, SENT), (True, other)])) == 1


def test_a_translation_sent_before_settles_nothing_that_came_later() -> None:
    early: JsonObject = {"msg_type": "AMD", "language": "fr"}

    (owed,) = translations_owed([(False, early), (False, SENT)])

    assert not owed.by_us


def test_a_case_lists_the_translation_it_owes_until_it_has_come() -> None:
    talk = Talk()
    request_id = talk.says(REQ, "EMR_REQ")
    talk.entries[0]["translations_owed"] = ["fr", "de"]

    (duty,) = talk.view().open_duties
    assert (duty.what, duty.owner) == ("translate into fr or de", Side.REQUESTING)
    assert (duty.by, duty.done_by) == (request_id, "AMD")

    talk.says(REQ, "AMD", {"translations": [ROW]})
    assert not talk.view().open_duties


# --- service ---


def test_more_evidence_than_is_taken_refuses() -> None:
    message = evidence_message()
    items = message["payload"]
    assert isinstance(items, dict)
    size = 3 * 1024 * 1024
    items["manifest"] = [{"channel": "GATEWAY", "size_bytes": size}] * 2

    (problem,) = told(
        treaty_problems(message, pair(LU, max_evidence_mib=5)), ProblemCode.SIZE
    )

    assert problem.refuses
    assert "at most 5 MiB" in problem.sentence
    assert not told(
        treaty_problems(message, pair(LU, max_evidence_mib=6)), ProblemCode.SIZE
    )


def test_another_channel_than_the_published_ones_is_advice() -> None:
    message = with_value(evidence_message(), "/payload/manifest/0/channel", "COURIER")

    found = told(treaty_problems(message, pair()), ProblemCode.BASIS)

    assert [one.pointer for one in found] == ["/payload/manifest/0/channel"]
    assert not found[0].blocking


# --- contradictions, and what is received ---


@pytest.mark.parametrize(
    ("entry", "count"),
    [
        (None, 0),
        (LU, 0),
        (replace(LU, languages=("fr", "en")), 0),
        (replace(LU, languages=("fr-LU", "en-GB")), 0),
        (replace(LU, languages=("fr",)), 1),
        (replace(LU, languages=("fr", "en", "de")), 1),
        (replace(LU, languages=("fr",), channels=("COURIER",)), 2),
    ],
)
def test_contradictions_are_told(entry: CountryEntry | None, count: int) -> None:
    profile = ServiceProfile(profile_record("fr", "en"))

    assert len(conflicts("ca01.lu.example", entry, profile)) == count
    assert conflicts("ca01.lu.example", entry, None) == []


def test_on_receipt_all_of_it_is_advice() -> None:
    received = without(request(), "/payload/facts") | {"instrument": ["EEV"]}
    ours = replace(
        pair(replace(LU, is_complete=True), "fr"), addressee="us", is_received=True
    )

    found = advice_on_receipt(received, ours)

    assert {one.code for one in found} >= {ProblemCode.BASIS, ProblemCode.LANG}
    assert not any(one.blocking for one in found)


def test_declarations_of_their_country_do_not_bind_what_it_asks_of_us() -> None:
    entry = replace(reserved(Effect.EXCLUDES), languages=("fr",))
    ours = replace(pair(entry), profile=None, is_received=True)

    assert advice_on_receipt(request(), ours) == []


def test_a_table_says_nothing_of_what_it_does_not_list() -> None:
    table = TreatyTable(MappingProxyType({"LU": LU}))
    assert table.entry("LU") is LU
    assert table.entry("FR") is None
    assert TreatyTable().entry("LU") is None
