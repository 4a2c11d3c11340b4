"""Compiled modules on disk, so that only the first run of a module waits for the compiler.

What lies here is native code. A file is used only if all of this holds: it is a regular file of this
user that nobody else can write to, in a folder of this user that nobody else can enter, and a key that
only this user can read signed exactly the bytes that are loaded, now or when the file was last touched.
Anything else counts as absent: the module is compiled again. Nothing here raises.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import mmap
import os
import platform
import stat
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ._engine import settings_key
from ._sealed import Sealed

_MAGIC = b"wrcache1"
_SIGNATURE = 32
_HEAD = len(_MAGIC) + _SIGNATURE
KEY = 32
_LARGEST = 1024 * 1024 * 1024
ROOM = 512 * 1024 * 1024
"""Bytes that all files may take: beyond that the least recently used are removed."""
_POPULATED: dict[str, int] = (
    {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE}
    if hasattr(mmap, "MAP_POPULATE")
    else {}
)
_ABANDONED = 3600
"""Seconds after which a half-written file can only be that of a process that was killed."""
_SETTLED = 2
"""Seconds since a change of a file after which a further one surely shows in its times: they have steps."""

Notify = Callable[[str], None] | None


def folder() -> Path | None:
    """Where compiled modules are kept: ``$WASMRECORDS_CACHE``, or this platform's place for caches.

    None if the variable is set and empty (nothing is kept then), or if the user has no home.
    """
    chosen = os.environ.get("WASMRECORDS_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "wasmrecords" / "cache" if base else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "wasmrecords"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and os.path.isabs(base) else home / ".cache") / "wasmrecords"


class Cache:
    """The compiled modules in one folder, for the engine that counts fuel or for the one that does not.
    ``notify`` is called with the reason if the folder cannot be used."""

    def __init__(self, place: Path | None, notify: Notify = None, *, fuel: bool = False) -> None:
        self._folder: Path | None = None
        self._settings = settings_key(fuel)
        if place is None:
            return
        try:
            self._folder = _own_folder(place)
            self._key = read_key(place) or self._make_key()
        except OSError as error:
            self._folder = None
            if notify is not None:
                why = error.strerror or str(error)
                notify(f"wasmrecords: compiled modules are not kept: {place}: {why}")

    @property
    def usable(self) -> bool:
        """Whether what is put here will be found again."""
        return self._folder is not None

    def get(self, sha256: str) -> memoryview | None:
        """The compiled code of the module with this hash, None if there is none that can be trusted."""
        if self._folder is None:
            return None
        path = self._folder / _name(sha256, self._settings)
        try:
            data = _read_code(path)
        except (OSError, ValueError):  # an empty file is no memory
            return None
        # Views, no copies: it is many megabytes, read anew at each start.
        head, code = bytes(data[:_HEAD]), data[_HEAD:]
        if not self._fits(path, head, [code]):
            return None
        _touch(path)
        return code

    def sealed(self, sha256: str) -> Sealed | None:
        """The same in a sealed file in memory, which the engine maps and does not copy: that takes a fraction
        of the memory. None also where the system has no such files."""
        if self._folder is None:
            return None
        path = self._folder / _name(sha256, self._settings)
        found: Sealed | None = None
        try:
            with _open(path, _LARGEST) as file:
                fd, head = file.fileno(), file.read(_HEAD)
                before = os.fstat(fd)
                found = Sealed(fd, _HEAD, before.st_size - _HEAD)
                # Sealed first and checked then: what fits is what is mapped.
                same = _identity(os.fstat(fd)) == _identity(before)
                if same and self._was_checked(path, before):
                    _touch(path)
                    return found
                if self._fits(path, head, found.pieces()):
                    self._write_note(path, fd, before)
                    return found
        except OSError:
            pass
        if found is not None:
            found.close()
        return None

    def _fits(self, path: Path, head: bytes, code: Iterable[bytes | memoryview]) -> bool:
        """Whether the head of a file has the signature of this code under this name."""
        return head[: len(_MAGIC)] == _MAGIC and hmac.compare_digest(
            head[len(_MAGIC) :], self._sign(path.name, code)
        )

    def _was_checked(self, path: Path, state: os.stat_result) -> bool:
        """Whether a signed note says that this file was checked, and nothing has touched it since. To hash
        its many megabytes again would be a tenth of a start."""
        note = path.with_name(note_of(path.name))
        try:
            with _open(note, _SIGNATURE) as file:
                return hmac.compare_digest(file.read(), self._sign(note.name, [_identity(state)]))
        except OSError:
            return False

    def _write_note(self, path: Path, fd: int, state: os.stat_result) -> None:
        """Notes that the file was checked, unless it is so new that a change from now on might not show in
        its times."""
        note = path.with_name(note_of(path.name))
        with contextlib.suppress(OSError):
            if time.time() - state.st_ctime > _SETTLED:
                os.fsync(fd)  # else a power cut might leave the note, and less of what it speaks of
                _write(note, self._sign(note.name, [_identity(state)]))

    def put(self, sha256: str, code: bytes | bytearray) -> None:
        """Keeps compiled code. Where that fails, as on a full disk, the next start only takes longer."""
        if self._folder is None:
            return
        name = _name(sha256, self._settings)
        with contextlib.suppress(OSError):
            _write(self._folder / name, _MAGIC + self._sign(name, [code]) + code)
            self._make_room()

    def _sign(self, name: str, code: Iterable[bytes | bytearray | memoryview]) -> bytes:
        # The name is signed as well: a file under another module's name is no code of that module.
        mac = hmac.new(self._key, _MAGIC + len(name).to_bytes(8, "little") + name.encode(), "sha256")
        for piece in code:
            mac.update(piece)
        return mac.digest()

    def _make_key(self) -> bytes:
        """A new key; of two processes that make one at once, one wins and both use it."""
        assert self._folder is not None  # noqa: S101 for the type checker: the caller has one
        with contextlib.suppress(FileExistsError):
            _write(self._folder / "key", os.urandom(KEY), replace=False)
        key = read_key(self._folder)
        if key is None:
            raise OSError("its file key is gone")
        return key

    def _make_room(self) -> None:
        assert self._folder is not None  # noqa: S101 for the type checker: the caller has one
        now, total, states = time.time(), 0, {}
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                states[path.name] = state = path.lstat()
                if path.name.startswith(".new-") and now - state.st_mtime > _ABANDONED:
                    path.unlink()
        code = [name for name in states if name.endswith(".code")]
        for name in sorted(code, key=lambda name: last_used(name, states), reverse=True):
            total += states[name].st_size
            if total > ROOM:
                for gone in (name, note_of(name)):
                    with contextlib.suppress(OSError):
                        (self._folder / gone).unlink()


def last_used(name: str, states: dict[str, os.stat_result]) -> float:
    """When the code file ``name`` was last used, in seconds since 1970. ``states`` are the files of its
    folder."""
    return max(states[each].st_mtime for each in (name, note_of(name)) if each in states)


def note_of(name: str) -> str:
    """The name of the note that a file with this name was checked; its time is when that was last used."""
    return name.removesuffix(".code") + ".seen"


def _identity(state: os.stat_result) -> bytes:
    """What changes with each change of a file. Nobody sets ``st_ctime_ns`` but the system."""
    return repr((state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)).encode()


def _touch(path: Path) -> None:
    """Marks a file as used now, by the time of its note. Only without a note the file's own time is changed:
    that would make a note void."""
    for file in (path.with_name(note_of(path.name)), path):
        with contextlib.suppress(OSError):
            os.utime(file)
            return


def _own_folder(place: Path) -> Path:
    """The folder, made if it is missing. Raises :class:`OSError` if others could put files into it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    check_folder(place.lstat())
    return place


