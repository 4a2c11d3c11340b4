"""The command line: reads arguments, calls the public package, says what happened.

Exit status of every command:

    0    done, and no record failed
    1    done, and some records failed: each is a dead letter
    2    refused before anything was written: usage, an input or output, program, schema, config or module
    3    could not finish: input or output broke, a limit on the whole run, a module that cannot go on
    130  interrupted (143 by SIGTERM)

When the reader of a pipe leaves early, as ``| head`` does, the command ends quietly with 0, or with 1 if it
runs records and one had failed by then: the reader has all it asked for.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence

from ._terminal import NotPrinted, Terminal, open_standard_descriptors

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line, ``sys.argv`` by default, and returns its exit status."""
    try:
        return _status(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:  # one more, while the command was ending
        return 130
    finally:
        if argv is None:
            _end_by_signals()
        gc.enable()


def _status(argv: list[str]) -> int:
    gc.disable()  # a start makes things that stay: to look through them again and again takes 20 ms
    open_standard_descriptors()
    terminal = Terminal()
    try:
        return _dispatch(argv, terminal)
    except KeyboardInterrupt:
        terminal.error("interrupted")
        return 130
    except BrokenPipeError:
        return 0
    except NotPrinted as error:
        terminal.error(f"cannot write standard output: {error}")
        return 3
    except MemoryError:
        terminal.error("out of memory")
        return 3
    except Exception as error:  # noqa: BLE001  a bug of ours: one line, the traceback for whoever asks
        return _bug(error, terminal)


def _end_by_signals() -> None:
    """The command is done: from now on a signal just ends the process. An exception out of a handler would
    find nobody who takes it, and Python would show where it came from."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if callable(signal.getsignal(number)):  # who started us may have it ignored
            signal.signal(number, signal.SIG_DFL)


def _dispatch(argv: list[str], terminal: Terminal) -> int:
    from importlib import import_module

    from ._parser import UsageError, command_of

    try:
        command, arguments = command_of(argv)
        # Each command is a file of its own, imported only when it runs: a start must be quick.
        file = import_module("._help" if command == "help" else f".{command}", __name__)
        status: int = file.main(arguments, terminal)
        return status
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
