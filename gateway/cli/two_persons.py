"""Two persons at the machine: for what is done to keys and the log without a node.

No approval can be kept there, because the node is stopped or its database is what is
being put back. So two people show that they are there, with a token of each.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

person_option = click.option(
    "--person",
    "persons",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="TOKENFILE",
    help="Token of somebody in role security; twice, as soon as two people hold it.",
)


def check_two_persons(home: Path, token_files: Sequence[Path]) -> None:
    """Refuse to go on alone where two people hold security and can log in.

    Raises:
        NotAllowedError: There are not tokens of two of them.
        NotAuthenticatedError: A token can't be read, or is worth nothing.
        ConfigError: The accounts of the home can't be read.
    """
    from gateway.cli.connection import read_token
    from gateway.core.errors import NotAllowedError, NotAuthenticatedError
    from gateway.core.operators import Role, authenticate, can_act_as
    from gateway.core.values import UnixMs
    from gateway.trust.directory import operators_of

    now = UnixMs(int(datetime.now(UTC).timestamp() * 1000))
    operators = operators_of(home)
    holders = [one.name for one in operators if can_act_as(one, Role.SECURITY, now)]
    if len(holders) < 2:  # noqa: PLR2004 - two persons
        return
    there = set()
    for path in token_files:
        caller = authenticate(operators, read_token(path), now)
        if caller is None:
            raise NotAuthenticatedError(f"token: {path}: unknown, revoked or expired")
        if Role.SECURITY in caller.roles and not caller.is_system:
            there.add(caller.name)
    if len(there) < 2:  # noqa: PLR2004 - two persons
        raise NotAllowedError(
            f"two persons: {', '.join(holders)} hold security, so two of them have to "
            "be there; give a token of each with --person FILE --person FILE"
        )
