"""Our log as the admin API gives it, on its way into a record of processing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gateway.cli.invocation import Invocation
from gateway.cli.log_source import own_keys

if TYPE_CHECKING:
    from gateway.admin.supervision_shapes import BeginExportRequest, BegunExport
    from gateway.mla.processing import ProcessingRecord
    from gateway.verifier.export import Exported
    from gateway.verifier.led_export import LedWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class LedFilter:
    """What the records are limited to; empty leaves a field open.

    Attributes:
        messages: Ids of the messages that name a person.
    """

    case: str = ""
    actor: str = ""
    messages: Collection[str] = ()

    def takes(self, record: "ProcessingRecord") -> bool:
        """Tell whether a record is one of these."""
        return (
            self.actor in {"", record.actor}
            and self.case in {"", record.fields.get("case_id", "")}
            and (not self.messages or record.msg_id in self.messages)
        )

    @property
    def words(self) -> str:
        """What is said of it in the log: no case number stands there in the clear."""
        told = [
            "one case" if self.case else "",
            f"actor {self.actor}" if self.actor else "",
            f"{len(self.messages)} message(s) of a person" if self.messages else "",
        ]
        return ", ".join(filter(None, told))


def export_led(
    invocation: Invocation,
    folder: Path,
    request: "BeginExportRequest",
    wanted: LedFilter,
) -> "Exported":
    """Write the records of a period with the proof of each entry.

    Raises:
        VerificationError: There is none.
        GatewayError: The node refused, or the folder can't be written.
    """
    from gateway.client.calls import log_tile
    from gateway.client.supervision_calls import begin_led_export
    from gateway.verifier.led_export import LedWriter

    if wanted.case:
        # Entries name their message always, the case only when it was known by then.
        wanted = _by_messages(invocation, wanted)
    begun = invocation.send(begin_led_export(request))
    writer = LedWriter(
        folder,
        begun.note.encode(),
        lambda tile: invocation.send(log_tile(tile.path())),
    )
    _add_all(invocation, writer, begun, wanted.takes)
    return writer.finish(own_keys(invocation))


def _by_messages(invocation: Invocation, wanted: LedFilter) -> LedFilter:
    from gateway.cli.dispute import messages_of_case

    found = messages_of_case(invocation, wanted.case)
    kept = set(found) & set(wanted.messages) if wanted.messages else set(found)
    return LedFilter(actor=wanted.actor, messages=frozenset(kept))


def _add_all(
    invocation: Invocation,
    writer: "LedWriter",
    begun: "BegunExport",
    takes: Callable[["ProcessingRecord"], bool],
) -> None:
    from gateway.admin.node_shapes import EntriesQuery
    from gateway.admin.shapes import MAX_PAGE
    from gateway.client.calls import log_entries
    from gateway.core.values import parse_time
    from gateway.mla.processing import record_of

    at = begun.start
    while at < begun.end:
        limit = min(MAX_PAGE, begun.end - at)
        page = invocation.send(log_entries(EntriesQuery(start=at, limit=limit)))
        for entry in page.items:
            if not entry.leaf:
                continue
            record = record_of(
                msgspec.json.decode(entry.leaf),
                entry.disclosed,
                at_ms=parse_time(entry.at),
                entry_hash=entry.leaf_hash,
            )
            if takes(record):
                writer.add(record, entry.leaf.encode(), entry.disclosures)
        at = page.next
