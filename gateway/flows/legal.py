"""What treaties and service profiles say of messages to and from each peer.

The files are read at the start and when the node is told to read them again; wrong
ones change nothing. What is judged is judged by what was in force when it was asked.
"""

import asyncio
from datetime import UTC, date, datetime

import structlog

from gateway.core.canonical import JsonObject
from gateway.core.identity import ProfileRecord
from gateway.core.values import AuthorityId
from gateway.flows.admission import Outgoing
from gateway.mla.calendars import ASSUMED, WorkingCalendar
from gateway.mla.problems import Problem
from gateway.mla.treaty.comparing import conflicts
from gateway.mla.treaty.country import TreatyTable
from gateway.mla.treaty.pair import (
    Pair,
    advice_on_receipt,
    translation_owed,
    treaty_problems,
)
from gateway.mla.treaty.services import ServiceProfile, profile_of
from gateway.ports.legal import LegalFiles
from gateway.ports.peers import Peer, PeerDirectory
from gateway.ports.world import Clock

log = structlog.get_logger()


class LegalDesk:
    """Knows the treaty table, our service profile and those of the peers."""

    def __init__(
        self,
        files: LegalFiles,
        directory: PeerDirectory,
        clock: Clock,
        *,
        ourselves: AuthorityId,
    ) -> None:
        self._files = files
        self._directory = directory
        self._clock = clock
        self._ourselves = ourselves
        self._table = TreatyTable()
        self._record: ProfileRecord | None = None

    async def load(self) -> None:
        """Read both files, and put them into force together.

        Raises:
            ConfigError: One of them has problems; what was in force stays so.
        """
        table, record = await asyncio.to_thread(self._read)
        self._table, self._record = table, record
        log.info(
            "treaties_loaded",
            countries=len(table.entries),
            revision=table.revision,
            publishes_profile=record is not None,
        )

    def _read(self) -> tuple[TreatyTable, ProfileRecord | None]:
        return self._files.treaties(), self._files.profile()

    @property
    def table(self) -> TreatyTable:
        """The treaty table in force."""
        return self._table

    @property
    def record(self) -> ProfileRecord | None:
        """Our service profile as the card is to have it; None if we publish none."""
        return self._record

    async def judge(self, message: Outgoing) -> list[Problem]:
        """Return what treaties and the peer itself say against sending a message."""
        return self.problems(message.peer, message.document)

    def problems(self, peer: Peer, document: JsonObject) -> list[Problem]:
        """Return the same of a document for a peer, complete or not."""
        return treaty_problems(document, self._to(peer))

    def translations_owed(self, peer: Peer, document: JsonObject) -> tuple[str, ...]:
        """Return the languages into one of which a message to a peer owes one."""
        return translation_owed(document, self._to(peer))

    def advice(self, sender: AuthorityId, document: JsonObject) -> list[Problem]:
        """Return what our people should know of a message that was received."""
        peer = self._directory.peer(sender)
        if peer is None:
            return []
        country = peer.card.country
        pair = Pair(
            addressee=self._ourselves,
            country=country,
            entry=self._table.entry(country),
            profile=profile_of(self._record),
            today=self._today(),
            is_received=True,
        )
        return advice_on_receipt(document, pair)

    def conflicts(self, peer: Peer) -> list[str]:
        """Return where our table and what a peer publishes contradict."""
        entry = self._table.entry(peer.card.country)
        return conflicts(peer.authority, entry, profile_of(peer.card.profile))

    def profile(self, authority: AuthorityId) -> ServiceProfile | None:
        """Return what an authority says of its service: ourselves, or a peer."""
        if authority == self._ourselves:
            return profile_of(self._record)
        peer = self._directory.peer(authority)
        return profile_of(peer.card.profile) if peer is not None else None

    def calendar(self, authority: AuthorityId) -> WorkingCalendar:
        """Return when an authority works; the assumed calendar if it does not say."""
        profile = self.profile(authority)
        return profile.calendar() if profile is not None else ASSUMED

    def calendars(self) -> dict[str, WorkingCalendar]:
        """Return the calendar of each authority that has published one."""
        known = [self._ourselves, *(one.authority for one in self._directory.peers())]
        return {
            authority: profile.calendar()
            for authority in known
            if (profile := self.profile(authority)) is not None
        }

    def peers_in(self, country: str) -> list[Peer]:
        """Return the peers of a country, by id."""
        found = [one for one in self._directory.peers() if one.card.country == country]
        return sorted(found, key=lambda one: one.authority)

    def _to(self, peer: Peer) -> Pair:
        country = peer.card.country
        return Pair(
            addressee=peer.authority,
            country=country,
            entry=self._table.entry(country),
            profile=profile_of(peer.card.profile),
            today=self._today(),
        )

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now() // 1000, UTC).date()
