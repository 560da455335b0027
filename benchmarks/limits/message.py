"""L_msg: how many messages a second the design allows, in straight-line Python.

Two processes do for every message what no design with the same promises can leave out:

    sender      seal (HPKE 0x647a, body), wrap the key for the archive, log `msg.send`,
                grow the tree; for the batch: one hybrid checkpoint, one durable commit
                in SQLCipher, inclusion paths; send over mutual TLS 1.3
    receiver    read the batch strictly, verify checkpoint, consistency and inclusion,
                digest, log `msg.receive`; for the batch: checkpoint, commit, paths;
                reply
    sender      verify checkpoint, consistency and inclusion of every receipt, log
                `msg.deliver`, set the state, keep the proof; commit

While the receiver works, the sender prepares the next batch; nothing else overlaps.
Formats, signatures and database settings are those of the gateway. Left out are HTTP,
the event loop, threads, queues, leases, lookups for duplicates, search fields, the
feed, sealed disclosures, and any opening at the receiver: not even the seal check is
in it.

    python -m benchmarks.limits.message --messages 20000 --batch 256

Prints one JSON object.
"""

import argparse
import base64
import hashlib
import json
import ssl
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from benchmarks import machine
from benchmarks.forms import small_request
from benchmarks.limits import ledger as tables
from benchmarks.limits.lean import (
    HeaderFields,
    Reader,
    ReceiveLeaf,
    Sealed,
    SendLeaf,
    check_leaf,
    encode,
    seal,
)
from benchmarks.limits.ledger import SEED_BYTES, Ledger, now
from benchmarks.limits.wire import (
    Certificates,
    Pipe,
    accept,
    dial,
    receive_frame,
    receive_in_process,
    send_frame,
)
from gateway.core.envelope.seal import latest_expiry
from gateway.core.errors import MalformedError
from gateway.core.exchange import LogIdentity, SeenTree, link_checkpoint
from gateway.core.keys import (
    ArchiveKey,
    KemKeyRecord,
    check_record,
    new_kem_key,
    wrap_content_key,
)
from gateway.core.protocol import (
    DeliveryHead,
    DeliveryItem,
    DeliveryReply,
    ItemReply,
)
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.values import AuthorityId, HexDigest, format_time, new_uuid7

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

_EE, _PT = AuthorityId("moj.ee"), AuthorityId("pgr.pt")
_SEEDS = {_EE: b"e" * SEED_BYTES, _PT: b"p" * SEED_BYTES}


@dataclass(frozen=True, slots=True)
class MessageLimit:
    """What was reached.

    Attributes:
        sender_cpu_ms: Processor time of the sender a message; likewise the receiver's.
        commits: Of both sides together.
    """

    messages: int
    batch: int
    seconds: float
    messages_per_s: float
    sender_cpu_ms: float
    receiver_cpu_ms: float
    commits: int


@dataclass(frozen=True, slots=True)
class _Work:
    messages: int
    batch: int

    def batches(self) -> list[int]:
        """Return the sizes of all batches."""
        whole, rest = divmod(self.messages, self.batch)
        return [self.batch] * whole + [rest] * bool(rest)


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--folder", type=Path, default=machine.disk_folder())
    asked = parser.parse_args()
    work = _Work(asked.messages, asked.batch)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        print(json.dumps(asdict(_measure(Path(folder), work))))


def _measure(folder: Path, work: _Work) -> MessageLimit:
    certificates = Certificates.make(folder)
    process, receiver = receive_in_process(_receive, folder, work)
    sender = _Sender(folder, new_kem_key(_PT, now()).record)
    with dial(int(str(receiver.recv())), certificates) as connection:
        receiver.recv()  # it is ready
        began, cpu_before = time.perf_counter(), time.process_time()
        _exchange(connection, sender, work)
        seconds = time.perf_counter() - began
        sender_cpu_s = time.process_time() - cpu_before
    receiver_cpu_s, receiver_commits = cast("tuple[float, int]", receiver.recv())
    process.join()
    return MessageLimit(
        messages=work.messages,
        batch=work.batch,
        seconds=round(seconds, 3),
        messages_per_s=round(work.messages / seconds, 1),
        sender_cpu_ms=round(1000 * sender_cpu_s / work.messages, 4),
        receiver_cpu_ms=round(1000 * receiver_cpu_s / work.messages, 4),
        commits=sender.ledger.commits + receiver_commits,
    )


