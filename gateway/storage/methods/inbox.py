"""Methods of the peers' messages (port `InboxStore`)."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.inbox import (
    CaseQuestion,
    CaseStanding,
    CheckDone,
    EventStanding,
    InboundItem,
    InboundResult,
    KnownInbound,
    PeerEvent,
)
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import MessageRow, SealedMessage
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import inbox, validation
from gateway.storage.operations.events import commit_events


class InboxMethods(StoreMethods):
    """The peers' messages."""

    async def known_inbound(
        self, peer: AuthorityId, ids: Sequence[MessageId]
    ) -> dict[MessageId, list[KnownInbound]]:
        """Return what is known of ids a peer offers; unknown ids are left out."""
        return await self._runner.read(lambda tx: inbox.known_inbound(tx, peer, ids))

    async def commit_inbound(
        self,
        link: PeerLogLink,
        items: Sequence[InboundItem],
        now: UnixMs,
        *,
        pending: Sequence[tuple[int, int]] = (),
    ) -> list[InboundResult]:
        """Store a batch: messages, refusals, entries and the peer's checkpoint."""
        return await self._runner.write(
            lambda tx: inbox.commit_inbound(tx, link, items, now, pending=pending)
        )

    async def begin_checks(self, limit: int, now: UnixMs) -> list[SealedMessage]:
        """Log `msg.check` for messages received and not yet validated."""
        return await self._runner.write(
            lambda tx: validation.begin_checks(tx, limit, now)
        )

    async def case_standings(
        self, questions: Sequence[CaseQuestion]
    ) -> list[CaseStanding]:
        """Return what is known of the cases of some messages, in their order."""
        return await self._runner.read(
            lambda tx: validation.case_standings(tx, questions)
        )

    async def finish_checks(self, done: Sequence[CheckDone]) -> None:
        """Store the index fields of validated messages, all of them or none."""
        await self._runner.write(lambda tx: validation.finish_checks(tx, done))

    async def quarantine(
        self, message_id: MessageId, peer: AuthorityId, code: str, now: UnixMs
    ) -> None:
        """Set a message aside: writes `msg.reject`, to be told to the sender."""
        await self._runner.write(
            lambda tx: validation.quarantine(tx, message_id, peer, code, now)
        )

    async def confirm(self, message_id: MessageId, act: Act, now: UnixMs) -> MessageRow:
        """Record that the recipient has taken a message; repeating is harmless."""
        return await self._runner.write(
            lambda tx: inbox.confirm(tx, message_id, act, now)
        )

    async def commit_events(
        self, link: PeerLogLink, events: Sequence[PeerEvent], now: UnixMs
    ) -> list[EventStanding]:
        """Store later events told by a peer, with `msg.opened`/`msg.refused`."""
        return await self._runner.write(lambda tx: commit_events(tx, link, events, now))
