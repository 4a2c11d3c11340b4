"""The process in which a guest lives under ``isolation="process"``: jailed before any of the guest runs.

Its parent is _process, which trusts nothing that is said here. Requests come on standard input, answers go
to standard output, both of fixed size; records and replies lie in shared memory.
"""

from __future__ import annotations

import gc
import hashlib
import json
import mmap
import os
import pickle
import struct
import threading
import time
from collections.abc import Callable
from typing import NoReturn

import wasmtime

from ._deadline import Ticker, Watch, set_ticker
from ._engine import engine
from ._errors import WasmRecordsError
from ._fault import Fault
from ._instance import Instance, OpenOptions
from ._jail import available, enter
from ._limits import GiB, Limits, MiB
from ._module import LoadedModule, ReadModule
from ._native import deserialize, look_after
from ._reply import Reply, Row
from ._reply_write import write
from ._stack import require_stack
from ._text import clean_text
from ._wasi import Shim

REQUEST = struct.Struct("<cBBQQ")
"""What is wanted (O: open, B: batch, L: flush, F: finish), whether it is the last piece, the state, the first
record's number, bytes of input."""
ANSWER = struct.Struct("<cQQI")
"""What came of it (R: a reply, F: a fault, X: a refusal, E: an error), bytes of the reply block, fuel plus
one, bytes of text behind this."""
LONGEST_TEXT = 32 * 1024
_ROOM = 512 * MiB
"""Bytes beside the guest's memory and output: for Python objects of replies."""


def main(arguments: list[str]) -> None:
    """``[descriptor of the code, of the input, of the output, of a pipe that is closed with the parent, the
    limits]``."""
    code, given, taken, parent = map(int, arguments[:4])
    limits = Limits(**json.loads(arguments[4]))
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    made = engine(limits.fuel is not None)
    set_ticker(made, _Clock(made))
    loaded = _load(code, made, limits)
    # In the jail nothing is mapped any more. The parent alone writes to the one, this process to the other.
    source = mmap.mmap(given, 0, mmap.MAP_SHARED, mmap.PROT_READ)
    server = _Server(loaded, limits, source, mmap.mmap(taken, 0))
    os.close(given)
    os.close(taken)
    _warm(loaded, made, limits)
    gc.collect()
    gc.freeze()  # what there is now stays, and is not looked through again for each instance
    size, data = _memory()
    enter(
        available(),
        # Most of the addresses are what the engine sets aside around a guest's memory.
        memory=size + 16 * GiB + 4 * limits.memory,
        data=data + limits.memory + 4 * limits.output + _ROOM,
        cpu=None,
        executable=False,
    )
    _say(b"K")
    server.serve()


def _watch(parent: int) -> None:
    """Ends this process with its parent, whatever it is doing."""
    os.read(parent, 1)
    os._exit(0)


class _Clock(Ticker):
    """A thread that never ends, since no other one could be started; it stands still between calls."""

    def __init__(self, made: wasmtime.Engine) -> None:
        super().__init__(made.increment_epoch, None)
        self._working = threading.Event()
        threading.Thread(target=self._beat, args=(made.increment_epoch,), daemon=True).start()

    def begin(self, watch: Watch) -> float:
        """A call begins: when."""
        self._tick = watch.tick
        self._working.set()
        return watch.start()

    def end(self, watch: Watch) -> None:
        """It is over."""
        self._working.clear()

    def _beat(self, increment: Callable[[], None]) -> None:
        while True:
            self._working.wait()
            time.sleep(self._tick)
            increment()


def _load(descriptor: int, made: wasmtime.Engine, limits: Limits) -> LoadedModule:
    """Length of the head, head, code."""
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY) as place, memoryview(place) as view:
        head = 8 + int.from_bytes(view[:8], "little")
        given: ReadModule = pickle.loads(view[8:head])  # noqa: S301 our own parent wrote it
        # A module is made of a buffer that it does not keep, but ctypes does for a while.
        module = deserialize(made, memoryview(bytearray(view[head:])))
    os.close(descriptor)
    return LoadedModule(
        given.info,
        module,
        given.manifest,
        given.sha256,
        given.trusted,
        given.capabilities,
        limits.fuel is not None,
    )


