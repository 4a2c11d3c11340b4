"""Projects of authors, made and built as they would do it; what was built once is kept beside the crates."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wasmrecords.authoring import templates, toolchain

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "rust-wasm" / "target" / "authors"


def require_toolchain() -> None:
    """Skips the test where nothing here can build a module."""
    try:
        toolchain.find()
    except toolchain.NoToolchain as error:
        pytest.skip(f"no module can be built: {error}")


def environment() -> dict[str, str]:
    """What a build needs to find the crates that are compiled already."""
    return {"CARGO_TARGET_DIR": str(TARGET / "target")}


@contextmanager
def kept(template: str) -> Iterator[Path]:
    """A project of which only those files are written that have changed, so that cargo finds its work done.
    One test process at a time has it. All templates but the first have one folder: in each folder the SDK is
    compiled anew."""
    require_toolchain()
    TARGET.mkdir(parents=True, exist_ok=True)
    with open(TARGET / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = TARGET / ("filter" if template == "filter" else "others") / "redact"
        files = templates.project_files("redact", template)
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            name = path.relative_to(folder).as_posix()
            if files.get(name) == path.read_bytes():
                del files[name]
            elif name not in files:
                path.unlink()
        templates.write(folder, files)
        yield folder


def copied(project: Path, folder: Path) -> Path:
    """The same project elsewhere."""
    return Path(shutil.copytree(project, folder / project.name))
