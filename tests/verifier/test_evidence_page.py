"""The scripts in the page for a court, run as they stand there."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.core.translog.merkle import inclusion_path, leaf_hash
from gateway.core.translog.proof import LogProof, encode_log_proof, parse_log_proof
from gateway.core.translog.readers import MemoryTree
from gateway.verifier.export import export_log
from tests.support.bundles import MESSAGE_ID
from tests.support.disputes import make_case
from tests.support.exports import ListSource, leaves

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
RECEIPT = "receipt-pgr.pt-audit-1-1.tlog-proof"


def script(language: str, name: str) -> str:
    """Return the one script of a language in the page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert f"# {name}" in found
    return str(found)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the page's own scripts
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An expert's desk: the scripts, a bundle and an exported log."""
    place = tmp_path_factory.mktemp("desk")
    (place / "by-hand.py").write_text(script("python", "by-hand.py"))
    (place / "check-head.sh").write_text(script("sh", "check-head.sh"))
    make_case().write(place / "bundle")
    export_log(ListSource(leaves(300)), place / "log")
    return place


def by_hand(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(place, sys.executable, "-I", "by-hand.py", *words)


def test_by_hand_every_entry_of_the_bundle_leads_to_its_head(place: Path) -> None:
    proofs = sorted(place.glob("bundle/messages/*/proofs/*"))
    assert len(proofs) == 8
    for proof in proofs:
        done = by_hand(place, str(proof))
        assert done.stdout.endswith("\nAGREES\n"), done.stderr


@pytest.mark.parametrize("index", [0, 1, 127, 254, 255, 256, 290, 299])
def test_by_hand_entries_at_every_edge_of_a_tree_lead_to_the_root(
    place: Path,
    index: int,
) -> None:
    source = ListSource(leaves(300))
    tree = MemoryTree([leaf_hash(item.data) for item in source.items])
    path = inclusion_path(index, 300, tree)
    data = source.items[index].data
    proof = LogProof(index, path, source.checkpoint(), data)
    (place / "one.tlog-proof").write_bytes(encode_log_proof(proof))
    assert by_hand(place, "one.tlog-proof").stdout.endswith("\nAGREES\n")
    wrong = LogProof((index + 1) % 300, path, source.checkpoint(), data)
    (place / "one.tlog-proof").write_bytes(encode_log_proof(wrong))
    assert by_hand(place, "one.tlog-proof").stdout.endswith("\nDOES NOT AGREE\n")


def test_by_hand_the_envelope_and_the_manifest_are_those_that_entries_name(
    place: Path,
) -> None:
    message = f"bundle/messages/{MESSAGE_ID}"
    receipt = f"{message}/proofs/{RECEIPT}"
    origin = f"{message}/proofs/origin-moj.ee-audit-1-1.tlog-proof"
    for proof, file, agrees in (
        (receipt, "envelope.bin", True),
        (origin, "envelope.bin", True),
        (origin, "manifest.json", True),
        (receipt, "manifest.json", False),
    ):
        done = by_hand(place, proof, f"{message}/{file}")
        said = "\nAGREES\n" if agrees else "\nDOES NOT AGREE\n"
        assert done.stdout.endswith(said)


def test_by_hand_a_changed_entry_does_not_agree(place: Path) -> None:
    raw = (place / f"bundle/messages/{MESSAGE_ID}/proofs/{RECEIPT}").read_bytes()
    entry = parse_log_proof(raw).extra
    assert entry is not None
    spoiled = entry.replace(b"2026-09-21", b"2026-09-20")
    changed = raw.replace(base64.b64encode(entry), base64.b64encode(spoiled))
    (place / "changed.tlog-proof").write_bytes(changed)
    assert by_hand(place, "changed.tlog-proof").stdout.endswith("\nDOES NOT AGREE\n")


def test_openssl_verifies_a_head_and_refuses_a_changed_one(place: Path) -> None:
    done = run(place, "sh", "check-head.sh", "log/checkpoint", "log/keys.txt")
    assert "Signature Verified Successfully" in done.stdout, done.stderr
    checkpoint = (place / "log/checkpoint").read_bytes()
    (place / "shorter").write_bytes(checkpoint.replace(b"\n300\n", b"\n299\n"))
    done = run(place, "sh", "check-head.sh", "shorter", "log/keys.txt")
    assert done.returncode != 0
    assert "Signature Verification Failure" in done.stdout


def test_openssl_finds_the_digest_of_a_disclosure_in_its_entry(place: Path) -> None:
    message = place / f"bundle/messages/{MESSAGE_ID}"
    name = "opening-pgr.pt-audit-1-3.tlog-proof"
    leaf = parse_log_proof((message / "proofs" / name).read_bytes()).extra
    assert leaf is not None
    (line,) = re.findall(r"\$ (printf %s STRING .*)", PAGE.read_text())
    lines = (message / "disclosures/3.jsonl").read_text().splitlines()
    for text in lines:
        done = run(place, "sh", "-c", line.replace("STRING", text))
        assert done.stdout.strip().encode() in leaf
