"""Methods of what is kept about people (port `PeopleStore`)."""

from collections.abc import Mapping, Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.units import Assignee, Scope
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.people import Assignment, Beside, Moved
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import assigning, people


class PeopleMethods(StoreMethods):
    """Assignments, orders, leaving."""

    async def commit_trust(
        self, entry: EntryDraft, beside: Beside, now: UnixMs
    ) -> list[Moved]:
        """Log a change of trust with what goes with it; return the tasks moved."""
        return await self._runner.write(
            lambda tx: people.commit_trust(tx, entry, beside, now)
        )

    async def order_of(self, number: int) -> bytes:
        """Return what is done when an approval is granted; empty if nothing is."""
        return await self._runner.read(lambda tx: tx.order_of(number))

    async def assign(
        self,
        case_id: str,
        peer: AuthorityId,
        assignee: Assignee,
        act: Act,
        now: UnixMs,
    ) -> Assignment:
        """Assign a case to somebody else; the same assignee changes nothing."""
        return await self._runner.write(
            lambda tx: assigning.assign(tx, case_id, peer, assignee, act, now)
        )

    async def assignments_of(self, case_ids: Sequence[str]) -> list[Assignment]:
        """Return to whom these cases are assigned, with each peer."""
        return await self._runner.read(lambda tx: tx.assignments_of(case_ids))

    async def seen(
        self, ids: Sequence[MessageId], scope: Scope
    ) -> frozenset[MessageId]:
        """Return those messages of some that are among what somebody may see."""
        return await self._runner.read(lambda tx: assigning.seen_of(tx, ids, scope))

    async def note_token_use(self, account: str, label: str, at: UnixMs) -> None:
        """Remember that a token was used."""
        await self._runner.write(lambda tx: tx.put_token_use(account, label, at))

    async def token_uses(self) -> Mapping[tuple[str, str], UnixMs]:
        """Return when each token was last used, by account and label."""
        return await self._runner.read(lambda tx: tx.token_uses())
