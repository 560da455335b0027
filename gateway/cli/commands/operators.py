"""`operator add`, `list`, `remove` and `token`: people and systems with access."""

from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, print_table, say
from gateway.core.errors import UsageError

_ROLES = ("observer", "caseworker", "approver", "operator", "auditor", "security")
_MAX_DAYS = 730

_role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(_ROLES),
    help="Say it again for each role.",
)


@command(
    "add",
    example="mla-gateway operator add anna-tamm --role caseworker --role observer",
)
@click.argument("name")
@_role_option
@pass_invocation
def add(invocation: Invocation, name: str, roles: tuple[str, ...]) -> None:
    """Add an account.

    Nobody gets in with it before it has a token: `mla-gateway operator token NAME`.
    """
    from gateway.admin.people_shapes import AddOperatorRequest
    from gateway.client.calls import add_operator
    from gateway.core.operators import Role, check_operator_name

    check_operator_name(name)
    if not roles:
        raise UsageError(f"operator {name}: no role; give at least one with --role")
    request = AddOperatorRequest(name=name, roles=tuple(map(Role, roles)))
    operator = invocation.send(add_operator(request))
    if invocation.as_json:
        print_json(operator)
    else:
        say(f"{operator.name} added: {', '.join(operator.roles)}")


@command("list", example="mla-gateway operator list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """All accounts."""
    from gateway.client.calls import list_operators

    operators = invocation.send(list_operators())
    if invocation.as_json:
        print_json(operators)
        return
    print_table(
        ("NAME", "ROLES", "UNITS", "LAST SEEN", "TOKENS"),
        [
            (
                operator.name,
                operator.roles,
                operator.units,
                operator.last_seen_at,
                [f"{token.label} to {token.expires_at}" for token in operator.tokens],
            )
            for operator in operators.items
        ],
    )
    for gone in operators.departed:
        heir = f", {gone.heir} took over" if gone.heir else ""
        say(f"{gone.name} left on {gone.removed_at[:10]}{heir}")


@command("roles", example="mla-gateway operator roles anna-tamm --role caseworker")
@click.argument("name")
@_role_option
@pass_invocation
def set_roles(invocation: Invocation, name: str, roles: tuple[str, ...]) -> None:
    """Give an account other roles.

    They come in the place of those it has. Taking roles away works at once. A new role
    waits for a second person, as soon as two people hold security.
    """
    from gateway.client.calls import set_roles as set_roles_call
    from gateway.core.operators import Role

    if not roles:
        raise UsageError(f"operator {name}: no role; give at least one with --role")
    operator = invocation.send(set_roles_call(name, tuple(map(Role, roles))))
    if invocation.as_json:
        print_json(operator)
    else:
        say(f"{operator.name}: {', '.join(operator.roles)}")


@command("remove", example="mla-gateway operator remove anna-tamm --handover mari-mets")
@click.argument("name")
@click.option(
    "--handover",
    default="",
    metavar="OTHER",
    help="Account that takes over cases, alarms, approvals, holds and units.",
)
@pass_invocation
def remove(invocation: Invocation, name: str, handover: str) -> None:
    """Remove an account, hand over its tasks.

    All its tokens and sessions end at once. What the account did stays in the log, and
    nobody else ever gets its name. Shows what became of its tasks, and which secrets
    have to be changed now.
    """
    from gateway.client.calls import remove_operator

    removed = invocation.send(remove_operator(name, handover))
    if invocation.as_json:
        print_json(removed)
        return
    say(f"{name} removed")
    if removed.moved:
        print_table(
            ("TASK", "WHICH", "NOW"),
            [(one.what, one.subject, one.to or "nobody") for one in removed.moved],
        )
    if any(one.what == "roster" for one in removed.moved):
        say(f"{name} stands on the roster of people on call: take the name out there")
    for secret in removed.secrets:
        say(f"change the {secret.secret} ({secret.why}): {secret.remedy}")


@command(
    "token",
    example="mla-gateway operator token anna-tamm --label laptop --out anna.token",
)
@click.argument("name")
@click.option("--label", help="Its name among the account's tokens.")
@click.option(
    "--days",
    type=click.IntRange(1, _MAX_DAYS),
    default=365,
    show_default=True,
    help="How long it is good.",
)
@_role_option
@click.option("--system", is_flag=True, help="For a case system that names its users.")
@click.option(
    "--unit",
    "units",
    multiple=True,
    help="Limit it to a unit of the account; say it again for each.",
)
@click.option("--out", type=click.Path(path_type=Path), help="New file for it.")
@click.option("--revoke", metavar="LABEL", help="Make this token worth nothing.")
@pass_invocation
def token(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    name: str,
    *,
    label: str | None,
    days: int,
    roles: tuple[str, ...],
    system: bool,
    units: tuple[str, ...],
    out: Path | None,
    revoke: str | None,
) -> None:
    """Make a token for an account, or revoke one.

    The token is shown this once and kept nowhere; with --out it goes into a file that
    only you can read. With --role it is limited to some of the account's roles.
    """
    if revoke is not None:
        _revoke(invocation, name, revoke)
        return
    if label is None:
        raise UsageError("token: no name; give one with --label, such as laptop")
    from gateway.admin.people_shapes import CreateTokenRequest
    from gateway.client.calls import create_token
    from gateway.core.operators import Role

    call = create_token(
        CreateTokenRequest(
            operator=name,
            label=label,
            days=days,
            roles=tuple(map(Role, roles)),
            system=system,
            units=units,
        ),
    )
    if out is None:
        issued = invocation.send(call)
        if not invocation.as_json:
            print_line(issued.token)
    else:
        with new_file(out) as file:
            issued = invocation.send(call)
            file.write(f"{issued.token}\n".encode())
    if invocation.as_json:
        print_json(issued)
    else:
        say(f"good until {issued.expires_at}")


def _revoke(invocation: Invocation, name: str, label: str) -> None:
    from gateway.client.calls import revoke_token

    invocation.send(revoke_token(name, label))
    if invocation.as_json:
        print_json({"operator": name, "label": label})
    else:
        say(f"{name}: token {label} is worth nothing now")
