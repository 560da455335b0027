"""Opening a message: with a purpose, logged first, shown once and kept nowhere."""

from gateway.admin.opening_shapes import Opened, Originals
from gateway.admin.shapes import Message
from gateway.console.handlers.message import facts_of
from gateway.console.page import Download, Outcome, View
from gateway.console.visit import Visit
from gateway.core import canonical
from gateway.mla.printing import printed_form

_FIELDS = ("purpose", "purpose_code", "case_number")


async def opened(visit: Visit) -> Outcome:
    """Open a message and show it by the declaration of its type."""
    content = await visit.ask(Opened, "open_message", body=visit.form.given(*_FIELDS))
    values = await facts_of(visit)
    raw = canonical.encode(content.message)
    document = canonical.parse_object(raw, max_bytes=len(raw))
    sheet = printed_form(document, visit.speech.language)
    return View(
        template="messages/opened.html",
        values={
            **values,
            "opened": content,
            "sheet": sheet,
            "purpose": visit.form.text("purpose"),
            "purpose_code": visit.form.text("purpose_code"),
            "case_number": visit.form.text("case_number"),
        },
    )


async def printed(visit: Visit) -> Outcome:
    """Give a message as an accessible PDF in the reader's language."""
    body = visit.form.given(*_FIELDS) | {"language": visit.speech.language.value}
    content = await visit.file("print_message", body=body)
    name = f"{visit.segments['id']}.pdf"
    return Download(content=content, media_type="application/pdf", name=name)


async def originals(visit: Visit) -> Outcome:
    """Show what the redacted copies of a message were made of."""
    found = await visit.ask(
        Originals, "open_originals", body=visit.form.given(*_FIELDS)
    )
    return View(
        template="messages/originals.html",
        values={
            "message": await visit.ask(Message, "show_message"),
            "originals": found,
        },
    )


async def attachment(visit: Visit) -> Outcome:
    """Give an evidence file of a message that the caller has opened."""
    return await _file(visit, "fetch_attachment")


async def original(visit: Visit) -> Outcome:
    """Give an original that the caller has opened."""
    return await _file(visit, "fetch_original")


async def _file(visit: Visit, operation: str) -> Download:
    # Its name comes with the form: it is content, and so in no address and no log.
    content = await visit.file(operation)
    name = visit.form.text("name") or visit.segments["aid"]
    return Download(content=content, media_type="application/octet-stream", name=name)
