"""A module with its config and limits, ready to run: the object that users hold."""

from __future__ import annotations

import atexit
import contextlib
import os
import weakref
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from ._capabilities import parse_allow
from ._deadline import leave
from ._errors import GuestError, ModuleError, NestingLimit, RecipeError, RecordError, WasmRecordsError
from ._fault import Fault, error_of
from ._framing import BOM
from ._instance import Encodings, Instance
from ._limits import Limits
from ._opener import Opener
from ._outcome import Batch, Counts, Failure
from ._recipe_text import RecipeText
from ._recount import is_lines
from ._reply import Reply, Row
from ._source import BATCH, Input, Source
from ._stream import open_reader, works
from ._stretch import Write
from ._text import file_name
from ._work import Work
from ._worker import First, Worker

if TYPE_CHECKING:
    from ._explanation import Explanation

Isolation = Literal["shared", "fresh", "process"]
_IDLE_INSTANCES = 8


class Transform:
    """Runs records through one module. Made by :func:`wasmrecords.jq`, ``validate`` and ``load``.

    Safe to share between threads: each call has an instance of its own. Cheap to keep; ``close`` (or a
    ``with`` block) frees the memory of idle instances.

    name          the module's name
    sha256        of the module's bytes, in hex
    limits        :class:`wasmrecords.Limits`
    isolation     ``"shared"``: instances are used again; ``"fresh"``: each batch has a new one;
                  ``"process"``: as shared, in jailed processes
    locks         those that such a process is under: see ``require`` of :func:`wasmrecords.load`
    capabilities  what the module gets beyond its records: what it wants and was granted
    """

    def __init__(
        self,
        module: bytes,
        config: bytes | RecipeText,
        *,
        limits: Limits,
        isolation: Isolation = "shared",
        output: Literal["ndjson", "pretty"] = "ndjson",
        allow: Iterable[str] = (),
        require: str | Iterable[str] | None = None,
        trusted: bool = False,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        if isolation not in ("shared", "fresh", "process"):
            raise ValueError(f"isolation: expected 'shared', 'fresh' or 'process', found {isolation!r}")
        if require is not None and isolation != "process":
            raise ValueError("require: locks are for isolation='process'")
        # What a system lacks is told before anything is compiled.
        self.locks = _locks(require) if isolation == "process" else ()
        self.limits, self.isolation = limits, isolation
        self._trusted = trusted
        # A process may be in other hands by now than those of the module that it was started for.
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
        )
        self._plain = Encodings(output=output)
        self._separator = b"" if output == "ndjson" else b",\n"
        # Lists are stacks here: appending and popping is atomic, and the warmest instance goes first.
        self._idle: dict[Encodings, list[Instance]] = {}
        self._closed = False
        loaded = self._opener.read()
        self.name, self.sha256 = loaded.manifest.name, loaded.sha256
        self.capabilities = loaded.capabilities
        self._stateful = loaded.manifest.stateful
        self._simple = not self._stateful and isolation != "fresh"
        if (outputs := len(loaded.manifest.outputs)) > 1:
            raise ModuleError(f"the module has {outputs} outputs; this version takes one")
        if self._stateful and isolation == "fresh":
            raise ValueError(
                f"isolation: the module {self.name} keeps state from batch to batch: use 'shared'"
            )
        # The first instance shows whether program, schema and config are accepted, and what they import.
        try:
            self._give_back(self._plain, self._take(self._plain))
        except BaseException:
            self.close()  # a worker process may wait for another one
            raise
        self._names_sources = self._recipe is not None and self._recipe.asks_for_source
        _alive.add(self)

    def __repr__(self) -> str:
        locks = f" locks={'+'.join(self.locks)}" if self.locks else ""
        return f"<Transform {self.name} {self.sha256[:12]} isolation={self.isolation!r}{locks}>"

    def run(
        self, data: bytes | bytearray | memoryview, *, input: Input = "ndjson", raise_on_failure: bool = False
    ) -> Batch:
        """Runs all records of ``data``: bytes of NDJSON, or with ``input="json"`` a stream of JSON values.

        Raises :class:`RecordError` for the first failure if ``raise_on_failure``; :class:`LimitError` and
        :class:`GuestError` only when the module cannot work at all.
        """
        if not isinstance(data, bytes):
            data = _as_bytes(data)
        if input == "ndjson" and self._simple and len(data) <= BATCH and data[:3] != BOM:
            batch = self._run_small(data)
        else:
            work = Work()
            for part in self._works([data], _checked(input), self._plain):
                work.add_whole(part)
            batch = work.batch(self._separator)
        if raise_on_failure and batch.failures:
            raise RecordError(batch.failures[0])
        return batch

    def _run_small(self, data: bytes) -> Batch:
        """One call and little else, where nothing is out of the ordinary: one record costs some us."""
        instance = self._take(self._plain)
        outcome: Reply | Fault
        try:
            outcome = reply = instance.batch(data, True, 0)
        except Fault as fault:
            outcome = fault
        else:
            self._give_back(self._plain, instance)
            ordinary = not reply.failed and not reply.log and reply.consumed == len(data)
            if ordinary and (self._believed or is_lines(data, reply.finished)):
                kept = reply.finished - reply.dropped
                counts = Counts(reply.finished, kept, reply.dropped, 0, reply.written)
                return Batch(bytes(reply.output), counts, fuel=instance.spent)
        with _Borrowed(self, self._plain, (outcome, instance.spent)) as worker:
            work = worker.work(data, True)
            worker.check()
            return work.batch(self._separator)

    def stream(self, source: Source, *, input: Input = "auto", name: str | None = None) -> Iterator[Batch]:
        """Runs a source of any size in bounded memory: a :class:`Batch` for each piece of it, in order.

        ``source`` is a binary file or an iterable of bytes. ``input`` is ``"ndjson"``, ``"json"`` or
        ``"auto"``: by the first value. ``name`` is what a jq program finds in ``input_filename``. Records of
        failures count within the source. A record over ``Limits.record`` is a failure whose text is in an
        open file, ``Failure.spooled``.
        """
        for work in self._lend(source, input=input, name=name):
            yield work.batch(self._separator)

    def _lend(
        self, source: Source, *, input: Input = "auto", name: str | None = None, write: Write | None = None
    ) -> Iterator[Work]:
        """As :meth:`stream`, for the package itself: what each piece came to, whose output may be memory that
        is gone when the next one is asked for. With ``write`` some outputs may go there at once, in order."""
        encodings = self._plain
        if name is not None and self._names_sources:
            encodings = encodings._replace(source=file_name(name))
        return self._works(source, _checked(input), encodings, write)

    def map(
        self, records: Iterable[Any], *, failures: Callable[[Failure], object] | None = None
    ) -> Iterator[Any]:
        """Transforms Python objects, lazily and in batches: yields what kept records became.

        ``failures`` is called with each :class:`Failure`; without it the first one raises
        :class:`RecordError` in its place. Raises :class:`TypeError` for what is no JSON.
        """
        from ._objects import gather, objects

        with _Borrowed(self, Encodings(lineage=True)) as worker:
            for data in gather(records):
                yield from objects(worker.work(bytearray(data), True), failures)
                worker.check()
            if self._stateful:
                yield from objects(self._finish(worker), failures)

    async def amap(
        self,
        records: AsyncIterable[Any] | Iterable[Any],
        *,
        failures: Callable[[Failure], object] | None = None,
    ) -> AsyncIterator[Any]:
        """Like :meth:`map`, for asyncio: the guest works in a thread, and a slow source does not hold
        back the records that have come."""
        import asyncio
        from contextlib import aclosing

        from ._objects import agather, objects

        with _Borrowed(self, Encodings(lineage=True)) as worker:

            async def in_thread(function: Callable[..., Work], *arguments: Any) -> Work:
                try:
                    return await asyncio.to_thread(function, *arguments)
                except asyncio.CancelledError:
                    worker.abandon()
                    raise

            async with aclosing(agather(records)) as batches:
                async for data in batches:
                    for item in objects(await in_thread(worker.work, bytearray(data), True), failures):
                        yield item
                    worker.check()
            if self._stateful:
                for item in objects(await in_thread(self._finish, worker), failures):
                    yield item

    def explain(
        self, source: bytes | bytearray | memoryview | Source | None = None, *, input: Input = "auto"
    ) -> Explanation:
        """Which engine runs the recipe and why; with a source, of bytes or as :meth:`stream` takes it, which
        road its records took, too. Failed records are counted, outputs dropped.

        Raises :class:`ValueError` for a module that is no recipe.
        """
        from ._explain import Explainer

        with Explainer(self) as explainer:
            if isinstance(source, (bytes, bytearray, memoryview)):
                source = [bytes(source)]
            if source is not None:
                explainer.run(source, input=_checked(input))
            return explainer.explanation()

    def close(self) -> None:
        """Frees idle instances; a closed transform raises :class:`ValueError` when used."""
        self._closed = True
        self._opener.close()
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

    def _works(
        self, source: Source, input: Input, encodings: Encodings, write: Write | None = None
    ) -> Iterator[Work]:
        reader, encoding, mark = open_reader(source, input, self.limits)
        with _Borrowed(self, encodings._replace(input=encoding)) as worker:
            worker.skip(mark)
            yield from works(reader, worker, encoding, self.limits, write)
            if self._stateful:
                yield self._finish(worker)

    def _finish(self, worker: Worker) -> Work:
        try:
            return worker.finish()
        except Fault as fault:
            raise error_of(fault, self.limits) from None

    def _take(self, encodings: Encodings) -> Instance:
        """An idle instance that was opened for these encodings, or a new one."""
        if self._closed:
            raise ValueError("the transform is closed")
        idle = self._idle.get(encodings)
        if idle:
            try:
                return idle.pop()
            except IndexError:  # another thread was faster
                pass
        loaded = self._opener.read()
        if encodings.input not in loaded.manifest.input:
            reads = " and ".join(loaded.manifest.input)
            raise ModuleError(f"the module {self.name} reads {reads}, not {encodings.input}")
        if encodings.output not in loaded.manifest.output:
            writes = " and ".join(loaded.manifest.output)
            raise ModuleError(f"the module {self.name} writes {writes}, not {encodings.output}")
        while True:
            try:
                instance = self._opener.open(encodings)
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

    def _give_back(self, encodings: Encodings, instance: Instance) -> None:
        # An instance that was told a source's name serves that source alone.
        idle = self._idle.setdefault(encodings, []) if encodings.source is None else []
        if (
            self._closed
            or encodings.source is not None
            or self.isolation == "fresh"
            or len(idle) >= _IDLE_INSTANCES
        ):
            instance.close()
            return
        idle.append(instance)
        if self._closed:  # meanwhile
            self.close()

    def _forked(self) -> None:
        """In a forked child: engine and instances are the parent's."""
        self._idle.clear()
        self._opener.forked()


