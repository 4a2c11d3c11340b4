"""The process that compiles a stranger's module: it is jailed before it reads the first byte of it.

Its parent is _compiler. On standard input comes the module; on standard output go ``R`` once all is
ready, and one answer: a letter, the length of what follows in 8 bytes, and this.

C  compiled code      I  why the module is not valid      M  there was not enough memory
"""

from __future__ import annotations

import os
import sys
import threading

import wasmtime

from ._engine import engine
from ._jail import available, end_with_parent, enter

_STACK = 8 * 1024 * 1024
_NO_MEMORY = ("os error 12", "Cannot allocate memory")


def main(arguments: list[str]) -> None:
    """``[the parent's number, the module's size, bytes of memory, seconds, 1 to count fuel]``."""
    parent, size, memory = map(int, arguments[:3])
    end_with_parent()
    if hasattr(os, "getppid") and os.getppid() != parent:
        os._exit(1)  # it ended before it could be watched
    work = (size, memory, float(arguments[3]), arguments[4] == "1")
    if not _main_stack():
        # This thread's stack is what the system gave it, and the compiler recurses.
        threading.stack_size(_STACK)
        thread = threading.Thread(target=_work, args=work)
        thread.start()
        thread.join()
    else:
        _work(*work)
    # What is left has nothing to say, and the jail is no place to tidy up in.
    os._exit(0)


def _main_stack() -> bool:
    """Makes room on this thread's stack, if it is one that grows."""
    if sys.platform != "linux":
        return False
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if soft != resource.RLIM_INFINITY and soft < _STACK:
        if hard != resource.RLIM_INFINITY and hard < _STACK:
            return False
        resource.setrlimit(resource.RLIMIT_STACK, (_STACK, hard))
    return True


def _work(size: int, memory: int, cpu: float, fuel: bool) -> None:
    made = engine(fuel)
    # Compiled code is mapped as what can run, though it never runs here.
    enter(available(), memory=memory, cpu=cpu, executable=True)
    os.write(1, b"R")
    try:
        code = wasmtime.Module(made, _read(size)).serialize()
    except wasmtime.WasmtimeError as error:
        text = str(error)
        full = any(words in text for words in _NO_MEMORY)
        _answer(b"M" if full else b"I", b"" if full else text.encode("utf-8", "replace"))
    except MemoryError:
        _answer(b"M", b"")
    else:
        _answer(b"C", code)


def _read(size: int) -> bytes:
    parts, missing = [], size
    while missing:
        part = os.read(0, min(missing, 1 << 20))
        if not part:
            os._exit(1)  # nobody waits for an answer
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _answer(kind: bytes, body: bytes | bytearray) -> None:
    for part in (kind + len(body).to_bytes(8, "little"), body):
        view = memoryview(part)
        while view:
            view = view[os.write(1, view) :]
