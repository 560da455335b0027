"""Rows of time stamps."""

from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.stamps import KeptStamp
from gateway.storage.sqlite.mapping import checkpoint_from
from gateway.storage.sqlite.running import Running


class StampLookupSql(Running):
    """Verbs of `gateway.storage.stamp_verbs.StampLookup`."""

    def stamps(self, before_size: int, limit: int) -> list[KeptStamp]:
        """Return stamps of checkpoints below a size, the largest first."""
        return [
            KeptStamp(
                size=row[0],
                text=row[1],
                stamp=TimeStamp(row[2], row[3], UnixMs(row[4]), UnixMs(row[5])),
                index=row[6],
                kept_at=UnixMs(row[7]),
            )
            for row in self._rows("stamps", (before_size, limit))
        ]

    def checkpoint_of(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint of ours that was signed at a size."""
        return checkpoint_from(self._rows("checkpoint_of", (size,)))


class StampWritesSql(StampLookupSql):
    """Verbs of `gateway.storage.stamp_verbs.StampWrites`."""

    def add_stamp(self, stamp: KeptStamp) -> None:
        """Store a stamp of a size that has none."""
        made = stamp.stamp
        self._write(
            "add_stamp",
            (
                stamp.size,
                stamp.text,
                made.response,
                made.authority,
                made.at,
                made.valid_until,
                stamp.index,
                stamp.kept_at,
            ),
        )
