"""Functions of a module, called from Python: those of all kinds, and those of modules that lie."""

from __future__ import annotations

import base64
import dataclasses
import enum
import inspect
import itertools
import json
import pydoc
import threading
from collections import OrderedDict, namedtuple
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from example import of_all_kinds
from guests import OUTPUTS, ROWS, guest, store

import wasmrecords as wr
from wasmrecords._calls import Calls
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
    assert kind.give({"id": 1, "x": b"a"}) == {"id": 1, "x": "YQ=="}
    assert kind.take({"id": 1, "x": "YQ=="}) == {"id": 1, "x": b"a"}
    with pytest.raises(Unfit) as caught:
        kind.give({"x": 3})
    assert (caught.value.path, caught.value.words) == (".x", "expected bytes, found int")


def test_by_name(functions: wr.Functions) -> None:
    assert functions.divided(b=2, a=7) == 3
    assert functions.repeated("a", times=2, between="-") == "a-a"
    with pytest.raises(TypeError, match=r"divided\(\) got an unexpected keyword argument 'c'"):
        functions.divided(1, 2, c=2)
    with pytest.raises(TypeError) as caught:
        functions.renamed(record={"id": 1, "name": "x"}, nmae="y")
    assert str(caught.value) == ("renamed() got an unexpected keyword argument 'nmae'; did you mean 'name'?")
    with pytest.raises(TypeError, match=r"divided\(\) multiple values for argument 'a'"):
        functions.divided(1, a=2)


def test_it_says_that_it_failed(functions: wr.Functions) -> None:
    with pytest.raises(wr.CallError) as caught:
        functions.mean([])
    assert isinstance(caught.value, wr.RecordError)
    assert str(caught.value) == "mean(): the mean of no values [empty]"
    assert (caught.value.failure.code, caught.value.failure.message) == ("empty", "the mean of no values")
    with pytest.raises(wr.CallError, match=r"^parsed\(\): invalid digit found in string \[error\]$"):
        functions.parsed("x")
    results = functions.mean.map([([1],), ([2],), ([],), ([3],)])
    assert [next(results), next(results)] == [1.0, 2.0]
    with pytest.raises(wr.CallError) as caught:
        next(results)
    assert str(caught.value) == "mean() call 3: the mean of no values [empty]"
    assert (caught.value.failure.record, caught.value.failure.input) == (3, b"[[]]")


def test_where_in_the_arguments_the_module_found_it(functions: wr.Functions) -> None:
    (info,) = (info for info in functions._runner._manifest.functions if info.name == "repeated")
    calls = Calls(functions._runner, info)
    for path, words in (
        ("$", ""),
        ("$[0]", " argument 'text'"),
        ("$[2].a[1]", " argument 'between' at $.a[1]"),
        ("$[3]", " at $[3]"),
        ("$.x", " at $.x"),
    ):
        assert calls._place_of(path) == words


def test_help_shows_them(functions: wr.Functions) -> None:
    page = pydoc.render_doc(functions, renderer=pydoc.plaintext)
    assert "Functions of the module functions " in page
    assert "multiply(a: int, b: int) -> int\n" in page
    assert "Multiplies two integers.\n" in page
    assert isinstance(functions, wr.Functions)


