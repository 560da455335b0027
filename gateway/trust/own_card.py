"""Our own card, joined from the key store and the settings."""

from collections.abc import Callable, Sequence

from gateway.core.identity import Card, ProfileRecord, VerifiedCard
from gateway.core.values import UnixMs
from gateway.keystore.keyring import Keyring
from gateway.keystore.own_card import (
    CardDetails,
    compose_card,
    load_card,
    store_card,
)


class KeptCard:
    """Implements `OwnCard`."""

    def __init__(
        self,
        keyring: Callable[[], Keyring],
        details: CardDetails,
        profile: Callable[[], ProfileRecord | None] = lambda: None,
    ) -> None:
        """Take keyring and profile as calls: they are replaced when they change."""
        self._keyring = keyring
        self._details = details
        self._profile = profile

    def compose(self, *, number: int, now: UnixMs) -> Card:
        """Return the card that our keys, settings and service profile ask for."""
        return compose_card(
            self._keyring(),
            self._details,
            number=number,
            now=now,
            profile=self._profile(),
        )

    def load(self) -> VerifiedCard | None:
        """Return the card that is kept, or None before the first.

        Raises:
            KeystoreError: It does not verify, or others can read the file.
        """
        return load_card(self._keyring(), stage=self._details.stage)

    def store(self, raw: bytes) -> VerifiedCard:
        """Keep a new card after checking it as a peer would; return it.

        Raises:
            KeystoreError: It does not verify, or can't be written.
        """
        return store_card(self._keyring(), raw, stage=self._details.stage)

    def statements(self) -> Sequence[bytes]:
        """Return the proof files of all statements of our root ever in force here.

        Raises:
            KeystoreError: One is unsafe, changed, or not of our root.
        """
        return [kept.proof for kept in self._keyring().history()]
