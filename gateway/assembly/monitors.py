"""The monitors of a node, joined: store, numbers, what is owed, gaps in cases."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial

from gateway.core.errors import GatewayError
from gateway.core.translog.checkpoint import verify_checkpoint
from gateway.flows.case_gaps import CaseGaps
from gateway.flows.exchange import Exchange
from gateway.flows.findings import Finding, FindingCode
from gateway.flows.log_check import ReadNote
from gateway.flows.log_monitor import LogMonitor
from gateway.flows.numbers import NumberWatch
from gateway.flows.owed import OwedReport
from gateway.flows.own_log import log_keys
from gateway.flows.submit import Submit
from gateway.ports.keys import LogSigning
from gateway.ports.recovery import FROM_DATABASE


@dataclass(frozen=True, slots=True)
class Monitors:
    """What watches while the node runs."""

    log: LogMonitor
    numbers: NumberWatch
    owed: OwedReport
    gaps: CaseGaps

    def workers(self) -> Mapping[str, Coroutine[None, None, None]]:
        """Return what is to run, by name."""
        return {
            "log-monitor": self.log.run(),
            "numbers": self.numbers.run(),
            "owed": self.owed.run(),
            "case-gaps": self.gaps.run(),
        }


def join_monitors(
    exchange: Exchange,
    keys: Callable[[], LogSigning],
    *,
    numbers: NumberWatch,
    submit: Submit,
) -> Monitors:
    """Return the monitors of a node.

    Args:
        exchange: What they look at.
        keys: Returns the keys that the log is signed with now.
        numbers: Answers peers as well, so that it is made before.
        submit: Sends what they have to tell peers.
    """
    return Monitors(
        LogMonitor(
            exchange,
            origin=keys().origin,
            note_reader=partial(_note_reader, exchange, keys),
            on_finding=partial(_stop_signing, exchange),
        ),
        numbers,
        OwedReport(exchange, partial(_vouched_size, exchange)),
        CaseGaps(exchange, submit),
    )


async def _note_reader(exchange: Exchange, keys: Callable[[], LogSigning]) -> ReadNote:
    """Return what verifies notes of our log, with all keys that it ever vouched for."""
    signing = keys()
    try:
        known = await log_keys(exchange.store, signing)
    except GatewayError:
        # An entry about keys was changed, which the check is about to say.
        known = signing.known_vkeys
    return partial(verify_checkpoint, origin=signing.origin, keys=known)


async def _stop_signing(exchange: Exchange, finding: Finding) -> None:
    """Sign nothing more where it could contradict what was signed before."""
    if finding.code is FindingCode.HEAD_CHANGED:
        await exchange.recovery.distrust_tables()
    elif finding.contradicts_signed:
        signed = await exchange.store.newest_checkpoint()
        if signed is not None:
            await exchange.recovery.judge(FROM_DATABASE, signed.note)


async def _vouched_size(exchange: Exchange, log_origin: str) -> int:
    """Return up to which size a peer's log is vouched for by us, who do not own it.

    By what we cosigned; of a log that never asked us, by what we linked.
    """
    cosigned = await exchange.store.witnessed(log_origin)
    if cosigned is not None:
        return cosigned.size
    for peer in exchange.directory.peers():
        if peer.card.log_origin == log_origin:
            state = await exchange.store.peer_log(peer.authority)
            return state.size if state and state.origin == log_origin else 0
    return 0
