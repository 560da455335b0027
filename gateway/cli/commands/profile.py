"""`profile show` and `profile check`: what we publish of our service."""

from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.findings import tell_file_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.cli.profiles import print_profile


@command("show", example="mla-gateway profile show")
@pass_invocation
def show(invocation: Invocation) -> None:
    """What we publish of our service with our card."""
    from gateway.client.legal_calls import show_profile

    answer = invocation.send(show_profile())
    if invocation.as_json:
        print_json(answer)
        return
    print_profile(answer.profile)
    if answer.published:
        say(f"as published with card {answer.card_number}")
    else:
        say(f"not yet as in card {answer.card_number}: the next one follows")


@command("check", example="mla-gateway profile check profile.toml")
@click.argument("file", type=click.Path(path_type=Path))
@pass_invocation
def check(invocation: Invocation, file: Path) -> None:
    """Every problem of a service profile, with file and line.

    Needs no running node.
    """
    from gateway.config.profile_file import profile_file_problems

    tell_file_problems(invocation, profile_file_problems(file))
