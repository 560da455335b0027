"""The sample cases are valid, and their invalid variants give the codes they name.

The cases are package data, `gateway/demo/samples.json`, as the demonstration and the
end-to-end tests use them too: four fictional cases between invented offices, each with
its messages, evidence, the states it runs through, and variants that must be refused.
Here are those variants that one document shows by itself.
"""

import pytest

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.problems import select
from gateway.mla.types import all_types, message_type
from gateway.mla.validate import validate
from tests.support.forms import sample, sample_cases, with_value, without

HEALTH: JsonValue = [{"category": "HEALTH", "justification": "Reason for the video."}]
REFUSAL: JsonValue = {
    "measure_id": "M2",
    "outcome": "REFUSE",
    "refusal": ["R21"],
    "article": "18(8)",
    "reason": [{"lang": "en", "text": "Bank secrecy.", "is_translation": False}],
}
NO_JUSTIFICATION = without(
    sample("HRG_REQ"), "/payload/necessity/sensitive_data_justification"
)
VARIANTS: list[tuple[str, JsonObject, str, str]] = [
    (
        "remove identifiers[1].at from the MLA_REQ",
        without(sample("MLA_REQ"), "/payload/identifiers/1/at"),
        "/payload/identifiers/1/at",
        "E_SCHEMA",
    ),
    (
        "DEC M2 outcome REFUSE with ground R21 (bank secrecy)",
        with_value(sample("DEC", 1), "/payload/decisions/1", REFUSAL),
        "/payload/decisions/1/refusal/0",
        "E_CODE",
    ),
    (
        "remove offences[0].statute_text",
        without(sample("MLA_REQ", 1), "/payload/offences/0/statute_text"),
        "/payload/offences/0/statute_text",
        "E_SCHEMA",
    ),
    (
        "RSP final=true while M3 is PENDING",
        with_value(sample("RSP", 1), "/payload/final", True),  # noqa: FBT003 - a value
        "/payload/results/2/result",
        "E_STATE",
    ),
    (
        'cr_purpose EMPLOYMENT with consent "no"',
        with_value(
            with_value(sample("CR_REQ"), "/payload/cr_purpose", "EMPLOYMENT"),
            "/payload/consent",
            "no",
        ),
        "/payload/consent",
        "E_SCHEMA",
    ),
    (
        "conviction without sanctions",
        without(
            with_value(sample("CR_NOT"), "/payload/conviction/relations", []),
            "/payload/conviction/sanctions",
        ),
        "/payload/conviction/sanctions",
        "E_SCHEMA",
    ),
    (
        "offence code 9900 00",
        with_value(sample("CR_NOT"), "/payload/conviction/offences/0/ecris", "9900 00"),
        "/payload/conviction/offences/0/ecris",
        "E_CODE",
    ),
    (
        "only one slot",
        without(sample("HRG_REQ"), "/payload/hearing/slots/1"),
        "/payload/hearing/slots",
        "E_SCHEMA",
    ),
    (
        "drop sensitive_data_justification while HEALTH is carried",
        with_value(NO_JUSTIFICATION, "/personal_data", HEALTH),
        "/payload/necessity/sensitive_data_justification",
        "E_SCHEMA",
    ),
    (
        "send by role INFO",
        with_value(sample("HRG_REQ"), "/from/role", "INFO"),
        "/from/role",
        "E_ROLE",
    ),
]
# Those need files, the messages before, or another peer.
BEYOND_ONE_DOCUMENT = {
    "set RSP i2 digest SHA-256 to 64 zeros",
    "send RSP final=true before CND_RSP",
    "forward i1 to a third country without USE_RSP",
    "USE of a2 for RELATED_PROC before USE_RSP",
    "reuse of the answer for case SI-K-2026-560",
    "HRG_CNF before DEC",
}


@pytest.mark.parametrize(
    ("change", "document", "pointer", "code"), VARIANTS, ids=[v[0] for v in VARIANTS]
)
def test_an_invalid_variant_gives_the_code_it_names_and_no_other(
    change: str, document: JsonObject, pointer: str, code: str
) -> None:
    found = [(p.pointer, p.code.value, p.blocking) for p in validate(document)]

    assert found == [(pointer, code, True)]
    assert {"change": change, "error": code} in _variants()


def test_every_invalid_variant_is_tested_here_or_needs_more_than_one_document() -> None:
    named = {variant["change"] for variant in _variants()}

    assert named == BEYOND_ONE_DOCUMENT | {variant[0] for variant in VARIANTS}


def test_every_message_of_the_samples_is_of_a_declared_type() -> None:
    types = [
        found.value
        for case in sample_cases()
        for found in select(case, "messages/*/msg_type")
    ]

    assert len(types) == 49
    assert all(message_type(str(name)) for name in types)
    assert len(all_types()) == 57


def _variants() -> list[JsonObject]:
    return [
        found.value
        for case in sample_cases()
        for found in select(case, "invalid_variants/*")
        if isinstance(found.value, dict)
    ]
