"""Secrets of webhook endpoints at rest: sealed with a key of the key store.

A database alone, with whatever key opened it, lets nobody sign as this node.
"""

import nacl.utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.core.errors import KeystoreError
from gateway.core.webhooks import WebhookSecret
from gateway.keystore.home import WEBHOOK_KEY
from gateway.keystore.sealed import KeyLock, Secret

_CONTEXT = b"mla-webhook-secret/1\0"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealedWebhookSecrets:
    """Implements `WebhookSecrets`."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = key

    def seal(self, name: str, secret: WebhookSecret) -> bytes:
        """Return the secret of an endpoint, sealed."""
        nonce = nacl.utils.random(_NONCE_BYTES)
        sealed = AESGCM(self._key.raw).encrypt(nonce, secret.raw, _bound_to(name))
        return nonce + sealed

    def open(self, name: str, sealed: bytes) -> WebhookSecret:
        """Return a secret that was sealed for this endpoint.

        Raises:
            KeystoreError: Sealed by another key or for another endpoint.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return WebhookSecret(
                AESGCM(self._key.raw).decrypt(nonce, rest, _bound_to(name))
            )
        except (InvalidTag, ValueError) as error:
            raise KeystoreError(
                f"webhook {name}: its secret was sealed with another key; give it a "
                "new one with: mla-gateway webhook rotate",
            ) from error


def load_webhook_secrets(lock: KeyLock) -> SealedWebhookSecrets:
    """Return what seals; in a home from before there was any, with a new key.

    Raises:
        KeystoreError: The key is unsafe or changed, or can't be written.
    """
    return SealedWebhookSecrets(
        Secret(lock.read_or_create(WEBHOOK_KEY, nacl.utils.random(_KEY_BYTES)))
    )


def _bound_to(name: str) -> bytes:
    return _CONTEXT + name.encode()
