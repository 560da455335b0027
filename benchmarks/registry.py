"""Which scenarios there are: the modules of `benchmarks/scenarios`."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from benchmarks import scenarios
from benchmarks.figures import Figure, Setting
from gateway.core.errors import NoSuchScenarioError

Measure: TypeAlias = Callable[[Setting], Iterator[Figure]]

LAST = "stalls"
"""Looks at what the others have left behind, so it comes after them."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that is not loaded yet: loading one may need what is not installed.

    Attributes:
        name: Of its module.
        summary: First line of the module's docstring.
    """

    name: str
    summary: str

    def load(self) -> Measure:
        """Return what measures it.

        Raises:
            ImportError: It needs something that is not installed.
        """
        module = importlib.import_module(f"{scenarios.__name__}.{self.name}")
        return cast("Measure", module.measure)


def all_scenarios() -> dict[str, Scenario]:
    """Return every scenario by name, in the order in which they run."""
    folder = Path(scenarios.__path__[0])
    names = [module.name for module in pkgutil.iter_modules([str(folder)])]
    names.sort(key=lambda name: (name == LAST, name))
    return {name: Scenario(name, _summary(folder / f"{name}.py")) for name in names}


def chosen(names: tuple[str, ...]) -> tuple[Scenario, ...]:
    """Return the scenarios of these names in the order of running; all without names.

    Raises:
        NoSuchScenarioError: One of the names is none's.
    """
    known = all_scenarios()
    for name in names:
        if name not in known:
            raise NoSuchScenarioError(
                f"scenario {name!r}: there are {', '.join(known)}",
            )
    return tuple(one for one in known.values() if not names or one.name in names)


def _summary(source: Path) -> str:
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    return (docstring or "").partition("\n")[0]
