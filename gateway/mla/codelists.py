"""The code lists: which codes exist and what they stand for.

The lists are package data, `code-lists.json`, compiled by this project from the
public instruments that each list names in its note. Labels are short paraphrases;
the official text rules. French labels stand beside them in `code-lists.fr.json`, the
title of a list under the empty code. Loaded at first use and kept.

No code is ever taken off a list, as old messages carry it: under "validity" it gets the
first and the last day on which messages may be made with it.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import msgspec

# In these lists a code refines a category, and the official tables have more
# refinements than the list names: "1704 00" is a "1700 00", "11003" an "11000". The
# category is the code with zeros in place of the digits from this character on.
_REFINED_FROM = {"OFF_ECRIS": 2, "ECRIS_PENALTY": -3}


class _Table(msgspec.Struct, frozen=True):
    title: str
    columns: list[str]
    rows: list[list[str]]
    validity: dict[str, tuple[str, str]] = {}


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list of codes.

    Attributes:
        name: Its name, as field declarations give it.
        title: What it lists, in English.
        rows: Column name to text, by code, in the order of the list.
        validity: First and last day of validity of those codes that have any; an
            empty text where there is none.
    """

    name: str
    title: str
    rows: dict[str, dict[str, str]]
    validity: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __contains__(self, code: object) -> bool:
        """Tell whether `code` is on the list, or refines a category that is."""
        if not isinstance(code, str):
            return False
        return code in self.rows or self._category(code) in self.rows

    def is_valid_on(self, code: str, day: str) -> bool:
        """Tell whether messages may be made with `code` on a day like 2026-11-21."""
        first, last = self.validity.get(code, ("", ""))
        return first <= day and (not last or day <= last)

    def days_of(self, code: str) -> str:
        """Return in words when `code` is valid; empty if always."""
        first, last = self.validity.get(code, ("", ""))
        return " ".join(
            f"{word} {day}" for word, day in (("from", first), ("until", last)) if day
        )

    def label(self, code: str, language: str = "en") -> str:
        """Return the label of `code`; the code itself where it has none.

        Args:
            code: A code of the list, or one that refines a category of it.
            language: "fr" for French, where there is a French one; else English.
        """
        if language == "fr":
            french = _french().get(self.name, {})
            found = french.get(code) or french.get(self._category(code))
            if found and code:
                return found
        row = self.rows.get(code) or self.rows.get(self._category(code), {})
        return row.get("label") or row.get("instrument") or code

    def column(self, code: str, column: str) -> str:
        """Return another column of the row of `code`; empty if there is none."""
        return self.rows.get(code, {}).get(column, "")

    def refinements(self) -> tuple[str, ...]:
        """Return expressions of the codes that refine a listed category.

        Of the plain kind that Python and JSON Schema read alike, without anchors.
        """
        start = _REFINED_FROM.get(self.name)
        if start is None:
            return ()
        return tuple(
            code[:start] + re.sub("0", "[0-9]", code[start:])
            for code in self.rows
            if code == self._category(code)
        )

    def _category(self, code: str) -> str:
        """Return the category that a refining code belongs to; else nothing."""
        start = _REFINED_FROM.get(self.name)
        if start is None or not code.isascii():
            return ""
        return code[:start] + re.sub("[0-9]", "0", code[start:])


@cache
def _lists() -> dict[str, CodeList]:
    raw = files("gateway.mla").joinpath("code-lists.json").read_bytes()
    tables = msgspec.json.decode(raw, type=dict[str, _Table])
    return {
        name: CodeList(
            name=name,
            title=table.title,
            rows={
                row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows
            },
            validity=table.validity,
        )
        for name, table in tables.items()
    }


@cache
def _french() -> dict[str, dict[str, str]]:
    raw = files("gateway.mla").joinpath("code-lists.fr.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, dict[str, str]])


def code_list(name: str) -> CodeList:
    """Return the list called `name`; `KeyError` if no list is declared so."""
    return _lists()[name]


def code_list_names() -> tuple[str, ...]:
    """Return the names of all lists."""
    return tuple(_lists())


def is_code(list_name: str, code: object) -> bool:
    """Tell whether `code` is on the list called `list_name`."""
    return code in code_list(list_name)
