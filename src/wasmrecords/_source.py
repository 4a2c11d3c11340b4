"""The bytes of one source: pieces as they come, a look ahead, records too large to hold."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO, Literal, NamedTuple, cast

from ._errors import SourceError
from ._framing import BOM, Detector, Encoding, Skipper
from ._wait import reads_into, wait

BATCH = 256 * 1024
"""Bytes of input that cross into a guest together."""

ROOM = BATCH + 64 * 1024
"""Bytes of memory into which a batch is read: behind what the one before it left over."""

Input = Literal["auto", "ndjson", "json"]
Source = BinaryIO | Iterable[bytes]


def _pieces(source: Source) -> Iterator[bytes | memoryview]:
    """What a pipe has now is not held back until more comes. A piece is gone when the next is asked for."""
    if into := reads_into(source):
        # Always the same memory: new one for each batch would be taken from the system and given back.
        view = memoryview(bytearray(BATCH))
        while count := _waiting(source, into, view):
            yield view[:count]
        return
    read = getattr(source, "read1", None) or getattr(source, "read", None)
    if read is None:
        yield from _cut(source)
        return
    while piece := _waiting(source, read, BATCH):
        if not isinstance(piece, bytes):
            raise TypeError(f"a source must give bytes, found {type(piece).__name__}: open it in mode 'rb'")
        yield piece


def _waiting(source: Source, read: Callable[[Any], Any], into: Any) -> Any:
    """What a function that reads gives. None is no end: a source that does not block has nothing for now."""
    while (got := read(into)) is None:
        wait(source)
    return got


def _lent(source: Source) -> Callable[[memoryview], int] | None:
    """The function by which a source reads into memory that is gone some time later; None if the source might
    keep a view of that memory, as anything written in Python might."""
    inner: object = getattr(source, "reads_from", source)
    if type(inner) is io.BufferedReader:
        inner = inner.raw  # which is given that memory, too
    if type(inner) not in (io.FileIO, io.BytesIO):
        return None
    return partial(_waiting, source, cast(Any, reads_into(source)))


def _cut(source: object) -> Iterator[bytes]:
    """The pieces of an iterable, none of them larger than a batch."""
    single = isinstance(source, (str, bytes, bytearray, memoryview))
    if single or not isinstance(source, Iterable):
        advice = ": give them to run()" if single and not isinstance(source, str) else ""
        found = type(source).__name__
        raise TypeError(f"source: expected a binary file or an iterable of bytes, found {found}{advice}")
    for piece in source:
        try:
            view = memoryview(piece).cast("B")
        except TypeError:
            raise TypeError(f"a source must give bytes, found {type(piece).__name__}") from None
        for at in range(0, len(view), BATCH):
            yield bytes(view[at : at + BATCH])


class Spooled(NamedTuple):
    """A record that was moved out of the way. ``file`` is at its start, None for a blank line, which is no
    record however long it is. ``length`` and ``newlines`` are what was passed over, with the end of a line,
    which is not in the file; ``cut`` says that the end of the input came before the record's."""

    file: BinaryIO | None
    length: int
    newlines: int
    cut: bool


