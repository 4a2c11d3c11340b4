"""Functions of a module, called from Python: one call and many, by whom and within which limits."""

from __future__ import annotations

import inspect
import itertools
import pydoc
import threading
import traceback
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from by_hand import module
from example import of_all_kinds
from guests import guest

import wasmrecords as wr
from wasmrecords._calls import Calls


@pytest.fixture(scope="module")
def functions() -> Iterator[wr.Functions]:
    with wr.functions(of_all_kinds(), limits=wr.Limits(time=0.3)) as found:
        yield found


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
    with pytest.raises(AttributeError, match="has no function 'multipy'; did you mean 'multiply'") as caught:
        functions.multipy  # noqa: B018
    # Not once more by Python, which has a hint of its own for an object's names.
    assert "".join(traceback.format_exception(caught.value)).lower().count("did you mean") == 1
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


def test_many_functions_do_not_keep_many_instances() -> None:
    with wr.functions(module([{"name": f"f{n}"} for n in range(100)])) as functions:
        for name in functions:
            assert functions[name]() == []
        assert len(functions._runner._idle) < 40
