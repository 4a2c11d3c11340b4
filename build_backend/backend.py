"""PEP 517 backend: maturin builds the WebAssembly modules, this lays out the wheel.

maturin would put a WASI program into the environment's bin/, beside a launcher that hands it the
whole environment: the opposite of a sandbox. It also refuses Python code and console scripts in such
a wheel. So its wheel is only raw material here: what goes out holds the Python package, the .wasm
files inside it, and our console script.

There is no prepare_metadata_for_build_wheel: maturin's metadata lacks the console script, and
front ends would believe it. Without the hook they take the metadata from the wheel.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import layout
import maturin
from toolchain import sdk, toolchain

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "wasmrecords"
MODULES = "wasmrecords/modules"
SDK = "wasmrecords/authoring/sdk"
WORKSPACE = "rust-wasm/Cargo.toml"

Settings = Mapping[str, Any] | None


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """The package with its modules. Returns the wheel's file name."""
    name, metadata, modules = _run_maturin(config_settings)
    files = layout.package_files(PACKAGE)
    files |= {f"{MODULES}/{module}": content for module, content in modules.items()}
    files |= {f"{SDK}/{path}": content for path, content in sdk.read(ROOT).items()}
    layout.write_wheel(Path(wheel_directory, name), files | metadata)
    return name


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """A wheel that points at the source tree; the modules are put into the tree. Returns its file name."""
    name, metadata, modules = _run_maturin(config_settings)
    folder = PACKAGE.parent / MODULES
    folder.mkdir(exist_ok=True)
    for module, content in modules.items():
        (folder / module).write_bytes(content)
    path_file = {"_wasmrecords_editable.pth": f"{PACKAGE.parent}\n".encode()}
    layout.write_wheel(Path(wheel_directory, name), path_file | metadata)
    return name


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """maturin's source distribution with the whole workspace. Returns its file name."""
    _choose_toolchain()
    name = maturin.build_sdist(sdist_directory, config_settings)
    # maturin leaves members out that the modules do not need. But the lock file is one for all of
    # them, and no longer fits what is left.
    layout.replace_in_sdist(Path(sdist_directory, name), WORKSPACE, (ROOT / WORKSPACE).read_bytes())
    return name


def _run_maturin(config_settings: Settings) -> tuple[str, dict[str, bytes], dict[str, bytes]]:
    """The wheel's name, its metadata files with our changes, and the modules by file name."""
    chosen = _choose_toolchain()
    arguments = [*maturin.get_maturin_pep517_args(config_settings), *chosen.arguments]
    with tempfile.TemporaryDirectory() as folder:
        name = maturin.build_wheel(folder, {"maturin.build-args": arguments})
        built = layout.read_wheel(Path(folder, name))
    modules = {path.rpartition("/")[2]: content for path, content in built.items() if path.endswith(".wasm")}
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["wasmrecords"]["scripts"]
    return name, layout.metadata_files(built, scripts, ROOT), modules


def _choose_toolchain() -> toolchain.Toolchain:
    """Sets the environment that maturin and cargo inherit; ends the build with one line if there is none."""
    try:
        chosen = toolchain.find()
    except toolchain.NoToolchain as error:
        sys.exit(f"error: {error}")  # front ends show it as it is, without a traceback
    print(f"{toolchain.TARGET}: {chosen.name}", flush=True)
    # Without a date, the bill of materials gets a random serial number. And the Rust that maturin
    # would download by itself lacks the target.
    os.environ.update(chosen.environment, SOURCE_DATE_EPOCH=layout.EPOCH, MATURIN_NO_INSTALL_RUST="1")
    return chosen
