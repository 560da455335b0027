"""What a local person, system or operator asked for, and may not have."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.errors.base import Fault, GatewayError


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
