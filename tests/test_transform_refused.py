"""What a transform is not made of, and what can be said of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from guests import guest
from test_transform import LIMITS

import wasmrecords as wr


@pytest.mark.parametrize("config", [{1, 2}, object, float("nan"), {"a": b"x"}, "\ud800"], ids=repr)
def test_a_config_that_is_no_json(config: Any) -> None:
    with pytest.raises(wr.RecipeError, match=r"^config: not JSON: ") as caught:
        wr.load(guest(), config=config)
    assert caught.value.kind == "config"


def test_modules_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.wasm"
    with pytest.raises(wr.ModuleError, match=r"missing\.wasm does not exist"):
        wr.load(missing)
    with pytest.raises(wr.ModuleError, match="cannot be read: Is a directory"):
        wr.load(str(tmp_path))
    wrong: Any
    for wrong in (None, 5, ["a.wasm"]):
        for call in (wr.load, wr.functions, wr.inspect):
            with pytest.raises(TypeError, match=f"^module: expected .* found {type(wrong).__name__}$"):
                call(wrong)


@pytest.mark.parametrize("wrong", [None, {}, 5, wr.Limits], ids=repr)
def test_what_are_no_limits(wrong: Any, records_wasm: object) -> None:
    words = f"^limits: expected wasmrecords.Limits, found {type(wrong).__name__}$"
    for call in (
        lambda: wr.jq(".", limits=wrong),
        lambda: wr.validate(True, limits=wrong),
        lambda: wr.load(guest(), limits=wrong),
        lambda: wr.functions("missing.wasm", limits=wrong),
        lambda: wr.infer_schema([1], limits=wrong),
        lambda: wr.write_schema([io.BytesIO(b"1")], io.BytesIO(), limits=wrong),
    ):
        with pytest.raises(TypeError, match=words):
            call()


def test_settings_of_the_wrong_type(records_wasm: object) -> None:
    wrong: Any = 5
    with wr.jq(".") as transform, pytest.raises(TypeError, match=r"^name: expected str, found int$"):
        next(transform.stream([b"1"], name=wrong))
    with pytest.raises(TypeError, match=r"^require: expected names of locks, found int$"):
        wr.jq(".", isolation="process", require=wrong)
    with pytest.raises(TypeError, match=r"^schema_dir: expected a path, found int$"):
        wr.validate(True, schema_dir=wrong)


def test_a_module_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "guest.wasm"
    path.write_bytes(guest())
    for module in (path, str(path), guest(), bytearray(guest())):
        with wr.load(module, limits=LIMITS) as transform:  # type: ignore[arg-type]
            assert transform.run(b"a1\n").output == b"a1\n"


@pytest.mark.parametrize("program", [None, 5, b".", ["."]], ids=repr)
def test_a_program_is_text(program: Any) -> None:
    with pytest.raises(TypeError, match="program: expected str, found"):
        wr.jq(program)
    with pytest.raises(TypeError, match="schema: expected a schema, found None"):
        wr.validate(None)


def test_a_lone_surrogate_in_a_program(records_wasm: object) -> None:
    with pytest.raises(wr.RecipeError, match="a lone surrogate is no text") as caught:
        wr.jq(".a | \n \ud800")
    assert (caught.value.line, caught.value.column) == (2, 2)


def test_a_program_that_is_none(records_wasm: object) -> None:
    with pytest.raises(wr.RecipeError) as caught:
        wr.jq(".a |\n  {b: }")
    assert caught.value.kind == "program"
    assert caught.value.line == 2
    assert "^" in str(caught.value)


def test_a_schema_that_is_none(records_wasm: object) -> None:
    with pytest.raises(wr.RecipeError) as caught:
        wr.validate({"properties": {"age": {"type": "intger"}}})
    assert caught.value.kind == "schema"
    assert caught.value.path == "$.properties.age.type"


def test_a_schema_in_front_of_a_program(records_wasm: object) -> None:
    with wr.jq(".age", schema={"properties": {"age": {"type": "integer"}}}) as transform:
        batch = transform.run(b'{"age": 1}\n{"age": "x"}\n')
    assert batch.output == b"1\n"
    assert [(f.code, f.path, f.offset) for f in batch.failures] == [("type", "$.age", 19)]
