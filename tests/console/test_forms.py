"""Forms from declarations, and what is posted of them back to documents."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.console.forms.building import Setting, fields_of
from gateway.console.forms.names import OPEN
from gateway.console.forms.posting import draft_from
from gateway.core.canonical import JsonObject
from gateway.core.errors import TooLargeError, UsageError
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block
from gateway.mla.types import common_types, declared_type
from gateway.mla.types.model import MessageType
from tests.support.any_forms import any_document, given_by_author
from tests.support.made_forms import made_message
from tests.support.posted_forms import posted


def _author(declared: MessageType) -> Block:
    return message_block(declared, Form.AUTHOR)


@pytest.mark.parametrize("declared", common_types(), ids=lambda one: one.name)
def test_a_smallest_message_goes_through_its_form_unchanged(
    declared: MessageType,
) -> None:
    block = _author(declared)
    document = given_by_author(made_message(declared), block)
    assert isinstance(document, dict)

    nodes = tuple(fields_of(block, Setting(draft=document)))

    assert draft_from(posted(nodes), block) == document


# --- whole forms, with whatever may be in them ---


@pytest.mark.parametrize("declared", common_types(), ids=lambda one: one.name)
def test_whatever_is_in_a_draft_comes_back_from_its_form(
    declared: MessageType,
) -> None:
    block = _author(declared)
    document = any_document(block, declared.name)

    nodes = tuple(fields_of(block, Setting(draft=document)))

    assert draft_from(posted(nodes), block) == document


_JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["payload", "persons", "0", "text"]), inner)
    ),
    max_leaves=8,
)
_PLACES = (
    *("payload", "payload.persons.0", "payload.persons.0.surname", "approval.0.at"),
    *("approval.0.at._when", "handling", "payload.facts.summary.0.text", "instrument"),
    *("payload.proceedings.authority_conducting", "payload.measures.2.identifiers.0"),
    *("payload.necessity.domestic_equivalent", "payload.persons.01", "x", "..", ""),
)


@settings(max_examples=25, deadline=None)
@given(st.fixed_dictionaries({}, optional={"payload": _JSON, "handling": _JSON}))
def test_a_draft_of_any_shape_is_shown(draft: JsonObject) -> None:
    block = _author(declared_type("MLA_REQ"))

    assert tuple(fields_of(block, Setting(draft=draft)))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from((*_PLACES, OPEN)), st.sampled_from(_PLACES)),
        max_size=8,
    )
)
def test_whatever_is_posted_makes_a_draft_or_is_refused(
    pairs: list[tuple[str, str]],
) -> None:
    block = _author(declared_type("MLA_REQ"))
    try:
        draft = draft_from(pairs, block)
    except UsageError:
        return
    again = draft_from(posted(fields_of(block, Setting(draft=draft))), block)
    # What a form adds is open parts; after that it is what it is.
    nodes = fields_of(block, Setting(draft=again))
    assert draft_from(posted(nodes), block) == again


# --- bounds ---


def test_too_many_fields_are_refused_before_anything_is_built() -> None:
    block = _author(declared_type("MLA_REQ"))
    many = ((f"payload.persons.{n % 1000}.surname", "x") for n in range(10**9))

    with pytest.raises(TooLargeError, match="fields"):
        draft_from(many, block)


@pytest.mark.parametrize(
    "name",
    [
        "payload.nothing",
        "nothing",
        "payload.persons.x.surname",
        "payload.persons.-1.surname",
        "payload.persons.1000.surname",
        "payload.persons.0.surname.more",
        "payload" + ".persons" * 20,
        "payload.persons.0." + "s" * 400,
        "payload.persons.0",
        "msg_id",
    ],
)
def test_a_name_that_no_field_has_is_refused(name: str) -> None:
    block = _author(declared_type("MLA_REQ"))

    with pytest.raises(UsageError):
        draft_from([(name, "x")], block)


def test_what_a_message_cannot_hold_is_left_out_of_texts() -> None:
    block = _author(declared_type("CLS"))
    draft = draft_from([("sender_ref", " A\tB\x07\x85 ")], block)

    assert draft["sender_ref"] == "A B"


def test_a_list_longer_than_any_is_refused() -> None:
    block = _author(declared_type("MLA_REQ"))
    lines = "\n".join("x" for _ in range(1001))

    with pytest.raises(TooLargeError, match="items"):
        draft_from([("refs", lines)], block)
