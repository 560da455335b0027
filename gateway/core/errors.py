"""Every error raised on purpose; no library's exception travels inwards of adapters."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol


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


# --- what a peer sent (specification, sections 2 to 4 and 7) ---


class MalformedError(GatewayError):
    """Bytes from outside are not exactly what the format asks for."""

    code = "malformed"
    fault = Fault.PEER
    is_permanent = True


class TooLargeError(GatewayError):
    """Something is over its limit; it was refused before it was read whole."""

    code = "too-large"
    fault = Fault.PEER
    is_permanent = True


class SenderMismatchError(GatewayError):
    """The envelope names another sender than the peer that offers it."""

    code = "sender-mismatch"
    fault = Fault.PEER
    is_permanent = True


class NotAddresseeError(GatewayError):
    """The envelope is addressed to another authority."""

    code = "not-addressee"
    fault = Fault.PEER
    is_permanent = True


class UnknownSuiteError(GatewayError):
    """The envelope names a cipher suite this node does not have."""

    code = "unknown-suite"
    fault = Fault.PEER
    is_permanent = True


class ExpiredError(GatewayError):
    """The last moment of acceptance has passed."""

    code = "expired"
    fault = Fault.PEER
    is_permanent = True


class KeyRetiredError(GatewayError):
    """Sealed to a key of ours that is no longer opened with; seal again."""

    code = "key-retired"
    fault = Fault.PEER
    is_permanent = True


class CannotOpenError(GatewayError):
    """The seal does not hold. One code whatever the cause: a cause helps attackers."""

    code = "cannot-open"
    fault = Fault.PEER
    is_permanent = True


class IdConflictError(GatewayError):
    """A message id was used before for other bytes."""

    code = "id-conflict"
    fault = Fault.PEER
    is_permanent = True


class RootMismatchError(GatewayError):
    """A list of part digests is not the one the envelope binds."""

    code = "root-mismatch"
    fault = Fault.PEER
    is_permanent = True


class PartMismatchError(GatewayError):
    """A part of an attachment is not the one in the list; send it again."""

    code = "part-mismatch"
    fault = Fault.PEER


class PartConflictError(GatewayError):
    """Other bytes were offered for a part of an attachment that is stored already."""

    code = "part-conflict"
    fault = Fault.PEER
    is_permanent = True


class NoSuchMessageError(GatewayError):
    """The peer holds no message, or no attachment of it, that waits for parts."""

    code = "no-such-message"
    fault = Fault.PEER
    is_permanent = True


class StageMismatchError(GatewayError):
    """A test node and a production node do not exchange anything."""

    code = "stage"
    fault = Fault.PEER
    is_permanent = True


class LogProofError(GatewayError):
    """A checkpoint, inclusion or consistency proof does not verify."""

    code = "log-proof-invalid"
    fault = Fault.PEER
    is_permanent = True


class LogOutOfStepError(GatewayError):
    """A checkpoint does not link to the newest one linked before.

    Attributes:
        seen: Size of the newest linked checkpoint, from which to prove again.
    """

    code = "log-out-of-step"
    fault = Fault.PEER

    def __init__(self, message: str, *, seen: int) -> None:
        super().__init__(message)
        self.seen = seen


class LogForkError(LogOutOfStepError):
    """A log shows two signed roots for one size: proof of misbehaviour."""


class VersionError(GatewayError):
    """No version in common: of the protocol, of messages or of code lists."""

    code = "version"
    fault = Fault.PEER
    is_permanent = True


class UntrustedCardError(GatewayError):
    """A card, statement or fingerprint does not prove who it says it is."""

    code = "untrusted-card"
    fault = Fault.PEER
    is_permanent = True


class StrangerError(GatewayError):
    """The other end of a connection is not an active peer.

    Attributes:
        fingerprint: SHA-256 of the certificate it showed, or empty.
    """

    code = "stranger"
    fault = Fault.PEER

    def __init__(self, message: str, *, fingerprint: str = "") -> None:
        super().__init__(message)
        self.fingerprint = fingerprint


class PeerRefusalError(GatewayError):
    """A peer refused a call with a code this node has no other class for."""

    fault = Fault.PEER

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


# --- transient states of this node or of the way to a peer ---


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


# --- what a local person, system or operator asked for ---


class UsageError(GatewayError):
    """A request or argument is not understood."""

    code = "usage"
    fault = Fault.CALLER
    is_permanent = True


class NeedsSourceError(GatewayError):
    """What was asked for is not part of an installed gateway, only of its source."""

    code = "needs-source"
    fault = Fault.CALLER
    is_permanent = True


class NoSuchScenarioError(GatewayError):
    """There is no benchmark of that name."""

    code = "no-such-scenario"
    fault = Fault.CALLER
    is_permanent = True


class FormProblem(Protocol):
    """One thing that is wrong with a form (see `gateway.mla.problems`)."""

    @property
    def pointer(self) -> str:
        """Where, as a JSON pointer."""
        ...

    @property
    def code(self) -> str:
        """Which rule, as a code of list ERR."""
        ...

    @property
    def sentence(self) -> str:
        """What is wrong, for people; quotes no value."""
        ...

    @property
    def blocking(self) -> bool:
        """Whether the form must not be used as it is."""
        ...

    @property
    def article(self) -> str:
        """The provision that asks for it; empty if none does."""
        ...

    @property
    def is_overridable(self) -> bool:
        """Whether a reason given by the author lifts the block."""
        ...


class InvalidFormError(GatewayError):
    """A message form breaks the rules of its type.

    Attributes:
        problems: Everything found wrong, blocking or not, in the form's order.
    """

    code = "invalid-form"
    fault = Fault.CALLER
    is_permanent = True

    def __init__(self, message: str, *, problems: Sequence[FormProblem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotAuthenticatedError(GatewayError):
    """No valid token or session came with the request."""

    code = "not-authenticated"
    fault = Fault.CALLER
    is_permanent = True


class NotAllowedError(GatewayError):
    """The caller's roles do not cover the request."""

    code = "not-allowed"
    fault = Fault.CALLER
    is_permanent = True


