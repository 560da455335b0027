"""Letting rows name entries of our log where they are after a recovery.

Every column that holds a place in the log is here; a new one has to be added.
"""

from collections.abc import Mapping
from sqlite3 import Connection as Engine

from gateway.storage.sqlite.queries import QUERIES

# Read and write of each table whose key does not hold the place.
_BY_KEY = (
    ("moved_refusals", "move_refusal"),
    ("moved_keys", "move_key"),
    ("moved_changes", "move_change"),
    ("moved_grants", "move_grant"),
    ("moved_stamps", "move_stamp"),
)


def move_rows(engine: Engine, first: int, moved: Mapping[int, int]) -> None:
    """Let all rows that name entries from `first` on name them where they are now.

    Args:
        engine: Within the transaction that moved the entries.
        first: The first entry that may have moved.
        moved: Where each entry is that did.
    """
    rows = engine.execute(QUERIES["moved_messages"], {"first": first}).fetchall()
    for number, log_index, opened_index in rows:
        there = (moved.get(log_index, log_index), moved.get(opened_index, opened_index))
        engine.execute(QUERIES["move_message"], (*there, number))
    for reading, writing in _BY_KEY:
        for place, *key in engine.execute(QUERIES[reading], (first,)).fetchall():
            engine.execute(QUERIES[writing], (moved.get(place, place), *key))
    # Two whose key is the place: off first, so that none meets another on its way.
    events = engine.execute(QUERIES["moved_events"], (first,)).fetchall()
    engine.execute(QUERIES["cut_events"], (first,))
    for place, peer, message_id in events:
        there = moved.get(place, place)
        engine.execute(QUERIES["add_event"], (peer, there, message_id))
    exports = engine.execute(QUERIES["moved_exports"], (first,)).fetchall()
    engine.execute(QUERIES["cut_exports"], (first,))
    for place, aid in exports:
        engine.execute(QUERIES["add_export"], (moved.get(place, place), aid))
