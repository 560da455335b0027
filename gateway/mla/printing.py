"""A message as pages: its fields in the order of the form, with their labels.

Nothing is left out: what a form holds is printed, and codes stand beside their words.
Texts in several languages are all printed, the one asked for first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.codelists import code_list
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block, Code, Either, Field, Kind, ListOf
from gateway.mla.page_words import wording
from gateway.mla.parties import MTEXT
from gateway.mla.problems import text_at
from gateway.mla.types import message_type
from gateway.mla.wording import Language, help_of, title_of

DEEPEST_HEADING: Final = 4
"""Blocks further in are told in the section above them."""

_MAX_LABEL_CHARS = 70


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A label and what stands beside it, line by line."""

    label: str
    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A heading with rows under it.

    Attributes:
        level: 1 for the parts of the message, more for what is inside them.
    """

    heading: str
    level: int
    rows: tuple[PrintedRow, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """A message, ready for pages.

    Attributes:
        title: The type of message, in the language of the page.
        sections: In the order of the form.
    """

    title: str
    language: Language
    sections: tuple[PrintedSection, ...] = field(repr=False)


def printed_form(document: JsonObject, language: Language) -> PrintedForm:
    """Return a message as it is printed.

    Args:
        document: As sent or received; of a type that is not declared, and where a
            value is not of its declared kind, it is printed as it stands.
        language: Of labels and words of codes where there are any in it.
    """
    declared = message_type(text_at(document, "/msg_type") or "")
    printer = _Printer(language)
    if declared is None:
        title = text_at(document, "/msg_type") or wording("message", language)
        rows = tuple(printer.undeclared(document))
        top = PrintedSection(wording("message", language), 1, rows)
        return PrintedForm(title, language, (top,))
    title = title_of(declared, language)
    block = message_block(declared, Form.COMPLETE)
    sections = printer.block(wording("message", language), block, document, 1)
    return PrintedForm(title, language, tuple(sections))


def label_of(declared: Field, language: Language) -> str:
    """Return the short name of a field: its help up to where that begins to explain."""
    told = help_of(declared, language)
    for stop in (". ", " : ", ": ", " ; ", "; ", " ("):
        told = told.split(stop)[0]
    told = told.rstrip(".")
    return told if len(told) <= _MAX_LABEL_CHARS else declared.name.replace("_", " ")


class _Printer:
    """Prints values of declared kinds in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def block(
        self, heading: str, block: Block, value: JsonObject, level: int
    ) -> Iterator[PrintedSection]:
        """Yield the section of a block, and those of the blocks in it."""
        rows: list[PrintedRow] = []
        below: list[PrintedSection] = []
        for declared in block.fields:
            if declared.name not in value:
                continue
            label = label_of(declared, self._language)
            inner = value[declared.name]
            sections = list(self._sections(label, declared.kind, inner, level + 1))
            if sections:
                below += sections
            else:
                rows.append(PrintedRow(label, tuple(self._lines(declared.kind, inner))))
        unknown = {k: v for k, v in value.items() if k not in _names_of(block)}
        rows += self.undeclared(unknown)
        if rows or level > 1:
            yield PrintedSection(heading, level, tuple(rows))
        yield from below

    def undeclared(self, value: JsonObject) -> Iterator[PrintedRow]:
        """Yield rows for what no declaration explains."""
        for name, inner in value.items():
            yield PrintedRow(name, tuple(self._as_it_stands(inner)))

    def _sections(
        self, heading: str, kind: Kind, value: JsonValue, level: int
    ) -> Iterator[PrintedSection]:
        """Yield the sections of a block or a list of blocks; none of anything else."""
        block = _block_of(kind)
        if block is None or kind is MTEXT or level > DEEPEST_HEADING:
            return
        if isinstance(value, dict):
            yield from self.block(heading, block, value, level)
        elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, start=1):
                if isinstance(one, dict):
                    numbered = f"{heading} {number}" if len(value) > 1 else heading
                    yield from self.block(numbered, block, one, level)

    def _lines(self, kind: Kind, value: JsonValue) -> Iterator[str]:
        if kind is MTEXT and isinstance(value, list):
            yield from self._texts(value)
        elif isinstance(kind, ListOf) and isinstance(value, list):
            for item in value:
                yield from self._lines(kind.item, item)
        elif isinstance(kind, Code) and isinstance(value, str):
            yield _told_code(kind.list_name, value, self._language)
        elif isinstance(value, dict) and (block := _block_of(kind)):
            yield "; ".join(self._inline(block, value))
        else:
            yield from self._as_it_stands(value)

    def _inline(self, block: Block, value: JsonObject) -> Iterator[str]:
        for declared in block.fields:
            if declared.name in value:
                lines = self._lines(declared.kind, value[declared.name])
                yield f"{label_of(declared, self._language)}: {', '.join(lines)}"

    def _texts(self, texts: list[JsonValue]) -> Iterator[str]:
        """Yield a text in all its languages, the language of the page first."""
        found = [text for text in texts if isinstance(text, dict)]
        found.sort(key=lambda text: text.get("lang") != self._language.value)
        for text in found:
            told = str(text.get("text", ""))
            remark = str(text.get("lang", ""))
            if text.get("is_translation") is True:
                key = "certified" if text.get("certified") is True else "translation"
                remark += f", {wording(key, self._language)}"
            yield f"[{remark}] {told}"

    def _as_it_stands(self, value: JsonValue) -> Iterator[str]:
        match value:
            case bool():
                yield wording("yes" if value else "no", self._language)
            case list():
                for item in value:
                    yield from self._as_it_stands(item)
            case dict():
                for name, inner in value.items():
                    yield f"{name}: {', '.join(self._as_it_stands(inner))}"
            case _:
                yield str(value)


def _block_of(kind: Kind) -> Block | None:
    """Return the block that a kind consists of, be it alone, in a list or a choice."""
    match kind:
        case Block():
            return kind
        case ListOf():
            return _block_of(kind.item)
        case Either():
            return kind.block
        case _:
            return None


def _names_of(block: Block) -> frozenset[str]:
    return frozenset(declared.name for declared in block.fields)


def _told_code(list_name: str, code: str, language: Language) -> str:
    """Return a code with its words."""
    label = code_list(list_name).label(code, language)
    return code if label == code else f"{label} ({code})"
