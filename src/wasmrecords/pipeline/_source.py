"""Inputs: found and checked before anything is written, then opened one after the other."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .._errors import SourceError
from .._text import shown
from .._wait import reads_into, wait

STANDARD_INPUT = ("-", "/dev/stdin")

_PIPE = 512 * 1024
"""Bytes that a pipe has room for: two batches, one that is read and one that is written meanwhile."""

Identity = tuple[int, int]  # device and inode: the same file by whatever name

# No JSON text begins with any of these, so a refusal never hits a good source.
_COMPRESSED = {
    b"\x1f\x8b": ("gzip", "zcat"),
    b"\x28\xb5\x2f\xfd": ("zstd", "zstdcat"),
    b"\xfd7zXZ\x00": ("xz", "xzcat"),
    b"BZh": ("bzip2", "bzcat"),
    b"PK\x03\x04": ("zip", "unzip -p"),
}


# Libraries whose exceptions say that what they decompress is damaged, by the names of their modules.
_DECOMPRESSORS = {
    *("zlib", "lzma", "_lzma", "zipfile", "compression", "backports"),
    *("zstandard", "zstd", "pyzstd", "brotli", "_brotli", "isal", "zlib_ng"),
}


def _of_a_decompressor(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in _DECOMPRESSORS


def label(name: str) -> str:
    """A source as messages call it."""
    return "standard input" if name in STANDARD_INPUT else shown(name)


def reason(error: Exception) -> str:
    """What the system says, without the number and the name that Python puts around it."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class Place(NamedTuple):
    """Where one source is: a path, or a stream that the caller opened."""

    name: str
    path: str | None = None
    stream: Any = None
    size: int | None = None
    identity: Identity | None = None

    def open(self) -> CountedSource:
        """The source, at its start. Raises :class:`SourceError` for what cannot be read or is compressed."""
        try:
            if self.stream is not None:
                raw = self.stream
            elif self.path is not None:
                raw = io.FileIO(self.path)
            else:
                raw = io.FileIO(0, closefd=False)
        except OSError as error:
            raise SourceError(f"cannot read {label(self.name)}: {reason(error)}") from error
        if self.stream is None:
            _widen(raw.fileno())
        source = CountedSource(self.name, raw, closes=self.stream is None)
        try:
            source.refuse_compressed()
        except BaseException:
            source.close()
            raise
        return source


def _widen(descriptor: int) -> None:
    """Makes room for whole batches in a pipe, where the system gives it: most have 64 KiB, and a batch is
    what one reading gives."""
    with contextlib.suppress(OSError, ImportError, AttributeError):
        import fcntl

        if fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) < _PIPE:  # nothing else has such a size
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)


class CountedSource(io.RawIOBase):
    """The bytes of one input, counted as they are read.

    It has no ``fileno``: whoever reads around it would escape the count and the first look.
    """

    def __init__(self, name: str, raw: Any, *, closes: bool) -> None:
        super().__init__()
        self.source_name = name
        self.bytes_read = 0
        self._raw, self._closes = raw, closes
        readinto = reads_into(raw) or getattr(raw, "readinto", None)
        self._read: Callable[[Any], int | None] = readinto or self._read_by_pieces
        self._ahead = b""

    @property
    def reads_from(self) -> Any:
        """Who fills the memory into which this reads, and could keep a view of it. This keeps none."""
        return self._raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._ahead:
            view = memoryview(buffer).cast("B")
            count = min(len(view), len(self._ahead))
            view[:count] = self._ahead[:count]
            self._ahead = self._ahead[count:]
        else:
            try:
                while (read := self._read(buffer)) is None:  # somebody made the pipe non-blocking
                    wait(self._raw)
                count = read
            except Exception as error:
                if not (isinstance(error, (OSError, EOFError)) or _of_a_decompressor(error)):
                    raise  # that of a signal's handler, for one
                place = f" (at byte {self.bytes_read:,} of what it holds)" if self.bytes_read else ""
                raise SourceError(f"cannot read {label(self.source_name)}: {reason(error)}{place}") from error
        self.bytes_read += count
        return count

    def _read_by_pieces(self, buffer: Any) -> int | None:
        """For a stream that only has ``read``."""
        view = memoryview(buffer).cast("B")
        piece = self._raw.read(len(view))
        if piece is None:
            return None
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            found = type(piece).__name__
            raise TypeError(f"inputs: a file must give bytes, found {found}: open it in mode 'rb'")
        taken = memoryview(piece).cast("B")
        # Some give more than they were asked for. They are asked again when that is used up.
        self._ahead = bytes(taken[len(view) :])
        count = min(len(view), len(taken))
        view[:count] = taken[:count]
        return count

    def refuse_compressed(self) -> None:
        """Looks at the first bytes, no more than needed: a terminal or a slow pipe must not wait for them."""
        head, piece = b"", bytearray(1)
        while any(magic.startswith(head) and magic != head for magic in _COMPRESSED):
            if not self.readinto(piece):
                self._read = _nothing  # who ends a terminal's input says so once
                break
            head += piece
        self._ahead, self.bytes_read = head + self._ahead, 0
        if head in _COMPRESSED:
            kind, tool = _COMPRESSED[head]
            name = "FILE" if self.source_name in STANDARD_INPUT else shown(self.source_name)
            raise SourceError(
                f"{label(self.source_name)} is {kind}-compressed: decompress it first, "
                f"as {tool} {name} | wasmrecords run ..."
            )

    def close(self) -> None:
        if self._closes and not self.closed:
            self._raw.close()
        super().close()


