"""Running the watched folder, and looking whether it could."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

import structlog

from gateway.admin.opening_shapes import OnBehalfOf
from gateway.client import calls
from gateway.client.blocking import BlockingClient
from gateway.config.folder import FolderSettings
from gateway.core.errors import ConfigError, GatewayError, NotAllowedError
from gateway.core.operators import Role
from gateway.folder.layout import FolderLayout
from gateway.folder.outgoing import Outgoing
from gateway.folder.results import Reading, Results

log = structlog.get_logger()

POLL_S = 2.0
_LONGEST_PAUSE_S = 60.0


@dataclass(slots=True)
class WatchedFolder:
    """One watched folder, ready to be looked at.

    Args:
        layout: The folder.
        client: Sends the calls.
        settings: What `[folder]` says.
    """

    layout: FolderLayout
    client: BlockingClient
    settings: FolderSettings

    def check(self) -> list[str]:
        """Return what is well, a line each.

        Raises:
            ConfigError: Something about the folder or the settings is not right.
            NotAllowedError: The account is not one for this.
            GatewayError: The node can't be reached.
        """
        reading = reading_of(self.settings)
        self.layout.prepare()
        caller = self.client.send(calls.session())
        if Role.CASEWORKER not in caller.roles:
            raise NotAllowedError(f"{caller.name}: needs the role caseworker")
        if not caller.system:
            raise NotAllowedError(
                f"{caller.name}: its token is a person's; make one with: "
                "operator token --system",
            )
        opened = (
            f"opened on behalf of {reading.person.name}, {reading.person.role}"
            if reading
            else "not opened: [folder] names no person"
        )
        return [
            f"folder {self.layout.root}: can be written to, one file system",
            f"account {caller.name} at {caller.authority}: a system with caseworker",
            f"received messages: {opened}",
        ]

    def run(self, stop: Event) -> None:
        """Watch until told to stop.

        Raises:
            ConfigError: Something about the folder or the settings is not right.
        """
        self.layout.prepare()
        results = Results(self.layout, self.client, reading_of(self.settings))
        results.load()
        outgoing = Outgoing(
            self.layout, self.client, float(self.settings.settle_s), results.note
        )
        pause_s = POLL_S
        while not stop.is_set():
            try:
                count = outgoing.turn() + results.turn()
                pause_s = 0.0 if count else POLL_S
            except GatewayError as error:
                # Nothing was lost: what was taken is in `work`, the place was kept.
                log.warning("folder_waits", code=error.code, reason=str(error))
                pause_s = min(max(pause_s, POLL_S) * 2, _LONGEST_PAUSE_S)
            stop.wait(pause_s)


def reading_of(settings: FolderSettings) -> Reading | None:
    """Return on whose behalf received messages are opened; None if they are not.

    Raises:
        ConfigError: The person is named in part.
    """
    person = (settings.person_id, settings.person_name, settings.person_role)
    if not any((*person, settings.purpose)):
        return None
    if not all((*person, settings.purpose)):
        raise ConfigError(
            "folder: person_id, person_name, person_role and purpose belong together",
        )
    return Reading(
        OnBehalfOf(id=person[0], name=person[1], role=person[2]), settings.purpose
    )


@contextmanager
def stopping() -> Iterator[Event]:
    """Give an event that SIGTERM and SIGINT set; what is under way is finished."""
    stop = Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()

    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