class _Borrowed:
    """A worker for one source; its instance goes back when all went well."""

    def __init__(self, transform: Transform, encodings: Encodings, first: First = None) -> None:
        self._worker = Worker(
            lambda: transform._take(encodings),
            lambda instance: transform._give_back(encodings, instance),
            cast(Literal["ndjson", "json"], encodings.input),
            transform.limits,
            fresh=transform.isolation == "fresh",
            # The values of a JSON stream take longer to count than to transform.
            trusted=transform._trusted if encodings.input == "json" else transform._believed,
            stateful=transform._stateful,
            first=first,
        )

    def __enter__(self) -> Worker:
        return self._worker

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An instance that a worker still holds is between two calls, whatever was raised. Only what a
        # module remembers of half an input must not meet the next one.
        self._worker.close(whole=kind is None)


_alive: weakref.WeakSet[Transform] = weakref.WeakSet()


def _forget() -> None:
    for transform in list(_alive):
        transform._forked()


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


def _checked(input: str) -> Input:
    if input not in ("auto", "ndjson", "json"):
        raise ValueError(f"input: expected 'ndjson', 'json' or 'auto', found {input!r}")
    return cast(Input, input)


def _as_bytes(data: object) -> bytes:
    if isinstance(data, str):
        raise TypeError("data: expected bytes, found str: encode it, as data.encode()")
    try:
        return bytes(memoryview(data))  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"data: expected bytes, found {type(data).__name__}") from None
