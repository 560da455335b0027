"""What a forger does to an exported log, with as much made to fit as he can."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.entries.leaf import EntryDraft, build_leaf, chain_hash
from gateway.core.translog.checkpoint import (
    Ed25519Cosigner,
    MlDsaCosigner,
    parse_checkpoint,
)
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.merkle import consistency_proof, inclusion_path, leaf_hash
from gateway.core.translog.note import Note, NoteSignature, parse_note
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.core.translog.readers import MemoryTree
from gateway.core.translog.tiles import encode_bundle
from gateway.verifier.export import ExportEntry
from tests.support.cards import seed
from tests.support.exports import (
    ORIGIN,
    Case,
    ListSource,
    leaves,
    relist,
    signer_of,
)
from tests.support.logs import NOW

COSIGNED_S = 1_790_000_000


@dataclass(frozen=True)
class Witness:
    """A witness with a key of each type."""

    name: str

    @property
    def ed25519(self) -> Ed25519Cosigner:
        """Its Ed25519 key."""
        return Ed25519Cosigner(self.name, seed(f"{self.name} ed25519"))

    @property
    def ml_dsa(self) -> MlDsaCosigner:
        """Its ML-DSA key."""
        return MlDsaCosigner(self.name, seed(f"{self.name} ml-dsa"))

    def lines(self, note: bytes, time_s: int = COSIGNED_S) -> list[NoteSignature]:
        """Return the cosignatures of a note with both keys."""
        head = parse_checkpoint(parse_note(note).text)
        return [
            self.ed25519.cosign(head, time_s=time_s),
            self.ml_dsa.cosign(head, time_s=time_s),
        ]


WITNESSES = [Witness(f"{name}/witness") for name in ("moj.de", "moj.it", "moj.nl")]


def cosigned(note: bytes, *lines: NoteSignature) -> bytes:
    """Return a note with further lines."""
    parsed = parse_note(note)
    return Note(parsed.text, (*parsed.signatures, *lines)).to_bytes()


def policy_of(needed: int, witnesses: Sequence[Witness] = WITNESSES) -> bytes:
    """Return a policy in which each witness counts once."""
    lines = [f"log {key.to_text()}" for key in signer_of(ORIGIN).keys]
    names = []
    for witness in witnesses:
        name = witness.name.split("/", 1)[0]
        names.append(name)
        lines += [
            f"witness {name}-ed {witness.ed25519.key.to_text()}",
            f"witness {name}-pq {witness.ml_dsa.key.to_text()}",
            f"group {name} any {name}-ed {name}-pq",
        ]
    lines += [f"group q {needed} {' '.join(names)}", "quorum q"]
    return "".join(f"{line}\n" for line in lines).encode()


def put(case: Case, name: str, content: bytes) -> None:
    """Write a file into the folder, and list all anew."""
    path = case.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    relist(case.folder)


def drop(case: Case, *names: str) -> None:
    """Delete files from the folder, and list the others anew."""
    for name in names:
        path = case.folder / name
        for file in sorted(path.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        path.rmdir() if path.is_dir() else path.unlink()
    relist(case.folder)


def put_entries(case: Case, entries: Sequence[ExportEntry], *, tile: bool) -> None:
    """Write the first bundle anew, and the tile beside it if it shall fit."""
    data = [entry.data for entry in entries[:256]]
    put(case, "tile/entries/000", encode_bundle(data))
    if tile:
        put(case, "tile/0/000", b"".join(map(leaf_hash, data)))


def put_head(case: Case, change: Callable[[Note], Note], name: str = "") -> None:
    """Change the signed head of the folder."""
    path = case.folder / (name or "checkpoint")
    put(case, name or "checkpoint", change(parse_note(path.read_bytes())).to_bytes())


def pruned_source(count: int, minimum: int) -> ListSource:
    """Return a log whose last entry says that those below a minimum are let go of."""
    entries = leaves(count - 1)
    raw, _ = build_leaf(
        EntryDraft("log.prune", NOW, {"min": minimum, "basis": "retention"}),
        log=ORIGIN,
        index=count - 1,
        prev=chain_hash(entries[-1].data),
        previous_at=NOW,
    )
    return ListSource([*entries, ExportEntry(raw)])


def proof_of(
    source: ListSource,
    index: int,
    *,
    size: int = 0,
    note: bytes = b"",
) -> bytes:
    """Return the proof file of an entry under the head of a size, or a given note."""
    size = size or len(source.items)
    tree = MemoryTree([leaf_hash(entry.data) for entry in source.items[:size]])
    path = inclusion_path(index, size, tree)
    leaf = source.items[index].data
    return encode_log_proof(LogProof(index, path, note or source.note(size), leaf))


def consistency_of(source: ListSource, old: int, new: int) -> bytes:
    """Return the file of the proof that one head follows from the other."""
    tree = MemoryTree([leaf_hash(entry.data) for entry in source.items[:new]])
    hashes = consistency_proof(old, new, tree)
    return "".join(f"{encode_base64(one)}\n" for one in hashes).encode()


def held(case: Case, name: str, content: bytes) -> list[Path]:
    """Return what somebody else holds, as the option takes it."""
    return [case.file(name, content)]
