"""Deadlines and alarms, as calls; the companion of `calls`."""

from gateway.admin import desk_shapes
from gateway.client.call import Call, call_of


def list_deadlines(
    query: desk_shapes.DeadlineQuery,
) -> Call[desk_shapes.DeadlinePage]:
    """Return a page of pending deadlines."""
    return call_of("list_deadlines", desk_shapes.DeadlinePage, query=query)


def list_alarms(query: desk_shapes.AlarmQuery) -> Call[desk_shapes.AlarmPage]:
    """Return a page of alarms."""
    return call_of("list_alarms", desk_shapes.AlarmPage, query=query)


def claim_alarm(alarm: int) -> Call[desk_shapes.Alarm]:
    """Look after an alarm."""
    return call_of("claim_alarm", desk_shapes.Alarm, alarm=str(alarm))


def resolve_alarm(alarm: int, reason: str) -> Call[desk_shapes.Alarm]:
    """Say that an alarm is dealt with."""
    request = desk_shapes.ResolveRequest(reason=reason)
    return call_of("resolve_alarm", desk_shapes.Alarm, body=request, alarm=str(alarm))
