"""The keyring in force, and renewing what in it ends: KEM keys and TLS certificate."""

import asyncio
from collections.abc import Callable

import structlog

from gateway.core.values import UnixMs
from gateway.keystore.keyring import Keyring
from gateway.transport.tls import TlsIdentity

log = structlog.get_logger()


class KeyCare:
    """Holds the keyring, and replaces it whole when something in it was renewed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._listeners: list[Callable[[], None]] = []

    @property
    def keyring(self) -> Keyring:
        """The keys in force."""
        return self._keyring

    @property
    def tls_identity(self) -> TlsIdentity:
        """Our certificate and key, as TLS loads them."""
        tls = self._keyring.tls
        return TlsIdentity(
            chain_file=tls.chain_file,
            key_file=tls.chain_file,
            password=tls.password.raw,
        )

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever the TLS certificate was renewed."""
        self._listeners.append(listener)

    async def renew_if_due(self, now: UnixMs) -> None:
        """Renew what nears its end, and destroy the KEM keys past theirs.

        Raises:
            KeystoreError: A file can't be read or written.
        """
        if self._keyring.opening.renewal_due(now):
            record = await asyncio.to_thread(self._keyring.opening.rotate, now)
            log.info("kem_key_made", kid=record.kid, send_until=record.send_until)
        for kid in self._keyring.opening.expired(now):
            # Nothing is lost with it: the content key of every message was archived
            # in the transaction that received it.
            await asyncio.to_thread(self._keyring.opening.destroy, kid)
            log.info("kem_key_destroyed", kid=kid)
        if self._keyring.tls.leaf_needs_renewal(now):
            renewed = await asyncio.to_thread(self._keyring.with_renewed_leaf, now)
            self._keyring = renewed
            log.info(
                "tls_certificate_renewed", fingerprint=renewed.tls.leaf_fingerprint
            )
            for listener in self._listeners:
                listener()
