"""The example modules in Rust, built as their authors would build them."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


EXAMPLES = ("events", "functions", "order-lines", "payments", "redact", "seed", "windows")
SMALL = "seed"
"""The one that is built without the fast engine."""


@functools.cache
def _built() -> str:
    """Builds all of them; why that cannot be done here, or nothing."""
    toolchain = ROOT / "build_backend" / "toolchain.py"
    if not toolchain.exists():
        return "the sources of the examples are not here"
    looked = subprocess.run([sys.executable, toolchain], capture_output=True, text=True)
    if looked.returncode:
        return looked.stderr.strip()
    arguments = ["cargo", "build", "--quiet", "--locked", "--profile=author"]
    # Beside others cargo would give it all features that one of them wants.
    for names in ([SMALL], [name for name in EXAMPLES if name != SMALL]):
        packages = [f"--package={name}" for name in names]
        subprocess.run([sys.executable, toolchain, *arguments, *packages], cwd=ROOT / "rust-wasm", check=True)
    return ""


def example(name: str) -> bytes:
    """``rust-wasm/examples/NAME`` as a module. Skips the test where nothing here can build it."""
    if reason := _built():
        pytest.skip(f"the examples cannot be built: {reason}")
    return (ROOT / f"rust-wasm/target/wasm32-wasip1/author/{name}.wasm").read_bytes()


def redact() -> bytes:
    """The example without the macros."""
    return example("redact")


def seed() -> bytes:
    """A transform of typed records, and a function."""
    return example("seed")


def of_all_kinds() -> bytes:
    """Functions, one for each type that can cross."""
    return example("functions")


WASMTIME = """
import sys, wasmtime
engine = wasmtime.Engine()
store, linker, config = wasmtime.Store(engine), wasmtime.Linker(engine), wasmtime.WasiConfig()
linker.define_wasi()
config.argv = sys.argv[1:]
config.inherit_stdin(), config.inherit_stdout(), config.inherit_stderr()
store.set_wasi(config)
try:
    linker.instantiate(store, wasmtime.Module.from_file(engine, sys.argv[1])).exports(store)["_start"](store)
except wasmtime.ExitTrap as ended:
    sys.exit(ended.code)
"""


def wasmtime_host() -> list[str]:
    """What runs a module as a WASI command: its file and words follow."""
    return [sys.executable, "-c", WASMTIME]
