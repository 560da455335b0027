"""A redacted copy belongs to its original, and tells nothing of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject
from gateway.core.errors import MalformedError
from gateway.mla.handling import REDACTED, release_reasons
from gateway.mla.redaction import (
    REASONS,
    RedactionRecord,
    read_record,
    with_redactions,
)
from gateway.mla.validate import blocking, validate
from tests.support.forms import evidence_message, with_value, without

SOURCE, RESULT = "ab" * 32, "cd" * 32
RECORD = RedactionRecord(
    redaction_id="019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
    source_sha256=SOURCE,
    result_sha256=RESULT,
    salt=bytes(range(32)),
    reasons=("THIRD_PARTY",),
    rule="names of third parties",
    by="A. Tamm",
    at="2026-11-28T08:00:00Z",
)


def item(record: RedactionRecord = RECORD, digest: str = RESULT) -> JsonObject:
    return record.for_item() | {"digests": [{"alg": "SHA-256", "value": digest}]}


def test_a_copy_is_shown_to_belong_to_its_original() -> None:
    assert RECORD.shows(item(), source=SOURCE, result=RESULT) == []


def test_the_commitment_stays_what_it_is() -> None:
    assert RECORD.commitment == (
        "9c8a91e7f151f9ff3b4a5ec9d798d94ce39c4b83e8fca70cefebed30b9986303"
    )


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"source": "00" * 32}, "the original is another file"),
        ({"result": "00" * 32}, "the copy is another file"),
    ],
)
def test_another_file_is_found_out(changed: dict[str, str], fault: str) -> None:
    files = {"source": SOURCE, "result": RESULT} | changed
    assert fault in RECORD.shows(item(), **files)


def test_a_record_made_up_later_does_not_fit() -> None:
    later = replace(RECORD, source_sha256="00" * 32)
    faults = later.shows(item(), source="00" * 32, result=RESULT)
    assert faults == ["the item does not commit to this record"]
    other = RECORD.shows(item(digest="00" * 32), source=SOURCE, result=RESULT)
    assert other == ["the item is of another file"]


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_same_files_under_other_salts_look_unrelated(a: bytes, b: bytes) -> None:
    first, second = (replace(RECORD, salt=salt) for salt in (a, b))
    assert (first.commitment == second.commitment) is (a == b)
    assert SOURCE not in str(first.for_item())


def test_a_record_is_read_as_it_was_written() -> None:
    assert read_record(RECORD.to_json()) == RECORD


@pytest.mark.parametrize("name", ["source_sha256", "result_sha256", "salt", "at"])
def test_what_is_no_record_is_refused(name: str) -> None:
    for value in ("", "xx", "00" * 31):
        with pytest.raises(MalformedError, match="redaction record"):
            read_record(RECORD.to_json() | {name: value})


def redacted_message() -> JsonObject:
    document = evidence_message()
    for name, value in RECORD.for_item().items():
        document = with_value(document, f"/payload/manifest/0/{name}", value)
    return document


def test_the_fields_fit_into_an_item_and_a_second_person_lets_it_go() -> None:
    assert blocking(validate(redacted_message())) == []
    assert REDACTED in release_reasons(redacted_message())


def test_a_redacted_item_without_a_commitment_is_refused() -> None:
    pointer = "/payload/manifest/0/redaction_ref/commitment"
    (problem,) = blocking(validate(without(redacted_message(), pointer)))
    assert (problem.pointer, problem.code) == (pointer, "E_SCHEMA")


def test_reasons_are_those_of_the_form() -> None:
    for reason in REASONS:
        pointer = "/payload/manifest/0/redaction_ref/reasons"
        assert not blocking(validate(with_value(redacted_message(), pointer, [reason])))


def message_with(given: JsonObject) -> JsonObject:
    digests: JsonObject = {"digests": [{"alg": "SHA-256", "value": RESULT}]}
    return {"payload": {"manifest": [{"file_name": "a"}, given | digests, 7]}}


def test_the_item_of_the_copy_gets_what_its_record_says() -> None:
    document, problems = with_redactions(message_with({}), [RECORD])
    assert problems == []
    assert document == message_with(RECORD.for_item())
    # What commits to it already is left as it is.
    assert with_redactions(document, [RECORD]) == (document, [])


def test_an_item_that_commits_to_something_else_is_found_out() -> None:
    other = message_with(replace(RECORD, salt=bytes(32)).for_item())
    document, (problem,) = with_redactions(other, [RECORD])
    assert document == other
    assert problem.pointer == "/payload/manifest/1/redaction_ref/commitment"
    assert (problem.code, problem.blocking) == ("E_CHAIN", True)


@pytest.mark.parametrize("odd", [{}, {"payload": 7}, {"payload": {"manifest": {}}}])
def test_a_form_without_items_stays_what_it_is(odd: JsonObject) -> None:
    assert with_redactions(odd, [RECORD]) == (odd, [])
    assert with_redactions(message_with({}), []) == (message_with({}), [])
