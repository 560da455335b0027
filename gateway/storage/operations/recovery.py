"""What others hold of our own log and we do not."""

from gateway.ports.recovery import RecoveryNote
from gateway.storage.transaction import Transaction


def keep_note(tx: Transaction, note: RecoveryNote) -> None:
    """Keep what a source holds; of several the largest."""
    known = {one.source: one.size for one in tx.recovery_notes()}
    if note.size > known.get(note.source, -1):
        tx.put_recovery_note(note)
