"""Rules between fields pass what they are to pass; items of evidence are judged."""

from typing import TypeAlias

import pytest

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.identifiers import is_well_formed
from gateway.mla.problems import ProblemCode, select
from gateway.mla.validate import validate
from tests.support.forms import (
    evidence_message,
    sample,
    sample_cases,
    with_value,
    without,
)

TEXT: JsonValue = [{"lang": "en", "text": "A reason.", "is_translation": False}]
Change: TypeAlias = "JsonValue | None"

SCHEMA, CODE, REF = ProblemCode.SCHEMA, ProblemCode.CODE, ProblemCode.REF
BASIS, STATE, ROLE = ProblemCode.BASIS, ProblemCode.STATE, ProblemCode.ROLE
CHAIN = ProblemCode.CHAIN


def _changed(document: JsonObject, changes: dict[str, Change]) -> JsonObject:
    for pointer, value in changes.items():
        document = (
            without(document, pointer)
            if value is None
            else with_value(document, pointer, value)
        )
    return document


def _accepted(changes: dict[str, Change], number: int = 0) -> bool:
    return validate(_changed(sample("MLA_REQ", number), changes)) == []


def test_requests_for_records_only_need_no_facts() -> None:
    assert _accepted(
        {
            "/payload/measures": [
                {"measure_id": "M1", "assist": "A12", "description": TEXT}
            ],
            "/payload/criminal_record": {"cr_purpose": "CRIM"},
            "/payload/facts": None,
            "/payload/offences/0/statute_text": None,
        }
    )


def test_records_outside_criminal_proceedings_need_the_flag_of_consent() -> None:
    document = with_value(
        sample("MLA_REQ"), "/payload/criminal_record", {"cr_purpose": "EMPLOYMENT"}
    )

    assert [p.pointer for p in validate(document)] == [
        "/payload/criminal_record/consent"
    ]


def test_a_marked_minor_and_justified_special_data_pass() -> None:
    assert _accepted(
        {
            "/handling": ["TLP:RED", "MINOR", "SENSITIVE_PD"],
            "/payload/persons/0/flags": ["MINOR"],
            "/payload/necessity/sensitive_data_justification": TEXT,
            "/personal_data": [{"category": "HEALTH", "justification": "Needed."}],
        }
    )


@pytest.mark.parametrize("validator", ["JUDGE", "INV_JUDGE", "PROSECUTOR"])
def test_another_competent_authority_passes_when_validated(validator: str) -> None:
    authority: JsonObject = {"country": "GE", "name": TEXT, "type": validator}

    assert _accepted(
        {
            "/payload/requesting_authority/type": "OTHER_COMPETENT",
            "/payload/validating_authority": authority,
        }
    )


def test_an_emergency_may_be_validated_later() -> None:
    assert _accepted(
        {
            "/urgency": "EMERGENCY",
            "/payload/requesting_authority/type": "OTHER_COMPETENT",
            "/payload/emergency": {
                "facts": TEXT,
                "threatened_interest": "A life",
                "how_data_help": TEXT,
                "ex_post_validation_due": "2026-09-12T09:00:00Z",
            },
        }
    )


def test_an_accused_heard_by_video_says_whether_there_is_consent() -> None:
    slot: JsonObject = {
        "start": "2026-10-01T09:00:00+02:00",
        "end": "2026-10-01T10:00:00+02:00",
        "tz": "Europe/Oslo",
    }
    hearing: JsonObject = {
        "mode": "VIDEO",
        "capacity": "cap:ACCUSED",
        "hearing_authority": "Court",
        "why_not_in_person": TEXT,
        "topics": TEXT,
        "slots": [slot, slot],
    }
    document = with_value(sample("MLA_REQ"), "/payload/hearing", hearing)

    assert [p.pointer for p in validate(document)] == ["/payload/hearing/consent"]
    assert not validate(with_value(document, "/payload/hearing/consent", "yes"))
    one_slot = with_value(document, "/payload/hearing/slots", [slot])
    assert "/payload/hearing/slots" in {p.pointer for p in validate(one_slot)}


