"""What the monitors say, as calls; the companion of `calls`."""

from gateway.admin import watch_shapes
from gateway.client.call import Call, call_of


def log_check() -> Call[watch_shapes.LogCheckState]:
    """Return what the node has found while checking its own store."""
    return call_of("log_check", watch_shapes.LogCheckState)


def log_owed(query: watch_shapes.OwedQuery) -> Call[watch_shapes.OwedPage]:
    """Return a page of what is owed between the node and its peers."""
    return call_of("log_owed", watch_shapes.OwedPage, query=query)
