"""A module with several transforms or with functions: which of them is run, and what else is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from conftest import RunCli
from example import seed
from guests import guest

import wasmrecords as wr

RECORDS = b'{"id": 1, "name": "Ada", "more": [1]}\n{"id": 4294967296, "name": "x"}\n{"name": "y"}\n'


def two(**more: Any) -> bytes:
    """The seed, which says that it has another transform: there is none, so that asking for it shows."""
    manifest = {"abi": 1, "name": "seed", "transforms": [{"name": "records"}, {"name": "other", **more}]}
    return wr.attach_manifest(seed(), manifest)


@pytest.mark.parametrize("isolation", ["shared", "fresh", "process"])
def test_the_name_reaches_the_module(isolation: Literal["shared", "fresh", "process"]) -> None:
    require = "none" if isolation == "process" else None
    with wr.load(two(), transform="records", isolation=isolation, require=require) as records:
        batch = records.run(RECORDS)
        assert batch.output == b'{"id":1,"name":"Ada"}\n'
        assert [(failure.code, failure.path) for failure in batch.failures] == [
            ("maximum", "$.id"),
            ("required", "$"),
        ]
        assert list(records.map([{"id": 2, "name": "B"}])) == [{"id": 2, "name": "B"}]
    with pytest.raises(wr.GuestError, match="no transform is called other: there are records"):
        wr.load(two(), transform="other", isolation=isolation, require=require)


def test_one_transform_needs_no_choice() -> None:
    with wr.load(seed()) as alone, wr.load(seed(), transform="records") as named:
        assert alone.run(RECORDS) == named.run(RECORDS)


def test_two_transforms_without_a_choice() -> None:
    with pytest.raises(wr.ModuleError) as caught:
        wr.load(two())
    assert str(caught.value) == (
        "the module seed has 2 transforms: choose one of records, other with transform='records' "
        "(--transform records)"
    )
    with pytest.raises(wr.ModuleError, match="has no transform 'record'; did you mean 'records'"):
        wr.load(two(), transform="record")
    with pytest.raises(TypeError, match="transform: expected a name, found int"):
        wr.load(two(), transform=5)  # type: ignore[arg-type]


def test_what_one_of_them_wants_and_keeps_is_its_own() -> None:
    module = two(capabilities=["log"], stateful=True)
    assert wr.load(module, transform="records").capabilities == ()
    with pytest.raises(wr.ModuleError, match=r"the module wants log .* allow=\['log'\]"):
        wr.load(module, transform="other")
    with pytest.raises(ValueError, match="keeps state from batch to batch"):
        wr.load(module, transform="other", allow=["log"], isolation="fresh")
    found = wr.inspect(module)
    assert (found.refusal, found.capabilities, found.gets) == (None, ("log",), ())
    assert wr.inspect(module, allow=["log"]).gets == ("log",)


def test_functions_alone_are_no_transform() -> None:
    module = guest(manifest=json.dumps({"abi": 1, "name": "math", "functions": [{"name": "multiply"}]}))
    with pytest.raises(wr.ModuleError) as caught:
        wr.load(module)
    assert str(caught.value) == (
        "the module math has functions and no transform: wasmrecords.functions(...).multiply(...) calls one "
        "in Python"
    )
    assert wr.inspect(module).refusal is None


def test_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(two())
    ended = run_cli("run", "-m", "m.wasm", "--transform", "records", "--output", "pretty", stdin=RECORDS)
    assert ended.code == 1
    assert ended.out == b'[\n  {\n    "id": 1,\n    "name": "Ada"\n  }\n]\n'
    ended = run_cli("run", "-m", "m.wasm", stdin=RECORDS)
    assert (ended.code, ended.out) == (2, b"")
    assert "has 2 transforms: choose one of records, other with" in ended.err
    ended = run_cli("run", "--jq", ".", "--transform", "records", stdin=RECORDS)
    assert ended.code == 2
    assert "--transform is for a module: it needs -m MODULE.wasm" in ended.err
