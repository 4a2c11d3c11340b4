"""Compiling: the shipped modules in a thread, all others in a jailed process, which may be stopped.

There are small valid modules that keep a compiler busy for minutes, or make it eat all memory. Such a
module costs what ``Limits.compile`` and ``Limits.compile_memory`` say, in a process that is thrown away.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ._child import cannot_start, end, lacks_package, signal_name, start_child
from ._engine import compiling_engine, engine
from ._errors import CompileLimit, ModuleError
from ._limits import GiB, Limits, show_bytes
from ._text import clean_text

if TYPE_CHECKING:
    import wasmtime

_STACK = 8 * 1024 * 1024
"""Whatever other threads of the process have: the compiler recurses."""
_PATIENCE = 1.0
"""Seconds of compiling after which somebody should be told."""
_WALL, _GRACE = 3.0, 10.0
"""A child that sleeps uses no processor time, so it is also stopped after this many times ``Limits.compile``
plus these seconds, by the clock."""
_LARGEST = 1 * GiB
"""Bytes of code that are taken from a child."""
_PURPOSE = "a module that is not ours is compiled in a process of its own"

Late = Callable[[], None]
Keep = Callable[[bytearray], None]


def compile_here(data: bytes, fuel: bool, keep: Keep, late: Late) -> wasmtime.Module:
    """Compiles a module that is trusted, in a thread and on all cores. ``keep`` is called with the code, even
    if nobody waits for it any more; ``late`` is called once if it takes over a second. Raises
    :class:`ModuleError`."""
    compiler = _Thread(data, fuel, keep)
    before = threading.stack_size(_STACK)
    try:
        compiler.start()
    finally:
        threading.stack_size(before)
    # Waiting for a thread can be interrupted, and the compiler cannot.
    compiler.join(_PATIENCE)
    if compiler.is_alive():
        late()
        compiler.join()
    return compiler.result()


class _Thread(threading.Thread):
    def __init__(self, data: bytes, fuel: bool, keep: Keep) -> None:
        super().__init__(name="wasmrecords-compiler", daemon=True)
        self._data, self._fuel, self._keep = data, fuel, keep
        self._module: wasmtime.Module | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        import wasmtime

        try:
            code = wasmtime.Module(compiling_engine(self._fuel), self._data).serialize()
            self._keep(code)
            self._module = wasmtime.Module.deserialize(engine(self._fuel), code)
        except wasmtime.WasmtimeError as error:
            self._error = _invalid(str(error))
        except BaseException as error:  # noqa: BLE001 whoever waits raises it
            self._error = error

    def result(self) -> wasmtime.Module:
        """The module, once the thread has ended."""
        if self._error is not None or self._module is None:
            raise self._error or RuntimeError("the compiler gave nothing")
        return self._module


def compile_apart(data: bytes, limits: Limits, late: Late) -> bytearray:
    """Compiles a module that nobody trusts, in a jailed process: its code. ``late`` as above.

    Raises :class:`CompileLimit`, :class:`ModuleError` if it is not valid, and :class:`WasmRecordsError`
    where no process can be started. An exception while it waits, as Ctrl-C, ends the process.
    """
    began = time.monotonic()
    fuel = int(limits.fuel is not None)
    arguments = [os.getpid(), len(data), limits.compile_memory, limits.compile, fuel]
    process = start_child("_compile_child", [str(item) for item in arguments], purpose=_PURPOSE)
    try:
        talk = _Talk(process, data)
        talk.join(_PATIENCE)
        if talk.is_alive():
            late()
            talk.join(_WALL * limits.compile + _GRACE - (time.monotonic() - began))
        if talk.is_alive():
            raise _too_long(limits, f"it was stopped after {time.monotonic() - began:.1f} s by the clock")
        answer = talk.answer
        if answer is not None and answer.kind == b"C":
            return answer.body
        if answer is not None and answer.kind == b"I":
            raise _invalid(answer.body.decode("utf-8", "replace"))
        # It ended, or it is about to: how says more than a signal of ours would.
        try:
            status = process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            status = 0
        raise _failed(talk, status, limits)
    finally:
        end(process)


class _Answer(NamedTuple):
    kind: bytes
    body: bytearray


class _Talk(threading.Thread):
    """Gives the child its module and takes its answer. Each pipe has a thread of its own, since each may
    block.

    Nothing that comes from the child is believed: it may say anything.
    """

    def __init__(self, process: subprocess.Popen[bytes], data: bytes) -> None:
        super().__init__(name="wasmrecords-compiling", daemon=True)
        self._process, self._data = process, data
        self.ready = False
        self.answer: _Answer | None = None
        self.said = bytearray()
        """The beginning of what it said on standard error."""
        self._others = [
            threading.Thread(target=work, name=self.name, daemon=True) for work in (self._give, self._listen)
        ]
        for thread in (*self._others, self):
            thread.start()

    def run(self) -> None:
        try:
            self.ready = self._take(1) == b"R"
            if self.ready:
                head = self._take(9)
                length = int.from_bytes(head[1:], "little")
                if length <= _LARGEST:
                    self.answer = _Answer(bytes(head[:1]), self._take(length))
        except (OSError, ValueError):  # the pipe's end, or it was closed
            pass
        if self.answer is None:
            self._others[1].join(_GRACE)  # it is ending: its last words come with it

    def _take(self, length: int) -> bytearray:
        taken = bytearray()
        assert self._process.stdout is not None  # noqa: S101 for the type checker: it was made with pipes
        while len(taken) < length:
            part = self._process.stdout.read(min(length - len(taken), 1 << 20))
            if not part:
                raise ValueError("it ended")
            taken += part
        return taken

    def _give(self) -> None:
        pipe, view = self._process.stdin, memoryview(self._data)
        try:
            while view and pipe is not None:
                view = view[pipe.write(view) :]
        except (OSError, ValueError):
            pass

    def _listen(self) -> None:
        try:
            while part := self._process.stderr and self._process.stderr.read(4096):
                if len(self.said) < 65536:
                    self.said += part
        except (OSError, ValueError):
            pass


def _failed(talk: _Talk, status: int, limits: Limits) -> Exception:
    """The error for a child that gave no code."""
    words = clean_text(talk.said.decode("utf-8", "replace").strip(), 400)
    if not talk.ready:
        why = f"it ended with {signal_name(status)}: {words or 'no words'}"
        raise cannot_start(_PURPOSE, why, lacking=lacks_package(status, talk.said))
    if signal_name(status) in ("SIGPROF", "SIGXCPU"):
        return _too_long(limits, "a bound on processor time")
    if (talk.answer is not None and talk.answer.kind == b"M") or "memory allocation of" in words:
        return CompileLimit(
            f"the compiler needs more than {show_bytes(limits.compile_memory)} for this module "
            "(limit compile_memory)",
            limit="compile_memory",
            value=limits.compile_memory,
        )
    return ModuleError(
        f"the compiler gave no code for this module: its process ended with {signal_name(status)}"
        + (f": {words}" if words else "")
    )


def _too_long(limits: Limits, how: str) -> CompileLimit:
    return CompileLimit(
        f"the module is not compiled within {limits.compile:g} s (limit compile; {how})", value=limits.compile
    )


def _invalid(text: str) -> ModuleError:
    """The error for what the engine refuses: the innermost cause that it gives, with its offset in the
    module."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cause = re.sub(r"^\d+: ", "", lines[-1]) if lines else "no reason given"
    place = re.match(r"Invalid input WebAssembly code at offset (\d+): ", cause)
    offset = int(place[1]) if place else None
    return ModuleError(
        f"the module is not valid: {clean_text(cause[place.end() if place else 0 :])}", offset=offset
    )
