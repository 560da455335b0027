"""Methods of restrictions, named readers and origins (port `GuardStore`)."""

from collections.abc import Collection

from gateway.core.entries.disclosures import Act
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.guarding import CaseReader, ItemOrigin, Restriction
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import guarding
from gateway.storage.transaction import Reader


class GuardMethods(StoreMethods):
    """Keeping what stands between content and people."""

    async def restriction(
        self, message_id: MessageId, peer: AuthorityId
    ) -> Restriction | None:
        """Return the restriction of a message of a peer, if it is restricted."""

        def look(tx: Reader) -> Restriction | None:
            found = tx.restriction(message_id)
            return found if found and found.peer == peer else None

        return await self._runner.read(look)

    async def case_readers(self, case_id: str) -> list[CaseReader]:
        """Return who is named for a case, by name."""
        return await self._runner.read(lambda tx: tx.case_readers(case_id))

    async def grant_reader(
        self, case_id: str, name: str, act: Act, now: UnixMs
    ) -> CaseReader:
        """Name somebody for a case; repeating is harmless."""
        return await self._runner.write(
            lambda tx: guarding.grant(tx, case_id, name, act, now)
        )

    async def revoke_reader(
        self, case_id: str, name: str, act: Act, now: UnixMs
    ) -> None:
        """Take somebody off the list of a case."""
        await self._runner.write(
            lambda tx: guarding.revoke(tx, case_id, name, act, now)
        )

    async def origins(
        self, tags: Collection[bytes], item_ids: Collection[str], limit: int
    ) -> list[ItemOrigin]:
        """Return received items with these tags or ids, newest first."""
        return await self._runner.read(
            lambda tx: guarding.origins(tx, tags, item_ids, limit)
        )
