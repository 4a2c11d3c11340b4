"""What a module is, wants and exports: read by the guard alone, so that none of it runs or is compiled."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ._capabilities import gets, parse_allow
from ._errors import ModuleError
from ._guard import ModuleInfo, require_abi, scan
from ._limits import MiB, show_bytes
from ._manifest import Manifest
from ._module import SHIPPED, granted, manifest_of, shipped
from ._recipe import read_module_file
from ._text import shown

_LARGEST = 256 * MiB  # what Limits.module can be


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a module without running it.

    source         the file's name as it can be printed, ``"records"`` for the shipped module, ``"bytes"``
    size           in bytes
    sha256         of its bytes, in hex
    refusal        why it would not be loaded, None if it would. What follows is None or empty where the
                   module could not be read so far
    abi            the version of the ABI that it speaks
    name, version, description, sdk, input, output, outputs, capabilities, stateful, config_schema,
    input_schema, output_schema
                   what its manifest says: docs/abi.md
    gets           which of the capabilities that it wants it would be given
    memory_min     bytes of memory that it begins with
    memory_max     bytes that it says it never exceeds, None if it says nothing
    functions      how many functions it defines
    imports        ``"wasi_snapshot_preview1.fd_write(i32, i32, i32, i32) -> i32"``
    exports        ``"wr_open(i32) -> i32"``, ``"memory: memory"``
    sections       names of its custom sections and their sizes in bytes
    """

    source: str
    size: int
    sha256: str
    refusal: str | None = None
    abi: int | None = None
    name: str | None = None
    version: str | None = None
    description: str | None = None
    sdk: str | None = None
    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    gets: tuple[str, ...] = ()
    stateful: bool | None = None
    config_schema: Any = None
    input_schema: Any = None
    output_schema: Any = None
    memory_min: int | None = None
    memory_max: int | None = None
    functions: int | None = None
    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    sections: tuple[tuple[str, int], ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The same as a dict of JSON values."""
        return dataclasses.asdict(self) | {"sections": dict(self.sections)}


def inspect(module: str | os.PathLike[str] | bytes, *, allow: Iterable[str] = ()) -> Inspection:
    """Reads a module: a path, its bytes, or the name of a shipped module (``"records"``). ``allow`` as for
    :func:`wasmrecords.load`.

    A module that would be refused is shown as far as it can be read, with the reason in ``refusal``.
    Raises :class:`ModuleError` if there is no such file, :class:`ValueError` for an unknown capability.
    """
    allowed = parse_allow(allow)
    source, data = _find(module)
    if len(data) > _LARGEST:
        raise ModuleError(
            f"the file {shown(source)} has more than {show_bytes(_LARGEST)}: no module is so large"
        )
    ours = source in SHIPPED
    sha256 = hashlib.sha256(data).hexdigest()
    found: dict[str, Any] = {"source": shown(source), "size": len(data), "sha256": sha256}
    try:
        info = scan(data, bodies=not ours)
        found |= _shape(info)
        manifest = manifest_of(data, info)
        found |= _words(manifest)
        found["gets"] = gets(manifest.capabilities, allowed)
        require_abi(info)
        found["abi"] = 1
        found["gets"] = granted(manifest, data, allowed)
    except ModuleError as refused:
        found["refusal"] = str(refused)
    return Inspection(**found)


def _find(module: str | os.PathLike[str] | bytes) -> tuple[str, bytes]:
    if isinstance(module, (bytes, bytearray, memoryview)):
        return "bytes", bytes(module)
    name = os.fspath(module)
    if isinstance(module, str) and not os.path.exists(name):
        if name in SHIPPED:
            return name, shipped(name)
        if near := difflib.get_close_matches(name, SHIPPED, n=1):
            raise ModuleError(
                f"the file {shown(name)} does not exist; did you mean {near[0]}, a module that is shipped?"
            )
    return name, read_module_file(module, _LARGEST)


def _shape(info: ModuleInfo) -> dict[str, Any]:
    return {
        "memory_min": info.memory_min,
        "memory_max": info.memory_max,
        "functions": info.functions,
        "imports": tuple(
            shown(
                f"{item.module}.{item.name}"
                + (_signature(item.params, item.results) if item.kind == "function" else f": {item.kind}")
            )
            for item in info.imports
        ),
        "exports": tuple(
            shown(
                f"{name}{_signature(item.params, item.results)}"
                if item.kind == "function"
                else f"{name}: {item.kind}"
            )
            for name, item in info.exports.items()
        ),
        "sections": tuple((shown(extent.name), extent.end - extent.start) for extent in info.customs),
    }


def _signature(params: tuple[str, ...], results: tuple[str, ...]) -> str:
    return f"({', '.join(params)})" + (f" -> {', '.join(results)}" if results else "")


def _words(manifest: Manifest) -> dict[str, Any]:
    return {entry.name: getattr(manifest, entry.name) for entry in dataclasses.fields(manifest)}
