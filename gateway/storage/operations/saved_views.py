"""Saved views: named, shared with a role, and forgotten by their owner."""

from typing import Final

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import UnixMs
from gateway.ports.saved_views import NewView, SavedView
from gateway.storage.transaction import Transaction

MAX_VIEWS: Final = 100
"""Views of one account."""


def save(tx: Transaction, new: NewView, act: Act, now: UnixMs) -> SavedView:
    """Save a view; one of the same name and owner is replaced.

    Raises:
        ConflictError: The owner has as many as anybody may have.
    """
    known = tx.saved_view_of(act.actor, new.name)
    if known is None and len(tx.saved_views(act.actor, ())) >= MAX_VIEWS:
        raise ConflictError(f"view: {act.actor} has {MAX_VIEWS}; remove one first")
    _log(tx, "save", new, act, now)
    number = known.number if known else 0
    return tx.put_saved_view(
        SavedView(number=number, owner=act.actor, new=new, saved_at=now)
    )


def drop(tx: Transaction, number: int, act: Act, now: UnixMs) -> None:
    """Forget a view of the account that asks.

    Raises:
        NotFoundError: It has no such view.
    """
    view = tx.saved_view(number)
    if view is None or view.owner != act.actor:
        raise NotFoundError(f"view {number}: {act.actor} has no such view")
    _log(tx, "remove", view.new, act, now)
    tx.drop_saved_view(number)


def _log(tx: Transaction, step: str, new: NewView, act: Act, now: UnixMs) -> None:
    """Log a step; what the filter is about stands beside, never in the clear."""
    text = " ".join(filter(None, (new.name, new.query, new.shared_with)))
    about = Disclosure("detail", text)
    tx.append_entry(
        EntryDraft(f"admin.view-{step}", now, {}, (*act.disclosures(), about))
    )
