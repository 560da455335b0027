"""The way in: what a path is, and which check it gets.

A new kind of evidence is one more line in the table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import UsageError
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.verifier.archive import ZIP_START
from gateway.verifier.bundle import CARD_SUFFIX
from gateway.verifier.bundle_file import check_bundle_file, is_bundle
from gateway.verifier.card_file import check_card_file
from gateway.verifier.files import read_start
from gateway.verifier.heads import CARD_START, PROOF_START
from gateway.verifier.log_folder import check_log_folder
from gateway.verifier.options import VerifyOptions
from gateway.verifier.proof_file import check_proof_file
from gateway.verifier.report import Report
from gateway.verifier.zipped import is_log_zip

BUNDLE_SUFFIX = ".zip"

_START_BYTES = 64


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of evidence.

    Attributes:
        recognises: Tells from the path and its first bytes whether it is this kind.
        check: Checks it.
    """

    recognises: Callable[[Path, bytes], bool]
    check: Callable[[Path, VerifyOptions], Report]


def _is_log_zip(path: Path, start: bytes) -> bool:
    return start.startswith(ZIP_START) and is_log_zip(path)


def _is_bundle_folder(path: Path, _start: bytes) -> bool:
    return path.is_dir() and is_bundle(path)


# By name first: evidence whose first byte was damaged must fail, not be of no kind.
_KINDS = (
    _Kind(_is_bundle_folder, check_bundle_file),
    _Kind(lambda path, _: path.is_dir(), check_log_folder),
    _Kind(_is_log_zip, check_log_folder),
    _Kind(lambda path, _: path.suffix == PROOF_SUFFIX, check_proof_file),
    _Kind(lambda path, _: path.suffix == CARD_SUFFIX, check_card_file),
    _Kind(lambda path, _: path.suffix == BUNDLE_SUFFIX, check_bundle_file),
    _Kind(lambda _, start: start.startswith(PROOF_START), check_proof_file),
    _Kind(lambda _, start: start.startswith(CARD_START), check_card_file),
    _Kind(lambda _, start: start.startswith(ZIP_START), check_bundle_file),
)


def verify_path(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a log folder, a bundle, a proof or a card has shown.

    Reads files only; writes nothing and needs no node.

    Raises:
        UsageError: There is nothing of a known kind at the path, no keys were given
            where signatures have to be checked, or a given file can't be used.
    """
    start = _start_of(path)
    options.refuse_inside(path)
    for kind in _KINDS:
        if kind.recognises(path, start):
            return kind.check(path, options)
    raise UsageError(
        f"{path}: neither a log folder, a bundle, a .tlog-proof file nor a card",
    )


def _start_of(path: Path) -> bytes:
    if path.is_dir():
        return b""
    return read_start(path, max_bytes=_START_BYTES)
