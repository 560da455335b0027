"""`treaty` and `profile`: what is in force with whom, and what authorities offer."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.findings import tell_file_problems
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_line, print_table, say
from gateway.cli.profiles import print_profile
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.admin.legal_shapes import Country
    from gateway.mla.treaty.model import Instrument

_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")


@command("list", example="mla-gateway treaty list --instrument UNTOC")
@click.option("--instrument", default="", help="Only countries where it is in force.")
@pass_invocation
def list_all(invocation: Invocation, instrument: str) -> None:
    """What is in force with whom, by our treaty table."""
    from gateway.client.legal_calls import list_treaties

    answer = invocation.send(list_treaties(instrument))
    if invocation.as_json:
        print_json(answer)
        return
    rows = [
        (
            one.country,
            one.in_force if one.listed else "nothing is said",
            one.languages,
            one.reservations,
            one.checked_on,
            one.peers,
            one.conflicts or "",
        )
        for one in answer.items
    ]
    head = ("COUNTRY", "IN FORCE", "LANGUAGES", "RESERVATIONS", "CHECKED", "PEERS")
    print_table((*head, "CONFLICTS"), rows)
    say(f"our table: {answer.revision or 'no revision'}; demands: {answer.shipped}")


@command("show", example="mla-gateway treaty show FR")
@click.argument("what", metavar="COUNTRY|INSTRUMENT")
@pass_invocation
def show(invocation: Invocation, what: str) -> None:
    """What is in force with a country, or what an instrument demands.

    A country is two letters, like FR. An instrument is a code like UNTOC: what it asks
    of a request, and whether a breach refuses or may be overridden. That needs no node.
    """
    if _COUNTRY.match(what):
        _show_country(invocation, what.upper())
    else:
        _show_instrument(invocation, what)


@command("check", example="mla-gateway treaty check treaties.toml")
@click.argument("file", type=click.Path(path_type=Path))
@pass_invocation
def check(invocation: Invocation, file: Path) -> None:
    """Every problem of a treaty table, with file and line.

    Needs no running node.
    """
    from gateway.config.treaty_file import treaty_file_problems

    tell_file_problems(invocation, treaty_file_problems(file))


def _show_country(invocation: Invocation, country: str) -> None:
    from gateway.client.legal_calls import show_treaties

    answer = invocation.send(show_treaties(country))
    if invocation.as_json:
        print_json(answer)
        return
    _print_country(answer)
    for one in answer.peers:
        print_line("")
        print_line(f"{one.peer} publishes:")
        print_profile(one.profile)
        for conflict in one.conflicts:
            print_line(f"CONFLICT  {conflict}")


def _print_country(answer: "Country") -> None:
    print_fields(
        {
            "country": answer.country,
            "our table": "" if answer.listed else "says nothing",
            "checked on": answer.checked_on,
            "not listed": "is not in force" if answer.complete else "",
            "languages": answer.languages,
            "channels": answer.channels,
            "note": answer.note,
        },
    )
    if answer.treaties:
        print_line("")
        rows = [
            (one.instrument, one.in_force, one.since, one.until, one.title or one.note)
            for one in answer.treaties
        ]
        print_table(("INSTRUMENT", "IN FORCE", "FROM", "TO", "NOTE"), rows)
    if answer.reservations:
        print_line("")
        lines = [
            (f"{one.instrument} {one.article}", one.effect, one.assist, one.text)
            for one in answer.reservations
        ]
        print_table(("ARTICLE", "EFFECT", "ABOUT", "TEXT"), lines)


def _show_instrument(invocation: Invocation, code: str) -> None:
    from gateway.mla.treaty.table import INSTRUMENTS

    instrument = INSTRUMENTS.get(code.upper())
    if instrument is None:
        codes = ", ".join(INSTRUMENTS)
        raise UsageError(f"{code}: expected a country like FR, or one of {codes}")
    if invocation.as_json:
        print_json(_as_json(instrument))
        return
    _print_instrument(instrument)


def _print_instrument(instrument: "Instrument") -> None:
    from gateway.mla.codelists import code_list
    from gateway.mla.treaty.telling import weight_of, when_asked

    barred = [f"{one.ground} by {one.article}" for one in instrument.barred]
    print_fields(
        {
            "instrument": instrument.code,
            "title": code_list("INSTRUMENT").label(instrument.code),
            "refusal": instrument.refusal,
            "barred grounds": barred,
            "use limits": instrument.use_limits,
            "confidentiality": instrument.confidentiality,
            "note": instrument.note,
        },
    )
    print_line("")
    rows = [
        (one.article, one.words, when_asked(one), weight_of(one), one.mark)
        for one in instrument.demands
    ]
    print_table(("ARTICLE", "ASKS FOR", "WHEN", "IF MISSING", "MARK"), rows)


def _as_json(instrument: "Instrument") -> dict[str, object]:
    from gateway.mla.treaty.telling import weight_of, when_asked

    return {
        "instrument": instrument.code,
        "demands": [
            {
                "article": one.article,
                "words": one.words,
                "fields": list(one.fields),
                "each": one.each,
                "when": when_asked(one),
                "if_missing": weight_of(one),
                "mark": one.mark.value,
            }
            for one in instrument.demands
        ],
        "barred": [
            {"ground": one.ground, "article": one.article} for one in instrument.barred
        ],
        "refusal": instrument.refusal,
        "use_limits": instrument.use_limits,
        "confidentiality": instrument.confidentiality,
        "note": instrument.note,
    }
