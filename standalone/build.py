"""Packing the verifier into one file that Python runs: `python -m standalone.build`.

What goes in are the modules that the command reaches by its imports. The same sources
give the same bytes: files in order, one date, nothing of the machine in them.
"""

import argparse
import ast
import hashlib
import stat
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parent.parent

_OURS = ("gateway", "standalone")
_SHEBANG = b"#!/usr/bin/env python3\n"
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3

# Files whose place in the archive is not their place in the tree: the start, and the
# names under which the gateway knows its libraries.
_MADE: Mapping[str, str] = {
    "__main__.py": """\
import sys

if sys.version_info < (3, 11):
    sys.exit("mla-verify: needs Python 3.11 or newer")

from standalone.command import main

if __name__ == "__main__":
    sys.exit(main())
""",
    "msgspec.py": "from standalone.structs import *\n",
    "nacl/__init__.py": "",
    "nacl/bindings.py": (
        "from standalone.ed25519 import is_valid_point as "
        "crypto_core_ed25519_is_valid_point\n"
    ),
    "nacl/exceptions.py": "from standalone.ed25519 import BadSignatureError\n",
    "nacl/signing.py": "from standalone.ed25519 import SigningKey, VerifyKey\n",
    "nacl/utils.py": "from os import urandom as random\n",
}


def modules() -> dict[str, Path]:
    """Return the file of every module of ours that is reached, by name.

    Imports are read from the source, so that what is loaded late counts too.
    """
    found: dict[str, Path] = {}
    waiting = [name for text in _MADE.values() for name in _imports(ast.parse(text))]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += _parents(name)
        waiting += _imports(ast.parse(path.read_bytes()))
    return found


def _file_of(name: str) -> Path | None:
    """Return where a module of ours lies; None for others and for what is no module."""
    if name.partition(".")[0] not in _OURS:
        return None
    place = ROOT.joinpath(*name.split("."))
    options = (place / "__init__.py", place.with_suffix(".py"))
    return next((path for path in options if path.is_file()), None)


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def build() -> bytes:
    """Return the content of the one file."""
    files = {name: text.encode() for name, text in _MADE.items()}
    for path in modules().values():
        files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    return _SHEBANG + _pack(files)


def _pack(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP file that is the same wherever it is made."""
    whole = BytesIO()
    # Stored as they are: compressors differ between versions, and readers want to read.
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            member = zipfile.ZipInfo(name, _FIRST_DATE)
            member.external_attr = _MODE
            member.create_system = _UNIX
            archive.writestr(member, content)
    return whole.getvalue()


def main() -> None:
    """Write the file and print its digest as `sha256sum` does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "mla-verify.pyz")
    out: Path = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    raw = build()
    out.write_bytes(raw)
    out.chmod(0o755)
    print(f"{hashlib.sha256(raw).hexdigest()}  {out}")  # noqa: T201 - its result


if __name__ == "__main__":
    main()
