"""The example module in Rust, built as its author would build it."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@functools.cache
def _built() -> tuple[bytes, str]:
    """The module's bytes, or none and the reason."""
    toolchain = ROOT / "build_backend" / "toolchain.py"
    if not toolchain.exists():
        return b"", "the sources of the example are not here"
    looked = subprocess.run([sys.executable, toolchain], capture_output=True, text=True)
    if looked.returncode:
        return b"", looked.stderr.strip()
    arguments = ["build", "--quiet", "--locked", "--release", "--package", "redact"]
    subprocess.run([sys.executable, toolchain, "cargo", *arguments], cwd=ROOT / "rust-wasm", check=True)
    return (ROOT / "rust-wasm/target/wasm32-wasip1/release/redact.wasm").read_bytes(), ""


def redact() -> bytes:
    """``rust-wasm/examples/redact`` as a module. Skips the test where nothing here can build it."""
    module, reason = _built()
    if not module:
        pytest.skip(f"the example cannot be built: {reason}")
    return module
