"""Kinds of arguments and results: what a JSON Schema of a manifest means in Python.

A :class:`Kind` checks an argument and encodes it as a JSON value before it crosses, and decodes results. It
understands the schemas that the Rust crate writes and similar ones; for any other schema it lets every JSON
value pass and leaves the rest to the module.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from operator import index
from typing import Any, Literal, NoReturn

from ._text import clean_repr, clean_text, closest

_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_SAFE = 2**53
"""Integers up to this one are floats without loss."""
_MOST_WORDS = 256


_Way = Literal["encode", "decode"]
"""The direction: the name of one of the two functions of a :class:`Kind`."""


class Unfit(Exception):
    """A value does not fit its kind. ``error`` is the class that Python raises for such a mistake, ``path``
    the place within the value, as ``[3].name``."""

    def __init__(self, error: type[Exception], words: str, path: str = "") -> None:
        super().__init__(words)
        self.error, self.words, self.path = error, words, path

    def inside(self, step: str) -> Unfit:
        """The same for the value around it, which has it at ``step``."""
        return Unfit(self.error, self.words, step + self.path)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type.

    ``text`` is the type as people read it, ``annotation`` the one for a signature. ``encode`` checks an
    argument and gives its JSON value, ``decode`` does the reverse for a result; both raise :class:`Unfit`.
    If ``exact`` is set, results of exactly that class need no ``decode``. ``bounds`` are the range of
    integers, both ends included.
    """

    text: str
    annotation: Any
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    exact: type | None = None
    bounds: tuple[int, int] | None = None


def kind_of(schema: Any) -> Kind:
    """The kind that a schema describes."""
    if not isinstance(schema, dict):
        return ANY
    for word in ("anyOf", "oneOf", "allOf"):
        found = schema.get(word)
        if isinstance(found, list):
            return _combined(word, found)
    if isinstance(words := schema.get("enum"), list):
        return _words(words)
    name = schema.get("type")
    if isinstance(name, list):
        return _combined("anyOf", [schema | {"type": one} for one in name]) if len(name) == 2 else ANY
    made = _BY_NAME.get(name) if isinstance(name, str) else None
    return made(schema) if made is not None else ANY


def _combined(word: str, found: list[Any]) -> Kind:
    """The kind of ``X | None``, or of the only schema of an ``allOf``; any other combination is ``Any``."""
    if word == "allOf":
        return kind_of(found[0]) if len(found) == 1 else ANY
    others = [inner for inner in found if not (isinstance(inner, dict) and inner.get("type") == "null")]
    if len(others) == 1 and len(found) == 2:
        return _nullable(kind_of(others[0]))
    return ANY


def _unfit(expected: str, value: Any) -> NoReturn:
    raise Unfit(TypeError, f"expected {expected}, found {type(value).__name__}")


def _same(kind: type, expected: str) -> Callable[[Any], Any]:
    def same(value: Any) -> Any:
        if value.__class__ is not kind:
            _unfit(expected, value)
        return value

    return same


def _integer(schema: dict[str, Any]) -> Kind:
    low, high = _bound(schema, "minimum", _LOWEST), _bound(schema, "maximum", _HIGHEST)

    def encode(value: Any) -> int:
        if value.__class__ is not int:
            if isinstance(value, bool) or not hasattr(value, "__index__"):
                _unfit("int", value)
            value = index(value)
        if not low <= value <= high:
            found = repr(value) if abs(value) < 10**100 else "a number of more than 100 digits"
            raise Unfit(OverflowError, f"expected {low} to {high}, found {found}")
        return int(value)

    return Kind(_integers(low, high), int, encode, _same(int, "int"), int, (low, high))


def _bound(schema: dict[str, Any], name: str, default: int) -> int:
    value = schema.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _integers(low: int, high: int) -> str:
    """``int`` for the most common ones, ``u8`` and its like, else their range."""
    if low <= -(2**63) and high >= 2**63 - 1:
        return "int"
    for bits in (8, 16, 32, 64):
        if (low, high) == (0, 2**bits - 1):
            return f"u{bits}"
        if (low, high) == (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1):
            return f"i{bits}"
    return f"int {low if low > _LOWEST else ''}..{high if high < _HIGHEST else ''}"


