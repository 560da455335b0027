"""The online keys that sign: those of the audit log and those of the witness.

While one generation succeeds another, both sign everything: whoever still knows only
the old keys can check it, and so can whoever knows only the new ones.
"""

import asyncio
from collections.abc import Collection, Iterable

from gateway.core.translog.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    LogSigner,
    MlDsaCosigner,
)
from gateway.core.translog.note import Note, NoteSignature, VerifierKey
from gateway.keystore.sealed import KeyLock
from gateway.keystore.succession import (
    Generation,
    KeyUse,
    Succession,
    file_names,
    present_numbers,
    sort_out,
    whole_numbers,
)

_Named = Collection[VerifierKey | bytes] | None
_Cosigners = tuple[Ed25519Cosigner, MlDsaCosigner]


class LogKeys:
    """Implements `LogSigning`.

    Attributes:
        origin: Origin of the log.
        succession: The generations of its keys.
    """

    __slots__ = ("_past", "origin", "succession")

    def __init__(
        self,
        origin: str,
        succession: Succession[LogSigner],
        past: Iterable[VerifierKey] = (),
    ) -> None:
        self.origin = origin
        self.succession = succession
        self._past = tuple(past)

    @classmethod
    def load(
        cls,
        lock: KeyLock,
        origin: str,
        named: _Named,
        *,
        past: Iterable[VerifierKey] = (),
    ) -> "LogKeys":
        """Return the log keys in a key store.

        Args:
            lock: Opens the files.
            origin: The log that they sign.
            named: The log keys in the statement in force; None before the first.
            past: Keys that the root ever vouched for; those of other logs are left
                out.

        Raises:
            KeystoreError: A key's file is missing, unsafe or changed.
        """
        generations = []
        for number in whole_numbers(lock.folder, KeyUse.LOG):
            ed25519, ml_dsa = map(lock.read, file_names(KeyUse.LOG, number))
            signer = LogSigner(origin, ed25519_seed=ed25519, ml_dsa_seed=ml_dsa)
            generations.append(Generation(number, signer.keys, signer))
        present = present_numbers(lock.folder, KeyUse.LOG)
        use = KeyUse.LOG
        return cls(
            origin,
            sort_out(use, generations, named, present=present),
            (key for key in past if key.name == origin),
        )

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of all that sign, oldest first; of a pair, Ed25519 first."""
        works = self.succession.at_work
        return tuple(key for one in works for key in one.keys.keys)

    @property
    def known_vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of all that sign or ever signed, as the root vouched for them."""
        return tuple(dict.fromkeys((*self.vkeys, *self._past)))

    @property
    def newest_vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of the pair that is to stay."""
        return self.succession.at_work[-1].keys.keys

    async def sign(self, checkpoint: Checkpoint) -> bytes:
        """Return the signed note of a checkpoint of this log, with all lines.

        Raises:
            LogProofError: The checkpoint is of another log.
        """
        # Signing takes most of a millisecond and releases the interpreter's lock.
        return await asyncio.to_thread(self._sign, checkpoint)

    def _sign(self, checkpoint: Checkpoint) -> bytes:
        lines = tuple(
            line
            for one in self.succession.at_work
            for line in one.keys.sign_lines(checkpoint)
        )
        return Note(checkpoint.text, lines).to_bytes()


class WitnessKeys:
    """The keys with which this authority cosigns other logs.

    Attributes:
        name: Name of the witness.
        succession: The generations of its keys.
    """

    __slots__ = ("name", "succession")

    def __init__(self, name: str, succession: Succession[_Cosigners]) -> None:
        self.name = name
        self.succession = succession

    @classmethod
    def load(cls, lock: KeyLock, name: str, named: _Named) -> "WitnessKeys":
        """Return the witness keys in a key store.

        Args:
            lock: Opens the files.
            name: Name of the witness.
            named: The witness keys in the statement in force; None before the first.

        Raises:
            KeystoreError: A key's file is missing, unsafe or changed.
        """
        generations = []
        for number in whole_numbers(lock.folder, KeyUse.WITNESS):
            seeds = map(lock.read, file_names(KeyUse.WITNESS, number))
            pair = (
                Ed25519Cosigner(name, next(seeds)),
                MlDsaCosigner(name, next(seeds)),
            )
            public = tuple(cosigner.key for cosigner in pair)
            generations.append(Generation(number, public, pair))
        present = present_numbers(lock.folder, KeyUse.WITNESS)
        use = KeyUse.WITNESS
        return cls(name, sort_out(use, generations, named, present=present))

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Public keys of all that cosign, oldest first; of a pair, Ed25519 first."""
        return tuple(cosigner.key for cosigner in self._cosigners())

    async def cosign(
        self,
        checkpoint: Checkpoint,
        *,
        time_s: int,
    ) -> tuple[NoteSignature, ...]:
        """Return all cosignature lines of a checkpoint that was found consistent.

        Raises:
            MalformedError: The time is not one that can be stated.
        """
        return await asyncio.to_thread(
            lambda: tuple(
                cosigner.cosign(checkpoint, time_s=time_s)
                for cosigner in self._cosigners()
            ),
        )

    def _cosigners(self) -> list[Ed25519Cosigner | MlDsaCosigner]:
        return [one for pair in self.succession.at_work for one in pair.keys]
