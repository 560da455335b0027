"""Drafts: a form with nothing filled in, every field explained beside it.

A draft is JSON whose explanations stand in keys of their own (see `notes`). Fields to
fill in hold an empty text, which no field takes, so a draft that is not finished is
never sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.codelists import code_list
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import (
    Block,
    Code,
    Field,
    FreeMap,
    Giver,
    Kind,
    ListOf,
    Need,
)
from gateway.mla.notes import NOTE_PREFIX
from gateway.mla.parties import MTEXT
from gateway.mla.types.model import MessageType
from gateway.mla.wording import Language, expected, help_of, need_of, title_of

_INTRODUCTION = {
    Language.ENGLISH: """\
Fill in every empty text, then try it with: mla-gateway check FILE
What begins with // in a key is never sent: it explains, or is a field not used.
To use such a field, take the // off its name. Else leave it, or remove it.
A list takes more items of the same form, separated by commas.""",
    Language.FRENCH: """\
Remplissez chaque texte vide, puis vérifiez avec : mla-gateway check FILE
Ce qui commence par // dans une clé n'est pas envoyé : explication, ou champ inutilisé.
Pour utiliser un tel champ, ôtez les // de son nom. Sinon, laissez-le ou supprimez-le.
Une liste prend d'autres éléments de même forme, séparés par des virgules.""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """What a draft is asked for.

    Attributes:
        declared: The type of message.
        language: In which fields are explained, and the message will be written.
        instruments: Codes of the legal basis, the main one first; none if not known.
        articles: Provisions that ask for a field, by its path.
    """

    declared: MessageType
    language: Language = Language.ENGLISH
    instruments: tuple[str, ...] = ()
    articles: Mapping[str, Sequence[str]] = dataclass_field(default_factory=dict)


def draft(request: DraftRequest) -> JsonObject:
    """Return a form to fill in, with explanations."""
    known: JsonObject = {
        "msg_type": request.declared.name,
        "urgency": "ROUTINE",
        "language": request.language.value,
    }
    if request.instruments:
        known["instrument"] = list(request.instruments)
    block = message_block(request.declared, Form.AUTHOR)
    writer = _Writer(request.language, known, request.articles)
    title = f"{title_of(request.declared, request.language)} ({request.declared.name})"
    lines: list[JsonValue] = [title, *_INTRODUCTION[request.language].split("\n")]
    return {NOTE_PREFIX: lines} | writer.message(block)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the fields of blocks.

    Attributes:
        language: In which they are explained.
        known: What is filled in already, by field of the message.
        articles: Provisions that ask for a field, by its path.
        told: Blocks and code lists that were explained.
    """

    language: Language
    known: JsonObject
    articles: Mapping[str, Sequence[str]]
    told: set[Kind] = dataclass_field(default_factory=set)

    def message(self, block: Block) -> JsonObject:
        """Return the fields of the message itself."""
        written: JsonObject = {}
        for field in block.fields:
            if field.name in self.known:
                note = self._note(field, f"/{field.name}")
                written |= note | {field.name: self.known[field.name]}
            else:
                written |= self._explained(field, "")
        return written

    def _block(self, block: Block, path: str) -> JsonObject:
        """Return the fields of a block; where it stands again, only what it needs."""
        if block in self.told:
            return {
                field.name: self._value(field.kind, f"{path}/{field.name}")
                for field in block.fields
                if field.need is Need.MANDATORY and field.giver is Giver.AUTHOR
            }
        self.told.add(block)
        written: JsonObject = {}
        for field in block.fields:
            written |= self._explained(field, path)
        return written

    def _explained(self, field: Field, above: str) -> JsonObject:
        """Return a field after its explanation, behind slashes if it can be spared."""
        if field.giver is Giver.NODE:
            return {}
        path, unused = f"{above}/{field.name}", f"{NOTE_PREFIX}{field.name}"
        note, value = self._note(field, path), self._value(field.kind, path)
        if field.need is not Need.MANDATORY:
            return note | {unused: value}
        if isinstance(field.kind, ListOf) and not field.kind.least:
            return note | {field.name: [], unused: value}
        return note | {field.name: value}

    def _note(self, field: Field, path: str) -> JsonObject:
        """Return the explanation of a field."""
        key = f"{NOTE_PREFIX} {field.name}: {need_of(field, self.language)}"
        kind = field.kind
        told = self._joined(
            help_of(field, self.language), expected(kind, self.language)
        )
        further = [*self._asked_by(path), *self._codes(kind)]
        return {key: [told, *further] if further else told}

    def _asked_by(self, path: str) -> Iterator[JsonValue]:
        """Yield which provisions ask for the field, if any do."""
        articles = self.articles.get(path, ())
        if articles:
            verb = "Demandé par" if self.language is Language.FRENCH else "Asked for by"
            yield f"{verb} {', '.join(articles)}"

    def _joined(self, help_text: str, words: str) -> str:
        """Return what to write and in which form, as one line."""
        if ". " in help_text:  # a label, and a sentence that says more
            return f"{help_text.rstrip('.')}. {words[:1].upper()}{words[1:]}"
        colon = " : " if self.language is Language.FRENCH else ": "
        return f"{help_text}{colon}{words}"

    def _codes(self, kind: Kind) -> Iterator[JsonValue]:
        """Yield the codes that fit with what they stand for, at first use."""
        while isinstance(kind, ListOf):
            kind = kind.item
        if not isinstance(kind, Code) or kind in self.told:
            return
        self.told.add(kind)
        codes = code_list(kind.list_name)
        for code in kind.only or codes.rows:
            if code not in kind.never:
                days = codes.days_of(code)
                label = codes.label(code, self.language)
                yield f"{code} = {label} ({days})" if days else f"{code} = {label}"

    def _value(self, kind: Kind, path: str) -> JsonValue:
        """Return what stands in a field until somebody fills it in."""
        if kind is MTEXT:
            return [{"lang": self.language.value, "text": "", "is_translation": False}]
        match kind:
            case Block():
                return self._block(kind, path)
            case ListOf():
                count = max(kind.least, 1)
                return [self._value(kind.item, f"{path}/*") for _ in range(count)]
            case FreeMap():
                return {}
            case _:
                return ""
