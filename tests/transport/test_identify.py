"""Who a certificate proves, and everything that proves nobody."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import StrangerError
from gateway.core.values import AuthorityId
from gateway.transport.tls import Direction, identify, judge_of, server_context
from gateway.transport.trust import TlsPeer, TlsTrust
from tests.support.certificates import DAY, Ca, Issued, Leaf, unix_ms, wall_clock

OURS = Ca("moj.aa")
OTHER = Ca("moj.bb")
TRUST = TlsTrust.load([OURS.peer(), OTHER.peer()])
SERVER_ONLY = (ExtendedKeyUsageOID.SERVER_AUTH,)
CLIENT_ONLY = (ExtendedKeyUsageOID.CLIENT_AUTH,)


def who(
    issued: Issued,
    trust: TlsTrust = TRUST,
    direction: Direction = Direction.INBOUND,
    *,
    later: timedelta = timedelta(),
) -> str:
    now = unix_ms(wall_clock() + later)
    return identify(issued.der, trust, now, direction=direction).authority


@pytest.mark.parametrize("direction", Direction)
def test_a_peers_own_certificate_proves_it(direction: Direction) -> None:
    assert who(OURS.issue(), direction=direction) == "moj.aa"


BAD = {
    "its only name is nobody's": (OURS.bent(names=["moj.cc"]), "not an active peer"),
    "another peer's CA names our peer": (
        OTHER.bent(names=["moj.aa"]),
        "not issued by a CA of moj.aa",
    ),
    "two names": (OURS.bent(names=["moj.aa", "moj.bb"]), "2 DNS names"),
    "the same name twice": (OURS.bent(names=["moj.aa", "moj.aa"]), "2 DNS names"),
    "no name": (OURS.bent(names=[]), "no DNS name"),
    "another spelling of the name": (OURS.bent(names=["MOJ.aa"]), "not an active peer"),
    "a wildcard": (OURS.bent(names=["*.aa"]), "not an active peer"),
    "expired": (OURS.bent(ends=-timedelta(hours=1)), "expired"),
    "not yet valid": (OURS.bent(starts=DAY), "not yet valid"),
    "made for servers only": (OURS.bent(uses=SERVER_ONLY), "another use"),
    "made for nothing in particular": (OURS.bent(uses=()), "what it is for"),
    "a CA itself": (OURS.bent(is_ca=True), "is a CA"),
    "made by itself": (Ca("moj.aa").issue(), "not issued by a CA of moj.aa"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bent_certificate_proves_nobody(case: str) -> None:
    issued, reason = BAD[case]
    with pytest.raises(StrangerError, match=reason) as caught:
        who(issued)
    assert caught.value.fingerprint == hashlib.sha256(issued.der).hexdigest()


def test_a_client_certificate_is_no_server() -> None:
    issued = OURS.bent(uses=CLIENT_ONLY)
    assert who(issued) == "moj.aa"
    with pytest.raises(StrangerError, match="another use"):
        who(issued, direction=Direction.OUTBOUND)


def test_a_peer_paused_inwards_is_called_and_may_not_call() -> None:
    trust = TlsTrust.load([OURS.peer(may_call=False)])
    assert who(OURS.issue(), trust, Direction.OUTBOUND) == "moj.aa"
    with pytest.raises(StrangerError, match="paused"):
        who(OURS.issue(), trust)


def test_the_dialled_peer_is_not_another_trusted_peer() -> None:
    judge = judge_of(
        AuthorityId("moj.aa"), lambda: TRUST, lambda: unix_ms(wall_clock())
    )
    judge(OURS.issue().der)
    with pytest.raises(StrangerError, match=r"of moj\.bb, expected moj\.aa"):
        judge(OTHER.issue().der)


def test_an_expired_ca_proves_nobody() -> None:
    ca = Ca("moj.aa", ends=DAY)
    issued = ca.issue(Leaf(["moj.aa"]))
    with pytest.raises(StrangerError, match="expired"):
        who(issued, TlsTrust.load([ca.peer()]), later=2 * DAY)


def test_either_ca_of_a_peer_will_do() -> None:
    newer = Ca("moj.aa")
    trust = TlsTrust.load([TlsPeer(OURS.authority, (OURS.der, newer.der))])
    assert not trust.problems
    assert who(OURS.issue(), trust) == who(newer.issue(), trust) == "moj.aa"


@given(st.binary(max_size=300))
def test_any_bytes_prove_nobody(der: bytes) -> None:
    with pytest.raises(StrangerError):
        identify(der, TRUST, unix_ms(wall_clock()), direction=Direction.INBOUND)


GOOD = OURS.issue().der


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_certificate_proves_nobody(place: int, change: int) -> None:
    der = bytearray(GOOD)
    der[place % len(der)] ^= change
    with pytest.raises(StrangerError):
        identify(bytes(der), TRUST, unix_ms(wall_clock()), direction=Direction.INBOUND)


# --- revocation ---


def with_crl(path: Path, pem: bytes) -> TlsTrust:
    file = path / "list.pem"
    file.write_bytes(pem)
    return TlsTrust.load([OURS.peer(crl_file=str(file)), OTHER.peer()])


def test_a_current_list_that_does_not_name_it_lets_it_in(tmp_path: Path) -> None:
    assert who(OURS.issue(), with_crl(tmp_path, OURS.crl(1, 2))) == "moj.aa"


def test_a_revoked_certificate_proves_nobody(tmp_path: Path) -> None:
    issued = OURS.issue()
    with pytest.raises(StrangerError, match="revoked"):
        who(issued, with_crl(tmp_path, OURS.crl(1, issued.serial)))


UNUSABLE = {
    "stale": OURS.crl(starts=-3 * DAY, ends=-DAY),
    "of tomorrow": OURS.crl(starts=DAY, ends=2 * DAY),
    "of another CA": OTHER.crl(),
    "of another CA of the same name": Ca("moj.aa").crl(),
    "only what changed": OURS.crl(is_delta=True),
    "nothing": b"",
    "garbage": b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_demanded_list_that_cannot_be_relied_on_closes_that_peer_only(
    case: str,
    tmp_path: Path,
) -> None:
    trust = with_crl(tmp_path, UNUSABLE[case])
    with pytest.raises(StrangerError, match="missing or stale"):
        who(OURS.issue(), trust)
    assert who(OTHER.issue(), trust) == "moj.bb"


def test_a_demanded_list_that_is_not_there_closes(tmp_path: Path) -> None:
    trust = TlsTrust.load([OURS.peer(crl_file=str(tmp_path / "none"))])
    assert "unusable revocation list" in trust.problems[0]
    with pytest.raises(StrangerError, match="missing or stale"):
        who(OURS.issue(), trust)


def test_a_list_that_runs_out_closes(tmp_path: Path) -> None:
    trust = with_crl(tmp_path, OURS.crl(ends=DAY))
    assert who(OURS.issue(), trust) == "moj.aa"
    with pytest.raises(StrangerError, match="missing or stale"):
        who(OURS.issue(), trust, later=DAY)


def test_each_ca_of_a_peer_needs_its_own_list(tmp_path: Path) -> None:
    newer = Ca("moj.aa")
    file = tmp_path / "lists.pem"
    peer = TlsPeer(OURS.authority, (OURS.der, newer.der), crl_file=str(file))
    file.write_bytes(OURS.crl())
    with pytest.raises(StrangerError, match="missing or stale"):
        who(newer.issue(), TlsTrust.load([peer]))
    file.write_bytes(OURS.crl() + newer.crl())
    assert who(newer.issue(), TlsTrust.load([peer])) == "moj.aa"


# --- what statements bring along ---


def test_unusable_ca_certificates_close_their_peer_only() -> None:
    odd = TlsPeer(AuthorityId("moj.cc"), (b"garbage", OTHER.issue().der))
    trust = TlsTrust.load([odd, OURS.peer()])
    assert len(trust.problems) == 2
    assert not trust.anchors[odd.authority].certificates
    assert who(OURS.issue(), trust) == "moj.aa"


def _bent_der(spot: bytes, change: bytes, *, nth: int = 1) -> bytes:
    """Return a CA certificate with other bytes at the n-th of some spots."""
    head, found, tail = _ODD.der.partition(spot)
    for _ in range(nth - 1):
        more, _, tail = tail.partition(spot)
        head += found + more
    assert len(change) == len(spot)
    return head + change + tail


_ODD = Ca("moj.cc", subject="oddly named CA")
_NAME = b"oddly named CA"
_NO_TEXT = b"\xffddly named CA"
_CURVE = bytes.fromhex("06082a8648ce3d030107")
_KEY_KIND = bytes.fromhex("06072a8648ce3d0201")


@pytest.mark.parametrize(
    "der",
    [
        _bent_der(_NAME, _NO_TEXT, nth=1),
        _bent_der(_NAME, _NO_TEXT, nth=2),
        _bent_der(_CURVE, _CURVE[:-1] + b"\x63"),
        _bent_der(_KEY_KIND, _KEY_KIND[:-1] + b"\x63"),
    ],
    ids=["issuer not text", "subject not text", "unknown curve", "unknown kind of key"],
)
def test_a_ca_certificate_that_either_library_stumbles_over_closes_its_peer_only(
    der: bytes,
    tmp_path: Path,
) -> None:
    odd = TlsPeer(AuthorityId("moj.cc"), (der,))
    trust = TlsTrust.load([odd, OURS.peer()])
    assert len(trust.problems) == 1
    server_context(OTHER.issue().identity(tmp_path), trust)
    assert who(OURS.issue(), trust) == "moj.aa"


def test_no_peer_can_put_constraints_around_another_peers_ca() -> None:
    copy = (
        x509.CertificateBuilder()
        .subject_name(OURS.name)
        .issuer_name(OURS.name)
        .public_key(OURS.key.public_key())
        .serial_number(1)
        .not_valid_before(wall_clock() - DAY)
        .not_valid_after(wall_clock() + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.NameConstraints(None, [x509.DNSName("moj.aa")]),
            critical=True,
        )
        .sign(OTHER.key, SHA256())
    )
    meddler = TlsPeer(AuthorityId("moj.cc"), (copy.public_bytes(Encoding.DER),))
    trust = TlsTrust.load([meddler, OURS.peer()])
    assert not trust.anchors[meddler.authority].certificates
    assert trust.anchors[OURS.authority].certificates == (OURS.certificate,)


@pytest.mark.parametrize("subject", ["moj.aa test CA", "MOJ.AA  test ca"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_ca_named_like_another_peers_ca_is_left_out(
    subject: str,
    *,
    is_first: bool,
) -> None:
    squatter = Ca("moj.cc", subject=subject)
    peers = [squatter.peer(), OURS.peer()]
    trust = TlsTrust.load(peers if is_first else peers[::-1])
    assert trust.problems == ("moj.cc: CA certificate named like one of moj.aa",)
    assert not trust.anchors[squatter.authority].certificates
    assert who(OURS.issue(), trust) == "moj.aa"


def test_one_ca_may_serve_two_authorities_and_each_speaks_for_itself() -> None:
    shared = Ca("moj.aa")
    other = TlsPeer(AuthorityId("moj.bb"), (shared.der,))
    trust = TlsTrust.load([shared.peer(), other])
    assert not trust.problems
    assert who(shared.bent(names=["moj.bb"]), trust) == "moj.bb"
