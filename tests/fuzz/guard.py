"""Mutated modules through the guard and through the engine, which must not be surprised.

What must hold of any bytes:

- the guard ends with :class:`ModuleError` or accepts, and an error can be printed and has a place;
- what it accepts and the engine refuses is refused in words as well (that is the engine's part: function
  bodies, constant expressions, and what they refer to);
- of what both accept, wasmtime's own view of imports and exports is the guard's, type by type: this is where
  an unknown type would abort the process. It takes a compiled module, so only each twentieth run looks;
- what it refuses and the engine accepts falls under a rule that is written down: see STRICTER.

    python tests/fuzz/guard.py --runs 1000000 --seed 1 [--real FOLDER]
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import wasmtime
from fuzz.mutate import Finding, Mutator, leb, loop, main
from sections import HEADER

import wasmrecords as wr
from wasmrecords._engine import engine
from wasmrecords._guard import ModuleInfo, scan

# Where the guard is stricter than the engine on purpose, by the words that it refuses with.
STRICTER = {
    "over a cap": re.compile(r"found, at most [\d,]+ are allowed|bytes long, at most [\d,]+ are allowed"),
    "type that must not cross": re.compile(r"only i32, i64, f32 and f64 may cross"),
    # The engine reads those of a memory as if they had 64 bits.
    "limits of more bytes than 32 bits need": re.compile(r"more than 5 bytes found as the m(in|ax)imum"),
    # The engine takes longer ways of writing plain types, also without the extensions that they come from.
    "function type as GC writes it": re.compile(r"is a (final subtype|subtype|group of recursive types)"),
    "funcref as function references write it": re.compile(r"0x63 found as the type of a value"),
    "second table": re.compile(r"tables found, a guest has at most one"),
}
_COMPILED = 20
_LONGEST_SEED = 16 * 1024
_SHORT = 3_000  # what is read quickly is tried more often


Section = tuple[int, bytes]


@cache
def corpus() -> list[bytes]:
    """The modules of the tests, good ones more often than bad ones, and some of the shipped one."""
    import test_guard_scan
    import test_guard_types
    from guests import guest

    refused = test_guard_scan.REFUSED | test_guard_types.REFUSED
    seeds = [data for data, _, _ in refused.values() if len(data) <= _LONGEST_SEED]
    shipped = Path(wr.__file__).parent / "modules" / "records.wasm"
    good = [guest(), guest(manifest="{}"), slim(shipped.read_bytes(), 50), *test_guard_scan.ACCEPTED.values()]
    short = [data for data in good if len(data) <= _SHORT]
    return seeds + good + short * (2 * len(seeds) // len(short))


def real(folder: Path) -> list[bytes]:
    """The modules in a folder without their code, where that leaves a short one."""
    found = [slim(path.read_bytes()) for path in sorted(folder.rglob("*.wasm"))]
    return [data for data in found if 0 < len(data) <= _LONGEST_SEED]


def slim(data: bytes, most: int = 100_000) -> bytes:
    """A module whose functions are all alike, without data; not more than ``most`` functions and elements."""
    if data[:8] != HEADER:
        return b""
    kept = []
    for number, content in split(data):
        if number in (0, 11, 12):
            continue
        if number == 10 or (number == 3 and most < 100_000):
            count = min(read_leb(content, 0)[0], most)
            content = leb(count) + (b"\3\0\0\x0b" if number == 10 else b"\0") * count
        if number in (7, 8, 9) and most < 100_000:
            continue
        kept.append((number, content))
    return join(kept)


def read_leb(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


def split(data: bytes) -> list[Section]:
    found, at = [], 8
    while at < len(data):
        size, start = read_leb(data, at + 1)
        found.append((data[at], data[start : start + size]))
        at = start + size
    return found


def join(sections: list[Section]) -> bytes:
    return HEADER + b"".join(bytes([number]) + leb(len(content)) + content for number, content in sections)


def mutated(mutator: Mutator) -> bytes:
    """Changed anywhere, or within one section whose size is set right again."""
    if mutator.random.random() < 0.3:
        return mutator.input()
    data = mutator.pick()
    try:
        sections = split(data)
    except IndexError:  # a seed that is cut off
        return mutator.input()
    if not sections:
        return mutator.input()
    for _ in range(1 + int(mutator.random.random() * 2)):
        at = int(mutator.random.random() * len(sections))
        number, content = sections[at]
        changed = bytearray(content)
        mutator.change(changed)
        sections[at] = number, bytes(changed)
    return join(sections)


def fuzz(first: int, runs: int, seed: int, more: list[bytes] | None = None) -> Counter[str]:
    mutator = Mutator(corpus() + (more or []), seed)
    return loop(mutator, first, runs, lambda run: check(mutated(mutator), compiled=run % _COMPILED == 0))


def check(data: bytes, *, compiled: bool) -> str:
    refused = reason = ""
    info = None
    try:
        info = scan(data)
    except wr.ModuleError as error:
        refused = str(error)
        if not refused.isprintable() or error.offset is None or not 0 <= error.offset <= len(data):
            raise Finding(f"a refusal that is none: {refused!r} at {error.offset}", data) from error
    except BaseException as error:
        raise Finding(f"the guard raised {error!r}", data) from error
    try:
        wasmtime.Module.validate(engine(), data)
    except wasmtime.WasmtimeError as error:
        reason = str(error)
    if info is None:
        if reason:
            return "both refuse"
        for name, words in STRICTER.items():
            if words.search(refused):
                return f"only the guard refuses: {name}"
        raise Finding(f"the engine accepts what the guard refuses: {refused}", data)
    if reason:
        return "only the engine refuses"
    if compiled:
        compare(info, data)
    return "both accept"


def compare(info: ModuleInfo, data: bytes) -> None:
    try:
        module = wasmtime.Module(engine(), data)
    except wasmtime.WasmtimeError as error:  # too large for the compiler, which says so
        if "limit" in str(error) or "too large" in str(error):
            return
        raise Finding(f"valid, and not compiled: {error}", data) from error
    exports = {item.name: item.type for item in module.exports}
    if list(exports) != list(info.exports):
        raise Finding(f"exports {list(exports)}, the guard says {list(info.exports)}", data)
    for name, found in info.exports.items():
        if seen(exports[name]) != (found.kind, found.params, found.results):
            raise Finding(f"the export {name!r} is {seen(exports[name])}, the guard says {found}", data)
    imports = [(item.module, item.name, *seen(item.type)) for item in module.imports]
    said = [(item.module, item.name, item.kind, item.params, item.results) for item in info.imports]
    if imports != said:
        raise Finding(f"imports {imports}, the guard says {said}", data)


_KINDS = {wasmtime.TableType: "table", wasmtime.MemoryType: "memory", wasmtime.GlobalType: "global"}


def seen(type: object) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if isinstance(type, wasmtime.FuncType):
        return "function", tuple(map(str, type.params)), tuple(map(str, type.results))
    return _KINDS[type.__class__], (), ()


if __name__ == "__main__":
    more: list[bytes] = []
    if "--real" in sys.argv:
        at = sys.argv.index("--real")
        more = real(Path(sys.argv[at + 1]))
        del sys.argv[at : at + 2]
    main(lambda first, runs, seed: fuzz(first, runs, seed, more), __doc__)
