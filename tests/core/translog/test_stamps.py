"""Time stamps: what is asked, what is believed, and what is not."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.errors import MalformedError, TooLargeError, VerificationError
from gateway.core.limits import MAX_STAMP_BYTES
from gateway.core.translog import stamps
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.stamp_order import in_der_order
from gateway.core.translog.stamps import (
    is_supported,
    new_query,
    parse_roots,
    verify_stamp,
)
from tests.support.tsa import Authority, needs_openssl, openssl_verifies

pytestmark = needs_openssl

TEXT = Checkpoint("moj.ee/audit/1", 300, bytes(range(32))).text
OTHER = Checkpoint("moj.ee/audit/1", 301, bytes(range(32))).text
# A response that says "rejection" and nothing else, in DER.
REJECTION = bytes.fromhex("30053003020102")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tsa").make()


def test_a_stamp_says_who_and_when(authority: Authority, tmp_path: Path) -> None:
    query = new_query(TEXT)
    response = authority.reply(query.body)

    stamp = verify_stamp(response, TEXT, roots=authority.roots, nonce=query.nonce)

    assert stamp.authority == "CN=Test TSA"
    assert stamp.valid_until - stamp.at == pytest.approx(100 * 86_400_000, abs=10_000)
    assert stamp.response == response
    assert len(stamp.digest) == 64
    body, answer = tmp_path / "300.body", tmp_path / "300.tsr"
    body.write_bytes(TEXT)
    answer.write_bytes(response)
    assert openssl_verifies(body, answer, authority.ca_file)
    body.write_bytes(OTHER)
    assert not openssl_verifies(body, answer, authority.ca_file)


def test_every_question_is_new_and_asks_for_the_certificate(
    authority: Authority,
) -> None:
    first, second = new_query(TEXT), new_query(TEXT)
    assert first.nonce != second.nonce
    response = authority.reply(first.body)
    with pytest.raises(VerificationError, match="Nonce"):
        verify_stamp(response, TEXT, roots=authority.roots, nonce=second.nonce)


def test_a_stamp_is_over_its_bytes_and_no_others(authority: Authority) -> None:
    response = authority.reply(new_query(TEXT).body)
    with pytest.raises(VerificationError, match="Mismatch"):
        verify_stamp(response, OTHER, roots=authority.roots)


def test_an_authority_that_is_not_under_the_ca_is_not_believed(
    authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other").make()
    response = other.reply(new_query(TEXT).body)
    with pytest.raises(VerificationError, match="certificate"):
        verify_stamp(response, TEXT, roots=authority.roots)


def test_a_certificate_for_something_else_stamps_nothing(tmp_path: Path) -> None:
    # openssl itself refuses to stamp with one; so the stamp is of its twin, whose
    # key and name are the same.
    authority = Authority(tmp_path / "tsa").make()
    response = bytearray(authority.reply(new_query(TEXT).body))
    at = response.index(bytes.fromhex("06082b06010505070308"))
    response[at + 9] = 0x01  # serverAuth
    with pytest.raises(VerificationError):
        verify_stamp(bytes(response), TEXT, roots=authority.roots)


def test_the_order_of_enclosed_certificates_means_nothing(
    authority: Authority,
) -> None:
    authority.enclose_chain()
    response = authority.reply(new_query(TEXT).body)
    ordered = in_der_order(response)
    assert in_der_order(ordered) == ordered
    first, second = sorted(
        x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER)
        for file in (authority.ca_file, authority.folder / "tsa.pem")
    )
    assert first + second in ordered
    other = ordered.replace(first + second, second + first)
    assert in_der_order(other) == ordered
    for one in (ordered, other):
        stamp = verify_stamp(one, TEXT, roots=authority.roots)
        assert stamp.response == one
        assert stamp.authority == "CN=Test TSA"


def test_a_response_of_another_structure_is_left_as_it_is(
    authority: Authority,
) -> None:
    response = authority.reply(new_query(TEXT).body)
    signer = (authority.folder / "tsa.pem").read_bytes()
    certificate = x509.load_pem_x509_certificate(signer).public_bytes(Encoding.DER)
    broken = certificate[:1] + b"\x84" + certificate[2:]
    for raw in (
        REJECTION,
        response.replace(certificate, broken),
        b"",
        b"\x30",
        b"\x3f\x01\x00",  # a long tag
        b"\x30\x80\x00\x00",  # a length that is not told
        b"\x30\x84\x00\x00\x00\x00",  # a length of four bytes
        b"\x30\x82\x01",  # a length that is cut off
        *(response[:cut] for cut in range(0, len(response), 7)),
    ):
        assert in_der_order(raw) == raw


def test_an_answer_without_the_certificate_is_refused(authority: Authority) -> None:
    response = authority.reply(authority.query(TEXT))
    with pytest.raises(VerificationError):
        verify_stamp(response, TEXT, roots=authority.roots)


def test_another_digest_than_sha256_is_refused(authority: Authority) -> None:
    config = authority.folder / "tsa.cnf"
    config.write_text(
        config.read_text().replace("digests = sha256", "digests = sha256, sha512"),
    )
    response = authority.reply(authority.query(TEXT, "-sha512", "-cert"))
    with pytest.raises(VerificationError, match="expected SHA-256"):
        verify_stamp(response, TEXT, roots=authority.roots)


def test_a_refusal_is_told(authority: Authority) -> None:
    with pytest.raises(VerificationError, match="status 2: no reason given"):
        verify_stamp(REJECTION, TEXT, roots=authority.roots)


@pytest.mark.parametrize("raw", [b"", b"nothing", b"\x30\x80" * 3000])
def test_garbage_is_malformed(authority: Authority, raw: bytes) -> None:
    with pytest.raises(MalformedError, match="not a time-stamp response"):
        verify_stamp(raw, TEXT, roots=authority.roots)


def test_a_cut_or_changed_response_is_refused(authority: Authority) -> None:
    response = authority.reply(new_query(TEXT).body)
    changed = bytearray(response)
    changed[-1] ^= 1  # the last byte of the signature
    for bad in (response[:-1], response + b"\0", bytes(changed)):
        with pytest.raises((MalformedError, VerificationError)):
            verify_stamp(bad, TEXT, roots=authority.roots)


def test_what_is_too_large_is_not_parsed(authority: Authority) -> None:
    with pytest.raises(TooLargeError):
        verify_stamp(bytes(MAX_STAMP_BYTES + 1), TEXT, roots=authority.roots)


def test_only_checkpoints_are_stamped() -> None:
    with pytest.raises(MalformedError):
        new_query(b"some other text\n")


def test_a_ca_file_holds_one_to_sixteen_certificates(authority: Authority) -> None:
    pem = authority.ca_file.read_bytes()
    assert len(parse_roots(pem + pem).certificates) == 1
    with pytest.raises(MalformedError, match="17 certificates"):
        parse_roots(pem * 17)
    for bad in (b"", b"no PEM", pem[:200]):
        with pytest.raises(MalformedError, match="no PEM certificates"):
            parse_roots(bad)


def test_without_the_library_nothing_is_asked_or_believed(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_supported()
    monkeypatch.setattr(stamps, "find_spec", lambda _name: None)
    assert not is_supported()
    with pytest.raises(AssertionError, match=r"mla-gateway\[tsa\]"):
        new_query(TEXT)
    with pytest.raises(AssertionError, match=r"mla-gateway\[tsa\]"):
        verify_stamp(REJECTION, TEXT, roots=authority.roots)
