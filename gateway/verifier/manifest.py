"""`MANIFEST.sha256`: the digests of all files of a folder, as `sha256sum -c` reads.

It shows damage on the way, not forgery: whoever forges a file can write its digest.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from gateway.core.errors import MalformedError
from gateway.core.limits import MIB
from gateway.verifier.files import check_safe_path

MANIFEST_NAME = "MANIFEST.sha256"
MAX_MANIFEST_BYTES = 128 * MIB
"""A line takes about 100 bytes, and there are at most a million files."""

_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[^\n]+)\Z")


def sha256_hex(chunks: Iterable[bytes]) -> str:
    """Return the digest of content that comes in pieces."""
    state = hashlib.sha256()
    for chunk in chunks:
        state.update(chunk)
    return state.hexdigest()


def encode_manifest(digests: Mapping[str, str]) -> bytes:
    """Return the file that lists these names, sorted, with their hex digests."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return "".join(lines).encode()


def parse_manifest(raw: bytes) -> dict[str, str]:
    """Return the digests by name.

    Raises:
        MalformedError: Not as this program writes it: sorted, each name once.
    """
    digests = dict(_lines(raw))
    if encode_manifest(digests) != raw:
        raise MalformedError(f"{MANIFEST_NAME}: lines out of order or repeated")
    return digests


def check_listed(
    raw: bytes,
    names: AbstractSet[str],
    digest_of: Callable[[str], str],
) -> int:
    """Return the number of files after comparing each with its line.

    Args:
        raw: Content of the manifest.
        names: All files beside it.
        digest_of: Computes the digest of one of them.

    Raises:
        MalformedError: Not a manifest; a file is missing, damaged or not listed.
    """
    digests = parse_manifest(raw)
    for name in sorted(names ^ digests.keys()):
        found = "not listed in" if name in names else "missing, but listed in"
        raise MalformedError(f"{name}: {found} {MANIFEST_NAME}")
    for name, digest in digests.items():
        if digest_of(name) != digest:
            raise MalformedError(f"{name}: damaged, another digest is listed")
    return len(digests)


def _lines(raw: bytes) -> Iterator[tuple[str, str]]:
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{MANIFEST_NAME}: not ASCII") from error
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        match = _LINE.match(line)
        if match is None:
            raise MalformedError(f"{MANIFEST_NAME}: line {number}: not 'digest  name'")
        check_safe_path(match["name"])
        yield match["name"], match["digest"]
