"""Routes of witnessing: rounds, cosignatures, and logs that contradict themselves."""

from gateway.admin import node_shapes, witness_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_LOG = f"{PREFIX}/log"
_WATCHING = frozenset({Role.AUDITOR, Role.OPERATOR, Role.SECURITY})
_AUDITING = frozenset({Role.AUDITOR, Role.SECURITY})
_SECURITY = frozenset({Role.SECURITY})

WITNESS_ROUTES: tuple[Route, ...] = (
    Route(
        name="witnesses",
        method="GET",
        path=f"{_LOG}/witnesses",
        roles=_WATCHING,
        summary="Who cosigns our log, and how far",
        answer=witness_shapes.Witnesses,
    ),
    Route(
        name="rounds",
        method="GET",
        path=f"{_LOG}/rounds",
        roles=_AUDITING,
        summary="Round checkpoints with their cosignatures, newest first",
        query=witness_shapes.RoundsQuery,
        answer=witness_shapes.RoundList,
    ),
    Route(
        name="begin_round",
        method="POST",
        path=f"{_LOG}/rounds",
        roles=_AUDITING,
        summary="Sign a round checkpoint now and ask witnesses for it",
        answer=witness_shapes.Round,
        codes=("maintenance",),
    ),
    Route(
        name="conflicts",
        method="GET",
        path=f"{_LOG}/conflicts",
        roles=_WATCHING,
        summary="Logs of peers that contradict themselves, with both notes",
        answer=witness_shapes.ConflictList,
    ),
    Route(
        name="set_log_policy",
        method="PUT",
        path=f"{PREFIX}/peers/{{peer}}/log-policy",
        roles=_SECURITY,
        summary="What a peer may see of logs, and whether a forked one stops exchange",
        body=witness_shapes.LogPolicy,
        answer=node_shapes.Peer,
    ),
)
