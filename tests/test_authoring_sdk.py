"""The SDK's sources as they travel, and the lock file of a project that uses them."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from wasmrecords.authoring import lock, sdk

ROOT = Path(__file__).parent.parent
MANIFEST = """\
[package]
name = "{name}"
version = "0.1.0"
edition = "2024"

[dependencies]
wasmrecords = {{ path = "sdk-here/sdk" }}
"""


@pytest.fixture(scope="module")
def files() -> sdk.Files:
    if not (ROOT / "rust-wasm").is_dir():
        pytest.skip("the sources of the SDK are not here")
    return sdk.read(ROOT)


def test_all_that_a_build_needs_travels_and_no_more(files: sdk.Files) -> None:
    assert files == sdk.sources()
    for crate in sdk.CRATES:
        assert {f"{crate}/Cargo.toml", f"{crate}/src/lib.rs"} <= set(files)
    assert {path.partition("/")[0] for path in files} == {*sdk.CRATES, "Cargo.toml", "Cargo.lock", "LICENSE"}


def test_the_workspace_says_what_its_crates_inherit(files: sdk.Files) -> None:
    whole = tomllib.loads((ROOT / "rust-wasm" / "Cargo.toml").read_text("utf-8"))
    said = tomllib.loads(files["Cargo.toml"].decode())
    assert set(said) == {"workspace"}
    assert said["workspace"]["members"] == list(sdk.CRATES)
    for table in ("package", "dependencies", "lints"):
        assert said["workspace"][table] == whole["workspace"][table]


@pytest.mark.parametrize("name", ["a", "redact", "zz-last"])
def test_the_lock_file_is_what_cargo_would_write(files: sdk.Files, tmp_path: Path, name: str) -> None:
    """Asked for ``--locked``, cargo refuses one that is not; a new name has its place in the order."""
    for path, content in files.items():
        (tmp_path / "sdk-here" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sdk-here" / path).write_bytes(content)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "lib.rs").touch()
    (tmp_path / "Cargo.toml").write_text(MANIFEST.format(name=name))
    (tmp_path / "Cargo.lock").write_text(lock.lock_file(name, "0.1.0", files))
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_packages_with_two_versions_are_told_apart() -> None:
    """As the real lock file may or may not have them."""
    whole = """version = 4
[[package]]
name = "twice"
version = "1.0.0"
source = "s"
checksum = "c1"
[[package]]
name = "twice"
version = "2.0.0"
source = "s"
checksum = "c2"
[[package]]
name = "user"
version = "0.1.0"
dependencies = ["twice 1.0.0"]
[[package]]
name = "wasmrecords"
version = "0.1.0"
dependencies = ["never", "twice 2.0.0", "user"]
[[package]]
name = "never"
version = "0.1.0"
"""
    manifest = (
        b'[package]\nname = "wasmrecords"\n[dependencies]\ntwice = "2"\nuser = "1"\nnever = {optional=true}\n'
    )
    both = lock.lock_file("p", "0.1.0", {"Cargo.lock": whole.encode(), "sdk/Cargo.toml": manifest})
    found = {p["name"] + p["version"]: p.get("dependencies") for p in tomllib.loads(both)["package"]}
    assert found == {
        "p0.1.0": ["wasmrecords"],
        "twice1.0.0": None,
        "twice2.0.0": None,
        "user0.1.0": ["twice 1.0.0"],
        "wasmrecords0.1.0": ["twice 2.0.0", "user"],
    }
    one = whole.replace('"twice 1.0.0"', '"never"')
    alone = lock.lock_file("p", "0.1.0", {"Cargo.lock": one.encode(), "sdk/Cargo.toml": manifest})
    assert tomllib.loads(alone)["package"][-1]["dependencies"] == ["twice", "user"]