def _number(_schema: dict[str, Any]) -> Kind:
    def encode(value: Any) -> Any:
        if value.__class__ is not float:
            if value.__class__ is int and -_SAFE <= value <= _SAFE:
                return value
            if isinstance(value, (bool, str)) or not (
                hasattr(value, "__float__") or hasattr(value, "__index__")
            ):
                _unfit("float", value)
            try:
                value = float(value)
            except OverflowError as error:
                raise Unfit(OverflowError, str(error)) from None
        if not math.isfinite(value):
            raise Unfit(ValueError, f"expected a finite number, found {value}: JSON has none other")
        return value

    def decode(value: Any) -> float:
        if value.__class__ is not float and value.__class__ is not int:
            _unfit("float", value)
        return float(value)

    return Kind("float", float, encode, decode, float)


def _string(schema: dict[str, Any]) -> Kind:
    if schema.get("contentEncoding") == "base64":
        return _BYTES

    def encode(value: Any) -> str:
        if not isinstance(value, str):
            _unfit("str", value)
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Unfit(ValueError, "expected text, found a lone surrogate") from None
        return value

    return Kind("str", str, encode, _same(str, "str"), str)


def _bytes() -> Kind:
    def encode(value: Any) -> str:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            _unfit("bytes", value)
        # All that a view is of may lie apart in memory.
        return base64.b64encode(bytes(value)).decode("ascii")

    def decode(value: Any) -> bytes:
        if not isinstance(value, str):
            _unfit("bytes in base64", value)
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Unfit(TypeError, "expected bytes in base64, found another text") from None

    return Kind("bytes", bytes, encode, decode)


def _words(words: list[Any]) -> Kind:
    """One of some strings."""
    known = [word for word in words[: _MOST_WORDS + 1] if isinstance(word, str)]
    if len(known) != len(words) or not known or len(words) > _MOST_WORDS:
        return ANY
    listed = " | ".join(clean_repr(word) for word in known)
    among = frozenset(known)

    def encode(value: Any) -> str:
        if not isinstance(value, str):
            _unfit("str", value)
        if value not in among:
            near = closest(value, known)
            hint = f"; did you mean {clean_repr(near)}?" if near else ""
            raise Unfit(
                ValueError,
                f"expected one of {listed.replace(' | ', ', ')}, found {clean_repr(value)}{hint}",
            )
        return value

    return Kind(listed, Literal[tuple(known)], encode, _same(str, "str"), str)


def _nullable(inner: Kind) -> Kind:
    if inner is ANY:
        return ANY
    encode, decode = inner.encode, inner.decode
    return Kind(
        f"{inner.text} | None",
        None if inner.annotation is None else inner.annotation | None,
        lambda value: None if value is None else encode(value),
        lambda value: None if value is None else decode(value),
    )


def _array(schema: dict[str, Any]) -> Kind:
    prefix = schema.get("prefixItems")
    if isinstance(prefix, list) and schema.get("items") is False:
        return _tuple([kind_of(item) for item in prefix])
    inner = kind_of(schema.get("items"))

    def encode(value: Any) -> list[Any]:
        return _each(inner.encode, _items(value, "list"))

    def decode(value: Any) -> list[Any]:
        return _each(inner.decode, _same(list, "list")(value))

    return Kind(f"list[{inner.text}]", list[inner.annotation], encode, decode)  # type: ignore[name-defined]


def _tuple(inner: list[Kind]) -> Kind:
    def each(values: Any, way: _Way) -> list[Any]:
        if len(values) != len(inner):
            raise Unfit(ValueError, f"expected {len(inner)} items, found {len(values)}")
        found = []
        for at, (kind, value) in enumerate(zip(inner, values, strict=True)):
            try:
                found.append(getattr(kind, way)(value))
            except Unfit as unfit:
                raise unfit.inside(f"[{at}]") from None
        return found

    return Kind(
        f"tuple[{', '.join(kind.text for kind in inner) or '()'}]",
        tuple[tuple(kind.annotation for kind in inner)],  # type: ignore[misc]
        lambda value: each(_items(value, "tuple"), "encode"),
        lambda value: tuple(each(_same(list, "list")(value), "decode")),
    )


