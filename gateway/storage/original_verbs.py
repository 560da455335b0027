"""What a database must be able to do with sealed originals: verbs on rows."""

from typing import Protocol

from gateway.ports.originals import KeptOriginal


class OriginalLookup(Protocol):
    """What can be read of originals in any transaction."""

    def originals(self, number: int) -> list[KeptOriginal]:
        """Return the originals kept with a message, by its number, in their order."""
        ...


class OriginalWrites(OriginalLookup, Protocol):
    """What changes originals."""

    def add_original(self, number: int, position: int, original: KeptOriginal) -> None:
        """Keep an original with a message."""
        ...

    def drop_originals(self, number: int) -> None:
        """Remove the originals of a message."""
        ...
