"""The keyring in force, and renewing what in it ends: KEM keys and TLS certificate."""

import asyncio
from collections.abc import Callable

import structlog

from gateway.core.values import UnixMs, format_time
from gateway.keystore.keyring import Keyring
from gateway.keystore.rotation import overlaps
from gateway.transport.tls import TlsIdentity

log = structlog.get_logger()

_DAY_MS = 86_400_000


class KeyCare:
    """Holds the keyring, and replaces it whole when something in it was renewed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._listeners: list[Callable[[], None]] = []
        self._warn_again_at = UnixMs(0)

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

    async def settle(self, now: UnixMs) -> None:
        """Finish what a new statement left to be done; at start.

        Raises:
            KeystoreError: A file can't be written or removed.
        """
        self._keyring = await asyncio.to_thread(self._keyring.settled, now)

    async def renew_if_due(self, now: UnixMs) -> None:
        """Renew what nears its end, and destroy the KEM keys past theirs.

        Raises:
            KeystoreError: A file can't be read or written.
        """
        await self._warn_of_overlaps(now)
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

    async def _warn_of_overlaps(self, now: UnixMs) -> None:
        """Say once a day that old keys are still at work though their time is over."""
        if now < self._warn_again_at:
            return
        self._warn_again_at = UnixMs(now + _DAY_MS)
        for overlap in await asyncio.to_thread(overlaps, self._keyring):
            if now >= overlap.ends_at:
                log.warning(
                    "key_overlap_ended",
                    use=overlap.use,
                    ended_at=format_time(overlap.ends_at),
                    remedy=overlap.remedy,
                )
