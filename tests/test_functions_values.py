"""Values of all kinds on their way into a function of a module and back, and those that do not go."""

from __future__ import annotations

import base64
import dataclasses
import enum
import inspect
import json
from collections import OrderedDict, namedtuple
from collections.abc import Iterator
from typing import Any

import pytest
from by_hand import answering, module, of_one
from example import of_all_kinds
from guests import guest

import wasmrecords as wr
from wasmrecords._kinds import Unfit, kind_of


@pytest.fixture(scope="module")
def functions() -> Iterator[wr.Functions]:
    with wr.functions(of_all_kinds(), limits=wr.Limits(time=0.3)) as found:
        yield found


@dataclasses.dataclass
class Named:
    id: int
    name: str


Pair = namedtuple("Pair", "id name")


class Number(enum.IntEnum):
    SIX = 6


class Indexed:
    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("multiply", (6, 7), 42),
        ("multiply", (Number.SIX, Indexed()), 42),
        ("multiply", (-(2**63), 1), -(2**63)),
        ("multiply", (2**62, 2), -(2**63)),  # as Rust does in a release build
        ("repeated", ("ab", 3), "ababab"),
        ("repeated", ("ü\n\0", 2, "-"), "ü\n\0-ü\n\0"),
        ("repeated", ("", 255, None), ""),
        ("mean", ([1, 2.5],), 1.75),
        ("mean", ((3,),), 3.0),
        ("mean", (range(3),), 1.0),
        ("counts", (["a", "b", "a"],), {"a": 2, "b": 1}),
        ("counts", ([],), {}),
        ("total", ({"a": 1, "b": -2},), -1),
        ("total", (OrderedDict(ü=5),), 5),
        ("renamed", ({"id": 1, "name": "x", "more": [None, 1.5, {}]}, "y"), {"id": 1, "name": "y"}),
        ("renamed", (Named(2**32 - 1, "x"), "y"), {"id": 2**32 - 1, "name": "y"}),
        ("renamed", (Pair(3, "x"), "y"), {"id": 3, "name": "y"}),
        ("reversed", (b"abc\xff",), b"\xffcba"),
        ("reversed", (memoryview(bytes(range(256))),), bytes(range(255, -1, -1))),
        ("reversed", (memoryview(b"abcd")[::2],), b"ca"),
        ("reversed", (bytearray(),), b""),
        ("parsed", ("-12",), -12),
        ("larger", (1, 2), 2.0),
        ("larger", (1e308, -0.0), 1e308),
        ("larger", (2**53 + 1, 0), float(2**53)),
        ("larger", (-0.0, -1), -0.0),
        ("swapped", (("a", True),), (True, "a")),
        ("swapped", (["a", False],), (False, "a")),
        ("divided", (7, -2), -3),
    ],
)
def test_what_crosses(functions: wr.Functions, name: str, arguments: tuple[Any, ...], result: Any) -> None:
    function = getattr(functions, name)
    found = function(*arguments)
    assert (found, type(found), repr(found)) == (result, type(result), repr(result))
    assert list(function.map([arguments, list(arguments)])) == [result, result]


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "message"),
    [
        ("multiply", ("6", 7), TypeError, "multiply(){} argument 'a': expected int, found str"),
        ("multiply", (6, 7.0), TypeError, "multiply(){} argument 'b': expected int, found float"),
        ("multiply", (True, 7), TypeError, "multiply(){} argument 'a': expected int, found bool"),
        ("multiply", (None, 7), TypeError, "multiply(){} argument 'a': expected int, found NoneType"),
        ("multiply", ([6], 7), TypeError, "multiply(){} argument 'a': expected int, found list"),
        ("multiply", ("6",), TypeError, "multiply(){} missing a required argument: 'b'"),
        ("multiply", (), TypeError, "multiply(){} missing a required argument: 'a'"),
        ("multiply", (1, 2, 3), TypeError, "multiply(){} too many positional arguments"),
        (
            "multiply",
            (1, 2**63),
            OverflowError,
            "multiply(){} argument 'b': expected -9223372036854775808 to 9223372036854775807, "
            "found 9223372036854775808",
        ),
        (
            "multiply",
            (-(10**5000), 1),
            OverflowError,
            "multiply(){} argument 'a': expected -9223372036854775808 to 9223372036854775807, "
            "found a number of more than 100 digits",
        ),
        (
            "repeated",
            ("a", 256),
            OverflowError,
            "repeated(){} argument 'times': expected 0 to 255, found 256",
        ),
        ("repeated", (b"a", 1), TypeError, "repeated(){} argument 'text': expected str, found bytes"),
        ("repeated", ("a", 1, 2), TypeError, "repeated(){} argument 'between': expected str, found int"),
        (
            "repeated",
            ("\ud800", 1),
            ValueError,
            "repeated(){} argument 'text': expected text, found a lone surrogate",
        ),
        (
            "renamed",
            ({"id": 1, "name": "x", "more": {"\udfff": 1}}, "y"),
            ValueError,
            "renamed(){} argument 'record': expected text, found a lone surrogate",
        ),
        ("mean", (1.5,), TypeError, "mean(){} argument 'values': expected list, found float"),
        ("mean", ("12",), TypeError, "mean(){} argument 'values': expected list, found str"),
        ("mean", ([1, "x"],), TypeError, "mean(){} argument 'values' at [1]: expected float, found str"),
        (
            "mean",
            ([float("nan")],),
            ValueError,
            "mean(){} argument 'values' at [0]: expected a finite number, found nan: JSON has none other",
        ),
        (
            "larger",
            (1, 10**400),
            OverflowError,
            "larger(){} argument 'b': int too large to convert to float",
        ),
        ("larger", (True, 1), TypeError, "larger(){} argument 'a': expected float, found bool"),
        ("larger", ("1", 1), TypeError, "larger(){} argument 'a': expected float, found str"),
        (
            "larger",
            (float("inf"), 1),
            ValueError,
            "larger(){} argument 'a': expected a finite number, found inf: JSON has none other",
        ),
        ("total", ([1],), TypeError, "total(){} argument 'values': expected dict, found list"),
        (
            "total",
            ({1: 1},),
            TypeError,
            "total(){} argument 'values': expected names that are str, found int",
        ),
        (
            "total",
            ({"a b": 2**31},),
            OverflowError,
            "total(){} argument 'values' at ['a b']: expected -2147483648 to 2147483647, found 2147483648",
        ),
        (
            "renamed",
            ({"id": -1, "name": "x"}, "y"),
            OverflowError,
            "renamed(){} argument 'record' at .id: expected 0 to 4294967295, found -1",
        ),
        ("renamed", ({"id": 1}, "y"), TypeError, "renamed(){} argument 'record': missing 'name'"),
        ("renamed", (Named, "y"), TypeError, "renamed(){} argument 'record': expected dict, found type"),
        (
            "renamed",
            ({"id": 1, "name": "x", "more": {1}}, "y"),
            TypeError,
            "renamed(){} argument 'record' at .more: expected a value that JSON has, found set",
        ),
        ("reversed", ("abc",), TypeError, "reversed(){} argument 'data': expected bytes, found str"),
        ("swapped", (("a",),), ValueError, "swapped(){} argument 'pair': expected 2 items, found 1"),
        ("swapped", (("a", 1),), TypeError, "swapped(){} argument 'pair' at [1]: expected bool, found int"),
    ],
)
def test_what_does_not(
    functions: wr.Functions, name: str, arguments: tuple[Any, ...], kind: type[Exception], message: str
) -> None:
    function = getattr(functions, name)
    with pytest.raises(kind) as caught:
        function(*arguments)
    assert (type(caught.value), str(caught.value)) == (kind, message.format(""))
    with pytest.raises(kind) as caught:
        list(function.map([arguments]))
    assert (type(caught.value), str(caught.value)) == (kind, message.format(" call 1"))


