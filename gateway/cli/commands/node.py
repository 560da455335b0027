"""`init` and `serve`: making a node and running it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.assembly import InitResult

_HTTPS_PORT = 443
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - peers are outside


@command(
    "init",
    example="mla-gateway init /srv/mla --authority moj.ee --country EE "
    '--name "Ministry of Justice" --url https://gateway.moj.ee:8443',
)
@click.argument(
    "folder", metavar="HOME", required=False, type=click.Path(path_type=Path)
)
@click.option("--authority", required=True, help="Our id: a lower-case DNS-style name.")
@click.option("--country", required=True, help="Our state, ISO 3166-1 alpha-2.")
@click.option("--name", required=True, help="What the authority is called.")
@click.option("--url", required=True, help="Where peers reach us, https://host:port.")
@click.option("--peer-listen", metavar="IP:PORT", help="Else all at the URL's port.")
@click.option(
    "--admin-listen",
    metavar="IP:PORT",
    default="127.0.0.1:8444",
    show_default=True,
    help="Admin API; loopback unless it has a certificate.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="Else new passphrases are made and lie beside the keys.",
)
@click.option(
    "--stage",
    type=click.Choice(("test", "production")),
    default="test",
    show_default=True,
    help="The two never exchange messages.",
)
@pass_invocation
def init(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    folder: Path | None,
    *,
    authority: str,
    country: str,
    name: str,
    url: str,
    peer_listen: str | None,
    admin_listen: str,
    passphrase_file: Path | None,
    stage: str,
) -> None:
    """Create a node: keys, database, first operator.

    In a new or empty folder. The first operator is `admin`, with all roles, a token in
    a file that only you can read, and a one-time address to set a password. There is
    no default password.
    """
    from gateway.cli.local import create_home
    from gateway.config.settings import ListenAddress
    from gateway.core.values import AuthorityId, Stage
    from gateway.keystore.create import HomeRequest

    home = folder or invocation.home
    peer_side = peer_listen or _default_peer_listen(url)
    _check_settings(
        {
            "authority.id": authority,
            "authority.country": country,
            "authority.names": {"en": name},
            "peer.url": url,
            "peer.listen": peer_side,
            "admin.listen": admin_listen,
        },
    )
    admin_side = ListenAddress.parse(admin_listen)
    if not admin_side.is_loopback:
        raise UsageError(
            f"--admin-listen: others can reach {admin_side}; say a loopback address "
            "and change it once admin.tls_certificate and admin.tls_key are set",
        )
    request = HomeRequest(
        authority=AuthorityId(authority),
        country=country,
        names={"en": name},
        url=url,
        peer_listen=ListenAddress.parse(peer_side),
        admin_listen=admin_side,
        stage=Stage(stage),
        passphrase_file=passphrase_file,
    )
    _tell(invocation, create_home(home, request), has_own=passphrase_file is not None)


@command("serve", example="mla-gateway --home /srv/mla serve")
@pass_invocation
def serve(invocation: Invocation) -> None:
    """Run the node until it is told to stop.

    Prints the one line `ready` on stdout when both listeners answer; its log goes to
    stderr. SIGTERM ends it in good order, SIGHUP makes it read its files again.
    """
    from gateway.cli import local
    from gateway.cli.connection import check_home

    check_home(invocation.home)
    local.serve(invocation.home)


def _default_peer_listen(url: str) -> str:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = None  # the check of the URL says what is wrong with it
    return f"{_ALL_ADDRESSES}:{port or _HTTPS_PORT}"


def _check_settings(values: Mapping[str, object]) -> None:
    """Refuse what the settings would refuse, before anything is made.

    Raises:
        UsageError: Names the option.
    """
    from gateway.config.declarations import declared_keys

    for key in declared_keys():
        if key.path in values:
            try:
                key.convert(values[key.path])
            except ValueError as error:
                raise UsageError(f"{_OPTIONS[key.path]}: {error}") from error


_OPTIONS = {
    "authority.id": "--authority",
    "authority.country": "--country",
    "authority.names": "--name",
    "peer.url": "--url",
    "peer.listen": "--peer-listen",
    "admin.listen": "--admin-listen",
}


def _tell(invocation: Invocation, result: "InitResult", *, has_own: bool) -> None:
    if invocation.as_json:
        print_json(
            {
                "home": str(result.home),
                "authority": result.authority,
                "fingerprint": result.fingerprint,
                "token_file": str(result.token_file),
                "root_folder": str(result.root_folder),
                "welcome_url": result.welcome_url,
            },
        )
        return
    print_fields(
        {
            "authority": result.authority,
            "fingerprint": result.fingerprint,
            "token": result.token_file,
        },
    )
    if result.welcome_url:
        print_fields({"welcome": result.welcome_url})
    root = result.root_folder
    say(
        f"Take the root keys offline now: move {root} to a medium that is kept in a "
        "safe, with a second copy elsewhere. The node runs without them; "
        "`mla-gateway root sign` needs them.",
    )
    if not has_own:
        say(
            f"{root / 'passphrase'} opens the root keys: keep it apart from them. "
            f"{root.parent / 'passphrase'} opens the node's: best on another disk "
            "([keys] unlock in gateway.toml).",
        )
    say(f"Start the node with: mla-gateway --home {result.home} serve")
    if result.welcome_url:
        say(
            "Then open the welcome address in a browser on this machine, within a day: "
            "there `admin` sets a password or a passkey. It works once.",
        )
    else:
        say("Then make an address for the console: mla-gateway operator invite admin")