class NeedsApprovalError(NotAllowedError):
    """Another person has to approve it first; that is asked for."""

    code = "needs-approval"


class PurposeError(NotAllowedError):
    """Received data are to be used for something they were not given for."""

    code = "E_PURPOSE"


class NotFoundError(GatewayError):
    """There is no such thing, or the caller may not know that there is."""

    code = "not-found"
    fault = Fault.CALLER
    is_permanent = True


class ConflictError(GatewayError):
    """The request contradicts the state of things."""

    code = "conflict"
    fault = Fault.CALLER
    is_permanent = True


class NotErasableError(ConflictError):
    """A message is not ended, or something else demands that it is kept."""

    code = "not-erasable"


class StaleCaseError(ConflictError):
    """The case has moved on since its end was read; read it and try again."""

    code = "stale-case"


class SourceChangedError(ConflictError):
    """A file is no longer what was announced: it changed while it was read."""

    code = "source-changed"


class DamagedError(GatewayError):
    """Evidence that lies here is not what it was when it was stored."""

    code = "damaged"
    is_permanent = True


class ConfigError(GatewayError):
    """The configuration has problems; each is named with file and line."""

    code = "config-invalid"
    is_permanent = True


class CannotPrintError(GatewayError):
    """Pages cannot be made here; the message says what is missing."""

    code = "cannot-print"


class KeystoreError(GatewayError):
    """A private key is missing, unreadable, unsafe or locked."""

    code = "keys-unusable"
    is_permanent = True


class StoreError(GatewayError):
    """The database is not one this node can safely run on."""

    code = "store-unusable"
    is_permanent = True


class VerificationError(GatewayError):
    """Evidence does not show what it claims."""

    code = "verification-failed"
    is_permanent = True
