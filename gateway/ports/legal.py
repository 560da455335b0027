"""Where the authority keeps what it knows of treaties, and says of its service."""

from typing import Protocol

from gateway.core.identity import ProfileRecord
from gateway.mla.treaty.country import TreatyTable


class LegalFiles(Protocol):
    """Reads what lawyers of the authority have written."""

    def treaties(self) -> TreatyTable:
        """Return the treaty table; an empty one if there is none.

        Raises:
            ConfigError: It has problems; every one is told.
        """
        ...

    def profile(self) -> ProfileRecord | None:
        """Return our service profile; None if we publish none.

        Raises:
            ConfigError: It has problems; every one is told.
        """
        ...
