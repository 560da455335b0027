"""Methods of results of checks (port `FindingStore`)."""

from gateway.core.values import MessageId, UnixMs
from gateway.ports.evidence import AttachmentState
from gateway.ports.findings import KeptFinding
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import findings


class FindingMethods(StoreMethods):
    """What looking at evidence files has shown."""

    async def record_finding(
        self,
        message_id: MessageId,
        state: AttachmentState,
        finding: KeptFinding,
        *,
        is_faulty: bool = False,
    ) -> None:
        """Record what a file turned out to be."""
        await self._runner.write(
            lambda tx: findings.record_finding(
                tx, message_id, state, finding, is_faulty=is_faulty
            )
        )

    async def has_opened(
        self, message_id: MessageId, account: str, now: UnixMs
    ) -> bool:
        """Tell whether an account has opened a message and may fetch its files."""
        return await self._runner.read(
            lambda tx: findings.has_opened(tx, message_id, account, now)
        )

    async def findings(self, message_id: MessageId) -> list[KeptFinding]:
        """Return what is known of the files of a message, in their order."""
        return await self._runner.read(lambda tx: findings.findings(tx, message_id))
