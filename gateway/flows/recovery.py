"""Our own log is shorter than, or not, what others hold of it: then nothing is signed.

A database that was put back from a backup, or cut, would make the node sign a second
history. Somebody's word is not enough to stop it: only a checkpoint with our own
signatures that our tree does not contain. From then on, over every restart, messages
are accepted, read and opened, but no checkpoint is signed or released, until
`mla-gateway recover` has made the log whole (specification, section 8.11).
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway.core.errors import (
    ConflictError,
    GatewayError,
    MaintenanceError,
    StoreError,
)
from gateway.core.identity import succeeds
from gateway.core.translog.checkpoint import (
    Checkpoint,
    parse_checkpoint,
    verify_checkpoint,
)
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.translog.note import parse_note
from gateway.flows.own_log import log_keys
from gateway.ports.keys import LogSigning
from gateway.ports.recovery import (
    FROM_DATABASE,
    FROM_MARK,
    HighWaterMark,
    RecoveryNote,
)
from gateway.ports.store import Store
from gateway.ports.world import Clock, Metrics

log = structlog.get_logger()

_FIGURE = "mla_log_recovery"
_RETRY_S = 300


@dataclass(frozen=True, slots=True)
class LogWitnessing:
    """Who says what our log was, beside the database: its keys and the mark.

    Attributes:
        signing: The keys of our log.
        mark: The newest signed note, outside the database.
    """

    signing: LogSigning
    mark: HighWaterMark


class Recovery:
    """Whether our own log is whole, as far as anybody could prove otherwise."""

    def __init__(
        self,
        store: Store,
        witnessing: LogWitnessing,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._signing = witnessing.signing
        self._mark = witnessing.mark
        self._clock = clock
        self._metrics = metrics
        self._notes: dict[str, RecoveryNote] = {}

    @property
    def is_on(self) -> bool:
        """Whether something was proven to be missing from our log."""
        return bool(self._notes)

    @property
    def notes(self) -> Sequence[RecoveryNote]:
        """What is missing, by source."""
        return [note for _, note in sorted(self._notes.items())]

    @property
    def reason(self) -> str:
        """One sentence for people; empty while the log is whole."""
        if not self._notes:
            return ""
        newest = max(self.notes, key=lambda note: note.size)
        holders = ", ".join(note.source for note in self.notes)
        return (
            f"our log is not the one that was signed before: size {newest.size} is "
            f"missing here ({holders}); nothing is signed until it is recovered"
        )

    def check(self) -> None:
        """Let nothing be signed or released while the log is not whole.

        Raises:
            MaintenanceError: It is not.
        """
        if self._notes:
            raise MaintenanceError(self.reason, retry_after_s=_RETRY_S)

    async def load(self) -> None:
        """Look at the log before anything is signed: at start, without any peer.

        Raises:
            StoreError: The tables of the log contradict each other.
        """
        self._notes = {one.source: one for one in await self._store.recovery_notes()}
        await self._check_tables()
        signed = await self._store.newest_checkpoint()
        if signed is not None:
            await self.judge(FROM_DATABASE, signed.note)
        marked = await self._mark.read()
        if marked is not None:
            await self.judge(FROM_MARK, marked)
        self.measure()
        if self._notes:
            log.error("own_log_in_recovery", reason=self.reason)

    def measure(self) -> None:
        """Set the figure that operators watch."""
        self._metrics.gauge(_FIGURE, int(self.is_on))

    async def note_signed(self, note: bytes) -> None:
        """Remember outside the database what was signed and kept."""
        await self._mark.write(note)

    async def judge(self, source: str, raw: bytes) -> bool:
        """Tell whether a note proves that our log is not whole; then stop signing.

        What we did not sign proves nothing, and neither does a note of another log.
        """
        try:
            checkpoint = verify_checkpoint(
                raw,
                origin=self._signing.origin,
                keys=await log_keys(self._store, self._signing),
            )
        except GatewayError as error:
            log.warning("own_note_not_ours", source=source, reason=str(error))
            return False
        if await self._contains(checkpoint):
            return False
        note = RecoveryNote(
            source=source,
            size=checkpoint.size,
            root=checkpoint.root,
            note=raw,
            found_at=self._clock.now(),
        )
        await self._store.keep_recovery_note(note)
        held = self._notes.get(source)
        if held is None or held.size < note.size:
            self._notes[source] = note
        self.measure()
        log.error(
            "own_log_rolled_back",
            source=source,
            size=note.size,
            root=base64.b64encode(note.root).decode(),
        )
        return True

    async def distrust_tables(self) -> None:
        """Let nothing be signed until the next start, which looks at the tables anew.

        For a stored end of the log that its entries do not lead to: what would be
        signed next is the root of no log that ever was.
        """
        signed = await self._store.newest_checkpoint()
        self._notes[FROM_DATABASE] = RecoveryNote(
            source=FROM_DATABASE,
            size=signed.size if signed else 0,
            root=signed.root if signed else EMPTY_ROOT,
            note=signed.note if signed else b"",
            found_at=self._clock.now(),
        )
        self.measure()
        log.error("own_log_in_recovery", reason=self.reason)

    def is_of_earlier_log(self, raw: bytes) -> bool:
        """Tell whether a note is of a log of ours that the present one succeeded."""
        try:
            origin = parse_checkpoint(parse_note(raw).text).origin
        except GatewayError:
            return False
        return succeeds(self._signing.origin, origin)

    async def _contains(self, checkpoint: Checkpoint) -> bool:
        try:
            root = await self._store.root_at(checkpoint.size)
        except ConflictError:
            return False  # beyond our log
        return root == checkpoint.root

    async def _check_tables(self) -> None:
        """Compare the head with the rows it stands for, at the edge of the tree.

        Raises:
            StoreError: Rows were removed or changed: no restored backup looks so.
        """
        head = await self._store.log_head()
        last = await self._store.entries(max(head.size - 1, 0), 2)
        try:
            is_whole = (
                len(last) == min(head.size, 1)
                and await self._store.root_at(head.size) == head.root
            )
        except (GatewayError, LookupError, ValueError):
            is_whole = False
        if not is_whole:
            raise StoreError(
                f"database: the log's head says {head.size} entries, its tables hold "
                "others; put back a newer copy of the database, or run: "
                "mla-gateway recover",
            )
