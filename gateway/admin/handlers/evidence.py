"""What the logs show of a message: its timeline and every proof there is."""

from collections.abc import Sequence

from gateway.admin.asked import Asked
from gateway.admin.rendering import disclosed, when
from gateway.admin.services import AdminServices
from gateway.admin.shapes import (
    AttemptShown,
    Receipt,
    Receipts,
    Timeline,
    TimelineStep,
)
from gateway.admin.views import ViewLog
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.operators import Role
from gateway.core.translog.proof import LogProof, encode_log_proof, proof_file_name
from gateway.core.values import MessageId
from gateway.flows.own_log import entries_about
from gateway.ports.log import Inclusion, StoredEntry
from gateway.ports.messages import OUR_ROLES, Box, MessageRow, ProofRole, StoredProof


class EvidenceHandlers:
    """Answers from our log and from what is stored of the peers' logs."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._services = services
        self._store = services.exchange.store
        self._views = views

    async def timeline(self, asked: Asked) -> Timeline:
        """Return the entries about a message; to auditors also who acted and why."""
        row = await self._store.message(asked.message_id())
        entries = await entries_about(self._store, row.id)
        await self._views.note(asked, f"message {row.id} timeline", len(entries))
        shows_people = Role.AUDITOR in asked.caller.roles
        steps = [
            await self._step(entry, shows_people=shows_people) for entry in entries
        ]
        return Timeline(
            id=row.id,
            box=row.box.value,
            peer=row.peer,
            state=row.state.value,
            steps=tuple(steps),
            attempts=tuple(
                AttemptShown(attempt=one.attempt, at=when(one.at), code=one.code)
                for one in await self._store.failed_attempts(row.id)
            ),
        )

    async def receipts(self, asked: Asked) -> Receipts:
        """Return every proof there is of a message."""
        row = await self._store.message(asked.message_id())
        found = await self._proofs(row)
        await self._views.note(asked, f"message {row.id} receipts", len(found))
        return Receipts(id=row.id, items=found)

    async def _proofs(self, row: MessageRow) -> tuple[Receipt, ...]:
        ours = await self._our_proofs(row.id, row.box)
        theirs = [
            receipt_of_peer(stored) for stored in await self._store.proofs(row.id)
        ]
        return (*ours, *theirs)

    async def _step(self, entry: StoredEntry, *, shows_people: bool) -> TimelineStep:
        if not entry.data:
            return TimelineStep(index=entry.index, kind=entry.kind, at="")
        leaf = self._leaf(entry.data)
        people = await self._store.disclosures(entry.index) if shows_people else ()
        return TimelineStep(
            index=entry.index,
            kind=leaf.kind,
            at=when(leaf.at),
            result=str(leaf.fields.get("res", "")),
            ref=leaf.number("ref") if "ref" in leaf.fields else None,
            disclosed=disclosed(people),
        )

    async def _our_proofs(self, message_id: MessageId, box: Box) -> list[Receipt]:
        """Return our own entries as proven under a checkpoint that covers them."""
        roles = {
            entry.index: OUR_ROLES[box, entry.kind]
            for entry in await entries_about(self._store, message_id)
            if (box, entry.kind) in OUR_ROLES and entry.data
        }
        if not roles:
            return []
        checkpoints = self._services.exchange.checkpoints
        checkpoint = await checkpoints.for_our_people(max(roles) + 1)
        covered = [index for index in sorted(roles) if index < checkpoint.size]
        proven = await self._store.prove(covered, checkpoint.size)
        receipts = [
            self._of_us(roles[one.index], one, checkpoint.note) for one in proven
        ]
        return _first_opening_only(
            [receipt for receipt in receipts if receipt is not None],
        )

    def _of_us(
        self,
        role: ProofRole,
        inclusion: Inclusion,
        note: bytes,
    ) -> Receipt | None:
        leaf = self._leaf(inclusion.data)
        if role is ProofRole.OPENING and "res" in leaf.fields:
            return None  # somebody was not let at it: that is no opening
        return Receipt(
            role=role.value,
            log=self._services.log_origin,
            index=inclusion.index,
            kind=leaf.kind,
            name=proof_file_name(
                role.value,
                self._services.log_origin,
                inclusion.index,
            ),
            proof=_proof_text(inclusion.index, inclusion.path, note, inclusion.data),
        )

    def _leaf(self, raw: bytes) -> Leaf:
        return parse_leaf(raw, log=self._services.log_origin)


def receipt_of_peer(stored: StoredProof) -> Receipt:
    """Return a proof of a peer's log as it is stored."""
    proof = stored.proof
    return Receipt(
        role=stored.role.value,
        log=stored.origin,
        index=proof.index,
        kind=parse_leaf(proof.leaf, log=stored.origin).kind,
        name=proof_file_name(stored.role.value, stored.origin, proof.index),
        proof=_proof_text(proof.index, proof.path, stored.checkpoint_note, proof.leaf),
    )


def _proof_text(
    index: int,
    path: tuple[bytes, ...],
    note: bytes,
    leaf: bytes,
) -> str:
    proof = LogProof(index=index, path=path, checkpoint_note=note, extra=leaf)
    return encode_log_proof(proof).decode()


def _first_opening_only(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Leave out later openings: the first one is what the sender is told."""
    openings = [one for one in receipts if one.role == ProofRole.OPENING.value]
    return [one for one in receipts if one not in openings[1:]]
