"""On which line of a TOML file a key stands; the standard reader does not tell."""

import re
from collections.abc import Mapping

_SECTION = re.compile(r"\s*\[\s*([A-Za-z0-9_.\"' -]+?)\s*\]\s*(?:#.*)?\Z")
_KEY = re.compile(r"\s*([A-Za-z0-9_\"'-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=")
_QUOTES = str.maketrans("", "", "\"' ")


def key_lines(text: str) -> Mapping[str, int]:
    """Return the line, from 1, of each section and key by its dotted name.

    Only for messages: in text that TOML takes for part of a value it may see keys
    that are none.
    """
    lines: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if section := _SECTION.match(line):
            name = section[1].translate(_QUOTES)
            prefix = f"{name}."
        elif key := _KEY.match(line):
            name = prefix + key[1].translate(_QUOTES)
        else:
            continue
        # A table can also be given key by key: `authority.names.en = "…"`.
        while name:
            lines.setdefault(name, number)
            name = name.rpartition(".")[0]
    return lines
