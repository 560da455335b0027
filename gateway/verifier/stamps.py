"""Time stamps beside a log: whether an authority that the user believes made them.

The authority's certificate comes from the user. One that lies beside the stamps says
nothing: whoever forges a stamp encloses a certificate of his own.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.core.errors import GatewayError, MalformedError, NotFoundError, UsageError
from gateway.core.limits import KIB, MAX_STAMP_BYTES
from gateway.core.translog.signed import MAX_CHECKPOINT_BYTES
from gateway.core.translog.stamps import (
    MISSING_EXTRA,
    StampRoots,
    is_supported,
    parse_roots,
    verify_stamp,
)
from gateway.core.values import format_time
from gateway.verifier.files import read_given
from gateway.verifier.report import Findings

STAMPS_FOLDER = "tsa/"

_SUBJECT = "TIMESTAMP"
_NAME = re.compile(rf"{STAMPS_FOLDER}(0|[1-9][0-9]{{0,18}})\.(?:body|tsr)\Z")
_MAX_CA_BYTES = 256 * KIB


class StampFiles(Protocol):
    """Where the stamps lie."""

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Return the content of a file."""
        ...


def body_name(size: int) -> str:
    """Return where the text lies that was stamped."""
    return f"{STAMPS_FOLDER}{size}.body"


def response_name(size: int) -> str:
    """Return where the authority's answer lies."""
    return f"{STAMPS_FOLDER}{size}.tsr"


def load_roots(path: Path | None) -> StampRoots | None:
    """Return the certificates that the user believes.

    Raises:
        UsageError: The file can't be used.
    """
    if path is None:
        return None
    try:
        return parse_roots(read_given(path, max_bytes=_MAX_CA_BYTES))
    except MalformedError as error:
        raise UsageError(f"--tsa-ca {path}: {error}") from error


@dataclass(frozen=True, slots=True)
class StampCheck:
    """One run over the stamps of some evidence.

    Attributes:
        files: Where they lie.
        text_of: The text of a checkpoint of the log, by size; None if the evidence
            does not show the root of that size.
        roots: Whom the user believes.
    """

    files: StampFiles
    text_of: Callable[[int], bytes | None]
    roots: StampRoots | None

    def run(self, names: Iterable[str], findings: Findings) -> None:
        """Report on the stamps among some files."""
        found = (_NAME.match(name) for name in names)
        sizes = sorted({int(match[1]) for match in found if match})
        for size in sizes:
            try:
                self._check(size, findings)
            except NotFoundError as error:
                findings.incomplete(_SUBJECT, str(error), "stamp-cut")
            except GatewayError as error:
                text = f"{response_name(size)}: {error}"
                findings.failed(_SUBJECT, text, error.code)
        if self.roots is not None and not sizes:
            findings.incomplete(_SUBJECT, "none in this evidence", "no-stamps")

    def _check(self, size: int, findings: Findings) -> None:
        name = response_name(size)
        text = self.files.read(body_name(size), max_bytes=MAX_CHECKPOINT_BYTES)
        response = self.files.read(name, max_bytes=MAX_STAMP_BYTES)
        expected = self.text_of(size)
        if expected is None:
            why = "nothing here shows the root of that size"
            findings.incomplete(_SUBJECT, f"{name}: {why}", "not-compared")
        elif text != expected:
            why = f"over another text than this log's checkpoint {size}"
            findings.failed(_SUBJECT, f"{name}: {why}", "stamped-text-differs")
        elif self.roots is None:
            why = "not checked: give the authority's certificate with --tsa-ca"
            findings.info(_SUBJECT, f"{name}: {why}", "no-tsa-ca")
        elif not is_supported():
            findings.incomplete(_SUBJECT, f"{name}: {_without_library(size)}", "no-tsa")
        else:
            stamp = verify_stamp(response, text, roots=self.roots)
            findings.ok(
                _SUBJECT,
                f'TSA "{stamp.authority}" {format_time(stamp.at)} over checkpoint '
                f"{size}, certificate to {format_time(stamp.valid_until)}",
                "timestamp",
            )


def _without_library(size: int) -> str:
    return (
        f"not checked: {MISSING_EXTRA}. Without it: openssl ts -verify -data "
        f"{body_name(size)} -in {response_name(size)} -CAfile CA"
    )
