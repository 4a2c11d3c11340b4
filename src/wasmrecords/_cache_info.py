"""The cache of compiled modules, to be looked at and cleared. To look makes nothing and changes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ._cache import KEY, ROOM, check_folder, check_owner, folder, last_used, read_key
from ._errors import SourceError
from ._text import as_text, shown

_OURS = re.compile(r"[0-9a-f]{48}\.(?:code|seen)|\.new-\w+|key", re.ASCII)


@dataclass(frozen=True, slots=True)
class CachedModule:
    """One module's compiled code: the ``name`` of the file, its ``size`` in bytes, and when it was last
    ``used``, in seconds since 1970. The name is a hash of the module, wasmtime, its settings and the
    processor."""

    name: str
    size: int
    used: float


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """Compiled modules on disk.

    folder   where they are kept; None if nothing is kept, as with an empty ``WASMRECORDS_CACHE``
    problem  why the folder cannot be used; None if it can, or is not made yet
    key      whether it has the key that signs them
    modules  a :class:`CachedModule` for each, the latest used first
    size     bytes of all of them
    room     bytes that all of them may take: beyond that the least recently used are removed
    """

    folder: str | None
    problem: str | None = None
    key: bool = False
    modules: tuple[CachedModule, ...] = ()
    size: int = 0
    room: int = ROOM

    def as_dict(self) -> dict[str, Any]:
        """The same as a dict of JSON values."""
        found = dataclasses.asdict(self) | {"modules": [dataclasses.asdict(m) for m in self.modules]}
        return found | {
            name: as_text(found[name]) for name in ("folder", "problem") if found[name] is not None
        }


def cache_info() -> CacheInfo:
    """What the cache of compiled modules holds, and why it cannot be used, if so. Nothing is changed."""
    place = folder()
    if place is None:
        return CacheInfo(None)
    problem, found = None, []
    try:
        with _opened(place) as fd:
            found = [file for file in _files(place, fd) if file.why is None]
            check_folder(place.lstat() if fd is None else os.fstat(fd))
        read_key(place)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        problem = _reason(error)
    return _info(place, problem, found)


def clear_cache() -> CacheInfo:
    """Removes the compiled modules, what killed processes left of them, and the key, so that nothing that it
    signed is ever loaded again. Only this user's files are removed, and no link is followed. Modules are
    compiled again when they are next used. Returns what was removed.

    Raises :class:`SourceError` if the folder is not this user's alone, or something could not be removed.
    """
    place = folder()
    if place is None:
        return CacheInfo(None)
    gone, left = [], []
    try:
        with _opened(place) as fd:
            check_folder(place.lstat() if fd is None else os.fstat(fd))
            for file in _files(place, fd):
                reason = file.why or _remove(file, fd)
                if reason is None:
                    gone.append(file)
                else:
                    left.append(f"{file.name} ({reason})")
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise SourceError(f"the cache {shown(str(place))} cannot be cleared: {_reason(error)}") from None
    if left:
        raise SourceError(
            f"the cache {shown(str(place))} is not empty yet: {len(gone)} files were removed; left is "
            f"{', '.join(left)}"
        )
    return _info(place, None, gone)


class _File(NamedTuple):
    """A file whose name is one of ours. ``why`` is why the file is not ours all the same, None if it is.
    ``path`` is relative to the open folder, where the system has such paths."""

    name: str
    path: str
    state: os.stat_result
    why: str | None


def _files(place: Path, fd: int | None) -> list[_File]:
    found = []
    with os.scandir(place if fd is None else fd) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):  # another process was faster
                    state = entry.stat(follow_symlinks=False)
                    found.append(_File(entry.name, entry.path, state, _why_not_ours(entry.name, state)))
    return found


def _why_not_ours(name: str, state: os.stat_result) -> str | None:
    if not stat.S_ISREG(state.st_mode):
        return "it is a link or no file"
    if name == "key" and state.st_size != KEY:
        return f"it has {state.st_size:,} bytes, not {KEY}"
    try:
        check_owner(state, 0, "")
    except OSError as error:
        return str(error)
    return None


def _remove(file: _File, fd: int | None) -> str | None:
    try:
        os.unlink(file.path, dir_fd=fd)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _reason(error)
    return None


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[int | None]:
    """The folder, held so that nobody can put a link in its place; None where the system cannot."""
    if not stat.S_ISDIR(place.lstat().st_mode):
        raise OSError("it is no folder")
    if os.unlink not in os.supports_dir_fd or os.scandir not in os.supports_fd:
        yield None
        return
    fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def _info(place: Path, problem: str | None, files: list[_File]) -> CacheInfo:
    code = [file for file in files if file.name.endswith(".code")]
    states = {file.name: file.state for file in files}
    modules = [CachedModule(file.name, file.state.st_size, last_used(file.name, states)) for file in code]
    return CacheInfo(
        str(place),
        problem,
        any(file.name == "key" for file in files),
        tuple(sorted(modules, key=lambda module: module.used, reverse=True)),
        sum(module.size for module in modules),
    )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
