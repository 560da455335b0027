"""What browsers are asked and answer about passkeys, as the API carries it."""

import msgspec

from gateway.admin.account_shapes import PasskeyOptions
from gateway.admin.shapes import Document
from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import MalformedError, TooLargeError, UsageError
from gateway.core.limits import KIB

_MAX = 64 * KIB


def answer_of(credential: Document) -> JsonObject:
    """Return a browser's answer as strict JSON.

    Raises:
        UsageError: It holds what no answer of a browser does.
    """
    try:
        return canonical.parse_object(msgspec.json.encode(credential), max_bytes=_MAX)
    except (MalformedError, TooLargeError) as error:
        raise UsageError(f"credential: {error}") from error


def asked_options(options: JsonObject) -> PasskeyOptions:
    """Return what a browser is asked, as an answer of the API."""
    return PasskeyOptions(options={**options})
