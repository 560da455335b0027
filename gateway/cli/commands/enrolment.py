"""`peer add`, `peer update` and `peer remove`: whom this node trusts."""

import base64
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.inert import inert
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import NotAllowedError, UsageError

if TYPE_CHECKING:
    from gateway.core.identity import VerifiedCard


@command(
    "add",
    example="mla-gateway peer add moj.fr.card --fingerprint 1f2e…90ab "
    '--how "by phone with Claire Martin"',
)
@click.argument("card", type=click.Path(path_type=Path))
@click.option(
    "--fingerprint",
    help="The 64 hex digits that their people told you; blanks and hyphens do not "
    "count.",
)
@click.option("--how", help="How it was compared and with whom; goes into the log.")
@pass_invocation
def add(
    invocation: Invocation,
    card: Path,
    fingerprint: str | None,
    how: str | None,
) -> None:
    """Trust a peer whose fingerprint was compared.

    Compare by another way than the card came: by phone, in person, by registered
    letter. Without --fingerprint it is shown and asked about at a terminal.
    """
    from gateway.admin.node_shapes import AddPeerRequest
    from gateway.cli.cards import read_card
    from gateway.client.calls import add_peer
    from gateway.core.identity import parse_fingerprint

    found = read_card(card)
    if fingerprint is None:
        compared = _compare(found)
        default_how = "shown at the terminal and confirmed"
    else:
        compared = parse_fingerprint(fingerprint)
        default_how = "given on the command line"
    request = AddPeerRequest(
        card=base64.b64encode(found.raw).decode(),
        fingerprint=compared,
        how=how or default_how,
    )
    peer = invocation.send(add_peer(request))
    if invocation.as_json:
        print_json(peer)
    else:
        say(f"{peer.id} is trusted; exchange starts when they have added us as well")


@command("update", example="mla-gateway peer update moj.fr.card")
@click.argument("card", type=click.Path(path_type=Path))
@pass_invocation
def update(invocation: Invocation, card: Path) -> None:
    """Take a newer card of a peer.

    Nodes fetch newer cards from each other on their own; this is for when they can't.
    The root keys have to be the ones whose fingerprint was compared.
    """
    from gateway.cli.cards import read_card
    from gateway.client.calls import update_card

    found = read_card(card)
    text = base64.b64encode(found.raw).decode()
    peer = invocation.send(update_card(found.authority, text))
    if invocation.as_json:
        print_json(peer)
    else:
        say(f"{peer.id}: card {peer.card_number} is in force")


@command("remove", example="mla-gateway peer remove moj.fr")
@click.argument("peer")
@pass_invocation
def remove(invocation: Invocation, peer: str) -> None:
    """Trust a peer no more.

    Its connections are closed; messages and proofs that were exchanged stay.
    """
    from gateway.client.calls import remove_peer

    invocation.send(remove_peer(peer))
    if invocation.as_json:
        print_json({"id": peer})
    else:
        say(f"{peer} is trusted no more")


def _compare(card: "VerifiedCard") -> str:
    """Return the fingerprint once a person has said that it is the right one."""
    from gateway.core.identity import format_fingerprint

    if not sys.stdin.isatty():
        raise UsageError(
            "fingerprint: none given and no terminal to ask at; compare it with their "
            "people (`mla-gateway peer fingerprint CARD` shows it) and give it with "
            "--fingerprint",
        )
    say(f"{card.authority}: {', '.join(map(inert, card.names.values()))}")
    say(format_fingerprint(card.fingerprint))
    question = "Is this the fingerprint that their people told you, digit by digit?"
    if not click.confirm(question, err=True):
        raise NotAllowedError("peer: not added, because the fingerprint was not theirs")
    return card.fingerprint
