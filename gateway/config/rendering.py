"""Writing `gateway.toml`: every key explained, also those left at their default."""

import json
import textwrap
from collections.abc import Iterator, Mapping

from gateway.config.declarations import DeclaredKey, declared_keys, plain, sections
from gateway.core.canonical import JsonValue

_WIDTH = 88
_HEAD = """\
Configuration of a gateway. A line that starts with "# name =" shows a default.
Each key can be overridden by an environment variable MLA_GATEWAY__SECTION__KEY.
No secret belongs in here. Check it with: mla-gateway config check"""


def render_config(values: Mapping[str, object]) -> str:
    """Return the text of a configuration file.

    Args:
        values: What is set, by full name such as `peer.listen`; keys that are not
            set stand there commented out.
    """
    return "\n".join(_lines(values)) + "\n"


def render_sample() -> str:
    """Return the explained sample: required keys with an example, others commented."""
    examples = {
        key.path: (key.meta.examples or [None])[0]
        for key in declared_keys()
        if key.is_required
    }
    return render_config(examples)


def _lines(values: Mapping[str, object]) -> Iterator[str]:
    yield from (f"# {line}" for line in _HEAD.split("\n"))
    section = ""
    for key in declared_keys():
        if key.section != section:
            section = key.section
            yield ""
            yield f"[{section}]"
            yield from _comment(sections()[section].__doc__ or "")
        yield ""
        yield from _comment(_explanation(key))
        if key.path in values:
            yield f"{key.name} = {_spell(plain(values[key.path]))}"
        else:
            yield f"# {key.name} = {_spell(_shown(key))}"


def _explanation(key: DeclaredKey) -> str:
    limits = ""
    if key.meta.ge is not None and key.meta.le is not None:
        limits = f" From {key.meta.ge} to {key.meta.le}."
    must = " Must be set." if key.is_required else ""
    return f"{key.help}{limits}{must}"


def _shown(key: DeclaredKey) -> JsonValue:
    """Return what stands in the commented line: the default, else an example."""
    if key.default is not None:
        return plain(key.default)
    return plain((key.meta.examples or [""])[0])


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(text, _WIDTH - 2))


def _spell(value: JsonValue) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        members = (f"{_spell(name)} = {_spell(item)}" for name, item in value.items())
        return f"{{ {', '.join(members)} }}"
    # Strings, integers and truths are spelled alike in JSON and TOML, but for DEL,
    # which no setting may hold.
    return json.dumps(value, ensure_ascii=False)
