"""The wheel: what is in it, that it is the same bytes twice, and that it works where there is no Rust."""

from __future__ import annotations

import csv
import email
import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Once, RunCli
from projects import environment as kept_crates
from projects import kept

from wasmrecords.authoring import sdk

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "rust-wasm" / "target"
MODULES = "wasmrecords/modules/"


def build(source: Path, output: Path, *kinds: str) -> None:
    """``python -m build`` as a packager runs it, but with the crates that are compiled already."""
    output.mkdir()
    # Would end up in the modules if they could.
    leaks = {"RUSTFLAGS": "-Cdebuginfo=2 -Copt-level=0"}
    done = subprocess.run(
        [sys.executable, "-m", "build", *kinds, "--outdir", output, source],
        env=os.environ | leaks | {"CARGO_TARGET_DIR": str(TARGET)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


@pytest.fixture(scope="module")
def built(once: Once) -> Path:
    """The wheel of this tree."""
    return only(once("wheel", lambda folder: build(ROOT, folder / "dist", "--wheel")) / "dist", "*.whl")


@pytest.fixture
def wheel(built: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(built) as wheel:
        yield wheel


@pytest.fixture
def project() -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def read(wheel: zipfile.ZipFile, name: str) -> str:
    """One of the files in dist-info."""
    (path,) = (path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode()


def test_the_wheel_is_pure(built: Path, wheel: zipfile.ZipFile) -> None:
    assert built.name.endswith("-py3-none-any.whl")
    said = email.message_from_string(read(wheel, "WHEEL"))
    assert (said["Root-Is-Purelib"], said["Tag"]) == ("true", "py3-none-any")


def test_the_wheel_holds_the_package_and_the_modules_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    package = {p.relative_to(source).as_posix() for p in source.glob("wasmrecords/**/*.py")}
    package |= {f"wasmrecords/authoring/sdk/{name}" for name in sdk.read(ROOT)}
    templates = source / "wasmrecords" / "authoring" / "templates"
    package |= {p.relative_to(source).as_posix() for p in templates.rglob("*") if p.is_file()}
    bins = (ROOT / "rust-wasm" / "modules" / "src" / "bin").glob("*.rs")
    assert held == package | {"wasmrecords/py.typed"} | {f"{MODULES}{path.stem}.wasm" for path in bins}
    assert f"{MODULES}records.wasm" in held
    metadata = {name.partition(".dist-info/")[2] for name in wheel.namelist()} - {""}
    bill = "sboms/wasmrecords-modules.cyclonedx.json"
    assert metadata == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", bill}


def test_the_record_names_every_file(wheel: zipfile.ZipFile) -> None:
    rows = list(csv.reader(read(wheel, "RECORD").splitlines()))
    assert [row[0] for row in rows] == wheel.namelist()
    sizes = {info.filename: info.file_size for info in wheel.infolist()}
    assert all(int(size) == sizes[name] for name, _, size in rows[:-1])
    assert rows[-1][1:] == ["", ""]


def test_the_metadata_is_complete(wheel: zipfile.ZipFile, project: dict[str, object]) -> None:
    said = email.message_from_string(read(wheel, "METADATA"))
    cargo = tomllib.loads((ROOT / "rust-wasm" / "Cargo.toml").read_text("utf-8"))
    assert said["Name"] == "wasmrecords"
    assert said["Version"] == cargo["workspace"]["package"]["version"]
    assert said["Summary"] == project["description"]
    assert said["Requires-Python"] == ">=3.11"
    assert (said["License-Expression"], said["License-File"]) == ("MIT", "LICENSE")
    assert said.get_all("Classifier") == project["classifiers"]
    assert said.get_payload().strip() == (ROOT / "README.md").read_text("utf-8").strip()
    required = said.get_all("Requires-Dist") or []
    assert [text for text in required if "extra" not in text] == ["wasmtime>=50,<51", "orjson>=3.10"]
    assert set(said.get_all("Provides-Extra") or []) == {"msgspec", "pydantic", "test"}


def test_the_command_is_declared(wheel: zipfile.ZipFile) -> None:
    assert read(wheel, "entry_points.txt") == "[console_scripts]\nwasmrecords = wasmrecords.cli:main\n"


def test_nothing_tells_of_the_builder(wheel: zipfile.ZipFile) -> None:
    home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    for name in wheel.namelist():
        content = wheel.read(name)
        for path in (str(ROOT), home):
            assert path.encode() not in content, f"{name} holds {path}"


def test_the_bill_of_materials_lists_the_crates(wheel: zipfile.ZipFile) -> None:
    bill = json.loads(read(wheel, "sboms/wasmrecords-modules.cyclonedx.json"))
    assert {"jaq-core", "jsonschema"} <= {component["name"] for component in bill["components"]}


def test_the_imports_of_the_shipped_module_are_pinned(wheel: zipfile.ZipFile) -> None:
    """Each is answered with more than an errno, where its capability is granted. A new one means that a
    dependency wants more of the world: find out why before it is added here."""
    last_words, hashing, now = {"fd_write", "proc_exit"}, {"random_get"}, {"clock_time_get"}
    expected = {f"wasi_snapshot_preview1.{name}" for name in last_words | hashing | now}
    assert imports(wheel.read(f"{MODULES}records.wasm")) == expected


def imports(module: bytes) -> set[str]:
    """``module.name`` of each import, all of which must be functions."""
    at = 8

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = module[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text() -> str:
        nonlocal at
        length = number()
        at += length
        return module[at - length : at].decode()

    names: set[str] = set()
    while at < len(module):
        section = number()
        size = number()
        if section != 2:
            at += size
            continue
        for _ in range(number()):
            names.add(f"{text()}.{text()}")
            assert number() == 0, "an import that is no function"
            number()
    return names


@pytest.mark.slow
def test_the_source_distribution_gives_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """Another folder, and every file new, so that our crates are compiled and linked again."""
    build(ROOT, tmp_path / "sdist", "--sdist")
    with tarfile.open(only(tmp_path / "sdist", "*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    source = only(tmp_path, "wasmrecords-*")
    for path in source.rglob("*.rs"):
        path.touch()
    build(source, tmp_path / "again", "--wheel")
    assert (tmp_path / "again" / built.name).read_bytes() == built.read_bytes()


@pytest.fixture(scope="module")
def no_rust() -> dict[str, str]:
    """An environment in which nothing can be built: a PATH with no compiler on it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PATH": "/nowhere"}


@pytest.fixture(scope="module")
def installed(built: Path, once: Once, no_rust: dict[str, str]) -> Path:
    """The bin folder of a new environment with the wheel in it."""

    def fill(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", built]
        subprocess.run(pip, env=no_rust, check=True)

    return once("installed", fill) / "bin"


@pytest.mark.slow
def test_the_installed_command_knows_its_version(
    installed: Path, no_rust: dict[str, str], built: Path
) -> None:
    done = subprocess.run(
        [installed / "wasmrecords", "--version"], env=no_rust, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"wasmrecords {built.name.split('-')[1]}\n"


@pytest.mark.slow
def test_the_installed_command_finds_its_module(installed: Path, no_rust: dict[str, str]) -> None:
    done = subprocess.run([installed / "wasmrecords", "inspect", "records"], env=no_rust, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"records" in done.stdout


@pytest.mark.slow
def test_the_installed_command_makes_projects_and_builds_them(
    installed: Path, run_cli: RunCli, tmp_path: Path
) -> None:
    """Nothing of this repository is used, and nothing that was compiled before. In another folder the module
    has the same bytes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "CARGO_TARGET_DIR": str(tmp_path / "target")
    }
    here = tmp_path / "a folder"
    here.mkdir()
    for folder, arguments in (
        (here, ["new", "redact"]),
        (here / "redact", ["test"]),
        (here / "redact", ["build", "--locked"]),
        (here / "redact", ["run", "-m", "redact.wasm", "--config", '{"min_age": 21}', "people.ndjson"]),
    ):
        command = [installed / "wasmrecords", *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert done.stdout == '{"id":1,"name":"Ada"}\n{"id":3,"name":"Grace"}\n'
    with kept("filter") as project:
        ended = run_cli("build", "--locked", cwd=project, env=kept_crates(), timeout=1200)
        assert ended.code == 0, ended
        assert (project / "redact.wasm").read_bytes() == (here / "redact" / "redact.wasm").read_bytes()


@pytest.mark.slow
def test_the_installed_command_runs_a_program(installed: Path, no_rust: dict[str, str]) -> None:
    command = [installed / "wasmrecords", "run", "--quiet", "--jq", "{b: .a}"]
    done = subprocess.run(command, env=no_rust, input=b'{"a": 1.0}\n', capture_output=True)
    assert (done.returncode, done.stdout) == (0, b'{"b":1.0}\n')
