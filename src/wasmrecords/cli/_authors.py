"""What the commands for authors share: the project here, and how failures of machine and project are said."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from ..authoring.project import Built, NoCrates, NoProject, NotBuilt, Project, build, find, other_sdk
from ..authoring.sdk import NoSdk
from ..authoring.toolchain import NoToolchain, Toolchain
from ._terminal import Terminal

REFUSED = (NoToolchain, NoProject, NoSdk, NoCrates)
"""Nothing could be tried: exit status 2."""


def guarded(terminal: Terminal, work: Callable[[], int]) -> int:
    """The exit status of ``work``; what it raises for the machine or the project is said in words."""
    try:
        return work()
    except REFUSED as error:
        terminal.error(str(error))
        return 2
    except NotBuilt as error:
        terminal.error(str(error))
        return 1
    except BrokenPipeError:  # whoever reads what we say has all of it that they want
        raise
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        terminal.error(f"{name}{error.strerror or error}")
        return 3
    except subprocess.SubprocessError as error:
        terminal.error(str(error))
        return 3


def project_here(terminal: Terminal) -> tuple[Project, Toolchain]:
    """The project of this folder, and what builds it. Raises what :func:`guarded` says in words."""
    project, tools = find(Path())
    if (note := other_sdk(project.root)) is not None:
        terminal.say(f"wasmrecords: {note}")
    return project, tools


def built(terminal: Terminal, out: Path | None = None, *, debug: bool = False, locked: bool = False) -> Built:
    """The module of the project in this folder, built. Raises what :func:`guarded` says in words."""
    project, tools = project_here(terminal)
    return build(project, tools, out, debug=debug, locked=locked)


def nearby(path: Path) -> str:
    """A file as one would name it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
