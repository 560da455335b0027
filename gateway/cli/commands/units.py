"""`unit list`, `put`, `remove`, `route` and `case assign`: who works on which cases."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import read_input
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.admin.unit_shapes import RoutingRequest, Substitution, UnitList

_MAX_ROUTING_BYTES = 1024 * 1024


@command("list", example="mla-gateway unit list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """All units, and the rules by which cases come to them."""
    from gateway.client.unit_calls import list_units

    _print(invocation, invocation.send(list_units()))


@command(
    "put",
    example='mla-gateway unit put baltic --name "Unit for Baltic states" '
    "--member anna-tamm --member mari-mets --head mari-mets",
)
@click.argument("code")
@click.option("--name", required=True, help="As people say it.")
@click.option("--member", "members", multiple=True, help="Say it again for each.")
@click.option("--head", default="", help="Who leads it; a member.")
@click.option(
    "--substitute",
    "substitutes",
    multiple=True,
    metavar="NAME:FOR:FIRST:LAST",
    help="Who stands in for which member from which day to which.",
)
@pass_invocation
def put(
    invocation: Invocation,
    code: str,
    *,
    name: str,
    members: tuple[str, ...],
    head: str,
    substitutes: tuple[str, ...],
) -> None:
    """Add a unit, or change one.

    What is not given of a unit that there is, it has no more.
    """
    from gateway.admin.unit_shapes import PutUnitRequest
    from gateway.client.unit_calls import put_unit

    request = PutUnitRequest(
        name=name,
        members=members,
        head=head,
        substitutes=tuple(map(_substitution, substitutes)),
    )
    unit = invocation.send(put_unit(code, request))
    if invocation.as_json:
        print_json(unit)
    else:
        say(f"{unit.code}: {', '.join(unit.today) or 'nobody'} today")


@command("remove", example="mla-gateway unit remove baltic")
@click.argument("code")
@pass_invocation
def remove(invocation: Invocation, code: str) -> None:
    """Remove a unit to which no rule leads.

    Only people who see all cases see its cases from then on: assign them first.
    """
    from gateway.client.unit_calls import remove_unit

    invocation.send(remove_unit(code))
    if invocation.as_json:
        print_json({"code": code})
    else:
        say(f"{code} removed")


@command("route", example="mla-gateway unit route routing.json")
@click.argument("file", type=click.Path(path_type=Path))
@pass_invocation
def route(invocation: Invocation, file: Path) -> None:
    """Put rules of routing in the place of those there are.

    The file is JSON, with the fields `rules`, `default_unit` and `default_people` that
    `unit list --json` shows. The first rule that fits decides.
    """
    from gateway.client.unit_calls import set_routing

    _print(invocation, invocation.send(set_routing(_routing(file))))


@command(
    "assign",
    example="mla-gateway case assign CASE --unit baltic "
    '--reason "they had the first request"',
)
@click.argument("case")
@click.option("--unit", default="", help="A unit.")
@click.option("--to", "people", multiple=True, help="Or a person; again for each.")
@click.option("--peer", default="", help="Only as it is exchanged with this peer.")
@click.option("--reason", required=True, help="Why; it is logged with your name.")
@pass_invocation
def assign(
    invocation: Invocation,
    case: str,
    *,
    unit: str,
    people: tuple[str, ...],
    peer: str,
    reason: str,
) -> None:
    """Assign a case to another unit or other people.

    Without --unit and --to it is everybody's who works on cases.
    """
    from gateway.admin.unit_shapes import AssignRequest
    from gateway.client.unit_calls import assign_case

    request = AssignRequest(reason=reason, unit=unit, people=people, peer=peer)
    done = invocation.send(assign_case(case, request))
    if invocation.as_json:
        print_json(done)
        return
    for one in done.items:
        whose = one.unit or ", ".join(one.people) or "everybody"
        say(f"case {one.case} with {one.peer}: {whose}")


def _substitution(text: str) -> "Substitution":
    from gateway.admin.unit_shapes import Substitution

    try:
        name, stands_for, first, last = text.split(":")
    except ValueError as error:
        raise UsageError(
            f"substitute: {text[:80]!r}, expected like bert:anna:2026-07-01:2026-07-31"
        ) from error
    return Substitution(name=name, stands_for=stands_for, first=first, last=last)


def _routing(file: Path) -> "RoutingRequest":
    import msgspec

    from gateway.admin.unit_shapes import RoutingRequest

    raw = read_input(file, max_bytes=_MAX_ROUTING_BYTES)
    try:
        return msgspec.json.decode(raw, type=RoutingRequest)
    except msgspec.DecodeError as error:
        raise UsageError(f"{file}: {error}") from error


def _print(invocation: Invocation, units: "UnitList") -> None:
    if invocation.as_json:
        print_json(units)
        return
    print_table(
        ("CODE", "NAME", "HEAD", "MEMBERS", "TODAY"),
        [(one.code, one.name, one.head, one.members, one.today) for one in units.items],
    )
    for number, rule in enumerate(units.rules, start=1):
        lists = (rule.peers, rule.countries, rule.types, rule.instruments)
        wanted = [*(" or ".join(one) for one in (*lists, rule.urgencies) if one)]
        whose = rule.unit or ", ".join(rule.people)
        say(f"{number}. {' and '.join(wanted) or 'everything'}: to {whose}")
    rest = units.default_unit or ", ".join(units.default_people) or "everybody"
    say(f"everything else: to {rest}")
