"""Where records begin and end in a text, as the host sees it.

Guests split their own batches; this is for what the host must know without them: which format a source
has, and where a record ends that a guest could not finish. It agrees with the splitter in
``rust-wasm/json`` (a test holds them together) and need not be fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Literal, NamedTuple

Encoding = Literal["ndjson", "json"]
BOM = b"\xef\xbb\xbf"

# Where a piece of a JSON stream begins: the `state` of the reply block.
BETWEEN, FIRST, AFTER_ITEM, AFTER_COMMA = range(4)

_LONG_LINE = 100
_FEW = 1024 * 1024  # bytes: lines that are taken apart each have some 40 more
_TAIL = 4096  # where the end of the last whole line is looked for at first
_BLANK = b" \t\r\n"
_LINE_FEED, _SPACE = b"\n "
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_SCALAR_END = re.compile(rb"[ \t\r\n,\]}\[{:\"]")
_STRUCTURE = re.compile(rb'["\[\]{}]')
_STRING_STOP = re.compile(rb'["\\]')


class Extent(NamedTuple):
    """One record: ``data[start:end]``; behind it the stream goes on at ``after`` in ``state``."""

    start: int
    end: int
    after: int
    state: int


def extents(data: bytes | bytearray, encoding: Encoding, state: int, last: bool) -> Iterator[Extent]:
    """The records of a piece, in order; one that does not end in it only if it is the last piece."""
    return _lines(data, last) if encoding == "ndjson" else _values(data, state, last)


def _lines(data: bytes | bytearray, last: bool) -> Iterator[Extent]:
    at = 0
    while at < len(data):
        newline = data.find(b"\n", at)
        if newline < 0 and not last:
            return
        end = len(data) if newline < 0 else newline
        after = len(data) if newline < 0 else newline + 1
        text = end - 1 if end > at and data[end - 1] == 0x0D else end
        if data[at:text].strip(_BLANK):
            yield Extent(at, text, after, BETWEEN)
        at = after


def _values(data: bytes | bytearray, state: int, last: bool) -> Iterator[Extent]:
    at = 0
    while True:
        at, state = lead(data, at, state)
        if at == len(data):
            if last and state != BETWEEN:
                yield Extent(at, at, at, BETWEEN)  # the array is not closed
            return
        extent = _value(data, at, state, last)
        if extent is None:
            return
        yield extent
        at, state = extent.after, extent.state


def line_feeds(data: bytes | bytearray, expected: int) -> int:
    """How many line feeds there are. With as few as ``expected`` it is cheaper to take them out: CPython
    before 3.13 counts byte by byte, which would be most of what the host does for a batch."""
    if len(data) > _LONG_LINE * expected:
        return len(data) - len(data.replace(b"\n", b""))
    return data.count(b"\n")


def look_at_lines(data: bytes | bytearray, expected: int) -> tuple[int, bool]:
    """How many line feeds there are, and whether a line is blank. With as few as ``expected`` it is cheaper
    to take the lines apart: that searches them as C does, and a blank one would begin with white space."""
    if _LONG_LINE * expected < len(data) <= _FEW:
        lines = BytesIO(data).readlines()
        blank = min(lines)[0] <= _SPACE and has_blank_line(data, len(data))
        return len(lines) - (data[-1] != _LINE_FEED), blank
    return line_feeds(data, expected), has_blank_line(data, len(data))


def whole_lines(data: memoryview | bytes) -> int:
    """Where the last whole line of ``data`` ends, 0 if none does."""
    start = max(0, len(data) - _TAIL)
    end = bytes(data[start:]).rfind(b"\n")
    if end < 0 and start:
        start, end = 0, bytes(data).rfind(b"\n")
    return start + end + 1


def has_blank_line(data: bytes | bytearray, end: int) -> bool:
    """Whether a line of ``data[:end]`` is blank."""
    first, last = data.find(b"\n", 0, end), data.rfind(b"\n", 0, end)
    if _BLANK_LINE.search(data, 0, end) or (first >= 0 and not data[:first].strip(b" \t\r")):
        return True
    return last + 1 < end and not data[last + 1 : end].strip(b" \t\r")


def lead(data: bytes | bytearray, at: int, state: int) -> tuple[int, int]:
    """Passes over what stands between two records and belongs to none: white space, and the brackets
    and commas of an array that is in order. Where it ends, and the state there."""
    while found := _NOT_BLANK.search(data, at):
        at = found.start()
        byte = data[at : at + 1]
        if byte == b"[" and state == BETWEEN:
            state = FIRST
        elif byte == b"]" and state in (FIRST, AFTER_ITEM):
            state = BETWEEN
        elif byte == b"," and state == AFTER_ITEM:
            state = AFTER_COMMA
        else:
            return at, state
        at += 1
    return len(data), state


def _value(data: bytes | bytearray, start: int, state: int, last: bool) -> Extent | None:
    byte = data[start : start + 1]
    behind = BETWEEN if state == BETWEEN else AFTER_ITEM
    if byte == b"]" and state == AFTER_COMMA:
        behind = BETWEEN  # an item is missing before the bracket
    if byte == b"," and state in (FIRST, AFTER_COMMA):
        behind = AFTER_COMMA  # an item is missing before the comma
    if byte in (b"]", b"}", b",", b":"):
        return Extent(start, start + 1, start + 1, behind)
    end = _end(data, start)
    if end is None:
        # The end of the input cuts it: that is the fault, and no second one that the array is not closed.
        return Extent(start, len(data), len(data), BETWEEN) if last else None
    if end == len(data) and byte not in (b'"', b"{", b"[") and not last:
        return None  # a number may go on in the next piece
    return Extent(start, end, end, behind)


def _end(data: bytes | bytearray, start: int) -> int | None:
    """Where the value ends that begins at ``start``, by structure alone; None if not in this piece."""
    byte = data[start : start + 1]
    if byte == b'"':
        return _string_end(data, start)
    if byte not in (b"{", b"["):
        found = _SCALAR_END.search(data, start)
        return found.start() if found else len(data)
    at, depth = start, 0
    while found := _STRUCTURE.search(data, at):
        at = found.end()
        token = found[0]
        if token == b'"':
            end = _string_end(data, found.start())
            if end is None:
                return None
            at = end
        else:
            depth += 1 if token in (b"[", b"{") else -1
            if depth == 0:
                return at
    return None


def _string_end(data: bytes | bytearray, quote: int) -> int | None:
    at = quote + 1
    while found := _STRING_STOP.search(data, at):
        if found[0] == b'"':
            return found.end()
        at = found.end() + 1
    return None


class Detector:
    """Finds the format of a source by its first lines.

    A first line that begins with neither ``{`` nor ``[``, or with a whole object, is ``ndjson``. An array
    that does not end on its line, or has something behind it there, is ``json``; one that fills its line is
    ``json`` only if no other line follows. An object that does not end on its line is either a long one,
    which is ``json``, or a broken record of ``ndjson``: that is told by the first of the next lines that does
    not begin with ``{`` (``json``) or has a whole object (``ndjson`` if it fills the line, else ``json``). A
    source that ends within its first line is ``json`` only if it begins with ``[``.

    It may be asked again with more bytes behind the same, and looks at no line twice.
    """

    def __init__(self) -> None:
        self._first = b""  # what the first line begins with, once it is known not to tell
        self._at = self._seen = 0  # where to go on, and up to where no line ends

    def look(self, data: bytes | bytearray, complete: bool) -> Encoding | None:
        """The format; None while it cannot be told and ``data`` is not ``complete``."""
        while found := _NOT_BLANK.search(data, self._at):
            self._at = start = found.start()
            byte = data[start : start + 1]
            if self._first == b"[":
                return "ndjson"  # one of many lines
            if self._first == b"{" and byte != b"{":
                return "json"
            newline = data.find(b"\n", max(start, self._seen))
            if newline < 0:
                self._seen = newline = len(data)
                if not complete:
                    return None
                if not self._first:
                    return "json" if byte == b"[" else "ndjson"
            if (told := self._by_line(bytes(data[start:newline]))) is not None:
                return told
            self._at = newline
        self._at = len(data)
        if not complete:
            return None
        return "json" if self._first else "ndjson"

    def _by_line(self, line: bytes) -> Encoding | None:
        if line[:1] not in (b"{", b"["):
            return "ndjson"  # nothing else goes over the end of a line
        end = _end(line, 0)
        alone = end is not None and not _NOT_BLANK.search(line, end)
        if self._first:
            return None if end is None else "ndjson" if alone else "json"
        self._first = line[:1]
        if self._first == b"[":
            return None if alone else "json"  # a document on one line, or one of many
        return None if end is None else "ndjson"  # it may be cut, or the object long


class Skipper:
    """Finds the end of one record that comes in pieces and is too large to be held."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._scalar: bool | None = None
        self._depth = 0
        self._in_string = self._escaped = False

    def feed(self, piece: bytes | bytearray) -> int | None:
        """Where in the piece the record ends, None if it goes on behind it."""
        if self._encoding == "ndjson":
            end = piece.find(b"\n")
            return end if end >= 0 else None
        at = 0
        if self._scalar is None and piece:
            self._scalar = piece[:1] not in (b'"', b"{", b"[")
            at = 1 if self._scalar else 0
        if self._scalar:
            found = _SCALAR_END.search(piece, at)
            return found.start() if found else None
        if self._escaped and piece:
            self._escaped, at = False, 1
        return self._structure(piece, at)

    @property
    def inside(self) -> bool:
        """Whether a string or a container is still open."""
        return self._in_string or self._depth > 0

    def _structure(self, piece: bytes | bytearray, at: int) -> int | None:
        while found := (_STRING_STOP if self._in_string else _STRUCTURE).search(piece, at):
            token, at = found[0], found.end()
            if token == b"\\":
                self._escaped = at == len(piece)
                at += 1
                continue
            if token == b'"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if token in (b"[", b"{") else -1
            if not self._in_string and not self._depth:
                return at
        return None


class Beginning:
    """What a stream of JSON is known to begin with at some place: a value that has not ended, as far as it
    was looked at. Who asks again with more behind that has only this looked at: a large value may come in
    many small pieces."""

    def __init__(self) -> None:
        self._place: tuple[int, int] | None = None
        self._skipper = Skipper("json")
        self._seen = 0

    def goes_on(self, data: bytes | bytearray, offset: int, state: int) -> bool:
        """Whether the first value of ``data``, which begins at byte ``offset`` of the stream in ``state``,
        surely goes on behind it."""
        if self._place != (offset, state):
            start, _ = lead(data, 0, state)
            if start == len(data):
                return True
            if data[start : start + 1] in (b"]", b"}", b",", b":"):
                return False
            self._place, self._skipper, self._seen = (offset, state), Skipper("json"), start
        if self._skipper.feed(data[self._seen :]) is not None:
            self._place = None
            return False
        self._seen = max(self._seen, len(data))
        return True