def _items(value: Any, expected: str) -> Sequence[Any]:
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (str, bytes, bytearray, memoryview)) or not isinstance(value, Sequence):
        _unfit(expected, value)
    return value


def _each(convert: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    try:
        for value in values:
            found.append(convert(value))
    except Unfit as unfit:
        raise unfit.inside(f"[{len(found)}]") from None
    return found


def _object(schema: dict[str, Any]) -> Kind:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return _map(kind_of(schema.get("additionalProperties")))
    required = schema.get("required")
    needed = {name: None for name in required if isinstance(name, str)} if isinstance(required, list) else {}
    inner = {name: kind_of(kind) for name, kind in properties.items()}
    others = schema.get("additionalProperties")
    closed = others is False
    rest = kind_of(others) if isinstance(others, dict) else ANY

    def each(members: Mapping[Any, Any], way: _Way) -> dict[str, Any]:
        found = {}
        for name, value in members.items():
            kind = inner.get(name) if isinstance(name, str) else _unfit("names that are str", name)
            if kind is None and closed:
                near = closest(name, inner)
                hint = f"; did you mean {near!r}?" if near else ""
                raise Unfit(TypeError, f"unexpected {clean_repr(name)}{hint}")
            try:
                found[name] = getattr(kind or rest, way)(value)
            except Unfit as unfit:
                raise unfit.inside(_step(name)) from None
        for name in needed:
            if name not in found:
                raise Unfit(TypeError, f"missing {clean_repr(name)}")
        return found

    members = [
        f"{name if name.isidentifier() else repr(name)}{'' if name in needed else '?'}: {kind.text}"
        for name, kind in inner.items()
    ]
    if isinstance(others, dict):
        members.append(f"...: {rest.text}")
    return Kind(
        f"{{{', '.join(clean_text(member, 400) for member in members)}}}",
        dict[str, Any],
        lambda value: each(_members(value), "encode"),
        lambda value: each(_same(dict, "dict")(value), "decode"),
    )


def _map(inner: Kind) -> Kind:
    def each(members: Mapping[Any, Any], convert: Callable[[Any], Any]) -> dict[str, Any]:
        found = {}
        for name, value in members.items():
            if not isinstance(name, str):
                _unfit("names that are str", name)
            try:
                found[name] = convert(value)
            except Unfit as unfit:
                raise unfit.inside(_step(name)) from None
        return found

    return Kind(
        f"dict[str, {inner.text}]",
        dict[str, inner.annotation],  # type: ignore[name-defined]
        lambda value: each(_members(value), inner.encode),
        lambda value: each(_same(dict, "dict")(value), inner.decode),
    )


def _members(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if hasattr(value, "_asdict") and isinstance(value, tuple):
        return value._asdict()  # type: ignore[no-any-return, attr-defined]
    _unfit("dict", value)


def _step(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{clean_repr(name)}]"


def _any(value: Any) -> Any:
    try:
        return _of_json(value)
    except RecursionError:
        raise Unfit(ValueError, "expected fewer levels of nesting, or no circle") from None


def _of_json(value: Any) -> Any:
    """Any value that JSON can write, and that means the same there."""
    if value is None or value.__class__ in (str, int, bool):
        return value
    if isinstance(value, float):
        return _NUMBER.encode(value)
    if isinstance(value, (list, tuple)):
        return _each(_of_json, value)
    if isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, type)):
        return _ANY_MAP.encode(value)
    if isinstance(value, (str, int)):
        return value
    _unfit("a value that JSON has", value)


ANY = Kind("Any", Any, _any, lambda value: value)
_ANY_MAP = _map(Kind("Any", Any, _of_json, ANY.decode))
_NUMBER = _number({})
_BYTES = _bytes()
_BY_NAME: dict[str, Callable[[dict[str, Any]], Kind]] = {
    "null": lambda _: Kind("None", None, _same(type(None), "None"), _same(type(None), "None"), type(None)),
    "boolean": lambda _: Kind("bool", bool, _same(bool, "bool"), _same(bool, "bool"), bool),
    "integer": _integer,
    "number": _number,
    "string": _string,
    "array": _array,
    "object": _object,
}
