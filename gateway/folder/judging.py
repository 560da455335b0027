"""What a refusal of the node means for one message."""

from gateway.core.errors import (
    DamagedError,
    Fault,
    GatewayError,
    NotAllowedError,
    NotAuthenticatedError,
    VerificationError,
)

# Our account is not known or lacks a role: no message is the worse for it.
_ABOUT_US = frozenset({NotAllowedError, NotAuthenticatedError})


def is_for_people(error: GatewayError) -> bool:
    """Tell whether a refusal is about this message, and time alone won't change it."""
    if isinstance(error, DamagedError | VerificationError):
        return True
    is_passing = not error.is_permanent or error.fault is Fault.LOCAL
    return not is_passing and type(error) not in _ABOUT_US
