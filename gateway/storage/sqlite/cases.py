"""Rows of cases and their docket."""

from collections.abc import Sequence

from gateway.core.values import NEVER, AuthorityId, UnixMs
from gateway.ports.cases import CaseFilter, CaseRow
from gateway.ports.messages import Box
from gateway.storage.rows import StoredMessage
from gateway.storage.sqlite.mapping import Params, as_json, messages_from
from gateway.storage.sqlite.running import Running

# Beyond every number of a case.
_NEWEST = 2**62


class CaseLookupSql(Running):
    """Verbs of `gateway.storage.case_verbs.CaseLookup`."""

    def case_row(self, case_id: str, peer: AuthorityId) -> CaseRow | None:
        """Return a case with a peer."""
        for row in self._rows("case_row", (case_id, peer)):
            return _case_row(*row)
        return None

    def docket_entry(self, number: int) -> bytes:
        """Return the docket entry of a message; empty if it has none."""
        for (entry,) in self._rows("docket_entry", (number,)):
            return bytes(entry)
        return b""

    def docket_entries(self, case_id: str, limit: int) -> list[tuple[int, bytes]]:
        """Return numbers and docket entries of a case's messages, oldest first."""
        return self._rows("docket_entries", (case_id, limit)).fetchall()

    def numbered(self, numbers: Sequence[int]) -> list[StoredMessage]:
        """Return messages by their numbers, in no order."""
        return messages_from(self._rows("numbered", (as_json(numbers),)))


class CaseReaderSql(CaseLookupSql):
    """Verbs of `gateway.storage.case_verbs.CaseReader`."""

    def case_rows(
        self, wanted: CaseFilter, before: int | None, limit: int
    ) -> list[CaseRow]:
        """Return cases with a number below `before`, newest first."""
        rows = self._rows(
            "case_rows_of_peer" if wanted.peer else "case_rows",
            {
                "peer": wanted.peer,
                "before": _NEWEST if before is None else before,
                "since": NEVER if wanted.since is None else wanted.since,
                "msg_type": wanted.msg_type,
                "urgency": wanted.urgency,
                "limit": limit,
            },
        )
        return [_case_row(*row) for row in rows]

    def cases_of(self, case_id: str) -> list[CaseRow]:
        """Return a case as it stands with each peer."""
        return [_case_row(*row) for row in self._rows("cases_of", (case_id,))]


class CaseWritesSql(CaseLookupSql):
    """Verbs of `gateway.storage.case_verbs.CaseWrites`."""

    def put_case_row(self, row: CaseRow) -> None:
        """Store a case; one of number 0 is new and gets the next number."""
        changing: Params = (
            row.opener.value,
            row.msg_type,
            row.opened_at,
            row.last_at,
            row.messages,
            row.sender_ref,
            row.recipient_ref,
            row.urgency,
        )
        if row.number == 0:
            self._write("add_case_row", (row.case_id, row.peer, *changing))
        else:
            self._write("update_case_row", (*changing, row.number))

    def drop_case_row(self, case_id: str, peer: AuthorityId) -> None:
        """Remove a case of which nothing is kept any more."""
        self._write("drop_case_row", (case_id, peer))

    def add_docket_entry(self, number: int, case_id: str, entry: bytes) -> bool:
        """Keep the docket entry of a message; false if there is one, which stays."""
        added = self._write("add_docket_entry", (number, case_id, entry))
        return added.rowcount == 1

    def drop_docket_entry(self, number: int) -> bool:
        """Remove the docket entry of a message; tell whether there was one."""
        return self._write("drop_docket_entry", (number,)).rowcount == 1


def _case_row(  # noqa: PLR0913, PLR0917 - the columns of the table
    number: int,
    case_id: str,
    peer: str,
    opener: str,
    msg_type: str,
    opened_at: int,
    last_at: int,
    messages: int,
    sender_ref: str,
    recipient_ref: str,
    urgency: str,
) -> CaseRow:
    return CaseRow(
        number=number,
        case_id=case_id,
        peer=AuthorityId(peer),
        opener=Box(opener),
        msg_type=msg_type,
        opened_at=UnixMs(opened_at),
        last_at=UnixMs(last_at),
        messages=messages,
        sender_ref=sender_ref,
        recipient_ref=recipient_ref,
        urgency=urgency,
    )
