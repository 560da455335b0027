"""`stats`: figures of the node."""

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json


@command("stats", example="mla-gateway stats")
@pass_invocation
def stats(invocation: Invocation) -> None:
    """Figures of the node.

    What was accepted equals the sum of all states at every instant.
    """
    from gateway.client import calls

    figures = invocation.send(calls.stats())
    if invocation.as_json:
        print_json(figures)
        return
    print_fields(
        {
            "authority": figures.authority,
            "version": figures.version,
            "running since": figures.started_at,
            "log entries": figures.log_size,
            "accepted": figures.accepted,
            **{f"  {state}": count for state, count in figures.states.items()},
            "balanced": figures.balanced,
            **{
                f"to {peer.peer}": f"{peer.accepted} accepted, {_states(peer.states)}"
                for peer in figures.peers
            },
        },
    )


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in states.items() if count)
