"""Evidence files of a message that was opened: listed, fetched, compared."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.cli.documents import items_by_file_name, listed_digests
from gateway.cli.exits import ExitCode
from gateway.cli.meters import meter
from gateway.cli.output import print_line, say
from gateway.cli.units import size_text
from gateway.core.errors import (
    ConflictError,
    DamagedError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    TryLaterError,
    UnreachableError,
    VerificationError,
)

if TYPE_CHECKING:
    from gateway.admin.opening_shapes import Opened, OpenedAttachment
    from gateway.cli.invocation import Invocation
    from gateway.client.part_files import TargetFolder
    from gateway.client.progress import OnProgress, Progress
    from gateway.client.transfers import Fetched

_WHOLE = frozenset({"stored", "verified"})


def list_attachments(opened: "Opened") -> None:
    """Tell people which evidence files a message has."""
    for one in opened.attachments:
        say(f"{one.name}  {size_text(one.size)}  SHA-256 {one.sha256}  {one.state}")


def chosen(opened: "Opened", names: Collection[str]) -> tuple["OpenedAttachment", ...]:
    """Return the evidence files of these names; all of them if there are no names.

    Raises:
        NotFoundError: There is none of some name.
    """
    there = {one.name for one in opened.attachments}
    for name in names:
        if name not in there:
            raise NotFoundError(f"--attachment: the message has no file {name!r}")
    return tuple(
        one for one in opened.attachments if not names or one.name in set(names)
    )


@dataclass(slots=True)
class Fetcher:
    """Fetches evidence files of one message, one after the other.

    Attributes:
        reopen: Opens the message again, when the grant has ended.
        is_resumed: Whether files that are there already are compared and left.
        worst: How the command is to end.
    """

    invocation: "Invocation"
    opened: "Opened"
    folder: "TargetFolder"
    reopen: Callable[[], object]
    is_resumed: bool
    worst: ExitCode = ExitCode.DONE
    _gained: bool = field(default=False, init=False)

    def fetch(self, attachments: Iterable["OpenedAttachment"]) -> None:
        """Fetch files; name those that can't be, and go on with the next.

        Raises:
            UnreachableError: There was no progress for too long.
            GatewayError: Something that will stop the other files as well.
        """
        for one in attachments:
            if one.state not in _WHOLE:
                self._tell(one, f"not fetched, {one.state}", ExitCode.IN_PART)
                continue
            try:
                self._print(one, self._fetch(one))
            except VerificationError as error:
                self._tell(one, str(error), ExitCode.NOT_VERIFIED)
            except (ConflictError, DamagedError, MalformedError) as error:
                self._tell(one, f"not fetched, {error}", ExitCode.IN_PART)
            except (UnreachableError, TryLaterError) as error:
                raise UnreachableError(
                    f"{one.name}: {error} (the same command with --resume goes on)",
                ) from error

    def _fetch(self, one: "OpenedAttachment") -> "Fetched":
        from gateway.client.transfers import check_file

        if self.is_resumed and self.folder.has(one.name):
            with meter(one.name) as on_progress:
                return check_file(
                    one,
                    self.folder,
                    digests=self._digests(one),
                    on_progress=on_progress,
                )
        # Opening does not help if not a byte came after the last time.
        self._gained = True
        while True:
            try:
                return self._receive(one)
            except NotAllowedError:
                if not self._gained:
                    raise
                self._gained = False
                say(f"{one.name}: the time to fetch it is over; opening again")
                self.reopen()

    def _receive(self, one: "OpenedAttachment") -> "Fetched":
        from gateway.client.transfers import fetch_file

        with self.invocation.node() as client, meter(one.name) as on_progress:
            return fetch_file(
                client,
                self.opened.id,
                one,
                self.folder,
                digests=self._digests(one),
                on_progress=self._noting(on_progress),
            )

    def _noting(self, on_progress: "OnProgress") -> "OnProgress":
        """Pass progress on, and note whether any came."""
        from gateway.client.progress import Phase

        here: int | None = None

        def note(progress: "Progress") -> None:
            nonlocal here
            if progress.phase is Phase.FETCHING:
                here = progress.done if here is None else here
                self._gained = self._gained or progress.done > here
            on_progress(progress)

        return note

    def _digests(self, one: "OpenedAttachment") -> dict[str, str]:
        item = items_by_file_name(self.opened.message).get(one.name, {})
        return listed_digests(item)

    def _print(self, one: "OpenedAttachment", fetched: "Fetched") -> None:
        from gateway.client.digests import SHA256

        marks = [f"SHA-256 {fetched.digests[SHA256]}", "verified"]
        for name in self._digests(one):
            if name != SHA256:
                is_compared = name in fetched.digests
                marks.append(f"{name} {'verified' if is_compared else 'not checked'}")
        text = "  ".join((one.name, size_text(fetched.size), *marks))
        if self.invocation.as_json:
            say(text)
        else:
            print_line(text)

    def _tell(self, one: "OpenedAttachment", text: str, code: ExitCode) -> None:
        say(f"{one.name}: {text.removeprefix(f'{one.name}: ')}")
        if self.worst is not ExitCode.NOT_VERIFIED:
            self.worst = code
