"""What must hold of a module's bytes before the engine may see them.

WebAssembly's own rules are the engine's to check. These are stricter, for three reasons: some valid
modules abort the process when their types are looked at from Python, some small ones take minutes and
gigabytes to compile, and a refusal should say where and what to do. No engine is asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from ._guard_content import MOST_FUNCTIONS, ContentReader
from ._guard_info import Custom, Export, Import, ModuleInfo
from ._guard_preamble import check_preamble
from ._guard_reader import quoted
from ._guard_types import MOST_PAGES, PAGE

# Caps, with room above what real modules have: docs/design.md. What is below them and still takes long to
# compile ends at the limits of the process that compiles.
MOST_TYPES = 10_000
MOST_IN_TABLE = 1_000_000  # as many as Limits.table can be
MOST_IMPORTS = 1_000
MOST_GLOBALS = 50_000
MOST_EXPORTS = 5_000
MOST_CUSTOMS = 100

_OTHER_SECTIONS = {13: "exceptions", 14: "stringref"}
_OTHER_KINDS = {4: "exceptions"}
_KINDS = {0: "function", 1: "table", 2: "memory", 3: "global"}


def scan(data: bytes, *, bodies: bool = True) -> ModuleInfo:
    """Reads a module and holds it against every rule but those of the ABI.

    Without ``bodies`` the code section is not looked into: for modules whose bytes were accepted before.
    Raises :class:`ModuleError`, and nothing else, whatever the bytes are.
    """
    check_preamble(data)
    return _Scan(data, bodies).run()


class _Scan(ContentReader):
    """One walk over the sections. They come in one order, so that each may lean on those before it."""

    def __init__(self, data: bytes, bodies: bool) -> None:
        super().__init__(data, bodies)
        self.imports: list[Import] = []
        self.import_offsets: list[int] = []
        self.defined = 0
        self.memory_min = self.table_min = 0
        self.memory_max: int | None = None
        self.globals: list[int] = []  # the type of each
        self.variables = 0
        self.exports: dict[str, Export] = {}
        self.customs: list[Custom] = []

    def run(self) -> ModuleInfo:
        last, whole = -1, len(self.data)
        while self.at < whole:
            start, self.section = self.at, ""
            number = self.byte("a section")
            if number >= len(_SECTIONS):
                self.section = str(number)
                self.proposal("a section of this kind", _OTHER_SECTIONS.get(number, ""), start)
            self.section, rank, read = _SECTIONS[number]
            size = self.u32("its size")
            if size > whole - self.at:
                self.damaged(f"{size:,} bytes claimed where {whole - self.at:,} are left", start)
            if rank:
                if rank == last:
                    self.damaged("a second one found, expected one", start)
                if rank < last:
                    self.damaged(f"found behind the {_NAMES[last]} section, expected in front of it", start)
                last = rank
            self.end = self.at + size
            read(self)
            if self.at != self.end:
                self.damaged(f"{self.end - self.at:,} bytes left over behind its last item")
            self.end = whole
        return self.finish()

    def finish(self) -> ModuleInfo:
        if self.defined != self.bodies_found:
            self.section = "code"
            self.damaged(f"{self.defined:,} functions declared, {self.bodies_found:,} bodies found")
        if self.data_count not in (None, self.data_found):
            self.section = "data"
            self.damaged(f"{self.data_count:,} data segments announced, {self.data_found:,} found")
        return ModuleInfo(
            imports=tuple(self.imports),
            exports=MappingProxyType(self.exports),
            memory_min=self.memory_min,
            memory_max=self.memory_max,
            functions=self.defined,
            customs=tuple(self.customs),
            import_offsets=tuple(self.import_offsets),
            table_min=self.table_min,
            variables=self.variables,
        )

    def custom(self) -> None:
        start = self.at
        if len(self.customs) + 1 > MOST_CUSTOMS:
            self.over(len(self.customs) + 1, MOST_CUSTOMS, "custom sections", start)
        name = self.name("its name")
        self.customs.append(Custom(name, self.at, self.end))
        self.at = self.end

    def type(self) -> None:
        for _ in range(self.count(MOST_TYPES, "types")):
            self.types.append(self.function_type(len(self.types)))

    def imported(self) -> None:
        for _ in range(self.count(MOST_IMPORTS, "imports")):
            start = self.at
            module, name = self.name("the module of an import"), self.name("the name of an import")
            kind = self.byte("the kind of an import")
            params: tuple[str, ...] = ()
            results: tuple[str, ...] = ()
            match kind:
                case 0:
                    index = self.index(len(self.types), "type")
                    what = f"the imported function {quoted(name)}"
                    params, results = self.signature(self.types[index], what, start)
                    self.functions.append(index)
                case 1:
                    self.one("tables", 1, start)
                    self.table_type()
                case 2:
                    self.one("memories", 1, start)
                    self.memory_type()
                case 3:
                    self.number(self.global_type(), f"the imported global {quoted(name)}", start)
                case _:
                    self.proposal(
                        f"the import {quoted(name)} is of kind {kind}", _OTHER_KINDS.get(kind, ""), start
                    )
            self.imports.append(Import(module, name, params, results, _KINDS[kind]))
            self.import_offsets.append(start)

    def function(self) -> None:
        self.defined = self.count(MOST_FUNCTIONS, "functions")
        self.functions += self.indices(self.defined, len(self.types), "type")

    def table(self) -> None:
        start = self.at
        for _ in range(self.one("tables", self.u32("tables"), start)):
            if self.at < self.end and self.data[self.at] == 0x40:
                self.proposal("a table with an initial value", "function references")
            self.table_type()

    def table_type(self) -> None:
        self.reference()
        self.table_min, _ = self.limits("table", MOST_IN_TABLE, "elements")
        self.tables += 1

    def memory(self) -> None:
        start = self.at
        for _ in range(self.one("memories", self.u32("memories"), start)):
            self.memory_type()

    def memory_type(self) -> None:
        low, high = self.limits("memory", MOST_PAGES, "pages")
        self.memory_min, self.memory_max = low * PAGE, None if high is None else high * PAGE
        self.memories += 1

    def one(self, what: str, more: int, at: int) -> int:
        """Refuses more than one of something, imported ones among them."""
        found = more + (self.tables if what == "tables" else self.memories)
        if found > 1:
            self.refuse(f"{found:,} {what} found, a guest has at most one; build it with one", at)
        return more

    def global_(self) -> None:
        for _ in range(self.count(MOST_GLOBALS, "globals")):
            self.global_type()
            self.expression()

    def global_type(self) -> int:
        found = self.value()
        self.globals.append(found)
        start = self.at
        mutable = self.byte("a global")
        if mutable & 2:
            self.proposal("a shared global", "shared everything", start)
        if mutable > 1:
            self.damaged(f"0x{mutable:02x} found where 0 or 1 says whether a global changes", start)
        self.variables += mutable
        return found

    def export(self) -> None:
        below = (len(self.functions), self.tables, self.memories, len(self.globals))
        for _ in range(self.count(MOST_EXPORTS, "exports")):
            start = self.at
            name = self.name("the name of an export")
            if name in self.exports:
                self.damaged(f"a second export {quoted(name)}, names must differ", start)
            kind = self.byte("the kind of an export")
            if kind >= len(below):
                self.proposal(
                    f"the export {quoted(name)} is of kind {kind}", _OTHER_KINDS.get(kind, ""), start
                )
            index = self.index(below[kind], _KINDS[kind])
            params: tuple[str, ...] = ()
            results: tuple[str, ...] = ()
            if kind == 0:
                what = f"the exported function {quoted(name)}"
                params, results = self.signature(self.types[self.functions[index]], what, start)
            elif kind == 3:
                self.number(self.globals[index], f"the exported global {quoted(name)}", start)
            self.exports[name] = Export(_KINDS[kind], index, params, results, start)

    def start(self) -> None:
        start = self.at
        index = self.index(len(self.functions), "function")
        if self.types[self.functions[index]] != (b"", b""):
            self.damaged(f"function {index:,} has parameters or results, expected none", start)


# By number: the name, the place in the order (0: anywhere), how it is read.
_SECTIONS: tuple[tuple[str, int, Callable[[_Scan], None]], ...] = (
    ("custom", 0, _Scan.custom),
    ("type", 1, _Scan.type),
    ("import", 2, _Scan.imported),
    ("function", 3, _Scan.function),
    ("table", 4, _Scan.table),
    ("memory", 5, _Scan.memory),
    ("global", 6, _Scan.global_),
    ("export", 7, _Scan.export),
    ("start", 8, _Scan.start),
    ("element", 9, _Scan.element),
    ("code", 11, _Scan.code),
    ("data", 12, _Scan.segments),
    ("data count", 10, _Scan.announced_data),
)
_NAMES = {rank: name for name, rank, _ in _SECTIONS}
