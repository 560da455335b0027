"""Treaties and service profiles of a home, joined with the checks of messages."""

from pathlib import Path

from gateway.config.profile_file import load_profile
from gateway.config.treaty_file import load_treaties
from gateway.core.identity import ProfileRecord
from gateway.mla.treaty.country import TreatyTable


class HomeLegalFiles:
    """The files in a home folder; implements `LegalFiles`."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def treaties(self) -> TreatyTable:
        """Return the treaty table; an empty one if there is no file.

        Raises:
            ConfigError: It has problems; every one is told.
        """
        return load_treaties(self._home)

    def profile(self) -> ProfileRecord | None:
        """Return our service profile; None if we publish none.

        Raises:
            ConfigError: It has problems; every one is told.
        """
        return load_profile(self._home)
