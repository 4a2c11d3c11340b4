"""``wasmrecords new``: what it makes, and what it refuses."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from conftest import RunCli

from wasmrecords.authoring import sdk, toolchain
from wasmrecords.authoring.templates import TEMPLATES, BadName, check_name, project_files


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_project_is_whole(run_cli: RunCli, tmp_path: Path, template: str) -> None:
    ended = run_cli("new", "in/my-filter", "--template", template)
    assert (ended.code, ended.err) == (0, "")
    folder = tmp_path / "in" / "my-filter"
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {"Cargo.toml", "Cargo.lock", "README.md", ".gitignore", "src/lib.rs", "src/main.rs"} <= found
    assert found == set(project_files("my-filter", template))
    cases = {path for path in found if path.startswith("cases/")}
    inputs = {path for path in cases if path.endswith(".input")}
    assert inputs
    for path in inputs:
        assert path.replace(".input", ".expected") in cases
    manifest = tomllib.loads((folder / "Cargo.toml").read_text("utf-8"))
    assert manifest["package"]["name"] == "my-filter"
    assert (folder / manifest["dependencies"]["wasmrecords"]["path"] / "src" / "lib.rs").exists()
    texts = [folder / path for path in found if not path.startswith("vendor/")]
    assert not [path for path in texts if re.search(r"@\w+@", path.read_text("utf-8"))]
    assert "use my_filter as _;" in (folder / "src" / "main.rs").read_text("utf-8")
    # The next steps are said, and the last of them has its input.
    said = ended.out.decode()
    assert "\n  cd in/my-filter\n  wasmrecords test " in said
    run = said.splitlines()[-2]
    assert "my-filter.wasm" in run
    assert template == "functions" or (folder / run.split()[-1]).exists()
    assert run.strip() in (folder / "README.md").read_text("utf-8")


def test_the_sdk_is_that_of_the_package(run_cli: RunCli, tmp_path: Path) -> None:
    assert run_cli("new", "redact").code == 0
    vendor = tmp_path / "redact" / "vendor" / "wasmrecords"
    assert {p.relative_to(vendor).as_posix(): p.read_bytes() for p in vendor.rglob("*") if p.is_file()} == (
        sdk.sources()
    )


def test_cargo_alone_has_the_flags_of_build() -> None:
    root = Path(__file__).resolve().parent.parent
    for text in (
        project_files("redact", "filter")[".cargo/config.toml"].decode(),
        (root / "rust-wasm" / ".cargo" / "config.toml").read_text("utf-8"),
    ):
        assert tomllib.loads(text)["target"] == {toolchain.TARGET: {"rustflags": list(toolchain.FLAGS)}}


@pytest.mark.parametrize("template", TEMPLATES)
def test_cargo_takes_manifest_and_lock_file_as_they_are(
    run_cli: RunCli, tmp_path: Path, template: str
) -> None:
    assert run_cli("new", "redact", "--template", template).code == 0
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    done = subprocess.run(command, cwd=tmp_path / "redact", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_exists_is_not_touched(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "redact").mkdir()
    ended = run_cli("new", "redact")
    assert (ended.code, ended.out) == (2, b"")
    assert "error: redact is there already; nothing was touched: choose another name, or remove" in ended.err
    assert list((tmp_path / "redact").iterdir()) == []
    (tmp_path / "file").write_text("mine")
    assert run_cli("new", "file").code == 2
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Redact", "expected a name of a-z, 0-9, - and _ that begins with a letter, as 'redact'"),
        ("my filter", "as 'my-filter'"),
        ("9lives", "as 'lives'"),
        ("é", "expected a name"),
        ("match", "the name match is taken, by Rust, cargo or the SDK: choose another, as 'my-match'"),
        ("proc-macro", "is taken"),
        ("wasmrecords", "is taken"),
        ("deps", "is taken"),
        ("a" * 65, "at most 64 characters"),
    ],
)
def test_names_that_cannot_be(name: str, message: str) -> None:
    with pytest.raises(BadName, match=re.escape(message)):
        check_name(name)


def test_what_cannot_be_made_is_said(run_cli: RunCli, tmp_path: Path) -> None:
    for arguments, words in (
        (["new"], "NAME is missing"),
        (["new", "Bad Name"], "Bad Name: expected a name of a-z"),
        (["new", "a", "--template", "flatmap"], "unknown value 'flatmap'; did you mean flat-map?"),
    ):
        ended = run_cli(*arguments)
        assert ended.code == 2
        assert words in ended.err
    (tmp_path / "file").touch()
    ended = run_cli("new", "file/redact")
    assert ended.code == 3
    assert "file/redact: " in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_was_removed_under_the_command(run_cli: RunCli, command: list[str]) -> None:
    start = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh", *command]
    ended = run_cli("new", "x", command=start)
    assert (ended.code, ended.err) == (3, "wasmrecords: error: No such file or directory\n")