def test_a_panic_costs_that_call(functions: wr.Functions) -> None:
    for _ in range(3):
        with pytest.raises(wr.GuestError, match="attempt to divide by zero") as caught:
            functions.divided(1, 0)
        assert caught.value.code == "trap"
        assert str(caught.value).startswith("divided(): the module trapped: panicked at ")
        assert functions.divided(4, 2) == 2
    results = functions.divided.map((n, 1000 - n) for n in itertools.count())
    assert [next(results) for _ in range(1000)] == [n // (1000 - n) for n in range(1000)]
    with pytest.raises(wr.GuestError, match=r"^divided\(\) call 1001: the module trapped: .*divide by zero"):
        next(results)
    with pytest.raises(StopIteration):
        next(results)


def test_what_never_ends(functions: wr.Functions) -> None:
    with pytest.raises(wr.TimeLimit, match=r"^forever\(\): no end within 0.3 s \(limit time\)$") as caught:
        functions.forever()
    assert caught.value.value == 0.3
    with pytest.raises(wr.TimeLimit, match=r"^forever\(\) call 1: no end within"):
        next(functions.forever.map(itertools.repeat(())))


def test_limits() -> None:
    with wr.functions(of_all_kinds(), limits=wr.Limits(output=4096, memory=4 * wr.MiB)) as functions:
        with pytest.raises(wr.OutputLimit, match=r"^repeated\(\): .* is larger than 4096 bytes"):
            functions.repeated("a" * 100, 100)
        with pytest.raises(wr.MemoryLimit):
            functions.counts(["a"] * 300_000)
        # More results than fit one reply.
        texts = [("a" * 100, 10)] * 300
        assert list(functions.repeated.map(texts)) == ["a" * 1000] * 300
    with wr.functions(of_all_kinds(), limits=wr.Limits(fuel=10**6)) as functions:
        assert functions.multiply(6, 7) == 42
        with pytest.raises(wr.FuelLimit):
            functions.forever()


def test_many_calls_are_lazy_and_in_order(functions: wr.Functions) -> None:
    taken = 0

    def pairs() -> Iterator[tuple[int, int]]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield number, number

    results = functions.multiply.map(pairs())
    assert taken == 0
    assert [next(results) for _ in range(50_000)] == [n * n for n in range(50_000)]
    assert taken < 70_000
    texts = functions.repeated.map((f"ü{n}\n", 2) for n in itertools.count())
    assert [next(texts) for _ in range(2000)] == [f"ü{n}\nü{n}\n" for n in range(2000)]
    assert list(functions.multiply.map([])) == []


def test_errors_in_a_stream_of_calls(functions: wr.Functions) -> None:
    """Whatever is wrong, results of the calls before come first, and the number is right."""
    for at in (0, 1, 63, 64, 65, 5000):
        before = [(n, 2) for n in range(at)]
        for bad, kind in (
            ((1, "x"), TypeError),
            ((1, 2.0), TypeError),
            ((1, 2**63), OverflowError),
            ((1, 2**64), OverflowError),
            (([1], 2), TypeError),
            (([1], [2]), TypeError),
            ((1,), TypeError),
            ((1, 2, 3), TypeError),
            (5, TypeError),
            ("ab", TypeError),
            ({1: 2}, TypeError),
        ):
            found = []
            with pytest.raises(kind, match=rf"^multiply\(\) call {at + 1}\b"):
                found.extend(functions.multiply.map([*before, bad, (3, 3)]))  # type: ignore[list-item]
            assert found == [2 * n for n in range(at)]


def test_an_exception_of_the_source(functions: wr.Functions) -> None:
    def pairs() -> Iterator[tuple[int, int]]:
        yield 1, 2
        yield 3, 4
        raise LookupError("no more")

    found = []
    with pytest.raises(LookupError, match="no more"):
        found.extend(functions.multiply.map(pairs()))
    assert found == [2, 12]


@pytest.mark.parametrize("isolation", ["fresh", "process"])
def test_isolation(isolation: Literal["fresh", "process"]) -> None:
    require = "none" if isolation == "process" else None
    with wr.functions(of_all_kinds(), isolation=isolation, require=require) as functions:
        assert functions.multiply(6, 7) == 42
        assert functions.reversed(b"ab") == b"ba"
        assert list(functions.multiply.map([(n, n) for n in range(300)])) == [n * n for n in range(300)]
        with pytest.raises(wr.GuestError, match="divide by zero"):
            functions.divided(1, 0)
        with pytest.raises(wr.CallError, match="the mean of no values"):
            functions.mean([])
        assert functions.divided(9, 3) == 3


def test_threads_share_it(functions: wr.Functions) -> None:
    wrong: list[Any] = []

    def work(seed: int) -> None:
        for n in range(300):
            if functions.multiply(n, seed) != n * seed or functions.repeated("a", n % 9) != "a" * (n % 9):
                wrong.append((seed, n))
        results = list(functions.multiply.map((n, seed) for n in range(3000)))
        if results != [n * seed for n in range(3000)]:
            wrong.append(seed)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_they_say_of_themselves(functions: wr.Functions) -> None:
    multiply, repeated = functions.multiply, functions["repeated"]
    assert (multiply.__name__, multiply.__doc__) == ("multiply", "Multiplies two integers.")
    assert str(inspect.signature(multiply)) == "(a: int, b: int) -> int"
    assert str(inspect.signature(repeated)) == "(text: str, times: int, between: str | None = None) -> str"
    shown = {name: str(inspect.signature(functions[name])) for name in functions}
    assert shown["swapped"] == "(pair: tuple[str, bool]) -> tuple[bool, str]"
    assert shown["renamed"] == "(record: dict[str, typing.Any], name: str) -> dict[str, typing.Any]"
    assert shown["counts"] == "(words: list[str]) -> dict[str, int]"
    assert shown["forever"] == "() -> None"
    assert "repeated(text: str, times: int, between: str | None = None) -> str" in pydoc.plain(
        pydoc.render_doc(repeated)
    )
    assert {"multiply", "mean", "close"} <= set(dir(functions))
    assert (len(functions), "mean" in functions, "map" in functions) == (12, True, False)
    assert repr(functions).startswith("<functions of functions 0.1.0: ")


def test_names_that_are_none(functions: wr.Functions) -> None:
    with pytest.raises(AttributeError, match="has no function 'multipy'; did you mean 'multiply'"):
        functions.multipy  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no function 'q'; it has mean|has no function 'q'; it has"):
        functions.q  # noqa: B018
    with pytest.raises(KeyError, match="did you mean 'multiply'"):
        functions["multipy"]
    assert not hasattr(functions, "__wrapped__")


def test_it_is_closed() -> None:
    functions = wr.functions(of_all_kinds())
    function = functions.multiply
    assert function(1, 2) == 2
    functions.close()
    with pytest.raises(ValueError, match="the module is closed"):
        function(1, 2)
    with pytest.raises(ValueError, match="the module is closed"):
        next(function.map([(1, 2)]))
    functions.close()


def test_a_module_without_functions() -> None:
    with pytest.raises(wr.ModuleError, match="the module module has no functions"):
        wr.functions(guest())
    with pytest.raises(wr.ModuleError, match=r"the module wants clock .* --allow clock"):
        wr.functions(module([{"name": "f"}], capabilities=["clock"]))
    wr.functions(module([{"name": "f"}], capabilities=["clock"]), allow=["clock"]).close()


# --- modules by hand: each line is kept as it is, so the result of a call is the list of its arguments ------


def module(functions: list[dict[str, Any]], record: str = "", after: str = "", **members: Any) -> bytes:
    manifest = {"abi": 1, "functions": functions, "input": ["json"], **members}
    return guest(manifest=json.dumps(manifest), record=record, after=after)


def of_one(schema: Any, result: Any = True) -> dict[str, Any]:
    return {"name": "f", "parameters": [{"name": "x", "schema": schema}], "result": result}


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


def test_a_module_that_finishes_nothing_is_not_asked_for_ever() -> None:
    nothing = "".join(store(field, 0) for field in (8, 12, 16, 20, 24))
    row = "".join(f"(i32.store offset={at} (i32.const 1104) (i32.const 0))" for at in (4, 8))
    with wr.functions(module([of_one(True)], after=nothing + row)) as functions:
        for calls in ([(1,)], [(1,), (2,), (3,)]):
            with pytest.raises(wr.GuestError, match="a call has no end"):
                list(functions.f.map(calls))
        with pytest.raises(wr.GuestError, match="a call has no end"):
            functions.f(1)


def test_circles(functions: wr.Functions) -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match=r"argument 'record' at \.more: expected fewer levels of nesting"):
        functions.renamed({"id": 1, "name": "x", "more": circle}, "y")


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


