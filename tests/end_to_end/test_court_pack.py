"""The opposing expert: with the pack alone she verifies, then tries to cheat.

She has a Python with `cryptography`, the fingerprints that were read out to her, and an
empty folder. What she makes of copies has to be named by what the verifier says.
"""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import parse_leaf
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.note import VerifierKey, parse_note, parse_vkey
from gateway.core.translog.proof import encode_log_proof, parse_log_proof
from gateway.core.translog.tiles import Bundle, decode_bundle, encode_bundle
from gateway.demo.court import make_pack
from gateway.verifier.export import ExportEntry, export_log
from standalone.build import build
from tests.support.cards import log_signer
from tests.support.exports import ListSource, relist

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

EE, PT = "moj.ee", "pgr.pt"


@dataclass(frozen=True)
class Desk:
    """Her desk: the pack, and the verifier that she runs.

    Attributes:
        place: A folder that holds the pack and nothing else.
    """

    place: Path

    def verify(self, what: str, *words: str) -> JsonObject:
        """Run the verifier on something of the pack; return its report."""
        done = subprocess.run(  # noqa: S603 - the verifier of the pack
            [sys.executable, "-I", "mla-verify.pyz", what, *words, "--json"],
            cwd=self.place,
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert isinstance(report, dict)
        assert report["exit_code"] == done.returncode
        return report

    def keys(self) -> tuple[str, ...]:
        """Return the option for the cards whose fingerprints were compared."""
        cards = (f"cards/{EE}.card", f"cards/{PT}.card")
        return tuple(word for card in cards for word in ("--keys", card))

    def copy(self, name: str, new: str) -> Path:
        """Return a copy of a folder of the pack, to be changed."""
        return Path(shutil.copytree(self.place / name, self.place / new))

    def unpacked(self, new: str) -> Path:
        """Return the bundle that is a ZIP file as a folder, to be changed."""
        with zipfile.ZipFile(self.place / f"bundle-{EE}.zip") as packed:
            packed.extractall(self.place / new)
        return self.place / new


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    place = tmp_path_factory.mktemp("court")
    verifier = place / "mla-verify.pyz"
    verifier.write_bytes(build())
    make_pack(place / "pack", verifier=verifier)
    verifier.unlink()
    return Desk(place / "pack")


def lines(report: JsonObject, **wanted: str) -> list[dict[str, str]]:
    """Return the lines of a report that have these values."""
    found = report["lines"]
    assert isinstance(found, list)
    texts = [
        {name: str(value) for name, value in line.items()}
        for line in found
        if isinstance(line, dict)
    ]
    return [line for line in texts if wanted.items() <= line.items()]


def texts(report: JsonObject, subject: str) -> str:
    """Return all that a report says on a subject."""
    return "\n".join(line["text"] for line in lines(report, subject=subject))


def failed(report: JsonObject) -> list[str]:
    """Return what failed, as `SUBJECT code`."""
    return [
        f"{line['subject']} {line['code']}" for line in lines(report, outcome="failed")
    ]


# --- she verifies alone ---


def test_the_cards_have_the_fingerprints_that_were_read_out(desk: Desk) -> None:
    told = (desk.place / "fingerprints.txt").read_text().splitlines()
    assert len(told) == 2
    for line in told:
        name, _, fingerprint = line.partition("  ")
        report = desk.verify(f"cards/{name}.card", "--fingerprint", fingerprint)
        assert report["result"] == "ok"


def test_both_bundles_verify_and_tell_who_read_what_and_why(desk: Desk) -> None:
    for bundle in (f"bundle-{EE}.zip", f"bundle-{PT}"):
        report = desk.verify(bundle, *desk.keys())
        assert report["result"] == "ok", failed(report)
        assert len(lines(report, subject="MESSAGE")) == 6
        for subject in ("ORIGIN", "RECEIPT", "OPENING"):
            assert len(lines(report, subject=subject, outcome="ok")) == 6
        told = texts(report, "DISCLOSED")
        assert 'purpose="preparing the answer"' in told
        assert lines(report, subject="COVERED")
        # Of the three statements of one side the last names other keys than the first.
        assert len(lines(report, subject="HISTORY", outcome="ok")) == 4
        assert len(lines(report, code="retired-key")) == 2
        assert lines(report, subject="ENROLMENT", outcome="info")


def test_of_an_erased_case_the_readers_are_shown_and_its_number_is_not(
    desk: Desk,
) -> None:
    kept = desk.verify(f"bundle-{EE}.zip", *desk.keys())
    erased = desk.verify(f"bundle-{PT}", *desk.keys())
    case = re.findall(r'case="([^"]+)"', texts(kept, "DISCLOSED"))[0]
    assert not list((desk.place / f"bundle-{PT}").rglob("envelope.bin"))
    assert len(lines(erased, subject="ENVELOPE", code="erased")) == 6
    assert len(lines(erased, subject="ERASE", outcome="ok")) == 6
    assert 'actor="admin"' in texts(erased, "DISCLOSED")
    assert "1 more erased or withheld" in texts(erased, "DISCLOSED")
    assert case not in texts(erased, "DISCLOSED")


def test_both_logs_verify_and_each_has_seen_the_other(desk: Desk) -> None:
    for name, other in ((EE, PT), (PT, EE)):
        held = f"bundle-{other}/held/checkpoint"
        seen = ("--seen", held) if (desk.place / held).exists() else ()
        report = desk.verify(f"log-{name}", *desk.keys(), *seen)
        assert report["result"] == "ok", failed(report)
        (witnesses,) = lines(report, subject="WITNESSES")
        assert f"{other}/witness" in witnesses["text"]


def test_with_a_policy_of_her_own_the_other_side_must_have_cosigned(
    desk: Desk,
) -> None:
    shutil.copy(desk.place / f"log-{EE}" / "policy", desk.place / "policy")
    text = (desk.place / "policy").read_text()
    demanding = text.replace("quorum none", "quorum w1")
    (desk.place / "policy").write_text(demanding)
    words = ("--policy", "policy", *desk.keys())
    assert desk.verify(f"log-{EE}", *words)["result"] == "ok"


# --- she cheats; each time it is named ---


def entries_of(log: Path) -> list[bytes]:
    """Return the entries of an exported log that fits into one file."""
    size = parse_checkpoint(parse_note((log / "checkpoint").read_bytes()).text).size
    bundle = Bundle(0, size)
    return list(decode_bundle((log / bundle.path()).read_bytes(), size))


def edit_entry(desk: Desk) -> JsonObject:
    """Change the time of an entry in the middle of the log."""
    log = desk.copy(f"log-{EE}", "edited")
    entries = entries_of(log)
    entries[9] = entries[9].replace(b'"t":"2', b'"t":"1')
    (log / Bundle(0, len(entries)).path()).write_bytes(encode_bundle(entries))
    relist(log)
    return desk.verify("edited", *desk.keys())


def drop_end(desk: Desk) -> JsonObject:
    """Cut the end of the log off, back to a head that was really signed."""
    log = desk.place / f"log-{EE}"
    sizes = sorted(int(path.name) for path in (log / "checkpoints").iterdir())
    note = (log / "checkpoints" / str(sizes[-1])).read_bytes()
    entries = [ExportEntry(raw) for raw in entries_of(log)[: sizes[-1]]]
    keys = [
        parse_vkey(line)
        for line in (log / "keys.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    source = _Real(entries, note, keys)
    export_log(source, desk.place / "shorter")
    held = f"bundle-{PT}/held/checkpoint"
    return desk.verify("shorter", *desk.keys(), "--seen", held)


@dataclass
class _Real:
    """A log that ends at a head that was really signed."""

    items: list[ExportEntry]
    note: bytes
    vkeys: list[VerifierKey]

    def keys(self) -> list[VerifierKey]:
        return self.vkeys

    def checkpoint(self) -> bytes:
        return self.note

    def earlier_checkpoints(self) -> list[bytes]:
        return []

    def entries(self, start: int, limit: int) -> list[ExportEntry]:
        return self.items[start : start + limit]


def second_log(desk: Desk) -> JsonObject:
    """Write a log of one's own choice, and sign it with keys of one's own."""
    origin = f"{EE}/audit/1"
    entries = [ExportEntry(raw) for raw in entries_of(desk.place / f"log-{EE}")[:5]]
    source = ListSource(entries, signer=log_signer(origin, "forger"))
    export_log(source, desk.place / "forged")
    return desk.verify("forged", *desk.keys())


def exchange_envelopes(desk: Desk) -> JsonObject:
    """Put the sealed message of one under the proofs of another."""
    bundle = desk.unpacked("exchanged")
    first, second, *_ = sorted(bundle.glob("messages/*/envelope.bin"))
    first.write_bytes(second.read_bytes())
    relist(bundle)
    return desk.verify("exchanged", *desk.keys())


def backdate_receipt(desk: Desk) -> JsonObject:
    """Let a receipt say that the message came a year earlier."""
    bundle = desk.copy(f"bundle-{PT}", "backdated")
    path = next(iter(sorted(bundle.glob("messages/*/proofs/receipt-pgr*"))))
    proof = parse_log_proof(path.read_bytes())
    assert proof.extra is not None
    leaf = parse_leaf(proof.extra, log=f"{PT}/audit/1")
    year = proof.extra[proof.extra.index(b'"t":"') + 5 :][:4]
    earlier = str(int(year) - 1).encode()
    changed = proof.extra.replace(b'"t":"' + year, b'"t":"' + earlier)
    assert leaf.raw != changed
    forged = type(proof)(proof.index, proof.path, proof.checkpoint_note, changed)
    path.write_bytes(encode_log_proof(forged))
    relist(bundle)
    return desk.verify("backdated", *desk.keys())


def other_reader(desk: Desk) -> JsonObject:
    """Let another person have read it: a disclosure made up."""
    bundle = desk.copy(f"bundle-{PT}", "reader")
    path = next(iter(sorted(bundle.glob("messages/*/disclosures/*.jsonl"))))
    path.write_text('"WyJzYWx0c2FsdHNhbHRzYWx0IiwiYWN0b3IiLCJzb21lYm9keSJd"\n')
    relist(bundle)
    return desk.verify("reader", *desk.keys())


def other_content(desk: Desk) -> JsonObject:
    """Change what was sealed, and pack the bundle as the gateway does."""
    bundle = desk.unpacked("content")
    path = next(iter(sorted(bundle.glob("messages/*/manifest.json"))))
    text = path.read_text()
    assert '"urgency":"' in text
    path.write_text(text.replace('"urgency":"', '"urgencx":"', 1))
    relist(bundle)
    return desk.verify("content", *desk.keys())


def repack(desk: Desk) -> JsonObject:
    """Pack the bundle again with another program."""
    source, target = desk.place / f"bundle-{EE}.zip", desk.place / "repacked.zip"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return desk.verify("repacked.zip", *desk.keys())


def other_card(desk: Desk) -> JsonObject:
    """Put the card of one side in place of the other's."""
    bundle = desk.copy(f"bundle-{PT}", "cards-exchanged")
    shutil.copy(bundle / f"cards/{PT}.card", bundle / f"cards/{EE}.card")
    relist(bundle)
    return desk.verify("cards-exchanged", *desk.keys())


def cut_link(desk: Desk) -> JsonObject:
    """Give another proof that the log only grew."""
    bundle = desk.copy(f"bundle-{PT}", "link")
    path = next(iter(sorted((bundle / "consistency").iterdir())))
    hashes = path.read_text().splitlines()
    path.write_text("".join(f"{one}\n" for one in reversed(hashes[:1] * 2 + hashes)))
    relist(bundle)
    return desk.verify("link", *desk.keys())


def move_opening(desk: Desk) -> JsonObject:
    """Let the opening of one message be that of another."""
    bundle = desk.copy(f"bundle-{PT}", "opening")
    first, second, *_ = sorted(bundle.glob("messages/*/proofs/opening-pgr*"))
    shutil.move(first, second.parent / first.name)
    relist(bundle)
    return desk.verify("opening", *desk.keys())


def damage(desk: Desk) -> JsonObject:
    """Change one bit of one file and leave the list as it is."""
    bundle = desk.copy(f"bundle-{PT}", "damaged")
    path = bundle / "enrolment.json"
    path.write_bytes(path.read_bytes().replace(b"telephone", b"televhone"))
    return desk.verify("damaged", *desk.keys())


CHEATS: dict[str, tuple[Callable[[Desk], JsonObject], str]] = {
    "edit an entry": (edit_entry, "ENTRY 9 entry-hash"),
    "drop the end": (drop_end, "SEEN rollback"),
    "a log of one's own": (second_log, "CHECKPOINT no-configured-key"),
    "exchange envelopes": (exchange_envelopes, "MESSAGE message-folder"),
    "backdate a receipt": (backdate_receipt, "log-proof-invalid"),
    "another reader": (other_reader, "DISCLOSED disclosure"),
    "another content": (other_content, "MANIFEST digest-differs"),
    "pack it again": (repack, "FILES malformed"),
    "another card": (other_card, "CARD other-card"),
    "another link": (cut_link, "APPEND-ONLY log-proof-invalid"),
    "move an opening": (move_opening, "OPENING other-message"),
    "damage a file": (damage, "FILES malformed"),
}


@pytest.fixture(scope="module")
def tried(desk: Desk) -> Iterator[Mapping[str, Future[JsonObject]]]:
    """Give what the verifier said to each; two are tried at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield {what: pool.submit(cheat, desk) for what, (cheat, _) in CHEATS.items()}


@pytest.mark.parametrize("what", CHEATS)
def test_every_manipulation_is_named(
    tried: Mapping[str, Future[JsonObject]],
    what: str,
) -> None:
    report, (_, named) = tried[what].result(), CHEATS[what]
    assert report["result"] == "failed"
    assert any(named in found for found in failed(report)), failed(report)


def test_what_is_left_out_is_told_as_not_shown(desk: Desk) -> None:
    bundle = desk.copy(f"bundle-{PT}", "without")
    for path in bundle.glob("messages/*/proofs/receipt-*"):
        path.unlink()
    relist(bundle)
    report = desk.verify("without", *desk.keys())
    assert "that the recipient had it" in str(report["not_shown"])
    assert report["result"] == "incomplete"