class Reader:
    """A source and the bytes of it that have no fate yet, in ``buffer``."""

    def __init__(self, source: Source) -> None:
        self._pieces = _pieces(source)
        self._lent = _lent(source)
        self.buffer = bytearray()
        self.ended = False

    @property
    def lends(self) -> bool:
        """Whether the next piece may be read into a guest's memory with :attr:`readinto`: the source keeps no
        view of it, and ``buffer`` is the beginning of one line at most, and fits in front of the piece."""
        left = self.buffer
        return self._lent is not None and len(left) <= ROOM - BATCH and not self.ended and b"\n" not in left

    @property
    def readinto(self) -> Callable[[memoryview], int]:
        """The function that reads a piece of a source that ``lends``: how many bytes, 0 at the end. They are
        the caller's."""
        assert self._lent is not None  # noqa: S101 for the type checker: see ``lends``
        return self._lent

    def take(self, size: int) -> bytearray:
        """So many bytes of ``buffer``, which are no longer in it."""
        taken = self.buffer
        # What is not looked at yet is moved out of the way, which is less than what is.
        self.buffer = taken[size:]
        del taken[size:]
        return taken

    def more(self) -> bool:
        """Appends the next piece to ``buffer``; False at the end."""
        piece = next(self._pieces, None)
        if piece is None:
            self.ended = True
            return False
        self.buffer += piece
        return True

    def start(self, chosen: Input, longest: int) -> tuple[Encoding, int]:
        """The format, looking ``longest`` bytes ahead at the most, and how many bytes of a byte order
        mark were passed over."""
        while len(self.buffer) < len(BOM) and BOM.startswith(bytes(self.buffer)) and self.more():
            pass
        mark = len(BOM) if self.buffer.startswith(BOM) else 0
        del self.buffer[:mark]
        if chosen != "auto":
            return chosen, mark
        detector = Detector()
        while True:
            # No more than that, also where more has come: else it would depend on how the source gives it.
            ahead = self.buffer if len(self.buffer) <= longest else self.buffer[: longest + 1]
            encoding = detector.look(ahead, self.ended or len(ahead) > longest)
            if encoding is not None:
                return encoding, mark
            self.more()

    def lines(self, longest: int) -> int:
        """Reads until a line is whole: bytes of whole lines in ``buffer``, all of it at the end of the
        source, 0 when the first line is over ``longest``."""
        seen = 0
        while not self.ended:
            end = self.buffer.rfind(b"\n", seen) + 1
            if end or len(self.buffer) > longest:
                return end
            seen = len(self.buffer)  # so that a long line is not searched again for each piece of it
            self.more()
        return len(self.buffer)

    def twice(self, longest: int) -> int:
        """Reads until there is twice as much as was left, so that no record is looked at too often; but no
        further than ``longest`` where that is less: a longer record is not looked at."""
        wanted = max(BATCH, min(2 * len(self.buffer), longest + 1))
        if self.more():
            while len(self.buffer) > BATCH and len(self.buffer) < wanted and self.more():
                pass
        return len(self.buffer)

    def spool(self, encoding: Encoding) -> Spooled:
        """Moves the record that ``buffer`` begins with into a temporary file. Raises :class:`SourceError`
        where there is no room for it."""
        import tempfile  # and much that few runs need

        with _on_disk():
            file = cast(BinaryIO, tempfile.TemporaryFile(prefix="wasmrecords-"))  # noqa: SIM115 the caller's
        try:
            return self._spool(encoding, file)
        except BaseException:
            with contextlib.suppress(OSError):
                file.close()
            raise

    def _spool(self, encoding: Encoding, file: BinaryIO) -> Spooled:
        skipper = Skipper(encoding)
        length = newlines = 0
        blank = encoding == "ndjson"
        tail = b""
        while True:
            end = skipper.feed(self.buffer)
            part = self.buffer if end is None else self.buffer[:end]
            with _on_disk():
                file.write(part)
            length += len(part)
            newlines += part.count(b"\n")
            blank = blank and not part.strip(b" \t\r")
            tail = bytes(part[-1:]) or tail
            del self.buffer[: len(part)]
            if end is not None or not self.more():
                break
        with _on_disk():
            file.flush()
        if encoding == "ndjson":
            if tail == b"\r":
                file.truncate(length - 1)
            if self.buffer.startswith(b"\n"):
                del self.buffer[:1]
                length, newlines = length + 1, newlines + 1
        if blank:
            file.close()
            return Spooled(None, length, newlines, False)
        file.seek(0)
        return Spooled(file, length, newlines, end is None and skipper.inside)


@contextlib.contextmanager
def _on_disk() -> Iterator[None]:
    """What the disk has against a temporary file is no fault of the source's own, and no bug."""
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"no temporary file for a record over the limit record: {error.strerror or error}; TMPDIR says "
            "where they are"
        ) from None
