"""What can be chosen in a field: codes with their labels, and short ids of the form."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from babel import Locale

from gateway.console.forms.moments import zone_names
from gateway.console.forms.nodes import Option
from gateway.core.canonical import JsonObject
from gateway.mla.codelists import code_list
from gateway.mla.fields import Choice, Code
from gateway.mla.problems import select, text_at
from gateway.mla.wording import Language

# Where the short ids stand that fields of these names refer to, with what tells people
# whom or what each one is.
_REFERRED: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "person_ids": ("/payload/persons/*", "person_id", ("surname", "name")),
    "person_id": ("/payload/persons/*", "person_id", ("surname", "name")),
    "owner_ids": ("/payload/persons/*", "person_id", ("surname", "name")),
    "addressee": ("/payload/persons/*", "person_id", ("surname", "name")),
    "measure_id": ("/payload/measures/*", "measure_id", ("assist",)),
    "measure_ids": ("/payload/measures/*", "measure_id", ("assist",)),
    "identifiers": ("/payload/identifiers/*", "identifier_id", ("value",)),
}

_MEASURE_ID: Final = "measure_id"

_CHOICES: Final[dict[str, tuple[str, str]]] = {
    "natural": ("Natural person", "Personne physique"),
    "legal": ("Legal person", "Personne morale"),
    "yes": ("Yes", "Oui"),
    "no": ("No", "Non"),
    "unknown": ("Not known", "Inconnu"),
    "true": ("Yes", "Oui"),
    "false": ("No", "Non"),
    "IN": ("Incoming", "Entrantes"),
    "OUT": ("Outgoing", "Sortantes"),
    "BOTH": ("Both", "Les deux"),
    "PROCEEDS": ("Proceeds", "Produit de l'infraction"),
    "INSTRUMENT": ("Instrument", "Instrument de l'infraction"),
    "EQUIVALENT": ("Property of equal value", "Valeur équivalente"),
    "EXTENDED": ("Extended confiscation", "Confiscation élargie"),
    "TO_REQUESTING": ("To the requesting State", "Vers l'État requérant"),
    "TO_REQUESTED": ("To the requested State", "Vers l'État requis"),
    "PLAIN": ("The file as it is", "Le fichier en clair"),
    "CIPHER": ("The encrypted file", "Le fichier chiffré"),
}
"""Labels of words that are no code list; one that is not here is shown as it is."""


def options_of(
    kind: Code | Choice, language: Language, chosen: tuple[str, ...] = ()
) -> tuple[Option, ...]:
    """Return what can be chosen, in the order of the list.

    Args:
        kind: Codes or words.
        language: Of the labels.
        chosen: What is in the field; kept on offer even if it is not on the list, so
            that showing a draft never changes it.
    """
    found = tuple(_options(kind, language))
    known = {one.value for one in found}
    return (*found, *(Option(one, one) for one in chosen if one not in known))


def yes_or_no(language: Language) -> tuple[Option, ...]:
    """Return the options of a field that is true or false."""
    return tuple(Option(one, word(one, language)) for one in ("true", "false"))


def word(value: str, language: Language) -> str:
    """Return the label of a word that is on no code list."""
    english, french = _CHOICES.get(value, (value, value))
    return french if language is Language.FRENCH else english


def referred(
    draft: JsonObject, pointer: str, measures: Sequence[str] = ()
) -> tuple[Option, ...]:
    """Return the short ids that a field can refer to.

    Args:
        draft: The draft.
        pointer: Place of the field, or of one item of its list.
        measures: Short ids of measures of the case, as far as it is known.
    """
    steps = ["*" if step.isdigit() else step for step in pointer.split("/")]
    name = next((step for step in reversed(steps) if step != "*"), "")
    if name not in _REFERRED:
        return ()
    place, key, names = _REFERRED[name]
    if f"{place}/{key}" == "/".join(steps) or place.removesuffix("/*") == pointer:
        return ()  # that is where the short ids themselves are given
    found: dict[str, Option] = {}
    if key == _MEASURE_ID:
        found = {one: Option(one, one) for one in measures}
    for _, block in select(draft, place):
        value = text_at(block, key)
        told = next(filter(None, (text_at(block, name) for name in names)), "")
        if value and value not in found:
            found[value] = Option(value, f"{value} ({told})" if told else value)
    return tuple(found.values())


LANGUAGES: Final = "languages"
ZONES: Final = "zones"
_CODES: Final = "codes-"


def codes_name(kind: Code) -> str:
    """Return the name under which the codes of a list are suggested."""
    return f"{_CODES}{kind.list_name}"


def shared_list(name: str, language: Language) -> tuple[Option, ...]:
    """Return what is suggested under a name; a page lists it once for all fields."""
    if name == LANGUAGES:
        return language_options(language)
    if name == ZONES:
        return zone_options()
    return options_of(Code(name.removeprefix(_CODES)), language)


@cache
def language_options(language: Language) -> tuple[Option, ...]:
    """Return languages to pick from; any other tag may be written as well."""
    names = Locale.parse(language.value).languages
    plain = {code: name for code, name in names.items() if len(code) == len("en")}
    return _by_label(plain)


@cache
def country_options(language: Language) -> tuple[Option, ...]:
    """Return countries to pick from."""
    names = Locale.parse(language.value).territories
    return _by_label({code: name for code, name in names.items() if code.isalpha()})


@cache
def zone_options() -> tuple[Option, ...]:
    """Return time zones to pick from."""
    return tuple(Option(name, name.replace("_", " ")) for name in zone_names())


def _by_label(names: dict[str, str]) -> tuple[Option, ...]:
    pairs = sorted(names.items(), key=lambda pair: pair[1].casefold())
    return tuple(Option(code, name) for code, name in pairs)


def _options(kind: Code | Choice, language: Language) -> Iterator[Option]:
    if isinstance(kind, Choice):
        yield from (Option(one, word(one, language)) for one in kind.values)
        return
    codes = code_list(kind.list_name)
    for code in kind.only or codes.rows:
        if code not in kind.never:
            yield Option(code, codes.label(code, language), codes.days_of(code))
