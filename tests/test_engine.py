"""The engine: one a process, with settings that are off where they must be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import wasmtime
from forks import in_child

import wasmrecords as wr
from wasmrecords import _compiler, _engine

SOURCE = str(Path(wr.__file__).parent.parent)


def compiles(text: str) -> None:
    wasmtime.Module(_engine.engine(), wasmtime.wat2wasm(text))


def test_there_is_one() -> None:
    assert _engine.engine() is _engine.engine()


def test_one_that_counts_fuel_is_another() -> None:
    assert _engine.engine(fuel=True) is _engine.engine(fuel=True) is not _engine.engine()
    assert _engine.settings_key(True) != _engine.settings_key(False)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_compiles_although_its_parent_did_so_on_all_cores() -> None:
    functions = "".join(f'(func (export "f{i}") (result i32) i32.const {i})' for i in range(200))
    module = wasmtime.wat2wasm(f"(module {functions})")
    kept: list[bytearray] = []

    def compiled() -> bool:
        made = _compiler.compile_here(bytes(module), False, kept.append, lambda: None)
        return len(made.exports) == 200 and len(kept[-1]) > 1000

    assert compiled()
    assert in_child(compiled) == 0


@pytest.mark.parametrize(
    "text",
    [
        "(module (memory i64 1))",
        "(module (memory 1) (memory 1))",
        "(module (memory 1 1 shared))",
        "(module (tag))",
        "(module (type (struct)))",
        "(module (type (array i8)))",
        "(module (rec (type (func)) (type (func))))",
        "(module (type $f (func)) (func (param (ref $f))))",
        "(module (func (param anyref)))",
        "(module (func (param exnref)))",
        "(module (func (param externref)))",
        "(module (func (param v128 v128 v128) (result v128) "
        "(f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))))",
        "(module (func (param i64 i64 i64 i64) (result i64 i64) "
        "(i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3))))",
        "(module (memory 1 (pagesize 1)))",
    ],
)
def test_what_is_off(text: str) -> None:
    with pytest.raises(wasmtime.WasmtimeError):
        compiles(text)


@pytest.mark.parametrize(
    "text",
    [
        "(module (func (result i32 i64) (i32.const 1) (i64.const 2)))",
        "(module (func (param v128) (result v128) (i8x16.neg (local.get 0))))",
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1))))",
        "(module (table 1 funcref))",
        "(module (func $f (return_call $f)))",
        "(module (func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0))))",
        "(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))",
    ],
)
def test_what_is_on(text: str) -> None:
    compiles(text)


def test_not_a_number_has_one_pattern_of_bits() -> None:
    module = wasmtime.Module(
        _engine.engine(),
        """(module (func (export "f") (param i32) (result i32)
             (i32.reinterpret_f32 (f32.add (f32.reinterpret_i32 (local.get 0)) (f32.const 1)))))""",
    )
    store = wasmtime.Store(_engine.engine())
    store.set_epoch_deadline(1_000_000)
    function = wasmtime.Instance(store, module, []).exports(store)["f"]
    assert function(store, 0x7FC01234) == function(store, -0x3FEDCC) == 0x7FC00000


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_engine._SETTINGS, "wasm_frobnication", False)
    with pytest.raises(
        wr.WasmRecordsError, match="no setting wasm_frobnication: wasmrecords needs a version"
    ):
        _engine._make(False)


@pytest.mark.parametrize("version", ["46.0.0", "47.0.3", "49.9", "51.0.0", "main", ""])
def test_other_wasmtimes_are_refused(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    with pytest.raises(wr.WasmRecordsError, match="pip install 'wasmtime>=50,<51'"):
        _engine.check_version()


def test_the_installed_wasmtime_is_right() -> None:
    _engine.check_version()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_has_its_own() -> None:
    program = """
import os, sys
from wasmrecords._engine import engine
before = engine()
child = os.fork()
if child == 0:
    os._exit(0 if engine() is not before else 1)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": SOURCE}, timeout=60
    )
    assert done.returncode == 0
