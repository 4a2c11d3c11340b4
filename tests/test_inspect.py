"""What is shown of a module without running it, from Python and on the command line."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from guests import guest, section

import wasmrecords as wr

MANIFEST = {
    "abi": 1,
    "name": "odd",
    "version": "2.1.0",
    "description": "keeps what is even",
    "input": ["ndjson", "json"],
    "config_schema": {"type": "object", "properties": {"fields": {}, "deep": {}}},
    "stateful": True,
    "sdk": "by hand",
}


def test_a_module_in_full() -> None:
    data = guest(manifest=json.dumps(MANIFEST))
    found = wr.inspect(data)
    assert found.refusal is None
    assert (found.source, found.size, found.sha256) == ("bytes", len(data), hashlib.sha256(data).hexdigest())
    assert (found.abi, found.name, found.version, found.sdk) == (1, "odd", "2.1.0", "by hand")
    assert (found.input, found.output, found.outputs) == (("ndjson", "json"), ("ndjson",), ("main",))
    assert (found.stateful, found.capabilities) == (True, ())
    assert found.config_schema == MANIFEST["config_schema"]
    assert (found.memory_min, found.memory_max) == (64 * 65536, None)
    assert found.imports == (
        "wasi_snapshot_preview1.proc_exit(i32)",
        "wasi_snapshot_preview1.fd_write(i32, i32, i32, i32) -> i32",
    )
    assert found.exports == (
        "memory: memory",
        "wr_abi_v1()",
        "wr_arena(i32) -> i32",
        "wr_open(i32) -> i32",
        "wr_batch(i32, i32) -> i32",
    )
    assert dict(found.sections)["wasmrecords.manifest"] == len(json.dumps(MANIFEST))
    assert json.loads(json.dumps(found.as_dict()))["sections"]["wasmrecords.manifest"] > 0


def test_a_file_with_the_name_of_a_module_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records_wasm: Path
) -> None:
    """It is a stranger's, and looked at as such."""
    many = " ".join(["i64"] * 20_000)
    Path(tmp_path, "records").write_bytes(guest(extra=f"(func (local {many}))"))
    assert wr.inspect("records").refusal is None
    monkeypatch.chdir(tmp_path)
    refusal = wr.inspect("records").refusal
    assert refusal is not None
    assert "locals" in refusal


def test_a_module_from_emscripten() -> None:
    """What it imports beside functions is shown, and is why it would not be loaded."""
    given = '(import "env" "memory" (memory 1)) (import "env" "base" (global i32)) (import "env" "f" (func))'
    found = wr.inspect(bytes(wasmtime.wat2wasm(f"(module {given})")))
    assert found.imports == ("env.memory: memory", "env.base: global", "env.f()")
    assert found.memory_min == 65536
    assert found.refusal is not None


def test_a_module_says_nothing() -> None:
    found = wr.inspect(guest())
    assert (found.name, found.version, found.refusal) == ("module", None, None)


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_file(tmp_path: Path, as_path: Any) -> None:
    path = tmp_path / "records"
    path.write_bytes(guest())
    assert wr.inspect(as_path(path)).source == str(path)


def test_the_shipped_module(records_wasm: Path) -> None:
    found = wr.inspect("records")
    assert (found.source, found.name, found.refusal) == ("records", "records", None)
    assert found.size == records_wasm.stat().st_size
    assert found.sha256 == wr.jq(".").sha256


def test_a_file_goes_before_the_shipped_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("records").write_bytes(guest())
    assert wr.inspect("records").name == "module"


def test_none_of_it_runs() -> None:
    forever = guest(extra="(func $start (loop $x (br $x))) (start $start)")
    assert wr.inspect(forever).refusal is None


@pytest.mark.parametrize(
    ("data", "refusal", "known"),
    [
        (b"", "empty", {"name": None, "defined": None, "abi": None}),
        (b"(module)", "text", {"name": None}),
        (guest()[:-5], "", {"defined": None}),
        (b"\0asm\1\0\0\0", "does not speak", {"defined": 0, "name": "module", "abi": None}),
        (guest() + section("wasmrecords.manifest", b"{"), "not JSON", {"defined": 8, "name": None}),
        (
            guest(manifest='{"abi": 1, "capabilities": ["clock"]}'),
            "the module wants clock",
            {"abi": 1, "capabilities": ("clock",)},
        ),
    ],
)
def test_what_is_refused_is_shown_as_far_as_it_can_be_read(
    data: bytes, refusal: str, known: dict[str, Any]
) -> None:
    found = wr.inspect(data)
    assert found.refusal is not None
    assert refusal in found.refusal
    assert {name: getattr(found, name) for name in known} == known
    with pytest.raises(wr.ModuleError) as caught:
        wr.load(data)
    assert str(caught.value) == found.refusal


