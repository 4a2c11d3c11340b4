"""One run: all sources through one transform into one output."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .._errors import ModuleError, RecordError, SourceError
from .._outcome import Failure
from .._recipe import require_transform
from .._text import shown
from ._format import OUTPUT_FORMATS, Lines, Writer, writer
from ._outputs import Done, Outputs
from ._report import Report, Written
from ._sink import Sink, refuse_same_file, refuse_shared
from ._source import CountedSource, Place, label, locate
from ._tolerance import Tolerance

if TYPE_CHECKING:
    from .._source import Input
    from .._transform import Transform
    from .._work import FurtherOutput, Work

_MOST_CODES = 1_000
"""Codes of failures that are counted each on its own."""

INPUT_FORMATS = ("auto", "ndjson", "json")


def run(
    inputs: Any,
    transform: Transform,
    output: Any = None,
    *,
    outputs: Mapping[str, Any] | None = None,
    errors: Any = None,
    input: Input = "auto",
    output_format: str = "ndjson",
    fail_fast: bool = False,
    max_failures: int | str | None = None,
    flush_every: int | None = None,
    progress: Callable[[Report], None] | None = None,
    report: Any = None,
    stderr: Any = None,
) -> Report:
    """Runs all records of all inputs through a transform, in bounded memory, and says what became of them.

    inputs         a path, a pattern as ``"in/*.ndjson"``, ``"-"`` for standard input, a binary file object,
                   or an iterable of those; one after the other
    transform      from :func:`wasmrecords.jq`, :func:`wasmrecords.validate` or :func:`wasmrecords.load`
    output         a path, a binary file object, or None or ``"-"`` for standard output
    outputs        where records go that a module gives to outputs beyond the main one: a mapping of their
                   names to places as for ``output``, in the same format. Those of an output that is not named
                   here are dropped, and counted in the report
    errors         where the dead letters go: a path or a binary file object. By default
                   ``OUTPUT.errors.ndjson`` beside an output file, ``stderr`` otherwise
    input          ``"ndjson"``, ``"json"``, or ``"auto"``: by the first value of each source
    output_format  ``"ndjson"``, ``"json"`` (one array) or ``"pretty"`` (the same, indented)
    fail_fast      raise :class:`RecordError` after the batch in which the first record failed
    max_failures   raise :class:`FailureLimit` when more records fail: a number, or a share as ``"5%"``
                   (looked at from the 1,000th record on, and at the end)
    flush_every    ask a module with a state for what it has so far behind each so many records of a source
    progress       called with a :class:`Report` before the first batch, when all is checked and open, and
                   after each batch, or after some that took some hundredths of a second together; when an
                   exception follows, the last report tells what was done
    report         a path to which the report is written as JSON, also when the run cannot finish
    stderr         a binary file object for what people read: ``debug`` and log text, and dead letters that
                   have no file. By default standard error

    Files appear whole: output is written as ``NAME.<process id>.part`` and renamed when the run is done, so a
    file that stood there before is replaced at the end or not at all. A run that cannot finish, for whatever
    exception, leaves what it has in the ``.part`` files, cut behind the last finished batch, and says so in a
    note on the exception. A file named by ``errors`` is always made; the default one only when a record
    failed, and one that an earlier run left is removed when none did. Pipes, terminals, devices and
    descriptors, as ``/dev/fd/3``, are written as it comes.

    Raises :class:`SourceError` when something cannot be read or written (before anything is written, where
    that can be known), :class:`BrokenPipeError` when the reader of a pipe has left, :class:`LimitError` or
    :class:`GuestError` when the transform cannot go on, :class:`ValueError` or :class:`TypeError` for
    wrong arguments.
    """
    require_input_format(input)
    if output_format not in OUTPUT_FORMATS:
        raise ValueError(
            f"output_format: expected one of {', '.join(OUTPUT_FORMATS)}, found {output_format!r}"
        )
    require_transform(transform)
    tolerance = Tolerance(max_failures)
    started = time.perf_counter(), time.process_time()
    places = locate(inputs)
    transform._require_outputs(outputs, "paths or binary files")
    transform._require_flush(flush_every)
    sinks = Outputs.choose(output, errors, report, stderr, outputs)
    refuse_same_file(places, sinks.named, sinks.stderr)
    refuse_shared(sinks.written)
    job = Job(
        places,
        transform,
        sinks,
        started=started,
        progress=progress,
        tolerance=tolerance,
        fail_fast=fail_fast,
        flush_every=flush_every,
    )
    return job.run(input, partial(writer, output_format))


def require_input_format(input: str) -> None:
    """Raises :class:`ValueError` for a name that is none of :data:`INPUT_FORMATS`."""
    if input not in INPUT_FORMATS:
        raise ValueError(f"input: expected one of {', '.join(INPUT_FORMATS)}, found {input!r}")


class Job:
    """The state of one run, from its first source to its report. ``started`` are the wall clock and the
    processor time at which it began, both in seconds."""

    def __init__(
        self,
        places: list[Place],
        transform: Transform,
        outputs: Outputs,
        *,
        started: tuple[float, float],
        progress: Callable[[Report], None] | None,
        tolerance: Tolerance | None = None,
        fail_fast: bool = False,
        flush_every: int | None = None,
    ) -> None:
        self.places, self.transform, self.outputs = places, transform, outputs
        self.started, self.progress = started, progress
        self.tolerance = Tolerance(None) if tolerance is None else tolerance
        self.fail_fast, self.flush_every = fail_fast, flush_every
        self.done = Done()
        self.done = Done(further=self.further({}))
        self.straight: Callable[[memoryview], None] | None = None
        self.begun = False
        self.bytes_in = 0
        self.fuel: int | None = None
        sizes = [place.size for place in places]
        self.bytes_total = None if None in sizes else sum(size or 0 for size in sizes)
        self.names = tuple(place.name for place in places)

    def run(self, input_format: Input, make_writer: Callable[[Sink], Writer]) -> Report:
        """All of it. Raises what :func:`run` raises."""
        try:
            self._run(input_format, make_writer)
            return self.write_report(finished=True)
        except BaseException:
            self.outputs.withdraw_report()  # half of it is of no use
            raise

    def _run(self, input_format: Input, make_writer: Callable[[Sink], Writer]) -> None:
        outputs = self.outputs
        try:
            outputs.open()
            self.writer = make_writer(outputs.output)
            self.writers = {name: make_writer(sink) for name, sink in outputs.further.items()}
            # A share of failures is looked at after each batch.
            if self.tolerance.percent is None and isinstance(self.writer, Lines):
                self.straight = self.writer.straight
            self.source = self.places[0].open()
            self.begun = True
            self.report_progress()
            for number, place in enumerate(self.places):
                if number:
                    self.source = place.open()
                self.drain(place.name, input_format)
            self.tolerance.check(self.done.counts, at_end=True)
            for each in (*self.writers.values(), self.writer):
                each.finish()
            outputs.finish()
            self.done = self.done._replace(further=self.further({}))
        except BrokenPipeError as error:
            self.give_up(error)
            if not outputs.files:
                raise  # all that was asked for went where nobody reads on
            left = SourceError("the reader of an output has left, and not all was written to the others")
            for note in getattr(error, "__notes__", ()):
                left.add_note(note)
            raise left from error
        except BaseException as error:
            self.give_up(error)
            raise

    def drain(self, name: str, input_format: Input) -> None:
        """One source, to its end."""
        source: CountedSource = self.source
        before = self.bytes_in
        try:
            lend = partial(self.transform._lend, name=_file_name(name), flush_every=self.flush_every)
            for work in lend(source, input=input_format, write=self.straight):
                self.bytes_in = before + source.bytes_read
                with _closing(work.failures):
                    self.deliver(name, work)
            self.bytes_in = before + source.bytes_read
        finally:
            source.close()

    def deliver(self, name: str, work: Work) -> None:
        """Writes what one batch came to, then counts it."""
        outputs, done = self.outputs, self.done
        size = done.output_size + work.poured
        for lines in work.output:
            self.writer.write(lines)
            size += len(lines)
        for output, part in work.further.items():
            if (to := self.writers.get(output)) is not None:
                for text in part.output:
                    to.write(text)
        if work.log:
            with contextlib.suppress(OSError, SourceError):  # nobody reads it: no reason to end the run
                outputs.stderr.write(_log_text(b"".join(work.log)))
        codes, first = done.codes, done.first
        if work.failures:
            outputs.letters.write(name, tuple(work.failures))
            codes = _counted(codes, work.failures)
            first = first or _sentence(name, work.failures[0])
        if self.straight is None:
            size = outputs.output.size
        further = self.further(work.further) if work.further else done.further
        self.done = Done(work.on_top_of(done.counts), size, outputs.letters.size, further, codes, first)
        if work.fuel is not None:
            self.fuel = (self.fuel or 0) + work.fuel
        self.report_progress()
        if self.fail_fast and work.failures:
            raise RecordError(work.failures[0])
        self.tolerance.check(self.done.counts, at_end=False)

    def further(self, work: Mapping[str, FurtherOutput]) -> Mapping[str, Written]:
        """What went to outputs beyond the main one, with this on top."""
        found = {}
        for name in self.transform.outputs:
            before, sink = self.done.further.get(name, Written()), self.outputs.further.get(name)
            records = before.records + (work[name].written if name in work else 0)
            found[name] = Written(records, sink.size, sink.where) if sink else Written(records)
        return found

    def give_up(self, error: BaseException) -> None:
        """Leaves things in order, and notes on the error what was done and where it is."""
        kept = self.outputs.abandon(self.done)
        self.done = self.done._replace(further=self.further({}))
        # A module may show only with the first input that it cannot read it.
        begun = self.begun and not (isinstance(error, ModuleError) and not self.done.counts.read)
        if begun:
            count = self.done.counts.read
            error.add_note(f"{count:,} {'record was' if count == 1 else 'records were'} done")
        if kept:
            error.add_note(
                "; ".join([*kept, *(f"{shown(name)} is as it was" for name in self.outputs.untouched)])
            )
        if not begun:
            return  # nothing ran: there is nothing to report
        try:
            self.write_report(finished=False)
        except (SourceError, BrokenPipeError) as second:  # the first one stays the reason
            error.add_note(str(second))

    def report_progress(self) -> None:
        """Calls the progress function, if there is one."""
        if self.progress is not None:
            self.progress(self.report(finished=False))

    def report(self, *, finished: bool) -> Report:
        return Report(
            counts=self.done.counts,
            seconds=time.perf_counter() - self.started[0],
            cpu_seconds=time.process_time() - self.started[1],
            bytes_in=self.bytes_in,
            bytes_out=self.outputs.output.size,
            bytes_total=self.bytes_total,
            sources=self.names,
            codes=dict(self.done.codes),
            first_failure=self.done.first,
            dead_letters=self.outputs.errors.where if self.done.first is not None else None,
            fuel=self.fuel,
            sha256=self.transform.sha256,
            capabilities=self.transform.capabilities,
            locks=self.transform.locks,
            finished=finished,
            outputs=dict(self.done.further),
        )

    def write_report(self, *, finished: bool) -> Report:
        """The report, which is also written to its file, if it has one."""
        report, place = self.report(finished=finished), self.outputs.report
        if place is not None:
            import json

            place.write(json.dumps(report.as_dict(), indent=2).encode() + b"\n")
            place.finish()
        return report


@contextlib.contextmanager
def _closing(failures: list[Failure]) -> Iterator[None]:
    """Closes the texts that were spooled, but for one that an error takes along to whoever catches it."""
    taken = None
    try:
        yield
    except RecordError as error:
        taken = error.failure.spooled
        raise
    finally:
        for failure in failures:
            if failure.spooled is not None and failure.spooled is not taken:
                failure.spooled.close()


def _counted(codes: Mapping[str, int], failures: list[Failure]) -> dict[str, int]:
    """The codes, with those of more failures."""
    found = dict(codes)
    for failure in failures:
        # A module may make up a code for each record, and all of them would be kept.
        code = failure.code if len(found) < _MOST_CODES or failure.code in found else "more"
        found[code] = found.get(code, 0) + 1
    return found


def _sentence(name: str, failure: Failure) -> str:
    place = "" if failure.path == "$" else f" at {failure.path}"
    where = f"record {failure.record:,} (line {failure.line:,}, byte {failure.offset:,})"
    return shown(f"{label(name)} {where}{place}: {failure.message}")


def _file_name(name: str) -> str | None:
    """What jq calls a source."""
    return {"-": "<stdin>", "<stream>": None}.get(name, name)


def _log_text(log: bytes) -> bytes:
    """What a guest logged, as lines that cannot steer a terminal."""
    text = log.decode("utf-8", "backslashreplace")
    return "".join(f"{shown(line)}\n" for line in text.removesuffix("\n").split("\n")).encode()
