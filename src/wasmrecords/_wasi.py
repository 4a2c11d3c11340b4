"""The WASI preview 1 functions that a language runtime imports, answered by the host itself.

Nothing here reaches outside: standard output and error go to a small buffer, there are no arguments and
no environment, no folder is open, yielding does nothing, leaving ends the instance. What was granted comes
on top:

log         what is written to standard output and error belongs to the log of the batch
clock       record number N of its source is worked on at N milliseconds after 1970-01-01T00:00:00Z
clock=real  the machine's clocks
random      bytes that follow from the run's seed, the number of the record and of the call: they seed hash
            tables and identifiers, and keep no secret

What the record clock and random give repeats byte for byte, however the records are split into batches and
whichever instance works on them. Everything else answers errno 52, "not supported".
"""

from __future__ import annotations

import functools
import hashlib
import time
import weakref
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import wasmtime

    from ._guard import ModuleInfo

SUCCESS, BADF, FAULT, INVAL, NOSYS = 0, 8, 21, 28, 52
_CAPTURE = 8 * 1024
_MOST_IOVECS = 1024
_MOST_RANDOM = 4096
_REALTIME, _MONOTONIC = 0, 1
_NONE = 0, 0
_MILLISECOND = 1_000_000  # in nanoseconds

_ALWAYS = {
    "args_get",
    "args_sizes_get",
    "environ_get",
    "environ_sizes_get",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_write",
    "proc_exit",
    "sched_yield",
}
_GRANTED = {
    "clock": {"clock_res_get", "clock_time_get"},
    "clock=real": {"clock_res_get", "clock_time_get"},
    "random": {"random_get"},
}


def answered(capabilities: Collection[str]) -> set[str]:
    """The functions that are answered with more than an errno, for who was granted this."""
    return _ALWAYS.union(*(_GRANTED.get(name, ()) for name in capabilities))


