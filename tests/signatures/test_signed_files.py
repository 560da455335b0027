"""Real signed files, made under an authority of our own, and what becomes of them."""

import base64
import hashlib
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.values import UnixMs
from gateway.mla.findings import NotChecked, SignatureKind, SignatureResult
from gateway.ports.signatures import CheckedSignature, SignedFile
from gateway.signatures import process as process_module
from gateway.signatures import worker
from gateway.signatures.process import NoSignatureLibrary, SignatureProcess
from gateway.signatures.wire import Found, Question
from gateway.signatures.worker import look
from tests.support.signed_files import (
    Signer,
    detached,
    enclosing,
    plain_pdf,
    signed_pdf,
    signed_xml,
    signer,
)

NOW = UnixMs(1_798_000_000_000)
CONTENT = b"Order ORD-2026-331\n"
DIGESTS = {
    "SHA-256": hashlib.sha256(CONTENT).hexdigest(),
    "SHA-512": hashlib.sha512(CONTENT).hexdigest(),
}
PADES, CADES, XADES = SignatureKind
US = signer()
OTHERS = signer("A. Other", authority="Another CA")


def seen(
    kind: SignatureKind,
    data: bytes,
    *believed: Signer,
    digests: dict[str, str] | None = None,
) -> tuple[Found, ...]:
    question = Question(
        kind=kind,
        length=len(data),
        now=NOW // 1000,
        roots=tuple(base64.b64encode(one.root_der).decode() for one in believed),
        digests=digests or {},
    )
    return look(question, data)


def over(content: bytes) -> dict[str, str]:
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "sha512": hashlib.sha512(content).hexdigest(),
    }


SIGNED = {
    PADES: signed_pdf(who=US),
    CADES: detached(CONTENT, US),
    XADES: signed_xml(who=US),
}


@pytest.mark.parametrize("kind", SIGNED, ids=str)
def test_a_good_signature_is_valid_and_its_signer_named_apart(
    kind: SignatureKind,
) -> None:
    (found,) = seen(kind, SIGNED[kind], US, digests=over(CONTENT))

    finding = found.finding
    assert finding.result == SignatureResult.VALID
    assert (finding.is_intact, finding.is_trusted, finding.is_whole) == (True,) * 3
    assert finding.signed_at.endswith("Z")
    assert finding.certificate == hashlib.sha256(US.certificate_der).hexdigest()
    assert "R. Pedralva" in found.signer
    assert "Pedralva" not in repr(finding)


@pytest.mark.parametrize("kind", SIGNED, ids=str)
@pytest.mark.parametrize("believed", [(), (OTHERS,)], ids=["nobody", "others"])
def test_under_nobody_we_believe_it_is_intact_and_no_more(
    kind: SignatureKind, believed: tuple[Signer, ...]
) -> None:
    (found,) = seen(kind, SIGNED[kind], *believed, digests=over(CONTENT))

    assert found.finding.result == SignatureResult.UNTRUSTED
    assert found.finding.is_intact


@pytest.mark.parametrize(
    ("kind", "data", "digests"),
    [
        (PADES, SIGNED[PADES].replace(b"%PDF-1.7", b"%PDF-1.6"), {}),
        (CADES, SIGNED[CADES], over(b"another order")),
        (CADES, enclosing(b"another order", US), over(CONTENT)),
        (XADES, SIGNED[XADES].replace(b"331", b"332"), {}),
    ],
    ids=["PAdES", "CAdES", "CAdES with its content inside", "XAdES"],
)
def test_over_other_bytes_it_is_broken(
    kind: SignatureKind, data: bytes, digests: dict[str, str]
) -> None:
    (found,) = seen(kind, data, US, digests=digests)

    assert found.finding.result == SignatureResult.BROKEN
    assert not found.finding.is_trusted


def test_a_signature_whose_certificate_was_exchanged_is_broken() -> None:
    begin, end = b"X509Certificate>", b"</ds:X509Certificate>"
    before, _, rest = SIGNED[XADES].partition(begin)
    _, _, after = rest.partition(end)
    ours = base64.b64encode(OTHERS.certificate_der)

    (found,) = seen(XADES, before + begin + ours + end + after, OTHERS)

    assert found.finding.result == SignatureResult.BROKEN


def test_of_two_signatures_in_a_pdf_the_last_is_over_the_whole() -> None:
    both = signed_pdf(SIGNED[PADES], OTHERS, "Prosecutor")

    first, last = seen(PADES, both, US, OTHERS)

    assert first.finding.result == SignatureResult.PARTIAL
    assert (first.finding.is_intact, first.finding.is_trusted) == (True, True)
    assert last.finding.result == SignatureResult.VALID


def test_a_signature_lasts_as_long_as_its_certificate() -> None:
    ended = signer("E. Ended", is_ended=True)

    (found,) = seen(CADES, detached(CONTENT, ended), ended, digests=over(CONTENT))

    assert found.finding.result == SignatureResult.UNTRUSTED


def test_a_signature_by_another_algorithm_needs_that_digest() -> None:
    data = detached(CONTENT, US, algorithm="sha512")

    (known,) = seen(CADES, data, US, digests=over(CONTENT))
    (unknown,) = seen(CADES, data, US, digests={"sha256": over(CONTENT)["sha256"]})

    assert known.finding.result == SignatureResult.VALID
    assert (unknown.finding.result, unknown.finding.reason) == (
        SignatureResult.NOT_CHECKED,
        NotChecked.NO_DIGEST,
    )


def test_a_signature_over_a_file_that_is_not_here_is_not_checked() -> None:
    (found,) = seen(CADES, SIGNED[CADES], US)

    assert found.finding.reason == NotChecked.NO_FILE


