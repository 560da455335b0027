"""What is kept of a log that another succeeded, read again for those who may see it."""

from sqlite3 import Connection as Engine

from gateway.ports.keys import DisclosureVault, RingId
from gateway.storage.appending import disclosure_context
from gateway.storage.sqlite.queries import QUERIES


def past_disclosures(
    engine: Engine,
    origin: str,
    vault: DisclosureVault,
) -> dict[int, list[str]]:
    """Return what entries of an old log disclosed and was not erased, by place."""
    found: dict[int, list[str]] = {}
    for index, digest, ring, sealed in engine.execute(
        QUERIES["past_disclosures"],
        (origin,),
    ):
        context = disclosure_context(origin, index, digest)
        opened = vault.open(RingId(ring), sealed, context=context)
        if opened is not None:
            found.setdefault(index, []).append(opened.decode("ascii"))
    return found


def past_stamps(engine: Engine, origin: str) -> list[tuple[int, bytes, bytes]]:
    """Return size, stamped text and response of the time stamps of an old log."""
    rows = engine.execute(QUERIES["past_stamps"], (origin,)).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]
