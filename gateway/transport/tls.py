"""TLS 1.3 both ways, and the one place that makes a `VerifiedPeer`.

Identity first (specification, section 10.1): the certificate's only DNS name is the
id of an active peer; then one of that very peer's CAs must have issued it, it must be
valid now, made for this use, and not revoked. A server context holds the CAs of all
peers, so this is asked anew after the library's own verification.
"""

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.core.errors import KeystoreError, StrangerError
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.peers import VerifiedPeer
from gateway.transport.trust import PARSE_ERRORS, Anchors, TlsTrust

_HANDSHAKE_RECORD = 22
_CERTIFICATE_MESSAGE = 11
# Type and length, an empty request context, the length of the list.
_LIST_OFFSET = 4 + 1 + 3

Judge = Callable[[bytes], None]
"""Raises `StrangerError` unless a certificate (DER) is the expected one."""


class Direction(Enum):
    """Who dialled; a certificate must be made for the part its owner plays."""

    INBOUND = ExtendedKeyUsageOID.CLIENT_AUTH
    OUTBOUND = ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """Where our own certificate and key lie; the key is used for TLS only.

    Attributes:
        chain_file: PEM: our leaf, then what lies between it and our CA.
        key_file: PEM of the leaf's private key; None if the chain file holds it.
        password: Opens the private key, if it is closed.
    """

    chain_file: Path
    key_file: Path | None = None
    password: bytes = field(default=b"", repr=False)


class CertificateRefusedError(ssl.SSLCertVerificationError):
    """A handshake failed on the other side's certificate.

    It travels through the network library as the TLS error that it is, and is
    translated at the border of this room.

    Attributes:
        why: What was wrong with the certificate.
        fingerprint: SHA-256 of it, or empty if none was shown.
    """

    def __init__(self, why: str, *, fingerprint: str) -> None:
        super().__init__(why)
        self.why = why
        self.fingerprint = fingerprint

    def __str__(self) -> str:
        return self.why


def identify(
    der: bytes,
    trust: TlsTrust,
    now: UnixMs,
    *,
    direction: Direction,
) -> VerifiedPeer:
    """Return the active peer that a presented leaf certificate proves.

    Args:
        der: The certificate, as the handshake showed it.
        trust: Whom we trust at this moment.
        now: The time for validity and revocation lists.
        direction: Who dialled.

    Raises:
        StrangerError: It proves none, with the reason and its fingerprint.
    """
    try:
        leaf = x509.load_der_x509_certificate(der)
        anchors = _claimed_peer(leaf, trust, direction)
        _check_leaf(leaf, direction)
        moment = datetime.fromtimestamp(now / 1000, UTC)
        _check_valid(leaf, moment)
        _check_issued(leaf, anchors, moment)
    except (_Fault, *PARSE_ERRORS) as error:
        why = str(error) if isinstance(error, _Fault) else "cannot be read"
        raise StrangerError(
            f"certificate: {why}",
            fingerprint=hashlib.sha256(der).hexdigest(),
        ) from error
    return VerifiedPeer(anchors.peer.authority)


def server_context(identity: TlsIdentity, trust: TlsTrust) -> ssl.SSLContext:
    """Return a context for connections from any active peer.

    Reads the identity's files: call it in a thread.

    Raises:
        KeystoreError: Our certificate or key cannot be used.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity)
    # Nothing resumes: a resumed session would skip the certificate, and with it
    # everything that was revoked since.
    context.num_tickets = 0
    _load_anchors(context, *trust.anchors.values())
    quiet = _context_after_handshake(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = _session_class(quiet, judge=None)
    return context


def client_context(
    identity: TlsIdentity,
    anchors: Anchors,
    judge: Judge,
) -> ssl.SSLContext:
    """Return a context for connections to one peer.

    Reads the identity's files: call it in a thread.

    Args:
        identity: Our own certificate.
        anchors: The trust of the peer that is dialled.
        judge: Has the last word on its certificate, before a byte is sent.

    Raises:
        KeystoreError: Our certificate or key cannot be used.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT, identity)
    context.check_hostname = True
    _load_anchors(context, anchors)
    quiet = _context_after_handshake(ssl.PROTOCOL_TLS_CLIENT)
    context.sslobject_class = _session_class(quiet, judge)
    return context


def judge_of(
    authority: AuthorityId,
    trust: Callable[[], TlsTrust],
    now: Callable[[], UnixMs],
) -> Judge:
    """Return the judge of connections that we make to a peer."""

    def judge(der: bytes) -> None:
        found = identify(der, trust(), now(), direction=Direction.OUTBOUND)
        if found.authority != authority:
            raise StrangerError(
                f"certificate: of {found.authority}, expected {authority}",
                fingerprint=hashlib.sha256(der).hexdigest(),
            )

    return judge


class _Fault(Exception):  # noqa: N818 - never leaves this module
    """What is wrong with a certificate, in words."""


