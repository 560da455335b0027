"""An authenticator in software: makes real keys, signs real answers (WebAuthn)."""

import hashlib
import json
import os

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import base64url

_PRESENT_AND_VERIFIED = 0x05
_HAS_KEY = 0x40


class Authenticator:
    """One device with one passkey.

    Attributes:
        origin: What the browser says it is at.
        count: Its counter, raised at each use.
    """

    def __init__(self, origin: str, host: str = "localhost") -> None:
        self.origin = origin
        self.host = host
        self.count = 0
        self.flags = _PRESENT_AND_VERIFIED
        self.credential = os.urandom(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: JsonObject) -> JsonObject:
        """Answer `navigator.credentials.create`."""
        client = self._client("webauthn.create", options)
        attestation = cbor2.dumps(
            {"fmt": "none", "attStmt": {}, "authData": self._data(with_key=True)}
        )
        return self._answer(
            {
                "clientDataJSON": base64url(client),
                "attestationObject": base64url(attestation),
            }
        )

    def sign(self, options: JsonObject) -> JsonObject:
        """Answer `navigator.credentials.get`."""
        self.count += 1
        client = self._client("webauthn.get", options)
        data = self._data(with_key=False)
        signed = data + hashlib.sha256(client).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": base64url(client),
                "authenticatorData": base64url(data),
                "signature": base64url(signature),
            }
        )

    def _client(self, kind: str, options: JsonObject) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _data(self, *, with_key: bool) -> bytes:
        flags = self.flags | (_HAS_KEY if with_key else 0)
        head = hashlib.sha256(self.host.encode()).digest()
        data = head + bytes([flags]) + self.count.to_bytes(4, "big")
        if not with_key:
            return data
        numbers = self._key.public_key().public_numbers()
        key = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        length = len(self.credential).to_bytes(2, "big")
        return data + bytes(16) + length + self.credential + cbor2.dumps(key)

    def _answer(self, response: JsonObject) -> JsonObject:
        name = base64url(self.credential)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
