"""Python objects to records and back, in batches."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import orjson

from ._errors import GuestError, RecordError
from ._outcome import Failure
from ._worker import Work

_BYTES, _RECORDS = 64 * 1024, 512
_LINGER = 0.02
"""Seconds that a record may wait for company in :func:`agather`."""

# orjson reads integers over 64 bits as floats: such lines go to the standard library.
_LONG_INTEGER = re.compile(rb"\d{19}")


class _Buffer:
    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._size = self._number = 0

    def add(self, record: Any) -> bool:
        """True when the batch is full."""
        self._number += 1
        line = _dump(record, self._number)
        self._lines.append(line)
        self._size += len(line)
        return self._size >= _BYTES or len(self._lines) >= _RECORDS

    def take(self) -> bytes:
        data = b"".join(self._lines)
        self._lines.clear()
        self._size = 0
        return data


def _dump(record: Any, number: int) -> bytes:
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError as error:
        try:
            return json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        except (TypeError, ValueError, RecursionError):
            raise TypeError(f"record {number} cannot be written as JSON: {error}") from None


def gather(records: Iterable[Any]) -> Iterator[bytes]:
    """Records as NDJSON, some hundred at a time."""
    buffer = _Buffer()
    for record in records:
        if buffer.add(record):
            yield buffer.take()
    if rest := buffer.take():
        yield rest


async def agather(records: AsyncIterable[Any] | Iterable[Any]) -> AsyncIterator[bytes]:
    """The same for an asynchronous source; what has come does not wait for what may never come."""
    if not isinstance(records, AsyncIterable):
        for data in gather(records):
            yield data
        return
    buffer, source = _Buffer(), aiter(records)
    coming: asyncio.Future[Any] | None = None
    waiting = False
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(source))
            done, _ = await asyncio.wait([coming], timeout=_LINGER if waiting else None)
            if not done:
                waiting = False
                yield buffer.take()
                continue
            try:
                record = coming.result()
            except StopAsyncIteration:
                break
            finally:
                coming = None
            waiting = True
            if buffer.add(record):
                waiting = False
                yield buffer.take()
    finally:
        if coming is not None:
            coming.cancel()
    if rest := buffer.take():
        yield rest


def objects(work: Work, failures: Callable[[Failure], object] | None) -> Iterator[Any]:
    """What the kept records became. Without ``failures`` the first failed record raises in its place."""
    output = b"".join(work.output)
    lines = output.split(b"\n")[:-1]
    load = json.loads if _LONG_INTEGER.search(output) else orjson.loads
    first = work.failures[0] if work.failures and failures is None else None
    for at, line in enumerate(lines):
        if first is not None and work.lineage[at] > first.record:
            break
        try:
            yield load(line)
        except ValueError:
            raise GuestError("the module's output is not JSON", code="reply") from None
    if first is not None:
        raise RecordError(first)
    for failure in work.failures:
        failures(failure)  # type: ignore[misc]
