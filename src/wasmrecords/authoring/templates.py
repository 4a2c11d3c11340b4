"""What `wasmrecords new` writes: a project from a template, with the SDK's sources in it."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from . import sdk
from .lock import lock_file
from .sdk import Files

VENDOR = "vendor/wasmrecords"
VERSION = "0.1.0"
_LONGEST_NAME = 64


class Template(NamedTuple):
    """``about`` is the description of its package, ``run`` a command that shows the module at work."""

    about: str
    run: str


_RUN = "wasmrecords run -m @name@.wasm"

TEMPLATES = {
    "filter": Template("Adults, with their names", f"{_RUN} --config '{{\"min_age\": 21}}' people.ndjson"),
    "map": Template("Readings in Celsius", f"{_RUN} readings.ndjson"),
    "flat-map": Template("The lines of orders", f"{_RUN} orders.ndjson"),
    "aggregate": Template("The totals of all articles", f"{_RUN} sales.ndjson"),
    "functions": Template(
        "Functions for Python",
        "python3 -c \"import wasmrecords as wr; print(wr.functions('@name@.wasm').multiply(6, 7))\"",
    ),
}
"""By name; the first one is the default."""

# Names that a crate cannot have: those of the language, of its own crates, of cargo's folders, and ours.
_WORDS = """
    abstract alloc as async await become box break build const continue core crate deps do dyn else enum
    examples extern false final fn for gen if impl in incremental let loop macro main match mod move mut
    override priv proc-macro proc_macro pub ref return self static std struct super test trait true try
    type typeof union unsafe unsized use virtual wasmrecords wasmrecords-engine wasmrecords-json
    wasmrecords-macros where while yield
"""
_TAKEN = frozenset(_WORDS.split())


class BadName(ValueError):
    """No package can be called so; the text says why."""


def check_name(name: str) -> None:
    """Raises :class:`BadName` for what cannot be the name of a package."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name, re.ASCII):
        near = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_0123456789")
        hint = f", as {near!r}" if near and near not in _TAKEN else ""
        raise BadName(f"expected a name of a-z, 0-9, - and _ that begins with a letter{hint}")
    if len(name) > _LONGEST_NAME:
        raise BadName(f"expected a name of at most {_LONGEST_NAME} characters")
    if name in _TAKEN or name.replace("-", "_") in _TAKEN:
        raise BadName(f"the name {name} is taken, by Rust, cargo or the SDK: choose another, as 'my-{name}'")


def project_files(name: str, template: str) -> Files:
    """All files of a new project, by their paths in it. Raises :class:`wasmrecords.authoring.sdk.NoSdk`."""
    source = sdk.sources()
    words = {
        "@name@": name,
        "@crate@": name.replace("-", "_"),
        "@about@": TEMPLATES[template].about,
        "@run@": run_line(name, template),
    }
    files: Files = {}
    for folder in ("common", template):
        files |= _filled(importlib.resources.files(__package__) / "templates" / folder, words)
    # They have no dots here, so that they say nothing of this project.
    files[".gitignore"] = files.pop("gitignore")
    files[".cargo/config.toml"] = files.pop("cargo-config.toml")
    files["Cargo.lock"] = lock_file(name, VERSION, source).encode()
    return files | vendored(source)


def run_line(name: str, template: str) -> str:
    """The command that shows the module at work."""
    return TEMPLATES[template].run.replace("@name@", name)


def vendored(source: Files) -> Files:
    """The SDK's files where a project has them."""
    return {f"{VENDOR}/{path}": content for path, content in source.items()}


def write(folder: Path, files: Files) -> None:
    """Writes files into a folder, which may be there. Raises :class:`OSError`."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _filled(folder: Traversable, words: Mapping[str, str]) -> Files:
    filled: Files = {}
    for path, content in sdk.walk(folder):
        text = content.decode()
        for word, meaning in words.items():
            text = text.replace(word, meaning)
        filled[path] = text.encode()
    return filled
