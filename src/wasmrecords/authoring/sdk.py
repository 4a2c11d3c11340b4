"""The sources of the SDK: in the wheel beside this file, in a checkout in ``rust-wasm``.

They are laid out as a cargo workspace of its own, so that what its crates inherit is found wherever they are
put, and so that no project of an author takes them for its members.
"""

from __future__ import annotations

import importlib.resources
import re
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path

CRATES = ("json", "engine", "sdk", "sdk-macros")
_WORKSPACE = """\
# The crates of the wasmrecords SDK, as the package brings them along. Change nothing here: what comes with
# another version of the package is another folder.
[workspace]
resolver = "3"
members = [{members}]
"""

Files = dict[str, bytes]


class NoSdk(LookupError):
    """The sources are in neither place. The text says what to do."""


def sources() -> Files:
    """The SDK's files by their paths in its folder. Raises :class:`NoSdk`."""
    travelled = importlib.resources.files(__package__) / "sdk"
    if travelled.is_dir():
        return dict(walk(travelled))
    root = Path(__file__).resolve().parents[3]
    if (root / "rust-wasm" / "sdk" / "Cargo.toml").is_file():
        return read(root)
    raise NoSdk("the SDK's sources are missing in the installed package: install it again")


def read(root: Path) -> Files:
    """The same from a checkout of the project: what the wheel is made with."""
    folder = root / "rust-wasm"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for crate in CRATES
        for path in sorted([folder / crate / "Cargo.toml", *(folder / crate / "src").rglob("*.rs")])
    }
    files["Cargo.toml"] = _workspace((folder / "Cargo.toml").read_text("utf-8")).encode()
    files["Cargo.lock"] = (folder / "Cargo.lock").read_bytes()
    files["LICENSE"] = (root / "LICENSE").read_bytes()
    return files


def _workspace(text: str) -> str:
    """The workspace's manifest without other members, and without profiles, which count only at a root."""
    tables = re.findall(r"^\[workspace\.(?:package|dependencies|lints\.\w+)\]\n(?:(?!\[).*\n)*", text, re.M)
    members = ", ".join(f'"{crate}"' for crate in CRATES)
    head = _WORKSPACE.format(members=members)
    return "\n".join([head, *(f"{_without_comments(table)}\n" for table in tables)]).rstrip() + "\n"


def _without_comments(table: str) -> str:
    return "\n".join(line for line in table.splitlines() if line and not line.startswith("#"))


def version(manifest: bytes) -> str | None:
    """The SDK's version, as the ``Cargo.toml`` of its folder has it; None if that does not say one."""
    try:
        said = tomllib.loads(manifest.decode("utf-8"))["workspace"]["package"]["version"]
    except (ValueError, LookupError, TypeError):
        return None
    return said if isinstance(said, str) else None


def walk(folder: Traversable, path: str = "") -> list[tuple[str, bytes]]:
    """The files of a folder of the package, with their paths in it behind ``path``."""
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += walk(entry, f"{path}{entry.name}/")
        elif not entry.name.endswith(".pyc"):
            found.append((f"{path}{entry.name}", entry.read_bytes()))
    return found