def test_content_data_pass_under_e_evidence_for_a_serious_offence() -> None:
    assert _accepted(
        {"/instrument": ["EEV"], "/payload/measures/0/data_cats": ["CNT.mailbox"]}
    )


def test_demands_may_be_met_by_the_payload_instead_of_the_measure() -> None:
    asset: JsonObject = {
        "asset_id": "AS1",
        "kind": "VEHICLE",
        "location": "LU",
        "basis": "PROCEEDS",
    }

    assert _accepted(
        {"/payload/measures/2/asset": None, "/payload/assets": [asset]}, number=1
    )


def test_a_reply_may_carry_corrected_fields_of_any_name() -> None:
    document = with_value(sample("CLR_RSP"), "/payload/corrected", {"any": [1]})

    assert validate(document) == []
    wrong = with_value(document, "/payload/corrected", ["any"])
    assert [p.pointer for p in validate(wrong)] == ["/payload/corrected"]


def test_other_grounds_of_refusal_pass_under_the_un_conventions() -> None:
    refusal: JsonObject = {
        "measure_id": "M2",
        "outcome": "REFUSE",
        "refusal": ["R02", "R99"],
        "article": "18(21)(b)",
        "reason": TEXT,
    }

    document = with_value(sample("DEC", 1), "/payload/decisions/1", refusal)

    assert validate(document) == []


def test_every_evidence_row_of_the_samples_is_a_valid_item() -> None:
    for case in sample_cases():
        rows = case["evidence"]
        assert isinstance(rows, list)
        for row in rows:
            assert isinstance(row, dict)
            item = {k: v for k, v in row.items() if k != "content_text"}
            document = with_value(evidence_message(), "/payload/manifest", [item])
            assert validate(document) == []


@pytest.mark.parametrize(
    ("pointer", "value", "at", "code"),
    [
        ("digests", [{"alg": "MD5", "value": "00" * 16}], "digests", CODE),
        ("custody/1/seq", 3, "custody/1/seq", CHAIN),
        ("custody/1/at", "2026-09-24T10:00:00Z", "custody/1/at", CHAIN),
    ],
)
def test_evidence_items_keep_digests_strong_and_custody_in_order(
    pointer: str, value: JsonValue, at: str, code: ProblemCode
) -> None:
    item = "/payload/manifest/0"
    document = with_value(evidence_message(), f"{item}/{pointer}", value)

    assert [(p.pointer, p.code) for p in validate(document)] == [(f"{item}/{at}", code)]


def _item_changed(changes: dict[str, Change]) -> JsonObject:
    document = evidence_message()
    for name, value in changes.items():
        pointer = f"/payload/manifest/0/{name}"
        document = (
            without(document, pointer)
            if value is None
            else with_value(document, pointer, value)
        )
    return document


def _of_item(document: JsonObject) -> list[tuple[str, ProblemCode, bool]]:
    return [
        (p.pointer.removeprefix("/payload/manifest/"), p.code, p.blocking)
        for p in validate(document)
    ]


def test_each_item_has_an_id_of_its_own() -> None:
    document = evidence_message()
    (_, first), *_ = select(document, "/payload/manifest/*/item_id")

    twice = with_value(document, "/payload/manifest/1/item_id", first)

    assert _of_item(twice) == [("1/item_id", SCHEMA, True)]


def test_an_item_handed_on_says_to_whom() -> None:
    document = _item_changed({"custody/4/to": None})

    assert _of_item(document) == [("0/custody/4/to", SCHEMA, True)]


def test_an_item_to_be_fetched_says_where_and_until_when() -> None:
    document = _item_changed({"channel": "OBJECT_STORE"})

    assert _of_item(document) == [
        ("0/locator", SCHEMA, True),
        ("0/available_until", SCHEMA, True),
    ]


