"""A module with its config and limits, and the instances of it that are at work or idle."""

from __future__ import annotations

import atexit
import contextlib
import copy
import os
import weakref
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Literal, Self, cast

from ._capabilities import parse_allow
from ._deadline import leave
from ._errors import GuestError, ModuleError, NestingLimit, RecipeError, WasmRecordsError
from ._fault import Fault, error_of
from ._instance import Instance, OpenOptions
from ._limits import Limits, require_limits
from ._manifest import Manifest
from ._module import Select
from ._opener import Opener
from ._recipe_text import RecipeText
from ._reply import Row
from ._worker import First, Worker

Isolation = Literal["shared", "fresh", "process"]
IDLE_INSTANCES = 8


class Runner:
    """What transforms and functions have in common. ``plain`` is how instances are opened by default; None
    opens the first function. ``select`` says which part of the manifest counts, ``check`` refuses it if
    something does not go with it."""

    _noun = "transform"

    def __init__(
        self,
        module: bytes,
        config: bytes | RecipeText,
        *,
        limits: Limits,
        isolation: Isolation,
        plain: OpenOptions | None = None,
        allow: Iterable[str],
        require: str | Iterable[str] | None,
        trusted: bool,
        notify: Callable[[str], None] | None,
        select: Select,
        check: Callable[[Manifest], None] | None,
    ) -> None:
        require_limits(limits)
        if isolation not in ("shared", "fresh", "process"):
            raise ValueError(f"isolation: expected 'shared', 'fresh' or 'process', found {isolation!r}")
        if require is not None and isolation != "process":
            raise ValueError("require: locks are for isolation='process'")
        # Locks that the system lacks are reported before anything is compiled.
        self.locks = _locks(require) if isolation == "process" else ()
        self.limits, self.isolation = limits, isolation
        self._trusted = trusted
        # Not what a worker process says: whatever runs in it may have taken it over.
        self._believed = trusted and isolation != "process"
        self._recipe = config if isinstance(config, RecipeText) else None
        self._opener = Opener(
            module,
            config.config if isinstance(config, RecipeText) else config,
            limits,
            allow=parse_allow(allow),
            trusted=trusted,
            notify=notify,
            apart=isolation == "process",
            select=select,
        )
        # Lists are stacks here: appending and popping is atomic, and the warmest instance goes first.
        self._idle: dict[OpenOptions, list[Instance]] = {}
        self._closed = False
        loaded = self._opener.read()
        self._manifest = loaded.manifest
        self._plain = plain or OpenOptions(function=loaded.manifest.functions[0].name)
        self.name, self.sha256 = loaded.manifest.name, loaded.sha256
        self.capabilities = loaded.capabilities
        self._stateful, self.outputs = loaded.manifest.stateful, loaded.manifest.outputs[1:]
        self._simple = not (self._stateful or self.outputs) and isolation != "fresh"
        if self._stateful and isolation == "fresh":
            raise ValueError(
                f"isolation: the module {self.name} keeps state from batch to batch: use 'shared'"
            )
        try:
            if check is not None:
                check(loaded.manifest)
            # The first instance shows whether program, schema and config are accepted, and what they import.
            self._give_back(self._plain, self._take(self._plain))
        except BaseException:
            self.close()  # a worker process may wait for another one
            raise
        _alive.add(self)

    def close(self) -> None:
        """Frees the idle instances. Using it afterwards raises :class:`ValueError`."""
        self._closed = True
        self._opener.close()
        self._close_idle()

    def _close_idle(self) -> None:
        for idle in list(self._idle.values()):
            with contextlib.suppress(IndexError):  # another thread was faster
                while True:
                    idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, options: OpenOptions) -> Instance:
        """An idle instance that was opened for these options, or a new one."""
        if self._closed:
            raise ValueError(f"the {self._noun} is closed")
        idle = self._idle.get(options)
        if idle:
            try:
                return idle.pop()
            except IndexError:  # another thread was faster
                pass
        loaded = self._opener.read()
        if options.input not in loaded.manifest.input:
            reads = " and ".join(loaded.manifest.input)
            raise ModuleError(f"the module {self.name} reads {reads}, not {options.input}")
        if options.output not in loaded.manifest.output:
            writes = " and ".join(loaded.manifest.output)
            raise ModuleError(f"the module {self.name} writes {writes}, not {options.output}")
        while True:
            try:
                instance = self._opener.open(options)
            except Fault as fault:
                raise error_of(fault, self.limits) from None
            row = instance.refusal
            if row is None:
                return instance
            instance.close()
            if self._recipe is None or not self._recipe.adds(row):
                raise self._refused(row)
            self._opener.config = self._recipe.config

    def _refused(self, row: Row) -> WasmRecordsError:
        if self._recipe is not None and (error := self._recipe.error(row)) is not None:
            return error
        if row.code == "nesting":
            return NestingLimit(row.message, value=self.limits.nesting)
        if row.code in ("program", "schema", "config"):
            return RecipeError(row.message, kind=row.code, offset=row.offset, path=row.path)
        return GuestError(f"the module refused to open: {row.message}", code="reply")

    def _give_back(self, options: OpenOptions, instance: Instance) -> None:
        # An instance that was told a source's name serves that source alone.
        idle = self._idle.setdefault(options, []) if options.source is None else []
        if (
            self._closed
            or options.source is not None
            or self.isolation == "fresh"
            or len(idle) >= IDLE_INSTANCES
        ):
            instance.close()
            return
        idle.append(instance)
        if self._closed:  # meanwhile
            self.close()

    def _with_recipe(self, recipe: RecipeText) -> Self:
        """The same with another recipe and instances of its own. The module's code is shared, so it is not to
        be closed: ``_close_idle`` frees what is its own."""
        twin = copy.copy(self)
        twin._recipe = recipe
        twin._opener = self._opener.with_config(recipe.config)
        twin._idle = {}
        _alive.add(twin)
        return twin

    def _forked(self) -> None:
        """In a forked child: engine and instances are the parent's."""
        self._idle.clear()
        self._opener.forked()


class Borrowed:
    """A worker for one source; its instance goes back when all went well."""

    def __init__(self, runner: Runner, options: OpenOptions, first: First = None) -> None:
        self._worker = Worker(
            lambda: runner._take(options),
            lambda instance: runner._give_back(options, instance),
            cast(Literal["ndjson", "json"], options.input),
            runner.limits,
            fresh=runner.isolation == "fresh",
            # The values of a JSON stream take longer to count than to run.
            trusted=runner._trusted if options.input == "json" else runner._believed,
            stateful=runner._stateful,
            first=first,
            outputs=runner.outputs,
        )

    def __enter__(self) -> Worker:
        return self._worker

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An instance that a worker still holds is between two calls, whatever was raised. Only what a
        # module remembers of half an input must not meet the next one.
        self._worker.close(whole=kind is None)


_alive: weakref.WeakSet[Runner] = weakref.WeakSet()


def _forget() -> None:
    for runner in list(_alive):
        runner._forked()


def _leave() -> None:
    """At the end of the process: what is left of wasmtime has to go while its modules are still there."""
    leave()  # and no guest may work in it any more
    _forget()


atexit.register(_leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _locks(require: str | Iterable[str] | None) -> tuple[str, ...]:
    from ._jail import required

    return required(require)
