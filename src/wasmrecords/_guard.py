"""The guard: reads a module's bytes before any engine does, and refuses what should not come further.

``scan`` holds a module against the rules of any guest, ``require_abi`` against docs/abi.md.
"""

from __future__ import annotations

from typing import NamedTuple

from ._errors import ModuleError
from ._guard_info import Custom, Export, Import, ModuleInfo
from ._guard_reader import quoted
from ._guard_scan import scan
from ._text import closest

__all__ = ["WASI", "Custom", "Export", "Import", "ModuleInfo", "read_module", "require_abi", "scan"]

_SNAPSHOT = "wasi_snapshot_preview1"


class _Signature(NamedTuple):
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"({', '.join(self.params)}) -> ({', '.join(self.results)})"


_I32 = ("i32",)

# What docs/abi.md lists, and whether a module must have it.
_ABI = {
    "wr_abi_v1": (_Signature(), True),
    "_initialize": (_Signature(), False),
    "wr_arena": (_Signature(_I32, _I32), True),
    "wr_open": (_Signature(_I32, _I32), True),
    "wr_batch": (_Signature(("i32", "i32"), _I32), True),
    "wr_close": (_Signature((), _I32), False),
}

# All of WASI preview 1. The parameters: i is an i32, I an i64.
_WASI_PARAMS = {
    "args_get": "ii",
    "args_sizes_get": "ii",
    "clock_res_get": "ii",
    "clock_time_get": "iIi",
    "environ_get": "ii",
    "environ_sizes_get": "ii",
    "fd_advise": "iIIi",
    "fd_allocate": "iII",
    "fd_close": "i",
    "fd_datasync": "i",
    "fd_fdstat_get": "ii",
    "fd_fdstat_set_flags": "ii",
    "fd_fdstat_set_rights": "iII",
    "fd_filestat_get": "ii",
    "fd_filestat_set_size": "iI",
    "fd_filestat_set_times": "iIIi",
    "fd_pread": "iiiIi",
    "fd_prestat_dir_name": "iii",
    "fd_prestat_get": "ii",
    "fd_pwrite": "iiiIi",
    "fd_read": "iiii",
    "fd_readdir": "iiiIi",
    "fd_renumber": "ii",
    "fd_seek": "iIii",
    "fd_sync": "i",
    "fd_tell": "ii",
    "fd_write": "iiii",
    "path_create_directory": "iii",
    "path_filestat_get": "iiiii",
    "path_filestat_set_times": "iiiiIIi",
    "path_link": "iiiiiii",
    "path_open": "iiiiiIIii",
    "path_readlink": "iiiiii",
    "path_remove_directory": "iii",
    "path_rename": "iiiiii",
    "path_symlink": "iiiii",
    "path_unlink_file": "iii",
    "poll_oneoff": "iiii",
    "proc_exit": "i",
    "proc_raise": "i",
    "random_get": "ii",
    "sched_yield": "",
    "sock_accept": "iii",
    "sock_recv": "iiiiii",
    "sock_send": "iiiii",
    "sock_shutdown": "ii",
}
WASI = {
    name: _Signature(
        tuple("i32" if letter == "i" else "i64" for letter in letters), () if name == "proc_exit" else _I32
    )
    for name, letters in _WASI_PARAMS.items()
}
"""The functions that a module may import from ``wasi_snapshot_preview1``, by name."""

_ALLOWED = f"a module may import functions of {_SNAPSHOT} and nothing else"
# What a module was built for, by the start of the name that it imports from.
_STRANGERS = (
    ("wasi_unstable", "an old version of WASI: build it with a newer compiler, for wasm32-wasip1"),
    ("wasi_snapshot_preview", "another version of WASI: build it for wasm32-wasip1"),
    ("wasi:", "WASI 0.2 or later: build it for wasm32-wasip1"),
    ("wasi", "threads of WASI: build it for wasm32-wasip1, without threads"),
    ("__wbindgen", "JavaScript, by wasm-bindgen: build it for wasm32-wasip1, without wasm-bindgen"),
    ("wbg", "JavaScript, by wasm-bindgen: build it for wasm32-wasip1, without wasm-bindgen"),
    ("go", "JavaScript, by Go: build it with GOOS=wasip1"),
    (
        "env",
        "a function that nobody linked in, or Emscripten's: build it for wasm32-wasip1",
    ),
)


