"""Routes that remove for good: erasing messages, pruning the log."""

from gateway.admin import retention_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_SECURITY = frozenset({Role.SECURITY})

RETENTION_ROUTES: tuple[Route, ...] = (
    Route(
        name="erase_messages",
        method="POST",
        path=f"{PREFIX}/erasures",
        roles=_SECURITY,
        summary="Erase ended messages, or all of a case; or say what that would remove",
        body=retention_shapes.EraseRequest,
        answer=retention_shapes.Erasure,
        codes=(
            "not-found",
            "not-erasable",
            "keys-unusable",
            "blob-failed",
            "needs-approval",
        ),
    ),
    Route(
        name="prune_log",
        method="POST",
        path=f"{PREFIX}/log/prune",
        roles=_SECURITY,
        summary="Prune the log below an entry; or say what that would remove",
        body=retention_shapes.PruneRequest,
        answer=retention_shapes.Pruning,
        codes=("conflict", "keys-unusable"),
    ),
)
