"""``wasmrecords new``: a project from a template."""

from __future__ import annotations

import os
from pathlib import Path

from ..authoring.templates import TEMPLATES, BadName, check_name, project_files, run_line, write
from ._authors import guarded
from ._parser import Parser, UsageError
from ._terminal import Terminal, put


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 if the project is made, 2 if nothing was."""
    parser = Parser("new")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--template", default=next(iter(TEMPLATES)))
    options = parser.read(arguments)
    parser.choice("--template", options.template, tuple(TEMPLATES))
    return guarded(terminal, lambda: _make(options.name, options.template, terminal))


def _make(given: str, template: str, terminal: Terminal) -> int:
    folder, name = Path(given), Path(os.path.abspath(given)).name
    try:
        check_name(name)
    except BadName as error:
        raise UsageError(f"{given}: {error}", None) from None
    files = project_files(name, template)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        terminal.error(f"{folder} is there already; nothing was touched: choose another name, or remove it")
        return 2
    write(folder, files)
    _say(folder, name, template)
    return 0


def _say(folder: Path, name: str, template: str) -> None:
    put(
        f"made {folder}: a project for the module {name}.wasm, from the template {template}\n"
        f"  cd {folder}\n"
        "  wasmrecords test        # runs cases/ through the sandbox\n"
        "  wasmrecords build       # makes the module\n"
        f"  {run_line(name, template)}\n"
        "All that one writes is in src/lib.rs.\n"
    )
