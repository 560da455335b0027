"""Stores to test, and messages, links and outcomes to put into them."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.core.entries.disclosures import Act
from gateway.core.routing import HoldReason
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    new_uuid7,
)
from gateway.keystore.archive import Vault
from gateway.keystore.rings import RingFile
from gateway.keystore.sealed import Secret
from gateway.ports.inbox import InboundItem, PeerEvent
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import Box, MessageIndex, PeerProof
from gateway.ports.outbox import AttemptOutcome, NewOutbound, OutcomeKind, Sealing
from gateway.storage.memory.store import MemoryStore
from gateway.storage.sqlite.store import SqliteStore
from gateway.storage.store import TransactionalStore

NOW = UnixMs(1_790_000_000_000)
DAY_MS = 86_400_000
EXPIRES = UnixMs(NOW + DAY_MS)
ORIGIN = "moj.ee/audit/1"
KEY = bytes(range(32))
PEER = AuthorityId("mj.fr")
OTHER_PEER = AuthorityId("bmj.de")
ACT = Act("kask", "officer", "execution of a request", "K-17/2026", "tamm")


def vault(folder: Path | None = None) -> Vault:
    """Return a vault under a throw-away key; its rings lie in a folder, or nowhere."""
    rings = RingFile(folder / "rings") if folder else RingFile.in_memory()
    return Vault(Secret(bytes(32)), rings)


def digest_of(raw: bytes) -> HexDigest:
    """Return the digest of some bytes."""
    return HexDigest(hashlib.sha256(raw).hexdigest())


def new_id(number: int = 0) -> MessageId:
    """Return a fresh message id."""
    return new_uuid7(UnixMs(NOW + number))


@asynccontextmanager
async def sqlite_store(folder: Path) -> AsyncIterator[SqliteStore]:
    """Give the store in a folder; a failed write fails the test."""
    failures: list[Exception] = []
    store = await SqliteStore.open(
        folder / "gateway.db",
        KEY,
        log_origin=ORIGIN,
        vault=vault(folder),
        on_fatal=failures.append,
    )
    async with store.running():
        yield store
    assert failures == []


@asynccontextmanager
async def store_in_memory() -> AsyncIterator[TransactionalStore]:
    """Give a store that is gone with the block."""
    async with MemoryStore(log_origin=ORIGIN, vault=vault()).running() as store:
        yield store


def sealing(content: bytes = b"", *, expires_at: UnixMs = EXPIRES) -> Sealing:
    """Return something that looks sealed; storage does not look inside."""
    envelope = b"envelope:" + (content or new_id().encode())
    return Sealing(
        envelope=envelope,
        digest=digest_of(envelope),
        content_digest=digest_of(b"manifest:" + envelope),
        archived_key=b"archived:" + envelope[:8],
        expires_at=expires_at,
    )


def index_of(case_id: str = "", *, case_seq: int = 1) -> MessageIndex:
    """Return index fields of a first message, or of a later one."""
    return MessageIndex(
        msg_type="REQ",
        case_id=case_id or new_id(),
        case_seq=case_seq,
        urgency="routine",
    )


def outbound(
    peer: AuthorityId = PEER,
    *,
    index: MessageIndex | None = None,
    priority: Priority = Priority.ROUTINE,
    expires_at: UnixMs = EXPIRES,
    size_bytes: int = 0,
) -> NewOutbound:
    """Return a sealed message of ours that opens its case."""
    sealed = sealing(new_id().encode().ljust(size_bytes, b"."), expires_at=expires_at)
    return NewOutbound(
        id=new_id(),
        peer=peer,
        priority=priority,
        created_at=NOW,
        index=index or index_of(),
        document_digest=sealed.content_digest,
        act=ACT,
        opener_if_new=Box.OUT,
        sealing=sealed,
        submitter="kask",
    )


def held_draft(
    peer: AuthorityId = PEER, *, expires_at: UnixMs = EXPIRES
) -> NewOutbound:
    """Return a message of ours that cannot be sealed yet."""
    return replace(
        outbound(peer),
        sealing=None,
        draft=b"a sealed draft",
        hold_reason=HoldReason.PEER_PAUSED,
        draft_expires_at=expires_at,
    )


@dataclass
class PeerLog:
    """A peer's log as far as storage sees it: checkpoints that grow, and leaves."""

    authority: AuthorityId = PEER
    size: int = 0
    leaves: int = field(default=0, init=False)

    @property
    def origin(self) -> str:
        return f"{self.authority}/audit/1"

    def link(self, growth: int = 1) -> PeerLogLink:
        """Return the link from the newest checkpoint to a larger one."""
        seen, self.size = self.size, self.size + growth
        root = hashlib.sha256(f"{self.origin}{self.size}".encode()).digest()
        note = f"note of {self.origin} at {self.size}".encode()
        return PeerLogLink(self.authority, self.origin, seen, self.size, root, note)

    def proof(self) -> PeerProof:
        """Return a leaf with its path."""
        self.leaves += 1
        return PeerProof(
            self.leaves,
            f"leaf {self.leaves}".encode(),
            (bytes(32), b"\1" * 32),
        )

    def item(
        self,
        content: bytes = b"",
        *,
        message_id: MessageId | None = None,
        seq: int = 1,
        refusal: str = "",
    ) -> InboundItem:
        """Return a message of the peer."""
        sealed = sealing(content)
        return InboundItem(
            id=message_id or new_id(),
            digest=sealed.digest,
            proof=self.proof(),
            seq=seq,
            content_digest=sealed.content_digest,
            envelope=sealed.envelope,
            archived_key=sealed.archived_key,
            created_at=NOW,
            expires_at=sealed.expires_at,
            refusal=refusal,
        )

    def event(self, kind: str, message_id: MessageId, **fields: str) -> PeerEvent:
        """Return a later event about a message."""
        return PeerEvent(
            kind,
            message_id,
            self.proof(),
            digest=fields.get("digest", ""),
            code=fields.get("code", ""),
            seq=int(fields.get("seq", "0")),
        )

    def outcome(
        self,
        message: NewOutbound,
        kind: OutcomeKind,
        *,
        code: str = "",
        next_attempt_at: UnixMs = NOW,
    ) -> AttemptOutcome:
        """Return what an attempt came to, with a proof where there is one."""
        assert message.sealing
        is_final = kind in {OutcomeKind.RECEIPT, OutcomeKind.REFUSAL}
        return AttemptOutcome(
            message.id,
            message.sealing.digest,
            kind,
            code,
            self.proof() if is_final else None,
            next_attempt_at,
        )


async def claim(
    store: TransactionalStore,
    now: UnixMs = NOW,
    *,
    max_items: int = 256,
    max_bytes: int = 2**24,
) -> list[MessageId]:
    """Claim due messages of the peer for a minute and return their ids."""
    due = await store.claim_due(
        PEER,
        now=now,
        lease_ms=60_000,
        max_items=max_items,
        max_bytes=max_bytes,
    )
    return [one.id for one in due]


async def deliver(
    store: TransactionalStore, log: PeerLog, message: NewOutbound
) -> None:
    """Claim a message and record its receipt."""
    await claim(store)
    outcome = log.outcome(message, OutcomeKind.RECEIPT)
    await store.record_outcomes(PEER, [outcome], log.link(), NOW)
