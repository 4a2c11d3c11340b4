"""The command line: reads arguments, calls the public package, says what happened.

Exit status of every command:

    0    done, and no record failed
    1    done, and some records failed: each is a dead letter
    2    refused before anything was written: usage, an input or output, program, schema, config or module
    3    could not finish: input or output broke, a limit on the whole run, a module that cannot go on
    130  interrupted (143 by SIGTERM)

When the reader of a pipe leaves early, as ``| head`` does, the run ends quietly with 0, or 1 if a record had
failed by then: the reader has all it asked for.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from ._terminal import Terminal, open_standard_descriptors

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line, ``sys.argv`` by default, and returns its exit status."""
    gc.disable()  # a start makes things that stay: to look through them again and again takes 20 ms
    open_standard_descriptors()
    terminal = Terminal()
    try:
        return _dispatch(list(sys.argv[1:] if argv is None else argv), terminal)
    except KeyboardInterrupt:
        terminal.error("interrupted")
        return 130
    except BrokenPipeError:
        return 0
    except MemoryError:
        terminal.error("out of memory")
        return 3
    except Exception as error:  # noqa: BLE001  a bug of ours: one line, the traceback for whoever asks
        return _bug(error, terminal)
    finally:
        gc.enable()
        _flush()


def _dispatch(argv: list[str], terminal: Terminal) -> int:
    from ._parser import AUTHORS, UsageError, command_of

    try:
        command, arguments = command_of(argv)
        if command == "run":  # imported by need: a start must be quick
            from . import run

            return run.main(arguments, terminal)
        if command == "explain":
            from . import explain

            return explain.main(arguments, terminal)
        if command == "schema":
            from . import schema

            return schema.main(arguments, terminal)
        if command == "inspect":
            from . import inspect

            return inspect.main(arguments, terminal)
        if command == "manifest":
            from . import manifest

            return manifest.main(arguments, terminal)
        if command == "cache":
            from . import cache

            return cache.main(arguments, terminal)
        if command in AUTHORS:
            from importlib import import_module

            status: int = import_module(f".{command}", __name__).main(arguments, terminal)
            return status
        from . import _help

        return _help.main(arguments, terminal)
    except UsageError as error:
        terminal.error(str(error))
        if error.command is not None:
            terminal.say(f"See: wasmrecords {f'{error.command} ' if error.command else ''}--help")
        return 2


def _bug(error: Exception, terminal: Terminal) -> int:
    words = " ".join(f"{type(error).__name__}: {error}".split())
    if os.environ.get("WASMRECORDS_TRACEBACK"):
        import traceback

        terminal.say(traceback.format_exc().rstrip())
        terminal.error(f"this is a bug in wasmrecords: {words}")
    else:
        terminal.error(
            f"this is a bug in wasmrecords: {words}; WASMRECORDS_TRACEBACK=1 shows where, please report it"
        )
    return 3


def _flush() -> None:
    """Flushes what was printed; if its reader has left, Python must not stumble over that at exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
