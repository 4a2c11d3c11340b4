"""From a module's bytes to compiled code: the guard, the cache, the compiler, in this order."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ._cache import Cache, Notify, folder
from ._capabilities import gets, parse_allow, require
from ._engine import check_version, engine
from ._errors import MemoryLimit, ModuleError, ModuleLimit, TableLimit
from ._guard import ModuleInfo, read_module
from ._limits import Limits, show_bytes
from ._manifest import SECTION, Manifest, read_manifest
from ._native import deserialize

if TYPE_CHECKING:
    import wasmtime

SHIPPED = ("records",)
"""The modules that the package brings along."""

_SHIPPED_GET = ("log", "random")
"""What they are granted by themselves."""

_MOST_COMPILED = 8
"""Compiled modules that a process keeps, so that the second transform from a module costs nothing."""

Select = Callable[[Manifest], Manifest]
"""What of a manifest counts: one transform of several, or the functions. Raises :class:`ModuleError`."""


def _all_of_it(manifest: Manifest) -> Manifest:
    return manifest


class LoadedModule(NamedTuple):
    """A module that was accepted and compiled. ``sha256`` is of its bytes, in hex; ``trusted`` says that it
    came with the package, ``capabilities`` are what it gets beyond its records, ``fuel`` that its code counts
    its work."""

    info: ModuleInfo
    module: wasmtime.Module
    manifest: Manifest
    sha256: str
    trusted: bool
    capabilities: tuple[str, ...] = ()
    fuel: bool = False


class ReadModule(NamedTuple):
    """A module that was accepted, without its code, for a process that runs it elsewhere."""

    info: ModuleInfo
    manifest: Manifest
    sha256: str
    trusted: bool
    capabilities: tuple[str, ...]


_compiled: OrderedDict[tuple[str, bool], LoadedModule] = OrderedDict()  # the latest used last
_compiling: dict[tuple[str, bool], threading.Lock] = {}  # a lock for each module that is being compiled
_digests: dict[int, str] = {}  # of the shipped modules, by identity: they live as long as the process


@functools.cache
def shipped(name: str) -> bytes:
    """A module that the package brings along: one of :data:`SHIPPED`. Raises :class:`ModuleError`."""
    # The engine is files beside its own package as well: importlib.resources would take 5 ms to say so.
    path = Path(__file__).with_name("modules") / f"{name}.wasm"
    try:
        data = path.read_bytes()
    except OSError:
        raise ModuleError(
            f"the module {name} is missing in the installed package: in a checkout, ./build.sh build makes it"
        ) from None
    _digests[id(data)] = hashlib.sha256(data).hexdigest()
    return data


def load_module(
    data: bytes,
    limits: Limits,
    *,
    allow: tuple[str, ...] = (),
    trusted: bool = False,
    notify: Notify = None,
    select: Select = _all_of_it,
) -> LoadedModule:
    """Checks a module and compiles it, or takes it from the cache.

    ``allow`` are grants, as ``parse_allow`` gives them. ``trusted`` is for the package's own modules: their
    code is not searched for what is made to stall the compiler. ``notify`` is called with a line when
    compiling takes over a second. ``select`` says what of the manifest counts.

    Raises :class:`ModuleError`, :class:`ModuleLimit`, :class:`CompileLimit`, and :class:`MemoryLimit` or
    :class:`TableLimit` for a module that begins with more memory, or a larger table, than it may have.
    """
    _check_size(data, limits)
    sha256 = _digests.get(id(data)) or hashlib.sha256(data).hexdigest()
    key = sha256, limits.fuel is not None
    loaded = _recent(key)
    if loaded is None:
        with _alone(key):
            loaded = _recent(key) or _load(data, sha256, limits, allow, trusted, notify, select)
            _compiled[key] = loaded
            if len(_compiled) > _MOST_COMPILED:
                _compiled.popitem(last=False)
    _check_memory(loaded.info, limits)
    manifest = select(loaded.manifest)
    capabilities = granted(manifest, data, allow)
    if manifest is loaded.manifest and (capabilities, trusted) == (loaded.capabilities, loaded.trusted):
        return loaded
    return loaded._replace(manifest=manifest, capabilities=capabilities, trusted=trusted)


def load_code(
    data: bytes,
    limits: Limits,
    *,
    allow: tuple[str, ...] = (),
    trusted: bool = False,
    notify: Notify = None,
    select: Select = _all_of_it,
) -> tuple[ReadModule, memoryview | bytearray]:
    """The same for a module whose code runs in another process: it is not brought into this one.

    Raises what :func:`load_module` does.
    """
    _check_size(data, limits)
    sha256 = _digests.get(id(data)) or hashlib.sha256(data).hexdigest()
    info = read_module(data, bodies=not trusted)
    manifest = select(manifest_of(data, info))
    read = ReadModule(info, manifest, sha256, trusted, granted(manifest, data, allow))
    _check_memory(info, limits)
    fuel = limits.fuel is not None
    cache = Cache(folder(), notify, fuel=fuel)
    with _alone((sha256, fuel)):
        code = cache.get(sha256)
        if code is not None:
            return read, code
        made = _compile(data, sha256, manifest.name, limits, trusted or _is_shipped(data), cache, notify)
    if not isinstance(made, bytearray):
        return read, made.serialize()
    cache.put(sha256, made)
    return read, made


@contextlib.contextmanager
def _alone(key: tuple[str, bool]) -> Iterator[None]:
    """Of two threads that want the same module, the second finds it done; who wants another one does not
    wait for it."""
    with _compiling.setdefault(key, threading.Lock()):
        try:
            yield
        finally:
            _compiling.pop(key, None)


def _check_size(data: bytes, limits: Limits) -> None:
    if len(data) > limits.module:
        raise ModuleLimit(
            f"the module has {show_bytes(len(data))}, more than {show_bytes(limits.module)} (limit module)",
            value=limits.module,
        )


def _check_memory(info: ModuleInfo, limits: Limits) -> None:
    if info.memory_min > limits.memory:
        raise MemoryLimit(
            f"the module begins with {show_bytes(info.memory_min)} of memory, more than "
            f"{show_bytes(limits.memory)} (limit memory)",
            value=limits.memory,
        )
    if info.table_min > limits.table:
        raise TableLimit(
            f"the module begins with a table of {info.table_min:,} elements, more than "
            f"{limits.table:,} (limit table)",
            value=limits.table,
        )


def manifest_of(data: bytes, info: ModuleInfo) -> Manifest:
    """What a module says of itself, with defaults where it says nothing. Raises :class:`ModuleError`."""
    found = [extent for extent in info.customs if extent.name == SECTION]
    if not found:
        return Manifest()
    if len(found) > 1:
        raise ModuleError(f"the section {SECTION} is there {len(found)} times", offset=found[1].start)
    return read_manifest(data[found[0].start : found[0].end], found[0].start)


def granted(manifest: Manifest, data: bytes, allow: tuple[str, ...]) -> tuple[str, ...]:
    """What a module gets: what it wants and is allowed. Shipped modules are allowed all but a clock without
    being asked: without one each record has the same result whenever it is run.

    Raises :class:`ModuleError` if it wants more.
    """
    wanted = manifest.capabilities
    if wanted and _is_shipped(data):
        return gets(wanted, parse_allow([*allow, *_SHIPPED_GET]))
    return require(wanted, allow)


def _recent(key: tuple[str, bool]) -> LoadedModule | None:
    loaded = _compiled.get(key)
    if loaded is not None:
        with contextlib.suppress(KeyError):  # another thread may have pushed it out meanwhile
            _compiled.move_to_end(key)
    return loaded


def _load(
    data: bytes,
    sha256: str,
    limits: Limits,
    allow: tuple[str, ...],
    trusted: bool,
    notify: Notify,
    select: Select,
) -> LoadedModule:
    info = read_module(data, bodies=not trusted)
    manifest = manifest_of(data, info)
    capabilities = granted(select(manifest), data, allow)  # before anything is compiled
    code = _code(data, sha256, manifest.name, limits, trusted or _is_shipped(data), notify)
    return LoadedModule(info, code, manifest, sha256, trusted, capabilities, limits.fuel is not None)


def _code(data: bytes, sha256: str, name: str, limits: Limits, ours: bool, notify: Notify) -> wasmtime.Module:
    import wasmtime

    fuel = limits.fuel is not None
    cache = Cache(folder(), notify, fuel=fuel)
    sealed = cache.sealed(sha256)
    if sealed is not None:
        with sealed, contextlib.suppress(wasmtime.WasmtimeError):
            return wasmtime.Module.deserialize_file(engine(fuel), sealed.path)
    stored = cache.get(sha256)
    if stored is not None:
        # Signed by this user's key, and yet of no use to this engine: then it is compiled again.
        with contextlib.suppress(wasmtime.WasmtimeError):
            return deserialize(engine(fuel), stored)
    made = _compile(data, sha256, name, limits, ours, cache, notify)
    if not isinstance(made, bytearray):
        return made
    try:
        module = deserialize(engine(fuel), memoryview(made))
    except wasmtime.WasmtimeError:
        raise ModuleError("what the compiler made of this module is no code for this engine") from None
    cache.put(sha256, made)
    return module


def _compile(
    data: bytes, sha256: str, name: str, limits: Limits, ours: bool, cache: Cache, notify: Notify
) -> wasmtime.Module | bytearray:
    """A module of ours as it came from the engine, that of a stranger as the code that its compiler gave."""
    from ._compiler import compile_apart, compile_here  # with all it takes to start a process

    check_version()
    fuel = limits.fuel is not None
    line = f"wasmrecords: compiling the module {name}" + ("; it is kept for the next time" * cache.usable)

    def late() -> None:
        if notify is not None:
            notify(line)

    if ours:
        return compile_here(data, fuel, lambda code: cache.put(sha256, code), late)
    return compile_apart(data, limits, late)


def _is_shipped(data: bytes) -> bool:
    with contextlib.suppress(ModuleError):  # a checkout in which nothing is built yet
        return any(data == shipped(name) for name in SHIPPED)
    return False


def _forget() -> None:
    """A forked child compiles for its own engine."""
    _compiling.clear()
    _compiled.clear()


# At the end of the process as well: what is left of wasmtime has to go while its modules are still there.
atexit.register(_compiled.clear)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
