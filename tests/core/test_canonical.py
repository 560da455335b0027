"""Canonical JSON: one spelling of everything, and nothing outside the profile."""

import contextlib
import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import canonical
from gateway.core.canonical import (
    JsonValue,
    Wire,
    decode,
    decode_as,
    decode_base64_list,
    encode,
    encode_base64_list,
    parse_base64,
    parse_object,
)
from gateway.core.errors import MalformedError, TooLargeError

MAX = 10_000

texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc")),
    max_size=20,
)
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
values = st.recursive(
    texts | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner),
    max_leaves=12,
)


class Point(Wire, frozen=True, kw_only=True):
    """A shape to read into."""

    name: str
    x: int


@given(values)
def test_what_is_written_reads_back(value: JsonValue) -> None:
    assert decode(encode(value), max_bytes=MAX) == value


@given(values)
def test_it_is_what_the_standard_library_writes_sorted_and_tight(
    value: JsonValue,
) -> None:
    expected = json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert encode(value) == expected.encode()


@given(st.binary(max_size=60) | values.map(encode))
def test_any_bytes_are_canonical_or_refused(raw: bytes) -> None:
    try:
        value = decode(raw, max_bytes=MAX)
    except MalformedError:
        return
    assert encode(value) == raw


@given(values, st.data())
def test_a_changed_byte_never_reads_as_the_same_value(
    value: JsonValue,
    data: st.DataObject,
) -> None:
    raw = bytearray(encode(value))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(MalformedError):
        assert json.dumps(decode(bytes(raw), max_bytes=MAX)) != json.dumps(value)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(anything, st.integers(0, 18), st.booleans())
def test_looking_at_the_bytes_finds_what_looking_at_every_value_finds(
    value: object,
    depth: int,
    line_feeds: bool,  # noqa: FBT001 - drawn, not passed
) -> None:
    for level in range(depth):
        value = {"x": value} if level % 2 else [value]
    raw = msgspec.json.encode(value, order="sorted")
    expected = _is_refused(lambda: _by_value(raw, line_feeds=line_feeds))
    found = _is_refused(lambda: decode(raw, max_bytes=MAX, line_feeds=line_feeds))
    assert found == expected


def _by_value(raw: bytes, *, line_feeds: bool) -> None:
    """Judge the profile's way: every value, then every character, then every key."""
    value = msgspec.json.decode(raw)
    canonical._check_values(value)
    canonical._check_characters(raw, line_feeds=line_feeds)


def _is_refused(judge: Callable[[], object]) -> bool:
    try:
        judge()
    except MalformedError:
        return True
    return False


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" 1",
        b"1\n",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"\xc3\xa9":1}',
        b'{"a\x7f":1}',
        b'{"a\\n":1}',
        b"1.0",
        b"1.5",
        b"1e2",
        b"-0",
        b"01",
        b"null",
        b'{"a":null}',
        b"NaN",
        b"9007199254740992",
        b"-9007199254740992",
        b"100000000000000000000",
        b'"\\/"',
        b'"\\u0041"',
        b'"\\u00e9"',
        b'"\\ud83d\\ude00"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf1",
        b'"\\u0000"',
        b'"\\t"',
        b'"\\r"',
        b'"\\n"',
        b'"\n"',
        b'"\x7f"',
        '"\x85"'.encode(),
        b'"a',
        b'"a"b',
        b"[1,]",
        b"[" * 17 + b"]" * 17,
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda raw: ascii(raw[:20]) + str(len(raw)),
)
def test_everything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(raw, max_bytes=10**6)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 16 + b"]" * 16,
        b"[" * 16 + b'1,"x"' + b"]" * 16,
        b"9007199254740991",
        b"-9007199254740991",
        b'"/\\"\\\\"',
        '"° « é \N{GRINNING FACE}"'.encode(),
        b'"\\\\n"',
        b'"[[[[[[[[[[[[[[[[[[[["',
        b'{"":0,"A":1,"a":true}',
    ],
    ids=ascii,
)
def test_the_edges_of_the_profile_are_read(raw: bytes) -> None:
    assert encode(decode(raw, max_bytes=MAX)) == raw


def test_a_fraction_at_the_deepest_level_is_refused() -> None:
    with pytest.raises(MalformedError):
        decode(b"[" * 16 + b"1.5" + b"]" * 16, max_bytes=MAX)


def test_line_feeds_are_read_only_where_a_field_allows_them() -> None:
    raw = b'"a\\nb\\\\\\n\\"\\n"'
    assert decode(raw, max_bytes=MAX, line_feeds=True) == 'a\nb\\\n"\n'
    with pytest.raises(MalformedError):
        decode(raw, max_bytes=MAX)
    with pytest.raises(MalformedError):
        decode(b'"a\\nb\\t"', max_bytes=MAX, line_feeds=True)
    with pytest.raises(MalformedError):
        decode(b'{"a\\nb":1}', max_bytes=MAX, line_feeds=True)


@given(st.text(max_size=12))
def test_control_characters_are_found_wherever_they_stand(text: str) -> None:
    has_control = any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)
    raw = json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if has_control or any(0xD800 <= ord(c) < 0xE000 for c in text):
        with pytest.raises(MalformedError):
            decode(raw, max_bytes=MAX)
    else:
        assert decode(raw, max_bytes=MAX) == text


