"""Rotating the keys that the root vouches for: new ones beside the old, then alone.

Making keys changes nothing that is at work. The root signs a statement that names old
and new; both work side by side for the overlap; another statement names the new ones
alone, and the old ones are destroyed. A crash between any two steps loses nothing:
each may be done again (specification, section 6).
"""

from dataclasses import dataclass

import nacl.utils

from gateway.core.errors import ConflictError
from gateway.core.identity import Statement
from gateway.core.limits import KEY_OVERLAP_MS
from gateway.core.translog.note import SEED_BYTES
from gateway.core.values import UnixMs, format_time
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.succession import KeyUse, file_names, next_number
from gateway.keystore.tls_material import CaKey, create_ca


@dataclass(frozen=True, slots=True)
class Overlap:
    """Old and new keys for a use at work side by side.

    Attributes:
        began_at: When the statement that names both came into force here.
    """

    use: KeyUse
    began_at: UnixMs

    @property
    def ends_at(self) -> UnixMs:
        """From when on the old keys are to be given up."""
        return UnixMs(self.began_at + KEY_OVERLAP_MS)

    @property
    def remedy(self) -> str:
        """The command that begins to end it."""
        return f"mla-gateway keys rotate {self.use} --finish --out REQUEST"


def overlaps(keyring: Keyring) -> list[Overlap]:
    """Return the overlaps under way.

    Raises:
        KeystoreError: A statement that is kept can't be used.
    """
    under_way = [use for use in KeyUse if keyring.succession(use).is_overlap]
    if not under_way:
        return []
    history = keyring.history()
    found = []
    for use in under_way:
        new = set(keyring.succession(use).at_work[-1].public)
        began_at = history[-1].since
        for kept in reversed(history):
            if not new <= _named(kept.proven.statement, use):
                break
            began_at = kept.since
        found.append(Overlap(use, began_at))
    return found


def begin_rotation(keyring: Keyring, use: KeyUse, now: UnixMs) -> Keyring:
    """Make new keys beside those at work, and return the keyring that holds them.

    Where keys wait for a statement already, no others are made.

    Raises:
        ConflictError: The last rotation of these keys is not finished.
        KeystoreError: A file can't be read or written.
    """
    succession = keyring.succession(use)
    if succession.is_overlap:
        raise ConflictError(
            f"{use}: old and new keys are still at work side by side; first end that "
            f"with: mla-gateway keys rotate {use} --finish",
        )
    if succession.pending is not None:
        return keyring
    lock = keyring.lock
    number = next_number(lock.folder, use)
    if use is KeyUse.TLS_CA:
        create_ca(lock, keyring.authority, CaKey.new(), now, number=number)
    else:
        for name in file_names(use, number):
            if not (lock.folder / name).exists():
                lock.create(name, nacl.utils.random(SEED_BYTES))
    return load_keyring(keyring.layout, keyring.authority, lock)


def check_finish(
    keyring: Keyring,
    use: KeyUse,
    now: UnixMs,
    *,
    is_early: bool,
) -> None:
    """Refuse to give up the old keys where that would shut somebody out.

    Args:
        keyring: The keys.
        use: Which of them.
        now: The time.
        is_early: Do not wait for the end of the overlap.

    Raises:
        ConflictError: No rotation is under way, or its overlap has not ended.
        KeystoreError: A statement that is kept can't be used.
    """
    for overlap in overlaps(keyring):
        if overlap.use is not use:
            continue
        if now < overlap.ends_at and not is_early:
            raise ConflictError(
                f"{use}: the overlap lasts until {format_time(overlap.ends_at)}; a "
                "peer that has not taken our new card until then would be cut off. "
                "If the old keys are no longer safe, add --early",
            )
        return
    raise ConflictError(
        f"{use}: no rotation to finish; a statement that names old and new keys has "
        f"to be in force first: mla-gateway keys rotate {use}",
    )


def _named(statement: Statement, use: KeyUse) -> set[object]:
    named: dict[KeyUse, tuple[object, ...]] = {
        KeyUse.LOG: statement.log_keys,
        KeyUse.WITNESS: statement.witness_keys,
        KeyUse.TLS_CA: statement.tls_cas,
    }
    return set(named[use])
