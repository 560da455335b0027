"""The code lists: which codes exist and what they stand for.

The lists are package data, `code-lists.json`, compiled by this project from the
public instruments that each list names in its note. Labels are short paraphrases;
the official text rules. Loaded at first use and kept.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

# In these lists a code refines the category with the same first characters, and the
# official tables have more refinements than the list names: "1704 00" is a "1700 00".
_REFINED_AFTER_CHARS = {"OFF_ECRIS": 2, "ECRIS_PENALTY": 1}


class _Table(msgspec.Struct, frozen=True):
    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list of codes.

    Attributes:
        name: Its name, as field declarations give it.
        title: What it lists, in English.
        rows: Column name to text, by code, in the order of the list.
    """

    name: str
    title: str
    rows: dict[str, dict[str, str]]

    def __contains__(self, code: object) -> bool:
        """Tell whether `code` is on the list, or refines a category that is."""
        if not isinstance(code, str):
            return False
        return code in self.rows or self._category(code) in self.rows

    def label(self, code: str) -> str:
        """Return the English label of `code`; the code itself where it has none."""
        row = self.rows.get(code) or self.rows.get(self._category(code), {})
        return row.get("label") or row.get("instrument") or code

    def column(self, code: str, column: str) -> str:
        """Return another column of the row of `code`; empty if there is none."""
        return self.rows.get(code, {}).get(column, "")

    def refinements(self) -> tuple[str, ...]:
        """Return expressions of the codes that refine a listed category.

        Of the plain kind that Python and JSON Schema read alike, without anchors.
        """
        kept = _REFINED_AFTER_CHARS.get(self.name)
        if kept is None:
            return ()
        return tuple(
            code[:kept] + re.sub("0", "[0-9]", code[kept:])
            for code in self.rows
            if code == self._category(code)
        )

    def _category(self, code: str) -> str:
        """Return the category that a refining code belongs to; else nothing."""
        kept = _REFINED_AFTER_CHARS.get(self.name)
        if kept is None:
            return ""
        example = next(iter(self.rows))
        shape = [(char.isdigit(), char == " ") for char in example]
        if not code.isascii() or [(c.isdigit(), c == " ") for c in code] != shape:
            return ""
        return code[:kept] + "".join(
            "0" if char.isdigit() else char for char in code[kept:]
        )


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
        )
        for name, table in tables.items()
    }


def code_list(name: str) -> CodeList:
    """Return the list called `name`; `KeyError` if no list is declared so."""
    return _lists()[name]


def code_list_names() -> tuple[str, ...]:
    """Return the names of all lists."""
    return tuple(_lists())


def is_code(list_name: str, code: object) -> bool:
    """Tell whether `code` is on the list called `list_name`."""
    return code in code_list(list_name)