def _claimed_peer(
    leaf: x509.Certificate,
    trust: TlsTrust,
    direction: Direction,
) -> Anchors:
    try:
        names = leaf.extensions.get_extension_for_class(
            x509.SubjectAlternativeName,
        ).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound as error:
        raise _Fault("it carries no DNS name") from error
    if len(names) != 1:
        raise _Fault(f"it carries {len(names)} DNS names, expected 1")
    anchors = trust.anchors.get(AuthorityId(names[0]))
    if anchors is None:
        raise _Fault(f"{names[0][:64]!r} is not an active peer")
    if direction is Direction.INBOUND and not anchors.peer.may_call:
        raise _Fault(f"{names[0]!r} is paused")
    return anchors


def _check_leaf(leaf: x509.Certificate, direction: Direction) -> None:
    try:
        uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound as error:
        raise _Fault("it does not say what it is for") from error
    if direction.value not in uses:
        raise _Fault("it is made for another use")
    for extension in leaf.extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            raise _Fault("it is a CA certificate")


def _check_valid(certificate: x509.Certificate, moment: datetime) -> None:
    if moment < certificate.not_valid_before_utc:
        raise _Fault("not yet valid")
    if moment > certificate.not_valid_after_utc:
        raise _Fault("expired")


def _check_issued(leaf: x509.Certificate, anchors: Anchors, moment: datetime) -> None:
    issuers = [ca for ca in anchors.certificates if _is_issued_by(leaf, ca)]
    if not issuers:
        raise _Fault(f"not issued by a CA of {anchors.peer.authority}")
    # A renewed CA certificate may stand beside the old one, with the same key.
    *others, last = issuers
    for issuer in others:
        try:
            _check_issuer(leaf, issuer, anchors, moment)
        except _Fault:
            continue
        return
    _check_issuer(leaf, last, anchors, moment)


def _check_issuer(
    leaf: x509.Certificate,
    issuer: x509.Certificate,
    anchors: Anchors,
    moment: datetime,
) -> None:
    _check_valid(issuer, moment)
    fault = anchors.revocation_fault(leaf, issuer, moment)
    if fault:
        raise _Fault(fault)


def _is_issued_by(leaf: x509.Certificate, ca: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(ca)
    except (InvalidSignature, *PARSE_ERRORS):
        return False
    return True


def _context(protocol: int, identity: TlsIdentity) -> ssl.SSLContext:
    # Not `create_default_context`: that brings the system's roots, and a key log
    # file if the environment asks for one.
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    # A CA inside a larger PKI is an anchor of its own; what is above it is not.
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    context.options |= (
        ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    )
    # Level 2: no key below 112 bits and no SHA-1 in a chain.
    context.set_ciphers("DEFAULT:@SECLEVEL=2")
    try:
        # An empty password is an error where one is needed; none would ask on the
        # terminal.
        context.load_cert_chain(
            identity.chain_file,
            identity.key_file,
            password=identity.password,
        )
    except (OSError, ValueError) as error:
        raise KeystoreError(
            f"TLS certificate or key: cannot be used ({type(error).__name__})",
        ) from error
    # Without it nobody could tell which certificate was refused: the library drops
    # it, and TLS 1.3 hides it from a network trace. The attribute is not public;
    # where it is missing, refusals have no fingerprint. Called for every record, it
    # costs more than the encryption: a session leaves it behind with its handshake.
    setattr(context, "_msg_callback", _remember_shown)  # noqa: B010 - see above
    return context


def _context_after_handshake(protocol: int) -> ssl.SSLContext:
    """Return what a session belongs to once its keys are made: nothing is asked of it.

    But whether certificates are verified: the library gives none out where they aren't.
    """
    context = ssl.SSLContext(protocol)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load_anchors(context: ssl.SSLContext, *all_anchors: Anchors) -> None:
    for anchors in all_anchors:
        for certificate in anchors.certificates:
            context.load_verify_locations(
                cadata=certificate.public_bytes(Encoding.DER),
            )


class _Session(ssl.SSLObject):
    """A TLS session that knows the certificate it was shown, even a refused one."""

    shown: bytes = b""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.shown).hexdigest() if self.shown else ""


def _session_class(
    quiet: ssl.SSLContext,
    judge: Judge | None,
) -> type[ssl.SSLObject]:
    class JudgedSession(_Session):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
                # The network library reads it as text next, which fails on names
                # that are not.
                self.getpeercert()
                if judge:
                    judge(self.getpeercert(binary_form=True) or b"")
                self.context = quiet
            except ssl.SSLCertVerificationError as error:
                raise CertificateRefusedError(
                    error.verify_message,
                    fingerprint=self.fingerprint,
                ) from error
            except StrangerError as error:
                raise CertificateRefusedError(
                    str(error),
                    fingerprint=error.fingerprint,
                ) from error
            except ValueError as error:
                raise CertificateRefusedError(
                    "cannot be read",
                    fingerprint=self.fingerprint,
                ) from error

    return JudgedSession


def _remember_shown(
    session: object,
    direction: str,
    _version: object,
    content_type: int,
    message_type: int,
    message: bytes,
) -> None:
    """Keep the first certificate of a TLS 1.3 Certificate message (RFC 8446, 4.4.2)."""
    if (
        content_type == _HANDSHAKE_RECORD
        and message_type == _CERTIFICATE_MESSAGE
        and direction == "read"
        and isinstance(session, _Session)
    ):
        start = _LIST_OFFSET + 3
        length = int.from_bytes(message[_LIST_OFFSET:start])
        session.shown = message[start : start + length]
