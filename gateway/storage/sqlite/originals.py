"""Rows of sealed originals."""

from gateway.ports.blobs import BlobId
from gateway.ports.originals import KeptOriginal
from gateway.storage.sqlite.running import Running


class OriginalLookupSql(Running):
    """Verbs of `gateway.storage.original_verbs.OriginalLookup`."""

    def originals(self, number: int) -> list[KeptOriginal]:
        """Return the originals kept with a message, by its number, in their order."""
        return [
            KeptOriginal(
                aid=aid,
                size=size,
                length=length,
                root=root,
                blob=BlobId(blob),
                sealed=sealed,
            )
            for aid, size, length, root, blob, sealed in self._rows(
                "originals", (number,)
            )
        ]


class OriginalWritesSql(OriginalLookupSql):
    """Verbs of `gateway.storage.original_verbs.OriginalWrites`."""

    def add_original(self, number: int, position: int, original: KeptOriginal) -> None:
        """Keep an original with a message."""
        self._write(
            "add_original",
            (
                number,
                position,
                original.aid,
                original.size,
                original.length,
                original.root,
                original.blob,
                original.sealed,
            ),
        )

    def drop_originals(self, number: int) -> None:
        """Remove the originals of a message."""
        self._write("drop_originals", (number,))
