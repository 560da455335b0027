"""Names, ids and moments are read strictly (specification, sections 1 and 2)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedError
from gateway.core.values import (
    UnixMs,
    check_attachment_name,
    format_time,
    is_uuid,
    new_uuid7,
    parse_authority_id,
    parse_digest,
    parse_message_id,
    parse_node_url,
    parse_service_url,
    parse_time,
)

NOW = UnixMs(1_795_129_509_123)
LAST_MOMENT = UnixMs(253_402_300_799_999)
FIRST_MOMENT = UnixMs(-62_135_596_800_000)


@pytest.mark.parametrize("name", ["a.b", "moj.ee", "x-1.y--z.pt", "a" * 61 + ".ee"])
def test_authority_ids_are_dns_style_names(name: str) -> None:
    assert parse_authority_id(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ee",
        "localhost",
        "Moj.ee",
        " moj.ee",
        "moj.ee\n",
        "moj..ee",
        ".moj.ee",
        "moj.ee.",
        "-moj.ee",
        "moj-.ee",
        "moj_1.ee",
        "möj.ee",
        "moj.ee\N{ARABIC-INDIC DIGIT ONE}",
        "a" * 62 + ".ee",
    ],
)
def test_other_names_are_no_authority_ids(name: str) -> None:
    with pytest.raises(MalformedError):
        parse_authority_id(name)


@pytest.mark.parametrize("url", ["https://gw.moj.ee", "https://gw.moj.ee:65535"])
def test_a_node_is_named_by_scheme_host_and_port(url: str) -> None:
    assert parse_node_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://gw.moj.ee",
        "https://gw.moj.ee/",
        "https://a@gw.moj.ee",
        "https://gw.moj.ee:65536",
        "https://gw.moj.ee?x",
        "https://gw.moj.ee\n",
    ],
)
def test_any_other_way_to_name_a_node_is_refused(url: str) -> None:
    with pytest.raises(MalformedError):
        parse_node_url(url)


def test_a_new_message_id_is_a_uuid7_of_its_time() -> None:
    first, second = new_uuid7(NOW), new_uuid7(NOW)
    assert first != second
    assert parse_message_id(first) == first
    assert int(first.replace("-", "")[:12], 16) == NOW


@given(st.lists(st.integers(0, 2**48 - 1), min_size=2, max_size=2, unique=True))
def test_message_ids_sort_by_time(moments: list[int]) -> None:
    earlier, later = sorted(moments)
    assert new_uuid7(UnixMs(earlier)) < new_uuid7(UnixMs(later))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "019F52A0-7C00-7000-8000-000000000000",
        "019f52a0-7c00-4000-8000-000000000000",
        "019f52a0-7c00-7000-c000-000000000000",
        "019f52a07c0070008000000000000000",
        "019f52a0-7c00-7000-8000-000000000000\n",
    ],
)
def test_other_spellings_and_versions_are_no_message_ids(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_message_id(text)


def test_any_version_is_a_uuid() -> None:
    assert is_uuid("019f52a0-7c00-4000-8000-000000000000")
    assert not is_uuid("019f52a0-7c00-4000-8000-00000000000g")


def test_a_digest_is_sixty_four_lower_case_hex_digits() -> None:
    assert parse_digest("0a" * 32) == "0a" * 32
    for text in ("0A" * 32, "0a" * 31, "0a" * 32 + "\n", "0g" * 32):
        with pytest.raises(MalformedError):
            parse_digest(text)


@given(st.integers(FIRST_MOMENT, LAST_MOMENT))
def test_every_moment_has_one_text_of_24_characters(moment: int) -> None:
    text = format_time(UnixMs(moment))
    assert len(text) == 24
    assert parse_time(text) == moment


@given(st.text(max_size=30) | st.from_regex(r"\A[0-9:TZ.+-]{20,30}\Z"))
def test_any_text_is_a_time_in_its_one_spelling_or_refused(text: str) -> None:
    try:
        moment = parse_time(text)
    except MalformedError:
        return
    assert format_time(moment) == text


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)))  # noqa: DTZ001 - hypothesis asks for naive bounds
def test_only_the_full_utc_spelling_of_a_time_is_read(moment: datetime) -> None:
    for text in (moment.isoformat(), moment.isoformat(timespec="seconds") + "Z"):
        with pytest.raises(MalformedError):
            parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T23:05:09Z",
        "2026-11-21T23:05:09.123456Z",
        "2026-11-21T23:05:09.123",
        "2026-11-21T23:05:09.123+00:00",
        "2026-11-21T23:05:09.123z",
        "2026-11-21 23:05:09.123Z",
        "2026-11-21T23:05:09,123Z",
        "2026-W47-6T23:05:09.123Z",
        "2026-02-29T00:00:00.000Z",
        "2026-11-21T24:00:00.000Z",
        "2026-11-21T23:05:60.000Z",
        "0000-01-01T00:00:00.000Z",
        "2026-11-21T23:05:09.123Z\n",
        "٢026-11-21T23:05:09.123Z",
    ],
)
def test_other_spellings_of_a_time_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_time(text)


@pytest.mark.parametrize("moment", [FIRST_MOMENT - 1, LAST_MOMENT + 1, 2**80])
def test_a_moment_outside_four_digit_years_has_no_text(moment: int) -> None:
    with pytest.raises(MalformedError):
        format_time(UnixMs(moment))


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "report.pdf",
        "Exp. 12-2026 (copie).pdf",
        "été.txt",
        "console.log",
        "x" * 255,
    ],
)
def test_ordinary_file_names_are_taken(name: str) -> None:
    check_attachment_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 256,
        "é" * 128,
        "a/b",
        "a\\b",
        "C:x",
        "..",
        "a..b",
        ".profile",
        "a.",
        " a",
        "a ",
        "CON",
        "nul.txt",
        "Lpt1.pdf",
        "COM\N{SUPERSCRIPT TWO}",
        "aux .txt",
        "conin$",
        "a\nb",
        "a\0",
        "a\x7f",
        "a\x85b",
        "gpj\N{RIGHT-TO-LEFT OVERRIDE}exe.pdf",
        "a\N{LEFT-TO-RIGHT ISOLATE}b",
        "a\N{LINE SEPARATOR}b",
        "a\ud800",
    ],
    ids=ascii,
)
def test_harmful_file_names_are_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        check_attachment_name(name)


@pytest.mark.parametrize(
    "url",
    ["http://tsa.example.org/tsr", "https://w.example", "https://w.example:8443/"],
)
def test_the_address_of_a_service_may_have_a_path(url: str) -> None:
    assert parse_service_url(url) == url


@pytest.mark.parametrize(
    "url",
    ["ftp://tsa.example.org/", "https://user@w.example/", "https://w.example:65536/"],
)
def test_an_address_that_says_more_or_less_than_where_is_refused(url: str) -> None:
    with pytest.raises(MalformedError, match="url: "):
        parse_service_url(url)
