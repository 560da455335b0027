"""The port `gateway.ports.saved_views.ViewStore`."""

from collections.abc import Collection

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs
from gateway.ports.saved_views import NewView, SavedView
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import saved_views


class SavedViewMethods(StoreMethods):
    """Keeping views."""

    async def save_view(self, new: NewView, act: Act, now: UnixMs) -> SavedView:
        """Save a view; one of the same name and owner is replaced."""
        return await self._runner.write(lambda tx: saved_views.save(tx, new, act, now))

    async def drop_view(self, number: int, act: Act, now: UnixMs) -> None:
        """Forget a view of the account that asks."""
        await self._runner.write(lambda tx: saved_views.drop(tx, number, act, now))

    async def saved_views(self, owner: str, roles: Collection[str]) -> list[SavedView]:
        """Return the views of an account and those shared with its roles, by name."""
        return await self._runner.read(lambda tx: tx.saved_views(owner, roles))
