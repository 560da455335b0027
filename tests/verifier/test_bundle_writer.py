"""Bundles as they are written: the same every time, and never what was not sent."""

import shutil
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from gateway.core.errors import ConflictError, MalformedError, UsageError
from gateway.verifier.bundle_writer import (
    BundleWriter,
    MessageParts,
    SharedParts,
    pack_folder,
)
from gateway.verifier.files import NewFolder
from gateway.verifier.options import VerifyOptions
from gateway.verifier.verify import verify_path
from tests.support.bundles import (
    MESSAGE_ID,
    Dispute,
    content_of,
    delivered,
    make_dispute,
    seal_message,
)
from tests.support.disputes import SECOND_ID, make_case, trusted

DELIVERED, PROOFS = delivered()
SHARED = DELIVERED.shared()


@pytest.fixture
def dispute() -> Dispute:
    """A message about which nothing is logged yet."""
    return make_dispute()


def write(folder: Path, *messages: MessageParts, shared: SharedParts = SHARED) -> Path:
    writer = BundleWriter(NewFolder.create(folder))
    for parts in messages:
        writer.add_message(parts)
    writer.finish(shared)
    return folder


def pack(folder: Path) -> bytes:
    out = BytesIO()
    assert pack_folder(NewFolder(folder), out) == len(out.getvalue())
    return out.getvalue()


def test_the_same_parts_give_the_same_bytes_and_any_program_unpacks_them(
    tmp_path: Path,
) -> None:
    case = make_case()
    whole = pack(case.write(tmp_path / "a"))
    assert pack(case.write(tmp_path / "b")) == whole
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        archive.extractall(tmp_path / "c")
    unpacked = tmp_path / "c"
    message = unpacked / "messages" / MESSAGE_ID
    assert (message / "envelope.bin").read_bytes() == case.dispute.sealed.raw
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "MANIFEST.sha256"],  # noqa: S607 - as the page in it says
        cwd=unpacked,
        check=False,
    )
    assert done.returncode == 0
    listed = (unpacked / "MANIFEST.sha256").read_text().splitlines()
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert len(listed) == len(files) - 1


def test_folder_and_file_show_the_same(tmp_path: Path) -> None:
    case = make_case()
    keys = trusted(tmp_path, case.dispute.cards)
    folder = case.write(tmp_path / "case")
    (tmp_path / "case.zip").write_bytes(pack(folder))
    shown = [
        verify_path(tmp_path / name, VerifyOptions(keys=keys)).render()
        for name in ("case", "case.zip")
    ]
    assert shown[0] == shown[1]
    assert "RESULT       VERIFIED" in shown[0]


def test_the_page_in_a_bundle_names_messages_and_fingerprints(tmp_path: Path) -> None:
    case = make_case()
    text = (case.write(tmp_path / "case") / "README.txt").read_text()
    assert f"{MESSAGE_ID}  {case.dispute.sealed.digest}" in text
    assert f"{SECOND_ID}  erased, its proofs remain" in text
    for maker in (case.dispute.ee, case.dispute.pt):
        assert maker.root.fingerprint[-4:] in text


def test_without_a_manifest_there_is_no_plaintext_in_a_bundle(tmp_path: Path) -> None:
    folder = write(tmp_path / "new", DELIVERED.message(*PROOFS))
    assert not list(folder.rglob("manifest.json"))
    text = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"msg_type" not in text
    assert b"ekspertiis" not in text


def test_a_held_message_has_no_bundle(tmp_path: Path, dispute: Dispute) -> None:
    held = dispute.entry(dispute.ee, "hold", "msg.hold")
    with pytest.raises(ConflictError, match="not sealed yet"):
        write(tmp_path / "new", dispute.message(held, envelope=b""))


def test_a_message_is_written_once(tmp_path: Path) -> None:
    parts = DELIVERED.message(*PROOFS)
    with pytest.raises(ConflictError):
        write(tmp_path / "new", parts, parts)


def test_only_the_manifest_that_the_sender_logged_goes_in(
    tmp_path: Path,
    dispute: Dispute,
) -> None:
    other = content_of(seal_message())
    with pytest.raises(UsageError, match="did not log"):
        write(tmp_path / "a", dispute.message(dispute.origin(), content=other))
    with pytest.raises(UsageError, match="did not log"):
        write(tmp_path / "b", dispute.message(content=dispute.content))


def test_the_manifest_of_an_earlier_sealing_does_not_go_in(
    tmp_path: Path,
    dispute: Dispute,
) -> None:
    earlier = seal_message(kem="retired")
    first = dispute.origin(dig=earlier.digest, man=earlier.content_digest)
    parts = dispute.message(first, dispute.origin(), content=content_of(earlier))
    with pytest.raises(UsageError, match="did not log"):
        write(tmp_path / "new", parts)


def test_of_an_erased_message_the_manifest_can_still_be_compared(
    tmp_path: Path,
    dispute: Dispute,
) -> None:
    parts = dispute.message(dispute.origin(), envelope=b"", content=dispute.content)
    folder = write(tmp_path / "new", parts, shared=dispute.shared())
    keys = trusted(tmp_path, dispute.cards)
    report = verify_path(folder, VerifyOptions(keys=keys))
    assert "MANIFEST     manifest.json is what the sender logged" in report.render()


@pytest.mark.parametrize("name", ["../up.tlog-proof", "x", "", "a/b.tlog-proof"])
def test_a_file_that_no_bundle_has_is_not_written(tmp_path: Path, name: str) -> None:
    proofs = {name: next(iter(PROOFS[0].values()))}
    with pytest.raises(MalformedError):
        write(tmp_path / "new", DELIVERED.message(proofs))
    assert not list((tmp_path / "new").rglob("up*"))


@pytest.mark.parametrize("name", ["../up", "x.txt", "a/b.conflict"])
def test_no_other_file_lies_beside_messages(tmp_path: Path, name: str) -> None:
    shared = replace(SHARED, conflicts={name: b"x"})
    with pytest.raises(MalformedError):
        write(tmp_path / "new", DELIVERED.message(*PROOFS), shared=shared)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ConflictError):
        make_case().write(tmp_path)


def test_a_bundle_without_its_list_is_unfinished(tmp_path: Path) -> None:
    case = make_case()
    folder = case.write(tmp_path / "case")
    (folder / "MANIFEST.sha256").unlink()
    keys = trusted(tmp_path, case.dispute.cards)
    report = verify_path(folder, VerifyOptions(keys=keys))
    assert (report.exit_code, report.lines[-1].code) == (7, "not-found")
    shutil.rmtree(folder)
