"""What a peer sent or showed (specification, sections 2 to 4 and 7)."""

from gateway.core.errors.base import Fault, GatewayError


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
