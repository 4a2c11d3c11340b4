"""A config is held against the manifest's schema before the module sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli
from guests import guest

import wasmrecords as wr

DEEP = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "kind": {"anyOf": [{"enum": ["Alpha", "gamma ray"]}, {"type": "null"}]},
        "sizes": {"type": "array", "items": {"anyOf": [{"maximum": 9, "type": "integer"}, {"type": "null"}]}},
    },
    "required": ["name"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "min_age": {"type": "integer", "minimum": 0, "maximum": 255},
        "fields": {"items": {"type": "string"}},
        "level": {"enum": ["debug", "info", 3]},
        "zone": {"anyOf": [{"$ref": "#/$defs/zone"}, {"type": "null"}]},
        "deep": {"anyOf": [{"type": "null"}, DEEP]},
    },
    "$defs": {"zone": {"type": "object", "required": ["name"]}},
    "additionalProperties": False,
}


def module(schema: Any = SCHEMA) -> bytes:
    return guest(manifest=json.dumps({"abi": 1, "name": "m", "config_schema": schema}))


@pytest.mark.parametrize("config", [None, {}, b' {"min_age":\r\n 3e0}\n', {"fields": ["a", "ü"]}])
def test_a_config_that_matches(config: Any) -> None:
    with wr.load(module(), config=config) as transform:
        assert transform.run(b"a\n").output == b"a\n"


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        (
            {"min_aeg": 3},
            "$.min_aeg",
            'config: unexpected property "min_aeg"; did you mean "min_age"? (at $.min_aeg)',
        ),
        ({"min_age": "3"}, "$.min_age", "config: expected integer, found string (at $.min_age)"),
        ({"min_age": 256}, "$.min_age", "config: expected at most 255, found 256 (at $.min_age)"),
        ({"fields": ["a", 2]}, "$.fields[1]", "config: expected string, found number (at $.fields[1])"),
        ([], "$", "config: expected object, found array"),
        ("a", "$", "config: expected object, found string"),
        ('{"a": 1}', "$", "config: expected object, found string: a text of JSON is given as bytes"),
        (
            {"level": "INFO"},
            "$.level",
            'config: expected one of "debug", "info", 3, found "INFO"; did you mean "info"? (at $.level)',
        ),
        ({"level": 4}, "$.level", 'config: expected one of "debug", "info", 3, found 4 (at $.level)'),
        (
            {"deep": {"nme": "ü"}},
            "$.deep.nme",
            'config: unexpected property "nme"; did you mean "name"? (at $.deep.nme)',
        ),
        ({"deep": {}}, "$.deep", 'config: missing the required property "name" (at $.deep)'),
        ({"deep": 1}, "$.deep", "config: expected null or object, found number (at $.deep)"),
        (
            b'{"deep": {"name": "\xc3\xbc",\n  "kind": "alpha"}}',
            "$.deep.kind",
            'config: expected one of "Alpha", "gamma ray", found "alpha"; did you mean "Alpha"? '
            "(at $.deep.kind)\n"
            '  2 |   "kind": "alpha"}}\n                ^',
        ),
        (
            {"deep": {"name": "a", "sizes": [1, None, 10]}},
            "$.deep.sizes[2]",
            "config: expected at most 9, found 10 (at $.deep.sizes[2])",
        ),
        (
            {"zone": {}},
            "$.zone",
            "config: expected a match of one of 2 alternatives; the nearest, number 1, says: missing the "
            'required property "name" (at $.zone)',
        ),
        (
            b'{\n  "min_age": 2.50\n}',
            "$.min_age",
            "config: expected integer, found 2.50 (at $.min_age)\n"
            '  2 |   "min_age": 2.50\n                   ^',
        ),
        (b'\n\n{"x": 1}', "$.x", 'config: unexpected property "x" (at $.x)\n  3 | {"x": 1}\n            ^'),
        (b'{"fields": }', None, 'config: not JSON: Expecting value\n  1 | {"fields": }\n                 ^'),
        (b"\xff", None, "config: not UTF-8 (byte 0)"),
        (b"1}, {", None, "config: not JSON: Extra data\n  1 | 1}, {\n       ^"),
        (b"NaN", None, "config: not JSON: NaN is no JSON value"),
        (b"", None, "config: not JSON: Expecting value\n  1 | \n      ^"),
    ],
    ids=str,
)
def test_a_config_that_does_not(config: Any, path: str | None, message: str) -> None:
    with pytest.raises(wr.RecipeError) as caught:
        wr.load(module(), config=config)
    assert str(caught.value) == message
    assert (caught.value.kind, caught.value.path) == ("config", path)


def test_no_config_is_one_without_members() -> None:
    with pytest.raises(wr.RecipeError, match='missing the required property "fields"'):
        wr.load(module({"type": "object", "required": ["fields"]}))
    with pytest.raises(wr.RecipeError, match="expected string, found null"):
        wr.load(module({"type": "string"}))
    for schema in ({"type": ["null", "string"]}, {"minProperties": 0, "type": "object"}, True, {}):
        wr.load(module(schema)).close()
    with pytest.raises(wr.RecipeError):
        wr.load(module(False))


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "objekt"}, "config_schema is no JSON Schema: "),
        ({"$ref": "#/$defs/none"}, "config_schema is no JSON Schema: "),
        ({"$ref": "file:///etc/passwd"}, "config_schema is no JSON Schema: "),
        ({"pattern": "(" * 50}, "config_schema is no JSON Schema: "),
        ({"pattern": "^(((a{0,999}){0,999}){0,999})$"}, "config_schema "),
    ],
)
def test_a_schema_that_is_none_is_the_modules_fault(schema: Any, message: str) -> None:
    with pytest.raises(wr.ModuleError) as caught:
        wr.load(module(schema), config="a" * 1000)
    assert str(caught.value).startswith(f"the manifest: {message}")


def test_a_schema_that_takes_for_ever() -> None:
    twice = {f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(40)}
    schema = {"$defs": twice | {"d40": {"type": "string"}}, "$ref": "#/$defs/d0"}
    with pytest.raises((wr.ModuleError, wr.RecipeError)):
        wr.load(module(schema), config=5)


def test_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(module())
    (tmp_path / "c.json").write_text('{"min_age": 3,\n "min_agee": 1}')
    ended = run_cli("run", "-m", "m.wasm", "--config", "@c.json", stdin=b"a\n")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err == (
        'wasmrecords: error: c.json: config: unexpected property "min_agee"; did you mean "min_age"? '
        '(at $.min_agee)\n  2 |  "min_agee": 1}\n                   ^\n'
    )
    ended = run_cli("run", "-m", "m.wasm", "--config", "c.json", stdin=b"a\n")
    assert (ended.code, ended.out) == (2, b"")
    assert "--config: expected JSON, found the name of a file: @c.json reads it\n" in ended.err
    ended = run_cli("run", "-m", "m.wasm", "--config", '{"min_age": "x"}', stdin=b"a\n")
    assert ended.code == 2
    assert ended.err == (
        "wasmrecords: error: config: expected integer, found string (at $.min_age)\n"
        '  1 | {"min_age": "x"}\n                  ^\n'
    )
