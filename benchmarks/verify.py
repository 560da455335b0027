"""What checking a long log costs: time, and memory of all processes together.

Builds a log with the kinds of entries and the layout that an export has, then lets the
command check it as anybody would.

    python -m benchmarks.verify --entries 1000000
    python -m benchmarks.verify --entries 1000000 --one-file dist/mla-verify.pyz

Prints one JSON object a line. The log lies in memory (`/dev/shm`) unless `--folder`
says otherwise, takes about 450 bytes an entry, and is deleted afterwards.
"""

import argparse
import base64
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf, chain_hash
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import leaf_hash, root_of
from gateway.core.translog.note import VerifierKey
from gateway.core.values import UnixMs, new_uuid7
from gateway.verifier.export import ExportEntry, export_log

MIB = 1024 * 1024
_ORIGIN = "moj.ee/audit/1"
_START = UnixMs(1_790_000_000_000)
_EVERY_MS = 2_000
_SAMPLES_A_S = 20

_Step: TypeAlias = tuple[str, JsonObject, tuple[Disclosure, ...]]
"""Kind, fields and disclosures of an entry."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What one run of a verifier took.

    Attributes:
        peak_rss_mib: Of all its processes together.
        text: What it says of the entries.
    """

    by: str
    seconds: float
    cpu_seconds: float
    peak_rss_mib: float
    result: str
    text: str


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm"))  # noqa: S108
    parser.add_argument("--one-file", type=Path, help="measure this verifier, too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        began = time.monotonic()
        exported = build(Path(place), asked.entries)
        took = round(time.monotonic() - began, 1)
        _tell("built", seconds=took, entries=asked.entries)
        _tell("verified", **asdict(verify(exported)))
        if asked.one_file:
            _tell("verified", **asdict(verify(exported, asked.one_file)))


def build(place: Path, entries: int) -> Sequence[str]:
    """Export a log of so many entries; return the arguments that verify it."""
    folder, keys = place / "log", place / "keys"
    source = _Log(entries)
    export_log(source, folder)
    keys.write_text("".join(f"{key.to_text()}\n" for key in source.signer.keys))
    return [str(folder), "--keys", str(keys), "--json"]


def verify(exported: Sequence[str], one_file: Path | None = None) -> Verified:
    """Let the command, or the verifier of one file, check an exported log."""
    program = [str(one_file)] if one_file else ["-m", "gateway", "verify"]
    began = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(  # noqa: S603 - the command under measurement
        [sys.executable, *program, *exported],
        stdout=subprocess.PIPE,
    )
    with ThreadPoolExecutor(1) as pool:
        output = pool.submit(process.communicate)
        peak = 0
        while not output.done():
            peak = max(peak, _tree_bytes(process.pid))
            time.sleep(1 / _SAMPLES_A_S)
        report = json.loads(output.result()[0])
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Verified(
        by=program[-1],
        seconds=round(seconds, 2),
        cpu_seconds=round(_cpu_seconds(used) - _cpu_seconds(before), 1),
        peak_rss_mib=round(peak / MIB, 1),
        result=report["result"],
        text=next(one["text"] for one in report["lines"] if one["code"] == "entries"),
    )


def _cpu_seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def _tree_bytes(root: int) -> int:
    """Return the memory in RAM of a process and all that descend from it.

    What processes share is counted for each of them, so this is the most it can be.
    """
    parents, sizes = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(
                line.split(":\t", 1) for line in status.read_text().splitlines()
            )
        except (OSError, ValueError):
            continue  # it has ended
        pid = int(fields["Pid"])
        parents[pid] = int(fields["PPid"])
        sizes[pid] = int(fields.get("VmRSS", "0 kB").split()[0]) * 1024
    return sum(size for pid, size in sizes.items() if _descends(pid, root, parents))


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != root:
        pid = parents[pid]
    return pid == root


def _tell(what: str, **figures: object) -> None:
    print(json.dumps({"what": what, **figures}), flush=True)


class _Log:
    """A log in memory, made of the entries that messages leave behind."""

    def __init__(self, count: int) -> None:
        self._entries = list(_entries(count))
        self._hashes = list(map(leaf_hash, self._entries))
        self.signer = LogSigner(_ORIGIN, ed25519_seed=bytes(32), ml_dsa_seed=bytes(32))

    def keys(self) -> Sequence[VerifierKey]:
        """Return the public keys of the log."""
        return self.signer.keys

    def earlier_checkpoints(self) -> Iterator[bytes]:
        """Yield signed notes of ten smaller trees."""
        for tenth in range(1, 10):
            yield self._note(len(self._entries) * tenth // 10)

    def checkpoint(self) -> bytes:
        """Return the signed note of the whole log."""
        return self._note(len(self._entries))

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        """Return entries from `start` on."""
        return [ExportEntry(raw) for raw in self._entries[start : start + limit]]

    def _note(self, size: int) -> bytes:
        root = root_of(self._hashes[:size])
        return self.signer.sign(Checkpoint(_ORIGIN, size, root))


def _entries(count: int) -> Iterator[bytes]:
    """Yield the chained entries of a node that sends, receives and reads messages."""
    prev, drafts = FIRST_PREV, _drafts()
    for index in range(count):
        draft = next(drafts)
        raw, _ = build_leaf(
            draft,
            log=_ORIGIN,
            index=index,
            prev=prev,
            previous_at=draft.at,
        )
        prev = chain_hash(raw)
        yield raw


def _drafts() -> Iterator[EntryDraft]:
    at, number = _START, 0
    while True:
        number += 1
        for kind, fields, disclosures in _steps(new_uuid7(at), number):
            at = UnixMs(at + _EVERY_MS)
            yield EntryDraft(kind, at, fields, disclosures)


def _steps(message: str, number: int) -> tuple[_Step, ...]:
    """Return what one message leaves in a log."""
    act = Act("e.tamm", "officer", "case handling", case="2026-118").disclosures()
    root = base64.b64encode(bytes(32)).decode()
    of_message: JsonObject = {"m": message, "peer": "pgr.pt"}
    of_ours: JsonObject = {"m": message, "ref": number}
    digest: JsonObject = {"dig": "5a" * 32}
    link: JsonObject = {"cp": {"o": "pgr.pt/audit/1", "n": 4_711, "r": root}}
    sealed: JsonObject = {**of_message, **digest, "man": "5b" * 32, "seq": number}
    return (
        ("msg.send", sealed, ()),
        ("msg.deliver", {**of_message, **link, "ref": number}, ()),
        ("msg.opened", {**of_message, **link, "ref": number}, ()),
        ("msg.receive", {**of_message, **digest}, ()),
        ("msg.check", of_ours, act[:1]),
        ("msg.access", of_ours, act),
        ("msg.confirm", of_message, ()),
        ("msg.list", {"count": 20}, act[:2]),
        ("wit.cosign", {**link, "peer": "pgr.pt"}, ()),
    )


if __name__ == "__main__":
    main()
