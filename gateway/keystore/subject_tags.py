"""Tags that people in messages are found by, made with a key of its own.

Without the key a tag says nothing, and nobody can try out names on a stolen database.
With it, equal names have equal tags: that is what it is for.
"""

import hmac

import nacl.utils

from gateway.keystore.home import SUBJECT_KEY
from gateway.keystore.sealed import KeyLock, Secret

TAG_BYTES = 16

_CONTEXT = b"mla-subject/1\0"
_KEY_BYTES = 32


class SubjectTags:
    """Implements `SubjectTagger`."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = key

    def tag(self, kind: int, text: str) -> bytes:
        """Return the tag of a folded text; the same text of two kinds has two."""
        named = b"%b%c%b" % (_CONTEXT, kind, text.encode())
        return hmac.digest(self._key.raw, named, "sha256")[:TAG_BYTES]


def load_subject_tags(lock: KeyLock) -> SubjectTags:
    """Return what makes tags; in a home from before there were any, with a new key.

    Raises:
        KeystoreError: The key is unsafe or changed, or can't be written.
    """
    fresh = nacl.utils.random(_KEY_BYTES)
    return SubjectTags(Secret(lock.read_or_create(SUBJECT_KEY, fresh)))
