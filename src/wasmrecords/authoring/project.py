"""An author's project: where it is, and how it becomes a module."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import wasmrecords as wr

from . import toolchain
from .sdk import sources, version
from .templates import VENDOR, vendored, write
from .toolchain import TARGET, Toolchain

_AWAY = re.compile(
    r"--offline|offline mode|network|failed to download|failed to fetch|could ?n[o']t (?:resolve|connect)"
    r"|failed to query|download of config\.json failed|timed? ?out|SSL|proxy",
    re.IGNORECASE,
)


class NoProject(LookupError):
    """There is no project here, or it cannot be read. The text says what to do."""


class NoCrates(Exception):
    """Crates that a project needs cannot be had. The text says what to do."""


class NotBuilt(Exception):
    """The compiler refused the code, and has said why, or no host would run what it made of it."""


class Project(NamedTuple):
    """``root`` is the folder of its ``Cargo.toml``, ``name`` that of its package, ``binary`` that of the
    module, ``target`` cargo's folder for what it makes."""

    root: Path
    name: str
    binary: str
    target: Path

    @property
    def module(self) -> Path:
        """Where the finished module goes by itself."""
        return self.root / f"{self.binary}.wasm"


class Built(NamedTuple):
    """A finished module: the file, its size in bytes, the hash of its bytes in hex, what built it, and how
    many seconds that took."""

    path: Path
    size: int
    sha256: str
    compiler: str
    seconds: float


def find(start: Path) -> tuple[Project, Toolchain]:
    """The project of a folder or of the nearest one above it, with what builds it.

    An SDK that is missing in the project is put there. Raises :class:`NoProject`,
    :class:`wasmrecords.authoring.toolchain.NoToolchain`, :class:`wasmrecords.authoring.sdk.NoSdk`.
    """
    here = start.resolve()
    root = next((folder for folder in (here, *here.parents) if (folder / "Cargo.toml").is_file()), None)
    if root is None:
        raise NoProject(
            f"no Cargo.toml in {here} or above it: `wasmrecords new NAME` makes a project, to be built within"
        )
    tools = toolchain.find()
    _bring_sdk(root)
    project = _read(root, tools)
    return project, toolchain.find({str(root): f"/{project.name}", str(project.target): "/target"})


def _bring_sdk(root: Path) -> None:
    """Puts the SDK of this version into a project whose SDK was deleted."""
    manifest = (root / "Cargo.toml").read_text("utf-8", "replace")
    if f'"{VENDOR}/sdk"' in manifest and not (root / VENDOR).exists():
        write(root, vendored(sources()))


def other_sdk(root: Path) -> str | None:
    """What to say about a project whose SDK is of another version than the package; None if it is of the
    same, or not in the project's folder for it."""
    try:
        theirs = version((root / VENDOR / "Cargo.toml").read_bytes())
    except OSError:
        return None
    ours = version(sources()["Cargo.toml"])
    if theirs is None or theirs == ours:
        return None
    return (
        f"{VENDOR} is the SDK of wasmrecords {theirs}, the installed package is {ours}: remove that folder, "
        "and the next build puts in the SDK of the package"
    )


def _read(root: Path, tools: Toolchain) -> Project:
    command = tools.cargo("metadata", "--no-deps", "--format-version", "1")
    done = subprocess.run(command, cwd=root, env=tools.variables(), capture_output=True)
    if done.returncode:
        raise NoProject(done.stderr.decode("utf-8", "replace").strip().removeprefix("error: "))
    said = json.loads(done.stdout)
    manifest = root / "Cargo.toml"
    packages = [p for p in said["packages"] if Path(p["manifest_path"]) == manifest]
    if not packages:
        names = ", ".join(package["name"] for package in said["packages"])
        raise NoProject(f"{manifest} is a workspace, not a package: go into the folder of one of {names}")
    package: dict[str, Any] = packages[0]
    binaries = [target["name"] for target in package["targets"] if "bin" in target["kind"]]
    if package["name"] not in binaries and len(binaries) != 1:
        raise NoProject(
            f"the package {package['name']} has no program of its name: a module is one, and src/main.rs "
            "with `fn main() { wasmrecords::main(); }` makes it"
        )
    binary = package["name"] if package["name"] in binaries else binaries[0]
    return Project(root, package["name"], binary, Path(said["target_directory"]))


def build(
    project: Project, tools: Toolchain, out: Path | None = None, *, debug: bool = False, locked: bool = False
) -> Built:
    """Builds the module and puts it in its place, or ``out``, if a host would run it. What cargo says goes to
    standard error.

    ``locked``: a lock file that would have to change is an error. Raises :class:`NoCrates`,
    :class:`NotBuilt`, :class:`OSError`.
    """
    started = time.perf_counter()
    _fetch(project, tools, locked)
    command = tools.cargo("build", "--bin", project.binary, *(["--locked"] if locked else []))
    if not debug:
        command.append("--release")
    # Its output is none of ours: standard output has what the command says.
    done = subprocess.run(command, cwd=project.root, env=tools.variables(), stdout=subprocess.DEVNULL)
    if done.returncode:
        raise NotBuilt(f"cargo ended with status {done.returncode}: what it says is above")
    made = project.target / TARGET / ("debug" if debug else "release") / f"{project.binary}.wasm"
    content = made.read_bytes()
    path = project.module if out is None else out
    # Before it takes the place of one that works.
    if (why := _refusal(content)) is not None:
        raise NotBuilt(f"{path.name}: no host will run it: {why}")
    put(path, content)
    digest = hashlib.sha256(content).hexdigest()
    return Built(path, len(content), digest, tools.name, time.perf_counter() - started)


def _refusal(module: bytes) -> str | None:
    """Why no host runs a module, None if one does."""
    found = wr.inspect(module)
    if found.refusal is not None:
        return found.refusal
    if not any(section == "wasmrecords.manifest" for section, _ in found.sections) and _is_empty(module):
        return (
            "there is no transform in it, and no function. Put #[transform] before a function of a record, "
            "or #[function] before one that is to be called"
        )
    return None


def _is_empty(module: bytes) -> bool:
    """Whether a module without a manifest has nothing to run, as one of the SDK says when it opens."""
    try:
        wr.load(module).run(b"")
    except wr.WasmRecordsError as error:
        return "this module has no transform" in str(error)
    return False


def _fetch(project: Project, tools: Toolchain, locked: bool) -> None:
    """Apart from the build, so that what is missing is told from what is wrong with the code."""
    colour = "always" if sys.stderr is not None and sys.stderr.isatty() else "never"
    command = tools.cargo("fetch", "--color", colour, "--target", TARGET, *(["--locked"] if locked else []))
    done = subprocess.run(command, cwd=project.root, env=tools.variables(), stderr=subprocess.PIPE)
    if not done.returncode:
        return
    said = done.stderr.decode("utf-8", "replace").strip()
    if locked and "--locked" in said:
        why = "Cargo.lock does not fit Cargo.toml: build once without --locked, and keep the new Cargo.lock"
    elif _AWAY.search(said):
        why = (
            "crates that this project needs are not on this machine, and could not be fetched: see above. "
            "Build once with a network; from then on it works without"
        )
    else:
        why = "cargo cannot make out what this project needs: see above"
    raise NoCrates(f"{said}\n{why}")


def put(path: Path, content: bytes) -> None:
    """A file that appears whole or not at all; a pipe or a device that is there is written to."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(content)
        return
    new = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        new.write_bytes(content)
        new.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None  # the other is no name of the user's
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
