"""What must hold of a module's bytes before the engine may see them.

WebAssembly's own rules are the engine's to check. These are stricter, for three reasons: some valid
modules abort the process when their types are looked at from Python, some small ones take minutes and
gigabytes to compile, and a refusal should say where and what to do. No engine is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ._guard_preamble import check_preamble
from ._guard_reader import Reader, quoted

PAGE = 65536
MOST_PAGES = 65536

# Caps, each far above what compilers write and low enough that a module at all of them still compiles in
# the time and memory of the compiling process.
MOST_TYPES = 10_000
MOST_PARAMS = 64
MOST_RESULTS = 16
MOST_IMPORTS = 200
MOST_FUNCTIONS = 50_000
MOST_GLOBALS = 10_000
MOST_EXPORTS = 1_000
MOST_SEGMENTS = 10_000
MOST_ELEMENTS = 100_000  # as many as the one table may hold: see _instance
MOST_LOCALS = 5_000
MOST_BODY = 512 * 1024
MOST_CUSTOMS = 100

_NUMBERS = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64"}
_REFERENCES = {0x70: "funcref", 0x6F: "externref"}
_VALUES = {**_NUMBERS, 0x7B: "v128", **_REFERENCES}
_NUMBER_BYTES, _VALUE_BYTES = frozenset(_NUMBERS), frozenset(_VALUES)

# Types of extensions that are switched off.
_OTHER_VALUES = {
    0x63: "function references",
    0x64: "function references",
    0x67: "stringref",
    0x68: "stack switching",
    0x69: "exceptions",
    0x74: "exceptions",
    0x75: "stack switching",
    **dict.fromkeys((0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x71, 0x72, 0x73), "GC"),
}
_OTHER_FORMS = {
    0x4E: ("a group of recursive types", "GC"),
    0x4F: ("a final subtype", "GC"),
    0x50: ("a subtype", "GC"),
    0x5D: ("a continuation", "stack switching"),
    0x5E: ("an array", "GC"),
    0x5F: ("a struct", "GC"),
}
_KINDS = {0: "function", 1: "table", 2: "memory", 3: "global", 4: "tag"}
_ABI = re.compile(r"wr_abi_v([1-9][0-9]{0,8})")


class Import(NamedTuple):
    """A function that the module wants from its host. Types are ``"i32"``, ``"i64"``, ``"f32"``, ``"f64"``."""

    module: str
    name: str
    params: tuple[str, ...]
    results: tuple[str, ...]


class Export(NamedTuple):
    """Something of the module that its host can reach.

    ``kind`` is ``"function"``, ``"table"``, ``"memory"`` or ``"global"``; ``params`` and ``results`` are
    a function's; ``offset`` is where the export stands in the file.
    """

    kind: str
    index: int
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    offset: int = 0


class Custom(NamedTuple):
    """A custom section; its content is ``data[start:end]``, without the name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """What a module's bytes say about it. Sizes of memory are bytes; 0 is the minimum if it has none.

    ``functions`` counts those that the module defines; ``import_offsets`` says where in the file each of
    the imports stands.
    """

    imports: tuple[Import, ...]
    exports: Mapping[str, Export]
    memory_min: int
    memory_max: int | None
    functions: int
    customs: tuple[Custom, ...]
    import_offsets: tuple[int, ...]

    @property
    def abi(self) -> int | None:
        """The version of the ABI that it speaks: 1 if that is one of several, None if it speaks none."""
        versions = [int(match[1]) for match in map(_ABI.fullmatch, self.exports) if match]
        return 1 if 1 in versions else max(versions, default=None)


def scan(data: bytes, *, bodies: bool = True) -> ModuleInfo:
    """Reads a module and holds it against every rule but those of the ABI.

    Without ``bodies`` the code section is not looked into: for modules whose bytes were accepted before.
    Raises :class:`ModuleError`, and nothing else, whatever the bytes are.
    """
    check_preamble(data)
    return _Scan(data, bodies).run()


class _Scan(Reader):
    """One walk over the sections, which come in one order: each may lean on those before."""

    def __init__(self, data: bytes, bodies: bool) -> None:
        super().__init__(data, 8)
        self.bodies = bodies
        self.types: list[tuple[bytes, bytes]] = []
        self.imports: list[Import] = []
        self.import_offsets: list[int] = []
        self.functions: list[int] = []  # the type of each, imported ones first
        self.tables = self.memories = 0
        self.memory_min, self.memory_max = 0, None if False else 0
        self.globals: list[int] = []
        self.exports: dict[str, Export] = {}
        self.customs: list[Custom] = []
        self.data_count: int | None = None
        self.bodies_found = self.data_found = 0
