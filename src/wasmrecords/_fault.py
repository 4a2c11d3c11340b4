"""What it means that a guest did not do its work."""

from __future__ import annotations

import re

from . import _native
from ._deadline import Watch
from ._errors import (
    FuelLimit,
    GuestError,
    LimitError,
    MemoryLimit,
    OutputLimit,
    RecordLimit,
    StackLimit,
    TimeLimit,
    WasmRecordsError,
)
from ._limits import Limits, show_bytes
from ._reply import Reply
from ._text import clean_text
from ._wasi import Shim

_OUT_OF_MEMORY = re.compile(r"memory allocation of|out of memory|capacity overflow", re.IGNORECASE)


class Fault(Exception):
    """A guest did not do its work: the instance is gone.

    ``code`` is the failure code of the record in hand; ``reply`` is what was finished before, None if the
    guest cannot be believed. ``sure`` says that no record before the one in hand had a part in it; ``worn``,
    that an instance which had worked before ran out of room, so that a new one may do better.
    """

    worn = False

    def __init__(self, code: str, message: str, reply: Reply | None = None, *, sure: bool = True) -> None:
        super().__init__(message)
        self.code, self.message, self.reply, self.sure = code, message, reply, sure


NO_ROOM = ("memory", "record_too_large")
"""Codes of faults that depend on what an instance's memory was used for before."""

_LIMIT_ERRORS: dict[str, type[LimitError]] = {
    "time": TimeLimit,
    "fuel": FuelLimit,
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


def fault_of(trap: _native.GuestTrap, limits: Limits, watch: Watch, shim: Shim, panic: bytes) -> Fault:
    """What a trap means. ``panic`` is the guest's last word, if it left one."""
    if shim.exit_code is not None:
        return Fault("exit", f"the module exited with status {shim.exit_code}")
    if watch.over:
        return Fault("time", f"no end within {limits.time:g} s (limit time)", sure=watch.sure)
    if watch.stopped:
        return Fault("cancelled", "the call was cancelled")
    if trap.code == _native.OUT_OF_FUEL:
        return Fault("fuel", f"no end within {limits.fuel:,} units of work (limit fuel)", sure=False)
    if trap.code == _native.STACK_OVERFLOW:
        return Fault("stack", "recursion is deeper than the guest's stack")
    said = clean_text(panic.decode("utf-8", "replace"))
    # A reason is not logged as well: neither what stands for one, nor the panic that was written there, too.
    if not said and shim.text:
        said = clean_text(shim.text.decode("utf-8", "replace").strip())
        shim.text.clear()
    elif said and (at := shim.text.rfind(panic)) >= 0:
        del shim.text[at:]
    if trap.code == _native.UNREACHABLE and _OUT_OF_MEMORY.search(said):
        return Fault(
            "memory",
            f"more than {show_bytes(limits.memory)} of memory are needed (limit memory)",
            sure=False,
        )
    cause = re.sub(r"^(\d+: )?wasm trap: ", "", str(trap).splitlines()[-1].strip())
    return Fault("trap", f"the module trapped: {said or clean_text(cause)}")
