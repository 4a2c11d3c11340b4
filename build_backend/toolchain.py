"""Finds a Rust toolchain that builds wasm32-wasip1, and the environment that it needs.

    python build_backend/toolchain.py              its name, or one line that says how to get one
    python build_backend/toolchain.py cargo ...    run cargo with it, for wasm32-wasip1
    python build_backend/toolchain.py packages     the Debian packages that make one

Every build of a module goes through here, so that all of them use the same flags. How it is done stands in
the package, since `wasmrecords build` does the same for the modules of authors.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
sys.path.insert(0, str(SOURCE))

from wasmrecords.authoring import sdk, toolchain  # noqa: E402  found by the line above

__all__ = ["sdk", "toolchain"]


def main(arguments: list[str]) -> int:
    """The command line in the module's docstring."""
    if arguments == ["packages"]:
        print(*toolchain.DEBIAN_PACKAGES)
        return 0
    if arguments and arguments[0] != "cargo":
        print(__doc__, file=sys.stderr)
        return 2
    try:
        found = toolchain.find()
    except toolchain.NoToolchain as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not arguments:
        print(f"{toolchain.TARGET}: {found.name}")
        return 0
    return subprocess.run(found.cargo(*arguments[1:]), env=found.variables()).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