def test_the_nearest_word() -> None:
    with wr.functions(module([of_one({"enum": ["red", "green"]})])) as functions:
        with pytest.raises(ValueError, match="grene") as caught:
            functions.f("grene")
        assert str(caught.value) == (
            "f() argument 'x': expected one of 'red', 'green', found 'grene'; did you mean 'green'?"
        )


def test_names_that_are_not_pythons() -> None:
    names = ["from", "a-b", "a_b", "1", "größe", "x"]
    parameters = [{"name": name} for name in names]
    given = [{"name": name} for name in ("close", "a-b", "__call__", "import")]
    made = module([{"name": "f", "parameters": parameters}, *given])
    with wr.functions(made) as functions:
        assert list(inspect.signature(functions.f).parameters) == ["from_", "a_b", "a_b_", "_1", "größe", "x"]
        assert functions.f(*range(6)) == list(range(6))
        assert functions["close"]() == []
        assert functions["a-b"]() == getattr(functions, "a-b")() == []
        assert functions["__call__"]() == []


@pytest.mark.parametrize(
    ("result", "answer", "words"),
    [
        ({"type": "integer"}, '"x"', "expected int, found str"),
        ({"type": "integer"}, "1.5", "expected int, found float"),
        ({"type": "number"}, "null", "expected float, found NoneType"),
        (
            {"type": "string", "contentEncoding": "base64"},
            '"?"',
            "expected bytes in base64, found another text",
        ),
        ({"type": "string", "contentEncoding": "base64"}, "[]", "expected bytes in base64, found list"),
        ({"type": "array", "items": {"type": "string"}}, '["a",1]', "at [1]: expected str, found int"),
        ({"type": "null"}, "0", "expected None, found int"),
        ({"type": "array"}, '{"a":1}', "expected list, found dict"),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, "{}", "missing 'a'"),
    ],
    ids=str,
)
def test_results_that_are_not_what_was_said(result: Any, answer: str, words: str) -> None:
    # The arguments come back, and a function of no parameters that is given some is a lie as good as any.
    with wr.functions(answering(answer, result)) as functions:
        with pytest.raises(wr.GuestError) as caught:
            functions.f()
        assert caught.value.code == "reply"
        assert str(caught.value).startswith("f() gave back what its manifest does not say")
        assert words in str(caught.value)
        with pytest.raises(wr.GuestError, match=r"^f\(\) call 1 gave back"):
            list(functions.f.map([()]))


