"""Everything that wasmrecords raises.

    WasmRecordsError
    ├── ModuleError          the module was refused: why and where
    ├── RecipeError          a program, schema, config or argument was refused: where, with a caret
    ├── LimitError           a limit was reached: which one, its value, which record
    │   ├── TimeLimit  FuelLimit  MemoryLimit  TableLimit  StackLimit  OutputLimit  RecordLimit  NestingLimit
    │   ├── ModuleLimit      the module is larger than a module may be
    │   ├── CompileLimit     compiling the module took too long, or too much memory
    │   ├── FaultLimit       the module failed by trap, loop or lie on too many records in a row
    │   └── FailureLimit     more records failed than a run was told to bear
    ├── GuestError           the module trapped, exited, or its reply is a lie
    ├── RecordError          a record failed and nobody said where failures should go
    │   └── CallError        a function of a module said that it failed
    └── SourceError          an input or output could not be read or written

``TypeError`` and ``ValueError`` stay for a caller's mistakes in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._text import shown

if TYPE_CHECKING:
    from ._outcome import Failure


class WasmRecordsError(Exception):
    """The root of all errors of this package."""

    def __reduce__(self) -> tuple[Any, ...]:
        # What a worker process raises is pickled, and Exception would call the class with its text alone.
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[WasmRecordsError], words: tuple[Any, ...], state: dict[str, Any]) -> WasmRecordsError:
    error = kind.__new__(kind, *words)
    error.__dict__.update(state)
    return error


class ModuleError(WasmRecordsError):
    """A module was refused before any of it ran.

    ``offset`` is the byte offset in the module where the reason stands, if it is known.
    """

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        super().__init__(message if offset is None else f"{message} (at byte {offset:,} of the module)")
        self.offset = offset


class RecipeError(WasmRecordsError):
    """A program, schema, config or argument was refused, with its place where one is known.

    ``kind`` is ``"program"``, ``"schema"``, ``"config"`` or ``"args"``; ``line`` and ``column`` count from 1
    in ``text``; ``path`` is the JSON path inside a schema or config. ``file`` is the file at fault if it is
    another one than the recipe's own: a module that the program imports, or a document that the schema refers
    to.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        text: str | None = None,
        offset: int | None = None,
        path: str | None = None,
        file: str | None = None,
    ) -> None:
        self.kind, self.path, self.offset, self.file = kind, path, offset, file
        self.line = self.column = None
        words = f"{kind}: {message}" if file is None else f"{shown(file)}: {kind}: {message}"
        if path not in (None, "", "$"):
            words += f" (at {path})"
        if text is not None and offset is not None:
            before = text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")
            self.line, self.column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
            words += f"\n{_caret(text, self.line, self.column)}"
        super().__init__(words)


def _caret(text: str, line: int, column: int, width: int = 100) -> str:
    """The line of a text with a caret under one column, cut around it when it is long."""
    shown = (text.split("\n")[line - 1] if line <= text.count("\n") + 1 else "").replace("\t", " ")
    shown = "".join(c if c.isprintable() else "?" for c in shown)
    start = max(0, column - 1 - width // 2)
    cut = shown[start : start + width]
    lead, tail = "…" if start else "", "…" if start + width < len(shown) else ""
    label = f"  {line} | "
    return f"{label}{lead}{cut}{tail}\n{' ' * (len(label) + len(lead) + column - 1 - start)}^"


class LimitError(WasmRecordsError):
    """A limit was reached.

    ``limit`` names the field of :class:`wasmrecords.Limits`, ``value`` is what it was set to,
    ``record`` the number of the record in hand (from 1), if it was one.
    """

    limit: str = ""

    def __init__(self, message: str, *, value: float, record: int | None = None) -> None:
        super().__init__(message)
        self.value, self.record = value, record


class TimeLimit(LimitError):
    """The guest worked longer on one batch than ``Limits.time`` seconds."""

    limit = "time"


class FuelLimit(LimitError):
    """The guest did more work on one batch than ``Limits.fuel`` units."""

    limit = "fuel"


class FaultLimit(LimitError):
    """The module trapped, looped or lied on more records in a row than ``Limits.faults``."""

    limit = "faults"


class MemoryLimit(LimitError):
    """The guest needed more memory than ``Limits.memory`` bytes."""

    limit = "memory"


class TableLimit(LimitError):
    """A module begins with a table of more than ``Limits.table`` elements. (A table that would grow beyond
    that fails to: the guest is told so, and goes on.)"""

    limit = "table"


class StackLimit(LimitError):
    """The guest recursed deeper than its stack allows."""

    limit = "stack"


class OutputLimit(LimitError):
    """One record's output is larger than ``Limits.output`` bytes."""

    limit = "output"


class RecordLimit(LimitError):
    """A record is larger than ``Limits.record`` bytes, or does not fit the guest's memory."""

    limit = "record"


class NestingLimit(LimitError):
    """A config or schema is nested deeper than ``Limits.nesting`` levels."""

    limit = "nesting"


class ModuleLimit(LimitError):
    """A module is larger than ``Limits.module`` bytes."""

    limit = "module"


class CompileLimit(LimitError):
    """A module was not compiled within ``Limits.compile`` seconds of processor time, or needed more than
    ``Limits.compile_memory`` bytes: ``limit`` says which."""

    limit = "compile"

    def __init__(self, message: str, *, value: float, limit: str = "compile") -> None:
        super().__init__(message, value=value)
        self.limit = limit


class FailureLimit(LimitError):
    """More records failed than ``max_failures`` of :func:`wasmrecords.run` allows: no field of ``Limits``."""

    limit = "max_failures"


class GuestError(WasmRecordsError):
    """The module trapped, exited, or said something that cannot be true.

    ``code`` is ``"trap"``, ``"exit"``, ``"reply"``, ``"killed"`` for a worker process that was, or
    ``"cancelled"`` for a call that was stopped from outside.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class RecordError(WasmRecordsError):
    """A record failed, and nothing was given that takes failures. ``failure`` is the first one."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class CallError(RecordError):
    """A function that was called from Python returned an error. ``failure`` has its ``code`` and ``message``,
    and as ``record`` the number of the call, from 1."""

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(failure)
        self.args = (message,)


class SourceError(WasmRecordsError):
    """An input could not be read, or an output could not be written."""
