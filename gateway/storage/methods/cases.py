"""The port `gateway.ports.cases.CaseStore`."""

from gateway.ports.cases import CaseFilter, CaseRow, DocketRow
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import cases


class CaseMethods(StoreMethods):
    """Reading cases."""

    async def docket(self, case_id: str, limit: int) -> list[DocketRow]:
        """Return what is kept of a case's messages with all peers, oldest first."""
        return await self._runner.read(lambda tx: cases.docket(tx, case_id, limit))

    async def cases(
        self, wanted: CaseFilter, *, before: int | None, limit: int
    ) -> list[CaseRow]:
        """Return cases with a number below `before`, newest first."""
        return await self._runner.read(lambda tx: tx.case_rows(wanted, before, limit))

    async def cases_of(self, case_id: str) -> list[CaseRow]:
        """Return a case as it stands with each peer; none if it is not known."""
        return await self._runner.read(lambda tx: tx.cases_of(case_id))
