"""Whose signatures are believed: certificates of authorities, by country.

A folder of PEM files: `PT.pem`, or `PT-anything.pem` for more of a country. Which
authorities a State answers for is decided by people (the trusted lists of the EU name
them for its members); nothing is fetched.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import Path

from gateway.core.errors import ConfigError

_NAME = re.compile(r"([A-Z]{2})(?:-[A-Za-z0-9._-]{1,80})?\.pem\Z")
_BLOCK = re.compile(
    rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----",
)
_MAX_FILE_BYTES = 1024 * 1024
_MAX_FILES = 1_000
_MAX_ROOTS = 256

Roots = Mapping[str, tuple[bytes, ...]]
"""Certificates, DER, by country."""


def read_roots(folder: Path) -> Roots:
    """Return the certificates that are believed, by country.

    Raises:
        ConfigError: The folder can't be read, or a file in it is not what it should be.
    """
    found: dict[str, list[bytes]] = {}
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"signatures.trust: {folder}: {error.strerror}") from error
    if len(files) > _MAX_FILES:
        raise ConfigError(f"signatures.trust: {folder}: over {_MAX_FILES} files")
    for file in files:
        named = _NAME.match(file.name)
        if named is None:
            raise ConfigError(
                f"signatures.trust: {file}: expected a name like PT.pem or PT-2.pem",
            )
        found.setdefault(named[1], []).extend(_certificates(file))
    for country, roots in found.items():
        if len(roots) > _MAX_ROOTS:
            raise ConfigError(
                f"signatures.trust: over {_MAX_ROOTS} certificates of {country}",
            )
    return {country: tuple(roots) for country, roots in found.items()}


def _certificates(file: Path) -> list[bytes]:
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"signatures.trust: {file}: {error.strerror}") from error
    blocks = _BLOCK.findall(raw)
    if len(raw) > _MAX_FILE_BYTES or not blocks:
        raise ConfigError(f"signatures.trust: {file}: expected certificates, PEM")
    try:
        return [
            base64.b64decode(b"".join(block.split()), validate=True) for block in blocks
        ]
    except ValueError as error:
        raise ConfigError(f"signatures.trust: {file}: is damaged") from error
