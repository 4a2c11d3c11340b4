"""What a transform is not made of, and what can be said of it."""

from __future__ import annotations

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
    for wrong in (None, 5, ["a.wasm"]):
        with pytest.raises(TypeError):
            wr.load(wrong)  # type: ignore[arg-type]


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
