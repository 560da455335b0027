"""What people in a message can be found by, however their names are written."""

import pytest

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.name_folding import folded_name, folded_number, folded_phone
from gateway.mla.subjects import (
    MAX_SUBJECT_KEYS,
    SubjectKind,
    WantedSubject,
    is_candidate,
    subject_keys,
)
from tests.support.forms import whole_messages

PERSON: JsonObject = {
    "person_id": "P1",
    "kind": "natural",
    "role": "SUSPECT",
    "surname": "Müller-Şahin",
    "former_surname": "O\N{RIGHT SINGLE QUOTATION MARK}Neil",
    "forenames": "Jürgen Heinz",
    "aliases": ["Der Lange"],
    "birth_date": "1970-01-02",
    "identity_docs": [{"type": "PASSPORT", "number": "C01X 0006-7"}],
    "national_no": "38001085718",
    "phones": ["+49 (0)171 123 45 67"],
    "emails": ["J.M@Example.org"],
}
IDENTIFIERS: list[JsonValue] = [
    {"identifier_id": "I1", "type": "IBAN", "value": "DE89 3704 0044 0532 0130 00"},
    {"identifier_id": "I2", "type": "TEL", "value": "+3725551234"},
    {"identifier_id": "I3", "type": "USERNAME", "value": "lange_70", "service": "x"},
]


def document(**payload: JsonValue) -> JsonObject:
    return {"msg_type": "MLA_REQ", "payload": payload}


def found(wanted: WantedSubject, *people: JsonValue) -> set[SubjectKind]:
    """Return what agrees of the first person of a request."""
    asked = wanted.keys()
    return {
        one.kind
        for one in subject_keys(document(persons=list(people)))
        if one.person == 0 and (one.kind, one.text) in asked
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MUELLER"),
        ("Şahin", "sahin"),
        ("Łukasz Wałęsa", "Walesa, Lukasz"),
        ("Щербаков", "Shcherbakov"),
        ("Соловьёв", "Solovev"),
        ("Παπαδόπουλος", "Papadopoylos"),
        ("Straße", "Strasse"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Neil", "O'Neil"),
        ("Garcia-Lopez", "Lopez Garcia"),
        ("José", "Jose\N{COMBINING ACUTE ACCENT}"),
        ("Ⅷ", "viii"),
    ],
)
def test_writings_of_one_name_fold_to_one(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other) != ""


def test_other_scripts_keep_their_letters() -> None:
    assert folded_name("王 小明") != folded_name("李 小明")
    assert folded_name("محمد") == folded_name("محمد")


def test_numbers_and_telephones_lose_how_they_are_grouped() -> None:
    assert folded_number("C01X 0006-7") == folded_number("c01x00067")
    assert folded_phone("+49 (0)171 1234567") == folded_phone("01711234567")


@pytest.mark.parametrize(
    ("wanted", "agreeing"),
    [
        (
            WantedSubject(surname="Mueller Sahin", forenames="Heinz Jurgen"),
            {SubjectKind.NAME, SubjectKind.SURNAME},
        ),
        (
            WantedSubject(surname="ŞAHIN-MÜLLER", forenames="Jürgen", born="1970"),
            {SubjectKind.NAME, SubjectKind.SURNAME, SubjectKind.BORN},
        ),
        (WantedSubject(surname="ONeil"), {SubjectKind.SURNAME}),
        (WantedSubject(surname="Other", born="1970-01-02"), {SubjectKind.BORN}),
        (WantedSubject(surname="Other", born="1970-01-03"), set()),
        (WantedSubject(name="der lange"), {SubjectKind.ALIAS}),
        (WantedSubject(document="c01x00067"), {SubjectKind.DOCUMENT}),
        (WantedSubject(national_no="38001085718"), {SubjectKind.NATIONAL}),
        (WantedSubject(phone="0171/1234567"), {SubjectKind.PHONE}),
        (WantedSubject(email=" j.m@example.ORG"), {SubjectKind.MAIL}),
        # A number of one kind is none of another.
        (WantedSubject(document="38001085718"), set()),
    ],
)
def test_a_person_is_found_by_any_of_it(
    wanted: WantedSubject, agreeing: set[SubjectKind]
) -> None:
    assert found(wanted, PERSON) == agreeing


@pytest.mark.parametrize(
    ("written", "asked", "agrees"),
    [
        ("1970", "1970-01-02", True),
        ("1970-01", "1970-01-02", True),
        ("1970-01", "1970-02-02", False),
        ("1970-01-02", "1970-01", True),
        ("1970-01-02", "1970-01-03", False),
        ("1970-01-02", "1971", False),
    ],
)
def test_dates_known_in_part_agree(written: str, asked: str, *, agrees: bool) -> None:
    person = PERSON | {"birth_date": written}
    assert (SubjectKind.BORN in found(WantedSubject(born=asked), person)) is agrees


def test_identifiers_are_found_by_their_kind() -> None:
    keys = subject_keys(document(identifiers=IDENTIFIERS))
    assert [(one.kind, one.text, one.role) for one in keys] == [
        (SubjectKind.ACCOUNT, "de89370400440532013000", ""),
        (SubjectKind.PHONE, "725551234", ""),
        (SubjectKind.ONLINE, "lange70", ""),
    ]


def test_a_birth_date_or_one_surname_among_more_makes_no_candidate() -> None:
    name, surname, born = SubjectKind.NAME, SubjectKind.SURNAME, SubjectKind.BORN
    assert is_candidate({name}, {name, surname, born})
    assert is_candidate({surname, born}, {name, surname, born})
    assert is_candidate({surname}, {surname})
    assert not is_candidate({surname}, {name, surname, born})
    assert not is_candidate({born}, {born})


def test_whatever_a_document_holds_nothing_is_raised() -> None:
    crooked: list[JsonValue] = [
        {"surname": 7, "aliases": "x", "identity_docs": [1, {"number": {}}]},
        "person",
        7,
    ]
    assert [one.text for one in subject_keys(document(persons=crooked))] == ["x"]
    assert subject_keys({"msg_type": "NONE"}) == []
    assert subject_keys(document(persons={"surname": "x"})) == []


def test_a_long_list_of_people_is_cut() -> None:
    people: list[JsonValue] = [PERSON | {"surname": f"n{one}"} for one in range(500)]
    assert len(subject_keys(document(persons=people))) == MAX_SUBJECT_KEYS


def test_every_person_of_the_sample_cases_is_found() -> None:
    named = [
        one
        for message in whole_messages()
        for one in subject_keys(message)
        if one.kind is SubjectKind.SURNAME
    ]
    assert named
