"""A folder of evidence that is being written; complete once its list is there."""

import hashlib

from gateway.verifier.files import NewFolder
from gateway.verifier.manifest import MANIFEST_NAME, encode_manifest


class ListedFolder:
    """Writes new files and remembers their digests for `MANIFEST.sha256`.

    Attributes:
        folder: Where they go.
    """

    def __init__(self, folder: NewFolder) -> None:
        self.folder = folder
        self._digests: dict[str, str] = {}

    def has(self, name: str) -> bool:
        """Tell whether a file was written."""
        return name in self._digests

    def write(self, name: str, content: bytes) -> None:
        """Write a new file, and the folders it lies in.

        Raises:
            MalformedError: The name could leave the folder.
            ConflictError: There is such a file.
            UsageError: It can't be written.
        """
        self.folder.write(name, content)
        self._digests[name] = hashlib.sha256(content).hexdigest()

    def finish(self) -> int:
        """Write the list of all files; return how many there are, it included."""
        self.folder.write(MANIFEST_NAME, encode_manifest(self._digests))
        return len(self._digests) + 1
