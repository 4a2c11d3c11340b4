"""A module with its config and limits, ready to run: the object that users hold."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

from ._errors import RecordError
from ._fault import Fault, error_of
from ._framing import BOM
from ._instance import OpenOptions
from ._limits import Limits
from ._manifest import Manifest, nearest
from ._outcome import Batch, Counts, Failure
from ._recipe_text import RecipeText
from ._recount import is_lines
from ._reply import Reply
from ._runner import Borrowed, Isolation, Runner
from ._source import BATCH, Input, Source
from ._stream import open_reader, works
from ._stretch import Write
from ._text import file_name
from ._work import Work
from ._worker import Worker

if TYPE_CHECKING:
    from ._explanation import Explanation


class Transform(Runner):
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
    outputs       names of its outputs beyond the main one
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
        transform: str | None = None,
        check: Callable[[Manifest], None] | None = None,
    ) -> None:
        super().__init__(
            module,
            config,
            limits=limits,
            isolation=isolation,
            plain=OpenOptions(output=output, transform=transform),
            allow=allow,
            require=require,
            trusted=trusted,
            notify=notify,
            select=partial(Manifest.of_transform, name=transform),
            check=check,
        )
        self._separator = b"" if output == "ndjson" else b",\n"
        self._names_sources = self._recipe is not None and self._recipe.asks_for_source

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
            batch = work.batch(self._separator, self.outputs)
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
                read, dropped = reply[:2]
                counts = tuple.__new__(Counts, (read, read - dropped, dropped, 0, reply.written))  # in C
                return Batch(bytes(reply.output), counts, fuel=instance.spent)
        with Borrowed(self, self._plain, (outcome, instance.spent)) as worker:
            work = worker.work(data, True)
            worker.check()
            return work.batch(self._separator, self.outputs)

    def stream(
        self,
        source: Source,
        *,
        input: Input = "auto",
        name: str | None = None,
        flush_every: int | None = None,
    ) -> Iterator[Batch]:
        """Runs a source of any size in bounded memory: a :class:`Batch` for each piece of it, in order.

        ``source`` is a binary file or an iterable of bytes. ``input`` is ``"ndjson"``, ``"json"`` or
        ``"auto"``: by the first value. ``name`` is what a jq program gets from ``input_filename``. Failures
        count their records from the start of the source. A record over ``Limits.record`` becomes a failure
        whose text is in an open file, ``Failure.spooled``. With ``flush_every`` a stateful module is asked
        for its results so far behind each so many records; they come as a batch of their own, which read
        none.
        """
        for work in self._lend(source, input=input, name=name, flush_every=flush_every):
            yield work.batch(self._separator, self.outputs)

    def _lend(
        self,
        source: Source,
        *,
        input: Input = "auto",
        name: str | None = None,
        write: Write | None = None,
        flush_every: int | None = None,
    ) -> Iterator[Work]:
        """As :meth:`stream`, for the package itself: what each piece came to, whose output may be memory that
        is gone when the next one is asked for. With ``write`` some outputs may go there at once, in order."""
        if not isinstance(name, (str, type(None))):
            raise TypeError(f"name: expected str, found {type(name).__name__}")
        options = self._plain
        if name is not None and self._names_sources:
            options = options._replace(source=file_name(name))
        self._require_flush(flush_every)
        if flush_every is not None:
            flush_every = min(flush_every, sys.maxsize)
        return self._works(source, _checked(input), options, write, flush_every)

    def map(
        self,
        records: Iterable[Any],
        *,
        failures: Callable[[Failure], object] | None = None,
        outputs: Mapping[str, Callable[[Any], object]] | None = None,
    ) -> Iterator[Any]:
        """Transforms Python objects, lazily and in batches: yields what kept records became.

        ``failures`` is called with each :class:`Failure`; without it the first one raises
        :class:`RecordError` in its place. ``outputs`` maps names of outputs beyond the main one to functions,
        as ``{"audit": notes.append}``: each is called with the records of its output, batch by batch, before
        the batch's main output is yielded. Records of an output that is not named are dropped.

        Raises :class:`TypeError` for a record that JSON cannot write, :class:`ValueError` for an output that
        the module does not have.
        """
        from ._objects import gather, objects, require_records

        require_records(records, failures)
        self._require_outputs(outputs, "functions", called=True)
        with Borrowed(self, self._plain._replace(lineage=True)) as worker:
            for data in gather(records):
                yield from objects(worker.work(bytearray(data), True), failures, outputs)
                worker.check()
            if self._stateful:
                yield from objects(self._finish(worker), failures, outputs)

    async def amap(
        self,
        records: AsyncIterable[Any] | Iterable[Any],
        *,
        failures: Callable[[Failure], object] | None = None,
        outputs: Mapping[str, Callable[[Any], object]] | None = None,
    ) -> AsyncIterator[Any]:
        """Like :meth:`map`, for asyncio: the guest works in a thread, and records that have come are not held
        back by a slow source."""
        import asyncio
        from contextlib import aclosing

        from ._objects import agather, objects, require_records

        require_records(records, failures, (Iterable, AsyncIterable))
        self._require_outputs(outputs, "functions", called=True)
        with Borrowed(self, self._plain._replace(lineage=True)) as worker:

            async def in_thread(function: Callable[..., Work], *arguments: Any) -> Work:
                try:
                    return await asyncio.to_thread(function, *arguments)
                except asyncio.CancelledError:
                    worker.abandon()
                    raise

            async with aclosing(agather(records)) as batches:
                async for data in batches:
                    work = await in_thread(worker.work, bytearray(data), True)
                    for item in objects(work, failures, outputs):
                        yield item
                    worker.check()
            if self._stateful:
                for item in objects(await in_thread(self._finish, worker), failures, outputs):
                    yield item

    def explain(
        self, source: bytes | bytearray | memoryview | Source | None = None, *, input: Input = "auto"
    ) -> Explanation:
        """Which engine runs the recipe, and why. With a ``source``, bytes or what :meth:`stream` takes, also
        which road its records took: failed records are counted, and output is dropped.

        Raises :class:`ValueError` for a module that is not a recipe.
        """
        from ._explain import Explainer

        with Explainer(self) as explainer:
            if isinstance(source, (bytes, bytearray, memoryview)):
                source = [bytes(source)]
            if source is not None:
                explainer.run(source, input=_checked(input))
            return explainer.explanation()

    def _works(
        self,
        source: Source,
        input: Input,
        options: OpenOptions,
        write: Write | None = None,
        flush_every: int | None = None,
    ) -> Iterator[Work]:
        reader, encoding, mark = open_reader(source, input, self.limits)
        with Borrowed(self, options._replace(input=encoding)) as worker:
            worker.skip(mark)
            yield from works(reader, worker, encoding, self.limits, write, flush_every)
            if self._stateful:
                yield self._finish(worker)

    def _require_flush(self, every: int | None) -> None:
        """Raises :class:`ValueError` for a module that has nothing to flush, and for no number of records."""
        if every is None:
            return
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"flush_every: expected a number of records, at least 1, found {every!r}")
        if not self._stateful:
            raise ValueError(f"flush_every: the module {self.name} keeps no state: there is nothing to flush")

    def _require_outputs(self, outputs: Mapping[str, Any] | None, to: str, *, called: bool = False) -> None:
        """Raises :class:`TypeError` for what is no mapping of names to what they go ``to``, and
        :class:`ValueError` for a name that is none of the outputs beyond the main one."""
        if outputs is None:
            return
        if not isinstance(outputs, Mapping):
            raise TypeError(f"outputs: expected a mapping of names to {to}, found {type(outputs).__name__}")
        for name, place in outputs.items():
            if called and not callable(place):
                raise TypeError(f"outputs: expected a function for {name!r}, found {type(place).__name__}")
            if name not in self.outputs:
                if not self.outputs:
                    known = ": it has only the main one"
                elif name == "main":
                    known = " beside the main one: that goes to `output` (-o)"
                else:
                    known = nearest(str(name), list(self.outputs))
                raise ValueError(f"outputs: the module {self.name} has no output {name!r}{known}")

    def _finish(self, worker: Worker) -> Work:
        try:
            return worker.finish()
        except Fault as fault:
            said = Fault(fault.code, f"at the end of the input: {fault.message}")
            raise error_of(said, self.limits) from None


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
