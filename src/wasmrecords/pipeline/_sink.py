"""Outputs: a file that appears whole, or a stream that is written as it comes."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import os
import re
import stat
from typing import Any, Protocol

from .._errors import SourceError
from .._signals import Held
from .._text import shown
from .._wait import wait
from ._source import Identity, Place, reason

STANDARD_OUTPUT = ("-", "/dev/stdout")
STANDARD_ERROR = ("/dev/stderr",)

_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)

_LONG = 128
"""Bytes of a name that any system takes."""

# A descriptor that the caller has open: to put another file in its place would leave him with the old one.
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})")


class Sink(Protocol):
    """Where bytes go. ``size`` is how many went there; ``where`` names what they are in, which is ``name``
    until a run gives up; ``identity`` is the file, if it is one; ``plain`` says that nobody but the system
    sees what is written."""

    name: str
    where: str
    size: int
    identity: Identity | None

    @property
    def plain(self) -> bool: ...

    def open(self) -> None:
        """Makes the sink ready. Raises :class:`SourceError` if it cannot be written."""

    def write(self, data: bytes | memoryview) -> None:
        """Writes all of ``data``, which may be gone later. A closed pipe is a :class:`BrokenPipeError`."""

    def finish(self) -> None:
        """The run is done: what was written stands."""

    def cut(self, whole: int) -> None:
        """Takes back what stands behind the first ``whole`` bytes, where that can be done."""

    def abandon(self, whole: int) -> str | None:
        """The run is not done: cuts to ``whole`` bytes and closes; the path of what is left, if any."""


class FileSink:
    """A file written under another name beside its own, and renamed when the run is done.

    Nobody ever meets half a file under the real name, and what stood there before stays until the new one
    is whole. An unfinished run leaves what it has as ``NAME.<process id>.part``.

    Where the path is a symbolic link, the file that it leads to is replaced and the link stays. But where the
    user has not ``chosen`` the name a link is refused: somebody else may have put it there.
    """

    plain = True

    def __init__(self, path: str, *, chosen: bool = True) -> None:
        self.name = self.where = path
        self.size = 0
        folder, name = os.path.split(path)
        try:
            self._target = os.path.realpath(path) if chosen else os.path.join(os.path.realpath(folder), name)
        except (OSError, ValueError) as error:  # no folder to begin with any more; a NUL byte within the name
            raise SourceError(f"cannot write {shown(path)}: {reason(error)}") from error
        if not chosen and os.path.islink(self._target):
            raise SourceError(f"cannot write {shown(path)}: it is a symbolic link, and nobody named it")
        self._part = ""
        self._fd = -1
        self.placed = False  # under its real name
        self.identity = self._look()

    @property
    def place(self) -> object:
        """A key that is equal for sinks that write to the same place; None where that does not matter."""
        return self.identity or self._target

    @property
    def target(self) -> str:
        """The real path of the file, symbolic links resolved."""
        return self._target

    def _look(self) -> Identity | None:
        try:
            about = os.stat(self._target)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}") from error
        if stat.S_ISDIR(about.st_mode):
            raise SourceError(f"cannot write {shown(self.name)}: it is a folder")
        if not os.access(self._target, os.W_OK):
            raise SourceError(f"cannot write {shown(self.name)}: Permission denied")
        return about.st_dev, about.st_ino

    def open(self) -> None:
        for number in itertools.count():
            self._part = _beside(self._target, f".{os.getpid()}{f'-{number}' if number else ''}.part")
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                with Held():  # else an interrupt may leave a file that nobody knows
                    self._fd = os.open(self._part, flags, 0o666)
                if self.identity is not None:
                    _take_over(self._fd, os.stat(self._target))
                return
            except FileExistsError:
                continue
            except OSError as error:
                folder = shown(os.path.dirname(self.name) or ".")
                known = self.identity is not None and error.errno in _NOT_WRITABLE
                hint = f" (its folder {folder} must be writable)" if known else ""
                raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}{hint}") from error

    def write(self, data: bytes | memoryview) -> None:
        length = len(data)
        try:
            taken = os.write(self._fd, data)
            if taken < length:
                write_all(self._fd, memoryview(data)[taken:])
        except OSError as error:
            raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}") from error
        self.size += length

    def finish(self) -> None:
        try:
            with Held():  # else an interrupt may leave it where nobody looks for it
                fd, self._fd = self._fd, -1
                os.close(fd)  # some file systems tell only here that the disk is full
                os.replace(self._part, self._target)
                self.placed = True
        except OSError as error:
            raise SourceError(
                f"cannot write {shown(self.name)}: {reason(error)}; all of it is in {shown(self._part)}"
            ) from error

    def cut(self, whole: int) -> None:
        with contextlib.suppress(OSError):  # then it is longer than it could be, which does no harm
            os.ftruncate(self._fd, whole)
            self.size = whole

    def abandon(self, whole: int) -> str | None:
        if self._fd < 0:
            return None
        self.cut(whole)
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError):
            os.close(fd)
        if whole:
            self.where = self._part
            return self._part
        with contextlib.suppress(OSError):
            os.unlink(self._part)
        return None

    def remove(self) -> None:
        """Removes the file that stands under the real name."""
        try:
            os.unlink(self._target)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise SourceError(
                f"cannot remove {shown(self.name)} of an earlier run: {reason(error)}"
            ) from error


def _take_over(fd: int, before: os.stat_result) -> None:
    """Owner, group and permissions of the file that is replaced, as far as they may be given away. A group
    that may not gets what all others have. What runs a program as its owner is left out: what is in the file
    now may come from a stranger."""
    if not hasattr(os, "fchown"):
        return
    mode = stat.S_IMODE(before.st_mode) & 0o777
    try:
        os.fchown(fd, before.st_uid, before.st_gid)
    except OSError:
        try:
            os.fchown(fd, -1, before.st_gid)
        except OSError:
            mode = mode & 0o707 | (mode & 0o007) << 3
    os.fchmod(fd, mode)


def _beside(target: str, end: str) -> str:
    """The path with this at its end; where that makes a long name, no longer than the name was: it may be as
    long as a system has them."""
    folder, name = os.path.split(target)
    longest = max(len(os.fsencode(name)), _LONG)
    while len(os.fsencode(name + end)) > longest:
        name = name[:-1]
    return os.path.join(folder, name + end)


class StreamSink:
    """A pipe, a terminal, a device, or a binary file that the caller opened: written at once, never cut."""

    def __init__(self, name: str, *, fd: int = -1, path: str | None = None, stream: Any = None) -> None:
        self.name = self.where = name
        self.size = 0
        self._fd, self._path, self._stream = fd, path, stream
        self.plain = stream is None
        self.identity = self._look()

    @property
    def place(self) -> object:
        """A key that is equal for sinks that write to the same place; None where that does not matter."""
        if self._path is not None:
            return None if os.path.realpath(self._path) == os.devnull else os.path.realpath(self._path)
        return self.identity or (self._fd if self._stream is None else id(self._stream))

    def _look(self) -> Identity | None:
        try:
            if self._path is not None:
                about, known = os.stat(self._path), stat.S_ISFIFO
            else:
                about = os.fstat(self._fd if self._stream is None else self._stream.fileno())
                known = stat.S_ISREG
        except (OSError, AttributeError):
            return None
        return (about.st_dev, about.st_ino) if known(about.st_mode) else None

    def open(self) -> None:
        try:
            if self._path is not None:
                self._fd = os.open(self._path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
            elif self._stream is None:
                os.write(self._fd, b"")  # fails if it is closed or not open for writing
        except OSError as error:
            if self._path is None and error.errno != errno.EBADF:
                return  # what else is wrong shows when there is something to write
            raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}") from error

    def write(self, data: bytes | memoryview) -> None:
        try:
            if self._stream is None:
                write_all(self._fd, data)
            else:
                rest: bytes | memoryview = bytes(data)  # who knows what keeps it
                while rest:  # a raw file may take less than it is given, and says so
                    rest = memoryview(rest)[self._taken(rest) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}") from error
        self.size += len(data)

    def _taken(self, rest: bytes | memoryview) -> int:
        """How many bytes the caller's file takes now, once it takes any."""
        try:
            taken: int | None = self._stream.write(rest)
        except BlockingIOError as full:  # a buffer in front of what does not block
            taken = getattr(full, "characters_written", 0)
            wait(self._stream, to_write=True)
            return taken
        if taken is not None:
            return taken
        if not isinstance(self._stream, io.RawIOBase):
            return len(rest)  # written in Python, and says nothing
        wait(self._stream, to_write=True)
        return 0

    def finish(self) -> None:
        try:
            if self._path is not None:
                fd, self._fd, self._path = self._fd, -1, None
                os.close(fd)
            elif hasattr(self._stream, "flush"):
                self._flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}") from error

    def _flush(self) -> None:
        while True:
            try:
                self._stream.flush()
                return
            except BlockingIOError:
                wait(self._stream, to_write=True)

    def cut(self, whole: int) -> None:
        return

    def abandon(self, whole: int) -> str | None:
        if self._path is not None and self._fd >= 0:
            os.close(self._fd)
            self._fd, self._path = -1, None
        return None


