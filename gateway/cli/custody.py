"""The report of custody of a message: what is asked for, and what is written."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.cli.dispute import ask
from gateway.cli.invocation import Invocation

if TYPE_CHECKING:
    from gateway.admin.opening_shapes import Opened
    from gateway.admin.shapes import Timeline
    from gateway.admin.verification_shapes import (
        FileVerification,
        SignatureShown,
        Verification,
    )
    from gateway.core.canonical import JsonObject
    from gateway.mla.custody_report import CustodyReport, FileCheck, NodeStep
    from gateway.verifier.files import NewFolder

_PROOFS = "proofs"


def proofs_of(invocation: Invocation, message_id: str) -> dict[str, str]:
    """Return every proof there is of a message, by file name."""
    return {
        proof.name: proof.proof
        for part in ask(invocation, message_id, 0)
        for proof in (*part.proofs, *part.entries)
    }


def custody_report(
    invocation: Invocation, opened: "Opened", *, purpose: str, proofs: dict[str, str]
) -> "CustodyReport":
    """Return the report of a message that was just opened."""
    from gateway.client.calls import own_card, timeline
    from gateway.client.verification_calls import verification
    from gateway.core import canonical
    from gateway.mla.custody_report import CustodyReport, items_of

    told = invocation.send(timeline(opened.id))
    steps = tuple(_steps(told, proofs))
    document: JsonObject = canonical.convert(opened.message, dict)
    files = tuple(_files(opened, invocation.send(verification(opened.id))))
    return CustodyReport(
        node=invocation.send(own_card()).authority,
        made_at=next((step.at for step in steps if step.index == opened.index), ""),
        purpose=purpose,
        access_index=opened.index,
        message_id=opened.id,
        box=opened.box,
        peer=opened.peer,
        document=document,
        items=items_of(document, files),
        steps=steps,
    )


def _files(opened: "Opened", known: "Verification") -> "Iterator[FileCheck]":
    from gateway.mla.custody_report import FileCheck

    checks = {one.aid: one for one in known.files}
    for file in opened.attachments:
        check = checks.get(file.aid)
        yield FileCheck(
            name=file.name,
            size=file.size,
            sha256=file.sha256,
            state=check.state if check else file.state,
            checked_at=check.checked_at if check else "",
            faults=check.faults if check else (),
            signatures=tuple(_signatures(check)) if check else (),
        )


def _signatures(check: "FileVerification") -> Iterator[str]:
    return map(signature_text, check.signatures)


def signature_text(signature: "SignatureShown") -> str:
    """Return a signature as a line: what it is, who made it, and what holds."""
    parts: list[str] = [signature.kind, signature.result]
    if signature.reason:
        parts.append(f"({signature.reason})")
    if signature.signer:
        parts.append(f"by {signature.signer}")
    if signature.signed_at:
        parts.append(f"at {signature.signed_at} (as the signer says)")
    if signature.certificate:
        parts.append(f"certificate SHA-256 {signature.certificate}")
        parts.append("revocation not checked")
    return ", ".join(parts).replace(", (", " (")


def _steps(told: "Timeline", proofs: dict[str, str]) -> "Iterator[NodeStep]":
    from gateway.mla.custody_report import NodeStep

    for step in told.steps:
        ends = f"-{step.index}.tlog-proof"
        names = [name for name in proofs if name.endswith(ends)]
        yield NodeStep(
            index=step.index,
            at=step.at,
            kind=step.kind,
            detail=step.result,
            told=", ".join(f"{name}: {text}" for name, text in step.disclosed.items()),
            proof=f"{_PROOFS}/{names[0]}" if names else "",
        )


def write_report(
    report: "CustodyReport", folder: "NewFolder", language: str, proofs: dict[str, str]
) -> None:
    """Write a report in all its forms, and the proofs of the entries that it names."""
    from gateway.core import canonical
    from gateway.mla.case_uco import case_graph
    from gateway.mla.custody_html import custody_page
    from gateway.mla.custody_report import hash_list, json_text

    folder.write("custody.json", json_text(report))
    folder.write("custody.jsonld", canonical.encode(case_graph(report)) + b"\n")
    folder.write("custody.html", custody_page(report, language).encode())
    folder.write("hashes.txt", hash_list(report).encode())
    for name, proof in sorted(proofs.items()):
        folder.write(f"{_PROOFS}/{name}", proof.encode())
