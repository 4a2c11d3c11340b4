"""``wasmrecords schema infer``, as users run it, and the same from Python."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from conftest import RunCli

import wasmrecords as wr

GOOD = b'{"n":1,"s":"x"}\n{"n":2}\n'


def test_a_schema_and_the_same_data(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_bytes(GOOD)
    ended = run_cli("schema", "infer", "in.ndjson", "-o", "s.json", "--report", "r.json")
    assert (ended.code, ended.out) == (0, b""), ended
    assert ended.err.startswith("read 2  kept 2  dropped 0  failed 0   ")
    schema = json.loads((tmp_path / "s.json").read_bytes())
    assert schema["properties"] == {
        "n": {"type": "integer", "minimum": 1, "maximum": 2},
        "s": {"$comment": "in 1 of 2", "type": "string"},
    }
    assert json.loads((tmp_path / "r.json").read_bytes())["counts"]["kept"] == 2
    assert run_cli("run", "--schema", "s.json", "in.ndjson").code == 0
    piped = run_cli("schema", "infer", "--quiet", stdin=GOOD)
    assert (piped.code, piped.err) == (0, "")
    assert piped.out == (tmp_path / "s.json").read_bytes()


def test_records_that_are_no_json(run_cli: RunCli, tmp_path: Path) -> None:
    bad = b'{"n":3}\nnope\n{"n":"\\ud800"}\n' + b"[" * 200 + b"]" * 200 + b'\n{"n":\xff}\n{"n":4}\n'
    ended = run_cli("schema", "infer", "-o", "s.json", stdin=bad)
    assert ended.code == 1
    assert "failed 4: json 2" in ended.err
    assert "dead letters in s.json.errors.ndjson" in ended.err
    letters = (tmp_path / "s.json.errors.ndjson").read_bytes().splitlines()
    assert [json.loads(line)["code"] for line in letters] == ["json", "json", "nesting", "utf8"]
    schema = json.loads((tmp_path / "s.json").read_bytes())
    assert schema["$comment"] == "inferred from 2 records"
    assert schema["properties"]["n"] == {"type": "integer", "minimum": 3, "maximum": 4}


def test_formats_of_input(run_cli: RunCli) -> None:
    for arguments, data in (
        ((), b'[\n{"n": 1},\n{"n": 2}\n]\n'),
        (("--input", "json"), b'[{"n":1},{"n":2}]'),
        (("-", "--detail", "types"), b'{"n": 1}\n{"n":2, "n":3}\n'),
    ):
        ended = run_cli("schema", "infer", *arguments, stdin=data)
        assert ended.code == 0
        assert json.loads(ended.out)["$comment"] == "inferred from 2 records"
    empty = run_cli("schema", "infer", stdin=b"")
    assert (empty.code, json.loads(empty.out)["$comment"]) == (0, "inferred from 0 records")


def test_hostile_names_and_texts(run_cli: RunCli, tmp_path: Path) -> None:
    record = (
        b'{"\\u0000":1,"\\u009b31m":2,"\xe2\x80\xae":["\\u001b"],"":{"":{"":[]}},"a\\"b":-0,"$ref":"#/x"}\n'
    )
    (tmp_path / "in").write_bytes(record * 30)
    ended = run_cli("schema", "infer", "--detail", "all", "--closed", "in", "-o", "s.json")
    assert ended.code == 0
    text = (tmp_path / "s.json").read_text("utf-8")
    assert text.replace("\n", "").isprintable()
    assert run_cli("run", "--schema", "s.json", "in").code == 0


def test_limits(run_cli: RunCli) -> None:
    deep = b"[" * 500 + b"]" * 500
    assert run_cli("schema", "infer", stdin=deep).code == 1
    assert run_cli("schema", "infer", "--limit", "nesting=1000", stdin=deep).code == 0
    assert (
        run_cli("schema", "infer", "--limit", "record=1K", stdin=GOOD + b'"' + b"x" * 2000 + b'"').code == 1
    )


def test_help(run_cli: RunCli) -> None:
    shown = run_cli("help", "schema")
    assert shown.code == 0
    for arguments in (("schema", "--help"), ("schema", "infer", "-h")):
        assert run_cli(*arguments).out == shown.out
    assert shown.out.startswith(b"usage: wasmrecords schema infer")


def test_from_python(records_wasm: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.ndjson"
    path.write_bytes(GOOD)
    expected = wr.infer_schema([{"n": 1, "s": "x"}, {"n": 2}])
    for source in (path, str(path), str(tmp_path / "*.ndjson"), io.BytesIO(GOOD)):
        assert wr.infer_schema(source) == expected
    path.write_bytes(GOOD + b"nope\n")
    with pytest.raises(wr.RecordError, match="record 3"):
        wr.infer_schema(path)
    failed: list[wr.Failure] = []
    assert wr.infer_schema(path, failures=failed.append) == expected
    assert [failure.code for failure in failed] == ["json"]
    report = wr.write_schema(path, tmp_path / "s.json", errors=io.BytesIO())
    assert (report.counts.kept, report.counts.failed) == (2, 1)
    assert json.loads((tmp_path / "s.json").read_bytes()) == expected


@pytest.mark.parametrize("source", [b"{}", {"a": 1}, 7, None])
def test_no_source(records_wasm: Path, source: object) -> None:
    with pytest.raises(TypeError, match="expected a path, a binary file or an iterable of records"):
        wr.infer_schema(source)


def test_no_level(records_wasm: Path) -> None:
    with pytest.raises(ValueError, match="detail: expected one of types, values, all, found 'most'"):
        wr.infer_schema([], detail="most")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="input: expected one of"):
        wr.infer_schema("x", input="csv")  # type: ignore[arg-type]
