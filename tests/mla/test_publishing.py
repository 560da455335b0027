"""What is published about the messages is what the declarations say now."""

import json
from pathlib import Path

import pytest

from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import (
    Choice,
    Code,
    Either,
    ListOf,
    Spelling,
    Whole,
    fields_below,
)
from gateway.mla.publishing import PAGES, SCHEMAS, publication
from gateway.mla.spellings import FLAG, TEXT
from gateway.mla.types import all_types
from gateway.mla.wording import Language, condition_words, expected, need_of

DOCS = Path(__file__).parents[2] / "docs"
PUBLISHED = publication(all_types())


@pytest.mark.parametrize("path", PUBLISHED)
def test_the_committed_file_is_what_is_written_now(path: str) -> None:
    committed = (DOCS / path).read_text(encoding="utf-8")

    assert committed == PUBLISHED[path], "run `make schemas`"


def test_no_other_file_lies_beside_them() -> None:
    found = {
        str(path.relative_to(DOCS))
        for folder in (SCHEMAS, PAGES)
        for path in (DOCS / folder).rglob("*")
    }

    assert found == set(PUBLISHED)


def test_the_same_declarations_give_the_same_texts() -> None:
    assert publication(all_types()) == PUBLISHED


def test_the_schemas_are_json() -> None:
    for form in Form:
        assert json.loads(PUBLISHED[f"{SCHEMAS}/{form.name.lower()}.json"])["$defs"]


def test_every_declared_kind_has_french_words() -> None:
    for declared in all_types():
        for path, field in fields_below(message_block(declared, Form.COMPLETE)):
            kind = field.kind.item if isinstance(field.kind, ListOf) else field.kind
            if isinstance(kind, Spelling):
                words = expected(kind, Language.FRENCH)
                assert words != kind.words, path
            need = need_of(field, Language.FRENCH)
            assert need.startswith(("obligatoire", "facultatif"))
            if field.condition is not None:
                words = condition_words(field.condition, Language.FRENCH)
                assert field.condition.path in words


@pytest.mark.parametrize(
    ("kind", "english", "french"),
    [
        (Whole(1, 3), "a whole number from 1 to 3", "un nombre entier de 1 à 3"),
        (FLAG, "true or false", "true ou false"),
        (Choice(("IN", "OUT")), "one of IN, OUT", "l'un de IN, OUT"),
        (Code("SEX", only=("F",)), "one of F", "l'un de F"),
        (
            Code("RESULT", never=("PENDING",)),
            "a code of list RESULT other than PENDING",
            "un code de la liste RESULT autre que PENDING",
        ),
        (
            ListOf(TEXT, least=1, most=4),
            "a list of 1 to 4 items, each one line of text",
            "une liste de 1 à 4 éléments, chacun une ligne de texte",
        ),
    ],
)
def test_kinds_are_told_in_both_languages(
    kind: Choice | Code | Either | ListOf | Whole, english: str, french: str
) -> None:
    assert expected(kind, Language.ENGLISH) == english
    assert expected(kind, Language.FRENCH) == french
