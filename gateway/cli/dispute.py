"""Fetching a dispute bundle from the node, message by message, into a folder."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.files import read_input
from gateway.cli.invocation import Invocation
from gateway.core.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from gateway.admin.evidence_shapes import EvidenceParts
    from gateway.verifier.bundle import EnrolmentRecord
    from gateway.verifier.bundle_writer import MessageParts, SharedParts
    from gateway.verifier.files import NewFolder


@dataclass(slots=True)
class Bundled:
    """What was put into a bundle.

    Attributes:
        ids: Of the messages, in order.
        proofs: Number of proofs.
        disclosures: Number of entries whose disclosures are in it.
        manifests: Number of manifests, which are plaintext.
        files: Number of files.
    """

    ids: list[str] = field(default_factory=list)
    proofs: int = 0
    disclosures: int = 0
    manifests: int = 0
    files: int = 0


def messages_of_case(invocation: Invocation, case: str) -> list[str]:
    """Return the ids of all messages of a case, of both boxes, oldest first.

    Raises:
        NotFoundError: There are none.
        UsageError: They were exchanged with more than one peer.
    """
    from gateway.admin.shapes import MAX_PAGE, MessageQuery
    from gateway.client.calls import list_messages

    ids: list[str] = []
    peers: set[str] = set()
    query = MessageQuery(case=case, limit=MAX_PAGE)
    while True:
        page = invocation.send(list_messages(query))
        ids += [one.id for one in page.items]
        peers |= {one.peer for one in page.items}
        if not page.next:
            break
        query = MessageQuery(case=case, limit=MAX_PAGE, cursor=page.next)
    if not ids:
        raise NotFoundError(f"case {case}: no message of it is known here")
    if len(peers) > 1:
        raise UsageError(
            f"case {case}: exchanged with {' and '.join(sorted(peers))}; a bundle is "
            "between two sides, so name the messages instead",
        )
    return ids[::-1]


def read_manifests(paths: Sequence[Path]) -> dict[str, Path]:
    """Return manifests by the id of the message that each belongs to.

    Raises:
        UsageError: One is empty, or two are of one message.
        MalformedError: One is not a manifest.
    """
    from gateway.core.envelope import parse_manifest

    found: dict[str, Path] = {}
    for path in paths:
        message_id = parse_manifest(_read_manifest(path)).id
        if message_id in found:
            raise UsageError(f"--manifest {path}: of the same message as another one")
        found[message_id] = path
    return found


def _read_manifest(path: Path) -> bytes:
    from gateway.core.limits import MAX_MANIFEST_BYTES

    raw = read_input(path, max_bytes=MAX_MANIFEST_BYTES)
    if not raw:
        raise UsageError(f"--manifest {path}: is empty")
    return raw


def write_bundle(
    invocation: Invocation,
    ids: Sequence[str],
    folder: "NewFolder",
    *,
    manifests: Mapping[str, Path],
    progress: Callable[[int], None] = lambda _: None,
) -> Bundled:
    """Write the bundle of some messages, one at a time.

    Raises:
        UsageError: A manifest is of none of the messages, or not what was sent.
        GatewayError: The node refused, or gave what can't be evidence.
    """
    from gateway.verifier.bundle_writer import BundleWriter, SharedParts

    for other in manifests.keys() - set(ids):
        raise UsageError(f"--manifest {manifests[other]}: of message {other}")
    writer, done = BundleWriter(folder), Bundled()
    shared = SharedParts(cards=())
    head = 0
    for message_id in ids:
        answers = list(ask(invocation, message_id, head))
        head = answers[0].head_size
        path = manifests.get(message_id)
        parts = message_parts(answers, b"" if path is None else _read_manifest(path))
        writer.add_message(parts)
        shared = merge_shared(shared, answers)
        done.ids.append(parts.id)
        done.proofs += len(parts.proofs)
        done.disclosures += len(parts.disclosures)
        done.manifests += bool(parts.content)
        progress(len(done.ids))
    done.files = writer.finish(shared)
    return done


def ask(
    invocation: Invocation,
    message_id: str,
    head: int,
) -> "Iterator[EvidenceParts]":
    """Yield the answers about a message, all linked to one head of the log."""
    from gateway.admin.evidence_shapes import EvidenceQuery
    from gateway.client.calls import evidence

    start: int | None = 0
    while start is not None:
        query = EvidenceQuery(start=start, head=head)
        found = invocation.send(evidence(message_id, query))
        head, start = found.head_size, found.next
        yield found


def message_parts(
    answers: "Sequence[EvidenceParts]",
    content: bytes,
) -> "MessageParts":
    """Return what the node answered about a message as a part of a bundle.

    Raises:
        MalformedError: The node names no message where it should.
    """
    from gateway.core.values import parse_message_id
    from gateway.verifier.bundle_writer import MessageParts

    first = answers[0]
    return MessageParts(
        id=parse_message_id(first.id),
        envelope=base64.b64decode(first.envelope),
        proofs={
            proof.name: proof.proof.encode()
            for found in answers
            for proof in (*found.proofs, *found.entries)
        },
        disclosures={
            one.index: one.disclosures for found in answers for one in found.disclosures
        },
        content=content,
    )


def merge_shared(
    shared: "SharedParts",
    answers: "Sequence[EvidenceParts]",
) -> "SharedParts":
    """Return what messages share, with what the answers about one more of them add.

    Raises:
        MalformedError: The node names no authority, digest or time where it should.
    """
    from gateway.core.values import parse_authority_id

    first = answers[0]
    return replace(
        shared,
        cards=shared.cards or [base64.b64decode(one.card) for one in first.cards],
        enrolment=shared.enrolment or _enrolment_of(first),
        head=first.head.encode(),
        held=first.held.encode(),
        links={
            **shared.links,
            **{
                (one.old, one.new): [base64.b64decode(text) for text in one.hashes]
                for found in answers
                for one in found.links
            },
        },
        history={
            **shared.history,
            **{
                (parse_authority_id(one.authority), one.number): one.proof.encode()
                for one in first.history
            },
        },
        heads={
            **shared.heads,
            **{one.size: one.note.encode() for found in answers for one in found.heads},
        },
        stamps={
            **shared.stamps,
            **{
                one.size: (one.text.encode(), base64.b64decode(one.response))
                for found in answers
                for one in found.stamps
            },
        },
        conflicts={
            **shared.conflicts,
            **{one.name: base64.b64decode(one.content) for one in first.conflicts},
        },
    )


def _enrolment_of(found: "EvidenceParts") -> "EnrolmentRecord | None":
    from gateway.core.values import parse_authority_id, parse_digest, parse_time
    from gateway.verifier.bundle import EnrolmentRecord

    told = found.enrolment
    if told is None:
        return None
    return EnrolmentRecord(
        peer=parse_authority_id(found.peer),
        fingerprint=parse_digest(told.fingerprint),
        compared_by=told.compared_by,
        compared_how=told.compared_how,
        compared_at=parse_time(told.compared_at),
    )
