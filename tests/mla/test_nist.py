"""Biometric transaction files are read whole or refused, whatever their bytes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedError
from gateway.mla.nist import MAX_NIST_BYTES, NistRecord, agency_country, read_nist
from tests.support.nist_files import finger, image, tagged, transaction, user_text

WHOLE = transaction()


def test_a_whole_file_is_read() -> None:
    file = read_nist(WHOLE)

    assert (file.version, file.transaction, file.day) == ("0502", "CPS", "20260924")
    assert (file.originator, file.destination) == ("PT/CA01", "GE/CA01")
    assert (file.control, file.reference) == ("PT-2026-0000331", "")
    assert file.domain == "INT-I 4.22"
    assert file.records == (
        NistRecord(2, 0, len(user_text(0))),
        NistRecord(4, 1, len(finger(1))),
        NistRecord(14, 2, len(image(2))),
    )


def test_a_header_alone_is_a_file() -> None:
    assert read_nist(transaction(())).records == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not begin with its length"),
        (b"%PDF-1.7", "does not begin with its length"),
        (b"1.001:x\x1d", "states no length"),
        (b"1.001:99999\x1d1.002:0502\x1c", "is not as long as it says"),
        (b"1.001:12\x1d1.002:0502\x1c", "does not end where it says"),
        (WHOLE + b"\0", "bytes follow the last record"),
        (WHOLE[:-1], "is not as long as it says"),
        (transaction(f2=b"502"), "version"),
        (transaction(f4=b""), "type of transaction (1.004) is missing"),
        (transaction(f4=b"C P"), "type of transaction"),
        (transaction(f5=b"20260931"), "date"),
        (transaction(f5=b"24092026x"), "date"),
        (transaction(f6=b"0"), "priority"),
        (transaction(f7=b""), "destination (1.007) is missing"),
        (transaction(f8=b"PT\x07"), "control characters"),
        (transaction(f9=b"x" * 1001), "too long"),
        (transaction(f11=b"500"), "scanning resolution"),
        (transaction(f12=b""), "transmitting resolution (1.012) is missing"),
        (transaction(f3=b"1\x1f3"), "another count"),
        (transaction(f3=b"2\x1f0"), "another count"),
        (transaction(f3=b"1"), "expected pairs"),
        (transaction(f3=b"1\x1f1\x1e100\x1f00"), "a type there is not"),
        (transaction(f13=b"x\x1d2.013:y"), "field of another type"),
        (transaction(f13=b"x\x1d1.009:y"), "repeats a field"),
        (transaction(f13=b"x\x1c"), "ends before its length"),
        (transaction(f13=b"x" * 70_000), "longer than any header"),
        (transaction([(2, 1, user_text(0))]), "another number than announced"),
        (transaction([(4, 1, b"\0\0\0\4")]), "is not as long as it says"),
        (transaction([(9, 1, finger(1))]), "does not begin with its length"),
        (transaction([(14, 1, tagged(14, {3: b"1"}))]), "has no number"),
        (transaction([(14, 1, tagged(14, {2: b"x"}))]), "has no number"),
        (transaction([(2, 0, user_text(0))] * 1001), "over 1000 records"),
        (bytes(MAX_NIST_BYTES + 1), "not read"),
    ],
)
def test_what_is_not_as_it_says_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(words)):
        read_nist(data)


@pytest.mark.parametrize(
    ("agency", "country"),
    [
        ("PT/CA01", "PT"),
        ("fr-dcpj", "FR"),
        ("LU", "LU"),
        ("WVFBI0000", ""),
        ("", ""),
        ("P", ""),
    ],
)
def test_an_agency_tells_its_country_if_it_can(agency: str, country: str) -> None:
    assert agency_country(agency) == country


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_nist(data)
    except MalformedError:
        return


@given(
    at=st.integers(0, len(WHOLE) - 1),
    cut=st.integers(0, 12),
    put=st.binary(max_size=12),
)
def test_a_file_that_was_changed_anywhere_is_read_or_refused(
    at: int, cut: int, put: bytes
) -> None:
    changed = WHOLE[:at] + put + WHOLE[at + cut :]
    try:
        file = read_nist(changed)
    except MalformedError:
        return
    # What is read is consistent: its records fill the file after the first.
    assert sum(record.length for record in file.records) < len(changed)


def test_a_file_of_many_fields_is_bounded() -> None:
    fields = dict.fromkeys(range(2, 1200), b"1") | {2: b"01"}
    data = transaction([(2, 1, tagged(2, {3: b"x"} | fields))])

    # The number stands first, so the fields behind it are not even looked at.
    with pytest.raises(MalformedError, match="repeats a field, or has too many"):
        read_nist(data.replace(b"2.002:01", b"2.998:01"))
