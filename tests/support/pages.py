"""Every byte that an encrypted database holds: all pages of the file and of its log.

Also those that no table uses any more, and the space inside a page that nothing
points to. What is found nowhere here cannot be got out of the file.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PAGE = 4096
_RESERVED = 80  # initialisation vector 16, HMAC 64
_SALT = 16
_WAL_HEADER, _FRAME_HEADER = 32, 24


def every_byte(database: Path, key: bytes) -> bytes:
    """Return the plaintext of all pages, whatever they are used for."""
    return b"".join(_pages(database, key))


def _pages(database: Path, key: bytes) -> Iterator[bytes]:
    raw = database.read_bytes()
    for start in range(0, len(raw), _PAGE):
        yield _decrypt(raw[start : start + _PAGE], key, is_first=start == 0)
    wal = database.with_name(f"{database.name}-wal")
    frames = wal.read_bytes()[_WAL_HEADER:] if wal.exists() else b""
    for start in range(0, len(frames), _FRAME_HEADER + _PAGE):
        head = frames[start : start + _FRAME_HEADER]
        page = frames[start + _FRAME_HEADER : start + _FRAME_HEADER + _PAGE]
        if len(page) == _PAGE:
            yield _decrypt(page, key, is_first=int.from_bytes(head[:4]) == 1)


def _decrypt(page: bytes, key: bytes, *, is_first: bool) -> bytes:
    body = page[_SALT if is_first else 0 : _PAGE - _RESERVED]
    vector = page[_PAGE - _RESERVED : _PAGE - _RESERVED + 16]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(body) + decryptor.finalize()
