"""``Transform.explain``, ``explain`` and ``wasmrecords explain``: which engine, why, and which road."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli
from guests import guest
from pages import ROOT

import wasmrecords as wr

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "tags": {"not": {"type": "null"}}},
    "uniqueItems": True,
}
RECORDS = b'{"id":1,"x":"a"}\n{"id":2}\n{"id":"3"}\n{"id":4\n\n{"id":5,"id":6}\n'


@pytest.fixture(scope="module")
def valid(records_wasm: Path) -> Iterator[wr.Transform]:
    with wr.validate({"type": "object", "properties": {"id": {"type": "integer"}}}) as transform:
        yield transform


def test_without_data(records_wasm: Path) -> None:
    program = 'select(.id > 1)\n  | .["café"] | getpath([]) # | none'
    with wr.jq(program, schema=SCHEMA) as transform:
        found = transform.explain()
    assert (found.engine, found.program, found.schema) == ("general", "general", "general")
    assert [stage.text for stage in found.stages] == ["select(.id > 1)", '.["café"]', "getpath([])"]
    assert [program.encode()[stage.offset :][:3] for stage in found.stages] == [b"sel", b'.["', b"get"]
    assert found.program_leaves is not None
    leaving = found.program_leaves
    assert leaving.offset is not None
    assert program.encode()[leaving.offset :].startswith(leaving.token.encode())
    assert leaving.hint
    assert {leaving.path: leaving.token for leaving in found.schema_leaves} == {
        "#/properties/tags/not": "not",
        "#/uniqueItems": "uniqueItems",
    }
    # A number, by the schema, so that nothing is in doubt.
    assert found.doubts == ()
    assert (found.counts, found.codes, found.reasons, found.bytes_in, found.rate) == (None, {}, {}, 0, 0)


def test_doubts(records_wasm: Path) -> None:
    with wr.jq("select(.n >= 5 and .n < 9) | .on // true") as transform:
        found = transform.explain()
    assert [doubt.partition(" is ")[0] for doubt in found.doubts] == [
        "`.n >= 5`",
        "`.n < 9`",
        "`.on // true`",
    ]


def test_with_data(valid: wr.Transform) -> None:
    found = valid.explain(RECORDS)
    assert (found.engine, found.program, found.stages) == ("fast", None, ())
    assert found.counts == wr.Counts(read=5, kept=3, dropped=0, failed=2, written=3)
    assert found.codes == {"type": 1, "json": 1}
    assert found.learned + found.exact + found.general == 5
    assert found.learned + found.exact >= 2
    assert sum(found.reasons.values()) == found.general >= 3
    assert found.unknown == 0
    assert found.bytes_in == len(RECORDS)
    assert found.seconds > 0
    assert found.rate == pytest.approx(len(RECORDS) / 1e6 / found.seconds)


def test_white_space_is_no_reason(valid: wr.Transform) -> None:
    """Nor in what is empty, and of which nothing is asked."""
    records = (
        b'{"id":1,"x":[\n\n   ],"y":{\n\n }}\n{  }\n{"x":[\t\r[ \n] ]}\n{"id" : 2 ,\r\n\t"y":{"z":{\n\t}}}'
    )
    found = valid.explain(records, input="json")
    assert (found.exact, found.general, dict(found.reasons)) == (4, 0, {})


def test_the_transform_runs_as_before(valid: wr.Transform) -> None:
    before = valid.run(RECORDS)
    valid.explain(RECORDS)
    assert valid.run(RECORDS) == before
    assert before.output.count(b"\n") == before.counts.kept


@pytest.mark.parametrize(
    ("source", "input", "read"),
    [
        (b"", "auto", 0),
        (bytearray(b"{}\n{}"), "ndjson", 2),
        (io.BytesIO(b"[{}, {}, 3]"), "auto", 3),
        ([b'{"a', b'":1}', b"{}"], "json", 2),
        (b'\xef\xbb\xbf{"id": 1}\n', "auto", 1),
        (b'{"id": 1}\n' * 100_000, "auto", 100_000),
    ],
)
def test_sources(valid: wr.Transform, source: Any, input: Any, read: int) -> None:
    found = valid.explain(source, input=input)
    assert found.counts is not None
    assert found.counts.read == read == found.learned + found.exact + found.general


def test_what_an_instance_knew_when_it_ended_is_unknown(records_wasm: Path) -> None:
    program = "if .n == 1 then [range(1e9)] else .n end"
    with wr.jq(program, limits=wr.Limits(memory=16 * wr.MiB)) as transform:
        found = transform.explain(b'{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n')
    assert found.counts == wr.Counts(read=4, kept=3, dropped=0, failed=1, written=3)
    assert found.codes == {"memory": 1}
    assert (found.unknown, found.learned + found.exact + found.general) == (2, 2)


def test_in_a_process(records_wasm: Path) -> None:
    try:
        transform = wr.validate({"type": "object"}, isolation="process")
    except wr.WasmRecordsError as error:
        pytest.skip(f"no jail here: {error}")
    with transform:
        found = transform.explain(RECORDS)
        assert found.counts is not None
        assert found.learned + found.exact + found.general == found.counts.read == 5
        assert transform.run(b"{}\n").output == b"{}\n"


def test_a_fresh_one_is_explained_as_shared(records_wasm: Path) -> None:
    with wr.validate(True, isolation="fresh") as transform:
        found = transform.explain([b"{}\n" * 1000] * 200)
        assert transform.isolation == "fresh"
    assert found.learned + found.exact == 200_000


def test_a_module_that_is_no_recipe() -> None:
    with wr.load(guest()) as transform, pytest.raises(ValueError, match="the module module is code and runs"):
        transform.explain()


def test_a_closed_one(records_wasm: Path) -> None:
    transform = wr.jq(".")
    transform.close()
    with pytest.raises(ValueError, match="the transform is closed"):
        transform.explain()


def test_files(valid: wr.Transform, tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(RECORDS)
    (tmp_path / "b.json").write_bytes(b'[{"id": 1}, {"id": "x"} {}]')
    reports: list[wr.Report] = []
    inputs = [tmp_path / "a.ndjson", str(tmp_path / "*.json"), io.BytesIO(RECORDS)]
    found = wr.explain(inputs, valid, progress=reports.append)
    assert found.counts == wr.Counts(read=13, kept=7, dropped=0, failed=6, written=7)
    assert found.codes == {"type": 3, "json": 3}
    # What is broken in a stream comes to no engine.
    assert (found.learned + found.exact + found.general, found.unknown) == (12, 1)
    assert reports[-1].counts == found.counts
    assert reports[-1].bytes_in == found.bytes_in
    assert sorted(os.listdir(tmp_path)) == ["a.ndjson", "b.json"]
    with pytest.raises(wr.SourceError, match=r"missing\.ndjson"):
        wr.explain(tmp_path / "missing.ndjson", valid)
    with pytest.raises(ValueError, match="input: expected one of"):
        wr.explain(tmp_path / "a.ndjson", valid, input="csv")  # type: ignore[arg-type]


def test_as_json(valid: wr.Transform) -> None:
    found = valid.explain(RECORDS)
    values = json.loads(json.dumps(found.as_dict()))
    assert set(values) == {field.name for field in dataclasses.fields(found)} | {"engine", "rate"}
    assert values["counts"]["failed"] == 2
    assert valid.explain().as_dict()["counts"] is None


def test_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "in.ndjson").write_bytes(RECORDS)
    program = "select(.n < 5) |\n  (.x\n   | getpath([]))"
    ended = run_cli("explain", "--schema", "s.json", "--jq", program, "in.ndjson")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.decode().splitlines()
    assert lines[0] == "engine    general"
    assert lines[1] == "schema    general: 2 keywords leave the fast subset"
    assert "  #/properties/tags/not" in lines
    assert any(re.fullmatch(r"program   general: \S+ leaves the fast subset, .*", line) for line in lines)
    at = next(at for at, line in enumerate(lines) if line.strip() == "^")
    token = lines[at - 1][lines[at].index("^") :]
    assert re.match(r"select|getpath", token)
    assert "  `.n < 5` is also true where .n is null, missing or a boolean" in lines
    assert "records   read 5  kept 3  dropped 0  failed 2: type 1, json 1" in lines[-10:]
    assert re.fullmatch(r"speed     \d+\.\d\d s  [\d.,]+ MB/s, with nothing written", lines[-1])
    assert max(map(len, lines)) <= 110


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (b'{"id": 1}\n' * 300, "by 1 shape that was learned"),
        (b'{"id": 1}\n{"n": 1, "id": 2}\n' * 300, "by 2 shapes that were learned"),
    ],
    ids=["one", "two"],
)
def test_the_command_counts_shapes(run_cli: RunCli, tmp_path: Path, records: bytes, words: str) -> None:
    (tmp_path / "in.ndjson").write_bytes(records)
    ended = run_cli("explain", "--jq", ".id", "in.ndjson")
    assert (ended.code, ended.err) == (0, "")
    assert any(line.endswith(words) for line in ended.out.decode().splitlines())


def test_the_command_in_json_and_from_a_pipe(run_cli: RunCli) -> None:
    ended = run_cli("explain", "--jq", ".id | 1", "--json", "-", stdin=RECORDS)
    assert (ended.code, ended.err) == (0, "")
    values = json.loads(ended.out)
    assert [stage["text"] for stage in values["stages"]] == [".id", "1"]
    assert values["counts"] == {"read": 5, "kept": 4, "dropped": 0, "failed": 1, "written": 4}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jq", "slect(.a)"], "program: `slect` is not defined; did you mean `select`?"),
        (["-m", "x.wasm"], "x.wasm is code and runs as it is: explain is for recipes"),
        (
            [".a", "in"],
            "nothing to explain: give --jq or --schema, as in\n  wasmrecords explain --jq '.a' in",
        ),
        (["--jq", ".", "missing"], "cannot read missing: No such file"),
        (["--jq", ".", "--output", "json"], "unknown option --output"),
    ],
)
def test_refused(run_cli: RunCli, arguments: list[str], words: str) -> None:
    ended = run_cli("explain", *arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert words in ended.err


def test_colours_only_on_a_terminal(
    command: list[str], cli_environment: dict[str, str], records_wasm: Path, tmp_path: Path
) -> None:
    master, slave = pty.openpty()
    line = [*command, "explain", "--jq", "getpath([])"]
    environment = cli_environment | {"TERM": "xterm"}
    with subprocess.Popen(line, env=environment, cwd=tmp_path, stdout=slave) as process:
        os.close(slave)
        seen = b""
        try:
            while piece := os.read(master, 65536):
                seen += piece
        except OSError:
            pass
    os.close(master)
    assert process.returncode == 0
    assert b"engine    \x1b[33mgeneral\x1b[0m" in seen


def test_the_page_lists_all_reasons() -> None:
    """As the sources name them, so that each has its row."""
    named: set[str] = set()
    for file, pattern in (
        ("engine/src/engine.rs", r'Why::\S+ => "(.+?)"'),
        ("engine/src/program/mod.rs", r'Left::\w+ => "(.+?)"'),
        ("modules/src/recipe/fast.rs", r'(?:Fast::No\(|const \w+: &str = )"(.+?)"'),
    ):
        found = re.findall(pattern, (ROOT / "rust-wasm" / file).read_text("utf-8"))
        assert len(found) >= 3, file
        named.update(found)
    table = re.findall(
        r"^\| (.+?) \| .+ \|$", (ROOT / "docs" / "explain.md").read_text("utf-8"), re.MULTILINE
    )
    assert named == set(table) - {"reason"}