def write_all(fd: int, data: bytes | memoryview) -> None:
    """All of ``data`` to a descriptor, whether or not it blocks."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            wait(fd, to_write=True)


def require_binary(file: Any, role: str) -> None:
    """Raises :class:`TypeError` for a file object that takes text."""
    mode = getattr(file, "mode", None)  # of some files a number
    if (isinstance(mode, str) and "b" not in mode) or hasattr(file, "encoding"):
        raise TypeError(f"{role}: expected a binary file, found one in text mode; open it with mode 'wb'")


def sink(place: Any, role: str) -> FileSink | StreamSink:
    """The sink that a path, ``"-"`` or a binary file object names. ``role`` is the argument's name."""
    if hasattr(place, "write"):
        require_binary(place, role)
        name = getattr(place, "name", None)
        return StreamSink(name if isinstance(name, str) and name else f"<{role}>", stream=place)
    if isinstance(place, bytes) or not isinstance(place, (str, os.PathLike)):
        raise TypeError(f"{role}: expected a path or a binary file, found {type(place).__name__}")
    path = os.fsdecode(place)
    if path in STANDARD_OUTPUT:
        return StreamSink("standard output", fd=1)
    if path in STANDARD_ERROR:
        return StreamSink("standard error", fd=2)
    if found := _DESCRIPTOR.fullmatch(path):
        return StreamSink(path, fd=int(found[1]))
    if not path:
        raise SourceError(f"cannot write to an empty path ({role})")
    if path.endswith((os.sep, os.altsep or os.sep)):
        raise SourceError(f"cannot write {shown(path)}: that is a folder's name; name a file")
    return path_sink(path)


