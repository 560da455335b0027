"""Which version two sides speak, and what one of them would not understand."""

from dataclasses import replace

import pytest

from gateway.core.errors import VersionError
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block, Field, may
from gateway.mla.problems import ProblemCode
from gateway.mla.speaking import Spoken, common_version, declarations_of, not_spoken
from gateway.mla.spellings import REFERENCE
from gateway.mla.types import declared_type, use_national
from gateway.mla.validate import validate
from gateway.mla.versions import highest_common, includes
from tests.support.forms import in_form, sample

OLD = Spoken(("1.0",), ("1.0",), {})
NEW = Spoken(("1.0", "1.1"), ("1.0",), {})


@pytest.mark.parametrize(
    ("ours", "theirs", "common"),
    [
        (("1.0", "1.1"), ("1.0", "1.1"), "1.1"),
        (("1.0", "1.1"), ("1.1", "1.0"), "1.1"),
        (("1.0", "1.1"), ("1.0",), "1.0"),
        (("1.9", "1.10"), ("1.10", "1.9"), "1.10"),
        (("1.0", "1.1"), ("1.1", "2.0"), "1.1"),
        (("1.0",), ("2.0",), None),
        (("1.0",), (), None),
    ],
)
def test_the_highest_common_version_is_taken(
    ours: tuple[str, ...], theirs: tuple[str, ...], common: str | None
) -> None:
    assert highest_common(ours, theirs) == common


def test_a_version_has_what_was_added_up_to_it() -> None:
    assert includes("1.1", "1.0")
    assert includes("1.1", "1.1")
    assert not includes("1.0", "1.1")
    assert includes("2.0", "1.9")
    assert not includes("nonsense", "1.0")


def test_two_sides_without_a_common_version_are_told_who_speaks_what() -> None:
    with pytest.raises(
        VersionError, match=r"messages 2\.0, 3\.0, this node 1\.0, 1\.1"
    ):
        common_version(Spoken(("2.0", "3.0"), ("1.0",), {}))
    with pytest.raises(VersionError, match="code lists 2026"):
        common_version(Spoken(("1.0",), ("2026",), {}))
    assert common_version(OLD) == "1.0"
    assert common_version(NEW) == "1.1"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_messages_of_both_versions_are_valid(version: str) -> None:
    assert validate(sample("MLA_REQ") | {"schema_version": version}) == []


@pytest.mark.parametrize("version", ["1.2", "2.0", "", "1"])
def test_a_message_of_another_version_is_one_problem(version: str) -> None:
    document = sample("ACK") | {"schema_version": version, "of_a_later_version": True}

    (problem,) = validate(document)

    assert problem.pointer == "/schema_version"
    assert problem.code is ProblemCode.CODE
    assert problem.blocking


def test_version_1_0_has_no_national_declarations() -> None:
    document = sample("ACK")
    document["national"] = [{"name": "ee-test", "digest": "ab" * 32}]

    old = validate(document)
    new = validate(document | {"schema_version": "1.1"})

    assert ("/national", "unknown field") in {
        (one.pointer, one.sentence.split(": ")[1].split(",")[0]) for one in old
    }
    assert [one.pointer for one in new] == ["/national/0"]
    assert "unknown here" in new[0].sentence


def test_what_a_later_version_added_is_refused_for_who_does_not_speak_it() -> None:
    receipt = declared_type("ACK")
    later = replace(may("later", REFERENCE, "Later", "Plus tard"), since="1.1")
    payload = replace(receipt.payload, fields=(*receipt.payload.fields, later))
    changed = replace(receipt, payload=payload)
    document = in_form(sample("ACK"), Form.AUTHOR)
    held = document["payload"]
    assert isinstance(held, dict)
    document["payload"] = held | {"later": "x"}
    use_national({"ACK": changed}, {})
    try:
        assert validate(document, form=Form.AUTHOR) == []
        assert [one.pointer for one in not_spoken(document, OLD)] == ["/payload/later"]
        assert not_spoken(document, NEW) == []
        names = {
            version: {f.name for f in _payload_fields(version)}
            for version in ("1.0", "1.1")
        }
    finally:
        use_national({}, {})

    assert "later" in names["1.1"] - names["1.0"]
    assert declarations_of(document) == ()


def _payload_fields(version: str) -> tuple[Field, ...]:
    block = message_block(declared_type("ACK"), Form.COMPLETE, version)
    payload = block.fields[-1].kind
    assert isinstance(payload, Block)
    return payload.fields


def test_a_type_that_a_later_version_added_is_refused_the_same_way() -> None:
    later = replace(declared_type("ACK"), since="1.1")
    document = in_form(sample("ACK"), Form.AUTHOR)
    use_national({"ACK": later}, {})
    try:
        assert [one.pointer for one in not_spoken(document, OLD)] == ["/msg_type"]
        received = validate(sample("ACK"))
    finally:
        use_national({}, {})

    assert [one.pointer for one in received] == ["/msg_type"]
