"""The failures that a reply tells of, with their places in the source."""

from __future__ import annotations

from itertools import groupby

from ._outcome import Failure, Reason
from ._reply import Reply, Row


def failures(
    reply: Reply, data: bytes | bytearray | memoryview, record: int, line: int, offset: int
) -> list[Failure]:
    """One for each failed record of a batch ``data``, which begins behind so many records of its source, on
    this line, at this byte."""
    found = []
    first, at = line, 0
    for _, rows in groupby(reply.rows, lambda row: row.record):
        row, *others = rows
        # Without blank lines no line feed has to be looked for.
        line = first + row.record if reply.blank == 0 else line + bytes(data[at : row.start]).count(b"\n")
        at = row.start
        found.append(
            Failure(
                record + row.record + 1,
                line,
                offset + row.offset,
                row.code,
                row.path,
                row.message,
                bytes(data[row.start : row.end]),
                schema_path=row.rule or None,
                errors=tuple(_reason(each, offset) for each in (row, *others)) if others else (),
            )
        )
    return found


def _reason(row: Row, offset: int) -> Reason:
    return Reason(offset + row.offset, row.code, row.path, row.rule or None, row.message)