def _nothing(_buffer: Any) -> int:
    return 0


def locate(inputs: Any) -> list[Place]:
    """All places that ``inputs`` names, each checked as far as it can be without reading it.

    Raises :class:`SourceError` for the first that is missing, a folder, not readable or compressed.
    """
    if isinstance(inputs, (bytes, bytearray, memoryview)):
        raise TypeError("inputs: expected paths or binary files; bytes in memory go to Transform.run(data)")
    single = isinstance(inputs, (str, os.PathLike)) or hasattr(inputs, "read")
    if not single and not isinstance(inputs, Iterable):
        raise TypeError(f"inputs: expected paths or binary files, found {type(inputs).__name__}")
    listed: Iterable[Any] = [inputs] if single else inputs
    places = [place for item in listed for place in _places(item)]
    if not places:
        raise ValueError("inputs: expected at least one, found none")
    if sum(place.path is None and place.stream is None for place in places) > 1:
        raise SourceError("standard input is named twice: it can be read only once")
    return places


def _places(item: Any) -> Iterator[Place]:
    if hasattr(item, "read"):
        yield _stream(item)
        return
    if isinstance(item, bytes) or not isinstance(item, (str, os.PathLike)):
        raise TypeError(f"inputs: expected a path or a binary file, found {type(item).__name__}")
    path = os.fsdecode(item)
    if path in STANDARD_INPUT:
        yield _standard_input(path)
    elif isinstance(item, str) and any(c in path for c in "*?[") and not os.path.lexists(path):
        from glob import glob

        found = sorted(name for name in glob(path, recursive=True) if not os.path.isdir(name))
        if not found:
            raise SourceError(f"cannot read {shown(path)}: no file matches this pattern")
        for name in found:
            yield _file(name)
    else:
        yield _file(path)


def _standard_input(name: str) -> Place:
    try:
        about = os.fstat(0)
    except OSError as error:
        raise SourceError("cannot read standard input: it is closed") from error
    if stat.S_ISDIR(about.st_mode):
        raise SourceError("cannot read standard input: it is a folder")
    if not stat.S_ISREG(about.st_mode):
        return Place(name)
    rest = max(0, about.st_size - os.lseek(0, 0, os.SEEK_CUR))
    return Place(name, size=rest, identity=(about.st_dev, about.st_ino))


def _file(path: str) -> Place:
    try:
        about = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte within the name
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise SourceError(f"cannot read {shown(path)}: {why}") from error
    if stat.S_ISDIR(about.st_mode):
        pattern = shown(os.path.join(path, "*.ndjson"))
        raise SourceError(f"cannot read {shown(path)}: it is a folder; name its files, as '{pattern}'")
    if not stat.S_ISREG(about.st_mode):
        if not os.access(path, os.R_OK):  # opening a pipe here would wake its writer too early
            raise SourceError(f"cannot read {shown(path)}: Permission denied")
        # A run that reads a pipe and writes to the same one would wait for itself.
        return Place(
            path, path=path, identity=(about.st_dev, about.st_ino) if stat.S_ISFIFO(about.st_mode) else None
        )
    place = Place(path, path=path, size=about.st_size, identity=(about.st_dev, about.st_ino))
    place.open().close()
    return place


def _stream(stream: Any) -> Place:
    if isinstance(stream, io.TextIOBase):
        raise TypeError("inputs: expected a binary file, found one in text mode; open it with mode 'rb'")
    name = getattr(stream, "name", None)
    try:
        about = os.fstat(stream.fileno())
        identity = (about.st_dev, about.st_ino) if stat.S_ISREG(about.st_mode) else None
    except (OSError, AttributeError):
        identity = None
    if not isinstance(name, str) or not name:  # that of a gzip.GzipFile over a stream is empty
        name = "<stream>"
    return Place(name, stream=stream, identity=identity)
