"""The online keys that sign: those of the audit log and those of the witness."""

import asyncio

from gateway.core.identity import audit_origin, witness_name
from gateway.core.translog.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    LogSigner,
    MlDsaCosigner,
)
from gateway.core.translog.note import NoteSignature, VerifierKey
from gateway.core.values import AuthorityId
from gateway.keystore.home import (
    LOG_ED25519,
    LOG_ML_DSA,
    WITNESS_ED25519,
    WITNESS_ML_DSA,
)
from gateway.keystore.sealed import KeyLock


class LogKeys:
    """Implements `LogSigning`."""

    __slots__ = ("_signer",)

    def __init__(self, signer: LogSigner) -> None:
        self._signer = signer

    @classmethod
    def load(cls, authority: AuthorityId, lock: KeyLock) -> "LogKeys":
        """Return the log keys in a key store.

        Raises:
            KeystoreError: A key's file is missing, unsafe or changed.
        """
        return cls(
            LogSigner(
                audit_origin(authority),
                ed25519_seed=lock.read(LOG_ED25519),
                ml_dsa_seed=lock.read(LOG_ML_DSA),
            ),
        )

    @property
    def origin(self) -> str:
        """Origin of the log."""
        return self._signer.origin

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys, Ed25519 first."""
        return self._signer.keys

    async def sign(self, checkpoint: Checkpoint) -> bytes:
        """Return the signed note of a checkpoint of this log, with both lines.

        Raises:
            LogProofError: The checkpoint is of another log.
        """
        # Signing takes most of a millisecond and releases the interpreter's lock.
        return await asyncio.to_thread(self._signer.sign, checkpoint)


class WitnessKeys:
    """The keys with which this authority cosigns other logs."""

    __slots__ = ("_ed25519", "_ml_dsa")

    def __init__(self, ed25519: Ed25519Cosigner, ml_dsa: MlDsaCosigner) -> None:
        self._ed25519 = ed25519
        self._ml_dsa = ml_dsa

    @classmethod
    def load(cls, authority: AuthorityId, lock: KeyLock) -> "WitnessKeys":
        """Return the witness keys in a key store.

        Raises:
            KeystoreError: A key's file is missing, unsafe or changed.
        """
        name = witness_name(authority)
        return cls(
            Ed25519Cosigner(name, lock.read(WITNESS_ED25519)),
            MlDsaCosigner(name, lock.read(WITNESS_ML_DSA)),
        )

    @property
    def name(self) -> str:
        """Name of the witness."""
        return self._ed25519.key.name

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys, Ed25519 first."""
        return self._ed25519.key, self._ml_dsa.key

    async def cosign(
        self,
        checkpoint: Checkpoint,
        *,
        time_s: int,
    ) -> tuple[NoteSignature, ...]:
        """Return both cosignature lines of a checkpoint that was found consistent.

        Raises:
            MalformedError: The time is not one that can be stated.
        """
        return await asyncio.to_thread(
            lambda: (
                self._ed25519.cosign(checkpoint, time_s=time_s),
                self._ml_dsa.cosign(checkpoint, time_s=time_s),
            ),
        )
