"""The guard under load: its caps at the border, any bytes at all, and the time that it takes."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import example
import pytest
import test_guard_preamble
import test_guard_scan
import test_guard_types
import wasmtime
from guests import guest
from hypothesis import given, settings
from hypothesis import strategies as st
from sections import (
    CODE,
    DATA,
    DATA_COUNT,
    ELEMENT,
    EXPORT,
    FUNCTION,
    GLOBAL,
    I32,
    IMPORT,
    MEMORY,
    TABLE,
    TYPE,
    body,
    custom,
    export,
    function,
    imported,
    items,
    leb,
    module,
    section,
    signature,
)

import wasmrecords as wr
from wasmrecords._guard import read_module, scan

REFUSED = test_guard_preamble.REFUSED | test_guard_scan.REFUSED | test_guard_types.REFUSED
NOTHING = signature()
ZERO = b"\x41\x00\x0b"
END = b"\x0b"


def functions(count: int) -> bytes:
    return module(items(TYPE, NOTHING), items(FUNCTION, *[b"\0"] * count), items(CODE, *[body()] * count))


def elements(*counts: int) -> bytes:
    segments = [b"\1\0" + leb(count) + bytes(count) for count in counts]
    return module(
        items(TYPE, NOTHING), items(FUNCTION, b"\0"), items(ELEMENT, *segments), items(CODE, body())
    )


def memory(low: int, high: int) -> bytes:
    return module(items(MEMORY, b"\1" + leb(low) + leb(high)))


# A module with a number of something, the cap, and the words about it.
CAPS = {
    "types": (lambda n: module(items(TYPE, *[NOTHING] * n)), 10_000, "types"),
    "params": (lambda n: module(items(TYPE, signature(I32 * n))), 128, "parameters of one function type"),
    "results": (lambda n: module(items(TYPE, signature(b"", I32 * n))), 16, "results of one function type"),
    "imports": (
        lambda n: module(items(TYPE, NOTHING), items(IMPORT, *[imported("a", "b")] * n)),
        1_000,
        "imports",
    ),
    "functions": (functions, 100_000, "functions"),
    "table": (
        lambda n: module(items(TABLE, b"\x70\0" + leb(n))),
        1_000_000,
        "elements as the minimum of a table",
    ),
    "memory": (lambda n: memory(n, n), 65_536, "pages as the minimum of a memory"),
    "maximum": (lambda n: memory(1, n), 65_536, "pages as the maximum of a memory"),
    "globals": (lambda n: module(items(GLOBAL, *[I32 + b"\0" + ZERO] * n)), 50_000, "globals"),
    "exports": (
        lambda n: module(items(MEMORY, b"\0\1"), items(EXPORT, *[export(str(i), 2) for i in range(n)])),
        5_000,
        "exports",
    ),
    "element segments": (lambda n: module(items(ELEMENT, *[b"\1\0\0"] * n)), 10_000, "element segments"),
    "elements": (elements, 100_000, "elements"),
    "all elements": (lambda n: elements(n - 50_000, 50_000), 100_000, "elements of all segments together"),
    "data segments": (lambda n: module(items(DATA, *[b"\1\0"] * n)), 100_000, "data segments"),
    "data count": (
        lambda n: module(section(DATA_COUNT, leb(n)), items(DATA, *[b"\1\0"] * min(n, 100_000))),
        100_000,
        "data segments",
    ),
    "locals": (lambda n: function(NOTHING, code=body(leb(n) + I32)), 10_000, "locals of one function"),
    "locals in groups": (
        lambda n: function(NOTHING, code=body(leb(n - 100) + I32, b"\x64\x7e")),
        10_000,
        "locals of one function",
    ),
    "groups of locals": (
        lambda n: function(NOTHING, code=body(*[b"\0\x7f"] * n)),
        10_000,
        "groups of locals of one function",
    ),
    "body": (
        lambda n: function(NOTHING, code=body(code=b"\1" * (n - 2) + END)),
        2 * 1024 * 1024,
        "bytes of one function's body",
    ),
    "customs": (lambda n: module(*[custom("a")] * n), 100, "custom sections"),
    "operations": (
        lambda n: module(items(GLOBAL, I32 + b"\0" + b"\x41\0" * (n - 1) + END)),
        10,
        "operations of one constant expression",
    ),
}


@pytest.mark.parametrize(("make", "most", "what"), CAPS.values(), ids=CAPS)
def test_a_cap_and_one_more(make: object, most: int, what: str) -> None:
    assert callable(make)
    scan(make(most))
    with pytest.raises(wr.ModuleError) as caught:
        scan(make(most + 1))
    words = f" section: {most + 1:,} {what} found, at most {most:,} are allowed; make the module smaller"
    assert words in str(caught.value)


def test_a_name_of_the_longest_length() -> None:
    scan(module(custom("n" * 1024)))


def test_groups_of_locals_of_all_functions() -> None:
    crowded, plain = body(*[b"\0\x7f"] * 5_000), body(*[b"\1\x7f"] * 2)

    def make(*bodies: bytes) -> bytes:
        return module(items(TYPE, NOTHING), items(FUNCTION, *[b"\0"] * len(bodies)), items(CODE, *bodies))

    scan(make(*[crowded] * 50))
    scan(make(*[crowded] * 50, body(b"\1\x7f")))
    with pytest.raises(wr.ModuleError, match="250,002 groups of locals of all functions together found"):
        scan(make(*[crowded] * 50, plain))


# --- any bytes ------------------------------------------------------------------------------------


def survives(data: bytes) -> None:
    """Refused by us, or else by the engine, or valid: nothing else may happen."""
    refused: wr.ModuleError | None = None
    try:
        info = scan(data)
    except wr.ModuleError as error:
        refused = error
    if refused:
        assert str(refused).isprintable()
        assert refused.offset is not None
        assert 0 <= refused.offset <= len(data)
        return
    assert scan(data, bodies=False) == info
    try:
        wasmtime.Module.validate(_ENGINE, data)
    except wasmtime.WasmtimeError:
        return
    loaded = wasmtime.Module(_ENGINE, data)
    # This is what aborts the process at a type that wasmtime-py does not know.
    for item in [*loaded.exports, *loaded.imports]:
        kind = item.type
        if isinstance(kind, wasmtime.FuncType):
            assert all(str(value) in {"i32", "i64", "f32", "f64"} for value in [*kind.params, *kind.results])


_ENGINE = wasmtime.Engine()
SEEDS = [guest(), *test_guard_scan.ACCEPTED.values(), *[data for data, _, _ in REFUSED.values()]]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    survives(data)
    survives(b"\0asm\1\0\0\0" + data)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 13), st.binary(max_size=40)), max_size=8))
def test_random_sections(entries: list[tuple[int, bytes]]) -> None:
    survives(module(*[section(number, content) for number, content in entries]))


@settings(deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2), st.integers(0, 255)), min_size=1, max_size=5),
)
def test_mutated_modules(data: bytes, changes: list[tuple[float, int, int]]) -> None:
    content = bytearray(data)
    for place, kind, byte in changes:
        at = int(place * len(content))
        content[at : at + (kind > 0)] = b"" if kind == 2 else bytes([byte])
    survives(bytes(content))


@pytest.mark.parametrize(
    "data", [guest(), *test_guard_scan.ACCEPTED.values()], ids=["guest", *test_guard_scan.ACCEPTED]
)
def test_truncated_at_each_byte(data: bytes) -> None:
    """Within the same byte over and over, as operations that do nothing, a place is as good as another."""
    for length in range(len(data)):
        if length % 100 == 0 or len(set(data[max(0, length - 10) : length + 10])) > 1:
            survives(data[:length])


@pytest.mark.parametrize("data", [data for data, _, _ in REFUSED.values()], ids=REFUSED)
def test_refused_when_it_is_loaded(data: bytes) -> None:
    with pytest.raises(wr.ModuleError):
        wr.load(data)


def test_without_bodies_all_but_these_is_held() -> None:
    spared = {name for name in REFUSED if name.startswith(("body over", "local"))}
    assert len(spared) == 5
    for name, (data, _, _) in REFUSED.items():
        if name in spared:
            scan(data, bodies=False)
        else:
            with pytest.raises(wr.ModuleError):
                scan(data, bodies=False)


def test_an_abort_that_was_seen() -> None:
    """A valid module whose signature ends the Python process when wasmtime-py looks at it."""
    text = '(module (func (export "f") (param v128 i32)))'
    with pytest.raises(wr.ModuleError, match="'f' has the type v128"):
        scan(bytes(wasmtime.wat2wasm(text)))


def test_a_module_from_a_compiler() -> None:
    assert read_module(example.redact()).abi == 1


# --- time -----------------------------------------------------------------------------------------

FULL = 16 * wr.MiB
FLOODS = {
    "exports": module(items(MEMORY, b"\0\1"), items(EXPORT, *[export(f"e{i}", 2) for i in range(10_000)])),
    "sections": module(*[custom("")] * 1_000_000),
    "data in one section": module(custom("x", bytes(FULL))),
    "groups of locals": module(
        items(TYPE, NOTHING),
        items(FUNCTION, *[b"\0"] * 1_600),
        items(CODE, *[body(*[b"\0\x7f"] * 5_000)] * 1_600),
    ),
    "operations": module(
        items(TABLE, b"\x70\0\0"), items(ELEMENT, b"\5\x70" + leb(100_000) + (b"\x41\0" * 9 + END) * 100_000)
    ),
    "types": module(items(TYPE, *[signature(I32 * 64, I32 * 16)] * 10_000)),
    "numbers of three bytes": module(
        items(TYPE, NOTHING), section(FUNCTION, leb(50_000) + b"\x80\x80\0" * 50_000)
    ),
    "text": b" " * FULL + b"(module)",
    "comments": b"(;" * (FULL // 2),
    "comments that end": b"(;;)" * (FULL // 4),
}


@pytest.mark.parametrize("data", FLOODS.values(), ids=FLOODS)
def test_floods_end_soon(data: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(wr.ModuleError):
        scan(data)
    assert time.process_time() - started < 2


def test_the_shipped_module_is_read_in_milliseconds(records_wasm: Path) -> None:
    data = records_wasm.read_bytes()
    times = []
    for _ in range(5):
        started = time.process_time()
        scan(data, bodies=False)
        times.append(time.process_time() - started)
    assert min(times) < 0.02