def test_a_limit_is_checked_before_anything_else() -> None:
    with pytest.raises(TooLargeError):
        decode(b"\xff" * 11, max_bytes=10)
    with pytest.raises(TooLargeError):
        parse_object(b"\xff" * 11, max_bytes=10)


@pytest.mark.parametrize(
    "value",
    [
        None,
        1.0,
        float("nan"),
        b"x",
        {1: 2},
        {"é": 1},
        {"a\n": 1},
        "\ud800",
        "\t",
        2**53,
        pytest.param(object(), id="object"),
        [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]],
    ],
    ids=ascii,
)
def test_what_has_no_canonical_form_is_not_written(value: object) -> None:
    with pytest.raises(MalformedError):
        encode(value)


def test_a_value_that_holds_itself_is_not_written() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(MalformedError):
        encode(endless)


def test_a_tuple_is_written_as_an_array_and_counts_as_a_level() -> None:
    assert encode({"a": (1, ("x",))}) == b'{"a":[1,["x"]]}'
    nested: tuple[object, ...] = ()
    for _ in range(15):
        nested = (nested,)
    assert encode(nested) == b"[" * 16 + b"]" * 16
    with pytest.raises(MalformedError):
        encode((nested,))


def test_a_shape_refuses_unknown_missing_and_mistyped_fields() -> None:
    assert decode_as(b'{"name":"a","x":1}', Point, max_bytes=MAX) == Point(
        name="a",
        x=1,
    )
    for raw in (
        b'{"name":"a","x":1,"y":2}',
        b'{"name":"a"}',
        b'{"name":"a","x":"1"}',
        b'{"name":"a","x":true}',
        b"[]",
    ):
        with pytest.raises(MalformedError):
            decode_as(raw, Point, max_bytes=MAX)


def test_a_persons_object_may_be_spelled_in_any_way() -> None:
    raw = b' {"b": [1, -0],\r\n\t"a": "\\u00e9\\n"} '
    assert parse_object(raw, max_bytes=MAX) == {"a": "é\n", "b": [1, 0]}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"a"',
        b"{",
        b'{"a":1,"\\u0061":2}',
        b'{"x":[{"a":1,"a":1}]}',
        b'{"a":":","a":":"}',
        b'{"a\\"":1,"a\\u0022":2}',
        b'{"\\\\":1,"b":"\\\\\\":","\\u005c":2}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":null}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0000"}',
        b'{"a":"\t"}',
        b'{"a":"\\ud800"}',
        b'{"\xc3\xa9":1}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\xff"}',
        b'{"a":1} x',
        b'{"a":' * 17 + b"1" + b"}" * 17,
        b'{"a":' * 100_000,
    ],
    ids=lambda raw: ascii(raw[:24]) + str(len(raw)),
)
def test_a_persons_object_obeys_the_same_profile(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_object(raw, max_bytes=10**6)


@given(st.dictionaries(keys, values, max_size=4))
def test_a_persons_object_means_what_its_canonical_form_means(
    value: dict[str, JsonValue],
) -> None:
    loose = json.dumps(value, indent=2).encode()
    assert encode(parse_object(loose, max_bytes=10**6)) == encode(value)


@given(st.lists(st.tuples(keys, values), max_size=4))
def test_a_persons_object_never_repeats_a_key(
    members: list[tuple[str, JsonValue]],
) -> None:
    spelled = [f"{json.dumps(name)} : {json.dumps(value)}" for name, value in members]
    raw = f"{{{', '.join(spelled)}}}".encode()
    distinct = dict(members)
    if len(distinct) == len(members):
        assert parse_object(raw, max_bytes=10**6) == distinct
    else:
        with pytest.raises(MalformedError):
            parse_object(raw, max_bytes=10**6)


@given(st.binary(max_size=40))
def test_base64_has_one_spelling(raw: bytes) -> None:
    text = json.loads(encode_base64_list([raw]) if raw else b'[""]')[0]
    assert parse_base64(text) == raw


@pytest.mark.parametrize("text", ["A", "AA", "AB==", "AA==\n", "AA-_", "é", "AA==AA=="])
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_base64(text)


@given(st.lists(st.binary(min_size=1, max_size=10), max_size=4))
def test_an_array_of_base64_is_canonical_json(items: list[bytes]) -> None:
    raw = encode_base64_list(items)
    assert encode(decode(raw, max_bytes=MAX)) == raw
    assert decode_base64_list(raw) == items


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[",
        b"[]]",
        b'[""]',
        b'"AA=="',
        b'["AA==", "AA=="]',
        b'["AA=="]\n',
        b'["AB=="]',
        b'["A"]',
        b'[{"a":"AA=="}]',
        b'["AA==",]',
        b'["\\u0041A=="]',
    ],
)
def test_any_other_array_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_base64_list(raw)


@given(st.binary(max_size=30) | st.from_regex(rb'\A\["[A-D=",]{0,20}"\]\Z'))
def test_any_bytes_are_a_canonical_array_of_base64_or_refused(raw: bytes) -> None:
    try:
        items = decode_base64_list(raw)
    except MalformedError:
        return
    assert encode_base64_list(items) == raw
    assert decode(raw, max_bytes=MAX) == json.loads(raw)


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"a": object()}])
def test_what_has_no_spelling_is_refused_by_its_type_too(value: object) -> None:
    with pytest.raises(MalformedError, match="no canonical form"):
        canonical.encode_typed(value)
