"""Rows in memory that erasing and pruning touch, and the rings of disclosures."""

from dataclasses import replace

from gateway.core.entries.disclosures import DisclosureClass
from gateway.core.entries.kinds import is_pruned_kind
from gateway.core.entries.leaf import parse_leaf
from gateway.core.values import MessageId
from gateway.ports.evidence import UploadState
from gateway.ports.keys import DisclosureVault, RingId
from gateway.ports.log import StoredEntry
from gateway.storage.appending import Appender, case_scope, duty_scope
from gateway.storage.memory.tables import ONLY, Journal, Tables
from gateway.storage.rows import NewDisclosure, RingKey

_DUTY = f"{DisclosureClass.DUTY.value}:"


class _ErasureLookupMemory:
    """What is read in any transaction."""

    _tables: Tables

    def minimum(self) -> int:
        """Return the minimum index of the log; 0 if it was never pruned."""
        return max(self._tables.minima.values(), default=0)

    def first_event(self) -> int | None:
        """Return the first entry that a peer has still to be told of."""
        return min((index for _, index in self._tables.events), default=None)

    def _case_data(self, message_id: MessageId) -> list[NewDisclosure]:
        about = {
            one.index
            for one in self._tables.entries.values()
            if one.message_id == message_id
        }
        return [
            one
            for one in self._tables.disclosures.values()
            if one.ring is DisclosureClass.CASE and one.index in about
        ]

    def _pruned_entries(self, minimum: int) -> list[StoredEntry]:
        return [
            one
            for one in self._tables.entries.values()
            if one.index < minimum and one.data and is_pruned_kind(one.kind)
        ]

    def _pruned_disclosures(self, minimum: int) -> list[NewDisclosure]:
        rows = self._tables.disclosures.values()
        return [one for one in rows if one.index < minimum]


class ErasureReaderMemory(_ErasureLookupMemory):
    """Verbs of `gateway.storage.erasure_verbs.ErasureReader`."""

    def case_disclosures(self, message_id: MessageId) -> int:
        """Return how much case data stands beside entries about a message."""
        return len(self._case_data(message_id))

    def rings(self) -> list[RingId]:
        """Return every ring there is a row of."""
        return [key.ring for key in self._tables.ring_keys.values()]

    def pruned_counts(self, minimum: int) -> tuple[int, int]:
        """Return the entries and disclosures that pruning below an index removes."""
        entries = len(self._pruned_entries(minimum))
        return entries, len(self._pruned_disclosures(minimum))

    def removals(self) -> tuple[int, int]:
        """Return how often something was removed, and up to which that is no trace."""
        return self._tables.removals[ONLY]


class ErasureWritesMemory(_ErasureLookupMemory):
    """Verbs of `gateway.storage.erasure_verbs.ErasureWrites`, and rings."""

    _journal: Journal
    _vault: DisclosureVault
    _appender: Appender
    _minima: list[tuple[int, int]]

    def ring_key(self, scope: str) -> RingKey:
        """Return the ring of a scope, made now if there is none, or none any more."""
        rows = self._tables.ring_keys
        known = rows.get(scope)
        if known is None or not self._vault.is_live(known.ring):
            number = self._tables.ring_count[ONLY] + 1
            self._journal.put(self._tables.ring_count, ONLY, number)
            ring = self._vault.new_ring(self._appender.old_size)
            self._journal.put(rows, scope, RingKey(number, ring))
        return rows[scope]

    def case_in_use(self, case_id: str) -> bool:
        """Tell whether a message is of this case."""
        rows = self._tables.messages.values()
        return any(one.view.case_id == case_id != "" for one in rows)

    def drop_case_disclosures(self, message_id: MessageId) -> int:
        """Remove case data beside entries about a message; return how much."""
        stored = self._case_data(message_id)
        self._drop_disclosures(stored)
        return len(stored) + self._appender.forget(message_id)

    def _drop_disclosures(self, rows: list[NewDisclosure]) -> None:
        for one in rows:
            self._journal.drop(self._tables.disclosures, (one.index, one.digest))

    def drop_grants(self, number: int) -> None:
        """Forget who may fetch the files of a message."""
        grants = self._tables.evidence.grants
        for key in [key for key in grants if key[0] == number]:
            self._journal.drop(grants, key)

    def drop_used_upload(self, aid: str) -> None:
        """Forget the upload that an attachment was made of."""
        uploads = self._tables.evidence.uploads
        for one in list(uploads.values()):
            if one.aid == aid and one.state is UploadState.USED:
                self._journal.drop(uploads, one.id)

    def used_keys_of(self, message_id: MessageId) -> list[tuple[str, str]]:
        """Return submitter and idempotency key of what led to a message."""
        rows = self._tables.used_keys.items()
        return [key for key, used in rows if used.message_id == message_id]

    def blind_used_key(self, submitter: str, key: str, blinded: str) -> None:
        """Keep an idempotency key in a form that can only be compared."""
        rows = self._tables.used_keys
        used = replace(rows[submitter, key], request_digest="")
        self._journal.drop(rows, (submitter, key))
        self._journal.put(rows, (submitter, blinded), used)

    def drop_case(self, case_id: str) -> RingId | None:
        """Forget a case and its ring, which is returned to be destroyed."""
        cases = self._tables.cases
        for key in [key for key in cases if key[0] == case_id]:
            self._journal.drop(cases, key)
        scope = case_scope(case_id)
        known = self._tables.ring_keys.get(scope)
        self._journal.drop(self._tables.ring_keys, scope)
        return known.ring if known else None

    def note_removal(self) -> None:
        """Remember that something was removed."""
        removals, compacted = self._tables.removals[ONLY]
        self._journal.put(self._tables.removals, ONLY, (removals + 1, compacted))

    def prune(self, log_index: int, minimum: int) -> None:
        """Remove the bytes of entries below an index that `log_index` states."""
        self._minima.append((log_index, minimum))

    def _write_minima(self) -> None:
        entries = self._tables.entries
        for log_index, minimum in self._minima:
            self._journal.put(self._tables.minima, log_index, minimum)
            for one in self._pruned_entries(minimum):
                self._journal.put(entries, one.index, replace(one, data=b""))
            self._drop_disclosures(self._pruned_disclosures(minimum))

    def unused_duty_rings(self, minimum: int) -> list[RingId]:
        """Forget rings of people that seal nothing from an index on; return them."""
        first = self._tables.entries.get(minimum)
        if first is None or not first.data:
            return []
        quarter = duty_scope(parse_leaf(first.data, log=self._appender.origin).at)
        used = {one.key_id for one in self._tables.disclosures.values()}
        unused = {
            scope: key.ring
            for scope, key in self._tables.ring_keys.items()
            if scope.startswith(_DUTY) and scope < quarter and key.key_id not in used
        }
        for scope in unused:
            self._journal.drop(self._tables.ring_keys, scope)
        return list(unused.values())
