"""Evidence files of a message that is about to be sent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.meters import meter
from gateway.cli.output import say
from gateway.core.errors import (
    ConflictError,
    MalformedError,
    TryLaterError,
    UnreachableError,
    UsageError,
)

if TYPE_CHECKING:
    from gateway.cli.invocation import Invocation

# The node takes no longer ones.
_MAX_KEY_CHARS = 128


def check_files(paths: Sequence[Path], document: Mapping[str, object]) -> None:
    """Check everything about the files that can be known before one is sent.

    Raises:
        UsageError: Too many, two of one name, or one that can't be read.
        MalformedError: A name that could be harmful to who receives it.
    """
    from gateway.cli.documents import items_by_file_name
    from gateway.client.source_files import open_source
    from gateway.core.limits import MAX_ATTACHMENTS

    if len(paths) > MAX_ATTACHMENTS:
        raise UsageError(f"--attach: {len(paths)} files, at most {MAX_ATTACHMENTS}")
    described = items_by_file_name(document)
    seen: dict[str, Path] = {}
    for path in paths:
        earlier = seen.setdefault(path.name, path)
        if earlier is not path:
            raise UsageError(
                f"--attach: {earlier} and {path}, expected files of different names",
            )
        try:
            with open_source(path):
                pass
        except MalformedError as error:
            raise MalformedError(f"{path}: {error}; rename it") from error
        if path.name not in described:
            say(f"{path.name}: no item of payload.manifest has it as file_name")


def check_originals(pairs: Sequence[tuple[Path, Path]]) -> list[dict[str, object]]:
    """Return the records of originals; each can be read, and so can its file.

    Raises:
        UsageError: One can't be read, or is no record.
        MalformedError: A record is none, or a name could be harmful.
    """
    from gateway.cli.documents import read_record_file
    from gateway.client.source_files import open_source

    records: list[dict[str, object]] = []
    for original, record in pairs:
        with open_source(original):
            records.append(dict(read_record_file(record).to_json()))
    return records


def upload_files(
    invocation: "Invocation",
    paths: Sequence[Path],
    key: str,
) -> tuple[str, ...]:
    """Send files in and return the ids of their uploads.

    Raises:
        UsageError: The key is too long to make one for every file.
        GatewayError: One could not be sent; how to go on is said where that helps.
    """
    from gateway.client.calls import session

    keys = [f"{key}:{number}" for number, _ in enumerate(paths, 1)]
    if any(len(one) > _MAX_KEY_CHARS for one in keys):
        raise UsageError("--idempotency-key: too long, expected up to 124 characters")
    # Now, not after minutes of hashing: is there a node that knows us?
    invocation.send(session())
    return tuple(
        _upload(invocation, path, one) for path, one in zip(paths, keys, strict=True)
    )


def _upload(invocation: "Invocation", path: Path, key: str) -> str:
    from gateway.client.transfers import send_file

    again = f"--idempotency-key {key.rpartition(':')[0]}"
    with invocation.node() as client, meter(path.name) as on_progress:
        try:
            upload = send_file(
                client,
                path,
                idempotency_key=key,
                on_progress=on_progress,
            )
        except (UnreachableError, TryLaterError) as error:
            raise UnreachableError(
                f"{path}: {error} (the same command with {again} goes on)",
            ) from error
        except ConflictError as error:
            raise type(error)(f"{path}: {error}") from error
    return upload.id
