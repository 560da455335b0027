"""Which route a request is for. Odd paths are refused, never repaired."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gateway.core.errors import NotFoundError, UsageError

# All there is in our paths. No percent: an encoded character is a second spelling,
# which a proxy in front may read in another way.
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,254}){1,12}\Z")
_PLACEHOLDER = re.compile(r"\{(\w+)(\.\.\.)?\}")


class Routed(Protocol):
    """What a request can be for: an operation, or a page."""

    @property
    def method(self) -> str:
        """The method it is asked with."""
        ...

    @property
    def path(self) -> str:
        """Template of its path."""
        ...


_R = TypeVar("_R", bound=Routed)


class WrongMethodError(UsageError):
    """There is such a path, but not for this method.

    Attributes:
        allowed: The methods there are.
    """

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class _Pattern(Generic[_R]):
    route: _R
    path: re.Pattern[str]


class RouteTable(Generic[_R]):
    """Finds routes; a literal path goes before a template."""

    def __init__(self, routes: Iterable[_R]) -> None:
        self._literal: dict[tuple[str, str], _R] = {}
        self._patterns: list[_Pattern[_R]] = []
        for route in routes:
            if "{" in route.path:
                self._patterns.append(_Pattern(route, _compile(route.path)))
            else:
                self._literal[route.method, route.path] = route

    def find(self, method: str, path: str) -> tuple[_R, Mapping[str, str]]:
        """Return the route of a request and the values of its placeholders.

        Raises:
            NotFoundError: No such path.
            WrongMethodError: Not with this method.
        """
        if not _PATH.match(path):
            raise NotFoundError("path: there is no such operation")
        literal = self._literal.get((method, path))
        if literal is not None:
            return literal, {}
        for pattern in self._patterns:
            match = pattern.path.match(path)
            if match and pattern.route.method == method:
                return pattern.route, match.groupdict()
        raise self._no_route(path)

    def _no_route(self, path: str) -> UsageError | NotFoundError:
        allowed = {method for method, literal in self._literal if literal == path}
        allowed |= {
            pattern.route.method
            for pattern in self._patterns
            if pattern.path.match(path)
        }
        if not allowed:
            return NotFoundError("path: there is no such operation")
        methods = tuple(sorted(allowed))
        return WrongMethodError(
            f"method: expected {' or '.join(methods)}",
            allowed=methods,
        )


def _compile(template: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for found in _PLACEHOLDER.finditer(template):
        characters = "[^/]+" if found[2] is None else ".+"
        parts += (
            re.escape(template[at : found.start()]),
            f"(?P<{found[1]}>{characters})",
        )
        at = found.end()
    return re.compile("".join((*parts, re.escape(template[at:]), r"\Z")))
