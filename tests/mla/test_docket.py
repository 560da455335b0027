"""What a case keeps of a message: enough to work with, nothing to read."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.docket import docket_entry
from gateway.mla.problems import text_at, texts_at, values_at
from tests.support.forms import sample, sample_messages

SAMPLES = sample_messages()

# Blocks that say who or what it is about.
_TELLING = {"surname", "forenames", "text", "address", "birth_date"}


def names_of_texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str):
                yield name
            yield from names_of_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from names_of_texts(item)


@pytest.mark.parametrize("document", SAMPLES)
def test_nothing_that_tells_of_people_is_kept(document: JsonObject) -> None:
    assert not _TELLING & set(names_of_texts(docket_entry(document)))


@pytest.mark.parametrize("document", SAMPLES)
def test_what_a_case_is_computed_from_is_kept(document: JsonObject) -> None:
    entry = docket_entry(document)
    for path in ("/msg_type", "/case_id", "/msg_id", "/in_reply_to", "/created_at"):
        assert text_at(entry, path) == text_at(document, path)
    for path in (
        "/payload/measures/*/measure_id",
        "/payload/measures/*/assist",
        "/payload/decisions/*/outcome",
        "/payload/results/*/result",
        "/payload/persons/*/role",
        "/instrument/*",
        "/handling/*",
    ):
        assert values_at(entry, path) == values_at(document, path)


@pytest.mark.parametrize("document", SAMPLES)
def test_neither_identifiers_nor_convictions_are_told(document: JsonObject) -> None:
    entry = docket_entry(document)
    for path in ("identifiers/*/value", "supplied/*", "convictions/*/offences"):
        assert not values_at(entry, f"/payload/{path}")


def test_a_persons_flags_are_kept_without_the_person() -> None:
    entry = docket_entry(sample("MLA_REQ"))
    persons = values_at(entry, "/payload/persons/*")
    assert persons
    for person in persons:
        assert isinstance(person, dict)
        assert person.keys() <= {"person_id", "kind", "role", "flags"}


def test_what_is_not_of_its_kind_is_left_out() -> None:
    document = sample("MLA_REQ") | {"urgency": "Mrs Miller", "sent_at": 7}
    entry = docket_entry(document)
    assert "urgency" not in entry
    assert "sent_at" not in entry
    assert texts_at(entry, "/purpose")


def test_of_an_undeclared_type_only_its_place_is_kept() -> None:
    document = sample("MLA_REQ") | {"msg_type": "NEW_TYPE"}
    assert docket_entry(document).keys() == {"msg_id", "case_id"}


_JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(_TELLING)), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.data())
def test_any_document_has_an_entry(data: st.DataObject) -> None:
    document = dict(data.draw(st.sampled_from(SAMPLES)))
    for name in data.draw(st.sets(st.sampled_from(sorted(document)))):
        document[name] = data.draw(_JSON)
    assert not {"surname", "forenames"} & set(names_of_texts(docket_entry(document)))
