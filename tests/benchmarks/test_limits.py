"""The limit programs do the work they stand for, in the gateway's own formats."""

from pathlib import Path

from benchmarks.limits import lean
from benchmarks.limits.ledger import SEED_BYTES, Ledger, now
from benchmarks.limits.run import bulk_limit, message_limit
from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import chain_hash, parse_leaf
from gateway.core.envelope.layout import parse_envelope
from gateway.core.envelope.opening import check_seal, open_envelope
from gateway.core.keys import check_record, new_kem_key
from gateway.core.protocol import hashes_from_text
from gateway.core.translog.checkpoint import verify_checkpoint
from gateway.core.translog.merkle import leaf_hash, verify_inclusion
from gateway.core.values import AuthorityId, HexDigest, format_time, new_uuid7

_PT = AuthorityId("pgr.pt")


def test_messages_go_through_in_few_commits(tmp_path: Path) -> None:
    found = message_limit(tmp_path, messages=20, batch=8)

    assert found.messages == 20
    assert found.commits == 3 * 3  # a batch: sent, received, receipts
    assert found.messages_per_s > 0
    assert found.receiver_cpu_ms > 0
    assert found.sender_cpu_ms > 0


def test_a_file_goes_through_with_either_way_of_flushing(tmp_path: Path) -> None:
    for is_rolling in (False, True):
        found = bulk_limit(tmp_path, size_mib=9, is_rolling=is_rolling)

        assert found.size_mib == 9
        assert found.mb_per_s > 0
        assert found.flush == ("rolling" if is_rolling else "end")


def test_what_is_sealed_is_an_envelope_that_its_addressee_opens() -> None:
    created = now()
    key = new_kem_key(_PT, created)
    header = lean.HeaderFields(
        created=format_time(created),
        expires=format_time(created),
        sender="moj.ee",
        id=new_uuid7(created),
        keys=[key.record.kid],
        addressee=_PT,
    )

    sealed = lean.seal(header, {"msg_type": "ACK"}, check_record(key.record, _PT))

    envelope = parse_envelope(sealed.raw)
    kid = HexDigest(key.record.kid)
    content_key = check_seal(envelope, {kid: key.private})
    opened = open_envelope(
        envelope,
        content_key,
        expected_content_digest=HexDigest(sealed.content_digest),
    )
    assert opened.message == {"msg_type": "ACK"}
    assert envelope.digest == sealed.digest
    assert content_key == sealed.content_key


def test_what_is_logged_are_chained_leaves_under_a_checkpoint_that_holds(
    tmp_path: Path,
) -> None:
    ledger = Ledger(tmp_path, "moj.ee/audit/1", bytes(SEED_BYTES))
    digest = "5a" * 32
    first = ledger.log("msg.receive", [_received(digest) for _ in range(5)])
    ledger.commit()
    second = ledger.log("msg.receive", [_received(digest) for _ in range(6)])
    note = ledger.sign()
    ledger.commit()

    checkpoint = verify_checkpoint(
        note,
        origin="moj.ee/audit/1",
        keys=ledger.signer.keys,
    )
    leaves = [parse_leaf(raw, log="moj.ee/audit/1") for raw in (*first, *second)]
    assert [one.index for one in leaves] == list(range(11))
    assert [one.prev for one in leaves[1:]] == [
        chain_hash(one.raw) for one in leaves[:-1]
    ]
    assert ledger.commits == 2
    for leaf, path in zip(leaves[5:], ledger.paths(5), strict=True):
        verify_inclusion(
            index=leaf.index,
            size=checkpoint.size,
            leaf=leaf_hash(leaf.raw),
            path=hashes_from_text(path),
            root=checkpoint.root,
        )


def _received(digest: str) -> JsonObject:
    return {"m": new_uuid7(now()), "peer": "pgr.pt", "dig": digest}
