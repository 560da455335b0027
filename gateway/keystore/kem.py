"""The keys that messages to us are sealed to: loading, opening, turning over.

A key is published for its sending period, opens for 91 days longer, and is then
destroyed: what was captured on the way can't be opened any more, not even here.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.envelope import ContentKey, ParsedEnvelope, check_seal
from gateway.core.errors import KeystoreError, MalformedError
from gateway.core.keys import (
    KemKeyRecord,
    KemPrivateKey,
    NewKemKey,
    check_record,
    is_openable,
    new_kem_key,
)
from gateway.core.values import AuthorityId, HexDigest, UnixMs, parse_digest, parse_time
from gateway.keystore.files import create_private, destroy
from gateway.keystore.sealed import KeyLock

_FOLDER = "kem"
_RETIRED = ".retired"
_KEY = ".key"
_MAX_KEY_BYTES = 16 * 1024

# A new key is made when the newest has this long to go, so that every peer has the
# new card before the old key ends, even one that is away for a week.
RENEW_BEFORE_MS = 10 * 86_400_000


class _KemFile(Wire, frozen=True, kw_only=True):
    """What a key's file holds."""

    record: KemKeyRecord
    seed: str


@dataclass(frozen=True, slots=True)
class _HeldKey:
    private: KemPrivateKey
    record: KemKeyRecord


class KemKeys:
    """Implements `OpeningKeys`.

    A change replaces the tables whole, so that a key can be made in one thread while
    another opens; two changes at once are not foreseen.
    """

    def __init__(self, authority: AuthorityId, lock: KeyLock) -> None:
        self._authority = authority
        self._lock = lock
        self._held: Mapping[HexDigest, _HeldKey] = {}
        self._retired: frozenset[HexDigest] = frozenset()

    @classmethod
    def load(cls, authority: AuthorityId, lock: KeyLock) -> "KemKeys":
        """Return the keys in a key store.

        Raises:
            KeystoreError: A key's file is unsafe, changed or of another authority.
        """
        keys = cls(authority, lock)
        try:
            names = sorted(path.name for path in (lock.folder / _FOLDER).iterdir())
        except OSError as error:
            raise KeystoreError(f"{lock.folder / _FOLDER}: {error.strerror}") from error
        for name in names:
            if name.endswith(_KEY):
                keys._load_key(name)
            elif name.endswith(_RETIRED):
                keys._retired |= {_key_id(name.removesuffix(_RETIRED))}
        if not keys._held:
            raise KeystoreError(f"{lock.folder / _FOLDER}: holds no key")
        return keys

    def records(self) -> Sequence[KemKeyRecord]:
        """Return the records of all keys that still open, newest first.

        A card shows only those that may still be sealed to: see `card_records`.
        """
        return tuple(held.record for held in self._newest_first())

    def card_records(self) -> Sequence[KemKeyRecord]:
        """Return the records for a card: the newest key, and it alone.

        A message is sealed to every key of a card, so an older key on it would open
        whatever the newer one is meant to protect. Senders that still hold the card
        before are served by the older key until that ends.
        """
        return self.records()[:1]

    def ids(self) -> frozenset[HexDigest]:
        """Return the ids of all keys that still open."""
        return frozenset(self._held)

    def check_seal(self, envelope: ParsedEnvelope, now: UnixMs) -> ContentKey:
        """Verify every tag of a sealed message and return its content key.

        Raises:
            UnknownSuiteError: Any but suite 1.
            CannotOpenError: The seal does not hold.
            KeyRetiredError: Sealed to a key that is no longer opened with.
            MalformedError: Sealed to a key this node never issued.
        """
        usable = {
            kid: held.private
            for kid, held in self._held.items()
            if is_openable(held.record, now)
        }
        retired = self._retired | (self._held.keys() - usable.keys())
        return check_seal(envelope, usable, retired=retired)

    def renewal_due(self, now: UnixMs) -> bool:
        """Tell whether the newest key is about to end, or has."""
        newest = self._newest_first()[0].record
        return now + RENEW_BEFORE_MS >= parse_time(newest.send_until)

    def rotate(self, now: UnixMs) -> KemKeyRecord:
        """Make a new key and return its record; the card is to be issued anew.

        Raises:
            KeystoreError: The key can't be written.
        """
        new = new_kem_key(self._authority, now)
        store_kem_key(self._lock, new)
        self._hold(parse_digest(new.record.kid), _HeldKey(new.private, new.record))
        return new.record

    def expired(self, now: UnixMs) -> tuple[HexDigest, ...]:
        """Return the ids of keys whose last moment to open has passed."""
        return tuple(
            kid for kid, held in self._held.items() if not is_openable(held.record, now)
        )

    def destroy(self, kid: HexDigest) -> None:
        """Destroy a key for ever; its id is remembered as retired.

        Whoever calls has made sure that no message needs it any more.

        Raises:
            KeystoreError: A file can't be written or removed.
        """
        folder = self._lock.folder / _FOLDER
        if kid not in self._retired:
            # Remembered first: forgotten, its messages would seem to be forgeries.
            create_private(folder / f"{kid}{_RETIRED}", b"")
            self._retired |= {kid}
        destroy(folder / f"{kid}{_KEY}")
        self._held = {one: key for one, key in self._held.items() if one != kid}

    def _hold(self, kid: HexDigest, key: _HeldKey) -> None:
        self._held = {**self._held, kid: key}

    def _newest_first(self) -> list[_HeldKey]:
        return sorted(
            self._held.values(),
            key=lambda held: (held.record.not_before, held.record.kid),
            reverse=True,
        )

    def _load_key(self, name: str) -> None:
        path = self._lock.folder / _FOLDER / name
        raw = self._lock.read(f"{_FOLDER}/{name}")
        try:
            kid = _key_id(name.removesuffix(_KEY))
            content = canonical.decode_as(raw, _KemFile, max_bytes=_MAX_KEY_BYTES)
            private = KemPrivateKey.from_seed(canonical.parse_base64(content.seed))
            key = check_record(content.record, self._authority)
        except MalformedError as error:
            raise KeystoreError(f"{path}: {error}") from error
        if key.kid != kid or key.public != private.public:
            raise KeystoreError(f"{path}: is not the file of key {kid}")
        self._hold(kid, _HeldKey(private, content.record))


def store_kem_key(lock: KeyLock, new: NewKemKey) -> None:
    """Write the file of a new key.

    Raises:
        KeystoreError: It exists, or can't be written.
    """
    content = _KemFile(
        record=new.record,
        seed=base64.b64encode(new.private.seed).decode(),
    )
    lock.create(f"{_FOLDER}/{new.record.kid}{_KEY}", canonical.encode(content))


def _key_id(text: str) -> HexDigest:
    try:
        return parse_digest(text)
    except MalformedError as error:
        raise KeystoreError(f"kem/{text[:80]}: {error}") from error
