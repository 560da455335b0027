"""Files are looked at before they are sent and when they arrive; the result is kept."""

import hashlib
from pathlib import Path

import pytest

from gateway.core.canonical import JsonValue
from gateway.core.errors import InvalidFormError
from gateway.core.values import MessageId
from gateway.flows import inspection as inspection_module
from gateway.flows.inspection import report_of
from gateway.mla.findings import FileFindings, NotChecked, Result, SignatureResult
from gateway.mla.problems import ProblemCode, select
from gateway.ports.evidence import AttachmentState
from gateway.ports.messages import SealedMessage
from gateway.signatures.process import SignatureProcess
from gateway.signatures.trust import Roots
from tests.support.evidence import arrived, content, request_with, uploaded
from tests.support.forms import with_value
from tests.support.nist_files import transaction
from tests.support.pair import CASEWORKER, Side
from tests.support.signed_files import detached, signed_pdf, signer

Two = tuple[Side, Side]
PDF = signed_pdf()
BROKEN_PDF = PDF.replace(b"%PDF-1.7", b"%PDF-1.6")
EVIL = signer("E. Vil", authority="Nobody's CA")
EVIL_PDF = signed_pdf(who=EVIL)
ORDER = b"Order ORD-2026-331\n"
OVER_ORDER = detached(ORDER)
OVER_ANOTHER = detached(b"another order\n")
FIRST = "/payload/manifest/0"


def believing(side: Side, roots: Roots) -> None:
    """Let a side check signatures, and believe some authorities."""
    side.inspection._signatures = SignatureProcess(roots)


@pytest.fixture
def checking(two: Two) -> Two:
    """Two sides that believe the sample authority for the sender's country."""
    ee, pt = two
    for side in two:
        believing(side, {"EE": (signer().root_der,)})
    return ee, pt


async def sent(side: Side, files: dict[str, bytes], **changes: JsonValue) -> MessageId:
    """Send files; changes are of the first item."""
    uploads = [await uploaded(side, name, data) for name, data in files.items()]
    form = request_with(*files)
    for name, value in changes.items():
        form = with_value(form, f"{FIRST}/{name}", value)
    submitted = await side.send(form, uploads=tuple(uploads))
    return submitted.accepted.id


async def refused(
    side: Side, files: dict[str, bytes], **changes: JsonValue
) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFormError) as caught:
        await sent(side, files, **changes)
    return [(one.pointer, one.code) for one in caught.value.problems if one.blocking]


async def kept(side: Side, message_id: MessageId) -> list[FileFindings]:
    return [report_of(one) for one in await side.store.findings(message_id)]


async def looked_at(side: Side, message_id: MessageId) -> list[FileFindings]:
    """Let a side look at all that arrived."""
    while await side.check.check_one():
        pass
    return await kept(side, message_id)


# --- digests ---


def digest(data: bytes, algorithm: str = "SHA-512") -> list[JsonValue]:
    return [{"alg": algorithm, "value": hashlib.sha512(data).hexdigest()}]


async def test_another_digest_than_the_measured_one_is_refused(two: Two) -> None:
    ee, _ = two
    wrong: list[JsonValue] = [{"alg": "SHA-256", "value": "00" * 32}]

    assert await refused(ee, {"a.csv": b"a,b\n"}, digests=wrong) == [
        (f"{FIRST}/digests/0/value", ProblemCode.HASH)
    ]
    # The node measures SHA-256 itself; the others it computes because they are stated.
    found = await refused(ee, {"a.csv": b"a,b\n"}, digests=digest(b"another"))
    assert found == [(f"{FIRST}/digests/0/value", ProblemCode.HASH)]


async def test_what_was_seen_of_our_own_files_is_kept_with_the_message(
    two: Two,
) -> None:
    ee, _ = two
    data = b"a,b\n"

    message_id = await sent(ee, {"a.csv": data, "b.bin": b"x"}, digests=digest(data))

    first, second = await kept(ee, message_id)
    assert set(first.compared) == {"SHA-512", "SHA-256"}
    assert second.compared == ("SHA-256",)
    for one in (first, second):
        assert one.faults == ()
        assert one.custody == Result.GOOD
        assert one.item_id