def path_sink(path: str, *, chosen: bool = True) -> FileSink | StreamSink:
    """A file that appears whole; but a pipe or a device that is there is written to, and not replaced. For
    ``chosen`` see :class:`FileSink`."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return FileSink(path, chosen=chosen)
    regular = stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    return FileSink(path, chosen=chosen) if regular else StreamSink(path, path=path)


def refuse_shared(outputs: list[tuple[str, FileSink | StreamSink]]) -> None:
    """Raises :class:`SourceError` if two outputs go to the same place, where they would be mixed. Nobody
    minds in /dev/null."""
    taken: dict[object, str] = {}
    for role, each in outputs:
        if (key := each.place) is None:
            continue
        if key in taken:
            raise SourceError(
                f"the {role} goes to {shown(each.name)}, as the {taken[key]} does; nothing was touched"
            )
        taken[key] = role


def refuse_same_file(
    inputs: list[Place], sinks: list[tuple[str, FileSink | StreamSink]], stderr: StreamSink
) -> None:
    """Raises :class:`SourceError` if an output is also an input or another output, by whatever name, or if
    ``stderr`` is an input: that would never end.

    Each sink comes with what it is for, as ``output``. Two streams may be one file: ``> all.log 2>&1``.
    """
    sources = {place.identity: place.name for place in inputs if place.identity is not None}
    if stderr.identity in sources:
        raise SourceError(f"standard error is also an input ({shown(sources[stderr.identity])})")
    taken: dict[object, tuple[str, bool]] = {}
    for role, each in sinks:
        if each.identity in sources:
            other = shown(sources[each.identity])
            raise SourceError(
                f"the {role} {shown(each.name)} is also an input ({other}); nothing was touched"
            )
        is_file = isinstance(each, FileSink)
        keys: set[object] = set() if each.identity is None else {each.identity}
        if isinstance(each, FileSink):
            keys.add(each.target)
        for key in keys:
            other, other_is_file = taken.get(key, ("", False))
            if other and (is_file or other_is_file):
                raise SourceError(f"the {role} {shown(each.name)} is also the {other}; nothing was touched")
        taken |= dict.fromkeys(keys, (role, is_file))
