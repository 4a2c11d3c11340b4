"""All that is wrong with a record, through the ABI, in Python and in dead letters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from conftest import RunCli

import wasmrecords as wr

SCHEMA = {
    "required": ["id"],
    "properties": {"age": {"type": "integer"}, "tags": {"items": {"type": "string"}}},
}
RECORDS = b'{"id": 1}\n\n{"age": "x", "tags": ["a", 2]}\nnull\n[\n{"id": 2, "age": 1.5}\n'


def told(failure: wr.Failure) -> list[tuple[int, str, str, str | None]]:
    return [(error.offset, error.code, error.path, error.schema_path) for error in failure.errors]


@pytest.mark.parametrize("isolation", ["shared", "process"])
def test_a_record_is_one_failure_with_all_reasons(isolation: Literal["shared", "process"]) -> None:
    require = "none" if isolation == "process" else None
    with wr.validate(SCHEMA, all_errors=True, isolation=isolation, require=require) as transform:
        batch = transform.run(RECORDS)
    assert batch.counts == wr.Counts(read=5, kept=2, failed=3, written=2)
    several, broken, single = batch.failures
    assert sorted(told(several)) == [
        (11, "required", "$", "#/required"),
        (19, "type", "$.age", "#/properties/age/type"),
        (38, "type", "$.tags[1]", "#/properties/tags/items/type"),
    ]
    first = several.errors[0]
    assert (first.code, first.path, first.message) == (several.code, several.path, several.message)
    assert (several.record, several.line, several.input) == (2, 3, b'{"age": "x", "tags": ["a", 2]}')
    assert (broken.code, broken.schema_path, broken.errors) == ("json", None, ())
    # One reason is told by the failure itself.
    assert (single.code, single.schema_path, single.errors) == ("type", "#/properties/age/type", ())


def test_by_default_it_is_the_first() -> None:
    with wr.validate(SCHEMA) as transform:
        several, *_ = transform.run(RECORDS).failures
    assert several.schema_path in ("#/required", "#/properties/age/type", "#/properties/tags/items/type")
    assert several.errors == ()


def test_rubbish_is_left_off_and_goes_on() -> None:
    record = json.dumps([1] * 99).encode() + b"\n"
    with wr.validate({"items": {"type": "string"}}, all_errors=True) as transform:
        batch = transform.run(record * 200)
    assert batch.counts == wr.Counts(read=200, failed=200)
    assert {len(failure.errors) for failure in batch.failures} == {99}
    assert [failure.record for failure in batch.failures] == list(range(1, 201))


def test_dead_letters_have_a_list(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/user.json").write_text(json.dumps({"$ref": "any.json", "format": "nothing known"}))
    (tmp_path / "schemas/any.json").write_text(json.dumps(SCHEMA | {"propertyNames": {"format": "ipv4"}}))
    options = ["--schema", "schemas/user.json", "--schema-dir", "schemas", "--assert-format", "--all-errors"]
    ended = run_cli("run", "--quiet", *options, stdin=b'{"age": true}\n{}\n')
    assert ended.code == 1
    first, second = (json.loads(line) for line in ended.err.splitlines())
    assert list(first) == [
        "source", "record", "line", "offset", "code", "path", "schema_path", "message", "errors", "input",
    ]  # fmt: skip
    assert {(error["code"], error["path"], error["schema_path"]) for error in first["errors"]} == {
        ("required", "$", "schemas/any.json#/required"),
        ("type", "$.age", "schemas/any.json#/properties/age/type"),
        ("propertyNames", "$.age", "schemas/any.json#/propertyNames"),
    }
    assert (second["code"], "errors" in second) == ("required", False)


@pytest.mark.parametrize("option", ["--schema-dir=x", "--assert-format", "--all-errors"])
def test_options_of_a_schema_need_one(run_cli: RunCli, option: str) -> None:
    ended = run_cli("run", "--jq", ".", option)
    assert ended.code == 2
    assert "goes with a schema: it needs --schema FILE" in ended.err
