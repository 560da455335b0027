"""Reading the national declarations of a home: `forms/NAME.toml`, all mistakes at once.

Read at start; a change takes effect with the next start.
"""

import re
from pathlib import Path

from gateway.config.reading import Problem, read_tables
from gateway.core.errors import ConfigError
from gateway.core.limits import MAX_DECLARATION_BYTES, MAX_NATIONAL_DECLARATIONS
from gateway.mla.national.model import (
    NationalDeclaration,
    clashes,
    digests_of,
    types_with,
)
from gateway.mla.national.reading import NAME_PATTERN, read_declaration
from gateway.mla.types import use_national

DECLARATIONS_FOLDER = "forms"


def put_in_force(home: Path) -> None:
    """Let this process know the national declarations of a home.

    Raises:
        ConfigError: With every problem found, one a line, each with its file and line.
    """
    declarations = load_declarations(home)
    use_national(types_with(declarations), digests_of(declarations))


def load_declarations(home: Path) -> list[NationalDeclaration]:
    """Return the national declarations of a home, sorted by name.

    Raises:
        ConfigError: With every problem found, one a line, each with its file and line.
    """
    declarations, problems = read_declarations(home)
    if problems:
        raise ConfigError("\n".join(map(str, problems)))
    return declarations


def read_declarations(home: Path) -> tuple[list[NationalDeclaration], list[Problem]]:
    """Return the national declarations of a home, and everything wrong with them."""
    folder = home / DECLARATIONS_FOLDER
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if len(files) > MAX_NATIONAL_DECLARATIONS:
        text = f"{len(files)} files, expected at most {MAX_NATIONAL_DECLARATIONS}"
        return [], [Problem(str(folder), text)]
    found: list[NationalDeclaration] = []
    problems: list[Problem] = []
    for file in files:
        declaration, wrong = read_file(file)
        problems += wrong
        if declaration is not None:
            found.append(declaration)
    problems += [
        Problem(str(folder / f"{name}.toml"), text) for name, text in clashes(found)
    ]
    return found, problems


def read_file(file: Path) -> tuple[NationalDeclaration | None, list[Problem]]:
    """Return what one file declares, or everything that is wrong with it."""
    if not re.fullmatch(NAME_PATTERN, file.stem):
        text = "name: expected lower-case letters, digits and hyphens, like ee-notary"
        return None, [Problem(str(file), text)]
    read = read_tables(file, max_bytes=MAX_DECLARATION_BYTES)
    if isinstance(read, Problem):
        return None, [read]
    tables, lines = read
    declaration, wrong = read_declaration(file.stem, tables)
    return declaration, [_placed(file, lines, key, told) for key, told in wrong]


def _placed(file: Path, lines: dict[str, int], key: str, told: str) -> Problem:
    """Return a problem with the line of its key, or of the table it would stand in."""
    place, name = str(file), key
    while name and name not in lines:
        name = re.sub(r"(\.[^.\[]+|\[\d+\]|^[^.\[]+)\Z", "", name)
    if name:
        place = f"{file}:{lines[name]}"
    return Problem(place, f"{key}: {told}" if key else told)
