"""Printing a message for a person: an opening like any other, made into pages."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import parse_leaf
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.note import parse_note
from gateway.core.values import MessageId, format_time
from gateway.flows.exchange import Exchange
from gateway.flows.open import Open, Plaintext
from gateway.flows.own_log import entries_about
from gateway.mla.page_words import wording
from gateway.mla.printing import printed_form
from gateway.mla.problems import text_at
from gateway.mla.purposes import OWN_USE, Use
from gateway.mla.wording import Language
from gateway.ports.messages import OUR_ROLES, Box, MessageRow, ProofRole, StoredProof
from gateway.ports.printing import Paper, Printer, Proven

_ACCESS = "access"


class PrintMessage:
    """Prints messages of both boxes."""

    def __init__(self, exchange: Exchange, open_: Open, printer: Printer) -> None:
        self._exchange = exchange
        self._open = open_
        self._printer = printer

    async def pdf(
        self,
        message_id: MessageId,
        act: Act,
        language: Language,
        use: Use = OWN_USE,
    ) -> bytes:
        """Log a person's access, then return the message as an accessible PDF.

        Its last page holds what both logs show of the way of the message.

        Raises:
            UsageError: No purpose is stated, or it is over 500 characters.
            NotFoundError: No such message.
            ConflictError: Quarantined or erased.
            CannotOpenError: The stored bytes are not what the log says.
            CannotPrintError: This installation cannot print it.
        """
        opened = await self._open.open(message_id, act, use, is_copy=True)
        row = await self._exchange.store.message(message_id)
        proven = await self._proven(row, opened.access_index)
        paper = Paper(
            form=printed_form(opened.message, language),
            author=text_at(opened.message, "/from/authority_id") or opened.peer,
            reference=message_id,
            facts=self._facts(row, opened, act, language),
            proven=proven,
        )
        return await self._printer.pdf(paper)

    def _facts(
        self, row: MessageRow, opened: Plaintext, act: Act, language: Language
    ) -> Sequence[tuple[str, str]]:
        facts = {
            "message": opened.id,
            "state": row.state.value,
            "envelope": row.digest,
            "content": row.content_digest,
            "printed_for": act.on_behalf_of or act.actor,
            "purpose": act.purpose,
            "printed_at": format_time(self._exchange.clock.now()),
        }
        return [(wording(key, language), told) for key, told in facts.items() if told]

    async def _proven(self, row: MessageRow, access_index: int) -> list[Proven]:
        """Return what both logs hold of a message, in the order in which it was."""
        ours = await self._our_entries(row, access_index)
        theirs = [_of_peer(one) for one in await self._exchange.store.proofs(row.id)]
        return sorted((*ours, *theirs), key=lambda one: one.at)

    async def _our_entries(self, row: MessageRow, access_index: int) -> list[Proven]:
        checkpoints = self._exchange.checkpoints
        entries = await entries_about(self._exchange.store, row.id)
        size = (await checkpoints.for_our_people(entries[-1].index + 1)).size
        found: list[Proven] = []
        for entry in entries:
            shows = _shown(row.box, entry.kind, is_now=entry.index == access_index)
            # One opening is told, the first; later ones are of nobody's concern here.
            if not shows or not entry.data or shows in {one.shows for one in found}:
                continue
            leaf = parse_leaf(entry.data, log=checkpoints.origin)
            if "res" not in leaf.fields or row.box is Box.OUT:
                at = format_time(leaf.at)
                found.append(Proven(shows, checkpoints.origin, entry.index, at, size))
        return found


def _shown(box: Box, kind: str, *, is_now: bool) -> str:
    """Return what an entry of ours shows; empty where it is not for the page."""
    role = OUR_ROLES.get((box, kind))
    if is_now and role is not ProofRole.OPENING:
        return _ACCESS
    return role.value if role else ""


def _of_peer(stored: StoredProof) -> Proven:
    leaf = parse_leaf(stored.proof.leaf, log=stored.origin)
    tree = parse_checkpoint(parse_note(stored.checkpoint_note).text)
    return Proven(
        stored.role.value,
        stored.origin,
        stored.proof.index,
        format_time(leaf.at),
        tree.size,
    )
