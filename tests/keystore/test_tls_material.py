"""Certificates of the peer side: what they may be used for, and their renewal."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.verification import PolicyBuilder, Store

from gateway.core.errors import KeystoreError
from gateway.core.values import UnixMs
from gateway.keystore.keyring import load_keyring
from gateway.keystore.sealed import KeyLock
from gateway.keystore.tls_material import (
    LEAF_DAYS,
    CaKey,
    TlsMaterial,
    create_ca,
    load_tls,
    renew_leaf,
)
from tests.support.homes import MOJ, NOW, copy_home, unlocked

DAY_MS = 86_400_000


@pytest.fixture
def lock(tmp_path: Path) -> KeyLock:
    return unlocked(copy_home(tmp_path / "home"))


@pytest.fixture
def tls(lock: KeyLock) -> TlsMaterial:
    return load_tls(lock)


def leaf_of(tls: TlsMaterial) -> x509.Certificate:
    return x509.load_der_x509_certificate(tls.leaf_der)


def shake_hands(server: TlsMaterial, client: TlsMaterial, name: str) -> None:
    """Run a handshake in memory, strict on both sides, without looking at dates."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server_side = context(server, client.ca_der, ssl.PROTOCOL_TLS_SERVER).wrap_bio(
        to_server,
        to_client,
        server_side=True,
    )
    client_side = context(client, server.ca_der, ssl.PROTOCOL_TLS_CLIENT).wrap_bio(
        to_client,
        to_server,
        server_hostname=name,
    )
    for _ in range(4):
        for side in (client_side, server_side):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert server_side.version() == client_side.version() == "TLSv1.3"


def context(tls: TlsMaterial, peer_ca: bytes, protocol: int) -> ssl.SSLContext:
    made = ssl.SSLContext(protocol)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    made.load_cert_chain(tls.chain_file, password=tls.password.raw)
    made.load_verify_locations(cadata=peer_ca)
    return made


def test_two_nodes_shake_hands_under_strict_rules(tmp_path: Path) -> None:
    now = UnixMs(round(datetime.now(UTC).timestamp()) * 1000)
    lock = unlocked(copy_home(tmp_path / "home"))
    (lock.folder / "tls" / "ca.pem").unlink()
    (lock.folder / "tls" / "ca.key").unlink()
    create_ca(lock, MOJ, CaKey.new(), now)
    tls = renew_leaf(lock, MOJ, now)

    shake_hands(tls, tls, "moj.ee")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tls, tls, "pgr.pt")


def test_a_leaf_names_the_authority_and_serves_both_sides(tls: TlsMaterial) -> None:
    leaf = leaf_of(tls)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)

    assert names.value.get_values_for_type(x509.DNSName) == ["moj.ee"]
    assert len(list(names.value)) == 1
    assert {use._name for use in uses.value} == {"serverAuth", "clientAuth"}
    assert tls.not_after - tls.not_before == LEAF_DAYS * DAY_MS
    assert tls.not_before < NOW  # a peer's clock may be slow


def test_the_ca_can_not_speak_for_another_name(lock: KeyLock) -> None:
    foreign = renew_leaf(lock, MOJ.__class__("pgr.pt"), NOW)
    store = Store([x509.load_der_x509_certificate(foreign.ca_der)])
    moment = datetime.fromtimestamp(NOW // 1000, UTC)

    def check(tls: TlsMaterial, name: str) -> None:
        verifier = (
            PolicyBuilder()
            .store(store)
            .time(moment)
            .build_server_verifier(x509.DNSName(name))
        )
        verifier.verify(leaf_of(tls), [])

    with pytest.raises(x509.verification.VerificationError):
        check(foreign, "pgr.pt")
    check(renew_leaf(lock, MOJ, NOW), "moj.ee")


def test_the_key_of_the_leaf_is_encrypted_on_disk(tls: TlsMaterial) -> None:
    raw = tls.chain_file.read_bytes()

    assert raw.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    with pytest.raises(TypeError):
        load_pem_private_key(raw, password=None)
    with pytest.raises(ValueError, match="password"):
        load_pem_private_key(raw, password=b"passphrase")
    load_pem_private_key(raw, password=tls.password.raw)


def test_a_leaf_is_renewed_at_two_thirds_of_its_life(
    lock: KeyLock,
    tls: TlsMaterial,
) -> None:
    due = tls.not_before + 60 * DAY_MS

    assert not tls.leaf_needs_renewal(UnixMs(due - 1))
    assert tls.leaf_needs_renewal(UnixMs(due))
    renewed = renew_leaf(lock, MOJ, UnixMs(due))
    assert not renewed.leaf_needs_renewal(UnixMs(due))
    assert renewed.leaf_fingerprint != tls.leaf_fingerprint
    assert renewed.ca_der == tls.ca_der
    assert load_tls(lock) == renewed


def test_a_keyring_takes_over_a_renewed_leaf(lock: KeyLock, tmp_path: Path) -> None:
    layout = copy_home(tmp_path / "again").keys
    keyring = load_keyring(layout, MOJ, KeyLock(layout.folder, lock._key))

    renewed = keyring.with_renewed_leaf(UnixMs(NOW + DAY_MS))

    assert renewed.tls != keyring.tls
    assert load_keyring(layout, MOJ, keyring.lock).tls == renewed.tls


def test_a_leaf_of_another_ca_is_refused(lock: KeyLock) -> None:
    for name in ("ca.pem", "ca.key"):
        (lock.folder / "tls" / name).unlink()
    create_ca(lock, MOJ, CaKey.new(), NOW)

    with pytest.raises(KeystoreError, match="not issued by"):
        load_tls(lock)


@pytest.mark.parametrize("name", ["ca.pem", "leaf.pem"])
def test_a_file_that_is_no_certificate_is_refused(name: str, lock: KeyLock) -> None:
    (lock.folder / "tls" / name).write_bytes(b"no certificate")

    with pytest.raises(KeystoreError, match=name):
        load_tls(lock)


def test_a_ca_key_of_another_kind_is_refused(lock: KeyLock) -> None:
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.DER,
        PrivateFormat.PKCS8,
        NoEncryption(),
    )
    for raw in (other, b"no key"):
        lock.replace("tls/ca.key", raw)
        with pytest.raises(KeystoreError, match="TLS CA"):
            renew_leaf(lock, MOJ, NOW)
