"""A peer that began a new log: what it says of the old one, against what we hold of it.

A new log is believed for its root's statement alone. What the peer lost is another
question: its first entry names the newest checkpoint of the old log that it knows to
be held by anybody, and that must not be less than what it once proved to us.
"""

import structlog

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import GatewayError, LogProofError
from gateway.core.translog.encoding import decode_hash
from gateway.core.translog.proof import parse_log_proof, verify_log_proof
from gateway.core.values import AuthorityId
from gateway.ports.log import LogStore, PeerLogState
from gateway.ports.peers import Peer, PeerTransport

log = structlog.get_logger()

_FIRST_EPOCH = "/audit/1"


class _Prior(Wire, frozen=True, kw_only=True):
    """What a first entry says of the log before."""

    dig: str
    n: int
    o: str
    r: str


class PeerEpochs:
    """Compares what peers say of their old logs with what was seen of them."""

    def __init__(self, store: LogStore, transport: PeerTransport) -> None:
        self._store = store
        self._transport = transport
        self._problems: dict[AuthorityId, str] = {}

    def problem(self, peer: AuthorityId) -> str:
        """Return what a peer denies of its old log; empty if nothing is known."""
        return self._problems.get(peer, "")

    async def check(self, peer: Peer) -> None:
        """Ask a peer how its log began, if another one was before it.

        Nothing is stopped by what it says: that is for people to settle.
        """
        if peer.card.log_origin.endswith(_FIRST_EPOCH):
            return
        try:
            prior = await self._prior(peer)
        except GatewayError as error:
            code = error.code
            log.warning("peer_log_beginning_unknown", peer=peer.authority, code=code)
            return
        held = await self._store.peer_log_of(prior.o)
        problem = _denied(prior, held) if held else ""
        self._problems.pop(peer.authority, None)
        if problem:
            self._problems[peer.authority] = problem
            log.error("peer_log_lost_its_end", peer=peer.authority, problem=problem)

    async def _prior(self, peer: Peer) -> _Prior:
        """Return what the first entry of a peer's log says of the one before.

        Raises:
            GatewayError: It can't be asked, or shows no such entry.
        """
        proof = parse_log_proof(await self._transport.log_first(peer.authority))
        origin = peer.card.log_origin
        _, raw = verify_log_proof(proof, origin=origin, keys=peer.card.log_keys)
        leaf = parse_leaf(raw, log=origin)
        if (leaf.index, proof.index, leaf.kind) != (0, 0, "log.init"):
            raise LogProofError("log: another entry than the first")
        if "prior" not in leaf.fields:
            raise LogProofError("log: names no log before it")
        return canonical.convert(leaf.fields["prior"], _Prior)


def _denied(prior: _Prior, held: PeerLogState) -> str:
    """Return in which way a peer says less of its old log than it once proved."""
    if prior.n < held.size:
        return (
            f"says that {prior.o} came to size {prior.n}, we hold its signature on "
            f"{held.size}"
        )
    root = decode_hash(prior.r, what="root")
    if prior.n == held.size and root != held.root:
        return f"names another root for size {prior.n} of {prior.o} than it signed"
    return ""
