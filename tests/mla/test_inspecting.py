"""Files are looked at while they are read once; what is said of them is compared."""

import hashlib
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import HexDigest
from gateway.mla import inspecting
from gateway.mla.findings import (
    FileFindings,
    Result,
    SignatureFinding,
    SignatureKind,
    SignatureResult,
)
from gateway.mla.inspecting import (
    FileInspector,
    Subject,
    is_worth_reading,
    item_of,
    unopened,
)
from tests.support.forms import evidence_message
from tests.support.nist_files import transaction

CONTENT = b"holder,iban\nBlue Heron,LU11\n"
ITEM = cast("dict[str, JsonValue]", evidence_message()["payload"])["manifest"]


def item(**changes: JsonValue) -> JsonObject:
    """Return an item that describes `CONTENT` but for what is changed."""
    rows = cast("list[JsonObject]", ITEM)
    stated: list[JsonValue] = [
        {"alg": "SHA-256", "value": hashlib.sha256(CONTENT).hexdigest()},
        {"alg": "SHA-512", "value": hashlib.sha512(CONTENT).hexdigest()},
    ]
    return rows[0] | {"digests": stated} | changes


def looked_at(
    content: bytes = CONTENT,
    described: JsonObject | None = None,
    *,
    name: str = "ledger.csv",
    size: int | None = None,
) -> tuple[FileInspector, FileFindings]:
    subject = Subject(
        item=item() if described is None else described,
        name=name,
        size=len(content) if size is None else size,
        sha256=HexDigest(hashlib.sha256(content).hexdigest()),
        sender="PT",
        recipient="GE",
    )
    inspector = FileInspector(subject)
    for start in range(0, len(content), 7):
        inspector.feed(content[start : start + 7])
    return inspector, inspector.findings()


def test_a_file_that_is_what_was_said_is_good() -> None:
    inspector, found = looked_at()

    assert found == FileFindings(
        item_id="95c15820-3b61-57e4-82ac-72e4d2de2fa4",
        decrypts=True,
        size_ok=True,
        digest_ok=True,
        compared=("SHA-256", "SHA-512"),
        custody=Result.GOOD,
    )
    assert found.faults == ()
    # A table has no form or signature to be looked at: nothing of it was held.
    assert inspector.held is None


@pytest.mark.parametrize(
    "algorithm", ["SHA-512", "SHA-384", "SHA3-256", "SHA3-512", "BLAKE2b-512", "MD5"]
)
def test_every_digest_that_is_stated_is_compared(algorithm: str) -> None:
    wrong: JsonValue = {"alg": algorithm, "value": "00" * 32}

    _, found = looked_at(described=item(digests=[wrong]))

    assert not found.digest_ok
    assert found.compared == ("SHA-256", algorithm)
    assert found.differing == (algorithm,)
    assert found.faults == (f"digest {algorithm} is not the one announced",)


def test_another_sha256_than_the_sealed_one_is_told() -> None:
    stated: JsonValue = [{"alg": "SHA-256", "value": "00" * 32}]

    _, found = looked_at(described=item(digests=stated))

    assert found.differing == ("SHA-256",)
    assert not found.digest_ok


def test_what_only_tells_likeness_or_is_of_ciphertext_is_not_compared() -> None:
    likeness: JsonValue = {"alg": "SSDEEP", "value": "00"}
    of_cipher = item(digest_over="CIPHER", digests=[{"alg": "MD5", "value": "00"}])

    assert looked_at(described=item(digests=[likeness]))[1].digest_ok
    assert looked_at(described=of_cipher)[1].compared == ("SHA-256",)


def test_another_size_and_a_broken_custody_are_told() -> None:
    events = cast("list[JsonObject]", item()["custody"])
    custody: list[JsonValue] = [*events[:1], events[1] | {"seq": 7}, *events[2:]]

    _, found = looked_at(described=item(custody=custody), size=9)

    assert not found.size_ok
    assert found.custody == Result.WRONG
    assert [remark.code for remark in found.remarks] == ["E_CHAIN"]
    assert found.faults == (
        "its size is not the one announced",
        "its chain of custody contradicts itself",
    )


def test_a_file_without_item_has_no_custody_to_judge() -> None:
    _, found = looked_at(described={})

    assert (found.item_id, found.custody) == ("", Result.NOT_CHECKED)


@pytest.mark.parametrize(
    ("content", "stated", "told"),
    [
        (b"%PDF-1.7 ...", "text/csv", "application/pdf"),
        (b"%PDF-1.7 ...", "application/pdf", ""),
        (b"PK\x03\x04 ...", "application/vnd.oasis.opendocument.text", ""),
        (b"plain", "text/csv", ""),
    ],
)
def test_content_of_another_kind_than_announced_is_told(
    content: bytes, stated: str, told: str
) -> None:
    _, found = looked_at(content, item(media_type=stated, digests=[]))

    assert found.media_type == told
    assert found.faults == ()


