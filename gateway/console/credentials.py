"""What a browser answered about a passkey, as the script of ours put it into a form."""

from gateway.console.fields import Fields
from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import MalformedError, TooLargeError, UsageError
from gateway.core.limits import KIB

_MAX = 64 * KIB


def credential_of(form: Fields) -> JsonObject:
    """Return the answer that a form brings.

    Raises:
        UsageError: It brings none, or nothing of the kind.
    """
    try:
        raw = form.text("credential").encode()
        return canonical.parse_object(raw, max_bytes=_MAX)
    except (MalformedError, TooLargeError) as error:
        raise UsageError("credential: not an answer of a browser") from error