async def test_what_is_over_the_limit_is_known_as_it_was_measured(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    ee, pt = two
    monkeypatch.setattr(inspection_module, "MAX_READ_BEFORE_SENDING_BYTES", 3)
    lie = digest(b"another")

    message_id = await sent(ee, {"a.csv": b"a,b\n"}, digests=lie)

    (ours,) = await kept(ee, message_id)
    assert ours.compared == ("SHA-256",)
    # The recipient reads all of it anyway.
    await arrived(ee, pt, message_id)
    (theirs,) = await looked_at(pt, message_id)
    assert theirs.differing == ("SHA-512",)
    assert theirs.faults == ("digest SHA-512 is not the one announced",)
    (row,) = await pt.store.attachments(message_id)
    assert row.state is AttachmentState.VERIFIED


# --- on arrival ---


async def test_what_arrived_is_looked_at_and_the_result_kept(two: Two) -> None:
    ee, pt = two
    message_id = await sent(ee, {"a.csv": b"a,b\n", "b.bin": content(70_000)})
    await arrived(ee, pt, message_id)
    assert await kept(pt, message_id) == []

    found = await looked_at(pt, message_id)

    document = pt.open.unseal(await opened(pt, message_id)).message
    ids = [one.value for one in select(document, "/payload/manifest/*/item_id")]
    assert [one.item_id for one in found] == ids
    assert [one.faults for one in found] == [(), ()]
    assert all(one.decrypts and one.size_ok and one.digest_ok for one in found)


async def opened(side: Side, message_id: MessageId) -> SealedMessage:
    return await side.store.log_access(message_id, CASEWORKER, side.clock.now())


async def test_a_file_that_is_damaged_here_is_told_so(two: Two, tmp_path: Path) -> None:
    ee, pt = two
    message_id = await sent(ee, {"a.csv": b"a,b\n"})
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    blob = tmp_path / f"blobs-{pt.authority}" / row.blob
    blob.write_bytes(bytes(len(blob.read_bytes())))

    (found,) = await looked_at(pt, message_id)

    (row,) = await pt.store.attachments(message_id)
    assert row.state is AttachmentState.DAMAGED
    assert (found.decrypts, found.digest_ok) == (False, False)
    assert found.item_id


async def test_biometric_files_are_read_on_both_sides(two: Two) -> None:
    ee, pt = two
    files = {"good.an2": transaction(f7=b"PT/PJ", f8=b"EE/PPA")}
    message_id = await sent(ee, files, type="BIO_NIST")

    await arrived(ee, pt, message_id)

    for side in two:
        (found,) = await looked_at(side, message_id)
        assert found.structure == Result.GOOD


async def test_a_biometric_file_of_others_is_advice_and_told_on_arrival(
    two: Two,
) -> None:
    ee, pt = two
    upload = await uploaded(ee, "bad.an2", transaction()[:-9])
    form = with_value(request_with("bad.an2"), f"{FIRST}/type", "BIO_NIST")

    submitted = await ee.send(form, uploads=(upload,))

    advice = [(one.pointer, one.code) for one in submitted.advice]
    assert (f"{FIRST}/file_name", ProblemCode.SCHEMA) in advice
    await arrived(ee, pt, submitted.accepted.id)
    (found,) = await looked_at(pt, submitted.accepted.id)
    assert found.faults == ("its structure is not what its type says",)


# --- signatures of persons ---


async def test_a_good_signature_is_kept_and_its_signer_sealed(checking: Two) -> None:
    ee, pt = checking
    files = {"order.pdf": PDF, "order.txt": ORDER, "order.txt.p7s": OVER_ORDER}
    message_id = await sent(ee, files)
    await arrived(ee, pt, message_id)

    for side in checking:
        found = await looked_at(side, message_id)
        of_pdf, of_text, of_signature = (one.signatures for one in found)
        assert [one.result for one in of_pdf] == [SignatureResult.VALID]
        assert of_text == ()
        assert [one.result for one in of_signature] == [SignatureResult.VALID]
        rows = await side.store.findings(message_id)
        assert all(b"Pedralva" not in row.report + row.signers for row in rows)
        (name,) = side.inspection.signers_of(rows[0])
        assert "R. Pedralva" in name
        assert side.inspection.signers_of(rows[1]) == []


async def test_a_broken_signature_is_not_sent(checking: Two) -> None:
    ee, _ = checking
    assert await refused(ee, {"order.pdf": BROKEN_PDF}) == [
        (f"{FIRST}/file_name", ProblemCode.SIG)
    ]
    assert await refused(
        ee, {"order.txt.p7s": OVER_ANOTHER, "order.txt": b"Order\n"}
    ) == [(f"{FIRST}/file_name", ProblemCode.SIG)]
    assert await refused(ee, {"order.txt.p7s": b"no signature"}) == [
        (f"{FIRST}/file_name", ProblemCode.SIG)
    ]


async def test_a_signature_of_nobody_we_believe_is_advice(checking: Two) -> None:
    ee, _ = checking
    upload = await uploaded(ee, "order.pdf", EVIL_PDF)

    submitted = await ee.send(request_with("order.pdf"), uploads=(upload,))

    (advice,) = [one for one in submitted.advice if one.code is ProblemCode.SIG]
    assert "trust list" in advice.sentence


async def test_a_broken_signature_that_arrives_is_flagged_and_stays_received(
    two: Two,
) -> None:
    ee, pt = two
    # The sender checks nothing, the recipient does.
    believing(pt, {"EE": (signer().root_der,)})
    message_id = await sent(ee, {"order.pdf": BROKEN_PDF})
    (ours,) = await kept(ee, message_id)
    assert [(one.result, one.reason) for one in ours.signatures] == [
        (SignatureResult.NOT_CHECKED, NotChecked.NO_LIBRARY)
    ]
    await arrived(ee, pt, message_id)

    (found,) = await looked_at(pt, message_id)

    assert found.faults == ("a signature does not hold",)
    assert await pt.state(message_id) == "received"
    (alarm,) = await pt.store.open_alarms(after=0, limit=9)
    assert (alarm.new.kind, alarm.new.message_id) == ("evidence-faulty", message_id)


async def test_only_the_senders_own_country_vouches_for_its_signatures(
    two: Two,
) -> None:
    ee, pt = two
    believing(pt, {"PT": (signer().root_der,)})
    message_id = await sent(ee, {"order.pdf": PDF})
    await arrived(ee, pt, message_id)

    (found,) = await looked_at(pt, message_id)

    assert [one.result for one in found.signatures] == [SignatureResult.UNTRUSTED]
