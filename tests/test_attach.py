"""A manifest put into a module that was built without one, or with another."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
import sections
from conftest import RunCli
from guests import guest, section

import wasmrecords as wr
from wasmrecords.authoring.project import put

MANIFEST = {"abi": 1, "name": "öd", "version": "2.0"}


def parts(module: bytes) -> list[tuple[str, int]]:
    found = wr.inspect(module).sections
    return [(name, size) for name, size in found]


def test_it_is_added_and_no_byte_of_the_rest_is_touched() -> None:
    module = guest()
    found = wr.attach_manifest(module, MANIFEST)
    content = json.dumps(MANIFEST, ensure_ascii=False).encode() + b"\n"
    assert found == module + section("wasmrecords.manifest", content)
    about = wr.inspect(found)
    assert (about.name, about.version, about.refusal) == ("öd", "2.0", None)


def test_it_takes_the_place_of_each_one_that_is_there() -> None:
    head, code = guest()[:8], guest()[8:]
    old = section("wasmrecords.manifest", b"what is here is no matter")
    other = section("producers", b"x" * 200)
    module = head + old + code[:0] + other + code + old
    found = wr.attach_manifest(module, MANIFEST)
    assert found == wr.attach_manifest(head + other + code, MANIFEST)
    assert wr.attach_manifest(found, json.dumps(MANIFEST, ensure_ascii=False)) == found
    assert wr.attach_manifest(found, {"abi": 1}).startswith(head + other + code)


def test_what_it_says_is_checked() -> None:
    for manifest, message in [
        (
            {"abi": 2},
            "the manifest: abi: expected 1, found 2: this version runs modules of ABI version 1 only",
        ),
        ({"abi": 1, "input": {1, 2}}, "the manifest: not JSON: Object of type set is not JSON serializable"),
        ({"abi": 1, "later": float("nan")}, "the manifest: not JSON: Out of range float values"),
        ('{"abi": 1, ]', "the manifest: not JSON: Expecting property name enclosed in double quotes"),
        ("\ud800", "the manifest: a lone surrogate is no text"),
        (b'{"abi": 1, "name": "\xff"}', "the manifest: expected UTF-8 (at byte 20)"),
        (b"", "the manifest: not JSON"),
        (
            {"abi": 1, "config_schema": {"type": "objekt"}},
            "the manifest: config_schema is no JSON Schema: ",
        ),
        (
            {"abi": 1, "transforms": [{"name": "a", "config_schema": {"minimum": "x"}}]},
            "the manifest: config_schema is no JSON Schema: ",
        ),
    ]:
        with pytest.raises(wr.ModuleError) as caught:
            wr.attach_manifest(guest(), manifest)  # type: ignore[arg-type]
        assert str(caught.value).startswith(message)
        assert "of the module" not in str(caught.value)
    with pytest.raises(TypeError, match="manifest: expected a mapping or the text of one, found int"):
        wr.attach_manifest(guest(), 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"(module)", b"\x7fELF", guest()[:-3], sections.HEADER + b"\0"])
def test_what_is_no_module_is_refused(data: bytes) -> None:
    with pytest.raises(wr.ModuleError):
        wr.attach_manifest(data, MANIFEST)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "m.wasm"
    path.write_bytes(guest())
    path.chmod(0o640)
    data = wr.attach_manifest(path, MANIFEST, path)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    with pytest.raises(wr.ModuleError):
        wr.attach_manifest(path, {"abi": 2}, path)
    with pytest.raises(wr.SourceError, match="cannot write"):
        wr.attach_manifest(path, MANIFEST, tmp_path / "none" / "m.wasm")
    assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["m.wasm"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        data = wr.attach_manifest(guest(), MANIFEST, tmp_path / "pipe")
        assert reader.read() == data
        put(tmp_path / "pipe", data)  # where `wasmrecords build -o` says
        assert reader.read() == data
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest())
    (tmp_path / "m.json").write_text('\ufeff{"abi": 1,\n "name": "shout", "version": "1.0"}\n', "utf-8")
    ended = run_cli("manifest", "attach", "m.wasm", "m.json", "-o", "out.wasm")
    assert (ended.code, ended.err) == (0, "")
    data = (tmp_path / "out.wasm").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert ended.out.decode() == (
        "out.wasm: a manifest of 47 bytes was added\n"
        "  shout 1.0: 1 transform\n"
        f"  {len(data):,} bytes, sha256 {digest}\n"
    )
    assert (tmp_path / "m.wasm").read_bytes() == guest()
    functions = [{"name": "f"}, {"name": "g"}]
    (tmp_path / "f.json").write_text(json.dumps({"abi": 1, "name": "\x1b", "functions": functions}))
    ended = run_cli("manifest", "attach", "out.wasm", "f.json")
    assert (ended.code, ended.err) == (0, "")
    assert "was put in place of one of 47 bytes\n  \\x1b: 2 functions\n" in ended.out.decode()
    assert run_cli("inspect", "out.wasm").code == 0


def test_the_command_does_not_write_over_the_manifest(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest())
    (tmp_path / "m.json").write_text('{"abi": 1}')
    (tmp_path / "link").symlink_to("m.json")
    for out in ("m.json", "./m.json", "link"):
        ended = run_cli("manifest", "attach", "m.wasm", "m.json", "-o", out)
        assert (ended.code, ended.out) == (2, b"")
        assert f"-o {out} is also the manifest; nothing was touched" in ended.err
        assert (tmp_path / "m.json").read_text() == '{"abi": 1}'


def test_the_command_refuses(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest())
    (tmp_path / "other.wasm").write_bytes(sections.HEADER)
    (tmp_path / "m.json").write_text('{"abi": 1, "name": 5}')
    (tmp_path / "good.json").write_text('{"abi": 1}')
    for arguments, words in [
        (["m.wasm", "m.json"], "m.json: the manifest: name: expected a string, found a number"),
        (["m.json", "good.json"], "m.json: this is no WebAssembly module"),
        (["none.wasm", "good.json"], "the file none.wasm does not exist"),
        (["m.wasm", "none.json"], "cannot read none.json: No such file or directory"),
        (["m.wasm", "good.json", "-o", "none/m.wasm"], "cannot write none/m.wasm"),
        (["m.wasm", "/dev/zero"], "the manifest: expected at most 1 MiB"),
        (["m.wasm"], "MANIFEST is missing"),
    ]:
        ended = run_cli("manifest", "attach", *arguments)
        assert (ended.code, ended.out) == (2, b"")
        assert words in ended.err
    assert (tmp_path / "m.wasm").read_bytes() == guest()
    ended = run_cli("manifest", "atach", "m.wasm", "good.json")
    assert ended.code == 2
    assert "unknown action 'atach'; did you mean attach?" in ended.err
    ended = run_cli("manifest", "attach", "other.wasm", "good.json")
    assert ended.code == 0
    assert "  it would not be run yet: the module does not speak" in ended.out.decode()
    assert run_cli("manifest", "--help").out.startswith(b"usage: wasmrecords manifest attach")