def _warm(loaded: LoadedModule, made: wasmtime.Engine, limits: Limits) -> None:
    """Does once what would open a file or load a library later."""
    clean_text("\x1b")
    hashlib.shake_128(b"").digest(1)
    require_stack()
    json.dumps({"a": [1.5, "é"]})
    # The engine makes a file in memory of what the guest's memory begins with. Its deadline is over before
    # it starts, so that none of the guest runs.
    store = wasmtime.Store(made)
    looks = look_after(store, lambda: 0)  # the first callback makes room for those to come
    store.set_limits(limits.memory, limits.table, 1, 1, 1)
    store.set_epoch_deadline(0)
    linker = wasmtime.Linker(made)
    shim = Shim(store, loaded.capabilities, bytes(32), 0)
    shim.link(linker, loaded.info)
    try:
        linker.instantiate(store, loaded.module)
    except (wasmtime.Trap, wasmtime.WasmtimeError):
        pass  # it is told when somebody opens it
    finally:
        store.close()
        del looks


def _memory() -> tuple[int, int]:
    """Bytes of addresses and of data that this process has."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = file.read().split()
        return int(pages[0]) * mmap.PAGESIZE, int(pages[5]) * mmap.PAGESIZE
    except OSError:
        return 1 * GiB, 1 * GiB


class _Server:
    def __init__(self, loaded: LoadedModule, limits: Limits, source: mmap.mmap, sink: mmap.mmap) -> None:
        self._loaded, self._limits = loaded, limits
        self._source, self._sink = source, sink
        self._instance: Instance | None = None

    def serve(self) -> NoReturn:
        while True:
            kind, last, state, first, length = REQUEST.unpack(_hear(REQUEST.size))
            try:
                self._do(kind, length, bool(last), state, first)
            except Fault as fault:
                self._fault(fault)
            except WasmRecordsError as error:
                _say(b"E", text=str(error).encode("utf-8", "replace"))
            except MemoryError:
                self._fault(Fault("memory", "the worker process has no memory left for this batch"))

    def _do(self, kind: bytes, length: int, last: bool, state: int, first: int) -> None:
        if kind == b"O":
            if self._instance is not None:
                self._instance.close()
                # It holds itself, and with that a callback, for which there is no new room in the jail.
                self._instance = None
                gc.collect()
            head, _, config = self._source[:length].partition(b"\n")
            self._instance = Instance(self._loaded, config, OpenOptions(*json.loads(head)), self._limits)
            row = self._instance.refusal
            if row is None:
                _say(b"R")
            else:
                _say(b"X", self._put(_refused(row)))
            return
        assert self._instance is not None  # noqa: S101 the parent opens it first
        match kind:
            case b"B":
                # From one memory into the other, both ways: the parent has copies of its own.
                with memoryview(self._source) as source, source[:length] as data:
                    reply = self._instance.batch(data, last, state, first, lent=True)
            case b"L":
                reply = self._instance.flush(state, first)
            case _:
                reply = self._instance.finish(first)
        _say(b"R", self._put(reply), self._instance.spent)

    def _fault(self, fault: Fault) -> None:
        length = 0
        if fault.reply is not None:
            try:
                length = self._put(fault.reply)
            except Fault as full:
                fault = full
        text = f"{fault.code}\n{fault.sure:d}\n{fault.message}".encode("utf-8", "replace")
        spent = None if self._instance is None else self._instance.spent
        _say(b"F", length, spent, text)

    def _put(self, reply: Reply) -> int:
        """Writes a reply where the parent reads it: its length."""
        parts = write(reply)
        if sum(map(len, parts)) > len(self._sink):
            # Of half of the batch it will not be so much.
            raise Fault("memory", "the reply to this batch does not fit the shared memory")
        at = 0
        for part in parts:
            self._sink[at : at + len(part)] = part
            at += len(part)
        return at


def _refused(row: Row) -> Reply:
    return Reply(0, 0, 1, 0, 0, b"", 0, (row,), (), b"")


def _hear(size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def _say(kind: bytes, length: int = 0, spent: int | None = None, text: bytes = b"") -> None:
    text = text[:LONGEST_TEXT]
    view = memoryview(ANSWER.pack(kind, length, 0 if spent is None else spent + 1, len(text)) + text)
    while view:
        view = view[os.write(1, view) :]
