"""What goes to the process that looks at a file, and what comes back."""

import base64

import msgspec

from gateway.mla.findings import SignatureFinding

MAX_ANSWER_BYTES = 64 * 1024
MAX_SIGNATURES = 16
"""Of one file; what is beyond is not looked at."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be looked at; its bytes follow on the same stream.

    Attributes:
        kind: A `SignatureKind`.
        length: Bytes of the file.
        now: Seconds since 1970.
        roots: Certificates that are believed, DER in base64.
        digests: Of the file that a detached signature is over, hex, by the name that
            signatures use (`sha256`).
    """

    kind: str
    length: int
    now: int
    roots: tuple[str, ...] = ()
    digests: dict[str, str] = msgspec.field(default_factory=dict)

    def certificates(self) -> list[bytes]:
        """Return the certificates that are believed, DER."""
        return [base64.b64decode(root) for root in self.roots]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One signature: what is known of it, and who made it."""

    finding: SignatureFinding
    signer: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """All signatures that were found."""

    signatures: tuple[Found, ...] = ()