def test_a_signature_with_its_content_inside_is_of_the_same_file() -> None:
    (found,) = seen(CADES, enclosing(CONTENT, US), US, digests=over(CONTENT))

    assert found.finding.result == SignatureResult.VALID


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (PADES, plain_pdf()),
        (XADES, b"<order><ref>ORD-2026-331</ref></order>"),
    ],
)
def test_what_nobody_signed_has_no_signature(kind: SignatureKind, data: bytes) -> None:
    assert seen(kind, data, US) == ()


def test_of_several_signatures_in_an_xml_file_the_first_is_checked() -> None:
    inner = SIGNED[XADES]
    data = b"<file>" + inner + inner + b"</file>"

    _, second = seen(XADES, data, US)

    assert second.finding.reason == NotChecked.FURTHER


# --- hostile files ---

_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10)
        for n in range(9)
    )
    + b']><a xmlns:ds="http://www.w3.org/2000/09/xmldsig#">&a8;<ds:Signature/></a>'
)
_OUTSIDE = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b'<a xmlns:ds="http://www.w3.org/2000/09/xmldsig#">&x;<ds:Signature/></a>'
)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (PADES, b"%PDF-1.7 /ByteRange [0 9 9 9]"),
        (PADES, SIGNED[PADES][:-200]),
        (CADES, b"-----BEGIN CMS-----\nx\n-----END CMS-----"),
        (CADES, b"0\x80\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x01\x00\x00"),
        (CADES, SIGNED[CADES][:-1]),
        (CADES, SIGNED[CADES] + b"\0"),
        (XADES, _LAUGHS),
        (XADES, _OUTSIDE),
        (XADES, b"<a" * 100_000),
        (
            XADES,
            b"<a><ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/></a>",
        ),
    ],
)
def test_what_is_no_signature_is_told_so(kind: SignatureKind, data: bytes) -> None:
    (found,) = seen(kind, data, US, digests=over(CONTENT))

    assert found.finding.result == SignatureResult.UNREADABLE


@pytest.mark.parametrize("kind", SIGNED, ids=str)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(at=st.integers(0, 6_000), put=st.binary(min_size=1, max_size=4))
def test_a_file_that_was_changed_is_never_more_than_it_was(
    kind: SignatureKind, at: int, put: bytes
) -> None:
    good = SIGNED[kind]
    at %= len(good)
    changed = good[:at] + put + good[at + len(put) :]

    for found in seen(kind, changed, US, digests=over(CONTENT)):
        # What is not signed of the file may change: white space, padding, the name of
        # an unsigned attribute. Whoever is said to have signed stays the same.
        if found.finding.result == SignatureResult.VALID:
            expected = hashlib.sha256(US.certificate_der).hexdigest()
            assert found.finding.certificate == expected


# --- in a process of its own ---


def told(found: list[CheckedSignature]) -> list[tuple[str, str]]:
    return [(one.finding.result, one.finding.reason) for one in found]


async def checked(
    checker: SignatureProcess | NoSignatureLibrary,
    kind: SignatureKind,
    data: bytes,
    country: str = "PT",
) -> list[CheckedSignature]:
    file = SignedFile(
        kind=kind, data=data, country=country, now=NOW, content_digests=DIGESTS
    )
    return list(await checker.check(file))


async def test_each_file_is_looked_at_by_a_process_of_its_own() -> None:
    checker = SignatureProcess({"PT": (US.root_der,)})

    for kind, data in SIGNED.items():
        (one,) = await checked(checker, kind, data)
        assert one.finding.result == SignatureResult.VALID
        assert "R. Pedralva" in one.signer
    # Another country's authorities are not believed for it.
    (one,) = await checked(checker, CADES, SIGNED[CADES], "GE")
    assert one.finding.result == SignatureResult.UNTRUSTED


async def test_what_takes_too_long_is_ended() -> None:
    checker = SignatureProcess({}, timeout_s=0.001)

    assert told(await checked(checker, CADES, SIGNED[CADES])) == [
        (SignatureResult.NOT_CHECKED, NotChecked.TOO_SLOW)
    ]


async def test_without_a_process_nothing_is_said_to_be_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert told(await checked(SignatureProcess({}), CADES, SIGNED[CADES])) == [
        (SignatureResult.NOT_CHECKED, NotChecked.NO_PROCESS)
    ]


async def test_what_ends_the_process_ends_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A question of no known kind stands for whatever makes it die."""
    monkeypatch.setattr(
        SignatureProcess, "_question", lambda _self, _file, _data: b"{}\n"
    )

    assert told(await checked(SignatureProcess({}), CADES, SIGNED[CADES])) == [
        (SignatureResult.NOT_CHECKED, NotChecked.TOO_SLOW)
    ]


def test_the_process_takes_away_from_itself_what_a_file_may_not_cost() -> None:
    program = (
        "import resource\n"
        "from gateway.signatures import worker\n"
        "worker.limit()\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0])\n"
        "try:\n    bytes(2 * worker.MAX_MEMORY_BYTES)\n"
        "except MemoryError:\n    print('no more')\n"
    )
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == [str(worker.MAX_CPU_S), "no", "more"]


async def test_what_is_too_large_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_module, "MAX_HELD_BYTES", 10)

    assert told(await checked(SignatureProcess({}), PADES, SIGNED[PADES])) == [
        (SignatureResult.NOT_CHECKED, NotChecked.TOO_LARGE)
    ]


async def test_without_the_library_nothing_is_said_to_be_checked() -> None:
    assert told(await checked(NoSignatureLibrary(), PADES, SIGNED[PADES])) == [
        (SignatureResult.NOT_CHECKED, NotChecked.NO_LIBRARY)
    ]
