"""Our own card: issued when something in it changes, logged, and handed to the peers.

A card is a statement of ours like any other: it counts because its digest is in our
log (specification, section 6).
"""

import asyncio
from collections.abc import Sequence

import structlog

from gateway.core import canonical
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, GatewayError, MaintenanceError
from gateway.core.identity import (
    VerifiedCard,
    assemble_card,
    card_digest,
    encode_card_line,
)
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.flows.exchange import Exchange
from gateway.flows.keys_in_log import log_keys_if_changed
from gateway.flows.own_log import newest_fields
from gateway.ports.peers import Peer
from gateway.ports.trust import OwnCard

log = structlog.get_logger()

CARD_KIND = "key.card"

# Each push is one small call; a peer that does not answer must not hold up the rest.
_PARALLEL_PUSHES = 8


async def prove_entry(exchange: Exchange, index: int) -> bytes:
    """Return the proof file of an entry of our log.

    Raises:
        MaintenanceError: Our log is not whole.
    """
    checkpoint = await exchange.checkpoints.covering(index + 1)
    (inclusion,) = await exchange.store.prove([index], checkpoint.size)
    return encode_log_proof(
        LogProof(
            index=index,
            path=inclusion.path,
            checkpoint_note=checkpoint.note,
            extra=inclusion.data,
        ),
    )


class OurCard:
    """Issues our card and tells the peers."""

    def __init__(self, exchange: Exchange, own: OwnCard) -> None:
        self._exchange = exchange
        self._own = own
        self._card: VerifiedCard | None = None
        self._are_keys_logged = False
        self._turn = asyncio.Lock()
        self._pushes = asyncio.Semaphore(_PARALLEL_PUSHES)

    def current(self) -> bytes:
        """Return our card.

        Raises:
            MaintenanceError: None was issued or loaded yet.
        """
        return self.verified().raw

    def verified(self) -> VerifiedCard:
        """Return our card as a peer reads it.

        Raises:
            MaintenanceError: None was issued or loaded yet.
        """
        if self._card is None:
            raise MaintenanceError("card: none was issued yet", retry_after_s=5)
        return self._card

    async def statements(self) -> Sequence[bytes]:
        """Return the proof files of all statements of our root ever in force here.

        Raises:
            KeystoreError: One is unsafe, changed, or not of our root.
        """
        return await asyncio.to_thread(self._own.statements)

    async def renew_if_due(self) -> bool:
        """Issue a card if there is none, or if keys or settings ask for another.

        Also logs which keys sign the log, if they have changed. Not to be called while
        our log is not whole.

        Returns whether one was issued.

        Raises:
            KeystoreError: The card that is kept is not one of ours.
        """
        async with self._turn:
            await self._log_keys()
            current = await self._load()
            if (
                current is not None
                and self._still_holds(current)
                and await self._is_of_our_log(current)
            ):
                return False
            await self._issue(current, "first" if current is None else "changed")
            return True

    async def _log_keys(self) -> None:
        """Let the log say which keys sign it, before a card names them; once."""
        if self._are_keys_logged:
            return
        exchange = self._exchange
        signing = exchange.checkpoints.signing
        await log_keys_if_changed(exchange.store, signing, exchange.clock)
        self._are_keys_logged = True

    async def load_kept(self) -> None:
        """Read the card that is kept, if there is one; nothing is issued.

        Raises:
            KeystoreError: The card that is kept is not one of ours.
        """
        async with self._turn:
            await self._load()

    async def issue(self, reason: str, act: Act) -> VerifiedCard:
        """Issue a card with the next number, whether anything changed or not.

        Args:
            reason: A code for the log, of lower-case letters and hyphens.
            act: Who wants it.

        Raises:
            KeystoreError: It can't be made or kept.
        """
        async with self._turn:
            return await self._issue(await self._load(), reason, act)

    async def push_where_due(self) -> int:
        """Hand our card to every peer that has not acknowledged it; return how many.

        What fails is tried again the next time; a peer's back-off is respected.
        """
        card = self._card
        if card is None or self._exchange.recovery.is_on:
            return 0
        async with asyncio.TaskGroup() as pushes:
            tasks = [
                pushes.create_task(self._push_if_due(peer, card))
                for peer in self._exchange.directory.peers()
                if not peer.policy.is_paused
            ]
        return sum(task.result() for task in tasks)

    async def _load(self) -> VerifiedCard | None:
        if self._card is None:
            self._card = await asyncio.to_thread(self._own.load)
        return self._card

    def _still_holds(self, current: VerifiedCard) -> bool:
        return current.card == self._own.compose(
            number=current.number,
            now=current.issued_at,
        )

    async def _is_of_our_log(self, current: VerifiedCard) -> bool:
        """Tell whether the log has what the card's own proof says of it.

        After a recovery it may not: then nobody could link the card.
        """
        checkpoint = current.checkpoint
        try:
            root = await self._exchange.store.root_at(checkpoint.size)
        except ConflictError:
            return False
        return (
            checkpoint.origin == self._exchange.checkpoints.origin
            and root == checkpoint.root
        )

    async def _issue(
        self,
        current: VerifiedCard | None,
        reason: str,
        act: Act | None = None,
    ) -> VerifiedCard:
        number = 1 + max(current.number if current else 0, await self._last_number())
        now = self._exchange.clock.now()
        line = encode_card_line(self._own.compose(number=number, now=now))
        # The number stands in the entry too: were the file lost, the next card would
        # else begin at 1 again, and no peer would take it.
        entry = EntryDraft(
            CARD_KIND,
            now,
            {"dig": card_digest(line), "count": number, "res": reason},
            (act or Act("node", "node")).disclosures(),
        )
        (index,) = await self._exchange.store.append([entry])
        raw = assemble_card(line, await prove_entry(self._exchange, index))
        self._card = await asyncio.to_thread(self._own.store, raw)
        log.info("card_issued", number=number, reason=reason)
        return self._card

    async def _last_number(self) -> int:
        fields = await newest_fields(self._exchange.store, CARD_KIND)
        count = fields.get("count", 0) if fields is not None else 0
        return canonical.convert(count, int)

    async def _push_if_due(self, peer: Peer, card: VerifiedCard) -> bool:
        now = self._exchange.clock.now()
        traffic = await self._exchange.store.traffic(peer.authority, now)
        if traffic.card_number_acknowledged >= card.number or traffic.retry_at > now:
            return False
        async with self._pushes:
            try:
                return await self._push(peer, card)
            except GatewayError as error:
                log.warning("card_not_taken", peer=peer.authority, code=error.code)
                return False

    async def _push(self, peer: Peer, card: VerifiedCard) -> bool:
        await self._exchange.agreement.ensure(peer.authority)
        reply = await self._exchange.transport.push_card(peer.authority, card.raw)
        if reply.number != card.number:
            # A number beyond ours: this node was set back, or somebody else has
            # issued cards in our name.
            log.error(
                "card_number_differs",
                peer=peer.authority,
                ours=card.number,
                theirs=reply.number,
            )
            return False
        await self._exchange.store.record_card_acknowledged(
            peer.authority,
            card.number,
        )
        return True
