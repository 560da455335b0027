"""What a declaration says, in the words of people who fill a form in.

English is the language of the declarations themselves. A further language needs the
words below, and help texts beside the fields; where it lacks some, English stands in.
"""

from enum import StrEnum

from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    Field,
    Flag,
    FreeMap,
    Kind,
    ListOf,
    Need,
    Spelling,
    When,
    Whole,
)
from gateway.mla.types.model import MessageType


class Language(StrEnum):
    """The languages that forms are explained in."""

    ENGLISH = "en"
    FRENCH = "fr"


def title_of(declared: MessageType, language: Language) -> str:
    """Return what a type is called."""
    if language is Language.FRENCH:
        return declared.title_fr
    return declared.title_en


def help_of(field: Field, language: Language) -> str:
    """Return what to write in a field."""
    return field.help_fr if language is Language.FRENCH else field.help_en


def need_of(field: Field, language: Language) -> str:
    """Return whether a field has to be there."""
    if field.need is Need.CONDITIONAL and field.condition is not None:
        return condition_words(field.condition, language)
    is_mandatory = field.need is Need.MANDATORY
    if language is Language.FRENCH:
        return "obligatoire" if is_mandatory else "facultatif"
    return "mandatory" if is_mandatory else "optional"


def condition_words(condition: When, language: Language) -> str:
    """Return when a conditional field is mandatory."""
    must = "mandatory" if language is Language.ENGLISH else "obligatoire"
    return f"{must} {if_words(condition, language)}"


def if_words(condition: When, language: Language) -> str:
    """Return a condition as a clause."""
    if language is Language.ENGLISH:
        return f"if {condition.words}"
    verb = "vaut" if condition.is_among else "est autre que"
    return f"si {condition.path} {verb} {' ou '.join(condition.values)}"


def expected(kind: Kind, language: Language) -> str:
    """Return what kind of value stands in a field."""
    if language is Language.FRENCH:
        return _expected_fr(kind)
    if isinstance(kind, ListOf):
        return f"{kind.words}, each {kind.item.words}"
    return kind.words


def _expected_fr(kind: Kind) -> str:
    match kind:
        case ListOf():
            return f"{_bounds_fr(kind)}, chacun {_expected_fr(kind.item)}"
        case Block():
            return f"un bloc {kind.name}"
        case Either():
            return f"{_expected_fr(kind.text)} ou un bloc {kind.block.name}"
        case _:
            return _plain_fr(kind)


def _plain_fr(kind: Spelling | Choice | Code | Flag | Whole | FreeMap) -> str:
    match kind:
        case Spelling():
            return kind.words_fr or kind.words
        case Choice():
            return f"l'un de {', '.join(kind.values)}"
        case Code():
            return _code_fr(kind)
        case Whole():
            return f"un nombre entier de {kind.least} à {kind.most}"
        case Flag() | FreeMap():
            return "true ou false" if isinstance(kind, Flag) else "un objet"


def _code_fr(kind: Code) -> str:
    if kind.only:
        return f"l'un de {', '.join(kind.only)}"
    exceptions = f" autre que {', '.join(kind.never)}" if kind.never else ""
    return f"un code de la liste {kind.list_name}{exceptions}"


def _bounds_fr(kind: ListOf) -> str:
    if kind.least:
        return f"une liste de {kind.least} à {kind.most} éléments"
    return f"une liste de {kind.most} éléments au plus"
