"""Schemas from all that Python programs have, as JSON text, or a clear word on why not."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import textwrap
import typing
from pathlib import Path
from typing import Any

import msgspec
import pydantic
import pytest

import wasmrecords as wr
from wasmrecords._schema import schema_text

SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


class UserModel(pydantic.BaseModel):
    age: int = pydantic.Field(alias="years", ge=0)


class UserStruct(msgspec.Struct):
    age: int


@dataclasses.dataclass
class UserData:
    age: int
    name: str = ""


class UserDict(typing.TypedDict):
    age: int


class Other:
    age: int


def refused(source: Any) -> wr.RecipeError:
    with pytest.raises(wr.RecipeError) as caught:
        schema_text(source)
    assert caught.value.kind == "schema"
    return caught.value


@pytest.mark.parametrize("source", [SCHEMA, {}, True, False])
def test_dicts_and_booleans(source: Any) -> None:
    assert json.loads(schema_text(source)) == source


@pytest.mark.parametrize("text", ['{"type": "integer"}', " \n{}", "true", " false\n", '{"maximum": 1.50}'])
def test_json_text_is_taken_as_it_is(text: str) -> None:
    assert schema_text(text) == text
    assert schema_text(text.encode()) == text
    assert schema_text(bytearray(text.encode())) == text


@pytest.mark.parametrize("kind", [str, Path])
def test_files(tmp_path: Path, kind: type) -> None:
    path = tmp_path / "user.schema.json"
    path.write_text(json.dumps(SCHEMA), "utf-8")
    assert json.loads(schema_text(kind(path))) == SCHEMA


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert schema_text(path) == schema_text(b"\xef\xbb\xbf{}") == schema_text("\ufeff{}") == "{}"


@pytest.mark.parametrize("source", [UserModel, UserStruct, UserData, UserDict, list[UserStruct], list[int]])
def test_types_of_other_libraries(source: Any) -> None:
    schema = json.loads(schema_text(source))
    assert isinstance(schema, dict)
    assert '"integer"' in json.dumps(schema)


def test_a_model_is_described_as_its_json_looks() -> None:
    assert json.loads(schema_text(UserModel))["required"] == ["years"]


def test_what_cannot_be_a_schema() -> None:
    for source, found in ((5, "int"), (None, "NoneType"), ([1], "list"), (UserStruct(1), "UserStruct")):
        with pytest.raises(TypeError, match=f"expected a path, a dict.* found {found}"):
            schema_text(source)
    with pytest.raises(TypeError, match="Other is no pydantic model, msgspec Struct, dataclass or TypedDict"):
        schema_text(Other)
    with pytest.raises(TypeError, match="int is no pydantic model"):
        schema_text(int)


def test_types_that_their_library_cannot_describe() -> None:
    class Model(pydantic.BaseModel):
        call: typing.Callable[[int], int]

    class Struct(msgspec.Struct):
        other: Other

    data = dataclasses.make_dataclass("Data", [("other", Other)])
    for source in (Model, Struct, data):
        with pytest.raises(TypeError, match=r"^schema: "):
            schema_text(source)


@pytest.mark.parametrize(
    ("hidden", "source", "expected"),
    [
        ("pydantic", "Data", '"integer"'),
        ("msgspec", "Data", '"integer"'),
        ("pydantic", "Dict", '"integer"'),
        ("pydantic msgspec", "Data", "dataclasses and TypedDicts need pydantic or msgspec"),
        ("pydantic msgspec", "Dict", "pip install 'wasmrecords[pydantic]' or 'wasmrecords[msgspec]'"),
        ("pydantic msgspec", "{}", "{}"),
    ],
)
def test_without_the_libraries(hidden: str, source: str, expected: str) -> None:
    program = f"""
        import sys, dataclasses, typing
        for name in {hidden.split()!r}:
            sys.modules[name] = None  # what cannot be imported
        from wasmrecords._schema import schema_text
        @dataclasses.dataclass
        class Data:
            age: int
        class Dict(typing.TypedDict):
            age: int
        try:
            print(schema_text({source}))
        except TypeError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(wr.__file__).parent.parent)},
    )
    assert expected in done.stdout


