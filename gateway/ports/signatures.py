"""Checking signatures of persons on files that travel with messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.values import UnixMs
from gateway.mla.findings import SignatureFinding, SignatureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """A file that is said to hold a signature.

    Attributes:
        kind: How signatures in it are made.
        data: The file itself; None if it is over the limit.
        country: Of the sender: whose authorities are believed.
        now: When it is looked at.
        content_digests: Of a file over another: digests of that other by algorithm of
            list HASH, in hex.
    """

    kind: SignatureKind
    data: bytes | None = field(repr=False)
    country: str
    now: UnixMs
    content_digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedSignature:
    """One signature.

    Attributes:
        finding: What may be kept unsealed.
        signer: Who signed, as the certificate names them; for those who may open the
            message.
    """

    finding: SignatureFinding
    signer: str = field(default="", repr=False)


class SignatureCheck(Protocol):
    """Looks at one file at a time."""

    async def check(self, file: SignedFile) -> Sequence[CheckedSignature]:
        """Return every signature that is found; none if it holds none.

        Nothing is raised for what a file holds: what cannot be checked is a result.
        """
        ...
