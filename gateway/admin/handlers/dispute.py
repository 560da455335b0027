"""What a dispute about a message needs: all that was logged of it, proven."""

import base64
from collections.abc import Sequence

import msgspec

from gateway.admin.asked import Asked
from gateway.admin.evidence_shapes import (
    MAX_ENTRIES,
    ComparedBy,
    ConflictCopy,
    EntryDisclosures,
    EvidenceParts,
    EvidenceQuery,
    HeadCopy,
    HeadLink,
    StampCopy,
)
from gateway.admin.handlers.evidence import receipt_of_peer
from gateway.admin.rendering import card_of, statement_of, when
from gateway.admin.services import AdminServices
from gateway.admin.shapes import Receipt
from gateway.admin.views import ViewLog
from gateway.core.conflicts import conflict_name, encode_conflict
from gateway.core.entries.kinds import step_role
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import NotFoundError
from gateway.core.operators import Role
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.proof import proof_file_name
from gateway.core.values import AuthorityId
from gateway.flows.own_proofs import OwnProof, OwnProofs
from gateway.ports.messages import OUR_ROLES, MessageRow, ProofRole
from gateway.ports.trust import EnrolledPeer, Enrolment

_ROLES = frozenset(role.value for role in ProofRole)
_NOWHERE = -1


class DisputeHandlers:
    """Answers with what others can check without this node."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._services = services
        self._store = services.exchange.store
        self._own = OwnProofs(self._store, services.exchange.checkpoints)
        self._views = views

    async def evidence(self, asked: Asked) -> EvidenceParts:
        """Return a message's sealed bytes, every proof of it, and both cards."""
        query = asked.filters(EvidenceQuery)
        row = await self._store.message(asked.message_id())
        # First: were it sealed again meanwhile, its own origin would still be among
        # the proofs.
        envelope = await self._store.envelope(row.id)
        head = await self._own.head(query.head)
        indices = await self._store.log_indices(row.id)
        wanted = [index for index in indices if index >= query.start]
        proven = await self._own.prove(wanted[:MAX_ENTRIES], head)
        opened = await self._first_opening(indices)
        ours = [self._receipt(one, row, opened) for one in proven]
        parts = EvidenceParts(
            id=row.id,
            box=row.box.value,
            peer=row.peer,
            proofs=tuple(one for one in ours if one.role in _ROLES),
            entries=tuple(one for one in ours if one.role not in _ROLES),
            head=(await self._own.cosigned_note(head)).decode(),
            head_size=head.size,
            next=wanted[MAX_ENTRIES] if len(wanted) > MAX_ENTRIES else None,
        )
        parts = await self._with_heads(parts, proven, head.size)
        if not query.start:
            parts = await self._with_once(parts, row, envelope)
        count = len(parts.proofs) + len(parts.entries)
        await self._views.note(asked, f"message {row.id} evidence", count)
        if Role.AUDITOR not in asked.caller.roles:
            return parts
        return msgspec.structs.replace(
            parts,
            disclosures=await self._disclosures(proven),
        )

    async def _with_once(
        self,
        parts: EvidenceParts,
        row: MessageRow,
        envelope: bytes,
    ) -> EvidenceParts:
        """Return the parts with what the first answer about a message has."""
        peer = self._enrolled(row.peer)
        cards = [self._services.our_card.verified()]
        statements = [await self._services.our_card.statements()]
        if peer is not None:
            cards.append(peer.peer.card)
            statements.append(peer.statements)
        theirs = [receipt_of_peer(one) for one in await self._store.proofs(row.id)]
        held = await self._store.peer_log(row.peer)
        return msgspec.structs.replace(
            parts,
            envelope=base64.b64encode(envelope).decode(),
            proofs=(*parts.proofs, *theirs),
            cards=tuple(map(card_of, cards)),
            enrolment=None if peer is None else _compared(peer.enrolment),
            history=tuple(
                statement_of(proof, card)
                for card, proofs in zip(cards, statements, strict=True)
                for proof in proofs
            ),
            held="" if held is None else held.note.decode(),
            conflicts=await self._conflicts(row.peer),
        )

    def _enrolled(self, authority: AuthorityId) -> EnrolledPeer | None:
        """Return the peer, unless it was removed after the message was exchanged."""
        try:
            return self._services.peers.find(authority)
        except NotFoundError:
            return None

    async def _first_opening(self, indices: Sequence[int]) -> int:
        """Return which entry is the first opening, as the sender was told it."""
        for index in indices:
            for entry in await self._store.entries(index, 1):
                is_access = entry.kind == "msg.access" and entry.data
                if is_access and "res" not in self._leaf(entry.data).fields:
                    return index
        return _NOWHERE

    def _receipt(self, proven: OwnProof, row: MessageRow, opened: int) -> Receipt:
        kind = self._leaf(proven.leaf).kind
        role = OUR_ROLES.get((row.box, kind))
        # Only the first opening is one; somebody who was not let at it opened nothing.
        if role is None or (role is ProofRole.OPENING and proven.index != opened):
            named = step_role(kind)
        else:
            named = role.value
        origin = self._services.log_origin
        return Receipt(
            role=named,
            log=origin,
            index=proven.index,
            kind=kind,
            name=proof_file_name(named, origin, proven.index),
            proof=proven.raw.decode(),
        )

    async def _with_heads(
        self,
        parts: EvidenceParts,
        proven: Sequence[OwnProof],
        head_size: int,
    ) -> EvidenceParts:
        """Return the parts with what ties their heads together and bounds them."""
        stamp = await self._own.first_stamp(proven, head_size)
        sizes = {one.size for one in proven} | ({stamp.size} if stamp else set())
        links = await self._own.links(sizes, head_size)
        parts = msgspec.structs.replace(
            parts,
            links=tuple(
                HeadLink(
                    old=one.old_size,
                    new=one.new_size,
                    hashes=tuple(map(encode_base64, one.hashes)),
                )
                for one in links
            ),
        )
        if stamp is None:
            return parts
        note = await self._own.cosigned_note(await self._own.head(stamp.size))
        response = base64.b64encode(stamp.stamp.response).decode()
        return msgspec.structs.replace(
            parts,
            stamps=(
                StampCopy(
                    size=stamp.size,
                    text=stamp.text.decode(),
                    response=response,
                ),
            ),
            heads=(HeadCopy(size=stamp.size, note=note.decode()),),
        )

    async def _disclosures(
        self,
        proven: Sequence[OwnProof],
    ) -> tuple[EntryDisclosures, ...]:
        sealed = await self._store.disclosures_of([one.index for one in proven])
        return tuple(
            EntryDisclosures(
                index=index,
                disclosures=tuple(item.encoded for item in items),
            )
            for index, items in sorted(sealed.items())
            if items
        )

    async def _conflicts(self, peer: AuthorityId) -> tuple[ConflictCopy, ...]:
        return tuple(
            ConflictCopy(
                name=conflict_name(kept.conflict),
                content=base64.b64encode(encode_conflict(kept.conflict)).decode(),
            )
            for kept in await self._store.conflicts()
            if kept.conflict.authority == peer
        )

    def _leaf(self, raw: bytes) -> Leaf:
        return parse_leaf(raw, log=self._services.log_origin)


def _compared(enrolment: Enrolment) -> ComparedBy:
    return ComparedBy(
        fingerprint=enrolment.fingerprint,
        compared_by=enrolment.compared_by,
        compared_how=enrolment.compared_how,
        compared_at=when(enrolment.compared_at),
    )
