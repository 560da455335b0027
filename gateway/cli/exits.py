"""Exit codes, and the one table that gives every error its own.

Scripts rely on them (specification, section 14).
"""

from collections.abc import Mapping
from enum import IntEnum

from gateway.core.errors import Fault, GatewayError


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2  # the command or what it was given is wrong
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    CONFLICT = 5  # contradicts the state of things
    UNAVAILABLE = 6  # try again
    NOT_VERIFIED = 7  # evidence does not show what it claims
    IN_PART = 8  # some of it is done


_BY_CODE: Mapping[str, ExitCode] = {
    "internal": ExitCode.FAILED,
    # what was given
    "malformed": ExitCode.USAGE,
    "too-large": ExitCode.USAGE,
    "usage": ExitCode.USAGE,
    "needs-source": ExitCode.USAGE,
    "no-such-scenario": ExitCode.USAGE,
    "invalid-form": ExitCode.USAGE,
    "not-found": ExitCode.NOT_FOUND,
    "no-such-message": ExitCode.NOT_FOUND,
    # who asks
    "not-authenticated": ExitCode.NOT_ALLOWED,
    "not-allowed": ExitCode.NOT_ALLOWED,
    "needs-approval": ExitCode.NOT_ALLOWED,
    "E_PURPOSE": ExitCode.NOT_ALLOWED,
    "stranger": ExitCode.NOT_ALLOWED,
    # the state of things
    "conflict": ExitCode.CONFLICT,
    "stale-case": ExitCode.CONFLICT,
    "not-erasable": ExitCode.CONFLICT,
    "id-conflict": ExitCode.CONFLICT,
    "part-conflict": ExitCode.CONFLICT,
    "source-changed": ExitCode.CONFLICT,
    "stage": ExitCode.CONFLICT,
    "expired": ExitCode.CONFLICT,
    "key-retired": ExitCode.CONFLICT,
    # time heals
    "unreachable": ExitCode.UNAVAILABLE,
    "maintenance": ExitCode.UNAVAILABLE,
    "quota": ExitCode.UNAVAILABLE,
    "clock": ExitCode.UNAVAILABLE,
    "disk": ExitCode.UNAVAILABLE,
    "blob-failed": ExitCode.UNAVAILABLE,
    "log-out-of-step": ExitCode.UNAVAILABLE,
    "part-mismatch": ExitCode.UNAVAILABLE,
    # evidence
    "verification-failed": ExitCode.NOT_VERIFIED,
    "log-proof-invalid": ExitCode.NOT_VERIFIED,
    "untrusted-card": ExitCode.NOT_VERIFIED,
    "cannot-open": ExitCode.NOT_VERIFIED,
    "damaged": ExitCode.NOT_VERIFIED,
    "root-mismatch": ExitCode.NOT_VERIFIED,
    "sender-mismatch": ExitCode.NOT_VERIFIED,
    "not-addressee": ExitCode.NOT_VERIFIED,
    # this node
    "config-invalid": ExitCode.FAILED,
    "keys-unusable": ExitCode.FAILED,
    "store-unusable": ExitCode.FAILED,
    "cannot-print": ExitCode.FAILED,
    "unknown-suite": ExitCode.FAILED,
    "version": ExitCode.FAILED,
}

# For codes that a newer node knows and this command line does not.
_BY_FAULT: Mapping[Fault, ExitCode] = {
    Fault.CALLER: ExitCode.USAGE,
    Fault.PEER: ExitCode.FAILED,
    Fault.LOCAL: ExitCode.FAILED,
}


def exit_code_of(error: GatewayError) -> ExitCode:
    """Return the exit code of a command that ended with this error."""
    return _BY_CODE.get(error.code, _BY_FAULT[error.fault])
