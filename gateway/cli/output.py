"""Writing results: data on stdout, talk on stderr, everything inert.

On a terminal tables are drawn for people; elsewhere they are aligned plain text.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import click

from gateway.cli.inert import inert, inert_lines

PRINTED = "gateway.cli.printed"
"""In the meta data of a context: that JSON was printed."""


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value as one JSON document.

    Every declared field stands there, also one at its default, so that scripts need
    not know the defaults.
    """
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[PRINTED] = True
    click.echo(json_text(value, indent=indent))


def json_text(value: object, *, indent: int | None = None) -> str:
    """Return a value as JSON that is inert on a terminal; its meaning is the same."""
    text = json.dumps(_whole(value), ensure_ascii=False, indent=indent)
    # What is left unescaped in JSON text stands within its strings.
    return inert_lines(text)


def print_line(text: str) -> None:
    """Print one line of data."""
    click.echo(inert(text))


def print_text(text: str) -> None:
    """Print data of several lines."""
    click.echo(inert_lines(text), nl=not text.endswith("\n"))


def print_bytes(raw: bytes) -> None:
    """Print a text file as it is, unless a terminal would read it."""
    if sys.stdout.isatty():
        print_text(raw.decode(errors="backslashreplace"))
    else:
        click.echo(raw, nl=False)


def say(text: str) -> None:
    """Tell people something that is not data."""
    click.echo(inert_lines(text), err=True)


def print_fields(fields: Mapping[str, object]) -> None:
    """Print names and values, one a line, leaving out what has nothing to say."""
    told = {name: text for name, value in fields.items() if (text := cell(value))}
    width = max(map(len, told), default=0)
    for name, text in told.items():
        print_line(f"{name:<{width}}  {text}")


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under a head."""
    cells = [[inert(cell(value)) for value in row] for row in rows]
    if sys.stdout.isatty():
        _draw_table(head, cells)
        return
    columns = list(zip(head, *cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    for row in (head, *cells):
        pairs = zip(row, widths, strict=True)
        click.echo("  ".join(f"{text:<{width}}" for text, width in pairs).rstrip())


def cell(value: object) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={cell(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(cell, value))
    return str(value)


def _draw_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        # Text, because a plain string would be read as markup.
        table.add_row(*map(Text, row))
    Console().print(table)


def _whole(value: object) -> object:
    """Return an answer with all its declared fields, as plain values."""
    names = getattr(value, "__struct_fields__", None)
    if names is not None:
        return {name: _whole(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {name: _whole(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return value