def test_no_such_file() -> None:
    with pytest.raises(wr.ModuleError, match=r"the file m\.wasm does not exist"):
        wr.inspect("m.wasm")
    with pytest.raises(wr.ModuleError, match="recrods does not exist; did you mean records"):
        wr.inspect("recrods")


def test_names_that_would_steer_a_terminal() -> None:
    data = guest(extra='(func (export "\\1b[31m\\n") (result i32) (i32.const 0))')
    shown = wr.inspect(data).exports[-1]
    assert shown == "\\x1b[31m\\n() -> i32"


# --- the command ----------------------------------------------------------------------------------


def test_the_command_shows_the_shipped_module(run_cli: Any) -> None:
    ended = run_cli("inspect", "records")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.decode().splitlines()
    assert lines[0].startswith("records 0.")
    rows = {line[:14].strip(): line[14:] for line in lines[1:]}
    assert rows["accepted"] == "yes"
    assert rows["input"] == "ndjson, json"
    assert rows["output"] == "ndjson, pretty"
    assert rows["config"] == "jq       str | None        a jq program"
    assert (rows["wants"], rows["gets"]) == ("log, clock, random", "log, random")
    assert rows["imports"].startswith("wasi_snapshot_preview1.")
    assert max(map(len, lines)) <= 110


def test_the_command_for_a_script(run_cli: Any, tmp_path: Path) -> None:
    data = guest(manifest=json.dumps(MANIFEST))
    (tmp_path / "m.wasm").write_bytes(data)
    ended = run_cli("inspect", "m.wasm", "--json")
    assert (ended.code, ended.err) == (0, "")
    found = json.loads(ended.out)
    assert found == wr.inspect(data).as_dict() | {"source": "m.wasm"} | {
        name: list(found[name])
        for name in (
            "input",
            "output",
            "outputs",
            "capabilities",
            "gets",
            "imports",
            "exports",
            "transforms",
            "functions",
        )
    }
    assert found["name"] == "odd"


def test_the_command_refuses(run_cli: Any, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest(manifest='{"abi": 1, "name": "x", "capabilities": ["clock"]}'))
    ended = run_cli("inspect", "m.wasm")
    assert ended.code == 2
    assert ended.err.startswith("wasmrecords: error: m.wasm: the module wants clock")
    assert b"accepted    no" in ended.out
    assert b"wants       clock" in ended.out
    ended = run_cli("inspect", "m.wasm", "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["refusal"].startswith("the module wants clock")


def test_the_command_and_files_that_are_none(run_cli: Any, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("missing.wasm", "folder", "/dev/null"):
        ended = run_cli("inspect", name)
        assert ended.code == 2
        assert ended.err.startswith("wasmrecords: error: ")
        assert len(ended.err.splitlines()) == 1


def test_the_command_and_a_closed_pipe(run_cli: Any, command: list[str]) -> None:
    ended = run_cli(command=["sh", "-c", f"{command[0]} -m wasmrecords inspect records | head -1"])
    assert ended.code == 0
    assert ended.err == ""


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"properties": 5},
        {"properties": ["a"]},
        {"properties": {"\x1b[2J\u202e\ud800\x9b": 1}},
        {"properties": {"x" * 3000: {}}},
    ],
)
def test_the_command_and_a_config_schema_of_a_stranger(run_cli: Any, tmp_path: Path, schema: Any) -> None:
    manifest = json.dumps({"abi": 1, "name": "x", "config_schema": schema})
    (tmp_path / "m.wasm").write_bytes(guest(manifest=manifest))
    for options in ([], ["--json"]):
        ended = run_cli("inspect", "m.wasm", *options)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.decode().replace("\n", "").isprintable()


def test_the_command_and_names_that_are_no_text(run_cli: Any, tmp_path: Path) -> None:
    name = b"\xff\x1b\n.wasm"
    path = os.path.join(os.fsencode(tmp_path), name)
    try:
        with open(path, "wb") as file:
            file.write(guest(manifest='{"abi": 1, "description": "größe"}'))
    except OSError:
        pytest.skip("this file system takes no such names")
    for locale in ("C", "C.UTF-8"):
        ended = run_cli("inspect", os.fsdecode(name), env={"LC_ALL": locale, "PYTHONUTF8": "0"})
        assert (ended.code, ended.err) == (0, "")
        assert "größe" in ended.out.decode()
        assert b"\\udcff\\x1b\\n.wasm" in ended.out


