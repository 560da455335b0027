"""`keys list`, `request` and `statement`: our keys, and who vouches for them.

Local: whoever runs them can read the key store. A running node is not asked and not
disturbed; it takes a new statement at its next start.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file, read_input
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from gateway.core.translog.note import VerifierKey
    from gateway.keystore.keyring import Keyring

_Row = tuple[str, str, str]


@command("list", example="mla-gateway --home /srv/mla keys list")
@pass_invocation
def list_all(invocation: Invocation) -> None:
    """Our keys: what each is for, its id, until when it is used.

    The secret halves are never shown.
    """
    rows = list(_rows(_keyring(invocation)))
    if invocation.as_json:
        items = [{"key": key, "id": name, "until": until} for key, name, until in rows]
        print_json({"items": items})
    else:
        print_table(("KEY", "ID", "UNTIL"), rows)


@command("request", example="mla-gateway --home /srv/mla keys request --out request")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New file for the request.",
)
@pass_invocation
def request(invocation: Invocation, out: Path) -> None:
    """Ask our root keys to vouch for the keys at work.

    The file holds public keys only. Bring it to the machine where the root keys are
    and sign it there: `mla-gateway root sign`.
    """
    with new_file(out) as file:
        file.write(_keyring(invocation).statement_request())
    if invocation.as_json:
        print_json({"request": str(out)})
    else:
        say(
            f"{out}: sign it where the root keys are, with "
            f"`mla-gateway root sign {out} --keys FOLDER --out STATEMENT`",
        )


@command(
    "statement",
    example="mla-gateway --home /srv/mla keys statement statement.tlog-proof",
)
@click.argument("statement", type=click.Path(path_type=Path))
@pass_invocation
def statement(invocation: Invocation, statement: Path) -> None:
    """Put a statement that the root keys signed into force.

    It has to be of our root, newer than the last, and about the keys at work. The
    node takes it at its next start, issues a new card, and hands it to the peers.
    """
    from gateway.core.limits import MAX_LOG_PROOF_BYTES

    proof = read_input(statement, max_bytes=MAX_LOG_PROOF_BYTES)
    renewed = _keyring(invocation).with_statement(proof)
    number = renewed.proven_statement.statement.number
    if invocation.as_json:
        print_json({"number": number})
    else:
        say(f"statement {number} is installed; restart the node to put it on its card")


def _keyring(invocation: Invocation) -> "Keyring":
    """Return the unlocked keys of the home."""
    from gateway.cli.connection import check_home
    from gateway.config.reading import load_settings
    from gateway.keystore.keyring import open_keyring

    check_home(invocation.home)
    settings = load_settings(invocation.home, os.environ).settings
    return open_keyring(settings, os.environ)


def _rows(keyring: "Keyring") -> Iterator[_Row]:
    from gateway.core.values import format_time

    number = keyring.proven_statement.statement.number
    yield "root", keyring.fingerprint, f"vouches for the rest: statement {number}"
    yield from _signing("log", keyring.log.vkeys)
    yield from _signing("witness", keyring.witness.vkeys)
    for record in keyring.opening.records():
        yield (
            "sealing",
            record.kid,
            f"{record.send_until}, opens to {record.open_until}",
        )
    yield "TLS", keyring.tls.leaf_fingerprint, format_time(keyring.tls.not_after)


def _signing(use: str, keys: "tuple[VerifierKey, ...]") -> Iterator[_Row]:
    from gateway.core.translog.note import KeyType

    for key in keys:
        is_ed25519 = key.key_type is not KeyType.ML_DSA_44
        algorithm = "Ed25519" if is_ed25519 else "ML-DSA-44"
        yield f"{use}, {algorithm}", key.key_id.hex(), ""
