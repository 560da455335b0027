"""Objects with declared fields, as far as evidence needs them; stands in for `msgspec`.

The gateway declares what it reads from the wire as subclasses of `Struct` and converts
decoded JSON to them. The verifier needs the same refusals: a field that is unknown,
missing, of another type or beyond a limit. What is not used in evidence is not here,
and asking for it is an error of its own.
"""

import json as _json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, EnumType
from types import NoneType, UnionType
from typing import (
    Annotated,
    Final,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

_T = TypeVar("_T")

_KINDS: Final = {
    bool: "bool",
    dict: "object",
    float: "float",
    int: "int",
    list: "array",
    str: "str",
}


class DecodeError(ValueError):
    """Bytes are not JSON."""


class ValidationError(DecodeError):
    """A value is not of the declared shape."""


class UnsetType(Enum):
    """What a field holds that may be left out, and was."""

    UNSET = "unset"


UNSET: Final = UnsetType.UNSET


class Meta:
    """Limits of a value: as an annotation beside its type."""

    __slots__ = ("ge", "le", "max_length", "min_length", "pattern")

    def __init__(
        self,
        *,
        ge: int | None = None,
        le: int | None = None,
        max_length: int | None = None,
        min_length: int | None = None,
        pattern: str | None = None,
    ) -> None:
        self.ge = ge
        self.le = le
        self.max_length = max_length
        self.min_length = min_length
        self.pattern = None if pattern is None else re.compile(pattern)

    def check(self, value: object) -> None:
        """Refuse a value beyond the limits.

        Raises:
            ValidationError: It is.
        """
        if self.ge is not None and not (isinstance(value, int) and value >= self.ge):
            raise ValidationError(f"Expected `int` >= {self.ge}")
        if self.le is not None and not (isinstance(value, int) and value <= self.le):
            raise ValidationError(f"Expected `int` <= {self.le}")
        if isinstance(value, str | list | dict):
            length = len(value)
            if self.max_length is not None and length > self.max_length:
                raise ValidationError(f"Expected length <= {self.max_length}")
            if self.min_length is not None and length < self.min_length:
                raise ValidationError(f"Expected length >= {self.min_length}")
        if self.pattern and not (isinstance(value, str) and self.pattern.search(value)):
            raise ValidationError("Expected `str` in another form")


class _Field:
    """What is declared of a field beside its type."""

    __slots__ = ("default", "name")

    def __init__(self, *, default: object = ..., name: str = "") -> None:
        self.default = default
        self.name = name


def field(*, default: object = ..., name: str = "") -> _Field:
    """Declare that a field has another name in JSON, or may be left out."""
    return _Field(default=default, name=name)


class Struct:
    """Base of objects with declared fields, given by name and never changed."""

    __struct_fields__: tuple[str, ...] = ()
    _forbids_unknown: bool = False
    _omits_defaults: bool = False

    def __init_subclass__(
        cls,
        *,
        frozen: bool = False,
        kw_only: bool = False,
        forbid_unknown_fields: bool | None = None,
        omit_defaults: bool | None = None,
    ) -> None:
        if not (frozen and kw_only):
            raise TypeError(f"{cls.__name__}: expected frozen=True, kw_only=True")
        if forbid_unknown_fields is not None:
            cls._forbids_unknown = forbid_unknown_fields
        if omit_defaults is not None:
            cls._omits_defaults = omit_defaults
        own = [name for name in cls.__annotations__ if name[0] != "_"]
        cls.__struct_fields__ = (*cls.__struct_fields__, *own)

    def __init__(self, **values: object) -> None:
        defaults = {item.name: item.default for item in _fields(type(self))}
        if values.keys() - defaults.keys():
            raise TypeError(f"{type(self).__name__}: no such field")
        for name, default in defaults.items():
            value = values.get(name, default)
            if value is ...:
                raise TypeError(f"{type(self).__name__}: {name} is missing")
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is never changed")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash((type(self), *_values(self)))


def _values(value: Struct) -> tuple[object, ...]:
    return tuple(getattr(value, name) for name in value.__struct_fields__)


class _Declared:
    """A field of a class: its name, the one in JSON, its type and its default."""

    __slots__ = ("default", "encoded", "name", "shape")

    def __init__(self, owner: type[Struct], name: str, shape: object) -> None:
        given = getattr(owner, name, ...)
        declared = given if isinstance(given, _Field) else _Field(default=given)
        self.name = name
        self.encoded = declared.name or name
        self.default = declared.default
        self.shape = shape


_known: dict[type[Struct], tuple[_Declared, ...]] = {}


def _fields(owner: type[Struct]) -> tuple[_Declared, ...]:
    """Return what a class declares; found out when it is first needed."""
    if owner not in _known:
        hints = get_type_hints(owner, include_extras=True)
        names = owner.__struct_fields__
        _known[owner] = tuple(_Declared(owner, name, hints[name]) for name in names)
    return _known[owner]


def convert(value: object, type: type[_T], *, strict: bool = True) -> _T:  # noqa: A002 - its name there
    """Return decoded JSON as a value of a type.

    Raises:
        ValidationError: It is not of that type.
        TypeError: The type is none that evidence has.
    """
    if not strict:
        raise TypeError("only strict conversion is here")
    return cast("_T", _converted(value, type))


def _converted(value: object, shape: object) -> object:
    origin, arguments = get_origin(shape), get_args(shape)
    if origin is Annotated:
        found = _converted(value, arguments[0])
        for limit in arguments[1:]:
            cast("Meta", limit).check(found)
        return found
    if origin in {Union, UnionType}:
        return _of_union(value, arguments)
    if origin in {list, tuple}:
        return _of_array(value, origin, arguments)
    if origin is dict:
        return _of_mapping(value, *arguments)
    return _of_class(value, shape)


def _wrong(expected: str, value: object) -> ValidationError:
    found = _KINDS.get(type(value), "null")
    return ValidationError(f"Expected `{expected}`, got `{found}`")


def _of_class(value: object, shape: object) -> object:
    if shape is object:
        return value
    if isinstance(shape, EnumType):
        return _of_enum(value, cast("type[Enum]", shape))
    if isinstance(shape, type) and issubclass(shape, Struct):
        return _of_struct(value, shape)
    if shape in _KINDS and shape is not float:
        # `bool` is an `int` to Python, and not to JSON.
        if type(value) is not shape:
            raise _wrong(_KINDS[shape], value)
        return value
    raise TypeError(f"no conversion to {shape!r}")


def _of_union(value: object, options: Sequence[object]) -> object:
    # Canonical JSON has no null, so what may be `None` is left out.
    kinds = [one for one in options if one not in {UnsetType, NoneType}]
    if len(kinds) != 1:
        raise TypeError(f"no conversion to any of {options!r}")
    return _converted(value, kinds[0])


def _of_array(
    value: object,
    origin: object,
    arguments: Sequence[object],
) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list):
        raise _wrong("array", value)
    items = [_converted(item, arguments[0]) for item in value]
    if origin is list:
        return items
    if arguments[1:] != (...,):
        raise TypeError("only tuples of any length are here")
    return tuple(items)


