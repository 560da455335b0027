"""One message: facts, what happened to it, its proofs and its files."""

from gateway.admin.guard_shapes import ReaderList
from gateway.admin.shapes import Message, Receipts, Timeline
from gateway.admin.verification_shapes import Verification
from gateway.console.page import Download, Outcome, View
from gateway.console.visit import Visit
from gateway.core.errors import GatewayError, NotFoundError
from gateway.mla.codelists import code_list


async def message(visit: Visit) -> Outcome:
    """Show everything about a message but its content."""
    return View(template="messages/message.html", values=await facts_of(visit))


async def facts_of(visit: Visit) -> dict[str, object]:
    """Return what the page of a message shows, opened or not.

    Raises:
        GatewayError: There is no such message, or none for the caller.
    """
    found = await visit.ask(Message, "show_message")
    purposes = code_list("PURPOSE")
    verification = None
    if found.attachments and visit.may("verification"):
        verification = await visit.ask(Verification, "verification")
    return {
        "message": found,
        "timeline": await visit.ask(Timeline, "timeline"),
        "receipts": await visit.ask(Receipts, "receipts"),
        "verification": verification,
        "readers": await _readers(visit, found),
        "purposes": [
            (code, purposes.label(code, visit.speech.language.value))
            for code in purposes.rows
        ],
        "opened": None,
    }


async def receipt(visit: Visit) -> Outcome:
    """Give one proof of a message as a file.

    Raises:
        NotFoundError: There is no such proof.
    """
    receipts = await visit.ask(
        Receipts, "receipts", segments={"id": visit.segments["id"]}
    )
    for one in receipts.items:
        if one.name == visit.segments["name"]:
            return Download(
                content=one.proof.encode(), media_type="text/plain", name=one.name
            )
    raise NotFoundError("receipt: there is no such proof")


async def _readers(visit: Visit, found: Message) -> ReaderList | None:
    """Return who is named for the case, where the caller may know that."""
    if not found.case or not visit.may("list_readers"):
        return None
    try:
        return await visit.ask(
            ReaderList, "list_readers", segments={"case": found.case}
        )
    except GatewayError:
        return None
