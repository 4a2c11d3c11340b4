"""Python objects to records and back, in batches."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import json
import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import orjson

from ._digits import integer
from ._errors import GuestError, RecordError
from ._outcome import Failure
from ._work import Work

_BYTES, _RECORDS = 64 * 1024, 512
_LINGER = 0.02
"""Seconds that a record may wait for company in :func:`agather`."""

# orjson reads integers over 64 bits as floats: such output goes to the standard library.
LONG_INTEGER = re.compile(rb"\d{19}")


class _Buffer:
    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._size = self._number = 0

    def add(self, record: Any) -> bool:
        """Adds a record; True when the batch is full."""
        self._number += 1
        line = _line_of(record, self._number)
        self._lines.append(line)
        self._size += len(line)
        return self._size >= _BYTES or len(self._lines) >= _RECORDS

    def take(self) -> bytes:
        """What was added, as NDJSON; the buffer is empty then."""
        data = b"".join(self._lines)
        self._lines.clear()
        self._size = 0
        return data


def _line_of(record: Any, number: int) -> bytes:
    try:
        line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        if b"null" in line:
            # orjson writes null for NaN and the infinities too; the standard library can tell.
            json.dumps(record, allow_nan=False, default=_members)
        return line
    except (TypeError, ValueError) as error:
        try:
            return json.dumps(record, allow_nan=False).encode() + b"\n"
        except (TypeError, ValueError, RecursionError):
            raise TypeError(f"record {number} cannot be written as JSON: {error}") from None


def _members(value: Any) -> Any:
    """What orjson writes of an object that the standard library does not know."""
    if isinstance(value, enum.Enum):
        return value.value
    if not dataclasses.is_dataclass(value):
        return None
    names = (field.name for field in dataclasses.fields(value))
    return {name: getattr(value, name) for name in names if not name.startswith("_")}


def require_records(records: object, failures: object, kinds: tuple[type, ...] = (Iterable,)) -> None:
    """Raises :class:`TypeError` for what are no records, or one alone, and for what is no function."""
    if isinstance(records, (str, bytes, bytearray, memoryview, Mapping)) or not isinstance(records, kinds):
        found = type(records).__name__
        advice = ""
        if isinstance(records, Mapping):
            advice = ": one record goes in a list"
        elif isinstance(records, (bytes, bytearray, memoryview)):
            advice = ": text of records goes to run()"
        raise TypeError(f"records: expected an iterable of records, found {found}{advice}")
    if failures is not None and not callable(failures):
        raise TypeError(f"failures: expected a function, found {type(failures).__name__}")


def gather(records: Iterable[Any]) -> Iterator[bytes]:
    """Records as NDJSON, some hundred at a time. Those before an exception of the source come first."""
    buffer = _Buffer()
    try:
        for record in records:
            if buffer.add(record):
                yield buffer.take()
    except Exception:
        if rest := buffer.take():
            yield rest
        raise
    if rest := buffer.take():
        yield rest


async def agather(records: AsyncIterable[Any] | Iterable[Any]) -> AsyncGenerator[bytes, None]:
    """The same for an asynchronous source; what has come does not wait for what may never come."""
    if not isinstance(records, AsyncIterable):
        for data in gather(records):
            yield data
        return
    buffer, source = _Buffer(), aiter(records)
    clock = asyncio.get_running_loop().time
    coming: asyncio.Future[Any] | None = None
    due: float | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(source))
            done, _ = await asyncio.wait([coming], timeout=None if due is None else max(0.0, due - clock()))
            if not done:
                due = None
                yield buffer.take()
                continue
            came, coming = coming, None
            try:
                record = came.result()
            except StopAsyncIteration:
                break
            full = buffer.add(record)
            due = None if full else due or clock() + _LINGER
            if full:
                yield buffer.take()
    except Exception:
        if rest := buffer.take():
            yield rest
        raise
    finally:
        if coming is not None:
            coming.cancel()
    if rest := buffer.take():
        yield rest


def objects(
    work: Work,
    failures: Callable[[Failure], object] | None,
    outputs: Mapping[str, Callable[[Any], object]] | None = None,
) -> Iterator[Any]:
    """The objects of the main output, lazily; those of other outputs are given to ``outputs`` at once. Behind
    them failed records are given to ``failures``. Without it the first one raises :class:`RecordError`,
    behind the objects of the records before it."""
    first = work.failures[0] if work.failures and failures is None else None
    for name, part in work.further.items():
        if outputs and (take := outputs.get(name)) is not None:
            for item in _loaded(part.output, part.lineage, first):
                take(item)
    return chain(_loaded(work.output, work.lineage, first), _report_failures(work, failures, first))


def _loaded(
    parts: list[bytes] | list[bytes | memoryview], lineage: list[int], first: Failure | None
) -> Iterator[Any]:
    """The records of an output, up to the ``first`` that failed."""
    output = b"".join(parts)
    load = load_all if LONG_INTEGER.search(output) else orjson.loads
    for at, line in enumerate(output.split(b"\n")[:-1]):
        if first is not None and lineage[at] > first.record:
            break
        try:
            item = load(line)
        except ValueError:
            item = load_all(line)
        yield item


def _report_failures(
    work: Work, failures: Callable[[Failure], object] | None, first: Failure | None
) -> Iterator[Any]:
    """Yields nothing. It is a generator so that the failures come when all objects before them were taken."""
    if first is not None:
        raise RecordError(first)
    for failure in work.failures:
        failures(failure)  # type: ignore[misc]
    yield from ()


def load_all(line: bytes) -> Any:
    """What orjson refuses or rounds as well: long integers, ``1e400``, escaped lone surrogates."""
    try:
        return json.loads(line, parse_int=integer, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise GuestError("the module's output is not JSON", code="reply") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
