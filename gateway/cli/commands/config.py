"""`config check` and `config show`: the settings of a home, without its node."""

import os

import click

from gateway.cli.declare import command
from gateway.cli.findings import tell_file_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table


@command("check", example="mla-gateway --home /srv/mla config check")
@pass_invocation
def check(invocation: Invocation) -> None:
    """Every problem with file and line.

    Of the settings, the files they name, national declarations, the treaty table, the
    service profile and the roster. Needs no running node.
    """
    from gateway.cli.connection import check_home
    from gateway.config.other_files import file_problems
    from gateway.config.reading import find_problems, load_settings

    check_home(invocation.home)
    problems = find_problems(invocation.home, os.environ)
    loaded = None if problems else load_settings(invocation.home, os.environ)
    problems += file_problems(invocation.home, loaded)
    tell_file_problems(invocation, problems)


@command("show", example="mla-gateway --home /srv/mla config show --sources")
@click.option("--sources", is_flag=True, help="Show where each value came from.")
@pass_invocation
def show(invocation: Invocation, *, sources: bool) -> None:
    """The effective values.

    With file, line or environment variable that set them. No secret is a setting:
    secrets are in files that settings name.
    """
    from gateway.cli.connection import check_home
    from gateway.config.reading import load_settings

    check_home(invocation.home)
    keys = list(load_settings(invocation.home, os.environ).effective())
    if invocation.as_json:
        items = [
            {"key": key.path, "value": key.value, "source": key.source} for key in keys
        ]
        print_json({"items": items})
    elif sources:
        rows = [(key.path, key.value, key.source) for key in keys]
        print_table(("KEY", "VALUE", "SOURCE"), rows)
    else:
        print_table(("KEY", "VALUE"), [(key.path, key.value) for key in keys])
