"""How proof files are called when they leave the gateway."""

import re
from enum import StrEnum

from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_NAME_BYTES
from gateway.core.translog.encoding import MAX_SIZE, check_origin

PROOF_SUFFIX = ".tlog-proof"

_NOT_IN_SLUG = re.compile(r"[^a-z0-9.-]")


class ProofRole(StrEnum):
    """What a proof is to the message it belongs to."""

    ORIGIN = "origin"  # the sender logged that it sends this
    RECEIPT = "receipt"  # the recipient logged that it received this
    REJECTION = "rejection"  # the recipient logged that it will not take this
    OPENING = "opening"  # the recipient logged its first opening


def proof_file_name(role: ProofRole, origin: str, index: int) -> str:
    """Return the name of a proof file: `receipt-pgr.pt-audit-1-42.tlog-proof`.

    Args:
        role: What the proof is to its message.
        origin: The log it is proven in.
        index: The place of the proven entry.

    Raises:
        MalformedError: No log has that name or entry, or the name would be too long.
    """
    check_origin(origin)
    if not 0 <= index <= MAX_SIZE:
        raise MalformedError(f"proof: index {index}, expected 0 to 2^63 - 1")
    slug = _NOT_IN_SLUG.sub("-", origin)
    name = f"{role}-{slug}-{index}{PROOF_SUFFIX}"
    if len(name) > MAX_NAME_BYTES:
        raise MalformedError(f"proof: origin of {len(origin)} characters is too long")
    return name
