"""A message on paper says all that the message says."""

from collections.abc import Iterator

import pytest

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.printing import PrintedForm, printed_form
from gateway.mla.wording import Language
from tests.support.forms import sample, sample_messages

EN, FR = Language.ENGLISH, Language.FRENCH


def everything(form: PrintedForm) -> str:
    return "\n".join(
        line
        for section in form.sections
        for row in section.rows
        for line in (section.heading, row.label, *row.lines)
    )


def texts_of(value: JsonValue) -> Iterator[str]:
    """Yield every text and number of a document."""
    match value:
        case dict():
            for item in value.values():
                yield from texts_of(item)
        case list():
            for item in value:
                yield from texts_of(item)
        case bool():
            return
        case _:
            yield str(value)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("document", sample_messages())
def test_nothing_of_a_message_is_left_out(
    document: JsonObject, language: Language
) -> None:
    told = everything(printed_form(document, language))
    for text in texts_of(document):
        assert text in told


def test_labels_and_title_are_in_the_language_of_the_page() -> None:
    english, french = (printed_form(sample("MLA_REQ"), one) for one in (EN, FR))
    assert (english.title, french.title) == (
        "Request for assistance",
        "Demande d'entraide",
    )
    assert everything(english) != everything(french)
    assert "Les faits" in everything(french)


def test_a_code_stands_beside_its_words() -> None:
    english, french = (
        everything(printed_form(sample("MLA_REQ"), one)) for one in (EN, FR)
    )
    assert "Criminal investigation of the stated case (INVESTIGATION)" in english
    assert "Enquête pénale dans l'affaire indiquée (INVESTIGATION)" in french


def test_every_language_of_a_text_is_printed_that_of_the_page_first() -> None:
    document = sample("CLR_REQ")
    payload = document["payload"]
    assert isinstance(payload, dict)
    payload["acceptable_wording"] = [
        {"lang": "pt", "text": "Texto", "is_translation": False},
        {"lang": "en", "text": "Text", "is_translation": True, "certified": True},
    ]
    told = everything(printed_form(document, EN))
    assert "[en, certified translation] Text\n" in told
    assert told.index("] Text") < told.index("[pt] Texto")


def test_repeated_blocks_are_numbered() -> None:
    headings = [one.heading for one in printed_form(sample("MLA_REQ"), EN).sections]
    assert any(heading.endswith(" 2") for heading in headings)


def test_what_no_declaration_explains_is_printed_as_it_stands() -> None:
    unknown = sample("MLA_REQ") | {"msg_type": "NATIONAL_FORM"}
    form = printed_form(unknown, EN)
    assert form.title == "NATIONAL_FORM"
    assert "msg_type" in everything(form)
    odd = sample("MLA_REQ") | {"extra": [{"a": 1, "b": True}]}
    assert "a: 1\nb: Yes" in everything(printed_form(odd, EN)).replace("extra\n", "")
