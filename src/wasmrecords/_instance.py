"""One live guest: store, limits, arena, calls, and the one place that maps traps to reasons."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from . import _native, _reply
from ._deadline import ticker, ticks
from ._engine import NEEDED_STACK, engine
from ._errors import (
    GuestError,
    LimitError,
    MemoryLimit,
    ModuleError,
    OutputLimit,
    RecordLimit,
    StackLimit,
    TimeLimit,
    WasmRecordsError,
)
from ._limits import Limits, show_bytes
from ._signals import Held
from ._text import clean_text
from ._wasi import Shim

if TYPE_CHECKING:
    from ._module import LoadedModule

_LAST = 1
_STATE_SHIFT = 8
_PAGE = 65536
_OUT_OF_MEMORY = re.compile(r"memory allocation of|out of memory|capacity overflow", re.IGNORECASE)


class Encodings(NamedTuple):
    """How records are laid out on the way in and out, and whether the host asks for the lineage."""

    input: str = "ndjson"
    output: str = "ndjson"
    lineage: bool = False


class Fault(Exception):
    """A guest did not do its work: the instance is gone.

    ``code`` is the failure code of the record in hand; ``reply`` is what was finished before, None if
    the guest cannot be believed.
    """

    def __init__(self, code: str, message: str, reply: _reply.Reply | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.reply = code, message, reply


class Instance:
    """A module that was opened with a config. Used by one thread at a time."""

    def __init__(
        self,
        loaded: LoadedModule,
        config: bytes,
        encodings: Encodings,
        limits: Limits,
        guest: type[_native.NativeGuest] | type[_native.PublicGuest] = _native.NativeGuest,
    ) -> None:
        import wasmtime

        _require_stack()
        self._limits, self._encodings = limits, encodings
        self._log = limits.log if "log" in loaded.capabilities else None
        self._expected = _reply.Expected(
            encodings.input, limits.output, self._log, encodings.output == "ndjson", encodings.lineage
        )
        self._ticks = ticks(limits.time)
        self._ticker = ticker(engine())
        # The shipped modules call hardly any function of the host, and never in a loop.
        self._held = None if loaded.trusted else Held()
        self._arena, self._room = 0, -1
        self._block = 0
        self.refusal: _reply.Row | None = None
        self._store = wasmtime.Store(engine())
        seed = hashlib.sha256(loaded.sha256.encode() + config).digest()
        self._shim = Shim(self._store, loaded.capabilities, seed, self._log or 0)
        try:
            self._open(loaded, config, guest)
        except BaseException:
            self.close()
            raise

    def _open(
        self,
        loaded: LoadedModule,
        config: bytes,
        guest: type[_native.NativeGuest] | type[_native.PublicGuest],
    ) -> None:
        import wasmtime

        # One memory of at most `memory` bytes, one table: what is over ends in a trap or in -1 to the guest.
        self._store.set_limits(self._limits.memory // _PAGE * _PAGE, 100_000, 1, 1, 1)
        linker = wasmtime.Linker(engine())
        self._shim.link(linker, loaded.info)
        self._ticker.touch(self._ticks)
        self._store.set_epoch_deadline(self._ticks)
        try:
            with self._held or contextlib.nullcontext():
                instance = linker.instantiate(self._store, loaded.module)
        except wasmtime.Trap as trap:
            code = trap.trap_code
            raise self._fault(_native.GuestTrap(trap.message, None if code is None else code.value)) from None
        except wasmtime.WasmtimeError as error:
            reason = clean_text(" ".join(str(error).split()))
            raise ModuleError(f"the module cannot be instantiated: {reason}") from None
        self._guest = guest(self._store, instance)
        try:
            if "_initialize" in loaded.info.exports:
                self._call("_initialize")
            text = self._opening(config)
            self._write(text)
            block = self._call("wr_open", len(text))
            self.refusal = _reply.refusal(self._guest, block)
        except _native.GuestTrap as trap:
            raise self._fault(trap) from None
        except _reply.Lie as lie:
            raise Fault("reply", str(lie)) from None
        self._block = block

    def _opening(self, config: bytes) -> bytes:
        limits = self._limits
        head = {
            "abi": 1,
            **self._encodings._asdict(),
            "limits": {
                "nesting": limits.nesting,
                "record": limits.record,
                "output": limits.output,
                "log": self._log or 0,
            },
        }
        return json.dumps(head).encode()[:-1] + b', "config": ' + config + b"}"

    def _arm(self) -> None:
        """Before the guest works again, maybe in another thread than last time."""
        _require_stack()
        self._ticker.touch(self._ticks)
        self._guest.arm(self._ticks)

    def _call(self, export: str, *arguments: int) -> int:
        if self._held is None:
            result = self._guest.call(export, *arguments)
        else:
            with self._held:
                result = self._guest.call(export, *arguments)
        if self._shim.exit_code is not None:
            # It said so with no loop and no call behind, so that no deadline ended it.
            raise _native.GuestTrap("the module exited", None)
        return result

    def _write(self, data: bytes | bytearray) -> None:
        """Brings input into the arena; its place is the guest's word and checked against the memory."""
        guest, length = self._guest, len(data)
        if length > self._room:
            self._arena = self._call("wr_arena", length)
            if not self._arena:
                raise Fault(
                    "record_too_large", f"{show_bytes(length)} do not fit the guest's memory (limit memory)"
                )
            if self._arena + length > guest.size():
                raise _reply.Lie("the arena lies outside the memory")
            self._room = length
        guest.write(self._arena, data)

    def batch(self, data: bytes | bytearray, last: bool, state: int, first: int = 0) -> _reply.Reply:
        """One batch, whose first record is number ``first`` of its source (from 0). Raises :class:`Fault`;
        the instance is of no use then, and closed."""
        self._arm()
        try:
            self._write(data)
            self._shim.begin(first, self._block)
            result = self._call("wr_batch", len(data), (_LAST if last else 0) | state << _STATE_SHIFT)
            if result:
                raise _reply.Lie(f"wr_batch answered {result}")
            return self._read(len(data))
        except _native.GuestTrap as trap:
            fault = self._fault(trap)
            with contextlib.suppress(_reply.Lie):
                fault.reply = self._read(len(data))
        except _reply.Lie as lie:
            fault = Fault("reply", f"the module's reply cannot be true: {lie}")
        except Fault as unfit:
            fault = unfit
        self.close()
        raise fault

    def _read(self, given: int) -> _reply.Reply:
        """The reply, with what was written to standard output and error in its log, if that was granted."""
        reply = _reply.read(self._guest, self._block, given, self._expected)
        if self._log is None or not (text := self._shim.written()):
            return reply
        return reply._replace(log=reply.log + text[: self._log - len(reply.log)])

    def finish(self, first: int = 0) -> _reply.Reply:
        """The end of the input, after ``first`` records, for stateful modules. Raises :class:`Fault`."""
        guest = self._guest
        self._arm()
        self._shim.begin(first, self._block)
        try:
            if self._call("wr_close"):
                row = _reply.refusal(guest, self._block)
                raise Fault("reply", row.message if row else "wr_close failed")
            return self._read(0)
        except _native.GuestTrap as trap:
            fault = self._fault(trap)
        except _reply.Lie as lie:
            fault = Fault("reply", f"the module's reply cannot be true: {lie}")
        except Fault as refused:
            fault = refused
        self.close()
        raise fault

    def _fault(self, trap: _native.GuestTrap) -> Fault:
        """What a trap means."""
        limits, shim = self._limits, self._shim
        if shim.exit_code is not None:
            return Fault("exit", f"the module exited with status {shim.exit_code}")
        if trap.code == _native.INTERRUPT:
            return Fault("time", f"no end within {limits.time:g} s (limit time)")
        if trap.code == _native.STACK_OVERFLOW:
            return Fault("stack", "recursion is deeper than the guest's stack")
        said = _reply.panic(self._guest, self._block) if self._block else ""
        if not said and shim.text:
            said = clean_text(shim.text.decode("utf-8", "replace").strip())
            shim.text.clear()  # a reason is not logged as well
        if trap.code == _native.UNREACHABLE and _OUT_OF_MEMORY.search(said):
            return Fault(
                "memory", f"more than {show_bytes(limits.memory)} of memory are needed (limit memory)"
            )
        reason = said or clean_text(str(trap).splitlines()[-1].strip().removeprefix("wasm trap: "))
        return Fault("trap", f"the module trapped: {reason}")

    def close(self) -> None:
        """Frees the guest's memory."""
        self._store.close()


def _require_stack() -> None:
    """Refuses a thread whose stack a guest may overrun: the process would end."""
    size = _native.stack_size()
    if size is not None and size < NEEDED_STACK:
        raise StackLimit(
            f"this thread's stack has {show_bytes(size)}, a guest needs {show_bytes(NEEDED_STACK)}: raise "
            "threading.stack_size() before the thread starts, or `ulimit -s`",
            value=size,
        )


_LIMIT_ERRORS: dict[str, type[LimitError]] = {
    "time": TimeLimit,
    "memory": MemoryLimit,
    "stack": StackLimit,
    "output": OutputLimit,
    "record_too_large": RecordLimit,
}


def error_of(fault: Fault, limits: Limits) -> WasmRecordsError:
    """The public error for a fault that no record can carry."""
    kind = _LIMIT_ERRORS.get(fault.code)
    if kind is None:
        return GuestError(fault.message, code=fault.code)
    value = getattr(limits, kind.limit, 0)
    return kind(fault.message, value=value)
