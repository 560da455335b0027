"""How long things become when they are padded and sealed (specification, 4 and 5).

Only arithmetic: what a stranger can learn from a length, and which lengths can't be.
"""

from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import KIB, MAX_PARTS, PART_BYTES

# A short message looks like any other short message.
MIN_INNER_BYTES = 4 * KIB

# Cobblestone-256 (C2SP chunked-encryption).
CHUNK_BYTES = 16 * KIB
CHUNK_TAG_BYTES = 16
SALT_AND_COMMITMENT_BYTES = 24 + 32


def padme(length: int) -> int:
    """Return the next length at which something of `length` bytes is hidden.

    Padmé leaks O(log log) bits of the length and adds at most 12 %.
    """
    if length < 2:  # noqa: PLR2004 - the logarithm below needs at least 2
        return length
    exponent = length.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (length + mask) & ~mask


def inner_length(length: int) -> int:
    """Return the padded length of an envelope's inner part."""
    return max(padme(length), MIN_INNER_BYTES)


def ciphertext_length(plaintext_length: int) -> int:
    """Return the Cobblestone-256 ciphertext length of a plaintext.

    A full last chunk is followed by an empty one, so that every end is a short chunk.
    """
    chunks = plaintext_length // CHUNK_BYTES + 1
    return SALT_AND_COMMITMENT_BYTES + plaintext_length + CHUNK_TAG_BYTES * chunks


def attachment_length(size: int) -> int:
    """Return the ciphertext length of an attachment of `size` bytes, padded."""
    return ciphertext_length(padme(size))


def check_attachment_length(length: int) -> None:
    """Refuse a length that no attachment's ciphertext can have.

    Raises:
        MalformedError: No plaintext has a ciphertext of `length` bytes.
        TooLargeError: Its list of parts would be over its limit.
    """
    chunks = length - SALT_AND_COMMITMENT_BYTES
    last_chunk = chunks % (CHUNK_BYTES + CHUNK_TAG_BYTES)
    if chunks < CHUNK_TAG_BYTES or last_chunk < CHUNK_TAG_BYTES:
        raise MalformedError(f"attachment: {length} bytes, which no ciphertext has")
    if length > MAX_PARTS * PART_BYTES:
        raise TooLargeError(
            f"attachment: {length} bytes, at most {MAX_PARTS * PART_BYTES}",
        )


def largest_attachment() -> int:
    """Return the size of the largest file that can be an attachment, in bytes.

    Its padded ciphertext has as many parts as a list of them can name.
    """
    size = MAX_PARTS * PART_BYTES
    while attachment_length(size) > MAX_PARTS * PART_BYTES:
        # Padding goes in large steps: whatever is a step shorter ends a step lower.
        size -= size >> (size.bit_length().bit_length() + 1)
    return size


def whole_chunks(length: int) -> int:
    """Return how much plaintext the whole chunks of a ciphertext's beginning hold.

    Args:
        length: Bytes of ciphertext from its start on, however they were cut off.
    """
    chunks = max(length - SALT_AND_COMMITMENT_BYTES, 0)
    return chunks // (CHUNK_BYTES + CHUNK_TAG_BYTES) * CHUNK_BYTES


def ciphertext_of_chunks(plaintext_length: int) -> int:
    """Return how long a ciphertext is up to the end of some whole chunks.

    Args:
        plaintext_length: What they hold; a multiple of `CHUNK_BYTES`.
    """
    chunks = plaintext_length // CHUNK_BYTES
    if not chunks:
        return 0
    return SALT_AND_COMMITMENT_BYTES + chunks * (CHUNK_BYTES + CHUNK_TAG_BYTES)
