"""What it means that a guest did not do its work."""

from __future__ import annotations

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
from ._limits import Limits
from ._reply import Reply


class Fault(Exception):
    """A guest did not do its work: the instance is gone.

    ``code`` is the failure code of the record in hand; ``reply`` is what was finished before, None if
    the guest cannot be believed. ``sure`` says that no record before the one in hand had a part in it.
    ``given`` is a copy of the batch where that lay in the guest's memory alone.
    """

    def __init__(self, code: str, message: str, reply: Reply | None = None, *, sure: bool = True) -> None:
        super().__init__(message)
        self.code, self.message, self.reply, self.sure = code, message, reply, sure
        self.given: bytes | None = None


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
