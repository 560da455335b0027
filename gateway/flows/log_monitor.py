"""The node watching its own store for as long as it runs (specification, section 8.12).

Two walks: one follows what is added, within seconds; the other begins again with the
first entry as soon as it has come to an end and rested. Slow on purpose: checking takes
a few thousandths of a processor, gives way to messages, and holds one page in memory.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import structlog

from gateway.core.errors import GatewayError, MalformedError, StoreError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import Frontier
from gateway.core.values import NEVER, UnixMs
from gateway.flows.exchange import Exchange
from gateway.flows.findings import Finding, FindingCode
from gateway.flows.log_check import LogCheck, ReadNote
from gateway.flows.self_check import (
    MAX_FINDINGS,
    CheckReport,
    Sweep,
    check_store,
    judge_messages,
    take_page,
)
from gateway.ports.checking import StoredHead

log = structlog.get_logger()

_FOLLOW_S = 5.0
_BETWEEN_PAGES_S = 0.25
# While messages go, the log is followed at this pace at least: a page, 256 entries.
_LONGEST_PAUSE_S = 2.0
_PAGES_A_TURN = 64
# Looking into their proofs takes about 0.3 ms each.
_MESSAGES_BETWEEN_BREATHS = 16
# A short log is walked over again after this, a long one after many times as long as
# it took: a million entries cost half a hundredth of a processor that way.
_REST_S = 60.0
_RESTS_PER_WALK = 9
# Beyond every walk.
_FOR_EVER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorState:
    """What the monitor knows just now.

    Attributes:
        findings: What is wrong, oldest first; at most 100.
        followed: Size up to which added entries were checked as they came.
        walked: Where the walk over everything is now.
        whole: The last whole walk, or None before the first.
        whole_at: When that walk had begun, or 0.
        age_s: Seconds since then, or since the start of the node.
    """

    findings: tuple[Finding, ...]
    followed: int
    walked: int
    whole: CheckReport | None
    whole_at: UnixMs
    age_s: float


class LogMonitor:
    """Checks the store in the background.

    Args:
        exchange: Store, clock, figures.
        origin: The log it must hold.
        note_reader: Returns what verifies signed notes of that log, with the keys it
            has just now.
        on_finding: Told of everything that is found, once; where the log contradicts
            what was signed, nothing must be signed any more.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        origin: str,
        note_reader: Callable[[], Awaitable[ReadNote]],
        on_finding: Callable[[Finding], Awaitable[None]],
    ) -> None:
        self._exchange = exchange
        self._store = exchange.store
        self._origin = origin
        self._note_reader = note_reader
        self._verify: ReadNote | None = None
        self._on_finding = on_finding
        self._visible: dict[tuple[FindingCode, str], tuple[int, Finding]] = {}
        self._round = 0
        self._follower: LogCheck | None = None
        self._followed = 0
        self._sweep: Sweep | None = None
        self._began_s = self._whole_s = exchange.clock.monotonic_s()
        self._began_at = self._whole_at = NEVER
        self._rests_until_s = 0.0
        self._whole: CheckReport | None = None

    def state(self) -> MonitorState:
        """Return what is known just now."""
        return MonitorState(
            findings=tuple(finding for _, finding in self._visible.values()),
            followed=self._followed,
            walked=self._sweep.log.size if self._sweep else 0,
            whole=self._whole,
            whole_at=self._whole_at,
            age_s=self._exchange.clock.monotonic_s() - self._whole_s,
        )

    async def _renew_keys(self) -> None:
        """Take the keys that the log has now: they change while a node runs."""
        self._verify = await self._note_reader()

    def _read_note(self, note: bytes) -> Checkpoint:
        if self._verify is None:
            raise AssertionError("internal: no keys were asked for yet")
        return self._verify(note)

    async def check_now(
        self, progress: Callable[[int], Awaitable[None]] | None = None
    ) -> CheckReport:
        """Check everything at once, as an auditor asks for; takes part in no rest.

        Args:
            progress: Told again and again how many entries were checked.

        Raises:
            StoreError: The database can't be read.
        """
        return await check_store(
            self._store,
            origin=self._origin,
            read_note=await self._note_reader(),
            give_way=self._exchange.giving_way.give_way,
            progress=progress,
        )

    async def run(self) -> None:
        """Check, for ever."""
        await self.begin()
        while True:
            await self.turn()

    async def begin(self) -> None:
        """Take the end of the log as it is for what follows to be added to it.

        What lies before it is for the walk over everything.
        """
        await self._renew_keys()
        try:
            head = await self._store.stored_head()
            start = Frontier.from_bytes(head.size, head.frontier)
        except StoreError as error:
            await self._report([_unreadable("end of the log", error)])
            return
        except MalformedError as error:
            text = str(error)
            place = "end of the log"
            await self._report(
                [
                    Finding(
                        FindingCode.HEAD_CHANGED, place, text, contradicts_signed=True
                    )
                ]
            )
            return
        self._followed = head.size
        self._follower = LogCheck(
            self._origin,
            read_note=self._read_note,
            start=start,
            last_leaf=head.last_leaf,
        )

    async def turn(self) -> None:
        """Check what was added, then walk on over everything for some seconds."""
        clock = self._exchange.clock
        until_s = clock.monotonic_s() + _FOLLOW_S
        await self.follow()
        while clock.monotonic_s() < until_s:
            await self._exchange.giving_way.give_way_to_all(_LONGEST_PAUSE_S)
            is_resting = not await self.walk_on()
            await clock.sleep(_FOLLOW_S if is_resting else _BETWEEN_PAGES_S)
        self.measure()

    async def follow(self) -> None:
        """Check what was added since the last time, and the messages it is about."""
        await self._renew_keys()
        for _ in range(_PAGES_A_TURN):
            if self._follower is None:
                return
            await self._exchange.giving_way.give_way_to_all(_LONGEST_PAUSE_S)
            try:
                has_more = await self._follow_page(self._follower)
            except StoreError as error:
                await self._report([_unreadable("end of the log", error)])
                return
            if not has_more:
                return

    async def _follow_page(self, follower: LogCheck) -> bool:
        """Check a page of what was added; return whether there is more."""
        head = await self._store.stored_head()
        if head.size <= follower.size:
            await self._compare_end(follower, head)
            return False
        page, found = await take_page(self._store, follower)
        await self._report(found)
        self._followed = follower.size
        if follower.is_broken:
            self._follower = None
        about = sorted({one.message_id for one in page.entries if one.message_id})
        messages = await self._store.checked_messages_of(about)
        for start in range(0, len(messages), _MESSAGES_BETWEEN_BREATHS):
            await self._exchange.giving_way.give_way_to_all(_LONGEST_PAUSE_S / 8)
            some = messages[start : start + _MESSAGES_BETWEEN_BREATHS]
            await self._report(judge_messages(some, with_proofs=True))
        return True

    async def _compare_end(self, follower: LogCheck, head: StoredHead) -> None:
        if head.size == follower.size:
            await self._report(follower.finish(head))
            return
        # Nothing in the file tells of it any more: said until the node ends.
        text = f"ends at {head.size}, there were {follower.size} entries"
        cut = Finding(
            FindingCode.LOG_CUT, f"size {head.size}", text, contradicts_signed=True
        )
        await self._report([cut], until=_FOR_EVER)
        self._follower = None

    async def walk_on(self) -> bool:
        """Check one more page of everything; False while there is a rest."""
        now_s = self._exchange.clock.monotonic_s()
        if self._sweep is None:
            if now_s < self._rests_until_s:
                return False
            await self._renew_keys()
            self._sweep = Sweep(self._store, self._origin, self._read_note)
            self._began_s, self._began_at = now_s, self._exchange.clock.now()
        try:
            await self._report(await self._sweep.step())
        except StoreError as error:
            # What can't be read would stop every later walk as well.
            await self._report(
                [_unreadable(f"after entry {self._sweep.log.size}", error)]
            )
            self._end_walk(self._sweep)
        else:
            if self._sweep.is_done:
                self._end_walk(self._sweep)
        return True

    def _end_walk(self, sweep: Sweep) -> None:
        """Note a whole walk; what it did not find again is no finding any more."""
        now_s = self._exchange.clock.monotonic_s()
        self._whole = sweep.report()
        self._whole_s, self._whole_at = self._began_s, self._began_at
        self._rests_until_s = now_s + max(
            _REST_S,
            _RESTS_PER_WALK * (now_s - self._began_s),
        )
        self._sweep = None
        self._visible = {
            key: (seen, finding)
            for key, (seen, finding) in self._visible.items()
            if seen >= self._round
        }
        self._round += 1
        if self._follower is None and sweep.is_done and not sweep.log.is_broken:
            self._follower = sweep.log.onward()

    async def _report(self, findings: Iterable[Finding], *, until: int = 0) -> None:
        """Make findings seen; until the walk after this one, or longer."""
        for finding in findings:
            key = (finding.code, finding.place)
            is_new = key not in self._visible
            if is_new and len(self._visible) == MAX_FINDINGS:
                continue
            known = self._visible.get(key, (0, finding))[0]
            self._visible[key] = (max(self._round, until, known), finding)
            if is_new:
                log.error(
                    "log_check_failed",
                    code=finding.code,
                    place=finding.place,
                    reason=finding.text,
                )
                await self._on_finding(finding)
                self.measure()

    def measure(self) -> None:
        """Publish the figures."""
        metrics, state = self._exchange.metrics, self.state()
        metrics.gauge("mla_log_check_findings", len(state.findings))
        metrics.gauge("mla_log_check_age_seconds", state.age_s)


def _unreadable(place: str, error: GatewayError) -> Finding:
    return Finding(FindingCode.UNREADABLE, place, str(error))
