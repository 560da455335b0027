"""Whom TLS trusts: every peer's CA certificates and revocation lists, parsed once.

Trust comes from the peers' statements and from nothing else (specification, section
10.1). A reload builds a new value; nothing in here ever changes in place.
"""

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.core.limits import MIB
from gateway.core.values import AuthorityId

MAX_CRL_BYTES = 16 * MIB

_PEM_LIST = re.compile(
    rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----",
    re.DOTALL,
)
_Name: TypeAlias = tuple[frozenset[tuple[str, str]], ...]

# What the library raises on certificates and lists that are odd rather than broken.
PARSE_ERRORS = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True, slots=True)
class TlsPeer:
    """What TLS has to know of an active peer.

    Attributes:
        authority: Its id, which its certificates must carry.
        ca_certificates: DER of the CAs its statement names, and of no others.
        urls: Where it listens, in the order in which to try them.
        crl_file: Revocation list (DER, or PEM with one list or several) to demand;
            empty demands none. Demanded and missing or stale means closed.
        proxy: How it is called: URL of a proxy, `direct`, or empty for as all are.
        may_call: False while it is paused inwards: we call it, it may not call us.
    """

    authority: AuthorityId
    ca_certificates: tuple[bytes, ...]
    urls: tuple[str, ...] = ()
    crl_file: str = ""
    proxy: str = ""
    may_call: bool = True


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A full list, with the CA whose signature on it has been checked."""

    issuer: x509.Certificate
    crl: x509.CertificateRevocationList

    def is_current(self, now: datetime) -> bool:
        """Tell whether the list may be relied on."""
        end = self.crl.next_update_utc
        return end is not None and self.crl.last_update_utc <= now < end

    def is_revoked(self, serial: int) -> bool:
        """Tell whether the list names a certificate."""
        return self.crl.get_revoked_certificate_by_serial_number(serial) is not None


@dataclass(frozen=True, slots=True)
class Anchors:
    """One peer's trust, parsed: who may issue its certificates, and what is revoked."""

    peer: TlsPeer
    certificates: tuple[x509.Certificate, ...]
    lists: tuple[RevocationList, ...] = ()

    def revocation_fault(
        self,
        leaf: x509.Certificate,
        issuer: x509.Certificate,
        now: datetime,
    ) -> str:
        """Return why revocation closes the door, or an empty text."""
        if not self.peer.crl_file:
            return ""
        current = [
            known
            for known in self.lists
            if known.issuer == issuer and known.is_current(now)
        ]
        if not current:
            return "its revocation list is missing or stale"
        if any(known.is_revoked(leaf.serial_number) for known in current):
            return "revoked"
        return ""


@dataclass(frozen=True, slots=True)
class TlsTrust:
    """All peers' trust at one moment.

    Attributes:
        anchors: By authority id.
        problems: What had to be left out and why, a line each, for the operator.
    """

    anchors: Mapping[AuthorityId, Anchors]
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, peers: Iterable[TlsPeer]) -> "TlsTrust":
        """Parse what the peers' statements and policies name.

        Reads files: call it in a thread. One peer's unusable certificate or list
        closes that peer only, and is told in `problems`.
        """
        problems: list[str] = []
        found = [_parse(peer, problems) for peer in peers]
        return cls(
            MappingProxyType(
                {
                    anchors.peer.authority: anchors
                    for anchors in _without_clashes(found, problems)
                },
            ),
            tuple(problems),
        )


def _parse(peer: TlsPeer, problems: list[str]) -> Anchors:
    certificates = []
    for der in peer.ca_certificates:
        try:
            certificate = x509.load_der_x509_certificate(der)
            _check_is_ca(certificate)
            _check_is_loadable(der)
        except PARSE_ERRORS as error:
            problems.append(f"{peer.authority}: unusable CA certificate: {error}")
        else:
            certificates.append(certificate)
    return Anchors(
        peer,
        tuple(certificates),
        _read_lists(peer, certificates, problems),
    )


def _check_is_ca(certificate: x509.Certificate) -> None:
    try:
        constraints = certificate.extensions.get_extension_for_class(
            x509.BasicConstraints,
        )
    except x509.ExtensionNotFound as error:
        raise ValueError("not a CA certificate") from error
    if not constraints.value.ca:
        raise ValueError("not a CA certificate")
    # Read here what is read later, because the library parses on demand: of a card
    # that is in force nothing may fail any more, or it would stop all peers.
    _folded(certificate.subject)
    certificate.public_key()


