"""Every sentence of the console is there in every language, and says the same."""

import re

import pytest
from babel.messages.catalog import Message

from gateway.console.language import load_speeches, preferred
from gateway.console.statics import Statics
from gateway.console.templating import Templates
from gateway.mla.wording import Language
from tests.support.catalogue import catalogues, extracted

_HOLE = re.compile(r"%\(\w+\)s")
OTHERS = [language for language in Language if language is not Language.ENGLISH]


def _texts(message: Message) -> tuple[str, ...]:
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_missing_or_unsure(language: Language) -> None:
    translated: dict[str, str] = {}
    for name, catalogue in catalogues(language.value).items():
        for message in catalogue:
            if not message.id:
                continue
            first = message.id if isinstance(message.id, str) else message.id[0]
            assert not message.fuzzy, (name, first)
            assert all(_texts(message)), (name, first)
            known = translated.setdefault(first, _texts(message)[0])
            assert known == _texts(message)[0], f"{name}: {first!r} is said in two ways"
    wanted = extracted()
    missing = {text: place for text, place in wanted.items() if text not in translated}
    assert not missing, "\n".join(
        f"{place} {text!r}" for text, place in missing.items()
    )
    unused = translated.keys() - wanted.keys()
    assert not unused, unused


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_into_a_sentence_is_put_into_its_translation(
    language: Language,
) -> None:
    for catalogue in catalogues(language.value).values():
        for message in catalogue:
            if not message.id:
                continue
            first = message.id if isinstance(message.id, str) else message.id[-1]
            for said in _texts(message):
                assert sorted(_HOLE.findall(said)) == sorted(_HOLE.findall(first))


@pytest.mark.parametrize(
    ("wanted", "accepted", "found"),
    [
        ("", "", Language.ENGLISH),
        ("", "fr-CA,fr;q=0.9,en;q=0.8", Language.FRENCH),
        ("", "en;q=0.4, fr;q=0.5", Language.FRENCH),
        ("", "de, et;q=0.9", Language.ENGLISH),
        ("", "fr;q=nonsense, en", Language.ENGLISH),
        ("en", "fr", Language.ENGLISH),
        ("fr", "en", Language.FRENCH),
        ("xx", "fr", Language.FRENCH),
    ],
)
def test_the_account_goes_before_the_browser(
    wanted: str, accepted: str, found: Language
) -> None:
    assert preferred(wanted, accepted) is found


def test_a_sentence_is_said_with_its_values() -> None:
    french = load_speeches()[Language.FRENCH]
    assert french.say("Messages") == "Messages"
    assert french.say("Search: %(wanted)s", wanted="x%s") == "Recherche : x%s"
    assert load_speeches()[Language.ENGLISH].say("100% sure") == "100% sure"


def test_a_number_of_things_is_said_in_the_plural_of_the_language() -> None:
    one, many = "%(num)s place to put right", "%(num)s places to put right"
    french = load_speeches()[Language.FRENCH]
    said = [french.say_many(one, many, count) for count in (0, 1, 2, 12)]
    assert said == [
        *("0 endroit à corriger", "1 endroit à corriger"),
        *("2 endroits à corriger", "12 endroits à corriger"),
    ]


def test_every_template_can_be_compiled_in_every_language() -> None:
    Templates(load_speeches(), Statics()).check()
