"""Operations that remove for good, as values that either client can send."""

from gateway.admin import retention_shapes
from gateway.client.call import Call, call_of


def erase_messages(
    request: retention_shapes.EraseRequest,
) -> Call[retention_shapes.Erasure]:
    """Erase messages, or say what that would remove."""
    answer = retention_shapes.Erasure
    return call_of("erase_messages", answer, body=request, wait_s=600)


def prune_log(
    request: retention_shapes.PruneRequest,
) -> Call[retention_shapes.Pruning]:
    """Prune the log, or say what that would remove; may take minutes."""
    answer = retention_shapes.Pruning
    return call_of("prune_log", answer, body=request, wait_s=3_600)
