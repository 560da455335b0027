"""The exact bytes that each type of checkpoint signature covers.

Specification, section 8.2.
"""

from gateway.core.errors import MalformedError
from gateway.core.translog.encoding import (
    check_origin,
    decode_hash,
    decode_text,
    parse_decimal,
)

MAX_CHECKPOINT_BYTES = 512  # an origin of 255, a size of 19, a root of 44, line feeds

_SUBTREE_LABEL = b"subtree/v1\n\x00"
_CHECKPOINT_LINES = 3


def split_checkpoint(text: bytes) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint's text.

    Lines after the third are refused: the ML-DSA signatures do not cover them.

    Raises:
        MalformedError: Not exactly the three lines of a checkpoint.
        TooLargeError: Longer than any checkpoint.
    """
    lines = decode_text(text, "checkpoint", max_bytes=MAX_CHECKPOINT_BYTES).split("\n")
    if len(lines) != _CHECKPOINT_LINES + 1 or lines[-1]:
        raise MalformedError(f"checkpoint: {text[:80]!r}, expected three lines")
    origin, size, root, _ = lines
    check_origin(origin)
    return (
        origin,
        parse_decimal(size, "checkpoint size"),
        decode_hash(root, "checkpoint root"),
    )


def cosignature_message(text: bytes, time_s: int) -> bytes:
    """Return what an Ed25519 cosignature (type 0x04) of a checkpoint covers."""
    return b"cosignature/v1\ntime %d\n%b" % (time_s, text)


def subtree_message(name: str, text: bytes, time_s: int) -> bytes:
    """Return what an ML-DSA-44 signature (type 0x06) of a checkpoint covers.

    Args:
        name: Key name of the signer; a log that signs its own tree uses its origin.
        text: The checkpoint's three lines.
        time_s: POSIX seconds; 0 says nothing about the time.

    Raises:
        MalformedError: `text` is not a checkpoint.
        TooLargeError: `text` is longer than any checkpoint.
    """
    origin, size, root = split_checkpoint(text)
    return b"".join(
        (
            _SUBTREE_LABEL,
            _counted(name),
            time_s.to_bytes(8, "big"),
            _counted(origin),
            bytes(8),  # the subtree starts at leaf 0: it is the whole tree
            size.to_bytes(8, "big"),
            root,
        ),
    )


def _counted(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(1, "big") + raw