def test_the_command_shows_what_authors_wrote(run_cli: Any, tmp_path: Path) -> None:
    manifest = {
        "abi": 1,
        "name": "shop",
        "version": "1.0",
        "description": "orders and\nwhat is in them",
        "transforms": [
            {
                "name": "lines",
                "description": "each line of an order",
                "config_schema": {
                    "type": "object",
                    "properties": {
                        "min": {
                            "description": "orders of less are dropped",
                            "default": 18,
                            "allOf": [{"type": "integer", "minimum": 0, "maximum": 255}],
                        },
                        "\x1b[2J": {"type": "array", "items": {"type": "string"}},
                        "level": {"enum": ["debug", "information", "warning", "error"]},
                    },
                    "required": ["\x1b[2J"],
                },
                "input_schema": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
                        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    },
                    "required": ["id"],
                    "additionalProperties": {"type": "number"},
                },
                "output_schema": {"type": "array", "prefixItems": [{"type": "string"}, {}], "items": False},
                "capabilities": ["log"],
                "stateful": True,
            },
            {"name": "all"},
        ],
        "functions": [
            {
                "name": "vat",
                "description": "of a price",
                "parameters": [{"name": "price", "schema": {"type": "number"}}, {"name": "rate"}],
                "result": {"type": "string", "contentEncoding": "base64"},
            }
        ],
    }
    (tmp_path / "m.wasm").write_bytes(guest(manifest=json.dumps(manifest)))
    ended = run_cli("inspect", "m.wasm", "--allow", "log")
    assert (ended.code, ended.err) == (0, "")
    head, _, rest = ended.out.decode().partition("\nmodule\n")
    assert head == (
        "shop 1.0\n"
        "  orders and\n"
        "  what is in them\n"
        "\n"
        "transform lines\n"
        "  each line of an order\n"
        "  reads       {id: u64, note?: str | None, ...: float}\n"
        "  writes      tuple[str, Any]\n"
        "  wants       log\n"
        "  state       kept from batch to batch\n"
        "  config      min      u8         18        orders of less are dropped\n"
        "              \\x1b[2J  list[str]  required\n"
        "              level\n"
        "                       'debug' | 'information' | 'warning' | 'error'\n"
        "\n"
        "transform all\n"
        "  reads       records of any kind\n"
        "  writes      records of any kind\n"
        "  config      any value\n"
        "\n"
        "functions\n"
        "  vat(price: float, rate: Any) -> bytes\n"
        "      of a price\n"
    )
    assert "  gets        log\n" in rest
    found = wr.inspect(tmp_path / "m.wasm")
    first, second = found.transforms
    assert first.options == (
        wr.OptionInfo("min", "u8", 18, False, "orders of less are dropped"),
        wr.OptionInfo("\\x1b[2J", "list[str]", None, True),
        wr.OptionInfo("level", "'debug' | 'information' | 'warning' | 'error'", None, False),
    )
    assert (second.options, second.reads) == (None, "Any")
    assert [str(function) for function in found.functions] == ["vat(price: float, rate: Any) -> bytes"]
    told = json.loads(run_cli("inspect", "m.wasm", "--json").out)
    assert told["transforms"][0]["config_schema"] == manifest["transforms"][0]["config_schema"]  # type: ignore[index]
    assert told["functions"][0]["parameters"][1] == {"name": "rate", "schema": None}


def test_types_in_words() -> None:
    def shown(schema: Any) -> str:
        return wr.FunctionInfo("f", result=schema).__str__().removeprefix("f() -> ")

    deep: Any = {"type": "string"}
    for _ in range(120):
        deep = (
            {"type": "object", "properties": {"a": deep, "b": deep}}
            if _ < 5
            else {"items": deep, "type": "array"}
        )
    assert len(shown(deep)) <= 2000
    assert shown({"type": "integer", "minimum": -128, "maximum": 127}) == "i8"
    assert shown({"type": "integer", "minimum": 1, "maximum": 10}) == "int 1..10"
    assert shown({"type": "integer", "minimum": 1}) == "int 1.."
    assert shown({"type": "integer", "maximum": 10}) == "int ..10"
    assert shown({"enum": ["a", "\x1b"]}) == "'a' | '\\x1b'"
    assert shown({"type": "object", "properties": {"x\n": {}}}) == r"{'x\n'?: Any}"
    assert shown(True) == shown(None) == shown({"type": []}) == shown({"type": {}}) == "Any"
    assert shown({"type": "object", "additionalProperties": {"type": "null"}}) == "dict[str, None]"
    assert shown({"anyOf": [{"type": "null"}]}) == "Any"
