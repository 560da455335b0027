"""What one call of the command line was told, and its way to the node."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from gateway.client.blocking import BlockingClient
    from gateway.client.call import Call

T = TypeVar("T")


@dataclass(slots=True)
class Invocation:
    """The options that all commands have.

    Attributes:
        home_option: The home folder, if one was named.
        token_option: File of the operator's token, if one was named.
        as_json: Whether stdout takes one JSON document instead of text.
    """

    home_option: Path | None = None
    token_option: Path | None = None
    as_json: bool = False

    @property
    def home(self) -> Path:
        """The home folder.

        Raises:
            UsageError: None was named.
        """
        if self.home_option is None:
            raise UsageError(
                "home folder: none given; say --home DIR or set MLA_GATEWAY_HOME",
            )
        return self.home_option

    @property
    def token_file(self) -> Path:
        """File of the operator's token.

        Raises:
            UsageError: Neither it nor a home folder was named.
        """
        return self.token_option or self.home / "operators" / "admin.token"

    def know_forms(self) -> None:
        """Let this process know the national declarations of the home, if one is named.

        Raises:
            ConfigError: They have problems.
        """
        if self.home_option is not None:
            from gateway.config.national import put_in_force

            put_in_force(self.home_option)

    def send(self, call: "Call[T]") -> T:
        """Return the node's answer to a call.

        Raises:
            UnreachableError: The node does not answer.
            NotAuthenticatedError: The token's file can't be used.
            GatewayError: The node refused, with its code.
        """
        from gateway.cli.connection import send

        return send(call, home=self.home, token_file=self.token_file)

    def node(self) -> "AbstractContextManager[BlockingClient]":
        """Return a client of the node, for what takes more than one call.

        Raises:
            UnreachableError: The node does not answer.
            NotAuthenticatedError: The token's file can't be used.
            GatewayError: The node refused, with its code.
        """
        from gateway.cli.connection import node

        return node(home=self.home, token_file=self.token_file)


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)
