"""`peer log-policy`: what a peer may see of logs, and what a forked log stops."""

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import UsageError


@command(
    "log-policy",
    example="mla-gateway peer log-policy bmj.de --monitor --gossip",
)
@click.argument("peer", metavar="ID")
@click.option(
    "--monitor/--no-monitor",
    default=None,
    help="It may read the hash tiles of our log; shows how active we are.",
)
@click.option(
    "--gossip/--no-gossip",
    default=None,
    help="We tell each other of third logs; shows whom we deal with.",
)
@click.option(
    "--despite-conflict/--no-despite-conflict",
    default=None,
    help="Messages flow although its log shows two histories.",
)
@pass_invocation
def log_policy(
    invocation: Invocation,
    peer: str,
    *,
    monitor: bool | None,
    gossip: bool | None,
    despite_conflict: bool | None,
) -> None:
    """Change what a peer may see of logs, and what a forked log of its stops.

    What is left out stays as it is.
    """
    from gateway.admin.witness_shapes import LogPolicy
    from gateway.client.calls import set_log_policy

    if monitor is None and gossip is None and despite_conflict is None:
        raise UsageError("peer log-policy: nothing to change")
    policy = LogPolicy(
        may_monitor=monitor,
        may_gossip=gossip,
        exchanges_despite_conflict=despite_conflict,
    )
    answer = invocation.send(set_log_policy(peer, policy))
    if invocation.as_json:
        print_json(answer)
        return
    told = {
        "may read the tiles of our log": answer.may_monitor,
        "tells of third logs": answer.may_gossip,
        "exchanges although its log was forked": answer.exchanges_despite_conflict,
    }
    for name, is_so in told.items():
        say(f"{name}: {'yes' if is_so else 'no'}")
