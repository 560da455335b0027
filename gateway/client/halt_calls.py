"""What people stop, as calls; the companion of `calls`."""

from gateway.admin import halt_shapes
from gateway.client.call import Call, call_of


def show_maintenance() -> Call[halt_shapes.Maintenance]:
    """Return whether the node is being maintained."""
    return call_of("show_maintenance", halt_shapes.Maintenance)


def begin_maintenance(until: str, reason: str) -> Call[halt_shapes.Maintenance]:
    """Tell peers to come later and send nothing, until a moment."""
    body = halt_shapes.MaintenanceRequest(until=until, reason=reason)
    return call_of("begin_maintenance", halt_shapes.Maintenance, body=body)


def end_maintenance() -> Call[None]:
    """Go on with all peers before that moment."""
    return call_of("end_maintenance", type(None))


def begin_incident(
    peer: str, request: halt_shapes.IncidentRequest
) -> Call[halt_shapes.Incident]:
    """Stop both directions with a peer at once."""
    return call_of("begin_incident", halt_shapes.Incident, body=request, peer=peer)


def show_exchanged(peer: str, since: str = "") -> Call[halt_shapes.Exchanged]:
    """Return what was exchanged with a peer and opened since a moment."""
    query = halt_shapes.ExchangedQuery(since=since)
    return call_of("show_exchanged", halt_shapes.Exchanged, query=query, peer=peer)
