"""Saved views: of one account, shared with a role, replaced by name."""

import pytest

from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import UnixMs
from gateway.ports.saved_views import NewView
from gateway.storage.operations import saved_views
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW

SAAR = Act("saar", "operator")
KASK = Act("kask", "operator")


async def test_a_view_is_saved_shared_replaced_and_forgotten(
    store: TransactionalStore,
) -> None:
    late = await store.save_view(NewView(name="late", query="state=queued"), SAAR, NOW)
    shared = NewView(name="held", query="state=held", shared_with="operator")
    held = await store.save_view(shared, SAAR, NOW)

    assert await store.saved_views("saar", ["operator"]) == [held, late]
    assert await store.saved_views("kask", ["operator"]) == [held]
    assert await store.saved_views("kask", ["auditor"]) == []

    again = NewView(name="late", query="state=held")
    replaced = await store.save_view(again, SAAR, UnixMs(NOW + 1))
    assert (replaced.number, replaced.new) == (late.number, again)
    assert await store.saved_views("saar", []) == [held, replaced]

    with pytest.raises(NotFoundError, match="kask has no such view"):
        await store.drop_view(held.number, KASK, NOW)
    await store.drop_view(held.number, SAAR, NOW)
    assert await store.saved_views("saar", ["operator"]) == [replaced]
    kinds = [one.kind for one in await store.entries(0, 9)]
    assert kinds == ["admin.view-save"] * 3 + ["admin.view-remove"]
    told = [read_disclosure(one.encoded) for one in await store.disclosures(2)]
    assert "late state=held" in {one.value for one in told}


async def test_an_account_has_so_many_views(
    store: TransactionalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    await store.save_view(NewView(name="one", query=""), SAAR, NOW)

    with pytest.raises(ConflictError, match="remove one first"):
        await store.save_view(NewView(name="two", query=""), SAAR, NOW)
    await store.save_view(NewView(name="one", query="box=in"), SAAR, NOW)
    await store.save_view(NewView(name="two", query=""), KASK, NOW)
