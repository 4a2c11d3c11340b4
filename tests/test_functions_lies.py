"""Functions of modules that lie, crash or say what their manifests do not."""

from __future__ import annotations

from typing import Any

import pytest
from by_hand import answering, module, of_one
from guests import OUTPUTS, ROWS, store

import wasmrecords as wr


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


@pytest.mark.parametrize("result", [{"type": "null"}, {"type": "integer"}, True], ids=str)
def test_results_that_are_no_json(result: Any) -> None:
    with wr.functions(answering("nul", result)) as functions:
        for call in (functions.f, lambda: list(functions.f.map([(), ()]))):
            with pytest.raises(wr.GuestError, match="the module's output is not JSON") as caught:
                call()
            assert caught.value.code == "reply"


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


def test_a_module_that_finishes_nothing_is_not_asked_for_ever() -> None:
    nothing = "".join(store(field, 0) for field in (8, 12, 16, 20, 24))
    row = "".join(f"(i32.store offset={at} (i32.const 1104) (i32.const 0))" for at in (4, 8))
    with wr.functions(module([of_one(True)], after=nothing + row)) as functions:
        for calls in ([(1,)], [(1,), (2,), (3,)]):
            with pytest.raises(wr.GuestError, match="a call has no end"):
                list(functions.f.map(calls))
        with pytest.raises(wr.GuestError, match="a call has no end"):
            functions.f(1)
