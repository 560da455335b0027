"""Finding the node of a home folder, and asking it."""

import contextlib
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.client.call import Call
from gateway.config.reading import CONFIG_FILE, load_settings
from gateway.config.settings import AdminSettings, ListenAddress
from gateway.core.errors import (
    KeystoreError,
    NotAuthenticatedError,
    UnreachableError,
    UsageError,
)
from gateway.keystore.files import read_private

T = TypeVar("T")

# Written by a node that was told to take any free port.
ADDRESS_FILE = Path("run", "admin.addr")

_MAX_TOKEN_BYTES = 1024
_MAX_ADDRESS_BYTES = 256


def send(call: Call[T], *, home: Path, token_file: Path) -> T:
    """Return the answer of the node of a home folder.

    Raises:
        UsageError: There is no node's home.
        ConfigError: Its settings can't be read.
        UnreachableError: The node does not answer.
        NotAuthenticatedError: The token's file can't be used.
        GatewayError: The node refused, with its code.
    """
    with node(home=home, token_file=token_file) as client:
        return client.send(call)


@contextlib.contextmanager
def node(*, home: Path, token_file: Path) -> Iterator[BlockingClient]:
    """Give a client of the node of a home folder; explain how its calls fail.

    Raises:
        UsageError: There is no node's home.
        ConfigError: Its settings can't be read.
        UnreachableError: The node does not answer.
        NotAuthenticatedError: The token's file can't be used.
        GatewayError: The node refused, with its code.
    """
    url = admin_url(home)
    client = BlockingClient(Endpoint(url, token=read_token(token_file)))
    try:
        yield client
    except UnreachableError as error:
        if isinstance(error.__cause__, ConnectionRefusedError):
            raise _not_running(home, url) from error
        raise
    except NotAuthenticatedError as error:
        raise NotAuthenticatedError(
            f"{error} ({token_file}); name another with --token-file, or have one made "
            "by who has the role security: operator token",
        ) from error


def admin_url(home: Path) -> str:
    """Return where the admin API of a home's node is.

    Raises:
        UsageError: There is no node's home.
        ConfigError: Its settings can't be read.
        UnreachableError: The node takes any free port and is not running.
    """
    check_home(home)
    admin = load_settings(home, os.environ).settings.admin
    listen = admin.listen if admin.listen.port else _actual_address(home)
    return f"{_scheme(admin)}://{_reachable(listen)}"


def check_home(home: Path) -> None:
    """Check that a folder is the home of a node.

    Raises:
        UsageError: It is not; says what to do.
    """
    if not os.path.lexists(home / CONFIG_FILE):
        raise UsageError(
            f"home folder {home}: no {CONFIG_FILE} in it; create a node with "
            f"`mla-gateway init {home} …` or name another folder with --home",
        )


def read_token(path: Path) -> str:
    """Return the operator's token, if nobody else could read it.

    Raises:
        NotAuthenticatedError: Not so; says what to do.
    """
    try:
        token = read_private(path, max_bytes=_MAX_TOKEN_BYTES).decode("ascii").strip()
    except KeystoreError as error:
        raise NotAuthenticatedError(
            f"token: {error}; name the file of your token with --token-file",
        ) from error
    except UnicodeDecodeError as error:
        raise NotAuthenticatedError(f"token: {path}: not the text of one") from error
    if not token or not token.isprintable():
        raise NotAuthenticatedError(f"token: {path}: not the text of one")
    return token


def _actual_address(home: Path) -> ListenAddress:
    path = home / ADDRESS_FILE
    try:
        text = path.read_bytes()[:_MAX_ADDRESS_BYTES].decode("ascii").strip()
        return ListenAddress.parse(text)
    except FileNotFoundError as error:
        raise _not_running(home, "any address") from error
    except (OSError, ValueError) as error:
        raise UnreachableError(f"{path}: not the address of a node: {error}") from error


def _scheme(admin: AdminSettings) -> str:
    return "http" if admin.tls_certificate is None else "https"


def _reachable(listen: ListenAddress) -> ListenAddress:
    """Return an address to connect to: one that means "all" is none."""
    address = ipaddress.ip_address(listen.host)
    if not address.is_unspecified:
        return listen
    loopback = "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004 - IPv4
    return ListenAddress(loopback, listen.port)


def _not_running(home: Path, url: str) -> UnreachableError:
    return UnreachableError(
        f"the node does not answer at {url}: start it with "
        f"`mla-gateway --home {home} serve`",
    )
