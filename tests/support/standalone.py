"""The one-file verifier at work: packed, and run where there is only `cryptography`."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.verifier.options import VerifyOptions
from standalone import build

# What `cryptography` needs, and nothing else that is installed here.
_INSTALLED = ("cryptography", "cffi", "_cffi_backend", "pycparser")

_LOOP = """
import contextlib, io, json, sys
from standalone.command import main
talk, sys.stdout = sys.stdout, None
for line in sys.stdin:
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(json.loads(line))
        except SystemExit as error:
            code = error.code
    out.flush()
    answer = [code, out.buffer.getvalue().decode(), err.getvalue()]
    talk.write(json.dumps(answer) + "\\n")
    talk.flush()
"""


@dataclass(frozen=True)
class Answer:
    """What one run has given."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True)
class Packed:
    """The one file, and a folder with the only library it may use."""

    file: Path
    library: Path

    @classmethod
    def make(cls, place: Path) -> "Packed":
        """Pack it into a folder."""
        file, library = place / "mla-verify.pyz", place / "library"
        file.write_bytes(build.build())
        library.mkdir()
        for name in _INSTALLED:
            found = importlib.util.find_spec(name)
            if found is not None and found.origin is not None:
                origin = Path(found.origin)
                origin = origin.parent if origin.name == "__init__.py" else origin
                (library / origin.name).symlink_to(origin)
        return cls(file, library)

    def environment(self, *paths: Path) -> dict[str, str]:
        """Return an environment in which nothing else that is installed is found."""
        found = os.pathsep.join(map(str, (*paths, self.library)))
        return {"PYTHONPATH": found, "PYTHONUTF8": "1"}

    def run(self, *arguments: str) -> Answer:
        """Run the file as a user would."""
        done = subprocess.run(  # noqa: S603 - the program under test
            [sys.executable, "-S", str(self.file), *arguments],
            env=self.environment(),
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


class Running:
    """One process of it that answers many questions."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, arguments: Sequence[str]) -> Answer:
        """Return what it gives for these arguments."""
        talk, listen = self._process.stdin, self._process.stdout
        assert talk is not None
        assert listen is not None
        talk.write(json.dumps(list(arguments)) + "\n")
        talk.flush()
        return Answer(*json.loads(listen.readline()))


@contextmanager
def running(packed: Packed) -> Iterator[Running]:
    """Keep a process until it is no longer needed."""
    with subprocess.Popen(  # noqa: S603 - the program under test
        [sys.executable, "-S", "-c", _LOOP],
        env=packed.environment(packed.file),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Running(process)


def arguments_of(path: Path, options: VerifyOptions) -> list[str]:
    """Return the command line that asks the same as a call of `verify_path`."""
    arguments = [str(path), "--json"]
    for name in options.given() - {"progress"}:
        value = getattr(options, name)
        for one in value if isinstance(value, tuple) else (value,):
            arguments += [f"--{name.replace('_', '-')}", str(one)]
    return arguments
