"""The page in a dispute bundle for somebody who holds nothing but the bundle."""

from collections.abc import Sequence

from gateway.core.identity import VerifiedCard
from gateway.verifier.trust import one_line

_MAX_MESSAGES = 50


def readme_text(
    messages: Sequence[tuple[str, str]],
    cards: Sequence[VerifiedCard],
) -> bytes:
    """Return how to check a bundle, and what no check of it can show.

    Args:
        messages: Id of each, and digest of the sealed message or empty.
        cards: Of both sides, as far as they are at hand.
    """
    shown = [_message_line(*one) for one in messages[:_MAX_MESSAGES]]
    if len(messages) > _MAX_MESSAGES:
        shown.append(f"  and {len(messages) - _MAX_MESSAGES} more, see messages/")
    fingerprints = "\n".join(
        f"  {card.authority}  {one_line(card.fingerprint)}" for card in cards
    )
    keys = " ".join(f"--keys {card.authority}.card" for card in cards)
    return f"""\
Evidence about {len(messages)} message{"s" * (len(messages) != 1)}, id and SHA-256:
{chr(10).join(shown)}

COMPARE THE FINGERPRINTS FIRST, with each authority, by telephone or on paper:
{fingerprints}
The cards in this bundle prove nothing by themselves: whoever could forge the bundle
could put their own cards in. Check with copies that you have compared.

What is in here; "our" is the authority that made the bundle
  messages/ID/envelope.bin   the sealed message, as it went over the line; not there
                             if the message was erased
  messages/ID/manifest.json  what was sealed: message, names and digests of
                             attachments; not there if what is inside is to stay sealed
  messages/ID/proofs/NAME.tlog-proof
                             entries of the two audit logs about it, one each
                             (c2sp.org/tlog-proof): origin, receipt, refusal, opening,
                             expiry, cancellation, then every other entry in our log:
                             access (who read it), check, export, erase and so on
  messages/ID/disclosures/N.jsonl
                             what entry N of our log discloses: who, in which role, why
  checkpoint                 the newest head of our log that witnesses were asked to
                             sign, with their signatures
  consistency/M-N.txt        proof that our log at size N begins with that at size M
  held/checkpoint            the newest head of the other side's log that we hold
  cards/AUTHORITY.card       the authorities' cards, as we had them
  history/AUTHORITY/N.tlog-proof
                             earlier statements of an authority's root: its former keys
  enrolment.json             who of us compared the other side's fingerprint, how and
                             when, as we tell it, if it is a peer still
  checkpoints/N, tsa/N.body, tsa/N.tsr
                             a head of our log and a time stamp over it (RFC 3161)
  conflicts/                 proof that a log contradicts itself, if there is any
  MANIFEST.sha256            digests of all files

How to check it, with three different programs
1. mla-gateway verify THIS-FILE {keys}
   with cards that you have compared; or the one-file verifier, mla-verify.pyz, which
   takes the same words. Verifies every proof, and that the proofs of a message all
   speak of that message. Expected at the end: RESULT VERIFIED, and what was not shown.
   Add --attachments FOLDER to compare the files of evidence that manifest.json names.
   Give it a ZIP file as it is; one that another program has packed again is refused.
2. sha256sum --check --quiet MANIFEST.sha256
   in the folder. Expected: nothing. Finds files damaged on the way, but no forgery.
3. By hand: the entry in a proof is the base64 after "extra", as in
   grep ^extra FILE.tlog-proof | cut -d ' ' -f 2 | base64 -d
   Its "dig" is the sha256sum of envelope.bin, its "man" that of manifest.json. A string
   in disclosures/ has the digest that stands in "sd":
   printf %s STRING | openssl dgst -sha256 -binary | basenc --base64url | tr -d =

What it shows: that the sender committed itself to a sealed message and to the digest
of its content; if the proofs are there, that the recipient had it, refused it, or
opened it for a person; each at the time that the clock of the log's owner said, and
before the times at which witnesses signed.

What no check of it shows: that the recipient read it; that what was written is true;
that the clocks were right; that the rest of the logs holds, or that everything was
logged; and, without the key of a message, that the sealed message holds the manifest
that its sender logged.
""".encode()


def _message_line(message_id: str, digest: str) -> str:
    return f"  {message_id}  {digest or 'erased, its proofs remain'}"
