"""`peer card` and `peer fingerprint`: what we give to peers and what is compared."""

import base64
from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_bytes, print_json, print_line, say


@command("card", example="mla-gateway peer card --out moj.ee.card")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="New file for the card; else stdout.",
)
@pass_invocation
def show_card(invocation: Invocation, out: Path | None) -> None:
    """Our card, to be given to peers.

    Send it by any way; the fingerprint is what has to be compared by another, such as
    a phone call between two people who know each other.
    """
    from gateway.client.calls import own_card

    if out is None:
        card = invocation.send(own_card())
        if invocation.as_json:
            print_json(card)
        else:
            print_bytes(base64.b64decode(card.card))
        return
    with new_file(out) as file:
        card = invocation.send(own_card())
        file.write(base64.b64decode(card.card))
    if invocation.as_json:
        print_json(card)
    else:
        say(f"{out}: card {card.number} of {card.authority}")


@command("fingerprint", example="mla-gateway peer fingerprint moj.fr.card")
@click.argument("card", required=False, type=click.Path(path_type=Path))
@pass_invocation
def show_fingerprint(invocation: Invocation, card: Path | None) -> None:
    """The fingerprint that two people compare.

    Of our own card, or of the card in a file, which needs no node. A card says
    nothing about whose it is before its fingerprint was compared.
    """
    authority, value = _own(invocation) if card is None else _of_file(card)
    if invocation.as_json:
        print_json({"authority": authority, "fingerprint": value})
        return
    from gateway.core.identity import format_fingerprint, parse_fingerprint

    say(authority)
    for line in format_fingerprint(parse_fingerprint(value)).split("\n"):
        print_line(line)


def _own(invocation: Invocation) -> tuple[str, str]:
    from gateway.client.calls import own_card

    card = invocation.send(own_card())
    return card.authority, card.fingerprint


def _of_file(path: Path) -> tuple[str, str]:
    from gateway.cli.cards import read_card

    card = read_card(path)
    return card.authority, card.fingerprint
