"""Compiled modules on disk, so that only the first run of a module waits for the compiler.

What lies here is native code. A file is used only if all of this holds: it is a regular file of this
user that nobody else can write to, in a folder of this user that nobody else can enter, and a key that
only this user can read signed exactly the bytes that are loaded. Anything else counts as absent: the
module is compiled again. Nothing here raises.
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
"""Bytes that all files may have together: the ones that were not used for longest go first."""
_POPULATED: dict[str, int] = (
    {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE}
    if hasattr(mmap, "MAP_POPULATE")
    else {}
)
_ABANDONED = 3600
"""Seconds after which a half written file is one of a process that was killed."""

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
    """One folder of compiled modules, for an engine that counts fuel or for the other. ``notify`` is told
    why the folder is of no use, if it is not."""

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
        """The code that was compiled of the module with this hash, None if there is none to trust."""
        if self._folder is None:
            return None
        path = self._folder / _name(sha256, self._settings)
        try:
            data = _read_code(path)
        except (OSError, ValueError):  # an empty file is no memory
            return None
        # Views, no copies: it is many megabytes, read anew at each start.
        head, code = bytes(data[:_HEAD]), data[_HEAD:]
        return code if self._fits(path, head, [code]) else None

    def sealed(self, sha256: str) -> Sealed | None:
        """The same, in a file in memory that cannot be changed, for the engine to map: it takes a fraction of
        the room. None also where the system has no such files."""
        if self._folder is None:
            return None
        path = self._folder / _name(sha256, self._settings)
        try:
            with _open(path, _LARGEST) as file:
                head = file.read(_HEAD)
                found = Sealed(file.fileno(), _HEAD, os.fstat(file.fileno()).st_size - _HEAD)
        except OSError:
            return None
        # Sealed first and checked then: what fits is what is mapped.
        if self._fits(path, head, found.pieces()):
            return found
        found.close()
        return None

    def _fits(self, path: Path, head: bytes, code: Iterable[bytes | memoryview]) -> bool:
        """Whether the head of a file is that of this code under this name. Then it was used now: see ROOM."""
        if head[: len(_MAGIC)] != _MAGIC or not hmac.compare_digest(
            head[len(_MAGIC) :], self._sign(path.name, code)
        ):
            return False
        with contextlib.suppress(OSError):
            os.utime(path)
        return True

    def put(self, sha256: str, code: bytes | bytearray) -> None:
        """Keeps compiled code. That it cannot, as on a full disk, only costs the next start some time."""
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
        now, total, found = time.time(), 0, []
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                state = path.lstat()
                if path.suffix == ".code":
                    found.append((state.st_mtime, state.st_size, path))
                elif path.name.startswith(".new-") and now - state.st_mtime > _ABANDONED:
                    path.unlink()
        for _, size, path in sorted(found, reverse=True):
            total += size
            if total > ROOM:
                with contextlib.suppress(OSError):
                    path.unlink()


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
    """All of a file, in memory that the system gives and takes back as a whole."""
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
