"""A sheet as its page shows it: fields, problems beside them, what is still missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.console.forms.building import Setting
from gateway.console.forms.choices import LANGUAGES, shared_list
from gateway.console.forms.entries import Manner
from gateway.console.forms.nodes import Entry, Node, Option, below
from gateway.console.forms.sections import (
    Part,
    Section,
    author_block,
    nodes_of,
    sections_of,
)
from gateway.console.forms.telling import (
    Findings,
    about_what_is_written,
    findings,
)
from gateway.console.language import mark
from gateway.console.sheet import Sheet, hidden_fields
from gateway.core.errors import FormProblem
from gateway.mla.treaty.contents import articles_by_path
from gateway.mla.wording import Language

TITLES: Final = {
    Part.BASIS: mark("What it is based on"),
    Part.CONTENT: mark("What it says"),
    Part.FILES: mark("Files"),
    Part.SIGNING: mark("Approval and further details"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetView:
    """What the page of a sheet shows.

    Attributes:
        findings: Problems to tell now.
        missing: How many fields are still to be filled in.
        lists: What is suggested, by the names of the lists.
        hidden: Fields that the page carries unseen.
    """

    sections: tuple[Section, ...] = field(repr=False)
    findings: Findings = field(repr=False)
    missing: int
    lists: dict[str, tuple[Option, ...]] = field(repr=False)
    hidden: tuple[tuple[str, str], ...] = field(repr=False)


def view_of(
    sheet: Sheet,
    problems: Sequence[FormProblem],
    language: Language,
    zone: str,
) -> SheetView:
    """Return what the page of a sheet shows.

    Args:
        sheet: The sheet.
        problems: All that the node found; of fields that nobody has come to yet only
            the number is told, until the author asks for the whole.
        language: Of the reader.
        zone: To assume for moments.
    """
    setting = setting_of(sheet, language, zone)
    wanted = frozenset(one.pointer for one in problems if one.blocking)
    sections = sections_of(sheet.declared, replace(setting, wanted=wanted))
    nodes = nodes_of(sections)
    written = about_what_is_written(problems, sheet.draft)
    told = problems if sheet.is_whole else written
    return SheetView(
        sections=sections,
        findings=findings(told, nodes, author_block(sheet.declared), language),
        missing=sum(one.blocking for one in problems)
        - sum(one.blocking for one in written),
        lists=_lists(nodes, language),
        hidden=hidden_fields(sheet.draft),
    )


def setting_of(sheet: Sheet, language: Language, zone: str) -> Setting:
    """Return what a sheet's fields are shown with."""
    asked = articles_by_path(sheet.draft)
    return Setting(
        draft=sheet.draft,
        manner=Manner(language, zone),
        articles={path.removesuffix("/*"): told for path, told in asked.items()},
        measures=sheet.measures,
    )


def _lists(nodes: Iterable[Node], language: Language) -> dict[str, tuple[Option, ...]]:
    names = {
        inner.list_name
        for node in nodes
        for inner in below(node)
        if isinstance(inner, Entry) and inner.list_name
    }
    return {name: shared_list(name, language) for name in sorted(names | {LANGUAGES})}
