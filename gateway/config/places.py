"""On which line of a TOML file a key stands; the standard reader does not tell."""

import re

_SECTION = re.compile(r"\s*\[\s*([A-Za-z0-9_.\"' -]+?)\s*\]\s*(?:#.*)?\Z")
_ITEM = re.compile(r"\s*\[\[\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]\s*(?:#.*)?\Z")
_KEY = re.compile(r"\s*([A-Za-z0-9_\"'-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=")
_QUOTES = str.maketrans("", "", "\"' ")


def key_lines(text: str) -> dict[str, int]:
    """Return the line, from 1, of each section and key by its dotted name.

    Tables of a list are numbered from 0: `[[add]]` is `add[0]`, then `add[1]`.

    Only for messages: in text that TOML takes for part of a value it may see keys
    that are none.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if item := _ITEM.match(line):
            listed = item[1].translate(_QUOTES)
            counts[listed] = counts.get(listed, -1) + 1
            name = f"{listed}[{counts[listed]}]"
            prefix = f"{name}."
        elif section := _SECTION.match(line):
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
