"""Other people's programs: had if they can be, else the reason why not.

They are put into folders of their own under the environment's, once for all runs; a
test that needs one is skipped with the reason if it can't be had here.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

INTEROP = Path(__file__).parent.parent / "interop"

_INSTALL_S = 90.0
_RUN_S = 60.0
_GO_PACKAGES = ("golang-go", "golang-golang-x-mod-dev")
# Where Debian puts the sources of Go packages.
_GO_PATH = Path("/usr/share/gocode")
_GO_NOTE = _GO_PATH / "src/golang.org/x/mod/sumdb/note"


def run(
    *words: str, env: dict[str, str] | None = None, timeout_s: float = _RUN_S
) -> subprocess.CompletedProcess[bytes]:
    """Run a program that may fail; its output is kept."""
    return subprocess.run(  # noqa: S603 - programs that tests name
        words,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=timeout_s,
        env=env,
    )


def python_tools() -> dict[str, str]:
    """Return the environment in which the programs from PyPI are there, or skip."""
    folder, problem = _python_folder()
    if problem:
        pytest.skip(f"aics-tlog, aics-witness and tlog-scales: {problem}")
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


@cache
def _python_folder() -> tuple[Path, str]:
    """Install into a folder named after what is wanted; return it, or why not."""
    listed = INTEROP / "requirements.txt"
    digest = hashlib.sha256(listed.read_bytes()).hexdigest()[:16]
    folder = Path(sys.prefix) / f"interop-{digest}"
    with (
        _one_at_a_time(),
        tempfile.TemporaryDirectory(dir=sys.prefix, prefix="interop-new-") as fresh,
    ):
        if folder.is_dir():
            return folder, ""
        made = Path(fresh) / "made"
        done = _quietly(
            *(sys.executable, "-m", "pip", "install", "--quiet"),
            *("--disable-pip-version-check", "--retries", "1", "--timeout", "15"),
            *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
            # They name a newer Python than they need.
            *("--ignore-requires-python", "--target", str(made), "-r", str(listed)),
        )
        if done:
            return folder, f"can't be installed: {done}"
        # Named last: a folder of that name is whole.
        made.rename(folder)
    return folder, ""


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one worker install while the others wait for what it does."""
    with (Path(sys.prefix) / "interop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def go_program(source: Path, folder: Path) -> Path:
    """Return a program built from our Go source and Debian's Go packages, or skip."""
    problem = _go_problem()
    if problem:
        pytest.skip(f"golang.org/x/mod from Debian: {problem}")
    program = folder / source.name
    env = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(_GO_PATH),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    go = shutil.which("go") or "go"
    files = [str(file) for file in source.glob("*.go")]
    done = run(go, "build", "-o", str(program), *files, env=env, timeout_s=_INSTALL_S)
    assert done.returncode == 0, done.stderr.decode()
    return program


@cache
def _go_problem() -> str:
    """Install what is missing if we may; return why it is still missing."""
    with _one_at_a_time():
        return "" if shutil.which("go") and _GO_NOTE.is_dir() else _install_go()


def _install_go() -> str:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return f"not here; install {' and '.join(_GO_PACKAGES)}"
    install = (
        *(apt, "install", "--yes", "--quiet", "--no-install-recommends"),
        *("-o", "DPkg::Lock::Timeout=60", *_GO_PACKAGES),
    )
    problem = _quietly(*install)
    if problem:
        problem = _quietly(apt, "update", "--quiet") or _quietly(*install)
    return problem


def _quietly(*words: str) -> str:
    """Run an installer; return the last thing it said if it failed."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = run(*words, env=env, timeout_s=_INSTALL_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return "" if done.returncode == 0 else (said[-1:] or ["failed"])[0]
