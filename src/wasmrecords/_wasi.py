"""The WASI preview 1 functions that a language runtime imports, answered by the host itself.

Nothing here reaches outside: standard output and error go to a small buffer, there are no arguments and
no environment, yielding does nothing, leaving ends the instance. A module that was granted ``random`` gets
bytes that are the same in each instance, so that a run repeats byte for byte: they seed hash tables and keep
no secret. Everything else answers errno 52, "not supported".
"""

from __future__ import annotations

import functools
import hashlib
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


_ALWAYS = {
    "args_get",
    "args_sizes_get",
    "environ_get",
    "environ_sizes_get",
    "fd_write",
    "proc_exit",
    "sched_yield",
}


class Shim:
    """What one instance said through WASI: ``text`` on standard output and error, and its exit code."""

    def __init__(self, store: wasmtime.Store, capabilities: Collection[str] = ()) -> None:
        # Not the store itself: it holds the functions below, and through them would hold itself for ever.
        self._store = weakref.ref(store)
        self._capabilities = capabilities
        self._random_calls = 0
        self.text = bytearray()
        self.exit_code: int | None = None

    def link(self, linker: wasmtime.Linker, info: ModuleInfo) -> None:
        """Defines the functions that the module imports; the guard has checked names and signatures."""
        answered = _ALWAYS | {"random_get"} if "random" in self._capabilities else _ALWAYS
        for item in dict.fromkeys(info.imports):  # one function may be imported twice
            answer = getattr(self, f"_{item.name}") if item.name in answered else None
            linker.define_func(
                item.module,
                item.name,
                _type(item.params, item.results),
                _guarded(answer) if answer else _not_supported(bool(item.results)),
                access_caller=answer is not None,
            )

    def _fd_write(self, caller: wasmtime.Caller, fd: int, vectors: int, count: int, written: int) -> int:
        if fd not in (1, 2):
            return BADF
        memory: Any = caller["memory"]
        vectors, count, written = vectors & 0xFFFFFFFF, count & 0xFFFFFFFF, written & 0xFFFFFFFF
        size = memory.data_len(caller)
        if count > _MOST_IOVECS or vectors + 8 * count > size or written + 4 > size:
            return INVAL if count > _MOST_IOVECS else FAULT
        table = bytes(memory.read(caller, vectors, vectors + 8 * count))
        total = 0
        for at in range(0, len(table), 8):
            start = int.from_bytes(table[at : at + 4], "little")
            length = int.from_bytes(table[at + 4 : at + 8], "little")
            if start + length > size:
                return FAULT
            room = min(length, _CAPTURE - len(self.text))
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
        self._random_calls += 1
        data = hashlib.shake_128(b"wasmrecords %d" % self._random_calls).digest(length)
        memory.write(caller, data, address)
        return SUCCESS

    def _sched_yield(self, caller: wasmtime.Caller) -> int:
        return SUCCESS

    def _proc_exit(self, caller: wasmtime.Caller, code: int) -> None:
        self.exit_code = code & 0xFFFFFFFF
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
