"""The statements of our root: the one in force, and every one that was.

Each is kept under its number, with the moment it came into force here: evidence of
years ago is checked with the keys that were vouched for then.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import (
    KeystoreError,
    MalformedError,
    TooLargeError,
    UntrustedCardError,
)
from gateway.core.identity import (
    ProvenStatement,
    RootKeys,
    verify_statement,
)
from gateway.core.limits import MAX_LOG_PROOF_BYTES
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.core.values import UnixMs, format_time, parse_time
from gateway.keystore.files import (
    make_private_folder,
    read_private,
    replace_private,
)
from gateway.keystore.home import KeysLayout

_SINCE = ".since"
_MAX_SINCE_BYTES = 64
_NUMBERED = re.compile(r"([1-9][0-9]{0,8})\.tlog-proof\Z")


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """A statement of our root.

    Attributes:
        proven: What it says.
        proof: As a proof file.
        since: When it came into force here.
    """

    proven: ProvenStatement
    proof: bytes = field(repr=False)
    since: UnixMs

    @property
    def number(self) -> int:
        """Its number."""
        return self.proven.statement.number


def load_statement(layout: KeysLayout, root: RootKeys) -> tuple[ProvenStatement, bytes]:
    """Return the statement in force, and its proof file.

    Raises:
        KeystoreError: It is missing, unsafe, or not of this root.
    """
    proof = read_private(layout.statement, max_bytes=MAX_LOG_PROOF_BYTES)
    return prove(proof, root), proof


def prove(proof: bytes, root: RootKeys) -> ProvenStatement:
    """Return the statement in a proof file of our root.

    Raises:
        KeystoreError: It is not one.
    """
    try:
        return verify_statement(proof, root)
    except (MalformedError, TooLargeError, UntrustedCardError) as error:
        raise KeystoreError(f"statement: {error}") from error


def put_into_force(
    layout: KeysLayout,
    root: RootKeys,
    proof: bytes,
    now: UnixMs,
) -> None:
    """Keep a statement, and put it in the place of the one in force.

    The last step is the one that counts; a crash before it leaves what was in force.

    Raises:
        KeystoreError: Not of this root, or a file can't be read or written.
    """
    make_private_folder(layout.history)
    before, before_proof = load_statement(layout, root)
    since = layout.history / f"{before.statement.number}{_SINCE}"
    known = [] if since.exists() else [(before, before_proof, before.stated_at)]
    for proven, raw, at in (*known, (prove(proof, root), proof, now)):
        stem = layout.history / str(proven.statement.number)
        replace_private(stem.with_name(stem.name + PROOF_SUFFIX), raw)
        line = f"{format_time(at)}\n".encode()
        replace_private(stem.with_name(stem.name + _SINCE), line)
    replace_private(layout.statement, proof)


def read_history(layout: KeysLayout, root: RootKeys) -> Sequence[KeptStatement]:
    """Return every statement that was ever in force, by number; the last one is.

    Raises:
        KeystoreError: A file is unsafe, changed, or not of this root.
    """
    current, current_proof = load_statement(layout, root)
    found = {
        current.statement.number: KeptStatement(
            current,
            current_proof,
            _since(layout, current),
        ),
    }
    for path in _proofs(layout.history):
        proof = read_private(path, max_bytes=MAX_LOG_PROOF_BYTES)
        proven = prove(proof, root)
        number = proven.statement.number
        if path.name != f"{number}{PROOF_SUFFIX}":
            raise KeystoreError(f"{path}: holds statement {number}")
        # What a crash kept from coming into force is not history yet.
        if number < current.statement.number:
            found[number] = KeptStatement(proven, proof, _since(layout, proven))
    return [found[number] for number in sorted(found)]


def _proofs(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    try:
        return [path for path in folder.iterdir() if _NUMBERED.match(path.name)]
    except OSError as error:
        raise KeystoreError(f"{folder}: {error.strerror}") from error


def _since(layout: KeysLayout, proven: ProvenStatement) -> UnixMs:
    """Return when a statement came into force here; else when the root made it."""
    path = layout.history / f"{proven.statement.number}{_SINCE}"
    if not path.exists():
        return proven.stated_at
    raw = read_private(path, max_bytes=_MAX_SINCE_BYTES)
    try:
        return parse_time(raw.decode("ascii").removesuffix("\n"))
    except (MalformedError, UnicodeDecodeError) as error:
        raise KeystoreError(f"{path}: not a moment") from error
