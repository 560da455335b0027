"""Exit codes are a contract with scripts."""

from collections.abc import Iterator

import pytest

from gateway.cli.exits import _BY_CODE, ExitCode, exit_code_of
from gateway.core import errors
from gateway.core.errors import Fault, GatewayError


def _all_classes(base: type[GatewayError]) -> Iterator[type[GatewayError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _all_classes(kind)


def test_every_error_has_an_exit_code_of_its_own() -> None:
    codes = {
        kind.code
        for kind in _all_classes(GatewayError)
        if kind.__module__ == errors.__name__
    }

    assert codes <= set(_BY_CODE)


def test_the_numbers_are_those_that_scripts_know() -> None:
    assert [(code.name, code.value) for code in ExitCode] == [
        ("DONE", 0),
        ("FAILED", 1),
        ("USAGE", 2),
        ("NOT_FOUND", 3),
        ("NOT_ALLOWED", 4),
        ("CONFLICT", 5),
        ("UNAVAILABLE", 6),
        ("NOT_VERIFIED", 7),
        ("IN_PART", 8),
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("x"), 2),
        (errors.InvalidFormError("x", problems=()), 2),
        (errors.MalformedError("x"), 2),
        (errors.NotFoundError("x"), 3),
        (errors.NotAllowedError("x"), 4),
        (errors.NotAuthenticatedError("x"), 4),
        (errors.ConflictError("x"), 5),
        (errors.StageMismatchError("x"), 5),
        (errors.UnreachableError("x"), 6),
        (errors.QuotaError("x"), 6),
        (errors.MaintenanceError("x"), 6),
        (errors.VerificationError("x"), 7),
        (errors.UntrustedCardError("x"), 7),
        (errors.CannotOpenError("x"), 7),
        (errors.ConfigError("x"), 1),
        (errors.KeystoreError("x"), 1),
    ],
)
def test_an_error_ends_a_command_with_its_code(error: GatewayError, code: int) -> None:
    assert exit_code_of(error) == code


def test_a_code_of_a_newer_node_is_judged_by_whose_move_it_is() -> None:
    unknown = GatewayError("x")
    unknown.code = "from-the-future"
    assert exit_code_of(unknown) == ExitCode.FAILED

    unknown.fault = Fault.CALLER
    assert exit_code_of(unknown) == ExitCode.USAGE
