"""`root sign`: a new statement by the root keys, on the machine that is offline."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file, read_input
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import KeystoreError

if TYPE_CHECKING:
    from gateway.keystore.home import RootLayout
    from gateway.keystore.sealed import Secret


@command(
    "sign",
    example="mla-gateway root sign request.json --keys /media/root "
    "--out statement.tlog-proof",
)
@click.argument("request", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New file for the statement.",
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path),
    help="Folder of the root keys; else HOME/keys/root.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="Else the file `passphrase` among the keys, else it is asked for.",
)
@pass_invocation
def sign(
    invocation: Invocation,
    request: Path,
    *,
    out: Path,
    keys: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Sign a request for a new statement.

    New log, witness or TLS keys need one. The folder of root keys is all this needs:
    no node, no network. It keeps the root's own log, which grows by one entry.
    """
    from gateway.core.limits import MAX_STATEMENT_BYTES
    from gateway.core.values import UnixMs
    from gateway.keystore.home import RootLayout
    from gateway.keystore.root import RootFolder

    asked = read_input(request, max_bytes=MAX_STATEMENT_BYTES)
    layout = RootLayout(keys or invocation.home / "keys" / "root")
    passphrase = _passphrase(layout, passphrase_file)
    with new_file(out) as file:
        now = UnixMs(int(datetime.now(UTC).timestamp() * 1000))
        file.write(RootFolder.unlock(layout, passphrase).sign(asked, now))
    if invocation.as_json:
        print_json({"statement": str(out)})
    else:
        say(f"{out}: bring it to the node, and the root keys back to their safe")


def _passphrase(layout: "RootLayout", given: Path | None) -> "Secret":
    from gateway.keystore.sealed import Secret, read_passphrase_file

    if given is not None:
        return read_passphrase_file(given)
    if layout.passphrase.exists():
        return read_passphrase_file(layout.passphrase)
    if not sys.stdin.isatty():
        raise KeystoreError("passphrase: no terminal to ask at; give --passphrase-file")
    typed: str = click.prompt("Passphrase of the root keys", hide_input=True, err=True)
    return Secret(typed.encode())
