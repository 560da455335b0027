"""What a node has of witnessing, joined: asked by peers, asking witnesses, telling."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.config.log import LogSettings
from gateway.config.witnesses import parse_witnesses
from gateway.flows.exchange import Exchange
from gateway.flows.gossip import Gossip
from gateway.flows.rounds import Rounds
from gateway.flows.witness import Witnessing
from gateway.flows.witness_asker import Witness, WitnessPlan
from gateway.ports.witness import Cosigning
from gateway.transport.witness_client import WitnessClient


@dataclass(frozen=True, slots=True)
class WitnessSide:
    """The flows of witnessing.

    Attributes:
        rounds: Has our log cosigned.
        answering: Cosigns the logs of peers.
        gossip: Compares third logs with peers that agreed to it.
    """

    rounds: Rounds
    answering: Witnessing
    gossip: Gossip


def join_witnessing(
    exchange: Exchange,
    settings: LogSettings,
    cosigning: Callable[[], Cosigning],
    is_clock_held: Callable[[], bool],
) -> WitnessSide:
    """Return the flows of witnessing, as the settings say whom to ask."""
    return WitnessSide(
        rounds=Rounds(exchange, WitnessClient(), witness_plan(settings)),
        answering=Witnessing(exchange, cosigning, is_clock_held),
        gossip=Gossip(exchange),
    )


def witness_plan(settings: LogSettings) -> WitnessPlan:
    """Return who is asked to cosign our log."""
    chosen = parse_witnesses(settings.witnesses)
    return WitnessPlan(
        all_peers=chosen.all_peers,
        peers=chosen.peers,
        outside=tuple(
            Witness(one.keys[0].name, one.keys, url=one.url) for one in chosen.outside
        ),
        quorum=settings.quorum,
    )
