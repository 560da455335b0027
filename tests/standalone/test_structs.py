"""Declared objects in the one-file verifier: the verdicts are those of msgspec."""

import json
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standalone import structs


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Real:
    """The shapes as the gateway declares them."""

    class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
        pass

    class Part(Base, frozen=True, kw_only=True):
        count: Annotated[int, msgspec.Meta(ge=1)]
        text: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{1,3}\Z")]

    class Open(msgspec.Struct, frozen=True, kw_only=True):
        name: str

    class Whole(Base, frozen=True, kw_only=True):
        sender: str = msgspec.field(name="from")
        colour: Colour
        parts: Annotated[list["Real.Part"], msgspec.Meta(min_length=1, max_length=2)]
        names: Annotated[
            dict[Annotated[str, msgspec.Meta(pattern="^[a-z]")], str],
            msgspec.Meta(max_length=2),
        ]
        is_new: bool
        any: object
        open: "Real.Open"
        many: tuple[int, ...] = ()
        left: str | msgspec.UnsetType = msgspec.UNSET


class Ours:
    """The same shapes under the stand-in."""

    class Base(structs.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
        pass

    class Part(Base, frozen=True, kw_only=True):
        count: Annotated[int, structs.Meta(ge=1)]
        text: Annotated[str, structs.Meta(pattern=r"^[a-z]{1,3}\Z")]

    class Open(structs.Struct, frozen=True, kw_only=True):
        name: str

    class Whole(Base, frozen=True, kw_only=True):
        sender: str = structs.field(name="from")  # type: ignore[assignment]
        colour: Colour
        parts: Annotated[list["Ours.Part"], structs.Meta(min_length=1, max_length=2)]
        names: Annotated[
            dict[Annotated[str, structs.Meta(pattern="^[a-z]")], str],
            structs.Meta(max_length=2),
        ]
        is_new: bool
        any: object
        open: "Ours.Open"
        many: tuple[int, ...] = ()
        left: str | structs.UnsetType = structs.UNSET


class Shape(NamedTuple):
    real: object
    ours: object


SHAPES = [
    Shape(Real.Whole, Ours.Whole),
    Shape(Real.Part, Ours.Part),
    Shape(Real.Open, Ours.Open),
    *(Shape(one, one) for one in (str, int, bool, list[str], dict[str, object])),
]
GOOD = {
    "from": "a",
    "colour": "red",
    "parts": [{"count": 1, "text": "abc"}],
    "names": {"x": "y"},
    "is_new": True,
    "any": [1, {"x": False}],
    "open": {"name": "n", "other": 1},
    "many": [1, 2],
    "left": "l",
}
ATOMS = st.sampled_from(
    ["", "a", "abc", "abcd", "abc\n", "red", "Red", "é", 0, 1, -1, 2**53, True, False],
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*GOOD, "count", "text", "name", "X", "sender"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def by_msgspec(value: object, shape: object) -> object:
    try:
        found = msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError:
        return "refused"
    return msgspec.to_builtins(found)


def by_ours(value: object, shape: object) -> object:
    try:
        found: object = structs.convert(value, shape)  # type: ignore[arg-type]
    except structs.ValidationError:
        return "refused"
    return structs.to_builtins(found)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@settings(max_examples=150)
@given(value=VALUES)
def test_any_value_gets_the_same_verdict(shape: Shape, value: object) -> None:
    assert by_ours(value, shape.ours) == by_msgspec(value, shape.real)


@settings(max_examples=400)
@given(data=st.data())
def test_any_changed_object_gets_the_same_verdict(data: st.DataObject) -> None:
    value = json.loads(json.dumps(GOOD))
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(
            st.sampled_from(
                [value, *(v for v in value.values() if isinstance(v, dict))],
            ),
        )
        name = data.draw(st.sampled_from([*place, "other"]))
        if data.draw(st.booleans()):
            place.pop(name, None)
        else:
            place[name] = data.draw(VALUES)
    assert by_ours(value, Ours.Whole) == by_msgspec(value, Real.Whole)


def test_a_good_object_is_read() -> None:
    found = structs.convert(GOOD, Ours.Whole)
    assert (found.sender, found.colour, found.many) == ("a", Colour.RED, (1, 2))
    assert structs.to_builtins(found) == {
        **GOOD,
        "many": (1, 2),
        "open": {"name": "n"},
    }


def test_what_may_be_left_out_is_not_written() -> None:
    less = {name: item for name, item in GOOD.items() if name not in {"left", "many"}}
    found = structs.convert(less, Ours.Whole)
    assert found.left is structs.UNSET
    assert "left" not in str(structs.to_builtins(found))


def test_objects_are_values() -> None:
    one, two = (structs.convert(GOOD["parts"], list[Ours.Part]) for _ in range(2))
    assert one == two
    assert len({*one, *two}) == 1
    assert one[0] != Ours.Part(count=2, text="abc")
    with pytest.raises(AttributeError, match="never changed"):
        one[0].count = 3
    with pytest.raises(TypeError, match="missing"):
        Ours.Part(count=1)
    with pytest.raises(TypeError, match="no such field"):
        Ours.Part(count=1, text="a", other=1)


def test_what_is_not_here_is_an_error_of_its_own() -> None:
    for shape in (float, set[int], int | str, tuple[int, str]):
        with pytest.raises(TypeError):
            structs.convert([], shape)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        structs.convert("", str, strict=False)
    with pytest.raises(TypeError):
        structs.to_builtins({1, 2})
    with pytest.raises(TypeError):
        structs.json.Encoder(order="deterministic")
    with pytest.raises(TypeError, match="frozen"):
        type("Loose", (structs.Struct,), {})


@settings(max_examples=300)
@given(
    raw=st.binary(max_size=20)
    | st.text('{}[]",:0-1e.tfn\\u "', max_size=20).map(str.encode)
)
def test_what_is_read_is_what_msgspec_reads(raw: bytes) -> None:
    """It may take more spellings than msgspec: the gateway writes them again."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        return
    assert structs.json.Decoder().decode(raw) == value


@given(value=VALUES)
def test_what_is_written_is_what_msgspec_writes(value: object) -> None:
    expected = msgspec.json.Encoder(order="sorted").encode(value)
    assert structs.json.Encoder(order="sorted").encode(value) == expected


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[1,]", b"1" * 5_000])
def test_what_is_no_json_is_an_error(raw: bytes) -> None:
    with pytest.raises(structs.DecodeError):
        structs.json.Decoder().decode(raw)
