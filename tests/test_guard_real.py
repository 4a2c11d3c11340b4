"""The guard and modules from real compilers: none is refused that the engine takes.

Small sources in ``real_modules/`` are built with the compilers that are here; what is missing is said and
skipped. docs/design.md has the figures of a larger set, measured by hand.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import wasmtime
from example import ROOT, redact

import wasmrecords as wr
from wasmrecords._engine import engine
from wasmrecords._guard import ModuleInfo, read_module, scan

SOURCES = Path(__file__).parent / "real_modules"


def checked(data: bytes) -> ModuleInfo:
    """Accepted by the guard, and by the engine as it is configured."""
    info = scan(data)
    wasmtime.Module.validate(engine(), data)
    assert scan(data, bodies=False) == info
    return info


def run(command: list[str], **environment: str) -> None:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def rust(source: Path, out: Path) -> None:
    """Words without optimising, sums with."""
    toolchain = ROOT / "build_backend" / "toolchain.py"
    looked = subprocess.run([sys.executable, toolchain], capture_output=True, text=True)
    if looked.returncode:
        pytest.skip(f"no Rust here: {looked.stderr.strip()}")
    # Away from the tree, where cargo would write a lock file.
    crate = shutil.copytree(SOURCES, out.parent / "crate")
    what = ["--bin", "words"] if source.stem == "words" else ["--lib", "--release"]
    options = ["--quiet", "--manifest-path", str(crate / "Cargo.toml"), "--target-dir", str(out.parent)]
    run([sys.executable, str(toolchain), "cargo", "build", *what, *options])
    (built,) = out.parent.glob(f"wasm32-wasip1/*/{source.stem}.wasm")
    built.rename(out)


def go(source: Path, out: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("no Go here")
    targets = subprocess.run(["go", "tool", "dist", "list"], capture_output=True, text=True).stdout
    if "wasip1/wasm" not in targets:
        pytest.skip("the Go here is older than 1.21: it builds nothing for wasip1")
    run(["go", "build", "-o", str(out), str(source)], GOOS="wasip1", GOARCH="wasm", GOTOOLCHAIN="local")


@functools.cache
def zig() -> tuple[str, ...]:
    if shutil.which("zig"):
        return ("zig",)
    if importlib.util.find_spec("ziglang"):
        return (sys.executable, "-m", "ziglang")
    pytest.skip("no Zig here, neither the program nor the package ziglang")


def c(source: Path, out: Path) -> None:
    bare = ["-nostdlib", "-Wl,--no-entry", "-O2", "-msimd128", "-ffast-math", "-o", str(out), str(source)]
    if shutil.which("clang") and shutil.which("wasm-ld"):
        run(["clang", "--target=wasm32", *bare])
    else:
        run([*zig(), "cc", "-target", "wasm32-freestanding", *bare])


def zig_library(source: Path, out: Path) -> None:
    options = ["-target", "wasm32-freestanding", "-fno-entry", "-rdynamic", "-O", "ReleaseSmall"]
    run([*zig(), "build-exe", *options, f"-femit-bin={out}", str(source)])


BUILDS: dict[str, tuple[str, Callable[[Path, Path], None], set[str]]] = {
    "a command in Rust": ("words.rs", rust, {"_start"}),
    "a library in Rust": ("sums.rs", rust, {"step", "mixed"}),
    "a command in Go": ("hello.go", go, {"_start"}),
    "a library in C": ("points.c", c, {"apply", "total"}),
    "a library in Zig": ("fib.zig", zig_library, {"fib"}),
}


@pytest.mark.parametrize(("name", "build", "exports"), BUILDS.values(), ids=BUILDS)
def test_a_module_from_a_compiler(
    tmp_path: Path, name: str, build: Callable[[Path, Path], None], exports: set[str]
) -> None:
    out = tmp_path / "built.wasm"
    build(SOURCES / name, out)
    data = out.read_bytes()
    info = checked(data)
    assert info.functions > 0
    assert exports | {"memory"} <= set(info.exports)
    # It is no transform, and that is all that there is against it.
    with pytest.raises(wr.ModuleError, match="the module does not speak the wasmrecords ABI"):
        read_module(data)


def test_the_shipped_module_with_all_its_bodies(records_wasm: Path) -> None:
    assert checked(records_wasm.read_bytes()).abi == 1


def test_the_example() -> None:
    assert checked(redact()).abi == 1
