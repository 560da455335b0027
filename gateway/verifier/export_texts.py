"""The texts of an exported folder: keys, policy, and how to check it."""

from collections.abc import Sequence

from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.note import KeyType, VerifierKey
from gateway.verifier.trust import key_label

_WARNING = (
    "Compare with keys you obtained elsewhere: whoever could forge this folder could "
    "write their own keys here."
)


def keys_text(origin: str, keys: Sequence[VerifierKey]) -> bytes:
    """Return the file of vkeys, one a line."""
    lines = [f"# Keys of the log {origin}.", f"# {_WARNING}"]
    lines += [key.to_text() for key in keys]
    return _text(lines)


def policy_text(origin: str, keys: Sequence[VerifierKey]) -> bytes:
    """Return a policy (c2sp.org/tlog-policy) that believes this log."""
    lines = [f"# The log {origin}; no witnesses are demanded.", f"# {_WARNING}"]
    lines += [f"log {key.to_text()}" for key in keys]
    lines.append("quorum none")
    return _text(lines)


def readme_text(checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> bytes:
    """Return what somebody needs who holds nothing but the folder."""
    labels = ", ".join(map(key_label, keys))
    ed25519 = next(
        (key.to_text() for key in keys if key.key_type is KeyType.ED25519),
        "the Ed25519 key",
    )
    return f"""\
A copy of the audit log {checkpoint.origin}
{checkpoint.size} entries, root {encode_base64(checkpoint.root)}
keys {labels}

COMPARE THE KEYS FIRST. keys.txt and policy are part of this folder: whoever could
forge the folder could write their own keys there. Take the authority's card or keys
from your own files, or compare the fingerprint with the authority by telephone.

What is in here (formats: c2sp.org/tlog-tiles, tlog-checkpoint, signed-note)
  checkpoint              the signed head of the log
  checkpoints/SIZE        heads signed earlier
  tile/entries/N[.p/W]    the entries: 2 bytes of length, then the entry, 256 a file
  tile/LEVEL/N[.p/W]      the hash tree over them
  disclosures/INDEX.jsonl what some entries disclose: base64url of [salt, name, value]
  keys.txt, policy        keys of the log, as c2sp.org/signed-note and tlog-policy
  MANIFEST.sha256         digests of all files

How to check it, with three different programs
1. mla-gateway verify THIS-FOLDER --keys KEYS-YOU-COMPARED
   Hashes every entry anew, follows the chain, rebuilds the tree, checks both
   signatures, and that every earlier head is a beginning of this log. Add
   --seen FILE for each head or receipt of this log that you hold yourself.
2. sha256sum --check --quiet MANIFEST.sha256
   Finds files damaged on the way. It finds no forgery.
3. Any tlog-tiles tool, such as fsck of github.com/transparency-dev/tessera, with
   {ed25519}
   Rebuilds the tree and checks the Ed25519 signature.

By hand: the leaf hash of an entry is SHA-256 over a zero byte and the entry, as in
   (printf '\\0'; cat ENTRY) | sha256sum
and stands as "prev" in the entry that follows.

What no check of this folder can show: that everything that happened was logged, or
that what was logged is true.
""".encode()


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
