"""Changing whom to trust: staged, logged, then in force; one change at a time.

What the log says is what is in force. After a failure nobody has to guess how far a
change came: the log is asked, and the files follow it.
"""

import asyncio
from dataclasses import dataclass

import structlog

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConfigError
from gateway.core.values import AuthorityId, HexDigest, UnixMs, parse_digest
from gateway.flows.own_log import newest_fields
from gateway.ports.people import NOTHING_BESIDE, Beside, Moved
from gateway.ports.store import Store
from gateway.ports.trust import TRUST_KIND, TrustChange, TrustEdit, TrustRegister
from gateway.ports.world import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TrustNote:
    """What the log is told of a change.

    Attributes:
        change: What was done.
        act: Who did it.
        peer: Whom it concerns, if a peer.
        detail: More about it, never in the clear; or empty.
    """

    change: TrustChange
    act: Act
    peer: AuthorityId | None = None
    detail: str = ""


def trust_entry(digest: HexDigest, note: TrustNote, now: UnixMs) -> EntryDraft:
    """Return the entry that vouches for the list of trust files of this digest."""
    peer = {"peer": note.peer} if note.peer is not None else {}
    disclosures = note.act.disclosures()
    if note.detail:
        disclosures = (*disclosures, Disclosure("detail", note.detail))
    fields = {"dig": digest, "res": note.change.value, **peer}
    return EntryDraft(TRUST_KIND, now, {**fields}, disclosures)


class TrustChanges:
    """Makes changes of trust, one after the other.

    Attributes:
        register: What is in force.
        turn: To be held from reading what is in force to `commit`.
    """

    def __init__(self, register: TrustRegister, store: Store, clock: Clock) -> None:
        self.register = register
        self.turn = asyncio.Lock()
        self._store = store
        self._clock = clock
        self._is_settled = False

    async def load(self) -> None:
        """Put into force what was logged last: at start, and when told to reload.

        Raises:
            ConfigError: The files are not as logged; what was in force stays so.
        """
        async with self.turn:
            await self._settle()

    async def commit(
        self, edit: TrustEdit, note: TrustNote, beside: Beside = NOTHING_BESIDE
    ) -> list[Moved]:
        """Log a change and put it into force; hold the turn.

        Args:
            edit: What changes.
            note: What the log is told.
            beside: What else the transaction of the entry does.

        Returns:
            The tasks of somebody who leaves, and who has them now.

        Raises:
            ConfigError: What the change leads to could not be loaded.
            GatewayError: It could not be logged.
        """
        if not self._is_settled:
            await self._settle()
        self._is_settled = False
        try:
            digest = await self.register.stage(edit)
            entry = trust_entry(digest, note, self._clock.now())
            moved = await self._store.commit_trust(entry, beside, self._clock.now())
            await self.register.load(digest)
        except BaseException:
            # Also a caller that went away: the entry may be durable all the same.
            await self._settle()
            raise
        self._is_settled = True
        log.info(
            "trust_changed",
            change=note.change.value,
            peer=note.peer,
            digest=digest,
        )
        return moved

    async def _settle(self) -> None:
        """Bring files and memory to what the log says."""
        # A write of our own comes after any append still under way, so that what is
        # read next is the whole truth.
        await self._store.probe()
        fields = await newest_fields(self._store, TRUST_KIND)
        if fields is None:
            raise ConfigError("trust: nothing was ever logged; run: mla-gateway init")
        await self.register.load(parse_digest(str(fields.get("dig"))))
        self._is_settled = True
