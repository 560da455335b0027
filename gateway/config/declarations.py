"""The declared keys as a table, for those that read, write or list them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
from msgspec import NODEFAULT, Meta

from gateway.config.settings import ListenAddress, Settings, Unlock
from gateway.core.canonical import JsonValue
from gateway.core.errors import MalformedError


@dataclass(frozen=True, slots=True)
class DeclaredKey:
    """One key that can be set.

    Attributes:
        section: Its table in the file.
        name: Its name there.
        meta: Help text, example and limits.
        form: The annotated type.
        default: None where it must be set, or where absence has its own meaning.
        is_required: Whether it must be set.
    """

    section: str
    name: str
    meta: Meta
    form: object
    default: object
    is_required: bool

    @property
    def path(self) -> str:
        """Its full name, as messages and sources show it."""
        return f"{self.section}.{self.name}"

    @property
    def help(self) -> str:
        """What it means."""
        return self.meta.description or ""

    def convert(self, value: object) -> object:
        """Return a value from a file as what the settings hold.

        Raises:
            ValueError: Another type or outside its limits; says what was expected.
        """
        try:
            parse = _PARSERS.get(self._base())
            if parse is not None:
                return parse(msgspec.convert(value, str, strict=True))
            converted: object = msgspec.convert(value, self.form, strict=True)
            check = (self.meta.extra or {}).get("check")
            if check is not None:
                check(converted)
        except MalformedError as error:
            raise ValueError(str(error)) from error
        except msgspec.ValidationError as error:
            raise ValueError(self._in_plain_words(str(error))) from error
        return converted

    def _in_plain_words(self, message: str) -> str:
        """Return what the library found, as people who write settings say it."""
        if "regex" in message and self.meta.examples:
            return f"not of the form, expected like {plain(self.meta.examples[0])}"
        for theirs, ours in _PLAIN_WORDS.items():
            message = message.replace(theirs, ours)
        return _without_location(message)

    def _base(self) -> object:
        """Return the type itself; a path that may be absent is a path when set."""
        (base, *_) = get_args(self.form)
        return Path if base == Path | None else base


def _parse_path(text: str) -> Path:
    if not text or not text.isprintable():
        raise ValueError(f"{text[:80]!r}, expected a path")
    return Path(text)


_PARSERS: Mapping[object, Callable[[str], object]] = {
    ListenAddress: ListenAddress.parse,
    Unlock: Unlock.parse,
    Path: _parse_path,
}


_PLAIN_WORDS = {
    "Expected": "expected",
    "`str`": "text in quotes",
    "`int`": "a whole number",
    "`bool`": "true or false",
    "`float`": "a fraction",
    "`object`": "a table",
    "`array`": "a list",
}


def _without_location(message: str) -> str:
    """Drop the library's place in the value: for most keys it is the value itself."""
    return re.sub(r" - at `\$`\Z", "", message)


def sections() -> Mapping[str, type[msgspec.Struct]]:
    """Return the declaration of every section, in order."""
    return dict(get_type_hints(Settings))


def declared_keys() -> Iterator[DeclaredKey]:
    """Return every key that can be set, in order."""
    for section, declaration in sections().items():
        hints = get_type_hints(declaration, include_extras=True)
        for field in msgspec.structs.fields(declaration):
            form = hints[field.name]
            (meta,) = (m for m in form.__metadata__ if m.description)
            required = field.default is NODEFAULT
            yield DeclaredKey(
                section=section,
                name=field.name,
                meta=meta,
                form=form,
                default=None if required else field.default,
                is_required=required,
            )


def plain(value: object) -> JsonValue:
    """Return a value of the settings as it stands in a file."""
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return str(value)
