"""What a browser posts back of a tree of fields, when nobody changes anything."""

from collections.abc import Iterable, Iterator

from gateway.console.forms.names import OPEN, ROW, WHEN, ZONE
from gateway.console.forms.nodes import (
    Closed,
    Entry,
    Group,
    Node,
    Rows,
    Texts,
    Widget,
    Wording,
)


def posted(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Yield names and values in the order of the page."""
    for node in nodes:
        yield from _of(node)


def _of(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case Entry():
            yield from _of_entry(node)
        case Group():
            yield OPEN, node.head.name
            yield from posted((*node.first, *node.more))
        case Rows():
            for row in node.rows:
                yield ROW, row.head.name
                yield from _of(row)
        case Texts():
            yield from _of_texts(node)
        case Wording() | Closed():
            return


def _of_entry(node: Entry) -> Iterator[tuple[str, str]]:
    name = node.head.name
    match node.widget:
        case Widget.MOMENT:
            yield f"{name}.{WHEN}", node.value
            yield f"{name}.{ZONE}", node.zone
        case Widget.CHECKS:
            # In the order of the options, as a browser has it.
            for option in node.options:
                if option.value in node.values:
                    yield name, option.value
        case Widget.LINES:
            yield name, "\r\n".join(node.values)
        case _:
            yield name, node.value.replace("\n", "\r\n")


def _of_texts(node: Texts) -> Iterator[tuple[str, str]]:
    for one in node.wordings:
        name = one.head.name
        if len(node.wordings) > 1:
            yield ROW, name
        yield f"{name}.text", one.text.replace("\n", "\r\n")
        yield f"{name}.lang", one.language
        yield f"{name}.is_translation", one.is_translation or "false"
        yield f"{name}.certified", one.certified
