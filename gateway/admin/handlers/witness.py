"""Witnesses of our log, its rounds, and logs of peers that contradict themselves."""

import base64
from dataclasses import replace

from gateway.admin.asked import Asked
from gateway.admin.node_shapes import Peer
from gateway.admin.rendering import peer_of, when
from gateway.admin.services import AdminServices
from gateway.admin.witness_shapes import (
    Conflict,
    ConflictList,
    LogPolicy,
    Round,
    RoundList,
    RoundsQuery,
    Witnesses,
    WitnessStanding,
)
from gateway.core.conflicts import conflict_name, encode_conflict
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import with_cosignatures

_ANY_SIZE = 2**62


class WitnessHandlers:
    """Answers about witnessing."""

    def __init__(self, services: AdminServices) -> None:
        self._rounds = services.rounds
        self._peers = services.peers
        self._exchange = services.exchange

    async def witnesses(self, _asked: Asked) -> Witnesses:
        """Return who cosigns our log, and how far."""
        standing = await self._rounds.standing()
        return Witnesses(
            quorum=standing.quorum,
            size=standing.covered_size + standing.uncovered,
            covered_size=standing.covered_size,
            uncovered=standing.uncovered,
            items=tuple(
                WitnessStanding(
                    name=one.witness.name,
                    peer=one.witness.peer or "",
                    url=one.witness.url,
                    size=one.cosigned.size,
                    at=_when_s(one.cosigned.time_s),
                    lag_entries=one.lag_entries,
                    problem=one.problem,
                    vkeys=tuple(key.to_text() for key in one.witness.keys),
                )
                for one in standing.witnesses
            ),
        )

    async def rounds(self, asked: Asked) -> RoundList:
        """Return round checkpoints, newest first."""
        query = asked.filters(RoundsQuery)
        before = query.before or _ANY_SIZE
        found = await self._exchange.store.rounds(before, query.limit)
        return RoundList(
            items=tuple([await self._render(one) for one in found]),
            next=found[-1].size if len(found) == query.limit else 0,
        )

    async def begin(self, _asked: Asked) -> Round:
        """Sign a round checkpoint now; witnesses are asked at once."""
        signed = await self._rounds.begin(is_forced=True)
        if signed is None:
            raise AssertionError("internal: a round that was asked for was not made")
        return await self._render(signed)

    async def conflicts(self, _asked: Asked) -> ConflictList:
        """Return what is held against logs of peers."""
        return ConflictList(
            items=tuple(
                Conflict(
                    authority=kept.conflict.authority,
                    origin=kept.conflict.origin,
                    kind=kept.conflict.kind,
                    source=kept.conflict.source,
                    at=when(kept.conflict.at),
                    settled=kept.is_settled,
                    name=conflict_name(kept.conflict),
                    file=encode_conflict(kept.conflict).decode(),
                )
                for kept in await self._exchange.conflicts.all()
            ),
        )

    async def set_policy(self, asked: Asked) -> Peer:
        """Change what a peer may see of logs."""
        authority = asked.peer_id()
        form = asked.form(LogPolicy)
        changes = {
            name: value
            for name in LogPolicy.__struct_fields__
            if (value := getattr(form, name)) is not None
        }
        policy = replace(self._peers.find(authority).peer.policy, **changes)
        await self._peers.set_policy(authority, policy, asked.act())
        return peer_of(await self._peers.standing(authority))

    async def _render(self, signed: SignedCheckpoint) -> Round:
        lines = await self._exchange.store.cosignatures(signed.size)
        return Round(
            size=signed.size,
            root=base64.b64encode(signed.root).decode(),
            at=when(UnixMs(signed.at)),
            note=with_cosignatures(signed, lines).decode(),
            cosigned_by=tuple(dict.fromkeys(line.witness for line in lines)),
        )


def _when_s(time_s: int) -> str:
    return when(UnixMs(time_s * 1000)) if time_s else ""