@pytest.mark.parametrize("channel", ["COURIER", "GATEWAY_CHUNKED"])
def test_an_item_on_another_way_needs_no_place_to_fetch_it(channel: str) -> None:
    assert _of_item(_item_changed({"channel": channel})) == []


@pytest.mark.parametrize(
    ("rule", "changes", "gaps"),
    [
        (
            "another organisation took over, nobody wrote how",
            {"custody/2/organisation": "Laboratory"},
            ["custody/2/organisation", "custody/3/organisation"],
        ),
        (
            "handed on, and kept all the same",
            {"custody/2/event": "TRANSFERRED", "custody/2/to": "Laboratory"},
            ["custody/3/organisation"],
        ),
        (
            "handed on, and held by the other",
            {
                "custody/2/event": "TRANSFERRED",
                "custody/2/to": "Laboratory",
                "custody/3/organisation": "Laboratory",
                "custody/4/event": "ACCEPTED",
                "custody/4/algs": ["SHA-256"],
            },
            [],
        ),
        (
            "handed on to a colleague",
            {
                "custody/2/event": "TRANSFERRED",
                "custody/2/to": "R. Pedralva",
                "custody/3/actor": "R. Pedralva",
            },
            [],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_gap_between_custodians_is_advised_against(
    rule: str, changes: dict[str, Change], gaps: list[str]
) -> None:
    found = _of_item(_item_changed(changes))

    assert found == [(f"0/{gap}", CHAIN, False) for gap in gaps], rule


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"method": "logical copy"}, ["tool", "version"]),
        ({"tool": "imager"}, ["version"]),
        ({"tool": "imager", "version": "7.1"}, []),
        ({"custody/0/tool": "imager"}, ["custody/0/version"]),
        ({"custody/0/tool": "imager", "method": "logical copy"}, ["version"]),
        ({"custody/0/tool": "imager", "custody/0/version": "7.1"}, []),
    ],
)
def test_an_acquisition_should_name_tool_and_version(
    changes: dict[str, Change], missing: list[str]
) -> None:
    changes = {"custody/0/event": "ACQUIRED", **changes}

    found = _of_item(_item_changed(changes))

    assert found == [(f"0/{name}", SCHEMA, False) for name in missing]


def test_what_was_not_acquired_needs_no_tool() -> None:
    assert _of_item(_item_changed({"method": "by hand"})) == []


def test_results_should_name_items_that_come_with_them() -> None:
    document = sample("RSP")
    manifest = [found.value for found in select(evidence_message(), "payload/manifest")]
    document = with_value(document, "/payload/manifest", manifest[0])
    assert validate(document) == []

    unknown = "01990000-0000-7000-8000-000000000001"
    document = with_value(document, "/payload/results/1/items", [unknown])

    assert [(p.pointer, p.code, p.blocking) for p in validate(document)] == [
        ("/payload/results/1/items/0", REF, False)
    ]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("IP", "2001:db8::1", "2001:db8::g"),
        ("TEL", "+15550100", "5550100"),
        ("EMAIL", "a@b.example", "a.b.example"),
        ("IMEI", "490154203237518", "490154203237519"),
        ("IMEI", "490154203237518", "4901542"),
        ("IMSI", "310150123456789", "3101"),
        ("MAC", "00:1a:2B:3c:4d:5e", "00:1a"),
        ("URL", "https://a.example/x", "a.example"),
        ("DOMAIN", "a.example", "example"),
        ("IBAN", "GB82WEST12345698765432", "GB83WEST12345698765432"),
        ("IBAN", "GB82WEST12345698765432", "GB82"),
        ("CARD", "400000******0002", "4000001234560002"),
    ],
)
def test_identifiers_are_compared_with_the_usual_form_of_their_type(
    kind: str, good: str, bad: str
) -> None:
    assert is_well_formed(kind, good)
    assert not is_well_formed(kind, bad)
    assert is_well_formed("OTHER", bad)
