"""Each rule between fields names the place where it is broken, and only then."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A sample with some values set or, where None, removed; and what that breaks."""

    rule: str
    msg_type: str = "MLA_REQ"
    number: int = 0
    changes: dict[str, Change]
    pointer: str
    code: ProblemCode = SCHEMA
    blocking: bool = True

    def document(self) -> JsonObject:
        """Return the broken document."""
        document = sample(self.msg_type, self.number)
        for pointer, value in self.changes.items():
            document = (
                without(document, pointer)
                if value is None
                else with_value(document, pointer, value)
            )
        return document


BROKEN = [
    Broken(
        rule="an IP address needs its moment",
        changes={"/payload/identifiers/1/at": None},
        pointer="/payload/identifiers/1/at",
    ),
    Broken(
        rule="the moment of an IP address needs a time zone",
        changes={"/payload/identifiers/1/at": "2026-08-27T21:14:09"},
        pointer="/payload/identifiers/1/at",
    ),
    Broken(
        rule="facts may be absent for service and records only",
        changes={"/payload/facts": None},
        pointer="/payload/facts",
    ),
    Broken(
        rule="the text of law may be absent for service and records only",
        number=1,
        changes={"/payload/offences/0/statute_text": None},
        pointer="/payload/offences/0/statute_text",
    ),
    Broken(
        rule="one TLP marking is needed",
        changes={"/handling": ["SEALED"]},
        pointer="/handling",
    ),
    Broken(
        rule="one TLP marking is enough",
        changes={"/handling": ["TLP:RED", "TLP:AMBER"]},
        pointer="/handling",
    ),
    Broken(
        rule="a minor forces the marking",
        changes={"/payload/persons/0/flags": ["MINOR"]},
        pointer="/handling",
    ),
    Broken(
        rule="the marking of special data needs reasons",
        changes={"/handling": ["TLP:AMBER", "SENSITIVE_PD"]},
        pointer="/payload/necessity/sensitive_data_justification",
    ),
    Broken(
        rule="special data need reasons",
        changes={"/personal_data": [{"category": "HEALTH", "justification": "x"}]},
        pointer="/payload/necessity/sensitive_data_justification",
    ),
    Broken(
        rule="data of class X should be justified one by one",
        changes={"/personal_data": [{"category": "COMM_TRAFFIC"}]},
        pointer="/personal_data/0/justification",
        blocking=False,
    ),
    Broken(
        rule="a period runs forward",
        changes={"/payload/measures/1/period/to": "2026-08-10"},
        pointer="/payload/measures/1/period/to",
    ),
    Broken(
        rule="an offence of the EU list needs three years",
        changes={"/payload/offences/0/max_penalty_months": 35},
        pointer="/payload/offences/0/max_penalty_months",
    ),
    Broken(
        rule="an offence of the EU list needs its penalty",
        changes={"/payload/offences/0/max_penalty_months": None},
        pointer="/payload/offences/0/max_penalty_months",
    ),
    Broken(
        rule="traffic data under e-Evidence need three years",
        changes={
            "/instrument": ["EEV"],
            "/payload/offences/0/eu32": None,
            "/payload/offences/0/max_penalty_months": 12,
            "/payload/measures/0/data_cats": ["TRF.internet"],
        },
        pointer="/payload/measures/0/data_cats/0",
        code=BASIS,
    ),
    Broken(
        rule="another competent authority needs validation",
        changes={"/payload/requesting_authority/type": "OTHER_COMPETENT"},
        pointer="/payload/validating_authority",
    ),
    Broken(
        rule="a bilateral treaty is named",
        changes={"/instrument": ["BILATERAL"]},
        pointer="/bilateral_treaty",
    ),
    Broken(
        rule="urgent requests have a date",
        changes={"/payload/needed_by": None},
        pointer="/payload/needed_by",
    ),
    Broken(
        rule="urgent requests have a reason",
        changes={"/payload/urgency_reason": None},
        pointer="/payload/urgency_reason",
    ),
    Broken(
        rule="prioritised requests have a date",
        number=1,
        changes={"/payload/needed_by": None},
        pointer="/payload/needed_by",
    ),
    Broken(
        rule="another reason is told",
        changes={"/payload/urgency_reason": "U99"},
        pointer="/payload/urgency_text",
    ),
    Broken(
        rule="an emergency is described",
        changes={"/urgency": "EMERGENCY"},
        pointer="/payload/emergency",
    ),
    Broken(
        rule="an emergency over assets threatens life or infrastructure",
        number=1,
        changes={
            "/urgency": "EMERGENCY",
            "/payload/emergency": {
                "facts": TEXT,
                "threatened_interest": "Money",
                "how_data_help": TEXT,
            },
        },
        pointer="/payload/urgency_reason",
    ),
    Broken(
        rule="bank records demand their block",
        number=1,
        changes={"/payload/financial": None},
        pointer="/payload/financial",
    ),
    Broken(
        rule="freezing demands an asset",
        number=1,
        changes={"/payload/measures/2/asset": None},
        pointer="/payload/measures/2/asset",
    ),
    Broken(
        rule="electronic data demand categories or identifiers",
        changes={
            "/payload/measures/0/data_cats": None,
            "/payload/measures/0/identifiers": None,
        },
        pointer="/payload/measures/0/data_cats",
    ),
    Broken(
        rule="a search demands a place",
        changes={"/payload/measures/0/assist": "A20"},
        pointer="/payload/measures/0/place",
    ),
    Broken(
        rule="a hearing demands its block",
        changes={"/payload/measures/0/assist": "A03"},
        pointer="/payload/hearing",
    ),
    Broken(
        rule="a person referred to is in the form",
        changes={"/payload/measures/0/person_ids": ["P1", "P9"]},
        pointer="/payload/measures/0/person_ids/1",
        code=REF,
    ),
    Broken(
        rule="an identifier referred to is in the form",
        changes={"/payload/measures/0/identifiers": ["I9"]},
        pointer="/payload/measures/0/identifiers/0",
        code=REF,
    ),
    Broken(
        rule="short ids are used once",
        changes={"/payload/measures/1/measure_id": "M1"},
        pointer="/payload/measures/1/measure_id",
    ),
    Broken(
        rule="a legal person should have a name",
        changes={"/payload/persons/1/name": None},
        pointer="/payload/persons/1/name",
        blocking=False,
    ),
    Broken(
        rule="an identifier should look like its type",
        changes={"/payload/identifiers/1/value": "203.0.113.777"},
        pointer="/payload/identifiers/1/value",
        blocking=False,
    ),
    Broken(
        rule="a user name should come with its service",
        changes={
            "/payload/identifiers/0/type": "USERNAME",
            "/payload/identifiers/0/service": None,
        },
        pointer="/payload/identifiers/0/service",
        blocking=False,
    ),
    Broken(
        rule="a requested side sends no requests",
        changes={"/from/role": "INFO"},
        pointer="/from/role",
        code=ROLE,
    ),
    Broken(
        rule="bank secrecy is no ground of refusal",
        msg_type="DEC",
        changes={
            "/payload/decisions/0": {
                "measure_id": "M1",
                "outcome": "REFUSE",
                "refusal": ["R21"],
                "article": "18(8)",
                "reason": TEXT,
            },
            "/payload/decisions/1/outcome": "ACCEPT_COND",
        },
        pointer="/payload/decisions/0/refusal/0",
        code=CODE,
    ),
    Broken(
        rule="a refusal names its article",
        msg_type="DEC",
        changes={
            "/payload/decisions/0": {
                "measure_id": "M1",
                "outcome": "REFUSE",
                "refusal": ["R02"],
                "reason": TEXT,
            }
        },
        pointer="/payload/decisions/0/article",
    ),
    Broken(
        rule="a fiscal offence is no ground under the UN conventions",
        msg_type="DEC",
        number=1,
        changes={
            "/payload/decisions/1": {
                "measure_id": "M2",
                "outcome": "REFUSE",
                "refusal": ["R07"],
                "article": "18(22)",
                "reason": TEXT,
            }
        },
        pointer="/payload/decisions/1/refusal/0",
        code=BASIS,
    ),
    Broken(
        rule="a postponement has an end or a review",
        msg_type="DEC",
        number=1,
        changes={"/payload/decisions/2/until": None},
        pointer="/payload/decisions/2/until",
    ),
    Broken(
        rule="conditions of an acceptance are listed",
        msg_type="DEC",
        changes={"/payload/conditions": None},
        pointer="/payload/conditions",
    ),
    Broken(
        rule="a final response leaves nothing open",
        msg_type="RSP",
        number=1,
        changes={"/payload/final": True},
        pointer="/payload/results/2/result",
        code=STATE,
    ),
    Broken(
        rule="a question is answered or excused",
        msg_type="CLR_RSP",
        changes={"/payload/answers/1/text": None},
        pointer="/payload/answers/1/text",
    ),
    Broken(
        rule="a rejected item has a reason",
        msg_type="EVD_ACK",
        changes={"/payload/items/0/result": "REJECTED"},
        pointer="/payload/items/0/reason",
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.rule)
def test_a_broken_rule_is_the_only_problem_and_named_at_its_place(
    broken: Broken,
) -> None:
    found = validate(broken.document())

    assert [(p.pointer, p.code, p.blocking) for p in found] == [
        (broken.pointer, broken.code, broken.blocking)
    ]


def _accepted(changes: dict[str, Change], number: int = 0) -> bool:
    broken = Broken(rule="", number=number, changes=changes, pointer="")
    return validate(broken.document()) == []


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
