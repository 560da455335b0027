"""The root keys at work: on a machine that is offline, with one folder and no more.

A request goes in, a signed statement comes out. The root's own log is written before
it is signed, so that no two statements can ever share a number.
"""

from dataclasses import dataclass

from gateway.core.errors import KeystoreError, MalformedError
from gateway.core.identity import (
    RootKeys,
    append_statement,
    parse_request,
    prove_statement,
    root_keys_of,
    root_origin,
)
from gateway.core.limits import MAX_STATEMENT_BYTES
from gateway.core.translog.checkpoint import LogSigner
from gateway.core.values import AuthorityId, UnixMs, parse_authority_id
from gateway.keystore.files import read_private, replace_private
from gateway.keystore.home import ROOT_ED25519, ROOT_ML_DSA, RootLayout
from gateway.keystore.sealed import KeyLock, Secret, open_lock

# Statements are rare: a few a year.
_MAX_ROOT_LOG_BYTES = 256 * MAX_STATEMENT_BYTES


@dataclass(frozen=True, slots=True)
class RootFolder:
    """An unlocked folder of root keys."""

    layout: RootLayout
    lock: KeyLock

    @classmethod
    def unlock(cls, layout: RootLayout, passphrase: Secret) -> "RootFolder":
        """Return the folder, unlocked.

        Raises:
            KeystoreError: No root keys there, or the passphrase is wrong.
        """
        return cls(layout, open_lock(layout.folder, passphrase))

    def public(self, authority: AuthorityId) -> RootKeys:
        """Return the public root keys, as keys of this authority.

        Raises:
            KeystoreError: A key's file is missing, unsafe or changed.
        """
        return root_keys_of(authority, self._signer(authority).keys)

    def sign(self, request: bytes, now: UnixMs) -> bytes:
        """Return the signed statement, a `.tlog-proof` file, that a request asks for.

        The entry is durable before it is signed. After a crash in between, the next
        request gets a higher number.

        Raises:
            KeystoreError: The root log or a key can't be read or written, or the
                request is of another authority.
            MalformedError: The request is not one.
            TooLargeError: The request is over its limit.
        """
        parsed = parse_request(request)
        leaves = self._entries()
        try:
            leaf = append_statement(parsed, leaves, now)
        except MalformedError as error:
            raise KeystoreError(f"{self.layout.entries}: {error}") from error
        leaves.append(leaf)
        replace_private(self.layout.entries, b"".join(raw + b"\n" for raw in leaves))
        signer = self._signer(parse_authority_id(parsed.authority))
        return prove_statement(leaves, signer)

    def _entries(self) -> list[bytes]:
        # Missing is not empty: a log begun anew would contradict what peers hold.
        raw = read_private(self.layout.entries, max_bytes=_MAX_ROOT_LOG_BYTES)
        return raw.split(b"\n")[:-1]

    def _signer(self, authority: AuthorityId) -> LogSigner:
        return LogSigner(
            root_origin(authority),
            ed25519_seed=self.lock.read(ROOT_ED25519),
            ml_dsa_seed=self.lock.read(ROOT_ML_DSA),
        )
