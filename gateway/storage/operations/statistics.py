"""Facts of requests: counted from dockets, and kept when a docket is erased.

What is kept names no case: its key can only be made again by who knows the case, so
that a case which is erased message by message is kept once, as it was at first.
"""

from collections.abc import Callable, Sequence

import msgspec

from gateway.core.values import UnixMs
from gateway.mla.deadlines import Terms
from gateway.mla.statistics.facts import RequestFacts, facts_of
from gateway.ports.cases import CaseFilter, DocketRow
from gateway.ports.statistics import FactsPage
from gateway.storage.operations.cases import docket
from gateway.storage.transaction import Lookup, Reader, Transaction

_MOST_OF_A_CASE = 10_000


def facts_page(
    tx: Reader,
    blind: Callable[[str], str],
    terms: Terms,
    now: UnixMs,
    *,
    before: int | None,
    limit: int,
) -> FactsPage:
    """Return facts of cases with a number below `before`, newest first.

    A case of which a part was erased is told by what was kept then.
    """
    rows = tx.case_rows(CaseFilter(), before, limit)
    facts: list[RequestFacts] = []
    for row in rows:
        if not tx.has_kept_facts(key_of(blind, row.case_id, row.peer)):
            facts += facts_of(_with(tx, row.case_id, row.peer), terms, now)
    following = rows[-1].number if len(rows) == limit else None
    return FactsPage(facts, len(rows), following)


def _with(tx: Lookup, case_id: str, peer: str) -> list[DocketRow]:
    return [row for row in docket(tx, case_id, _MOST_OF_A_CASE) if row.peer == peer]


def key_of(blind: Callable[[str], str], case_id: str, peer: str) -> str:
    """Return under what the facts of a case with a peer are kept."""
    return blind(f"facts\0{case_id}\0{peer}")


def keep_facts(
    tx: Transaction, blind: Callable[[str], str], case_id: str, now: UnixMs
) -> None:
    """Keep the facts of a case of which a message is about to be erased."""
    rows = docket(tx, case_id, _MOST_OF_A_CASE)
    for peer in sorted({row.peer for row in rows}):
        key = key_of(blind, case_id, peer)
        if not tx.has_kept_facts(key):
            own = [row for row in rows if row.peer == peer]
            tx.keep_facts(key, msgspec.json.encode(facts_of(own, Terms(), now)))


def kept(raw: Sequence[bytes]) -> list[RequestFacts]:
    """Return facts as they were kept."""
    decoder = msgspec.json.Decoder(list[RequestFacts])
    return [facts for one in raw for facts in decoder.decode(one)]
