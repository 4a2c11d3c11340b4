"""The host's own count of a batch's records, against what a reply says of them."""

from __future__ import annotations

import re
from itertools import islice

from ._framing import BETWEEN, Extent, extents, lead, look_at_lines
from ._reply import Reply

_BLANK = re.compile(rb"[ \t\r\n]*")


def recount_lines(
    reply: Reply, data: bytes | bytearray, last: bool, newlines: int, blank: bool
) -> str | None:
    """Why a reply about lines cannot be true, None if it can. ``newlines`` are in what it consumed, and
    ``blank`` tells whether a line of that may be no record."""
    consumed = reply.consumed
    if not reply.finished:
        nothing = _BLANK.match(data, 0, consumed)
        return None if nothing is not None and nothing.end() == consumed else "it passes over records"
    ended = data[consumed - 1] == 0x0A
    if not ended and not (last and consumed == len(data)):
        return "it ends inside a record"
    if not blank and reply.finished == newlines + (not ended):
        return recount_rows(reply, data)
    # There are blank lines: count what is there.
    return _compare(reply, list(extents(data[:consumed], "ndjson", BETWEEN, True)))


def recount_rows(reply: Reply, data: bytes | bytearray) -> str | None:
    """Why its failures cannot be true where each line is a record, None if they can."""
    at = lines = 0
    for row in reply.rows:
        lines += data.count(b"\n", at, row.start)
        at = row.start
        if lines != row.record or not _is_line(data, row.start, row.end):
            return f"its failure of record {row.record} is another's"
    return None


def recount_values(reply: Reply, data: bytes | bytearray, last: bool, state: int) -> str | None:
    """The same for a stream of JSON, where the reply also says in which state the rest begins."""
    # One more than there should be is not looked for: it may not be in this batch as a whole.
    found = list(islice(extents(data, "json", state, last), reply.finished))
    if (why := _compare(reply, found)) is not None:
        return why
    at, after = (found[-1].after, found[-1].state) if found else (0, state)
    if at <= reply.consumed:
        at, after = lead(data[: reply.consumed], at, after)
    if at != reply.consumed or after != reply.state:
        return "it goes on elsewhere than behind its last record"
    return None


def is_lines(data: bytes, records: int) -> bool:
    """With as many lines as records, each line was one, unless somebody counts blank ones as well."""
    newlines, blank = look_at_lines(data, records)
    return not blank and records == newlines + (data[-1:] not in (b"\n", b""))


def _compare(reply: Reply, found: list[Extent]) -> str | None:
    if len(found) != reply.finished:
        return f"{reply.finished} records, there are {len(found)}"
    if any(found[row.record][:2] != (row.start, row.end) for row in reply.rows):
        return "a failure is another record's"
    return None


def _is_line(data: bytes | bytearray, start: int, end: int) -> bool:
    """True for the whole text of one line, without its end: LF or CR LF."""
    newline = data.find(b"\n", start)
    stop = len(data) if newline < 0 else newline
    if data[start:stop].endswith(b"\r"):
        stop -= 1
    return end == stop and (not start or data[start - 1] == 0x0A)
