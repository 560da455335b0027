"""What a browser sent: queries and forms, bounded and strict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from aiohttp.web import BaseRequest

from gateway.admin.reading import read_body
from gateway.admin.services import AdminLimits
from gateway.core.errors import UsageError

# More than the longest form of ours has; each costs a tuple.
_MAX_FIELDS = 5_000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Fields:
    """Named texts, some of them several times, in the order they came."""

    values: Mapping[str, tuple[str, ...]] = field(
        repr=False, default_factory=lambda: MappingProxyType({})
    )

    def text(self, name: str, default: str = "") -> str:
        """Return the last value of a field without blanks around it."""
        found = self.values.get(name)
        return found[-1].strip() if found else default

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field, those that are empty left out."""
        return tuple(value for value in self.values.get(name, ()) if value)

    def given(self, *names: str) -> dict[str, str]:
        """Return those of some fields that are not empty, for an operation."""
        return {name: text for name in names if (text := self.text(name))}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def url_with(self, path: str, **changes: str) -> str:
        """Return an address with these fields, some of them changed or taken away."""
        pairs = [
            (name, value)
            for name, values in self.values.items()
            for value in values
            if value and name not in changes
        ]
        pairs += [(name, value) for name, value in changes.items() if value]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read_query(request: BaseRequest) -> Fields:
    """Return the query of a request.

    Raises:
        UsageError: Not UTF-8, or too many fields.
    """
    return parse(request.raw_path.partition("?")[2], "query")


async def read_form(request: BaseRequest, limits: AdminLimits) -> Fields:
    """Return the form that a request brings.

    Raises:
        UsageError: Not a form, or too many fields.
        TooLargeError: Over the limit of bodies.
    """
    raw = await read_body(request, limits)
    if raw and request.content_type != _FORM:
        raise UsageError(f"body: expected Content-Type: {_FORM}")
    try:
        return parse(raw.decode("ascii"), "form")
    except UnicodeDecodeError as error:
        raise UsageError("form: expected percent-encoded ASCII") from error


def parse(text: str, what: str) -> Fields:
    """Return the fields of a query or form.

    Args:
        text: As it travels.
        what: Query or form, for the error.

    Raises:
        UsageError: Not UTF-8, or too many fields.
    """
    try:
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise UsageError(f"{what}: not percent-encoded UTF-8, or too long") from error
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return Fields(found)
