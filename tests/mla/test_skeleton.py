"""A draft can be read, is never sent by mistake, and becomes a form once filled in."""

import json

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.limits import MAX_MANIFEST_BYTES
from gateway.mla.asked_for import articles_by_field
from gateway.mla.envelope_fields import NODE_FIELD_NAMES, Form, message_block
from gateway.mla.fields import Need
from gateway.mla.notes import without_notes
from gateway.mla.problems import select, text_at
from gateway.mla.skeleton import DraftRequest, draft
from gateway.mla.types import all_types, declared_type
from gateway.mla.types.model import MessageType
from gateway.mla.validate import blocking, validate
from gateway.mla.wording import Language
from tests.support.forms import in_form, sample

TYPES = pytest.mark.parametrize(
    "declared", all_types(), ids=lambda declared: declared.name
)


def _drafted(declared: MessageType, language: Language) -> JsonObject:
    return draft(DraftRequest(declared=declared, language=language))


@TYPES
@pytest.mark.parametrize("language", list(Language))
def test_a_draft_is_json_that_the_command_line_reads(
    declared: MessageType, language: Language
) -> None:
    drafted = _drafted(declared, language)
    raw = json.dumps(drafted, ensure_ascii=False, indent=2).encode()

    assert canonical.parse_object(raw, max_bytes=MAX_MANIFEST_BYTES) == drafted


@TYPES
def test_a_draft_that_is_not_filled_in_blocks_and_only_for_what_is_empty(
    declared: MessageType,
) -> None:
    form = without_notes(_drafted(declared, Language.ENGLISH))
    faults = blocking(validate(form, form=Form.AUTHOR))

    assert faults
    assert not [one for one in faults if "unknown field" in one.sentence]
    assert form.keys().isdisjoint(NODE_FIELD_NAMES)


@TYPES
def test_every_field_of_an_author_is_in_the_draft_with_its_help(
    declared: MessageType,
) -> None:
    drafted = _drafted(declared, Language.FRENCH)
    block = message_block(declared, Form.AUTHOR)
    payload = drafted["payload"]
    assert isinstance(payload, dict)

    for fields, written in (
        (block.fields, drafted),
        (declared.payload.fields, payload),
    ):
        for field in fields:
            if field.name == "case_id" and declared.opens_case:
                continue
            assert {field.name, f"//{field.name}"} & written.keys(), field.name
            notes = [key for key in written if key.startswith(f"// {field.name}: ")]
            note = written[notes[0]]
            told = note[0] if isinstance(note, list) else note
            assert isinstance(told, str)
            assert told.startswith(field.help_fr.rstrip("."))


@TYPES
def test_what_is_not_mandatory_stands_behind_slashes(declared: MessageType) -> None:
    drafted = _drafted(declared, Language.ENGLISH)
    payload = drafted["payload"]
    assert isinstance(payload, dict)

    for field in declared.payload.fields:
        assert (field.name in payload) is (field.need is Need.MANDATORY)


def test_when_a_provision_asks_is_said_in_the_language_of_the_draft() -> None:
    told = articles_by_field("MLA_REQ", ["UNTOC"], Language.FRENCH)
    said = " ".join(one for listed in told.values() for one in listed)
    assert "(si /urgency vaut PRIORITY ou URGENT)" in said
    assert "pas pour A10 ou A12 seul" in said
    assert not any(f" {word} " in said for word in ("if", "or", "not", "alone", "is"))
    english = articles_by_field("MLA_REQ", ["UNTOC"])
    assert english.keys() == told.keys()
    assert "if /urgency is PRIORITY or URGENT" in str(english)


def test_the_draft_of_a_language_is_in_it() -> None:
    declared = declared_type("ACK")
    english = str(_drafted(declared, Language.ENGLISH))
    french = str(_drafted(declared, Language.FRENCH))

    assert "mandatory" in english
    assert "obligatoire" not in english
    assert "obligatoire" in french
    assert "mandatory" not in french


def test_the_instruments_asked_for_are_filled_in() -> None:
    request = DraftRequest(declared=declared_type("ACK"), instruments=("UNTOC", "EIO"))

    assert draft(request)["instrument"] == ["UNTOC", "EIO"]


def test_codes_are_listed_with_their_labels_once() -> None:
    drafted = _drafted(declared_type("MLA_REQ"), Language.ENGLISH)

    listed = json.dumps(drafted).count('"TLP:AMBER = ')
    assert listed == 1


def test_a_filled_in_draft_passes() -> None:
    whole = in_form(sample("ACK"), Form.AUTHOR)
    drafted = _drafted(declared_type("ACK"), Language.ENGLISH)
    payload = drafted["payload"]
    assert isinstance(payload, dict)
    sample_payload = whole["payload"]
    assert isinstance(sample_payload, dict)

    filled = drafted | whole | {"payload": payload | sample_payload}

    assert validate(without_notes(filled), form=Form.AUTHOR) == []
    # Without the command line's rule, it is refused: on the wire there are no notes.
    assert any("//" in one.pointer.replace("~1", "/") for one in validate(filled))


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        ({"// a": 1, "a": 2}, {"a": 2}),
        ({"//a": {"b": 1}}, {}),
        ({"a": [{"//": "x", "b": [["//"]]}]}, {"a": [{"b": [["//"]]}]}),
        ({"a": "// kept", "/b": 1}, {"a": "// kept", "/b": 1}),
    ],
)
def test_only_keys_that_begin_with_slashes_are_left_out(
    document: JsonObject, kept: JsonObject
) -> None:
    assert without_notes(document) == kept


def test_texts_in_languages_are_ready_to_write_into() -> None:
    drafted = _drafted(declared_type("MLA_REQ"), Language.FRENCH)
    found: list[JsonValue] = [
        one.value for one in select(drafted, "/payload/necessity/necessity/*")
    ]

    assert found == [{"lang": "fr", "text": "", "is_translation": False}]
    assert text_at(drafted, "/language") == "fr"


def test_provisions_that_ask_for_a_field_stand_in_its_explanation() -> None:
    articles = {
        "/payload/facts": ("UNTOC 18(15)(c)", "UNCAC 46(15)(c)"),
        "/payload/offences/*/max_penalty_months": ("ETS30 14(2)",),
        "/purpose": ("UNTOC 18(15)(f)",),
    }
    drafted = draft(DraftRequest(declared=declared_type("MLA_REQ"), articles=articles))

    text = json.dumps(drafted)
    assert text.count("Asked for by UNTOC 18(15)(c), UNCAC 46(15)(c)") == 1
    assert text.count("Asked for by ETS30 14(2)") == 1
    assert text.count("Asked for by UNTOC 18(15)(f)") == 1