def read_module(data: bytes, *, bodies: bool = True) -> ModuleInfo:
    """Reads a module that speaks ABI 1: :func:`scan` and :func:`require_abi`.

    Raises :class:`ModuleError`, and nothing else, whatever the bytes are.
    """
    info = scan(data, bodies=bodies)
    require_abi(info)
    return info


def require_abi(info: ModuleInfo) -> None:
    """Raises :class:`ModuleError` unless the module speaks ABI 1 and imports only what the host answers."""
    if "wr_abi_v1" not in info.exports:
        raise ModuleError(_no_abi(info))
    memory = info.exports.get("memory")
    if memory is None or memory.kind != "memory":
        found = f"a {memory.kind}" if memory else "nothing"
        raise ModuleError(
            f"the export 'memory' is {found}, ABI 1 expects a memory: export it",
            offset=memory.offset if memory else None,
        )
    for name, (expected, needed) in _ABI.items():
        _require_export(name, info.exports.get(name), expected, needed)
    for item, offset in zip(info.imports, info.import_offsets, strict=True):
        _require_import(item, offset)


def _no_abi(info: ModuleInfo) -> str:
    if info.abi is not None:
        return (
            f"the module speaks version {info.abi} of the wasmrecords ABI, this package speaks version 1: "
            "update the package, or build the module with a crate of its version"
        )
    ours = [name for name in _ABI if name in info.exports and name.startswith("wr_")]
    if ours:
        return (
            f"no export 'wr_abi_v1', though there is {quoted(ours[0])}: a module says with it that it speaks "
            "version 1 of the wasmrecords ABI"
        )
    words = "the module does not speak the wasmrecords ABI: no export 'wr_abi_v1'"
    if "_start" in info.exports:
        words += "; it is a command, with '_start' and a main function, to be run by itself"
    return f"{words}; a module is made with the Rust crate wasmrecords, or by hand from docs/abi.md"


def _require_export(name: str, found: Export | None, expected: _Signature, needed: bool) -> None:
    if found is None:
        if needed:
            raise ModuleError(f"no export '{name}': ABI 1 expects a function {expected}")
        return
    if found.kind != "function":
        what = f"a {found.kind}"
    elif (found.params, found.results) != expected:
        what = f"a function {_Signature(found.params, found.results)}"
    else:
        return
    raise ModuleError(
        f"the export '{name}' is {what}, ABI 1 expects a function {expected}", offset=found.offset
    )


def _require_import(item: Import, offset: int) -> None:
    found = _Signature(item.params, item.results)
    if item.kind != "function":
        raise ModuleError(
            f"the module imports the {item.kind} {quoted(item.name)} from {quoted(item.module)}: {_ALLOWED}; "
            "build a module that defines its own",
            offset=offset,
        )
    words = f"the module imports {quoted(item.name)} {found} from {quoted(item.module)}"
    if item.module != _SNAPSHOT:
        hint = next((f"; this is {what}" for start, what in _STRANGERS if item.module.startswith(start)), "")
        raise ModuleError(f"{words}: {_ALLOWED}{hint}", offset=offset)
    expected = WASI.get(item.name)
    if expected is None:
        near = closest(item.name, WASI)
        hint = f"; the nearest one is '{near}'" if near else ""
        raise ModuleError(f"{words}, which has no such function{hint}", offset=offset)
    if found != expected:
        raise ModuleError(f"{words}, where it is {expected}: build it with another compiler", offset=offset)