def _exchange(connection: ssl.SSLSocket, sender: "_Sender", work: _Work) -> None:
    first, *rest = work.batches()
    under_way, body = sender.prepare(first)
    send_frame(connection, body)
    for count in rest:
        following, body = sender.prepare(count)
        reply = receive_frame(connection)
        send_frame(connection, body)
        sender.take_reply(under_way, reply)
        under_way = following
    sender.take_reply(under_way, receive_frame(connection))


class _PeerLog:
    """What one side has seen of the other's log."""

    def __init__(self, authority: AuthorityId) -> None:
        signer = LogSigner(
            f"{authority}/audit/1",
            ed25519_seed=_SEEDS[authority],
            ml_dsa_seed=_SEEDS[authority],
        )
        self._identity = LogIdentity(signer.origin, signer.keys)
        self._seen = SeenTree(0, EMPTY_ROOT)

    def link(self, told: DeliveryHead | DeliveryReply) -> Checkpoint:
        """Return the checkpoint that came, once both signatures and the proof hold."""
        linked = link_checkpoint(
            told.checkpoint.encode(),
            self._identity,
            seen=self._seen,
            proofs=[told.consistency],
        )
        self._seen = SeenTree(linked.size, linked.root)
        return linked


class _Sender:
    def __init__(self, folder: Path, key: KemKeyRecord) -> None:
        self.ledger = Ledger(folder, f"{_EE}/audit/1", _SEEDS[_EE])
        self._key = check_record(key, _PT)
        self._expires = format_time(latest_expiry(now(), [key]))
        self._archive_key = ArchiveKey.new()
        self._form = small_request()
        self._peer_log = _PeerLog(_PT)
        self._reader, self._leaf_reader = Reader(DeliveryReply), Reader(ReceiveLeaf)
        self._shown = 0
        self._sent = 0

    def prepare(self, count: int) -> tuple[tuple[int, list[Sealed]], bytes]:
        """Seal, log, commit and prove a batch; return it and what to send."""
        batch = [self._seal() for _ in range(count)]
        start = self.ledger.size
        numbers = range(self._sent + 1, self._sent + count + 1)
        leaves = self.ledger.log(
            "msg.send",
            [
                {
                    "m": one.id,
                    "peer": _PT,
                    "dig": one.digest,
                    "man": one.content_digest,
                    "seq": number,
                }
                for number, one in zip(numbers, batch, strict=True)
            ],
        )
        note = self.ledger.sign()
        self.ledger.commit(
            (
                tables.ADD_MESSAGE,
                [
                    (one.id, "queued", one.digest, index)
                    for index, one in enumerate(batch, start)
                ],
            ),
            (tables.ADD_SEALED, [(one.raw, self._archived(one)) for one in batch]),
            (tables.ADD_CHECKPOINT, [(self.ledger.size, note)]),
        )
        self._sent += count
        head = DeliveryHead(
            checkpoint=note.decode(),
            consistency=self.ledger.consistency(self._shown),
            items=[
                DeliveryItem(
                    digest=one.digest,
                    index=index,
                    leaf=leaf.decode(),
                    length=len(one.raw),
                    path=path,
                )
                for index, (one, leaf, path) in enumerate(
                    zip(batch, leaves, self.ledger.paths(start), strict=True),
                    start,
                )
            ],
            now=format_time(now()),
            pending=[],
            seen=0,
        )
        self._shown = self.ledger.size
        body = b"".join((encode(head), b"\n", *(one.raw for one in batch)))
        return (start, batch), body

    def _seal(self) -> Sealed:
        created = now()
        header = HeaderFields(
            created=format_time(created),
            expires=self._expires,
            sender=_EE,
            id=new_uuid7(created),
            keys=[self._key.kid],
            addressee=_PT,
        )
        return seal(header, {**self._form, "msg_id": header.id}, self._key)

    def _archived(self, one: Sealed) -> bytes:
        return wrap_content_key(
            self._archive_key,
            one.content_key,
            direction="out",
            envelope_digest=HexDigest(one.digest),
        )

    def take_reply(self, under_way: tuple[int, list[Sealed]], body: bytes) -> None:
        """Verify every receipt of a batch and commit what they say."""
        start, batch = under_way
        reply = cast("DeliveryReply", self._reader.read(body))
        checkpoint = self._peer_log.link(reply)
        origin_size_root: JsonObject = {
            "o": checkpoint.origin,
            "n": checkpoint.size,
            "r": base64.b64encode(checkpoint.root).decode(),
        }
        fields: list[JsonObject] = []
        proofs = []
        for index, (one, item) in enumerate(
            zip(batch, reply.items, strict=True), start
        ):
            raw = str(item.leaf).encode()
            leaf = cast("ReceiveLeaf", self._leaf_reader.read(raw))
            expected = (int(item.index or 0), _EE, one.id, one.digest)
            path = check_leaf(leaf, raw, list(item.path or []), checkpoint, expected)
            fields.append(
                {
                    "m": one.id,
                    "peer": _PT,
                    "ref": index,
                    "cp": origin_size_root,
                },
            )
            proofs.append((one.id, raw, b"".join(path)))
        self.ledger.log("msg.deliver", fields)
        self.ledger.commit(
            (tables.SET_STATE, [("delivered", one.id) for one in batch]),
            (tables.ADD_PROOF, proofs),
            (tables.SET_PEER_LOG, [(checkpoint.size, reply.checkpoint.encode())]),
        )


