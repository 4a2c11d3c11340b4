"""Finds a Rust toolchain that builds wasm32-wasip1, and the environment that it needs.

Every build of a module goes through here, so that all of them use the same flags: the one of the package
itself (``build_backend``) and those of authors.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TARGET = "wasm32-wasip1"
DEBIAN_PACKAGES = ("rustc-web", "cargo-web", "rust-web-src", "wasi-libc", "lld-22")

# They stand in `.cargo/config.toml` as well, of the templates and of `rust-wasm`, for cargo alone.
FLAGS = (
    "-Ctarget-feature=+simd128",
    # Numbers that the linker fills in take as many bytes as they need, and not five. It refuses that beside
    # what is there for debuggers; the names of functions stay, where the profile does not strip them.
    "-Clink-arg=--strip-debug",
    "-Clink-arg=--compress-relocations",
)

_DEBIAN_CARGO = Path("/usr/bin/cargo")
_DEBIAN_RUSTC = Path("/usr/bin/rustc")
_DEBIAN_STD = Path("/usr/lib/rustlib/src/rust/library/std")
_DEBIAN_LIBC = Path("/usr/lib/wasm32-wasi")


class NoToolchain(LookupError):
    """Nothing here builds wasm32-wasip1. The text says what to run."""


@dataclass(frozen=True)
class Toolchain:
    """What to call it, what to set for cargo, and what to add to cargo's arguments."""

    name: str
    environment: dict[str, str]
    arguments: list[str] = field(default_factory=list)

    def variables(self) -> dict[str, str]:
        """All of the environment for cargo."""
        return os.environ | self.environment

    def cargo(self, *arguments: str) -> list[str]:
        """A command line for it: our arguments come before a possible ``--``, behind which they are no longer
        cargo's."""
        return [self.variables().get("CARGO", "cargo"), *arguments[:1], *self.arguments, *arguments[1:]]


def find(renamed: Mapping[str, str] | None = None) -> Toolchain:
    """The toolchain on the PATH if it has the target, else Debian's with a standard library from source.

    ``renamed`` are folders of this machine and what they are called in the texts of a module.
    Raises :class:`NoToolchain`.
    """
    rustc = os.environ.get("RUSTC", "rustc")
    if shutil.which(os.environ.get("CARGO", "cargo")) and _has_target(rustc):
        return Toolchain(_first_line(rustc, "--version"), _environment(renamed))
    linker = _debian_linker()
    if linker and _DEBIAN_CARGO.exists() and _DEBIAN_STD.is_dir() and (_DEBIAN_LIBC / "libc.a").exists():
        return _debian(linker, renamed)
    first = "" if shutil.which("rustup") else "install Rust with rustup, then "
    raise NoToolchain(
        f"no Rust toolchain here builds {TARGET}: {first}run `rustup target add {TARGET}`, or on Debian 12 "
        f"`apt-get install --no-install-recommends {' '.join(DEBIAN_PACKAGES)}`"
    )


def _has_target(rustc: str) -> bool:
    # rustc names the folder whether or not the target is installed.
    folder = _first_line(rustc, "--print", "target-libdir", "--target", TARGET)
    return bool(folder) and any(Path(folder).glob("libstd-*.rlib"))


def _debian(linker: Path, renamed: Mapping[str, str] | None) -> Toolchain:
    """Debian has no standard library for this target, but its sources and a C library: it is built, once."""
    flags = [
        "-Clink-self-contained=no",
        f"-Lnative={_DEBIAN_LIBC}",
        f"-Clink-arg={_DEBIAN_LIBC}/crt1-command.o",
    ]
    environment = _environment(renamed, flags) | {
        "CARGO": str(_DEBIAN_CARGO),
        "RUSTC": str(_DEBIAN_RUSTC),
        "RUSTC_BOOTSTRAP": "1",  # -Zbuild-std is refused without it
        "CARGO_TARGET_WASM32_WASIP1_LINKER": str(linker),
    }
    name = _first_line(str(_DEBIAN_RUSTC), "--version")
    return Toolchain(f"{name}, standard library from source", environment, ["-Zbuild-std=std,panic_abort"])


def _debian_linker() -> Path | None:
    """The newest wasm-ld. An older one than the compiler's LLVM may not read its object files."""
    versions = {p: p.name.removeprefix("wasm-ld-") for p in Path("/usr/bin").glob("wasm-ld-*")}
    numbered = {int(version): path for path, version in versions.items() if version.isdigit()}
    return numbered[max(numbered)] if numbered else None


def _environment(renamed: Mapping[str, str] | None, more_flags: list[str] | None = None) -> dict[str, str]:
    cargo_home = os.path.abspath(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    # No path of the builder in panic texts.
    folders = {cargo_home: "/cargo"} | dict(renamed or {})
    flags = [
        *FLAGS,
        *(f"--remap-path-prefix={folder}={name}" for folder, name in folders.items()),
        *(more_flags or []),
    ]
    return {
        "CARGO_BUILD_TARGET": TARGET,  # maturin does not read build.target of cargo's own configuration
        # Beats RUSTFLAGS and cargo's configuration: what a builder set for other programs stays out.
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
    }


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.partition("\n")[0].strip()
