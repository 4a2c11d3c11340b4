"""Python processes of our own, beside the one that the user has: started with as little as they need.

They get no environment but what the system's loader wants, no site-packages but the folders in which this
package and wasmtime lie, and a session of their own, so that a Ctrl-C is their parent's to handle.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from ._errors import WasmRecordsError

# What a Python, its libraries or Windows itself may not start without.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
# Why a system starts no program where another one would do.
_NO_PROGRAM = (errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOEXEC)
_START = (
    "import sys; sys.path += sys.argv[1].splitlines(); "
    "from wasmrecords.{file} import main; main(sys.argv[2:])"
)


def start_child(
    file: str, arguments: Collection[str], *, purpose: str, descriptors: Collection[int] = ()
) -> subprocess.Popen[bytes]:
    """Starts a Python that calls ``main(arguments)`` of one of our files, with pipes to talk through, and
    ``descriptors`` that it inherits under their numbers.

    Raises :class:`WasmRecordsError` where no process can be started, with ``purpose`` in its text.
    """
    import wasmtime

    folders = dict.fromkeys(str(Path(path).absolute().parents[1]) for path in (__file__, wasmtime.__file__))
    program = _START.format(file=file)
    command = [sys.executable, "-I", "-S", "-B", "-c", program, "\n".join(folders), *arguments]
    if not sys.executable or getattr(sys, "frozen", False):
        found = "a frozen program" if sys.executable else "nothing"
        raise cannot_start(purpose, f"sys.executable is {found}, not a Python", lacking=True)
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
            pass_fds=tuple(descriptors),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        lacking = isinstance(error, OSError) and error.errno in _NO_PROGRAM
        raise cannot_start(purpose, str(error), lacking=lacking) from None


def lacks_package(status: int, words: bytes | bytearray) -> bool:
    """Whether a child with this exit status and these words on standard error was a Python without this
    package: its traceback has no function of ours."""
    return status > 0 and b", in main\n" not in words


def cannot_start(purpose: str, why: str, *, lacking: bool = False) -> WasmRecordsError:
    """The error where no child can be started. ``lacking`` says that another Python could start one."""
    advice = "; set sys.executable to a Python that has wasmrecords and wasmtime" if lacking else ""
    return WasmRecordsError(f"{purpose}, and none can be started here: {why}{advice}")


def end(process: subprocess.Popen[bytes]) -> int:
    """Kills a child if it still lives, and reaps it: its exit status, negative for a signal's number."""
    process.kill()
    status = process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return status


def signal_name(status: int) -> str:
    """``SIGKILL`` for -9; for what is no signal, the status in words."""
    import signal

    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}" if status < 0 else f"status {status}"
