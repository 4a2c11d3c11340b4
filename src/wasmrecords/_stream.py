"""A whole source through a worker, in bounded memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator

from ._fault import Fault, error_of
from ._framing import Encoding
from ._limits import Limits
from ._source import Input, Reader, Source
from ._stretch import Write
from ._work import Work
from ._worker import Worker


def open_reader(source: Source, chosen: Input, limits: Limits) -> tuple[Reader, Encoding, int]:
    """The reader of a source, its format, and the bytes of a byte order mark passed over."""
    reader = Reader(source)
    encoding, mark = reader.start(chosen, limits.record)
    return reader, encoding, mark


def works(
    reader: Reader,
    worker: Worker,
    encoding: Encoding,
    limits: Limits,
    write: Write | None,
    flush_every: int | None = None,
) -> Iterator[Work]:
    """What becomes of the records, piece by piece; or of some pieces together, whose output ``write`` got. A
    stateful module is asked for what it has after each ``flush_every`` records."""
    left = flush_every or 0
    while True:
        data: bytes | bytearray | memoryview | None
        if worker.straight and reader.lends:
            poured, data = worker.pour(reader, write)
            if poured.consumed:
                yield poured
            worker.check()
            if data is None:
                continue
        else:
            # One byte more than the limit may be the CR that ends a line.
            size = reader.lines(limits.record + 1) if encoding == "ndjson" else reader.twice(limits.record)
            data = reader.take(size)
        if data or worker.in_array:
            last = reader.ended
            if flush_every is not None:
                rest, left = yield from _flushing(worker, bytes(data), last, flush_every, left, limits)
                reader.buffer[:0] = rest
            else:
                work = worker.work(data, last)
                if work.rest:
                    reader.buffer[:0] = work.rest
                if work.read or work.consumed:
                    yield work
                worker.check()
            if last:
                return
        elif reader.ended:
            return
        buffer = reader.buffer
        if encoding == "json":
            if len(buffer) > limits.record:
                del buffer[: worker.lead(buffer)]
            oversized = len(buffer) > limits.record
        else:
            oversized = len(buffer) > limits.record + 1 and b"\n" not in buffer
        if oversized:
            spooled = _spool(reader, worker, encoding, limits)
            yield spooled
            left -= spooled.read
            if flush_every is not None and left <= 0:
                yield _flushed(worker, limits)
                left = flush_every


def _flushing(
    worker: Worker, data: bytes, last: bool, every: int, left: int, limits: Limits
) -> Generator[Work, None, tuple[bytes, int]]:
    """Works on ``data``, and flushes the module behind the next ``left`` records and then behind each
    ``every``. Returns the bytes that are left over, and how many records there are until the next flush."""
    at, cuts = 0, worker.begins(data, left, every, last)
    while True:
        cut = next(cuts, None)
        work = worker.work(data[at:cut], last and cut is None)
        if cut is not None and not work.consumed:
            # Whether a value ends there, only what is behind it says.
            cut, work = None, worker.work(data[at:], last)
        if work.read or work.consumed:
            yield work
        worker.check()
        at += work.consumed
        left -= work.read
        if left <= 0:
            yield _flushed(worker, limits)
            left = every
        if cut is None:
            return data[at:], left


def _flushed(worker: Worker, limits: Limits) -> Work:
    try:
        return worker.flush()
    except Fault as fault:
        said = Fault(fault.code, f"asked for what it has so far: {fault.message}")
        raise error_of(said, limits) from None


def _spool(reader: Reader, worker: Worker, encoding: Encoding, limits: Limits) -> Work:
    """Passes over the record at hand, which is over the limit; its text goes to a temporary file."""
    file, length, newlines, cut = reader.spool(encoding)
    if file is None:
        worker.pass_over(length, newlines)
        return Work(consumed=length)
    message = f"the record is larger than {limits.record} bytes (limit record)"
    failure = worker.oversized(length, newlines, message, cut)
    return Work(failures=[dataclasses.replace(failure, spooled=file)], read=1, consumed=length)