@pytest.mark.parametrize(
    ("text", "line", "column", "found", "shown"),
    [
        ('{"a": 1 2}', 1, 9, "found '2'", '  1 | {"a": 1 2}\n              ^'),
        ('{\n  "a": tru\n}', 2, 8, "found 't'", '  2 |   "a": tru\n             ^'),
        ('{"ä": tru}', 1, 7, "found 't'", '  1 | {"ä": tru}\n            ^'),
        ('{"a": 1', 1, 8, "found the end", '  1 | {"a": 1\n             ^'),
        ("{} {}", 1, 4, "found '{'", "  1 | {} {}\n         ^"),
        ('{"a": "\x01"}', 1, 8, "found '\\x01'", '  1 | {"a": "?"}\n             ^'),
    ],
)
def test_what_is_no_json_is_shown_with_its_place(
    text: str, line: int, column: int, found: str, shown: str
) -> None:
    error = refused(text)
    assert (error.line, error.column) == (line, column)
    assert str(error).startswith("schema: not JSON: ")
    assert found in str(error)
    assert str(error).endswith(shown)


def test_a_long_line_is_cut_around_the_fault() -> None:
    error = refused('{"a": [' + "1, " * 500 + "x" + ", 1" * 500 + "]}")
    assert error.column == 1508
    line, caret = str(error).splitlines()[1:]
    assert len(line) < 130
    assert line.count("…") == 2
    assert line[caret.index("^")] == "x"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_calls_json(number: str) -> None:
    assert f"{number} is not JSON" in str(refused(f'{{"maximum": {number}}}'))
    assert "not JSON" in str(refused({"maximum": float(number)}))


def test_numbers_of_any_length_are_json() -> None:
    text = '{"maximum": ' + "1" * 5000 + ', "minimum": -1e999}'
    assert schema_text(text) == text


def test_values_that_are_no_json() -> None:
    endless: dict[str, Any] = {}
    endless["properties"] = endless
    for source in ({"enum": {1, 2}}, {"const": b"x"}, endless, {"const": "\ud800"}):
        assert "not JSON" in str(refused(source))
    assert "lone surrogate" in str(refused('{"const": "\ud800"}'))


@pytest.mark.parametrize(
    ("text", "found"),
    [(b"[1]", "an array"), (b'"a"', "a string"), (b"5", "a number"), (b"5.5", "a number"), (b"null", "null")],
)
def test_json_that_is_no_schema(text: bytes, found: str) -> None:
    assert str(refused(text)) == f"schema: expected an object or a boolean, found {found}"


@pytest.mark.parametrize("levels", [128, 129, 5_000, 200_000])
def test_schemas_nested_too_deep(levels: int) -> None:
    text = '{"not":' * (levels - 1) + "{}" + "}" * (levels - 1)
    if levels == 128:
        assert schema_text(text) == text
        return
    with pytest.raises(wr.NestingLimit, match="deeper than 128 levels") as caught:
        schema_text(text)
    assert caught.value.value == 128
    if levels < 1000:
        with pytest.raises(wr.NestingLimit):
            schema_text(json.loads(text))
    deep: dict[str, Any] = {}
    for _ in range(levels):
        deep = {"not": [deep]}
    with pytest.raises(wr.NestingLimit):
        schema_text(deep)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    assert str(refused(missing)) == f"schema: the file {missing} does not exist"
    assert str(refused(str(missing))) == str(refused(missing))
    assert "cannot be read: Is a directory" in str(refused(tmp_path))
    assert "embedded null byte" in str(refused("a\0b"))
    assert "File name too long" in str(refused("a" * 5000))
    for empty in ("", " \n"):
        assert "expected a path or JSON text, found an empty text" in str(refused(empty))


def test_files_that_are_no_json(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    for data, expected in (
        (b"", "found the end"),
        (b"\xff{}", f"{path} is not UTF-8 (byte 0)"),
        ('{"a": "ä"}'.encode("latin-1"), f"{path} is not UTF-8 (byte 7)"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"\0asm\1\0\0\0", "not JSON"),
        (b"[]", "expected an object or a boolean, found an array"),
    ):
        path.write_bytes(data)
        assert expected in str(refused(path)), data
