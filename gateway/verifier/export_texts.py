"""The texts of an exported folder: keys, policy, and how to check it."""

from collections.abc import Mapping, Sequence

from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.note import KeyType, VerifierKey
from gateway.verifier.trust import key_label

_WARNING = (
    "Compare with keys you obtained elsewhere: whoever could forge this folder could "
    "write their own keys here."
)


_WHOLE = """\
  tile/entries/N[.p/W]    the entries: 2 bytes of length, then the entry, 256 a file
  tile/LEVEL/N[.p/W]      the hash tree over them"""
_SELECTED = """\
  proofs/INDEX.tlog-proof chosen entries of this log, with their place in the tree
  receipts/               entries of other logs about the same messages, likewise
                          (no other entry is in here, nor what is in one)"""
_WHOLE_CHECK = """\
Hashes every entry anew, follows the chain, rebuilds the tree, checks both
   signatures, and that every earlier head is a beginning of this log."""
_SELECTED_CHECK = """\
Checks that each entry stands in the tree under a head with both signatures,
   and that the heads are of one log."""
_WHOLE_TOOL = """\
Any tlog-tiles tool, such as fsck of github.com/transparency-dev/tessera, with
   {}
   Rebuilds the tree and checks the Ed25519 signature. Expected: no error."""
_SELECTED_TOOL = """\
Any reader of c2sp.org/tlog-proof files, with the Ed25519 key in keys.txt and, as
   the entry, the base64 after "extra"."""


def _pruned_text(pruned: int) -> str:
    if not pruned:
        return ""
    return f"""
Of the first {pruned} entries only the hashes are left: what they said was deleted when
it was due. The tree, and every proof of an entry, stays as it was.
"""


def keys_text(origin: str, keys: Sequence[VerifierKey]) -> bytes:
    """Return the file of vkeys, one a line."""
    lines = [f"# Keys of the log {origin}.", f"# {_WARNING}"]
    lines += [key.to_text() for key in keys]
    return _text(lines)


def policy_text(
    origin: str,
    keys: Sequence[VerifierKey],
    *,
    witnesses: Mapping[str, Sequence[str]] | None = None,
    quorum: int = 0,
) -> bytes:
    """Return a policy (c2sp.org/tlog-policy) that believes this log.

    Args:
        origin: The log.
        keys: Its keys.
        witnesses: Vkeys of those that are asked to cosign it, by name.
        quorum: How many of them the log's owner demands.
    """
    asked = {name: vkeys for name, vkeys in (witnesses or {}).items() if vkeys}
    demanded = f"{quorum} of {len(asked)}" if asked and quorum else "no"
    lines = [f"# The log {origin}; {demanded} witnesses are demanded.", f"# {_WARNING}"]
    lines += [f"log {key.to_text()}" for key in keys]
    for number, (name, vkeys) in enumerate(sorted(asked.items()), start=1):
        # Whatever number of keys a witness has, it counts once.
        members = [f"w{number}-{place}" for place, _ in enumerate(vkeys, start=1)]
        lines.append(f"# {name}")
        lines += [
            f"witness {member} {vkey}"
            for member, vkey in zip(members, vkeys, strict=True)
        ]
        lines.append(f"group w{number} any {' '.join(members)}")
    if not 1 <= quorum <= len(asked):
        return _text([*lines, "quorum none"])
    groups = " ".join(f"w{number}" for number in range(1, len(asked) + 1))
    return _text([*lines, f"group quorum {quorum} {groups}", "quorum quorum"])


def readme_text(
    checkpoint: Checkpoint,
    keys: Sequence[VerifierKey],
    *,
    pruned: int = 0,
    is_selection: bool = False,
) -> bytes:
    """Return what somebody needs who holds nothing but the folder.

    Args:
        checkpoint: What is exported.
        keys: Of the log.
        pruned: Entries of which only the hash is left.
        is_selection: The folder holds chosen entries with their proofs, no others.
    """
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
  checkpoint              the signed head of the log, with its witnesses' signatures
  checkpoints/SIZE        heads signed earlier
  consistency/M-N.txt     proof that the log at size N begins with that at size M
{_SELECTED if is_selection else _WHOLE}
  disclosures/INDEX.jsonl what some entries disclose: base64url of [salt, name, value]
  history/, cards/        what the authority's root has stated: its keys, also former
  tsa/SIZE.body, .tsr     time stamps (RFC 3161) over heads, if there are any
  conflicts/              proof that somebody's log contradicts itself, if there is any
  keys.txt, policy        keys of the log, as c2sp.org/signed-note and tlog-policy
  MANIFEST.sha256         digests of all files; without it the folder is unfinished

How to check it, with three different programs
1. mla-gateway verify THIS-FOLDER --keys KEYS-YOU-COMPARED
   or the one-file verifier, mla-verify.pyz, which takes the same words.
   {_SELECTED_CHECK if is_selection else _WHOLE_CHECK}
   Add --seen FILE for each head or receipt of this log that you hold yourself.
   Expected at the end: RESULT VERIFIED, and what was not shown.
2. sha256sum --check --quiet MANIFEST.sha256
   Expected: nothing. Finds files damaged on the way. It finds no forgery.
3. {_SELECTED_TOOL if is_selection else _WHOLE_TOOL.format(ed25519)}
{_pruned_text(pruned)}
By hand: the leaf hash of an entry is SHA-256 over a zero byte and the entry, as in
   (printf '\\0'; cat ENTRY) | sha256sum
and stands as "prev" in the entry that follows.

What no check of this folder can show: that everything that happened was logged, or
that what was logged is true.
""".encode()


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
