"""Reviews of cases: somebody found that one is still needed."""

from dataclasses import replace

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import NotFoundError
from gateway.core.values import UnixMs
from gateway.storage.transaction import Transaction


def record_review(tx: Transaction, case_id: str, act: Act, now: UnixMs) -> int:
    """Record that a case is still needed; return the index of the entry.

    Raises:
        NotFoundError: No message of that case is here.
    """
    if tx.first_entry_of_case(case_id) is None:
        raise NotFoundError("review: no message of that case is here")
    tx.put_case_review(case_id, now)
    named = replace(act, case=case_id)
    return tx.append_entry(
        EntryDraft("admin.case-review", now, {}, named.disclosures())
    )