# --- biometric files ---


def biometric(content: bytes) -> FileFindings:
    return looked_at(content, item(type="BIO_NIST", digests=[]), name="print.an2")[1]


def test_a_biometric_file_is_read() -> None:
    assert biometric(transaction()).structure == Result.GOOD


def test_agencies_of_another_country_are_pointed_at() -> None:
    found = biometric(transaction(f7=b"FR/DCPJ", f8=b"LU/PG"))

    assert found.structure == Result.HINT
    assert [remark.code for remark in found.remarks] == ["E_REF", "E_REF"]
    assert found.faults == ()


def test_a_biometric_file_that_is_none_is_told() -> None:
    found = biometric(transaction()[:-3])

    assert found.structure == Result.WRONG
    assert found.faults == ("its structure is not what its type says",)


def test_the_xml_form_of_a_biometric_file_is_not_checked() -> None:
    assert biometric(b"<itl:NISTBiometricInformationExchangePackage/>").structure == (
        Result.NOT_CHECKED
    )


def test_what_is_over_the_limit_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MAX_HELD_BYTES", 100)
    content = transaction()
    described = item(type="BIO_NIST", digests=[])

    for announced in (len(content), 90):  # what was announced may be a lie
        inspector, found = looked_at(content, described, size=announced)
        assert inspector.held is None
        assert found.structure == Result.NOT_CHECKED


# --- where signatures are looked for ---


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("order.pdf", b"%PDF-1.7 /ByteRange [0 1 2 3]", SignatureKind.PADES),
        ("order.pdf", b"%PDF-1.7 unsigned", None),
        ("order.pdf.p7s", b"0\x82", SignatureKind.CADES),
        (
            "order.xml",
            b"\xef\xbb\xbf<a xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>",
            SignatureKind.XADES,
        ),
        ("order.xml", b"<a/>", None),
        ("order.csv", b"a,b", None),
    ],
)
def test_signatures_are_looked_for_where_they_can_be(
    name: str, content: bytes, kind: SignatureKind | None
) -> None:
    inspector, _ = looked_at(content, item(digests=[]), name=name)

    assert inspector.signature_kind is kind
    assert (inspector.held is not None) == (name != "order.csv")


def test_a_large_file_of_such_a_form_may_be_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspecting, "MAX_HELD_BYTES", 4)

    inspector, _ = looked_at(b"%PDF-1.7 unsigned", name="order.pdf")

    assert inspector.signature_kind is SignatureKind.PADES
    assert inspector.held is None


def test_reading_is_worth_it_where_it_shows_more_than_was_measured() -> None:
    plain = item(digests=[])

    assert not is_worth_reading(plain, "ledger.csv", "text/csv")
    assert is_worth_reading(item(), "ledger.csv", "text/csv")
    assert is_worth_reading(plain | {"type": "BIO_NIST"}, "x", "image/jpeg")
    assert is_worth_reading(plain, "ORDER.PDF", "text/csv")
    assert is_worth_reading(plain, "order", "application/xml")


# --- what is kept ---


def test_findings_are_kept_as_canonical_json() -> None:
    signed = SignatureFinding(
        kind=SignatureKind.PADES, result=SignatureResult.BROKEN, certificate="ab" * 32
    )
    _, found = looked_at(size=9)
    kept = FileFindings(
        decrypts=True, size_ok=False, digest_ok=True, signatures=(signed,)
    )

    for one in (found, kept):
        raw = canonical.encode(one)
        assert canonical.decode_as(raw, FileFindings, max_bytes=4096) == one
    assert kept.has_broken_signature
    assert "a signature does not hold" in kept.faults


def test_a_file_that_cannot_be_opened_is_what_is_known_of_it() -> None:
    assert unopened(item()).faults[0] == "it could not be decrypted"
    assert unopened({}).item_id == ""


def test_the_item_of_a_file_is_found_by_its_name() -> None:
    document = evidence_message()

    assert item_of(document, "subscriber_ledger_support.csv")["type"] == "SUBSCRIBER"
    assert item_of(document, "another.csv") == {}
    assert item_of({"payload": {"manifest": ["x", 3]}}, "x") == {}


@given(
    st.recursive(
        st.none() | st.text(max_size=9) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["digests", "alg", "value", "custody", "type", "at"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_a_malformed_item_raises_nothing(described: JsonValue) -> None:
    if isinstance(described, dict):
        looked_at(described=described)