def _receive(parent: Pipe, folder: Path, work: _Work) -> None:
    """Be the receiving process."""
    receiver = _Receiver(folder)
    with accept(parent, Certificates.of(folder)) as connection:
        parent.send("ready")
        cpu_before = time.process_time()
        for _ in work.batches():
            send_frame(connection, receiver.take(receive_frame(connection)))
        cpu_s = time.process_time() - cpu_before
    parent.send((cpu_s, receiver.ledger.commits))


class _Receiver:
    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder, f"{_PT}/audit/1", _SEEDS[_PT])
        self._peer_log = _PeerLog(_EE)
        self._reader, self._leaf_reader = Reader(DeliveryHead), Reader(SendLeaf)
        self._header_reader = Reader(HeaderFields)
        self._shown = 0

    def take(self, body: bytes) -> bytes:
        """Verify a batch, log and commit it; return the receipts."""
        head_raw, _, envelopes = body.partition(b"\n")
        head = cast("DeliveryHead", self._reader.read(head_raw))
        checkpoint = self._peer_log.link(head)
        messages = []
        end = 0
        for item in head.items:
            envelope = self._envelope(envelopes[end : end + item.length])
            end += item.length
            raw = item.leaf.encode()
            leaf = cast("SendLeaf", self._leaf_reader.read(raw))
            expected = (item.index, _PT, envelope.id, envelope.digest)
            check_leaf(leaf, raw, item.path, checkpoint, expected)
            messages.append(envelope)
        start = self.ledger.size
        leaves = self.ledger.log(
            "msg.receive",
            [{"m": one.id, "peer": _EE, "dig": one.digest} for one in messages],
        )
        note = self.ledger.sign()
        self.ledger.commit(
            (
                tables.ADD_MESSAGE,
                [
                    (one.id, "received", one.digest, index)
                    for index, one in enumerate(messages, start)
                ],
            ),
            (tables.ADD_SEALED, [(one.raw, b"") for one in messages]),
            (tables.SET_PEER_LOG, [(checkpoint.size, head.checkpoint.encode())]),
            (tables.ADD_CHECKPOINT, [(self.ledger.size, note)]),
        )
        reply = DeliveryReply(
            checkpoint=note.decode(),
            consistency=self.ledger.consistency(self._shown),
            items=[
                ItemReply(status="received", index=index, leaf=leaf.decode(), path=path)
                for index, (leaf, path) in enumerate(
                    zip(leaves, self.ledger.paths(start), strict=True),
                    start,
                )
            ],
            now=format_time(now()),
        )
        self._shown = self.ledger.size
        return encode(reply)

    def _envelope(self, raw: bytes) -> "_Envelope":
        _, header_raw, _ = raw.split(b"\n", 2)
        header = cast("HeaderFields", self._header_reader.read(header_raw))
        if (header.sender, header.addressee) != (_EE, _PT):
            raise MalformedError("envelope: not between these two")
        return _Envelope(header.id, raw, hashlib.sha256(raw).hexdigest())


@dataclass(frozen=True, slots=True)
class _Envelope:
    """A message as it came; its seal stays closed."""

    id: str
    raw: bytes
    digest: str


if __name__ == "__main__":
    main()
