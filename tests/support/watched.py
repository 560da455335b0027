"""A store on disk in which something of everything happened, to be tampered with."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection as Engine

from gateway.core.entries.leaf import EntryDraft
from gateway.core.translog.checkpoint import Checkpoint, verify_checkpoint
from gateway.core.translog.merkle import inclusion_path
from gateway.core.values import MessageId, UnixMs
from gateway.ports.inbox import InboundItem
from gateway.ports.log import PeerLogLink, SignedCheckpoint
from gateway.ports.messages import PeerProof
from gateway.ports.outbox import AttemptOutcome, NewOutbound, OutcomeKind
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.store import SqliteStore
from gateway.storage.store import TransactionalStore
from tests.support.logs import SmallLog
from tests.support.storing import (
    ACT,
    KEY,
    NOW,
    ORIGIN,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    new_id,
    outbound,
    sqlite_store,
)

_OUR_LOG = SmallLog(ORIGIN)
ENTRIES = 600


def read_note(note: bytes) -> Checkpoint:
    """Return the checkpoint of a note that the watched log signed."""
    return verify_checkpoint(note, origin=ORIGIN, keys=_OUR_LOG.signer.keys)


class ProvingLog:
    """A peer's log whose links and proofs hold."""

    def __init__(self) -> None:
        self._log = SmallLog(f"{PEER}/audit/1", seed=7)
        self._seen = 0

    def append(self, kind: str, message_id: MessageId, digest: str) -> PeerProof:
        """Append an entry about a message and return it under the log as it is then."""
        fields = {"m": message_id, "peer": "moj.ee", "dig": digest}
        if kind == "msg.send":
            fields |= {"man": digest}
            return self._proof(EntryDraft(kind, NOW, {**fields, "seq": 1}))
        return self._proof(EntryDraft(kind, NOW, {**fields}))

    def _proof(self, draft: EntryDraft) -> PeerProof:
        index = self._log.append(draft)
        path = inclusion_path(index, index + 1, self._log.tree())
        return PeerProof(index, self._log.leaves[index], path)

    def link(self) -> PeerLogLink:
        """Return the link from what was seen to the log as it is."""
        seen, self._seen = self._seen, len(self._log.leaves)
        checkpoint = Checkpoint(self._log.origin, self._seen, self._log.root())
        note = self._log.signer.sign(checkpoint)
        return PeerLogLink(
            PEER, checkpoint.origin, seen, self._seen, checkpoint.root, note
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """The store, where it lies, and what is in it."""

    store: SqliteStore
    path: Path
    peer_log: ProvingLog
    delivered: MessageId
    cancelled: MessageId
    opened: MessageId

    async def sql(self, change: Callable[[Engine], object]) -> None:
        """Change the file behind the store's back, with all triggers dropped."""
        connection = await connect(self.path, KEY, Role.WRITER)
        try:
            await connection.run(lambda engine: _tamper(engine, change))
        finally:
            await connection.close()


def _tamper(engine: Engine, change: Callable[[Engine], object]) -> None:
    found = engine.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    for (name,) in found.fetchall():
        engine.execute(f'DROP TRIGGER "{name}"')
    change(engine)


async def sign(store: TransactionalStore, now: UnixMs = NOW) -> None:
    """Sign the log as it is."""
    head = await store.log_head()
    note = _OUR_LOG.signer.sign(Checkpoint(ORIGIN, head.size, head.root))
    await store.record_checkpoint(SignedCheckpoint(head.size, head.root, note, now))


async def receipt(
    store: TransactionalStore, log: ProvingLog, sent: NewOutbound
) -> None:
    """Record that the peer has received a message."""
    assert sent.sealing
    await claim(store)
    proof = log.append("msg.receive", sent.id, sent.sealing.digest)
    outcome = AttemptOutcome(
        sent.id, sent.sealing.digest, OutcomeKind.RECEIPT, "", proof, NOW
    )
    await store.record_outcomes(PEER, [outcome], log.link(), NOW)


def arriving(log: ProvingLog, *, seq: int = 1, refusal: str = "") -> InboundItem:
    """Return a message of the peer with a proof that holds."""
    item = PeerLog().item(new_id().encode(), seq=seq, refusal=refusal)
    return replace(item, proof=log.append("msg.send", item.id, item.digest))


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Watched]:
    """Give a store with entries for two full tiles and messages in many states."""
    log = ProvingLog()
    async with sqlite_store(folder) as store:
        delivered, cancelled = outbound(), outbound()
        await store.accept(delivered, NOW)
        await store.accept(cancelled, NOW)
        await store.accept(outbound(OTHER_PEER), NOW)
        await store.cancel(cancelled.id, ACT, NOW)
        await receipt(store, log, delivered)
        # The last one's proof is under the size that is linked.
        refused, item = arriving(log, seq=2, refusal="expired"), arriving(log)
        await store.commit_inbound(log.link(), [item, refused], NOW)
        await store.begin_checks(1, NOW)
        await store.log_access(item.id, ACT, NOW)
        size = (await store.log_head()).size
        fill = EntryDraft("admin.test", UnixMs(NOW + 1), {})
        await store.append([fill] * (ENTRIES - 10 - size))
        await sign(store)
        await store.append([fill] * 10)
        await sign(store)
        await store.append([fill] * 5)
        yield Watched(
            store,
            folder / "gateway.db",
            log,
            delivered.id,
            cancelled.id,
            item.id,
        )