def _check_is_loadable(der: bytes) -> None:
    """Refuse what the TLS library would, whose parser is another one."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=der)
    except ssl.SSLError as error:
        raise ValueError("not a certificate to the TLS library") from error


def _read_lists(
    peer: TlsPeer,
    certificates: Iterable[x509.Certificate],
    problems: list[str],
) -> tuple[RevocationList, ...]:
    if not peer.crl_file:
        return ()
    try:
        with Path(peer.crl_file).open("rb") as file:
            raw = file.read(MAX_CRL_BYTES + 1)
        if len(raw) > MAX_CRL_BYTES:
            raise ValueError(f"over {MAX_CRL_BYTES} bytes")
        found = [
            RevocationList(issuer, crl)
            for crl in _parse_lists(raw)
            for issuer in certificates
            if _is_list_of(crl, issuer)
        ]
    except (OSError, *PARSE_ERRORS) as error:
        problems.append(f"{peer.authority}: unusable revocation list: {error}")
        return ()
    if not found:
        problems.append(f"{peer.authority}: the revocation list is of another CA")
    return tuple(found)


def _parse_lists(raw: bytes) -> list[x509.CertificateRevocationList]:
    blocks = _PEM_LIST.findall(raw)
    if blocks:
        return [x509.load_pem_x509_crl(block) for block in blocks]
    return [x509.load_der_x509_crl(raw)]


def _is_list_of(
    crl: x509.CertificateRevocationList,
    issuer: x509.Certificate,
) -> bool:
    if crl.issuer != issuer.subject:
        return False
    if not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]  # DH keys raise TypeError, which is caught
        return False
    return all(map(_is_full, crl.extensions))


def _is_full(extension: x509.Extension[x509.ExtensionType]) -> bool:
    """Tell whether a list with this extension still speaks for every leaf."""
    match extension.value:
        case x509.DeltaCRLIndicator():
            return False
        case x509.IssuingDistributionPoint() as scope:
            return not (
                scope.indirect_crl
                or scope.only_some_reasons
                or scope.only_contains_ca_certs
                or scope.only_contains_attribute_certs
            )
        case x509.UnrecognizedExtension():
            return not extension.critical
        case _:
            return True


def _without_clashes(
    found: list[Anchors],
    problems: list[str],
) -> list[Anchors]:
    """Leave out CA certificates that would stand in for another peer's CA.

    One store holds the CAs of all peers, and the TLS library looks an issuer up by
    its name there. A second certificate of the same name could be taken first, and
    would keep the rightful owner out: by another key, or by constraints that were
    put around the owner's own key. The owner is who is named in it, else who comes
    first.
    """
    owners: dict[_Name, Anchors] = {}
    for is_named in (True, False):
        for anchors in found:
            for certificate in anchors.certificates:
                if _names(certificate.subject, anchors.peer.authority) is is_named:
                    owners.setdefault(_folded(certificate.subject), anchors)
    return [_keep_owned(anchors, owners, problems) for anchors in found]


def _keep_owned(
    anchors: Anchors,
    owners: Mapping[_Name, Anchors],
    problems: list[str],
) -> Anchors:
    kept = []
    for certificate in anchors.certificates:
        owner = owners[_folded(certificate.subject)]
        # One CA may serve two authorities, which then name the very same certificate.
        if certificate in owner.certificates:
            kept.append(certificate)
        else:
            problems.append(
                f"{anchors.peer.authority}: CA certificate named like one of "
                f"{owner.peer.authority}",
            )
    return replace(anchors, certificates=tuple(kept))


def _folded(name: x509.Name) -> _Name:
    """Return a name as the TLS library compares it: case and spaces do not count."""
    return tuple(
        frozenset(
            (
                attribute.oid.dotted_string,
                " ".join(str(attribute.value).lower().split()),
            )
            for attribute in level
        )
        for level in name.rdns
    )


def _names(subject: x509.Name, authority: AuthorityId) -> bool:
    return any(authority in str(attribute.value).split() for attribute in subject)
