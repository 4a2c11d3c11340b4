"""``wasmrecords build``: the module of the project in this folder."""

from __future__ import annotations

import os
from pathlib import Path

from ._authors import built, guarded, nearby
from ._parser import Parser, UsageError
from ._terminal import Terminal, put


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command; its exit status: 0 built, 1 the code is refused, 2 nothing could be tried."""
    parser = Parser("build")
    parser.add_argument("-o", dest="out")
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--locked", action="store_true")
    options = parser.read(arguments)
    out = None if options.out is None else _file(options.out)
    return guarded(terminal, lambda: _build(out, options.debug, options.locked, terminal))


def _build(out: Path | None, debug: bool, locked: bool, terminal: Terminal) -> int:
    made = built(terminal, out, debug=debug, locked=locked)
    name = nearby(made.path)
    put(f"{name}: {made.size:,} bytes, sha256 {made.sha256}\n")
    terminal.say(f"built in {made.seconds:,.1f} s by {made.compiler}")
    return 0


def _file(name: str) -> Path:
    """Where the module is to go: a file in a folder that is there. Before minutes go into a build."""
    path = Path(name)
    if not name or name.endswith(("/", os.sep)) or path.is_dir():
        example = os.path.join(name, "redact.wasm") if name else "redact.wasm"
        raise UsageError(f"-o: expected a file, found a folder: {name!r}; for example -o {example}", "build")
    if not path.parent.is_dir():
        raise UsageError(f"-o: there is no folder {path.parent}", "build")
    return path
