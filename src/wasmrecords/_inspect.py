"""What a module is, wants and exports: read by the guard alone, so that none of it runs or is compiled."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from ._capabilities import GRANTS, gets, parse_allow
from ._errors import ModuleError
from ._guard import ModuleInfo, require_abi, scan
from ._limits import LARGEST_MODULE, show_bytes
from ._manifest import FunctionInfo, Manifest, TransformInfo
from ._module import SHIPPED, granted, manifest_of, shipped
from ._recipe import read_module_file
from ._text import closest, shown


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a module without running it.

    source         the file's name as it can be printed, ``"records"`` for the shipped module, ``"bytes"``
    size           in bytes
    sha256         of its bytes, in hex
    refusal        why it would not be loaded, None if it would. What follows is None or empty where the
                   module could not be read so far. Whether ``config_schema`` can be used takes running the
                   validator, so only loading tells
    abi            the version of the ABI that it speaks
    name, version, description, sdk, input, output, outputs, capabilities, stateful, config_schema,
    input_schema, output_schema
                   what its manifest says: docs/abi.md. With one transform it is about that; ``capabilities``
                   are all that any of several transforms wants
    transforms     :class:`TransformInfo` of each, empty if the manifest names none
    functions      :class:`FunctionInfo` of each that can be called by its name
    gets           which of the capabilities that it wants it would be given
    memory_min     bytes of memory that it begins with
    memory_max     bytes that it says it never exceeds, None if it says nothing
    defined        how many functions of WebAssembly it defines
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
    transforms: tuple[TransformInfo, ...] = ()
    functions: tuple[FunctionInfo, ...] = ()
    memory_min: int | None = None
    memory_max: int | None = None
    defined: int | None = None
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
    source, data, ours = _find(module)
    if len(data) > LARGEST_MODULE:
        raise ModuleError(
            f"the file {shown(source)} has more than {show_bytes(LARGEST_MODULE)}: no module is so large"
        )
    sha256 = hashlib.sha256(data).hexdigest()
    found: dict[str, Any] = {"source": shown(source), "size": len(data), "sha256": sha256}
    try:
        info = scan(data, bodies=not ours)
        found |= _shape(info)
        manifest = manifest_of(data, info)
        found |= _words(manifest.of_the_only_one())
        found["gets"] = gets(found["capabilities"], allowed)
        require_abi(info)
        found["abi"] = 1
        found["gets"] = _granted(manifest, data, allowed)
    except ModuleError as refused:
        found["refusal"] = str(refused)
    return Inspection(**found)


def _find(module: str | os.PathLike[str] | bytes) -> tuple[str, bytes, bool]:
    """What it is called, its bytes, and whether it is one of ours: a file may have the name of one."""
    if isinstance(module, (bytes, bytearray, memoryview)):
        return "bytes", bytes(module), False
    if not isinstance(module, (str, os.PathLike)):
        raise TypeError(f"module: expected a path or bytes, found {type(module).__name__}")
    name = os.fspath(module)
    if isinstance(module, str) and not os.path.exists(name):
        if name in SHIPPED:
            return name, shipped(name), True
        if near := closest(name, SHIPPED):
            raise ModuleError(
                f"the file {shown(name)} does not exist; did you mean {near}, a module that is shipped?"
            )
    return name, read_module_file(module, LARGEST_MODULE), False


def _shape(info: ModuleInfo) -> dict[str, Any]:
    return {
        "memory_min": info.memory_min,
        "memory_max": info.memory_max,
        "defined": info.functions,
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
    words = manifest._asdict()
    if len(manifest.transforms) > 1:
        wanted = (transform.capabilities for transform in manifest.transforms)
        words["capabilities"] = tuple(dict.fromkeys(chain(manifest.capabilities, *wanted)))
    return words


def _granted(manifest: Manifest, data: bytes, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """What it gets, as long as some of it can be run."""
    found: set[str] = set()
    refused: ModuleError | None = None
    ways = [manifest.of_transform(item.name) for item in manifest.transforms]
    if manifest.functions:
        ways.append(manifest.of_functions())
    runs = False
    for way in ways or [manifest]:
        try:
            found.update(granted(way, data, allowed))
            runs = True
        except ModuleError as error:
            refused = refused or error
    if refused and not runs:
        raise refused
    return tuple(name for name in GRANTS if name in found)