def _of_mapping(value: object, key: object, item: object) -> dict[object, object]:
    if not isinstance(value, dict):
        raise _wrong("object", value)
    return {
        _converted(name, key): _converted(found, item) for name, found in value.items()
    }


def _of_enum(value: object, shape: type[Enum]) -> Enum:
    try:
        return shape(value)
    except ValueError as error:
        raise ValidationError(f"Invalid enum value {value!r}") from error


def _of_struct(value: object, shape: type[Struct]) -> Struct:
    if not isinstance(value, dict):
        raise _wrong("object", value)
    declared = {item.encoded: item for item in _fields(shape)}
    unknown = value.keys() - declared.keys()
    if unknown and shape._forbids_unknown:  # noqa: SLF001 - of this module
        raise ValidationError(f"Object contains unknown field `{min(unknown)}`")
    found = {}
    for name, item in declared.items():
        if name in value:
            found[item.name] = _converted(value[name], item.shape)
        elif item.default is ...:
            raise ValidationError(f"Object missing required field `{name}`")
    return shape(**found)


def to_builtins(value: object, *, builtin_types: Sequence[type] = ()) -> object:
    """Return a value as what JSON is made of.

    Raises:
        TypeError: It holds something else.
    """
    if isinstance(value, Struct):
        return dict(_members(value, builtin_types))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {
            to_builtins(name, builtin_types=builtin_types): to_builtins(
                item,
                builtin_types=builtin_types,
            )
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        items = [to_builtins(item, builtin_types=builtin_types) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if value is None or isinstance(value, (str, int, float, *builtin_types)):
        return value
    raise TypeError(f"Encoding objects of type {type(value).__name__} is unsupported")


def _members(
    value: Struct,
    builtin_types: Sequence[type],
) -> Iterator[tuple[str, object]]:
    for item in _fields(type(value)):
        found = getattr(value, item.name)
        is_left_out = value._omits_defaults and found == item.default  # noqa: SLF001 - of this module
        if found is not UNSET and not is_left_out:
            yield item.encoded, to_builtins(found, builtin_types=builtin_types)


class _Encoder:
    """Writes JSON without white space."""

    def __init__(self, *, order: str) -> None:
        if order != "sorted":
            raise TypeError("only sorted keys are here")
        self._encode = _json.JSONEncoder(
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=True,
        ).encode

    def encode(self, value: object) -> bytes:
        """Return the UTF-8 bytes of a value; a lone surrogate is an error."""
        plain = to_builtins(value) if isinstance(value, Struct) else value
        return self._encode(plain).encode()


class _Decoder:
    """Reads JSON; whoever needs one spelling writes it again and compares."""

    def __init__(self, type: object = object) -> None:  # noqa: A002 - its name there
        self._shape = type

    def decode(self, raw: bytes) -> object:
        """Return the value that UTF-8 bytes spell.

        Raises:
            DecodeError: They spell none.
            ValidationError: One of another shape than was asked for.
        """
        try:
            value = _json.loads(raw.decode())
        except ValueError as error:
            raise DecodeError(str(error)) from error
        return value if self._shape is object else _converted(value, self._shape)


class json:  # noqa: N801 - named as the module it stands for
    """What `msgspec.json` has."""

    Encoder = _Encoder
    Decoder = _Decoder