def test_members_without_a_name_are_of_their_kind() -> None:
    """As those of a map that is flat in a struct."""
    given = {"type": "string", "contentEncoding": "base64"}
    kind = kind_of(
        {"type": "object", "properties": {"id": {"type": "integer"}}, "additionalProperties": given}
    )
    assert kind.encode({"id": 1, "x": b"a"}) == {"id": 1, "x": "YQ=="}
    assert kind.decode({"id": 1, "x": "YQ=="}) == {"id": 1, "x": b"a"}
    with pytest.raises(Unfit) as caught:
        kind.encode({"x": 3})
    assert (caught.value.path, caught.value.words) == (".x", "expected bytes, found int")


def test_circles(functions: wr.Functions) -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match=r"argument 'record' at \.more: expected fewer levels of nesting"):
        functions.renamed({"id": 1, "name": "x", "more": circle}, "y")


def test_base64_is_what_crosses() -> None:
    with wr.functions(module([of_one({"type": "string", "contentEncoding": "base64"})])) as functions:
        assert functions.f(b"\xff\xfe") == [base64.b64encode(b"\xff\xfe").decode()]


def test_integers_that_are_too_long_for_most() -> None:
    for answer, value in (("123456789012345678901234567890", 123456789012345678901234567890), ("1", 1)):
        with wr.functions(answering(answer, {"type": "integer"})) as functions:
            assert functions.f() == value
            assert list(functions.f.map([()])) == [value]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (True, [1, 10**30, -1.5, "ü", None, True, [1, {"a": None}], {}], [{1}, float("nan"), b"", object]),
        ({"type": ["integer", "null"]}, [1, None], ["x", 1.5]),
        ({"type": ["integer", "string"]}, [1, "x"], [{1}]),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, ["x", None], [1]),
        ({"enum": ["red", "green"]}, ["red"], ["rad", 1]),
        ({"enum": [1, 2]}, [1, "x"], [{1}]),
        ({"type": "integer"}, [2**64 - 1, -(2**63)], [2**64, 1.0]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, [1, 3], [0, 4]),
        ({"type": "integer", "minimum": "x"}, [1], ["1"]),
        ({"type": "array"}, [[1, "x"]], ["x", {1}]),
        ({"type": "array", "prefixItems": [{}], "items": False}, [["x"]], [[], [1, 2]]),
        ({"type": "object"}, [{"a": 1}], [{1: 1}, [1]]),
        (
            {
                "type": "object",
                "properties": {"ab": {"allOf": [{"type": "null"}]}},
                "additionalProperties": False,
            },
            [{"ab": None}, {}],
            [{"ab": 1}, {"ac": None}],
        ),
        ({"type": "later"}, [1, "x"], [{1}]),
        ({"$ref": "#"}, [1, "x"], [{1}]),
        (False, [1], [{1}]),
        ({"type": "string", "contentEncoding": "base64"}, [], ["x"]),
    ],
    ids=str,
)
def test_schemas_of_all_kinds(schema: Any, good: list[Any], bad: list[Any]) -> None:
    with wr.functions(module([of_one(schema)])) as functions:
        assert [functions.f(value) for value in good] == [[value] for value in good]
        assert list(functions.f.map((value,) for value in good)) == [[value] for value in good]
        for value in bad:
            with pytest.raises((TypeError, ValueError, OverflowError), match=r"^f\(\) argument 'x'"):
                functions.f(value)


def test_the_nearest_word() -> None:
    with wr.functions(module([of_one({"enum": ["red", "green"]})])) as functions:
        with pytest.raises(ValueError, match="grene") as caught:
            functions.f("grene")
        assert str(caught.value) == (
            "f() argument 'x': expected one of 'red', 'green', found 'grene'; did you mean 'green'?"
        )


def test_schemas_that_are_large_cost_little() -> None:
    """Each fills a manifest: what is done with one name for each other name would take minutes."""
    names = [f"n{n}" for n in range(30_000)]
    properties = {name: {} for name in names}
    for schema in (
        {"type": "object", "properties": properties, "required": names},
        {"type": names, "properties": properties},
        {"enum": names * 2},
    ):
        manifest = json.dumps({"abi": 1, "functions": [of_one(schema)]})
        assert 300_000 < len(manifest) < wr.MiB
        made = guest(manifest=manifest)
        with wr.functions(made) as functions:
            assert len(str(inspect.signature(functions.f))) < 10**6
        assert len(str(wr.inspect(made).functions[0])) <= 2020
        assert wr.TransformInfo("t", config_schema=schema).options != ()
