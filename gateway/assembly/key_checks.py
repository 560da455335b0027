"""What `doctor` says of keys that the root vouches for: waiting, overlapping, late."""

from collections.abc import Iterator, Sequence

from gateway.admin.node_shapes import Check
from gateway.core.values import UnixMs, format_time
from gateway.keystore.keyring import Keyring
from gateway.keystore.own_statements import load_statement
from gateway.keystore.rotation import Overlap, overlaps
from gateway.keystore.succession import KeyUse, whole_numbers


def rotation_checks(keyring: Keyring, now: UnixMs) -> Sequence[Check]:
    """Return one line for each thing that is under way; none if nothing is.

    Args:
        keyring: What the node runs with, which may be behind what lies on disk.
        now: The time.

    Raises:
        KeystoreError: A file can't be used.
    """
    installed, _ = load_statement(keyring.layout, keyring.root)
    number = keyring.proven_statement.statement.number
    if installed.statement.number > number:
        text = f"number {installed.statement.number} is installed, the node runs "
        return [
            Check(
                name="statement",
                level="warn",
                text=f"{text}under {number}",
                remedy="restart the node",
                alert="keys-waiting",
                subject="statement",
            ),
        ]
    ends = (_overlap_check(overlap, now) for overlap in overlaps(keyring))
    return [*_waiting(keyring), *ends]


def _waiting(keyring: Keyring) -> Iterator[Check]:
    for use in KeyUse:
        newest = whole_numbers(keyring.layout.folder, use)[-1]
        if newest > keyring.succession(use).newest_number:
            yield Check(
                name=f"{use} keys",
                level="warn",
                text="new ones wait for a statement of the root",
                remedy="keys request, then root sign, then keys statement",
                alert="keys-waiting",
                subject=f"{use} keys",
            )


def _overlap_check(overlap: Overlap, now: UnixMs) -> Check:
    name, ends = f"{overlap.use} keys", format_time(overlap.ends_at)
    if now < overlap.ends_at:
        text = f"old and new ones are at work until {ends}"
        return Check(name=name, level="ok", text=text)
    return Check(
        name=name,
        level="warn",
        text=f"the old ones are still at work, though {ends} has passed",
        remedy=overlap.remedy,
        alert="key-ending",
        subject=name,
    )
