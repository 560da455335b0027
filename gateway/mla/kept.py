"""What is known of a message that is kept, as the rules of retention see it."""

from dataclasses import dataclass, field

from gateway.core.canonical import JsonObject
from gateway.core.values import UnixMs
from gateway.mla.problems import text_at


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message of a case.

    Attributes:
        is_ours: We wrote it; else the other side did.
        state: Its state of delivery, as lists show it.
        at: When we accepted or received it.
        entry: Its docket entry.
    """

    id: str
    is_ours: bool
    state: str
    at: UnixMs
    entry: JsonObject = field(repr=False)

    @property
    def msg_type(self) -> str:
        """Its type; empty of one that this version does not know."""
        return text_at(self.entry, "/msg_type") or ""


@dataclass(frozen=True, slots=True)
class Triggered:
    """That time is counted for some messages.

    Attributes:
        since: From when on.
        ids: Which messages, oldest first; never none.
    """

    since: UnixMs
    ids: tuple[str, ...]
