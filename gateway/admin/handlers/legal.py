"""Treaties and service profiles: the authority's own table, and what peers publish."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from gateway.admin.asked import Asked
from gateway.admin.legal_rendering import entry_of, line_of, profile_shape, published_of
from gateway.admin.legal_shapes import (
    Country,
    CountryLine,
    OwnProfile,
    PublishedProfile,
    TreatiesQuery,
    TreatyOverview,
)
from gateway.admin.services import AdminServices
from gateway.core.errors import NotFoundError, UsageError
from gateway.mla.codelists import is_code
from gateway.mla.treaty.table import TABLE_VERSION

_COUNTRY = re.compile(r"[A-Z]{2}\Z")


class LegalHandlers:
    """Answers about what is in force, and what authorities say of themselves."""

    def __init__(self, services: AdminServices) -> None:
        self._legal = services.legal
        self._our_card = services.our_card
        self._exchange = services.exchange

    async def list(self, asked: Asked) -> TreatyOverview:
        """Return our table in short, with every country that has a peer."""
        instrument = asked.filters(TreatiesQuery).instrument
        if instrument and not is_code("INSTRUMENT", instrument):
            raise UsageError("instrument: expected a code of list INSTRUMENT")
        lines = [
            line
            for line in self._lines()
            if not instrument or instrument in line.in_force
        ]
        return TreatyOverview(
            items=tuple(lines),
            shipped=TABLE_VERSION,
            revision=self._legal.table.revision,
        )

    async def show(self, asked: Asked) -> Country:
        """Return what is known of one country."""
        country = asked.segments["country"].upper()
        if not _COUNTRY.match(country):
            raise UsageError("country: expected a code of two letters, like FR")
        entry = self._legal.table.entry(country)
        peers = tuple(self._published(country))
        if entry is None and not peers:
            raise NotFoundError(
                f"country: the treaty table says nothing of {country}, and no peer is "
                "there",
            )
        return entry_of(country, entry, peers, self._today())

    async def profile(self, _asked: Asked) -> OwnProfile:
        """Return our own service profile."""
        record = self._legal.record
        card = self._our_card.verified()
        return OwnProfile(
            profile=profile_shape(record) if record is not None else None,
            card_number=card.number,
            published=card.card.profile == record,
        )

    def _lines(self) -> Iterator[CountryLine]:
        peers = {one.card.country for one in self._exchange.directory.peers()}
        for country in sorted(peers | set(self._legal.table.entries)):
            entry = self._legal.table.entry(country)
            published = tuple(self._published(country))
            yield line_of(country, entry, published, self._today())

    def _published(self, country: str) -> Iterator[PublishedProfile]:
        for peer in self._legal.peers_in(country):
            yield published_of(peer, self._legal.conflicts(peer))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._exchange.clock.now() // 1000, UTC).date()
