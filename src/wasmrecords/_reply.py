"""Reading the reply block: everything in it is hostile until it was checked here.

Layout and rules: docs/abi.md. Numbers arrive as unsigned 32-bit words and are added up as Python
integers, so that nothing wraps; lengths are compared with the memory's size after the call.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from ._framing import line_feeds
from ._text import clean_text

MAGIC = int.from_bytes(b"WRB1", "little")
_HEAD = struct.pack("<4sI", b"WRB1", 76)
BLOCK = struct.Struct("<18I")
_LONG_BLOCK = struct.Struct("<19I")
_PLAIN_BLOCK = struct.Struct("<8s8I4xI12xI8xI")  # of the long one, what a plain reply is known by
ROW = struct.Struct("<10I")
OUTPUT = struct.Struct("<3I")
PAIR = struct.Struct("<2I")
_CODE = re.compile(rb"[A-Za-z0-9_$]{1,64}")
_LONGEST_TEXT = 4096
WRITTEN_TEXT = 4 * _LONGEST_TEXT
"""Bytes that a path or a message may have once it was cleaned: so many characters, in UTF-8."""
_LONG_TEXTS, _SHORT = 1024, 32
"""A reply has room for this many texts of full length; once that is used up each further one is cut to this
part of it. Else a batch of short records could leave gigabytes, of texts that all lie in the same place."""

_FURTHER_REASONS = 8192
"""Rows beyond one for each failed record: more than one thing may be wrong with it."""


Memory = bytes | memoryview
"""All that a guest wrote. Slices of it are within it, whatever they begin and end with."""


Plain = tuple[int, int, int, int, int, int, int]
"""``finished, dropped, written, consumed, blank, start, end``: what :func:`plain` gives."""


class Lie(Exception):
    """The reply cannot be true; the text says which part of it."""


class Row(NamedTuple):
    """One failed record of a batch: its number, extent and fault, from the start of the batch.

    A record may have several, one behind the other. ``rule`` is where in a schema the broken rule stands.
    """

    record: int
    start: int
    end: int
    offset: int
    code: str
    path: str
    message: str
    rule: str = ""


Further = tuple[bytes, int]
"""What went to an output beyond the main one: the text, and how many records are in it."""


class Reply(NamedTuple):
    """What a guest says about a batch.

    finished  records that are done, dropped and failed ones among them
    dropped   of these without output
    failed    of these with a reason in ``rows``
    consumed  bytes of the batch that they took
    state     of a stream of JSON behind these bytes
    output    a copy, or the guest's own memory if it was to be lent
    written   output records in it
    rows      why records failed, in the order of the records
    lineage   for each output record its record and its output, by their numbers
    log       what the guest logged
    blank     lines that are no records, as a believed module says; None from any other
    further   the outputs beyond the main one
    """

    finished: int
    dropped: int
    failed: int
    consumed: int
    state: int
    output: bytes | memoryview
    written: int
    rows: tuple[Row, ...]
    lineage: tuple[tuple[int, int], ...]
    log: bytes
    blank: int | None = None
    further: tuple[Further, ...] = ()

    @property
    def outputs(self) -> tuple[bytes, ...]:
        """All outputs, the main one first."""
        return (bytes(self.output), *(text for text, _ in self.further))


class Expected(NamedTuple):
    """What the host asked for when it opened the guest.

    encoding      of the input
    output_limit  bytes that all outputs together may have
    log_limit     bytes that the log may have; None: what a guest puts there is ignored
    lines         whether the output is one line for each record
    lineage       whether the reply has a lineage
    texts         bytes that are read of a path or message; the rest is cut off
    believed      whether it is a guest of ours: its lines are not counted, and most replies are :func:`plain`
    stateful      whether a kept record may be without output, which comes later
    outputs       how many there are
    """

    encoding: str
    output_limit: int
    log_limit: int | None
    lines: bool
    lineage: bool = False
    texts: int = _LONGEST_TEXT
    believed: bool = False
    stateful: bool = False
    outputs: int = 1


def read(memory: Memory, address: int, given: int, expected: Expected, *, lent: bool = False) -> Reply:
    """The reply at ``address`` to a batch of ``given`` bytes, checked. Its output is a view of the memory, if
    that is to be ``lent``. Raises :class:`Lie`."""
    if expected.believed and expected.lines and not expected.lineage and expected.encoding == "ndjson":
        found = plain(memory, address, given, expected.output_limit)
        if found is not None:
            return _plain_reply(memory, found, lent)
    size = len(memory)
    if address + 72 > size:
        raise Lie("the reply block lies outside the memory")
    (
        magic, block, finished, written, dropped, failed, consumed, state, outputs, output_count,
        failures, failure_count, lineage, lineage_count, log, log_length, _, _,
    ) = BLOCK.unpack_from(memory, address)  # fmt: skip
    if magic != MAGIC or block < BLOCK.size or address % 8:
        raise Lie("the reply block is not one")
    more = failure_count - failed
    if dropped + failed > finished or not 0 <= more <= (_FURTHER_REASONS if failed else 0):
        raise Lie(
            f"{dropped} dropped and {failed} failed of {finished} records, with {failure_count} reasons"
        )
    if consumed > given or finished > consumed + 1:
        raise Lie(f"{finished} records in {consumed} of {given} bytes")
    if state > (3 if expected.encoding == "json" else 0):
        raise Lie(f"{state} is no state")
    if output_count != expected.outputs:
        raise Lie(f"{output_count} outputs, not {expected.outputs}")
    if outputs + 12 * output_count > size:
        raise Lie("the table of outputs lies outside the memory")
    row = OUTPUT.unpack_from(memory, outputs)
    _, length, records = row
    others: tuple[tuple[int, ...], ...] = ()
    if output_count > 1:
        numbers = range(1, output_count)
        others = tuple(OUTPUT.unpack_from(memory, outputs + 12 * number) for number in numbers)
        length += sum(other[1] for other in others)
        if written != records + sum(other[2] for other in others):
            raise Lie(f"{written} records were written, which are not those of all outputs")
        if written and finished == failed and (finished or given):
            raise Lie(f"{failed} of {finished} records failed, and {written} were written")
        written = records
    if length > expected.output_limit:
        raise Lie(f"{length} bytes of output, the limit is {expected.output_limit}")
    if records != written:
        raise Lie(f"{written} records were written, the output has {records}")
    kept = finished - dropped - failed
    if (written < kept and not expected.stateful) or (written and not kept and (finished or given)):
        raise Lie(f"{kept} records were kept and {written} written")
    output = _output(memory, row, expected, lent)
    further: tuple[Further, ...] = ()
    if others:
        further = tuple((bytes(_output(memory, other, expected, False)), other[2]) for other in others)
    rows: tuple[Row, ...] = ()
    bad: set[int] = set()
    if failed:
        rows = _rows(memory, failures, failure_count, finished, consumed, expected.texts)
        bad = {row.record for row in rows}
        if len(bad) != failed:
            raise Lie(f"{failed} failed records, with reasons for others")
    pairs: tuple[tuple[int, int], ...] = ()
    if expected.lineage and finished:  # there are no records behind the end of the input
        counts = [written, *(count for _, count in further)]
        if lineage_count != sum(counts):
            raise Lie(f"lineage of {lineage_count} for {sum(counts)} records")
        pairs = _pairs(memory, lineage, counts, finished)
        if bad and (both := bad.intersection(record for record, _ in pairs)):
            raise Lie(f"record {min(both)} failed, and the lineage has it: its outputs have to be taken back")
    logged = b""
    if log_length and expected.log_limit is not None:
        if log_length > expected.log_limit:
            raise Lie(f"{log_length} bytes of log, the limit is {expected.log_limit}")
        logged = _copy(memory, log, log_length, "the log")
    blank = None
    lines = expected.believed and expected.encoding == "ndjson"
    if lines and block > BLOCK.size and address + _LONG_BLOCK.size <= size:
        blank = _LONG_BLOCK.unpack_from(memory, address)[-1]
    # As a NamedTuple does it, without its function in Python.
    return tuple.__new__(
        Reply,
        (finished, dropped, failed, consumed, state, output, written, rows, pairs, logged, blank, further),
    )


def _output(memory: Memory, row: tuple[int, ...], expected: Expected, lent: bool) -> bytes | memoryview:
    """What a row of the table of outputs is about."""
    start, length, records = row
    if (records == 0) != (length == 0) or records > length:
        raise Lie(f"{records} records in {length} bytes of output")
    if not length:
        return b""
    if start + length > len(memory):
        raise Lie("the output lies outside the memory")
    output: bytes | memoryview = memory[start : start + length]
    if not lent:
        output = bytes(output)
    if expected.lines and (
        output[-1] != 0x0A or (not expected.believed and line_feeds(bytes(output), records) != records)
    ):
        raise Lie("the output is not one line for each record")
    return output


def plain(memory: Memory, address: int, given: int, output_limit: int) -> Plain | None:
    """The numbers of a believed module's reply to lines, if none of them failed and it left nothing but
    output: records finished and dropped, output records, bytes consumed, lines that are no records, where the
    output begins and ends. None for any other reply, also for one that :func:`read` would not believe."""
    size = len(memory)
    if address + 76 > size:
        return None
    (
        head, finished, written, dropped, failed, consumed, state, outputs, output_count, reasons, log_length,
        blank,
    ) = _PLAIN_BLOCK.unpack_from(memory, address)  # fmt: skip
    if head != _HEAD or failed or reasons or state or log_length or output_count != 1 or outputs + 12 > size:
        return None
    start, length, records = OUTPUT.unpack_from(memory, outputs)
    end, kept = start + length, finished - dropped
    if not 0 <= kept <= written == records <= length <= output_limit or end > size:
        return None
    if consumed > given or finished > consumed + 1:
        return None
    if length and not (kept and memory[end - 1] == 0x0A):
        return None
    return finished, dropped, written, consumed, blank, start, end


def _plain_reply(memory: Memory, found: Plain, lent: bool) -> Reply:
    finished, dropped, written, consumed, blank, start, end = found
    text = memory[start:end] if lent else bytes(memory[start:end])
    return tuple.__new__(Reply, (finished, dropped, 0, consumed, 0, text, written, (), (), b"", blank, ()))


def one(memory: Memory, address: int, given: int, output_limit: int) -> bytes | None:
    """The reply to one record, of all that was ``given``, that was kept and became one line and nothing else:
    that line. None for all else, and for what :func:`read` would not believe."""
    size = len(memory)
    if address + BLOCK.size > size or address % 8:
        return None
    words = BLOCK.unpack_from(memory, address)
    if words[0] != MAGIC or words[1] < BLOCK.size or words[15] or words[2:8] != (1, 1, 0, 0, given, 0):
        return None
    if words[9] != 1 or words[11] or words[8] + 12 > size:
        return None
    start, length, records = OUTPUT.unpack_from(memory, words[8])
    if records != 1 or length > output_limit or start + length > size:
        return None
    line = bytes(memory[start : start + length])
    return line if length and line.find(b"\n") == length - 1 else None


def refusal(memory: Memory, address: int, longest: int = _LONGEST_TEXT) -> Row | None:
    """The reason for which a guest refused to open, None if it did not. Raises :class:`Lie`."""
    words = BLOCK.unpack(_copy(memory, address, BLOCK.size, "the reply block"))
    if words[0] != MAGIC or words[1] < BLOCK.size or address % 8:
        raise Lie("the reply block is not one")
    if not words[11]:
        return None
    raw = ROW.unpack(_copy(memory, words[10], ROW.size, "the refusal"))
    return _row(memory, raw, longest)


def panic(memory: Memory, address: int) -> bytes:
    """The text that a panic left, as it is; empty if there is none or it is a lie."""
    try:
        words = BLOCK.unpack(_copy(memory, address, BLOCK.size, ""))
        return _copy(memory, words[16], min(words[17], _LONGEST_TEXT), "")
    except Lie:
        return b""


def _copy(memory: Memory, address: int, length: int, what: str) -> bytes:
    if address + length > len(memory):
        raise Lie(f"{what} lies outside the memory")
    return bytes(memory[address : address + length])


def _rows(
    memory: Memory, address: int, count: int, finished: int, consumed: int, texts: int
) -> tuple[Row, ...]:
    table = _copy(memory, address, count * ROW.size, "the table of failures")
    rows: list[Row] = []
    record, end = -1, 0
    room = _LONG_TEXTS * texts
    for raw in ROW.iter_unpack(table):
        longest = texts if room > 0 else texts // _SHORT
        room -= min(raw[7], longest) + min(raw[9], longest)
        row = _row(memory, raw, longest)
        again = rows and row[:3] == rows[-1][:3]
        if not (again or record < row.record < finished):
            raise Lie(f"a failure of record {row.record} of {finished}")
        if not (again or row.start >= end) or row.end > consumed or not row.start <= row.offset <= row.end:
            raise Lie(f"a failed record at {row.start} to {row.end} of {consumed}, its fault at {row.offset}")
        record, end = row.record, row.end
        rows.append(row)
    return tuple(rows)


def _row(memory: Memory, raw: tuple[int, ...], longest: int) -> Row:
    record, start, length, offset, *texts = raw
    code = _copy(memory, texts[0], min(texts[1], 65), "a failure's code")
    if not _CODE.fullmatch(code):
        raise Lie("a failure's code is not a word")
    path, _, rule = _copy(memory, texts[2], min(texts[3], longest), "a failure's path").partition(b"\n")
    message = _copy(memory, texts[4], min(texts[5], longest), "a failure's message")
    return Row(
        record,
        start,
        start + length,
        offset,
        code.decode(),
        clean_text(path.decode("utf-8", "replace"), _LONGEST_TEXT) or "$",
        clean_text(message.decode("utf-8", "replace"), _LONGEST_TEXT),
        clean_text(rule.decode("utf-8", "replace"), _LONGEST_TEXT),
    )


def _pairs(memory: Memory, address: int, counts: list[int], finished: int) -> tuple[tuple[int, int], ...]:
    """The lineage of outputs that have so many records each."""
    table = _copy(memory, address, sum(counts) * PAIR.size, "the lineage")
    pairs = tuple(PAIR.iter_unpack(table))
    before, left = 0, counts[:]
    for record, output in pairs:
        if output >= len(left) or not before <= record < finished:
            raise Lie(f"lineage of record {record} of {finished}, output {output}")
        before = record
        left[output] -= 1
    if any(left):
        raise Lie("the lineage is not that of these outputs")
    return pairs
