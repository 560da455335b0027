"""Transient states of this node or of the way to a peer: time heals them."""

from gateway.core.errors.base import Fault, GatewayError


class TryLaterError(GatewayError):
    """Not now. Base of the refusals that time heals.

    Attributes:
        retry_after_s: Seconds after which to try again.
    """

    code = "maintenance"

    def __init__(self, message: str, *, retry_after_s: int = 30) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class MaintenanceError(TryLaterError):
    """This node is stopping, starting or being maintained."""

    code = "maintenance"


class QuotaError(TryLaterError):
    """The peer or caller has used up what it may use for now."""

    code = "quota"
    fault = Fault.PEER


class ClockError(TryLaterError):
    """The clocks of the two sides differ too much to decide about expiry."""

    code = "clock"


class DiskReserveError(TryLaterError):
    """Too little disk is free to accept more."""

    code = "disk"


class BlobError(TryLaterError):
    """Evidence could not be read or written; what was promised of it still holds."""

    code = "blob-failed"


class UnreachableError(GatewayError):
    """The peer or node could not be reached, or did not answer in time."""

    code = "unreachable"
