"""``build.sh`` on machines that lack something. The machines are made of a folder that is the whole PATH."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = [
    "awk",
    "bash",
    "cat",
    "cksum",
    "cp",
    "dirname",
    "env",
    "find",
    "head",
    "mkdir",
    "rm",
    "sed",
    "sort",
    "tail",
    "uname",
]

# Answers as a Python of the right version, and as a toolchain that is there; its pip writes a log line.
PYTHON = """#!/bin/sh
case "$*" in
    --version) echo Python 3.11.0 ;;
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"-m pip"*)
        echo "pip $*" >>pip.log
        [ ! -e pip.breaks ] || exit 1
        cp "$0" .venv/bin/wasmrecords ;;
    *base_prefix*) echo stand-in ;;
esac
"""


class Machine:
    """A copy of the build files, and a PATH of which we know every program."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.bin = folder / "bin"
        self.bin.mkdir()
        shutil.copytree(ROOT / "build_backend", self.tree / "build_backend")
        ignored = shutil.ignore_patterns("*.wasm", "__pycache__")
        shutil.copytree(ROOT / "src", self.tree / "src", ignore=ignored)
        shutil.copy(ROOT / "build.sh", self.tree)
        # Debian's toolchain is known by absolute paths, and may be on the machine that runs this test.
        toolchain = self.tree / "src" / "wasmrecords" / "authoring" / "toolchain.py"
        toolchain.write_text(toolchain.read_text().replace('"/usr/', f'"{folder}/usr/'))
        for name in TOOLS:
            self.link(name)

    def link(self, name: str, to: str | None = None) -> None:
        program = to or shutil.which(name)
        assert program, name
        (self.bin / name).symlink_to(program)

    def script(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.tree / "build.sh", *arguments],
            env={"PATH": str(self.bin), "HOME": str(self.tree)} | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With the everyday tools, but neither Python, nor Rust, nor a way to install anything."""
    machine = Machine(tmp_path)
    machine.script("id", "echo 1000")
    return machine


@pytest.fixture
def with_python(machine: Machine) -> Machine:
    """The same with this Python and a C compiler."""
    machine.script("python3", f'exec "{sys.executable}" "$@"')
    machine.script("cc", "exit 0")
    return machine


@pytest.fixture
def complete(machine: Machine) -> Machine:
    """All is there, and installing takes no time."""
    machine.script("python3", PYTHON)
    machine.script("cc", "exit 0")
    (machine.tree / "rust-wasm").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "src/a.py", "rust-wasm/a.rs"):
        (machine.tree / name).write_text("first\n")
    return machine


@pytest.mark.parametrize("arguments", [[], ["help"], ["-h"], ["--help"]])
def test_help_lists_the_commands(machine: Machine, arguments: list[str]) -> None:
    done = machine.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("build", "demo", "test", "check", "clean", "help"):
        assert f"\n  {command} " in done.stdout


def test_an_unknown_command_is_refused(machine: Machine) -> None:
    done = machine.run("biuld")
    assert done.returncode == 1
    assert done.stderr == "error: unknown command: biuld (./build.sh help lists them)\n"


def test_two_commands_are_refused(machine: Machine) -> None:
    done = machine.run("clean", "build")
    assert done.returncode == 1
    assert done.stderr == "error: one command at a time, found: clean build (./build.sh help lists them)\n"


@pytest.mark.parametrize("command", ["build", "demo", "test", "check"])
def test_without_python_one_line_says_what_is_needed(machine: Machine, command: str) -> None:
    done = machine.run(command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: Python 3.11 or newer with the venv module is needed: install it (Debian: python3-venv),"
        " or set PYTHON\n"
    )


def test_a_chosen_python_that_will_not_do_is_named(machine: Machine) -> None:
    machine.script("old", "exit 1")
    done = machine.run("build", PYTHON="old")
    assert done.returncode == 1
    assert done.stderr == "error: PYTHON=old is no Python 3.11 or newer with the venv module\n"


def test_an_old_python3_gives_way_to_a_newer_name(complete: Machine) -> None:
    (complete.bin / "python3").rename(complete.bin / "python3.12")
    complete.script("python3", "exit 1")
    assert complete.run("build").returncode == 0


def test_without_a_linker_one_line_says_what_is_needed(with_python: Machine) -> None:
    (with_python.bin / "cc").unlink()
    done = with_python.run("build")
    assert done.returncode == 1
    assert done.stderr == (
        "error: a C compiler is needed as cargo's linker: install one (Debian: gcc libc6-dev)\n"
    )


def test_without_rust_one_line_says_what_to_run(with_python: Machine) -> None:
    done = with_python.run("build")
    assert done.returncode == 1
    packages = "rustc-web cargo-web rust-web-src wasi-libc lld-22"
    assert done.stderr == (
        "error: no Rust toolchain here builds wasm32-wasip1: install Rust with rustup, then run "
        "`rustup target add wasm32-wasip1`, or on"
        f" Debian 12 `apt-get install --no-install-recommends {packages}`\n"
    )
    assert not (with_python.tree / ".venv").exists()


def test_rustup_is_asked_for_the_target(with_python: Machine) -> None:
    with_python.script("rustup", 'echo "$*" >>rustup.log')
    done = with_python.run("build")
    assert done.stdout == "==> rustup target add wasm32-wasip1\n"
    assert (with_python.tree / "rustup.log").read_text() == "target add wasm32-wasip1\n"


def test_root_on_debian_gets_debian_packages(with_python: Machine) -> None:
    with_python.script("id", "echo 0")
    with_python.script("apt-get", 'echo "$*" >>apt.log')
    done = with_python.run("build")
    assert done.stdout == "==> apt-get install rustc-web cargo-web rust-web-src wasi-libc lld-22\n"
    update, install = (with_python.tree / "apt.log").read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith("rustc-web cargo-web rust-web-src wasi-libc lld-22")


def test_what_has_not_changed_is_not_built_again(complete: Machine) -> None:
    log = complete.tree / "pip.log"
    assert complete.run("build").returncode == 0
    again = complete.run("build")
    assert "==> the package in .venv is up to date\n" in again.stdout
    assert len(log.read_text().splitlines()) == 1

    (complete.tree / "src" / "a.py").write_text("second\n")
    assert complete.run("build").returncode == 0
    (complete.tree / "rust-wasm" / "a.rs").unlink()
    assert complete.run("build").returncode == 0
    assert len(log.read_text().splitlines()) == 3


def test_a_failed_build_says_so_and_is_tried_again(complete: Machine) -> None:
    (complete.tree / "pip.breaks").touch()
    done = complete.run("build")
    assert done.returncode == 1
    assert done.stderr == "error: the build failed: see above\n"

    (complete.tree / "pip.breaks").unlink()
    assert "==> ready: .venv/bin/wasmrecords\n" in complete.run("build").stdout


def test_clean_removes_what_was_made_and_nothing_else(complete: Machine) -> None:
    assert complete.run("build").returncode == 0
    module = complete.tree / "src" / "wasmrecords" / "modules" / "records.wasm"
    module.parent.mkdir(exist_ok=True)
    module.touch()
    (complete.tree / "rust-wasm" / "target").mkdir()
    assert complete.run("clean").returncode == 0
    for gone in (complete.tree / ".venv", complete.tree / "rust-wasm" / "target", module):
        assert not gone.exists()
    for kept in ("src/a.py", "rust-wasm/a.rs", "README.md", "build_backend/backend.py"):
        assert (complete.tree / kept).exists()