def read_key(place: Path) -> bytes | None:
    """The key in a folder, None if there is none. Raises :class:`OSError` for one that is not to be used."""
    try:
        with _open(place / "key", KEY + 1) as file:
            key = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:  # else it would be said of the folder
        raise OSError(f"its file key cannot be used: {error.strerror or error}") from None
    if len(key) != KEY:
        raise OSError(f"its file key has {len(key)} bytes, not {KEY}: remove the folder")
    return key


def check_folder(state: os.stat_result) -> None:
    """Raises :class:`OSError` for what is no folder, and for one into which others could put files."""
    if not stat.S_ISDIR(state.st_mode):
        raise OSError("it is no folder")
    check_owner(state, 0o077, "chmod 700 would change that")


def check_owner(state: os.stat_result, forbidden: int, advice: str) -> None:
    """Raises :class:`OSError` for what is another user's, or has one of these bits in its mode."""
    if not hasattr(os, "geteuid"):
        return  # Windows: a user's own folder is closed to others by its access list
    if state.st_uid != os.geteuid():
        raise OSError("it belongs to another user")
    if state.st_mode & forbidden:
        raise OSError(f"other users have access to it: {advice}")


def _read_code(path: Path) -> memoryview:
    """The whole file, in memory that the system gives and takes back as one piece."""
    with _open(path, _LARGEST) as file:
        size = os.fstat(file.fileno()).st_size
        # All of it will be written: pages that come one by one take a tenth more time.
        data = memoryview(mmap.mmap(-1, size, **_POPULATED))
        at = 0
        while at < size:
            got = file.readinto(data[at:])
            if not got:
                raise OSError("it became shorter")
            at += got
    return data


def _open(path: Path, largest: int) -> io.FileIO:
    """A file of this user's that nobody else can write to. Raises :class:`OSError`."""
    # Without waiting: what looks like a file of ours may be a pipe that nobody writes to.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    fd = os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    file = io.FileIO(fd)
    try:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode) or state.st_size > largest:
            raise OSError("it is no file of ours")
        check_owner(state, 0o077, "remove it")
    except BaseException:
        file.close()
        raise
    return file


def _write(path: Path, data: bytes, replace: bool = True) -> None:
    """A file that appears whole or not at all. Raises :class:`OSError`."""
    # mkstemp makes a file that was not there (O_EXCL), follows no link, and lets nobody else read it.
    import tempfile

    fd, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with open(fd, "wb") as file:
            file.write(data)
        if replace:
            os.replace(name, path)
        else:
            os.link(name, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _name(sha256: str, settings: str) -> str:
    """One file for each module, engine, configuration and processor."""
    parts = (sha256, settings, _engine_files(), platform.machine(), _processor())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:48] + ".code"


def _engine_files() -> str:
    """Which wasmtime is installed, by its library's size and time: asking for its version takes 30 ms."""
    import wasmtime

    found = []
    for path in sorted(Path(wasmtime.__file__).parent.glob("*/*wasmtime.*")):
        state = path.stat()
        found.append(f"{path.name} {state.st_size} {state.st_mtime_ns}")
    return " ".join(found)


def _processor() -> str:
    """What the processor can do: code for one may use instructions that another lacks."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(("flags", "Features")):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()
