"""What runs or makes a node on this machine: the joint with `gateway.assembly`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.core.errors import GatewayError

if TYPE_CHECKING:
    from gateway.assembly import InitResult
    from gateway.assembly.epochs import Succeeded
    from gateway.assembly.recovering import LogStanding
    from gateway.keystore.create import HomeRequest
    from gateway.storage.rewriting import Restored


def create_home(home: Path, request: "HomeRequest") -> "InitResult":
    """Make a node in a new or empty folder.

    Raises:
        KeystoreError: The folder is not empty, or something can't be written.
        ConfigError: What is asked for contradicts itself.
    """
    from gateway import assembly

    return asyncio.run(assembly.create_home(home, request))


def log_standing(home: Path) -> "LogStanding":
    """Return what is known of our log, with the node stopped.

    Raises:
        GatewayError: The home can't be used, or a node runs on it.
    """
    from gateway.assembly import recovering

    return asyncio.run(recovering.log_standing(home))


def restore_tail(home: Path, folder: Path, persons: Sequence[Path]) -> "Restored":
    """Put the lost end of our log back, with the node stopped.

    Raises:
        GatewayError: The folder is not the end of our log, or the home can't be used.
    """
    from gateway.assembly import recovering
    from gateway.cli.two_persons import check_two_persons

    check_two_persons(home, persons)
    return asyncio.run(recovering.restore_tail(home, folder))


def epoch_request(home: Path) -> tuple[str, bytes]:
    """Return the origin of the next log, and the request to the root for it.

    Raises:
        GatewayError: The home can't be used, or a node runs on it.
    """
    from gateway.assembly import epochs

    return asyncio.run(epochs.epoch_request(home))


def begin_epoch(home: Path, proof: bytes, persons: Sequence[Path]) -> "Succeeded":
    """Begin the next log, which the root vouches for, with the node stopped.

    Raises:
        GatewayError: The statement is not about it, or the home can't be used.
    """
    from gateway.assembly import epochs
    from gateway.cli.two_persons import check_two_persons

    check_two_persons(home, persons)
    return asyncio.run(epochs.begin_epoch(home, proof))


def export_past(home: Path, epoch: int, target: Path) -> int:
    """Write an earlier log of ours, with the node stopped; return its size.

    Raises:
        GatewayError: There was none, or the home can't be used.
    """
    from gateway.assembly import epochs

    return asyncio.run(epochs.export_past(home, epoch, target))


def serve(home: Path) -> None:
    """Run the node of a home until it is told to stop.

    Raises:
        ConfigError: The configuration or the trust files have problems.
        KeystoreError: The keys can't be used.
        StoreError: The database can't be used, or another node runs on it.
        ExceptionGroup: A defect ended a worker.
    """
    from gateway import assembly
    from gateway.assembly.allocator import keep_large_buffers

    keep_large_buffers()
    try:
        asyncio.run(assembly.serve(home, ready=_say_ready))
    except ExceptionGroup as group:
        raise reason_of(group) from group


def reason_of(group: ExceptionGroup[Exception]) -> Exception:
    """Return the one error to tell people of those that ended several workers.

    Anything that is not an error of ours is a defect and counts more: then it is the
    group itself.
    """
    expected, defects = group.split(GatewayError)
    if expected is None or defects is not None:
        return group
    first: Exception = expected
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


def _say_ready() -> None:
    """Print the one line that tells scripts that the node answers."""
    click.echo("ready")