class Shim:
    """What one instance said through WASI, and its exit code. ``text`` is what it wrote to standard output
    and error over the record in hand: its last words, should it trap; ``heard``, whether it wrote or exited
    in this batch. ``capabilities`` are grants, ``seed`` is the run's, ``log`` how many bytes of text are
    wanted from one batch.
    """

    def __init__(
        self, store: wasmtime.Store, capabilities: Collection[str] = (), seed: bytes = b"", log: int = 0
    ) -> None:
        # Not the store itself: it holds the functions below, and through them would hold itself for ever.
        self._store = weakref.ref(store)
        self._capabilities, self._seed = capabilities, seed
        self.first, self._block = 0, -1
        self._calls = _NONE  # the record in hand, and how often it asked for random bytes
        self._log_limit, self._log, self._speaker = log, bytearray(), 0
        self._room = max(_CAPTURE, log)
        self.text = bytearray()
        self.heard = False
        self.exit_code: int | None = None

    def begin(self, first: int, block: int) -> None:
        """A batch begins: with record ``first`` of its source (from 0). ``block`` is the reply's address.
        Where the next one goes on behind it and nothing was written, it is enough to set ``first``."""
        self.first, self._block, self._calls, self.heard = first, block, _NONE, False
        if self.text or self._log:
            self.written()

    def written(self) -> bytes:
        """What was written in this batch, as far as it is wanted; it is forgotten here."""
        if not (self.text or self._log):
            return b""
        text = bytes((self._log + self.text)[: self._log_limit])
        self._log.clear()
        self.text.clear()
        return text

    def _in_hand(self, caller: wasmtime.Caller) -> int:
        """Number of the record in hand within its source, from 1; 0 while the module opens."""
        if self._block < 0:
            return 0
        memory: Any = caller["memory"]
        # The guest's own count of those that it has finished: a lie changes what the liar gets.
        finished = memory.read(caller, self._block + 8, self._block + 12)
        return self.first + int.from_bytes(finished, "little") + 1

    def link(self, linker: wasmtime.Linker, info: ModuleInfo) -> None:
        """Defines the functions that the module imports; the guard has checked names and signatures."""
        known = answered(self._capabilities)
        for item in dict.fromkeys(info.imports):  # one function may be imported twice
            answer = getattr(self, f"_{item.name}") if item.name in known else None
            linker.define_func(
                item.module,
                item.name,
                _type(item.params, item.results),
                _guarded(answer) if answer else _not_supported(bool(item.results)),
                access_caller=answer is not None,
            )

    def _fd_prestat_get(self, caller: wasmtime.Caller, fd: int, address: int) -> int:
        # No folder is open. Runtimes look for them from descriptor 3 on until they hear this, and end if they
        # hear anything else, as Go does.
        return BADF

    def _fd_prestat_dir_name(self, caller: wasmtime.Caller, fd: int, address: int, length: int) -> int:
        return BADF

    def _fd_write(self, caller: wasmtime.Caller, fd: int, vectors: int, count: int, written: int) -> int:
        if fd not in (1, 2):
            return BADF
        self.heard = True
        memory: Any = caller["memory"]
        vectors, count, written = vectors & 0xFFFFFFFF, count & 0xFFFFFFFF, written & 0xFFFFFFFF
        size = memory.data_len(caller)
        if count > _MOST_IOVECS or vectors + 8 * count > size or written + 4 > size:
            return INVAL if count > _MOST_IOVECS else FAULT
        record = self._in_hand(caller)
        if record != self._speaker:
            self._log += self.text[: self._log_limit - len(self._log)]
            self._speaker = record
            self.text.clear()
        table = bytes(memory.read(caller, vectors, vectors + 8 * count))
        total = 0
        for at in range(0, len(table), 8):
            start = int.from_bytes(table[at : at + 4], "little")
            length = int.from_bytes(table[at + 4 : at + 8], "little")
            if start + length > size:
                return FAULT
            room = min(length, self._room - len(self.text))
            if room > 0:
                self.text += memory.read(caller, start, start + room)
            total += length
        # The guest is told that all of it was written: what is over the buffer is dropped.
        memory.write(caller, (total & 0xFFFFFFFF).to_bytes(4, "little"), written)
        return SUCCESS

    def _environ_sizes_get(self, caller: wasmtime.Caller, count: int, length: int) -> int:
        memory: Any = caller["memory"]
        size = memory.data_len(caller)
        for address in (count & 0xFFFFFFFF, length & 0xFFFFFFFF):
            if address + 4 > size:
                return FAULT
            memory.write(caller, b"\0\0\0\0", address)
        return SUCCESS

    def _environ_get(self, caller: wasmtime.Caller, table: int, text: int) -> int:
        return SUCCESS

    _args_sizes_get = _environ_sizes_get
    _args_get = _environ_get

    def _random_get(self, caller: wasmtime.Caller, address: int, length: int) -> int:
        memory: Any = caller["memory"]
        address, length = address & 0xFFFFFFFF, length & 0xFFFFFFFF
        if length > _MOST_RANDOM:
            return INVAL
        if address + length > memory.data_len(caller):
            return FAULT
        record = self._in_hand(caller)
        call = self._calls[1] + 1 if record == self._calls[0] else 1
        self._calls = record, call
        data = hashlib.shake_128(b"%s %d %d" % (self._seed, record, call)).digest(length)
        memory.write(caller, data, address)
        return SUCCESS

    def _clock_time_get(self, caller: wasmtime.Caller, clock: int, precision: int, address: int) -> int:
        if clock not in (_REALTIME, _MONOTONIC):
            return INVAL
        if "clock=real" in self._capabilities:
            now = time.time_ns() if clock == _REALTIME else time.monotonic_ns()
        else:
            # Some languages take a clock that says 0 for none: Go ends then.
            now = self._in_hand(caller) * _MILLISECOND or 1
        return self._answer(caller, address, now)

    def _clock_res_get(self, caller: wasmtime.Caller, clock: int, address: int) -> int:
        if clock not in (_REALTIME, _MONOTONIC):
            return INVAL
        resolution = _MILLISECOND
        if "clock=real" in self._capabilities:
            known = time.get_clock_info("time" if clock == _REALTIME else "monotonic")
            resolution = max(1, round(known.resolution * 1e9))
        return self._answer(caller, address, resolution)

    def _answer(self, caller: wasmtime.Caller, address: int, value: int) -> int:
        memory: Any = caller["memory"]
        address &= 0xFFFFFFFF
        if address + 8 > memory.data_len(caller):
            return FAULT
        memory.write(caller, (value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"), address)
        return SUCCESS

    def _sched_yield(self, caller: wasmtime.Caller) -> int:
        return SUCCESS

    def _proc_exit(self, caller: wasmtime.Caller, code: int) -> None:
        self.exit_code, self.heard = code & 0xFFFFFFFF, True
        # Back in the guest the deadline is already over, so that it ends where it next looks: at its next
        # call, in a loop that was entered before when its old deadline is over. An exception would do the
        # same, but wasmtime-py keeps those where another thread may pick them up.
        if (store := self._store()) is not None:
            store.set_epoch_deadline(0)


def _guarded(answer: Callable[..., Any]) -> Callable[..., Any]:
    """No exception may cross the guest: whatever goes wrong here is an errno to it."""

    @functools.wraps(answer)
    def call(*arguments: Any) -> Any:
        try:
            return answer(*arguments)
        except Exception:  # noqa: BLE001 see above
            return None if answer.__name__ == "_proc_exit" else FAULT

    return call


def _not_supported(has_result: bool) -> Callable[..., Any]:
    return (lambda *_: NOSYS) if has_result else (lambda *_: None)


def _type(params: tuple[str, ...], results: tuple[str, ...]) -> wasmtime.FuncType:
    import wasmtime

    kinds = {"i32": wasmtime.ValType.i32, "i64": wasmtime.ValType.i64}
    return wasmtime.FuncType([kinds[p]() for p in params], [kinds[r]() for r in results])
