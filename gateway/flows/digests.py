"""Digests by which a message of ours is known again: as a request, and in its case."""

import hashlib
from collections.abc import Sequence

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import TooLargeError
from gateway.core.limits import MAX_FORM_BYTES
from gateway.core.values import AuthorityId, HexDigest


def document_digest(document: JsonObject) -> HexDigest:
    """Return what the next message of the case holds as `prev_hash`."""
    return HexDigest(hashlib.sha256(canonical.encode_typed(document)).hexdigest())


def digest_of_request(
    message: JsonObject, addressee: AuthorityId, files: Sequence[str]
) -> str:
    """Return a digest that tells a repeated request from another one.

    Raises:
        TooLargeError: The form is over its limit.
    """
    form = canonical.encode_typed(message)
    if len(form) > MAX_FORM_BYTES:
        raise TooLargeError(f"form: {len(form)} bytes, at most {MAX_FORM_BYTES}")
    named = "\0".join((addressee, *files)).encode()
    return hashlib.sha256(named + b"\0" + form).hexdigest()
