"""The tree of errors, and the caret under what is wrong."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords import _errors

CLASSES = [
    item for item in vars(_errors).values() if isinstance(item, type) and item.__module__ == _errors.__name__
]


def test_everything_has_one_root() -> None:
    for kind in CLASSES:
        assert issubclass(kind, wr.WasmRecordsError)
        assert kind.__doc__
        assert kind.__name__ in str(_errors.__doc__), "the tree in the docstring has all of them"
    assert not issubclass(wr.WasmRecordsError, (ValueError, TypeError, OSError))


def test_the_page_has_each_code_of_the_sdk() -> None:
    root = Path(__file__).parent.parent
    page = (root / "docs" / "errors.md").read_text("utf-8")
    found: set[str] = set()
    for path in (root / "rust-wasm" / "sdk" / "src").rglob("*.rs"):
        text = path.read_text("utf-8").partition("#[cfg(test)]")[0]
        if path.name != "tests.rs":
            text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
            found |= set(re.findall(r'(?:Failure::new\(|fault\(|fault_at\(\w+, )"(\w+)"', text))
    assert {"duplicate", "number", "required", "error", "undeclared"} <= found
    assert {code for code in found if f"`{code}`" not in page} == {"opening"}  # of no record


def test_a_module_error_says_where() -> None:
    assert str(wr.ModuleError("no")) == "no"
    error = wr.ModuleError("no", offset=12345)
    assert (str(error), error.offset) == ("no (at byte 12,345 of the module)", 12345)


def test_limit_errors_say_which_and_how_much() -> None:
    error = wr.TimeLimit("too long", value=0.5, record=7)
    assert isinstance(error, wr.LimitError)
    assert (str(error), error.limit, error.value, error.record) == ("too long", "time", 0.5, 7)


def test_a_guest_error_has_a_code() -> None:
    assert wr.GuestError("it trapped", code="trap").code == "trap"


def test_a_record_error_is_its_failure() -> None:
    failure = wr.Failure(3, 4, 61, "type", "$.age", "expected integer, found string", b"{}")
    error = wr.RecordError(failure)
    assert error.failure is failure
    assert str(error) == "record 3 (line 4, byte 61) at $.age: expected integer, found string [type]"


def test_a_recipe_error_without_a_place() -> None:
    error = wr.RecipeError("no", kind="config")
    assert str(error) == "config: no"
    assert (error.kind, error.line, error.column, error.offset, error.path) == (
        "config",
        None,
        None,
        None,
        None,
    )


def test_a_recipe_error_with_a_path() -> None:
    assert str(wr.RecipeError("no", kind="schema", path="$.type")) == "schema: no (at $.type)"
    assert str(wr.RecipeError("no", kind="schema", path="$")) == "schema: no"


@pytest.mark.parametrize(
    ("text", "offset", "line", "column", "shown"),
    [
        (".a | foo", 5, 1, 6, "  1 | .a | foo\n           ^"),
        ("foo", 0, 1, 1, "  1 | foo\n      ^"),
        ("foo", 3, 1, 4, "  1 | foo\n         ^"),
        ("foo", 99, 1, 4, "  1 | foo\n         ^"),
        ("", 0, 1, 1, "  1 | \n      ^"),
        (".a\n| .b", 3, 2, 1, "  2 | | .b\n      ^"),
        (".a\n", 3, 2, 1, "  2 | \n      ^"),
        (".ä | é!", 7, 1, 7, "  1 | .ä | é!\n            ^"),
        (".ä", 2, 1, 3, "  1 | .ä\n        ^"),  # within a character: behind it
        ("\t.a", 1, 1, 2, "  1 |  .a\n       ^"),
        (".a\x1b[31m", 2, 1, 3, "  1 | .a?[31m\n        ^"),
        (".a\r\n.b", 4, 2, 1, "  2 | .b\n      ^"),
    ],
)
def test_the_caret_stands_under_the_place(text: str, offset: int, line: int, column: int, shown: str) -> None:
    error = wr.RecipeError("no", kind="program", text=text, offset=offset)
    assert (error.line, error.column) == (line, column)
    assert str(error) == f"program: no\n{shown}"


@given(st.text(), st.integers(0, 400))
def test_there_is_a_caret_for_any_text_and_offset(text: str, offset: int) -> None:
    error = wr.RecipeError("no", kind="program", text=text, offset=offset)
    first, line, caret = str(error).split("\n")
    assert first == "program: no"
    assert line.isprintable()
    assert caret.lstrip(" ") == "^"
    assert len(line) <= 130
    assert len(caret) <= len(line) + 1


@pytest.mark.parametrize(
    "error",
    [
        wr.ModuleError("no", offset=1),
        wr.RecipeError("no", kind="program", text=".a |", offset=4, path="$"),
        wr.MemoryLimit("no", value=1.0, record=2),
        wr.GuestError("no", code="trap"),
        wr.RecordError(wr.Failure(1, 1, 0, "json", "$", "no", b"")),
        wr.SourceError("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_come_back_whole_from_another_process(error: wr.WasmRecordsError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
