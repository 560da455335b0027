"""`operator invite` and `operator sessions`: how people get in, and who is in."""

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_line, print_table, say
from gateway.core.errors import UsageError

_ROLES = ("observer", "caseworker", "approver", "operator", "auditor", "security")


@command(
    "invite",
    example="mla-gateway operator invite anna-tamm --role caseworker --role observer",
)
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(_ROLES),
    help="Of a new account; say it again for each role.",
)
@click.option(
    "--reset",
    is_flag=True,
    help="Password and passkeys of the account open nothing from now on.",
)
@pass_invocation
def invite(
    invocation: Invocation, name: str, roles: tuple[str, ...], *, reset: bool
) -> None:
    """Make a one-time link into an account.

    By it somebody sets a password or a passkey. For a new account with --role, else for
    one that is there: who has lost their password or passkey gets a new link. It is
    good for 24 hours and once, shown this once and kept nowhere; a new one replaces an
    earlier one. Give it to the person themselves, not by a way on which a stranger
    might read it.
    """
    from gateway.client.account_calls import invite_operator
    from gateway.core.operators import Role, check_operator_name

    check_operator_name(name)
    if roles and reset:
        raise UsageError("invite: --reset is for accounts that are there")
    call = invite_operator(name, tuple(map(Role, roles)), reset=reset)
    link = invocation.send(call)
    if invocation.as_json:
        print_json(link)
        return
    print_line(link.url)
    say(f"for {link.name}, once, until {link.expires_at}")


@command("subject", example="mla-gateway operator subject anna-tamm 7f3a9c")
@click.argument("name")
@click.argument("claimed", metavar="SUBJECT", required=False, default="")
@pass_invocation
def subject(invocation: Invocation, name: str, claimed: str) -> None:
    """Say by what the single sign-on knows an account.

    The value of the claim `[oidc] subject_claim`, by default `sub`. Without one, the
    account can't sign in that way any more.
    """
    from gateway.client.account_calls import set_subject

    invocation.send(set_subject(name, claimed))
    if invocation.as_json:
        print_json({"name": name, "subject": claimed})
    else:
        say(f"{name}: {claimed or 'no single sign-on'}")


@command("sessions", example="mla-gateway operator sessions --account anna-tamm")
@click.option("--account", default="", help="Only those of this account.")
@click.option("--end", metavar="ID", help="End this session at once.")
@click.option("--end-all", is_flag=True, help="End all sessions of --account at once.")
@pass_invocation
def sessions(
    invocation: Invocation, account: str, end: str | None, *, end_all: bool
) -> None:
    """Who has signed in at the console; or end that.

    A session ends by itself after half an hour without a request, after half a day, and
    whenever the roles, the password or a passkey of its account change.
    """
    if end is not None:
        _end(invocation, end)
    elif end_all:
        _end_all(invocation, account)
    else:
        _list(invocation, account)


def _list(invocation: Invocation, account: str) -> None:
    from gateway.client.account_calls import list_sessions

    found = invocation.send(list_sessions(account))
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("ID", "ACCOUNT", "BY", "FROM", "SINCE", "LAST USED", "BROWSER"),
        [
            (
                one.id,
                one.account,
                one.method,
                one.source,
                one.created_at,
                one.used_at,
                one.agent,
            )
            for one in found.items
        ],
    )


def _end(invocation: Invocation, session: str) -> None:
    from gateway.client.account_calls import end_session

    invocation.send(end_session(session))
    if invocation.as_json:
        print_json({"session": session})
    else:
        say(f"session {session} ended")


def _end_all(invocation: Invocation, account: str) -> None:
    from gateway.client.account_calls import end_sessions

    if not account:
        raise UsageError("sessions: --end-all needs --account")
    ended = invocation.send(end_sessions(account))
    if invocation.as_json:
        print_json(ended)
    else:
        print_fields({"account": account, "ended": ended.ended})
