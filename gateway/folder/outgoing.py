"""What was dropped, on its way to the node.

A drop is taken by renaming it into a folder of our own, sent in, and renamed to where
its outcome lies. After a death it is found there and sent in again under the same key,
which the node knows: it is one message, however often that happens.
"""

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.client.patience import Patience
from gateway.client.transfers import send_file
from gateway.core.errors import (
    GatewayError,
    InvalidFormError,
    UsageError,
)
from gateway.folder.drops import READY_MARK, Waiting, check_names, read_drop
from gateway.folder.judging import is_for_people
from gateway.folder.layout import FolderLayout, move, names_in, write_file

log = structlog.get_logger()

_DROPS_A_TURN = 100
# Files that break off are gone on with at the next turn.
_PATIENCE = Patience(limit_s=30)


@dataclass(slots=True)
class Outgoing:
    """Sends in what is dropped.

    Args:
        layout: The folder.
        client: Sends the calls.
        settle_s: How long nothing in a drop must have changed.
        accepted: Told of each message that was taken: its id and where its results go.
        clock: Monotonic seconds.
    """

    layout: FolderLayout
    client: BlockingClient
    settle_s: float
    accepted: Callable[[str, Path], None]
    clock: Callable[[], float] = time.monotonic
    _waiting: Waiting = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = Waiting(self.settle_s)

    def turn(self) -> int:
        """Handle what is whole, and what an earlier turn left; return how many.

        Raises:
            GatewayError: The node can't be reached or does not take us now; what was
                taken stays where it is until the next turn.
        """
        count = 0
        for name in names_in(self.layout.work, most=_DROPS_A_TURN):
            count += self._send(self.layout.work / name)
        for name in self._waiting.whole(self.layout.out, self.clock())[:_DROPS_A_TURN]:
            taken = self._take(name)
            count += self._send(taken) if taken is not None else 1
        return count

    def _take(self, name: str) -> Path | None:
        """Make a drop our own; None if it was refused at once."""
        drop = self.layout.out / name
        try:
            check_names(drop)
        except FileNotFoundError:
            return None  # taken away again
        except (GatewayError, OSError) as error:
            self._refuse(drop, error)
            return None
        return move(drop, self.layout.work)

    def _send(self, drop: Path) -> bool:
        """Send a drop in; tell whether it is settled.

        Raises:
            GatewayError: Not now.
        """
        try:
            read = read_drop(drop)
            uploads = tuple(
                send_file(
                    self.client,
                    path,
                    idempotency_key=f"{read.key}:{number}",
                    patience=_PATIENCE,
                    follows_links=False,
                ).id
                for number, path in enumerate(read.files, 1)
            )
            submitted = self.client.send(
                calls.submit(
                    SubmitRequest(
                        to=read.to,
                        message=read.message,
                        attachments=uploads,
                        override_reason=read.override_reason,
                    ),
                    idempotency_key=read.key,
                )
            )
        except GatewayError as error:
            if not is_for_people(error):
                raise
            self._refuse(drop, error)
            return True
        write_file(drop / "receipt.json", msgspec.json.encode(submitted) + b"\n")
        with contextlib.suppress(OSError):
            (drop / READY_MARK).unlink()
        placed = move(drop, self.layout.sent)
        log.info("folder_sent", drop=placed.name, message_id=submitted.id)
        self.accepted(submitted.id, placed)
        return True

    def _refuse(self, drop: Path, error: Exception) -> None:
        """Put a drop where refused ones go, with the reason."""
        placed = move(drop, self.layout.refused)
        told = json.dumps(_problem(error), indent=1, sort_keys=True).encode() + b"\n"
        try:
            write_file(placed / "problem.json", told)
        except UsageError:
            # A file instead of a folder: the reason lies beside it.
            write_file(placed.with_name(f"{placed.name}.problem.json"), told)
        log.warning("folder_refused", drop=placed.name, code=_code(error))


def _code(error: Exception) -> str:
    return error.code if isinstance(error, GatewayError) else UsageError.code


def _problem(error: Exception) -> dict[str, object]:
    """Return what is wrong, as the API tells it."""
    told: dict[str, object] = {"code": _code(error), "detail": str(error)}
    if isinstance(error, InvalidFormError):
        told["problems"] = [
            {
                "pointer": one.pointer,
                "code": one.code,
                "sentence": one.sentence,
                "blocking": one.blocking,
                "article": one.article,
                "overridable": one.is_overridable,
            }
            for one in error.problems
        ]
    return told
