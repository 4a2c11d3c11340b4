"""From bytes to compiled code: refused, compiled once, kept, told when it takes long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from guests import guest, section

import wasmrecords as wr
from wasmrecords import _compiler, _module
from wasmrecords._limits import Limits
from wasmrecords._module import LoadedModule, load_module, shipped

SOURCE = str(Path(wr.__file__).parent.parent)
MANIFEST = '{"abi": 1, "name": "odd"}'


def other(number: int) -> bytes:
    """A module that no other test has."""
    return guest() + section("number", str(number).encode())


def test_what_is_loaded() -> None:
    loaded = load_module(guest(manifest=MANIFEST), Limits())
    assert loaded.manifest.name == "odd"
    assert set(loaded.info.exports) >= {"memory", "wr_abi_v1", "wr_arena", "wr_open", "wr_batch"}
    assert len(loaded.sha256) == 64


def test_a_module_is_compiled_once() -> None:
    first = load_module(other(1), Limits())
    assert load_module(bytes(bytearray(other(1))), Limits(time=0.5)) is first
    assert load_module(other(2), Limits()) is not first


def test_a_process_keeps_the_latest_ones() -> None:
    first = load_module(other(100), Limits())
    for number in range(101, 107):
        load_module(other(number), Limits())
        assert load_module(other(100), Limits()) is first
    for number in range(107, 116):
        load_module(other(number), Limits())
    assert load_module(other(100), Limits()) is not first
    assert len(_module._compiled) <= _module._MOST_COMPILED


def test_two_threads_compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    real = _module._code

    def slowly(data: bytes, *rest: object) -> object:
        compiled.append(data)
        time.sleep(0.2)
        return real(data, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(_module, "_code", slowly)
    found: list[LoadedModule] = []
    threads = [
        threading.Thread(target=lambda: found.append(load_module(other(3), Limits()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(compiled) == 1
    assert all(one is found[0] for one in found)


def test_a_known_module_does_not_wait_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = load_module(other(4), Limits())
    began, end = threading.Event(), threading.Event()

    def hangs(*_: object) -> None:
        began.set()
        end.wait(30)
        raise wr.ModuleError("enough")

    def compile_a_new_one() -> None:
        with pytest.raises(wr.ModuleError, match="enough"):
            load_module(other(5), Limits())

    monkeypatch.setattr(_module, "_code", hangs)
    thread = threading.Thread(target=compile_a_new_one)
    thread.start()
    assert began.wait(30)
    assert load_module(other(4), Limits()) is known
    end.set()
    thread.join()


def test_limits_of_a_module() -> None:
    data = guest()
    with pytest.raises(wr.ModuleLimit, match=r"more than 1 KiB \(limit module\)") as caught:
        load_module(data, Limits(module=1024))
    assert (caught.value.limit, caught.value.value) == ("module", 1024)
    with pytest.raises(wr.MemoryLimit, match=r"begins with 4 MiB of memory, more than 2 MiB") as memory:
        load_module(data, Limits(memory=2 * wr.MiB))
    assert (memory.value.limit, memory.value.value) == ("memory", 2 * wr.MiB)


def test_two_manifests() -> None:
    with pytest.raises(wr.ModuleError, match=r"wasmrecords.manifest is there 2 times") as caught:
        load_module(guest(manifest=MANIFEST) + section("wasmrecords.manifest", b"{}"), Limits())
    assert caught.value.offset is not None


def test_a_bad_manifest() -> None:
    with pytest.raises(wr.ModuleError, match="the manifest: abi: expected 1, found 7"):
        load_module(guest(manifest='{"abi": 7}'), Limits())


def test_what_only_the_engine_sees_is_refused_as_well() -> None:
    data = guest(extra="(func (result i32) (i32.const 1))")
    broken = data.replace(b"\x41\x01\x0b", b"\x42\x01\x0b")  # an i64 where an i32 is promised
    assert broken != data
    with pytest.raises(wr.ModuleError, match="the module is not valid: type mismatch") as caught:
        load_module(broken, Limits())
    assert caught.value.offset == broken.index(b"\x42\x01\x0b") + 2


@pytest.mark.parametrize("keeps", [True, False])
def test_a_long_compile_is_told_while_it_lasts(
    keeps: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WASMRECORDS_CACHE", str(tmp_path / "cache") if keeps else "")
    monkeypatch.setattr(_compiler, "_PATIENCE", 0.01)
    lines: list[str] = []
    real = _compiler._Thread.run

    def slowly(compiler: _compiler._Thread) -> None:
        time.sleep(0.3)
        real(compiler)

    monkeypatch.setattr(_compiler._Thread, "run", slowly)
    load_module(other(6 + keeps), Limits(), trusted=True, notify=lines.append)
    name = "wasmrecords: compiling the module module"
    assert lines == [f"{name}; it is kept for the next time" if keeps else name]


def test_a_short_compile_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiler, "_PATIENCE", 60)
    lines: list[str] = []
    load_module(other(8), Limits(), trusted=True, notify=lines.append)
    assert lines == []


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of POSIX")
def test_an_interrupt_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()
    monkeypatch.setattr(_compiler._Thread, "run", lambda compiler: end.wait(60))
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            load_module(other(9), Limits(), trusted=True)
    finally:
        signal.signal(signal.SIGALRM, before)
        end.set()
    monkeypatch.undo()
    assert load_module(other(9), Limits()).manifest.name == "module"


def test_the_command_is_interrupted_while_it_compiles(
    records_wasm: Path, command: list[str], cli_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = cli_environment | {"WASMRECORDS_CACHE": str(tmp_path / "cache")}
    line = [*command, "run", "--jq", ".", "-o", str(tmp_path / "out")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stderr is not None
        assert b"compiling the module records" in process.stderr.readline()
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        process.wait(60)
    assert (process.returncode, rest) == (130, b"wasmrecords: error: interrupted\n")
    assert time.monotonic() - sent < 3
    assert not (tmp_path / "out").exists()


def test_the_compiler_has_its_own_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.stack_size(64 * 1024)
    try:
        load_module(other(10), Limits(), trusted=True)
        assert threading.stack_size() == 64 * 1024
    finally:
        threading.stack_size(before)


def test_the_shipped_module(records_wasm: Path) -> None:
    assert shipped("records") == records_wasm.read_bytes()
    assert shipped("records") is shipped("records")
    loaded = load_module(shipped("records"), Limits(), trusted=True)
    assert loaded.manifest.name == "records"
    # The clock is for those who grant it to a recipe.
    assert loaded.manifest.capabilities == ("log", "clock", "random")
    assert loaded.capabilities == ("log", "random")


def test_a_file_of_the_shipped_module_gets_what_it_gets(records_wasm: Path) -> None:
    with wr.load(records_wasm, config={"jq": 'capture("(?<x>a)(?=b)")'}) as transform:
        assert transform.run(b'"ab"\n').output == b'{"x":"a"}\n'
    assert wr.inspect(records_wasm).refusal is None


def test_a_changed_copy_of_the_shipped_module_is_refused_what_it_wants(records_wasm: Path) -> None:
    with pytest.raises(wr.ModuleError, match="the module wants log and clock and random"):
        wr.load(records_wasm.read_bytes() + section("copy", b""))


def test_a_package_without_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(wr.ModuleError, match="the module nothing is missing in the installed package"):
        shipped("nothing")


@pytest.mark.parametrize(
    "alive",
    [
        "",
        "transform = wr.jq('.'); transform.run(b'1')",
        "items = wr.validate(True).stream([b'1\\n' * 9]); next(items)",
    ],
)
def test_a_process_ends_without_complaint(alive: str, records_wasm: Path) -> None:
    """What is left of wasmtime's objects must go before its own modules do."""
    program = f"import wasmrecords as wr\n{alive}\n"
    environment = os.environ | {"PYTHONPATH": SOURCE}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
