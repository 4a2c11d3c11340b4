"""One live guest: store, limits, arena, calls, and the one place that maps traps to reasons."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import json
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from . import _native, _reply, _trap_signals
from ._deadline import Watch, ticker
from ._engine import engine
from ._errors import ModuleError
from ._fault import NO_ROOM, Fault, fault_of
from ._limits import Limits, show_bytes
from ._signals import Held
from ._stack import require_stack, roomy
from ._text import clean_text
from ._wasi import Shim

if TYPE_CHECKING:
    from ._guest import Guest
    from ._module import LoadedModule

_T = TypeVar("_T")
LAST, FLUSH = 1, 2
_STATE_SHIFT = 8
_MOST_FUEL = 2**63 - 1  # that Limits know
_FINISHED = 8  # where in the reply block the number of finished records stands


class OpenOptions(NamedTuple):
    """How an instance is opened: the formats of its input and output, whether its replies have a lineage, the
    name of the source if it is told, and which transform or function of the module it is."""

    input: str = "ndjson"
    output: str = "ndjson"
    lineage: bool = False
    source: str | None = None
    transform: str | None = None
    function: str | None = None


class Saved(NamedTuple):
    """What an instance knew between two calls: its memory, and what its host knew of that."""

    memory: bytes
    arena: int
    room: int
    block: int
    said: tuple[int, ...] | None


class Instance:
    """A module that was opened with a config. Used by one thread at a time, and it sees to that.

    ``refusal`` is the guest's reason not to open, if it has one; ``spent`` is the fuel that the last call
    used, None where it is not counted.
    """

    def __init__(
        self,
        loaded: LoadedModule,
        config: bytes,
        options: OpenOptions,
        limits: Limits,
        guest: type[_native.NativeGuest] | type[_native.PublicGuest] = _native.NativeGuest,
    ) -> None:
        import wasmtime

        self._limits, self._options = limits, options
        self._log = limits.log if "log" in loaded.capabilities else None
        self._expected = _reply.Expected(
            options.input,
            limits.output,
            self._log,
            options.output == "ndjson",
            options.lineage,
            believed=loaded.trusted,
            stateful=loaded.manifest.stateful,
            outputs=len(loaded.manifest.outputs),
        )
        # What our SDK makes has one variable, the stack pointer, which is between two calls what it was at
        # first. Others may keep something there, or in their table.
        self._in_memory = loaded.manifest.sdk is not None and loaded.info.variables <= 1
        self._engine = engine(loaded.fuel)
        self._ticker = ticker(self._engine)
        self._held = Held()
        # Weakly: the store holds the watch's callback, and would hold itself for ever.
        self._watch = Watch(limits.time, _weakly(self._finished), _weakly(self._leaves))
        self._in_use = threading.Lock()
        self._arena, self._room = 0, -1
        self._block, self._in_batch = 0, False
        self._said: tuple[int, ...] | None = None  # the counts of the last reply
        self._guest: Guest
        self.refusal: _reply.Row | None = None
        self.spent: int | None = None
        self._store = wasmtime.Store(self._engine)
        self._look = _native.look_after(self._store, self._watch.look)
        seed = hashlib.sha256(loaded.sha256.encode() + config).digest()
        self._shim = Shim(self._store, loaded.capabilities, seed, self._log or 0)
        self._begin()
        try:
            try:
                self._open(loaded, config, guest)
            finally:
                self._end()
        except _native.GuestTrap as trap:
            fault = self._fault(trap)
        except _reply.Lie as lie:
            fault = Fault("reply", str(lie))
        except BaseException:
            self.close()
            raise
        else:
            return
        self.close()
        raise fault

    def _open(
        self,
        loaded: LoadedModule,
        config: bytes,
        guest: type[_native.NativeGuest] | type[_native.PublicGuest],
    ) -> None:
        import wasmtime

        # One memory of at most `memory` bytes, one table: what is over ends in a trap or in -1 to the guest.
        self._store.set_limits(
            self._limits.memory // _native.PAGE * _native.PAGE, self._limits.table, 1, 1, 1
        )
        linker = wasmtime.Linker(self._engine)
        self._shim.link(linker, loaded.info)
        _trap_signals.put_back()
        self._store.set_epoch_deadline(self._watch.first)
        if self._limits.fuel is not None:
            self._store.set_fuel(self._limits.fuel)
        try:
            instance = linker.instantiate(self._store, loaded.module)
        except wasmtime.Trap as trap:
            code = trap.trap_code
            raise _native.GuestTrap(trap.message, None if code is None else code.value) from None
        except wasmtime.WasmtimeError as error:
            if self._watch.stopped:
                raise _native.GuestTrap("stopped", None) from None
            reason = clean_text(" ".join(str(error).split()))
            if f"(os error {errno.EFBIG})" in reason:
                reason += "; a guest's memory begins as a file in memory, for which `ulimit -f` is, too"
            raise ModuleError(f"the module cannot be instantiated: {reason}") from None
        self._guest = guest(self._store, instance)
        if "_initialize" in loaded.info.exports:
            self._call("_initialize")
        text = self._opening(config)
        self._make_room(len(text))
        self._guest.memory[self._arena : self._arena + len(text)] = text
        block = self._call("wr_open", len(text))
        self.refusal = _reply.refusal(self._guest.memory, block)
        self._block = block

    def _opening(self, config: bytes) -> bytes:
        limits = self._limits
        head = {
            "abi": 1,
            **self._options._asdict(),
            "limits": {
                "nesting": limits.nesting,
                "record": limits.record,
                "output": limits.output,
                "log": self._log or 0,
            },
        }
        return json.dumps(head).encode()[:-1] + b', "config": ' + config + b"}"

    def batch(
        self,
        data: bytes | bytearray | memoryview,
        last: bool,
        state: int,
        first: int = 0,
        *,
        lent: bool = False,
    ) -> _reply.Reply:
        """The reply to one batch. ``last`` says that the input ends with it, ``state`` is that of a stream of
        JSON where it begins, ``first`` the number of its first record in the source, from 0. An output that
        is ``lent`` is the guest's memory, good until the next call.

        Raises :class:`Fault`; the instance is closed then, and of no further use.
        """
        flags = (LAST if last else 0) | state << _STATE_SHIFT
        length = len(data)
        self._begin()
        try:
            try:
                if self._limits.fuel is not None:
                    self._refuel()
                if length > self._room:
                    self._make_room(length)
                self._guest.memory[self._arena : self._arena + length] = data
                self._shim.begin(first, self._block)
                self._in_batch = True
                if result := self._call("wr_batch", length, flags):
                    raise _reply.Lie(f"wr_batch answered {result}")
                reply = self._read(length, lent)
                self._said = reply[:5]
                return reply
            finally:
                self._in_batch = False
                self._end()
        except BaseException as error:  # noqa: BLE001 raised again
            raise self._gone(error, data) from None

    def flush(self, state: int, first: int = 0) -> _reply.Reply:
        """What a stateful module has so far, after ``first`` records, in this state of a stream of JSON.
        Raises :class:`Fault`."""
        return self._given_out(first, "wr_batch", 0, FLUSH | state << _STATE_SHIFT)

    def finish(self, first: int = 0) -> _reply.Reply:
        """The end of the input, after ``first`` records, for stateful modules. Raises :class:`Fault`."""
        return self._given_out(first, "wr_close")

    def _given_out(self, first: int, export: str, *arguments: int) -> _reply.Reply:
        self._begin()
        try:
            try:
                self._refuel()
                self._shim.begin(first, self._block)
                if self._call(export, *arguments):
                    row = _reply.refusal(self._guest.memory, self._block)
                    raise Fault("reply", f"{row.code}: {row.message}" if row else f"{export} failed")
                return self._read(0)
            finally:
                self._end()
        except BaseException as error:  # noqa: BLE001 raised again
            raise self._gone(error) from None

    def _gone(
        self, error: BaseException, data: bytes | bytearray | memoryview | None = None
    ) -> BaseException:
        """What to raise for what ended a call, maybe on a batch; the instance is closed: it may be in the
        middle of something."""
        if isinstance(error, _native.GuestTrap):
            error = self._fault(error)
            if data is not None:
                with contextlib.suppress(_reply.Lie):
                    reply = self._read(len(data))
                    # Who ends before this batch has begun, as in wr_arena, still shows the last reply.
                    if reply[:5] != self._said:
                        error.reply = reply
        elif isinstance(error, _reply.Lie):
            error = Fault("reply", f"the module's reply cannot be true: {error}")
        if isinstance(error, Fault):
            error.worn = error.code in NO_ROOM and self._said is not None
        self.close()
        return error

    @property
    def size(self) -> int:
        """Bytes of its memory."""
        return len(self._guest.memory)

    def save(self) -> Saved | None:
        """All that the module knows, between two calls; None where that may lie elsewhere than in its
        memory."""
        if not self._in_memory:
            return None
        return Saved(bytes(self._guest.memory), self._arena, self._room, self._block, self._said)

    def restore(self, saved: Saved) -> None:
        """Goes on, as a new one, where another instance of the same module and config was saved. Raises
        :class:`Fault`; the instance is of no use then, and closed."""
        try:
            self._guest.grow(len(saved.memory))
            if self.size != len(saved.memory):
                raise Fault("memory", "its memory is larger than that of the one before it")
            self._guest.memory[:] = saved.memory
        except BaseException as error:  # noqa: BLE001 raised again
            raise self._gone(error) from None
        self._arena, self._room, self._block, self._said = saved[1:]

    @contextlib.contextmanager
    def relaxed(self) -> Iterator[None]:
        """Calls in this block have more fuel than others: for what was done within the limit before, and may
        take a little more in another instance."""
        limits, fuel = self._limits, self._limits.fuel
        if fuel is not None:
            self._limits = dataclasses.replace(limits, fuel=min(2 * fuel, _MOST_FUEL))
        try:
            yield
        finally:
            self._limits = limits

    def cancel(self) -> None:
        """Stops the call that is under way, or the next one: from any thread, within a slice of time."""
        self._watch.cancel()

    def close(self) -> None:
        """Frees the guest's memory."""
        with contextlib.suppress(AttributeError):  # it may not have come so far
            self._guest.forget()
        self._store.close()

    def _begin(self) -> None:
        """Before the guest works, maybe in another thread than last time. Raises :class:`StackLimit`."""
        self._held.__enter__()  # first: no interrupt may come between the next lines
        try:
            if not self._in_use.acquire(False):
                raise RuntimeError("two threads use one instance at once: this is a bug in wasmrecords")
            try:
                if not roomy.known:
                    require_stack()
                _trap_signals.keep()
                self._ticker.begin(self._watch)
            except BaseException:
                self._in_use.release()
                raise
        except BaseException:
            self._held.__exit__(None, None, None)
            raise

    def _end(self) -> None:
        """It works no more. Raises what a signal's handler raised meanwhile."""
        self._ticker.end(self._watch)
        if self._limits.fuel is not None and self._block:
            self.spent = self._limits.fuel - self._guest.fuel_left()
        self._in_use.release()
        self._held.__exit__(None, None, None)

    def _refuel(self) -> None:
        if self._limits.fuel is not None:
            self._guest.fuel(self._limits.fuel)

    def _call(self, export: str, *arguments: int) -> int:
        result = self._guest.call(export, *arguments)
        self._see_exit()
        return result

    def _see_exit(self) -> None:
        if self._shim.exit_code is not None:
            # It said so with no loop and no call behind, so that no deadline ended it.
            raise _native.GuestTrap("the module exited", None)

    def _leaves(self) -> bool:
        """Whether the guest should not work on: it exited, or a signal's handler raised."""
        return self._held.deliver() or self._shim.exit_code is not None

    def _finished(self) -> int | None:
        """How many records of this batch are done, as the guest says while it works."""
        if not self._in_batch:
            return None
        place = self._block + _FINISHED
        return int.from_bytes(self._guest.memory[place : place + 4], "little")

    def _make_room(self, length: int) -> None:
        """Room for input in the arena; its place is the guest's word and checked against the memory."""
        # What is larger than its memory may be needs no call, which could not even say how large that is.
        self._arena = self._call("wr_arena", length) if length <= self._limits.memory else 0
        if not self._arena:
            raise Fault(
                "record_too_large", f"{show_bytes(length)} do not fit the guest's memory (limit memory)"
            )
        if self._arena + length > len(self._guest.memory):
            raise _reply.Lie("the arena lies outside the memory")
        self._room = length

    def _read(self, given: int, lent: bool = False) -> _reply.Reply:
        """The reply, with what was written to standard output and error in its log, if that was granted."""
        reply = _reply.read(self._guest.memory, self._block, given, self._expected, lent=lent)
        if self._log is None or not (text := self._shim.written()):
            return reply
        return reply._replace(log=reply.log + text[: self._log - len(reply.log)])

    def _fault(self, trap: _native.GuestTrap) -> Fault:
        panic = _reply.panic(self._guest.memory, self._block) if self._block else b""
        return fault_of(trap, self._limits, self._watch, self._shim, panic)


def _weakly(method: Callable[[], _T]) -> Callable[[], _T]:
    """The same without keeping its object alive; it is there whenever this is called."""
    reference = weakref.WeakMethod(method)
    return lambda: reference()()  # type: ignore[misc]