def answering(answer: str, result: Any = True) -> bytes:
    """A function whose result is always this text: it is written over the input."""
    text = answer.encode()
    assert len(text) < 60
    stores = "".join(
        f"(i32.store8 (i32.const {65536 + at}) (i32.const {byte}))" for at, byte in enumerate(text)
    )
    # The record ends behind the text; what is consumed stays what was given.
    record = f"{stores}(local.set $at (i32.const 0))(local.set $end (i32.const {len(text)}))"
    return module([{"name": "f", "result": result}], record=record + "(local.set $byte (i32.const 32))")


def test_integers_that_are_too_long_for_most() -> None:
    for answer, value in (("123456789012345678901234567890", 123456789012345678901234567890), ("1", 1)):
        with wr.functions(answering(answer, {"type": "integer"})) as functions:
            assert functions.f() == value
            assert list(functions.f.map([()])) == [value]


@pytest.mark.parametrize(
    ("record", "after"),
    [
        ("", store(12, 2)),
        ("", store(8, 0)),
        ("", store(8, 4)),
        ("", store(16, 1)),
        ("", store(24, 1)),
        ("", store(36, 2)),
        ("", f"(i32.store offset=4 (i32.const {OUTPUTS}) (i32.const 0))"),
        ("", f"(i32.store (i32.const {OUTPUTS}) (i32.const -1))"),
        ("(local.set $byte (i32.const 100))", ""),
    ],
    ids=str,
)
def test_replies_that_lie(record: str, after: str) -> None:
    with wr.functions(module([{"name": "f"}], record, after)) as functions:
        for _ in range(2):
            with pytest.raises(wr.GuestError) as caught:
                functions.f()
            assert caught.value.code == "reply"
        with pytest.raises(wr.GuestError):
            list(functions.f.map([()] * 3))


def test_a_failure_with_the_text_of_another_call() -> None:
    fails = "(local.set $byte (i32.const 102))"
    lie = f"(i32.store offset=8 (i32.const {ROWS}) (i32.const 1))"
    with wr.functions(module([of_one(True)], fails, lie)) as functions:
        with pytest.raises(wr.GuestError, match="another's") as caught:
            functions.f(1)
        assert caught.value.code == "reply"
    second = f"(if (call $get (i32.const 8)) (then {fails}))"
    lie = f"(i32.store offset=4 (i32.const {ROWS}) (i32.const 0))"
    lie += f"(i32.store offset=12 (i32.const {ROWS}) (i32.const 0))"
    with wr.functions(module([of_one(True)], second, lie)) as functions:
        # Asked alone neither call fails.
        assert list(functions.f.map([(1,), (2,)])) == [[1], [2]]


@pytest.mark.parametrize(
    ("record", "error", "code"),
    [
        ("(unreachable)", wr.GuestError, "trap"),
        ("(call $exit (i32.const 3))", wr.GuestError, "exit"),
        ("(return (i32.const 7))", wr.GuestError, "reply"),
        ("(drop (call $deep (i32.const 0)))", wr.StackLimit, None),
    ],
)
def test_calls_that_do_not_come_back(record: str, error: type[Exception], code: str | None) -> None:
    with wr.functions(module([{"name": "f"}], record)) as functions:
        for call in (functions.f, lambda: list(functions.f.map([(), ()]))):
            with pytest.raises(error) as caught:
                call()
            assert getattr(caught.value, "code", None) == code


def test_many_functions_do_not_keep_many_instances() -> None:
    with wr.functions(module([{"name": f"f{n}"} for n in range(100)])) as functions:
        for name in functions:
            assert functions[name]() == []
        assert len(functions._runner._idle) < 40


def test_base64_is_what_crosses() -> None:
    with wr.functions(module([of_one({"type": "string", "contentEncoding": "base64"})])) as functions:
        assert functions.f(b"\xff\xfe") == [base64.b64encode(b"\xff\xfe").decode()]


@pytest.mark.parametrize("result", [{"type": "null"}, {"type": "integer"}, True], ids=str)
def test_results_that_are_no_json(result: Any) -> None:
    with wr.functions(answering("nul", result)) as functions:
        for call in (functions.f, lambda: list(functions.f.map([(), ()]))):
            with pytest.raises(wr.GuestError, match="the module's output is not JSON") as caught:
                call()
            assert caught.value.code == "reply"
