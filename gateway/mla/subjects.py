"""Whom a message is about: by what people and accounts in it can be found again.

A person who asks what is held about them is looked for by name, birth date and numbers
(Directive (EU) 2016/680, article 14). Content is sealed, so these are taken out when a
message is accepted or checked, and kept only as tags that say nothing without a key.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, partial
from typing import Final, TypeAlias

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.blocks import IDENTIFIER
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block, Either, Kind, ListOf
from gateway.mla.name_folding import (
    folded_mail,
    folded_name,
    folded_number,
    folded_phone,
    folded_tokens,
)
from gateway.mla.parties import PERSON
from gateway.mla.problems import text_at, texts_at
from gateway.mla.types import message_type

MAX_SUBJECT_KEYS: Final = 2_000
"""Keys taken of one message; the first ones of a longer list of people."""

_MAX_FORENAMES: Final = 6


class SubjectKind(IntEnum):
    """Kinds of keys; tags of one kind are compared with no other."""

    NAME = 1  # all parts of forenames and surname, in any order
    SURNAME = 2  # a surname, also a former one
    ALIAS = 3  # another name as a whole, or that of a legal person
    BORN = 4
    DOCUMENT = 5  # number of an identity document
    NATIONAL = 6  # number in a register of people or companies
    ACCOUNT = 7  # bank account, card or wallet
    PHONE = 8
    MAIL = 9
    ONLINE = 10  # any other identifier of a service or device


DECIDING: Final = frozenset(SubjectKind) - {SubjectKind.SURNAME, SubjectKind.BORN}
"""Kinds of which one alone makes a candidate."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """One thing that a person or account in a message can be found by.

    Attributes:
        person: Which one of the message, counted in the order of the document.
        role: Code of list PERSON_ROLE; empty of an identifier.
        text: Folded; empty texts are never keys.
    """

    person: int
    role: str
    kind: SubjectKind
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSubject:
    """Whom to look for, as a person wrote it; what is empty is not asked for.

    Attributes:
        born: A date, or a year, as forms give it.
    """

    surname: str = ""
    forenames: str = ""
    name: str = ""
    born: str = ""
    document: str = ""
    national_no: str = ""
    account: str = ""
    phone: str = ""
    email: str = ""
    online: str = ""

    def keys(self) -> frozenset[tuple[SubjectKind, str]]:
        """Return what to look for."""
        kind = SubjectKind
        found = {
            (kind.SURNAME, folded_name(self.surname)),
            (kind.ALIAS, folded_name(self.name)),
            (kind.DOCUMENT, folded_number(self.document)),
            (kind.NATIONAL, folded_number(self.national_no)),
            (kind.ACCOUNT, folded_number(self.account)),
            (kind.PHONE, folded_phone(self.phone)),
            (kind.MAIL, folded_mail(self.email)),
            (kind.ONLINE, folded_number(self.online)),
        }
        found |= {(kind.BORN, text) for text in _dates_that_agree(self.born.strip())}
        if self.surname and self.forenames:
            found |= {
                (kind.NAME, name) for name in _whole_names(self.surname, self.forenames)
            }
            # Somebody may have written the whole name as another name.
            found.add((kind.ALIAS, folded_name(self.surname, self.forenames)))
        return frozenset((kind, text) for kind, text in found if text)


def is_candidate(found: Iterable[SubjectKind], wanted: Iterable[SubjectKind]) -> bool:
    """Tell whether what agrees is enough to show a person to whoever searches.

    A birth date alone never is; a surname alone only if nothing else was asked for.
    """
    agreeing = set(found)
    if agreeing & DECIDING or {SubjectKind.SURNAME, SubjectKind.BORN} <= agreeing:
        return True
    return SubjectKind.SURNAME in agreeing and set(wanted) == {SubjectKind.SURNAME}


_Text: TypeAlias = Callable[[str], str]
_Part: TypeAlias = tuple[SubjectKind, str]

_KINDS_OF_IDENTIFIERS: Final[dict[str, tuple[SubjectKind, _Text]]] = {
    "IBAN": (SubjectKind.ACCOUNT, folded_number),
    "CARD": (SubjectKind.ACCOUNT, folded_number),
    "CRYPTO": (SubjectKind.ACCOUNT, folded_number),
    "TEL": (SubjectKind.PHONE, folded_phone),
    "EMAIL": (SubjectKind.MAIL, folded_mail),
}
_OTHER_IDENTIFIER: Final[tuple[SubjectKind, _Text]] = (
    SubjectKind.ONLINE,
    folded_number,
)


def subject_keys(document: JsonObject) -> list[SubjectKey]:
    """Return what the people and identifiers of a document can be found by.

    Args:
        document: Complete, checked or not: what is not of its declared kind is passed
            over, and nothing is raised.
    """
    declared = message_type(text_at(document, "/msg_type") or "")
    finder = _finder(message_block(declared, Form.COMPLETE)) if declared else None
    if finder is None:
        return []
    found = dict[SubjectKey, None]()
    for person, (role, parts) in enumerate(finder(document)):
        for kind, text in parts:
            if text:
                found[SubjectKey(person, role, kind, text)] = None
        if len(found) >= MAX_SUBJECT_KEYS:
            break
    return list(found)[:MAX_SUBJECT_KEYS]


_Subject: TypeAlias = tuple[str, list[_Part]]
_Finder: TypeAlias = Callable[[JsonValue], Iterator[_Subject]]


@cache
def _finder(kind: Kind) -> _Finder | None:
    """Return what finds subjects in a value of a kind; None where none can be."""
    match kind:
        case Block():
            return _LEAVES.get(kind) or _finder_in(kind)
        case ListOf():
            item = _finder(kind.item)
            return partial(_in_list, item) if item else None
        case Either():
            return _finder(kind.block)
        case _:
            return None


def _finder_in(block: Block) -> _Finder | None:
    found = [(one.name, _finder(one.kind)) for one in block.fields]
    inner = tuple((name, finder) for name, finder in found if finder)
    return partial(_in_block, inner) if inner else None


def _in_block(
    finders: tuple[tuple[str, _Finder], ...], value: JsonValue
) -> Iterator[_Subject]:
    if isinstance(value, dict):
        for name, finder in finders:
            if name in value:
                yield from finder(value[name])


def _in_list(finder: _Finder, value: JsonValue) -> Iterator[_Subject]:
    if isinstance(value, list):
        for item in value:
            yield from finder(item)


def _of_identifier(value: JsonValue) -> Iterator[_Subject]:
    if isinstance(value, dict):
        kind, fold = _KINDS_OF_IDENTIFIERS.get(_text(value, "type"), _OTHER_IDENTIFIER)
        yield "", [(kind, fold(_text(value, "value")))]


def _of_person(value: JsonValue) -> Iterator[_Subject]:
    if isinstance(value, dict):
        yield _text(value, "role"), list(_parts_of_person(value))


_SURNAMES: Final = ("surname", "former_surname")
_FOLDED_PARTS: Final[tuple[tuple[str, SubjectKind, _Text], ...]] = (
    ("name", SubjectKind.ALIAS, folded_name),
    ("trade_name", SubjectKind.ALIAS, folded_name),
    ("other_names", SubjectKind.ALIAS, folded_name),
    ("aliases", SubjectKind.ALIAS, folded_name),
    ("national_no", SubjectKind.NATIONAL, folded_number),
    ("reg_no", SubjectKind.NATIONAL, folded_number),
    ("lei", SubjectKind.NATIONAL, folded_number),
    ("phones", SubjectKind.PHONE, folded_phone),
    ("emails", SubjectKind.MAIL, folded_mail),
)
"""Fields of a person that stand alone, or lists of such."""


def _parts_of_person(person: JsonObject) -> Iterator[_Part]:
    forenames = _text(person, "forenames")
    for surname in filter(None, map(partial(_text, person), _SURNAMES)):
        yield SubjectKind.SURNAME, folded_name(surname)
        for whole in _whole_names(surname, forenames):
            yield SubjectKind.NAME, whole
    for date in _dates_to_find(_text(person, "birth_date")):
        yield SubjectKind.BORN, date
    for number in texts_at(person, "identity_docs/*/number"):
        yield SubjectKind.DOCUMENT, folded_number(number)
    for name, kind, fold in _FOLDED_PARTS:
        if name in person:
            for text in _texts(person[name]):
                yield kind, fold(text)


def _whole_names(surname: str, forenames: str) -> Iterator[str]:
    """Yield a name with all forenames, and with each alone if there are several."""
    tokens = folded_tokens(forenames)[:_MAX_FORENAMES]
    if not tokens:
        return
    yield folded_name(surname, forenames)
    if len(tokens) > 1:
        for token in tokens:
            yield folded_name(surname, token)


# Dates of birth may be known in part: 1970, 1970-01. What is written is marked "=", of
# what is left out of it "<": who asks for a day finds that day and the vague ones,
# who asks for a year finds all of it.
def _dates_to_find(written: str) -> Iterator[str]:
    if written:
        yield f"={written}"
        yield from (f"<{part}" for part in _parts_of_date(written))


def _dates_that_agree(wanted: str) -> Iterator[str]:
    if wanted:
        yield f"={wanted}"
        yield f"<{wanted}"
        yield from (f"={part}" for part in _parts_of_date(wanted))


def _parts_of_date(date: str) -> Iterator[str]:
    year, _, rest = date.partition("-")
    if rest:
        yield year
    if "-" in rest:
        yield f"{year}-{rest.partition('-')[0]}"


def _text(block: JsonObject, name: str) -> str:
    value = block.get(name)
    return value if isinstance(value, str) else ""


def _texts(value: JsonValue) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one


_LEAVES: Final[dict[Block, _Finder]] = {
    PERSON: _of_person,
    IDENTIFIER: _of_identifier,
}
