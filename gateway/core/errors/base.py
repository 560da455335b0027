"""What every deliberate error has: a stable code, and who has to act."""

from enum import StrEnum


class Fault(StrEnum):
    """Who has to act before the same request can succeed."""

    LOCAL = "local"  # this node or its operator
    CALLER = "caller"  # the person or system that called our API or command
    PEER = "peer"  # the other authority's node


class GatewayError(Exception):
    """Base of every deliberate error.

    Attributes:
        code: Stable identifier; goes to callers, to peers and into the log.
        fault: Who has to act.
        is_permanent: True if trying the same again cannot help.
    """

    code = "internal"
    fault = Fault.LOCAL
    is_permanent = False
