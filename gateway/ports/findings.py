"""What looking at evidence files has shown, kept with their messages.

Only codes and digests are in it, nothing of what a file says. The names of those who
signed are sealed apart.
"""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.values import MessageId, UnixMs
from gateway.ports.evidence import AttachmentState


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """The result for one file.

    Attributes:
        aid: The file.
        at: When it was looked at.
        report: Canonical JSON of `gateway.mla.findings.FileFindings`.
        signers: Names of who signed, sealed to ourselves; empty if nobody did.
    """

    aid: str
    at: UnixMs
    report: bytes = field(repr=False)
    signers: bytes = field(default=b"", repr=False)


class FindingStore(Protocol):
    """Results of looking at evidence. Each method is one transaction."""

    async def record_finding(
        self,
        message_id: MessageId,
        state: AttachmentState,
        finding: KeptFinding,
        *,
        is_faulty: bool = False,
    ) -> None:
        """Record what a file turned out to be, in place of what was known of it.

        If something speaks against a file that was received, an alarm is raised, one
        a message.

        Raises:
            NotFoundError: No such message or attachment.
        """
        ...

    async def has_opened(
        self, message_id: MessageId, account: str, now: UnixMs
    ) -> bool:
        """Tell whether an account has opened a message and may fetch its files."""
        ...

    async def findings(self, message_id: MessageId) -> list[KeptFinding]:
        """Return what is known of the files of a message, in their order.

        Files that were not looked at yet are left out.

        Raises:
            NotFoundError: No such message.
        """
        ...
