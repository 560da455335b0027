"""The page in a dispute bundle for somebody who holds nothing but the bundle."""

from collections.abc import Sequence

from gateway.core.envelope import ParsedEnvelope
from gateway.core.identity import VerifiedCard
from gateway.core.values import format_time
from gateway.verifier.trust import one_line

_CONTENT = """
  manifest.json           what was sealed: message, names and digests of attachments
"""
_SEALED_ONLY = """
  (no manifest.json: what is inside stays sealed)
"""


def readme_text(
    envelope: ParsedEnvelope,
    cards: Sequence[VerifiedCard],
    *,
    has_content: bool,
) -> bytes:
    """Return how to check a bundle, and what no check of it can show."""
    header = envelope.header
    fingerprints = "\n".join(
        f"  {card.authority}  {one_line(card.fingerprint)}" for card in cards
    )
    keys = f"--keys {header.sender}.card --keys {header.addressee}.card"
    content = (_CONTENT if has_content else _SEALED_ONLY).strip("\n")
    return f"""\
Evidence about message {header.id}
from {header.sender} to {header.addressee}, sealed {format_time(header.created)}
digest of the sealed message {envelope.digest}

COMPARE THE FINGERPRINTS FIRST, with each authority, by telephone or on paper:
{fingerprints}
The cards in this bundle prove nothing by themselves: whoever could forge the bundle
could put their own cards in. Check with copies that you have compared.

What is in here
  envelope.bin            the sealed message, as it went over the line
{content}
  proofs/NAME.tlog-proof  entries of the two audit logs about it (c2sp.org/tlog-proof):
                          origin, receipt, refusal, opening, expiry, cancellation
  cards/AUTHORITY.card    the authorities' cards, as the maker of the bundle had them
  enrolment.json          who compared the other side's fingerprint, how and when, as
                          the maker of the bundle tells it, if it is a peer still
  MANIFEST.sha256         digests of all files

How to check it
1. mla-gateway verify THIS-FILE {keys}
   with cards that you have compared. Verifies every proof, and that all of them speak
   of this one message. Add --attachments FOLDER to compare the files of evidence that
   manifest.json names. Give it the ZIP file as it is; one that was packed again by
   another program is refused.
2. sha256sum --check --quiet MANIFEST.sha256
   in the unpacked folder. Finds files damaged on the way. It finds no forgery.
3. By hand: the entry in a proof is the base64 after "extra", as in
   grep ^extra proofs/FILE | cut -d ' ' -f 2 | base64 -d
   Its "dig" is the sha256sum of envelope.bin, its "man" that of manifest.json.

What it shows: that the sender committed itself to this sealed message and to the
digest of its content; if the proofs are there, that the recipient had it, refused it,
or opened it for a person; each at the time that the clock of the log's owner said.

What no check of it shows: that the recipient read it; that what was written is true;
that the clocks were right; that the rest of the logs holds; and, without the key of
the message, that the sealed message holds the manifest that its sender logged.
""".encode()
